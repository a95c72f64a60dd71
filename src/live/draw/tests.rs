//! Screens, looked at cell by cell.

use std::net::IpAddr;
use std::time::Duration;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::super::keys::Key;
use super::super::state::{Display, Shape};
use super::*;
use crate::lang::{Text, width};
use crate::packet::mpls::Label;
use crate::probe::fake::FakeLink;
use crate::probe::{Answer, Arrival, Detail, Probe, Sequence, Stamp};
use crate::trace::plan::{Expected, Plan};
use crate::trace::report::{About, MethodUsed, ServiceAsked};
use crate::trace::{Ended, Fate, Response, Trace, worlds};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1000 * MS;
const CONNECTED: Answer = Answer::Arrived(Arrival::Connected);

fn about() -> About {
    About {
        source: "here".into(),
        target: "oa.example".into(),
        address: router(4),
        start: "2026-07-28T10:00:00+0800".into(),
        cycles: 10,
        size: 64,
        tos: 0,
        method: MethodUsed {
            name: "udp",
            port: Some(33434),
            what: Text::same("udp"),
            others: Vec::new(),
            sees_hops: true,
            sees_quotes: false,
        },
        simulated: false,
        target_limited: false,
        service: None,
        flows_kept: true,
    }
}

fn router(number: u8) -> IpAddr {
    [192, 0, 2, number].into()
}

/// A probe of the round that begins that many seconds after the start.
fn probe(round: u32, distance: u8, fate: Fate) -> Ended {
    Ended {
        probe: Probe::plain(Sequence(round * 8 + u32::from(distance)), distance),
        round,
        sent: Some(Moment(u64::from(round) * SECOND)),
        fate,
        duplicates: 0,
    }
}

fn answered(by: IpAddr, nanos: u64, answer: Answer) -> Fate {
    Fate::Answered(Response {
        responder: by,
        answer,
        round_trip: Duration::from_nanos(nanos),
        stamp: Stamp::Kernel,
        detail: None,
    })
}

fn trace(ended: Vec<Ended>, reached: Option<u8>) -> Trace {
    let rounds = ended.last().map_or(0, |ended| ended.round + 1);
    Trace {
        ended,
        forgotten: 0,
        first: 1,
        reached,
        first_sweep: None,
        took: Duration::from_secs(rounds.into()),
        unmatched: 0,
        untold: Vec::new(),
        troubles: Default::default(),
    }
}

/// Four hops for `rounds`: 1, 2, 3 and 4 ms, the third silent, the last losing every fifth probe.
fn path(rounds: u32) -> Trace {
    let fate = |round: u32, distance: u8| match (distance, round % 5) {
        (3, _) | (4, 4) => Fate::Lost,
        (4, _) => answered(router(4), 4 * MS, Answer::Arrived(Arrival::Echo)),
        _ => answered(router(distance), u64::from(distance) * MS, Answer::Passed),
    };
    let all = (0..rounds).flat_map(|round| (1..=4).map(move |distance| (round, distance)));
    let all = all.map(|(round, distance)| probe(round, distance, fate(round, distance)));
    trace(all.collect(), Some(4))
}

/// A plan with Chinese names for the first two hops and the last.
fn plan() -> Plan {
    let node = |number: u8, zh: &str, en: &str| Expected {
        id: en.to_string(),
        number: Some(number.into()),
        name: Text::new(zh, en),
        owner: Text::new("数据局", "Data Bureau"),
        link_owner: Text::new("电信", "Telecom"),
        addresses: vec![router(number)],
        networks: Vec::new(),
        port: None,
        dns: None,
        silent: false,
        link: FakeLink::default(),
        lab_address: router(number),
    };
    let hops = vec![
        node(1, "接入交换机", "access switch"),
        node(2, "网关", "gateway"),
        node(4, "负载均衡 Nginx", "load balancer"),
    ];
    worlds::plan(Text::same("internet"), hops)
}

fn view(trace: Trace, plan: Option<Plan>) -> View {
    View::new(about(), trace, plan, &[])
}

fn state() -> State {
    State::new(Duration::from_secs(1), false)
}

/// The rows of a screen of that size, each checked to fill it exactly.
fn rows(state: &State, views: &[View], lang: Lang, (width, height): (u16, u16)) -> Vec<String> {
    let zero = "2026-07-28T10:00:00+08:00[Asia/Shanghai]".parse().unwrap();
    let scene = Scene {
        views,
        zero: &zero,
        lang,
        colour: true,
    };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let draw = |frame: &mut ratatui::Frame| {
        let area = frame.area();
        let cursor = draw(state, &scene, area, frame.buffer_mut());
        assert!(cursor.is_none_or(|cursor| area.contains(cursor)));
    };
    terminal.draw(draw).unwrap();
    let buffer = terminal.backend().buffer();
    let row = |y| {
        let mut x = 0;
        let mut text = String::new();
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            text.push_str(symbol);
            x += symbol.width();
        }
        assert_eq!(x, width, "row {y} sticks out: {text}");
        text
    };
    (0..height).map(row).collect()
}

trait Width {
    fn width(&self) -> u16;
}

impl Width for str {
    fn width(&self) -> u16 {
        u16::try_from(width(self)).unwrap()
    }
}

/// The row that holds `text`, and the cell behind that.
fn find(rows: &[String], text: &str) -> (usize, usize) {
    let found = rows
        .iter()
        .enumerate()
        .find_map(|(y, row)| Some((y, width(&row[..row.find(text)?]) + width(text))));
    found.unwrap_or_else(|| panic!("no {text:?} on:\n{}", rows.join("\n")))
}

#[test]
fn every_hop_has_a_row_under_the_heads_of_mtr() {
    let views = [view(path(10), None)];
    let rows = rows(&state(), &views, Lang::En, (80, 24));
    let (head, last) = find(&rows, "Last");
    assert!(rows[head].contains("Loss%   Snt   Last    Avg   Best   Wrst  StDev"));
    for (hop, host, figures) in [
        (
            1,
            "192.0.2.1",
            "0.0%    10   1.00   1.00   1.00   1.00  0.000 ok",
        ),
        (2, "192.0.2.2", "0.0%    10   2.00"),
        (
            3,
            "???",
            "100.0%    10      -      -      -      -      - silent",
        ),
        (4, "192.0.2.4", "20.0%    10   4.00"),
    ] {
        let row = &rows[head + hop];
        assert!(row.contains(&format!(" {hop} {host} ")), "{row}");
        assert!(row.contains(figures), "{row}");
        // Figures end where their head ends.
        let cell: String = row.chars().skip(last - 4).take(4).collect();
        assert_eq!(cell.trim(), ["1.00", "2.00", "-", "4.00"][hop - 1]);
    }
    assert!(
        rows[0].contains("oa.example (192.0.2.4)  udp 33434"),
        "{}",
        rows[0]
    );
    assert!(
        rows[0].contains("rounds 1-10 since 10:00:00"),
        "{}",
        rows[0]
    );
    assert!(
        rows[1].starts_with("Where it hurts: from hop 4 on"),
        "{}",
        rows[1]
    );
    assert_eq!(find(&rows, "h help  q quit").0, head - 1);
    assert!(rows[23].starts_with("No path change"));
}

#[test]
fn chinese_names_keep_the_columns_in_line() {
    let views = [view(path(10), Some(plan()))];
    for lang in [Lang::Zh, Lang::En] {
        let rows = rows(&state(), &views, lang, (160, 24));
        let heads = lang.pick("节点", "Node");
        let (head, behind) = find(&rows, heads);
        let start = behind - width(heads);
        let names = [
            lang.pick("1 接入交换机", "1 access switch"),
            lang.pick("2 网关", "2 gateway"),
            "-",
            lang.pick("4 负载均衡 Nginx", "4 load balancer"),
        ];
        for (row, name) in rows[head + 1..].iter().zip(names) {
            let mut cells = 0;
            let rest: String = row
                .chars()
                .skip_while(|c| {
                    let before = cells < start;
                    cells += if before { width(&c.to_string()) } else { 0 };
                    before
                })
                .collect();
            assert!(rest.starts_with(name), "{name} at {start} of {row}");
        }
        let owner = lang.pick("数据局", "Data Bureau");
        let owned = |row: &&String| row.contains(owner);
        assert_eq!(rows[head + 1..head + 5].iter().filter(owned).count(), 3);
    }
}

#[test]
fn where_there_is_no_room_for_a_column_a_node_stands_in_for_its_address() {
    let views = [view(path(10), Some(plan()))];
    let rows = rows(&state(), &views, Lang::Zh, (80, 24));
    let (head, _) = find(&rows, "Loss%");
    assert!(
        rows[head + 1].contains("1 接入交换机"),
        "{}",
        rows[head + 1]
    );
    assert!(rows[head + 3].contains("???"), "{}", rows[head + 3]);
    // All figures of mtr are there all the same.
    assert!(rows[head].contains("StDev"), "{}", rows[head]);
}

#[test]
fn a_verdict_is_words_and_the_chosen_hop_says_why() {
    let views = [view(path(100), None)];
    for (lang, unanswered, hop) in [
        (Lang::En, "20 of 100 unanswered", "Hop 4 192.0.2.4"),
        (Lang::Zh, "100 个探测中 20 个未应答", "第 4 跳 192.0.2.4"),
    ] {
        // What hurts is chosen: 20 % of loss at the target.
        let rows = rows(&state(), &views, lang, (100, 30));
        let (title, _) = find(&rows, hop);
        assert!(rows[title + 1].contains(unanswered), "{}", rows[title + 1]);
        let (_, verdict) = find(
            &rows,
            views[0].report.rows[3].verdict.kind().text().get(lang),
        );
        assert!(verdict > 0);
    }
}

#[test]
fn a_lost_probe_is_marked_in_the_history_and_in_the_band() {
    let views = [view(path(10), None)];
    let state = State {
        display: Display::History,
        ..state()
    };
    let rows = rows(&state, &views, Lang::En, (100, 30));
    let (_, behind) = find(&rows, "Recent 1.00-4.00 ms");
    let (head, _) = find(&rows, "Recent");
    let strip = |hop: usize| rows[head + hop].trim_end().to_string();
    assert!(strip(1).contains("▁▁▁▁▁▁▁▁▁▁"), "{}", strip(1));
    assert!(strip(3).contains("xxxxxxxxxx"), "{}", strip(3));
    // Every fifth is lost, and 4 ms is the top of the scale.
    assert!(strip(4).contains("████x████x"), "{}", strip(4));
    assert!(behind <= 100);
    // Each column of the band is a second; one of the ten holds one probe, all of it lost or not.
    let (lost, _) = find(&rows, "lost  ");
    assert!(
        rows[lost].trim_end().ends_with("····X····X"),
        "{}",
        rows[lost]
    );
    // As narrow as ten cells, the two labels stand one behind the other, and then the legend.
    let times = "10:00:00  10:00:10  ms, 1 s a column: ━ median";
    assert_eq!(find(&rows, times).0, lost + 1);
    let median = rows.iter().filter(|row| row.contains("━━━━ ━━━━")).count();
    assert_eq!(median, 1, "{}", rows.join("\n"));
}

#[test]
fn a_changed_path_is_told_with_its_time() {
    let mut trace = path(10);
    for ended in trace
        .ended
        .iter_mut()
        .filter(|own| own.probe.distance == 2 && own.round >= 6)
    {
        ended.fate = answered(router(22), 2 * MS, Answer::Passed);
    }
    let views = [view(trace, None)];
    let rows_of = |lang| rows(&state(), &views, lang, (80, 24));
    let english = "10:00:06 hop 2 is answered by 192.0.2.22, before by 192.0.2.2";
    assert!(rows_of(Lang::En)[23].starts_with(english));
    let chinese = "10:00:06 第 2 跳改由 192.0.2.22 应答，此前为 192.0.2.2";
    assert!(rows_of(Lang::Zh)[23].starts_with(chinese));
    let (head, _) = find(&rows_of(Lang::En), "Loss%");
    assert!(rows_of(Lang::En)[head + 2].contains("192.0.2.2 +1"));
}

#[test]
fn labels_are_shown_when_asked_for() {
    let mut trace = path(3);
    for ended in trace.ended.iter_mut().filter(|own| own.probe.distance == 2) {
        if let Fate::Answered(response) = &mut ended.fate {
            let label = Label {
                label: 24_001,
                class: 0,
                bottom: true,
                ttl: 1,
            };
            response.detail = Some(Box::new(Detail {
                labels: vec![label],
                ..Detail::default()
            }));
        }
    }
    let views = [view(trace, None)];
    let mut state = state();
    state.chosen = Some(2);
    let shown = |state: &State| rows(state, &views, Lang::En, (80, 24)).join("\n");
    assert!(!shown(&state).contains("MPLS"));
    state.press(Key::Char('e'), &Shape::default());
    assert!(shown(&state).contains("MPLS labels: L=24001 E=0 S=1 TTL=1"));
    state.chosen = Some(1);
    assert!(shown(&state).contains("MPLS labels: none told"));
}

#[test]
fn the_targets_own_service_stands_in_the_first_line() {
    let mut trace = path(10);
    let asked = (0..10).map(|round| {
        let mut ended = probe(round, 255, answered(router(4), 5 * MS, CONNECTED));
        ended.probe.service = true;
        if round == 3 {
            ended.fate = Fate::Lost;
        }
        ended
    });
    trace.ended.extend(asked);
    trace.ended.sort_by_key(|ended| ended.round);
    let mut about = about();
    about.service = Some(ServiceAsked {
        port: 443,
        named: true,
    });
    let views = [View::new(about, trace, None, &[])];
    let english = rows(&state(), &views, Lang::En, (120, 24));
    assert!(
        english[0].contains("service 443: 10.0% 5.00 ms"),
        "{}",
        english[0]
    );
    let chinese = rows(&state(), &views, Lang::Zh, (120, 24));
    assert!(
        chinese[0].contains("服务 443：10.0% 5.00 ms"),
        "{}",
        chinese[0]
    );
    // It is no hop of the path.
    assert!(
        !english
            .iter()
            .any(|row| row.starts_with(" 255") || row.starts_with("  5"))
    );
}

#[test]
fn several_targets_are_listed_and_the_present_one_is_marked() {
    let mut other = view(path(10), None);
    other.report.about.target = "192.0.2.4".into();
    let views = [view(path(10), None), other];
    let mut state = state();
    state.target = 1;
    let rows = rows(&state, &views, Lang::En, (100, 24));
    let (first, _) = find(&rows, "  1 oa.example (192.0.2.4)");
    let listed = &rows[first..first + 2];
    assert!(listed[1].starts_with("> 2 192.0.2.4 "), "{}", listed[1]);
    assert!(
        listed[1].contains("Loss%  20.0%  Last   4.00"),
        "{}",
        listed[1]
    );
    assert!(rows[0].contains("target 2/2"));
}

#[test]
fn help_prompts_and_notices_are_in_both_languages() {
    let views = [view(path(10), None)];
    let after = |typed: &str, lang, size| {
        let mut state = state();
        for key in super::super::keys::keys(typed.as_bytes()) {
            state.press(key, &Shape::default());
        }
        rows(&state, &views, lang, size).join("\n")
    };
    for (typed, english, chinese) in [
        ("?", "quit and print the report", "退出并打印报告"),
        ("i", "Interval in seconds: 1", "扫描间隔（秒）：1"),
        (
            "i\u{15}x\r",
            "seconds from 0.01 to 86400",
            "应为 0.01 到 86400 的秒数",
        ),
        (
            "o",
            "Columns (LDRSNBAWVGJMXI): LSNABWV",
            "列（LDRSNBAWVGJMXI）：LSNABWV",
        ),
        ("u", "cannot be changed live", "运行中不能切换探测方式"),
        ("z", "No AS numbers", "自治域不可用"),
        ("p", "PAUSED", "已暂停"),
    ] {
        assert!(
            after(typed, Lang::En, (80, 24)).contains(english),
            "{typed}"
        );
        assert!(
            after(typed, Lang::Zh, (80, 24)).contains(chinese),
            "{typed}"
        );
    }
    // On 80x24 every key is explained: none is cut off at the bottom or the right.
    for lang in [Lang::En, Lang::Zh] {
        let help = after("?", lang, (80, 24));
        for (key, what) in super::super::keys::help() {
            assert!(
                help.contains(key) && help.contains(what.get(lang)),
                "{key}\n{help}"
            );
        }
    }
}

#[test]
fn a_small_screen_keeps_the_table_and_a_tiny_one_the_target() {
    let views = [view(path(10), None)];
    let of = |size| rows(&state(), &views, Lang::En, size);
    let small = of((20, 5));
    assert!(small[0].starts_with("Hop Host"), "{}", small[0]);
    assert!(small[0].contains("Loss%"), "{}", small[0]);
    // Three of four rows, the chosen one among them, and which.
    assert!(small[3].starts_with("> 4 192.0"), "{}", small.join("\n"));
    assert!(of((60, 5))[0].contains("2-4/4"));
    let line = &of((40, 1))[0];
    assert!(line.starts_with("20.0% 4.00 ms 4:"), "{line}");
    assert!(of((80, 8))[0].contains("oa.example"));
}

#[test]
fn before_the_first_answer_it_says_so() {
    let views = [view(trace(Vec::new(), None), Some(plan()))];
    let of = |lang| rows(&state(), &views, lang, (80, 24))[0].clone();
    assert!(of(Lang::En).contains("waiting for the first answer"));
    assert!(of(Lang::Zh).contains("等待第一个应答"));
}

prop_compose! {
    fn fate()(
        kind in 0u8..6, by in 0u8..4, nanos in prop_oneof![0u64..2_000_000, any::<u64>()],
    ) -> Fate {
        let response = Response {
            responder: match by {
                3 => "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff".parse().unwrap(),
                other => router(other),
            },
            answer: if kind == 0 { Answer::Arrived(Arrival::Echo) } else { Answer::Passed },
            round_trip: Duration::from_nanos(nanos),
            stamp: Stamp::User,
            detail: None,
        };
        match kind {
            0..3 => Fate::Answered(response),
            3 => Fate::Late(response),
            4 => Fate::Lost,
            _ => Fate::Unsent(Text::same("x")),
        }
    }
}

prop_compose! {
    fn facts()(
        fates in prop::collection::vec((0u32..4000, 1u8.., fate(), any::<bool>()), 0..60),
        reached in prop::option::of(1u8..), start in prop_oneof![Just(0u64), any::<u64>()],
    ) -> Trace {
        let mut fates = fates;
        fates.sort_by_key(|(round, ..)| *round);
        let ended = fates.into_iter().map(|(round, distance, fate, sent)| {
            let mut ended = probe(round, distance, fate);
            let shifted = ended.sent.map(|sent| Moment(start.saturating_add(sent.0)));
            ended.sent = shifted.filter(|_| sent);
            ended
        });
        trace(ended.collect(), reached)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_size_and_no_facts_break_a_screen(
        (width, height) in (1u16..=200, 1u16..=60), traces in prop::collection::vec(facts(), 1..4),
        planned in any::<bool>(), typed in "[ pjkdnehJo\t\r\u{1b}]{0,12}", zh in any::<bool>(),
        name in "[a-z汉字\u{7}\u{1b}é👩‍🚀]{0,40}",
    ) {
        let lang = if zh { Lang::Zh } else { Lang::En };
        let views: Vec<View> = traces.into_iter().map(|trace| {
            let names = vec![(router(1), name.clone())];
            let mut about = about();
            about.target = name.clone();
            View::new(about, trace, planned.then(plan), &names)
        }).collect();
        let mut state = state();
        for key in super::super::keys::keys(typed.as_bytes()) {
            let shape = Shape {
                targets: views.len(),
                distances: views[state.target].report.rows.iter().map(|r| r.hop.distance).collect(),
                focus: views[state.target].focus(),
            };
            state.press(key, &shape);
        }
        rows(&state, &views, lang, (width, height));
    }
}

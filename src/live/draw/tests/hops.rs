//! The hops, and the chosen one.

use super::*;
use crate::live::state::Display;
use crate::packet::interface::{Interface, Role};
use crate::packet::mpls::Label;
use crate::probe::Detail;

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
fn labels_and_interfaces_are_shown_when_asked_for() {
    let mut trace = path(3);
    for ended in trace.ended.iter_mut().filter(|own| own.probe.distance == 2) {
        if let Fate::Answered(response) = &mut ended.fate {
            let label = Label {
                label: 24_001,
                class: 0,
                bottom: true,
                ttl: 1,
            };
            let interface = Interface {
                role: Role::Incoming,
                index: Some(3),
                address: None,
                name: Some("ge-0/0/1".to_string()),
                mtu: Some(1500),
            };
            response.detail = Some(Box::new(Detail {
                labels: vec![label],
                interfaces: vec![interface],
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
    assert!(shown(&state).contains("interfaces: in ge-0/0/1 #3 MTU 1500"));
    state.chosen = Some(1);
    assert!(shown(&state).contains("MPLS labels: none told"));
    assert!(!shown(&state).contains("interfaces"));
}

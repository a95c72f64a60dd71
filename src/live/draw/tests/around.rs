//! What stands around the hops: the run, its targets, prompts and help, changes of the path.

use super::*;
use crate::trace::report::ServiceAsked;

const CONNECTED: Answer = Answer::Arrived(Arrival::Connected);

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
fn help_prompts_and_notices_are_in_both_languages() {
    let views = [view(path(10), None)];
    let after = |typed: &str, lang, size| {
        let mut state = state();
        for key in keys::keys(typed.as_bytes()) {
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
        for (key, what) in keys::help() {
            assert!(
                help.contains(key) && help.contains(what.get(lang)),
                "{key}\n{help}"
            );
        }
    }
}

#[test]
fn before_the_first_answer_it_says_so() {
    let views = [view(trace(Vec::new(), None), Some(plan()))];
    let of = |lang| rows(&state(), &views, lang, (80, 24))[0].clone();
    assert!(of(Lang::En).contains("waiting for the first answer"));
    assert!(of(Lang::Zh).contains("等待第一个应答"));
}

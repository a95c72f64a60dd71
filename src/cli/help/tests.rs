//! Neither language may be forgotten, and help must fit the terminal.

use std::collections::BTreeSet;

use super::*;

/// Every paragraph that the English help says, with where it says it.
fn said() -> Vec<(String, String)> {
    let mut said = Vec::new();
    let root = spoken(Lang::En);
    for (path, command) in tree(&root) {
        let mut say = |place: &str, text: Option<&StyledStr>| {
            let text = text.map(ToString::to_string).unwrap_or_default();
            let paragraphs = text.split("\n\n").map(|text| text.trim_end_matches('.'));
            said.extend(paragraphs.map(|text| (format!("{path}{place}"), text.to_string())));
        };
        say("", command.get_about());
        if command.get_long_about().is_some() {
            say("", command.get_long_about());
        }
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let place = format!(" {arg}");
            say(&place, arg.get_help());
            if arg.get_long_help().is_some() {
                say(&place, arg.get_long_help());
            }
            for value in shown(arg).iter().filter(|value| value.get_help().is_some()) {
                say(&format!("{place} {}", value.get_name()), value.get_help());
            }
        }
    }
    said
}

#[test]
fn every_sentence_of_the_help_is_there_in_chinese() {
    let missing: Vec<_> = said()
        .into_iter()
        .filter(|(_, text)| translation(text).is_none())
        .collect();
    assert!(
        missing.is_empty(),
        "say these in src/cli/help: {missing:#?}"
    );
}

#[test]
fn the_tables_hold_nothing_that_no_help_says_and_nothing_twice() {
    let said: BTreeSet<String> = said().into_iter().map(|(_, text)| text).collect();
    let mut seen = BTreeSet::new();
    for (english, chinese) in TABLES.iter().copied().flatten() {
        assert!(said.contains(*english), "no help says: {english}");
        assert!(seen.insert(*english), "twice: {english}");
        let is_chinese = chinese.chars().any(|c| ('一'..='龥').contains(&c));
        assert!(is_chinese || chinese == english, "not Chinese: {chinese}");
    }
}

/// All pages, short and long, as `columns` show them.
fn pages(columns: usize) -> Vec<String> {
    fn draw(command: &mut Command, pages: &mut Vec<String>) {
        pages.push(command.render_help().to_string());
        pages.push(command.render_long_help().to_string());
        command
            .get_subcommands_mut()
            .for_each(|command| draw(command, pages));
    }
    let mut root = Args::command().term_width(columns);
    root.build();
    let mut pages = Vec::new();
    draw(&mut translated(root, columns, columns), &mut pages);
    pages
}

#[test]
fn no_page_keeps_a_word_of_clap_in_english() {
    for page in pages(100) {
        for word in [
            "Usage",
            "Options",
            "OPTIONS",
            "Commands",
            "COMMAND",
            "Arguments",
            "Print",
            "default",
            "Possible values",
            "possible values",
            "env:",
        ] {
            assert!(!page.contains(word), "{word} in:\n{page}");
        }
    }
}

#[test]
fn no_line_of_a_page_is_wider_than_the_terminal() {
    for columns in [60, 80, 100, 140] {
        for page in pages(columns) {
            // A usage line stays whole, as clap leaves it; the terminal breaks it.
            for line in page.lines().filter(|line| !line.starts_with("用法：")) {
                assert!(width(line.trim_end()) <= columns, "{columns}: {line}");
            }
        }
    }
}

#[test]
fn the_language_is_known_before_the_arguments_are() {
    let asked = |typed: &str, variables: &'static [(&str, &str)]| {
        let words = typed.split_whitespace().map(OsString::from);
        language(words, |name| {
            let pair = variables.iter().find(|(key, _)| *key == name)?;
            Some(pair.1.to_string())
        })
    };
    assert_eq!(asked("hopcast --lang zh --help", &[]), Lang::Zh);
    assert_eq!(asked("hopcast show --help --lang=zh", &[]), Lang::Zh);
    assert_eq!(asked("hopcast show -- --lang zh", &[]), Lang::En);
    assert_eq!(
        asked("hopcast --lang", &[("LANG", "zh_CN.UTF-8")]),
        Lang::Zh
    );
    assert_eq!(
        asked("hopcast --lang xx", &[("LANG", "zh_CN.UTF-8")]),
        Lang::Zh
    );
    assert_eq!(
        asked("hopcast", &[("HOPCAST_LANG", "en"), ("LANG", "zh_CN")]),
        Lang::En
    );
    assert_eq!(
        asked("hopcast --lang en", &[("HOPCAST_LANG", "zh")]),
        Lang::En
    );
}

#[test]
fn only_a_refused_ping_has_the_exit_code_of_fping() {
    let code = |typed: &str| super::refused(typed.split_whitespace().map(OsString::from));
    assert_eq!(code("hopcast ping --nonsense"), 3);
    assert_eq!(code("hopcast --lang zh ping"), 3);
    assert_eq!(code("hopcast --lang=zh ping -c 0"), 3);
    assert_eq!(code("hopcast trace ping"), 2);
    assert_eq!(code("hopcast --lang ping trace"), 2);
    assert_eq!(code("hopcast"), 2);
}

fn refused(typed: &str) -> String {
    let mut root = Args::command().term_width(100);
    root.build();
    let mut root = translated(root, 100, 100);
    let error = root
        .try_get_matches_from_mut(typed.split_whitespace())
        .unwrap_err();
    assert!(refusal::is_refusal(&error), "{error}");
    refusal::draw(&error, &Styles::styled()).to_string()
}

#[test]
#[cfg(feature = "plan")]
fn a_refusal_says_in_chinese_what_was_found_and_what_is_allowed() {
    for (typed, expected) in [
        (
            "hopcast comapre",
            "没有命令 'comapre'\n\n  提示：相近的命令：'completions'、'compare'\n\n用法：hopcast [选项] <命令>\n",
        ),
        (
            "hopcast calc --json",
            "需要一个命令\n  [可用命令：erlang-b、",
        ),
        (
            "hopcast check",
            "缺少必需的参数：\n  <FILE>...\n\n用法：hopcast check",
        ),
        (
            "hopcast check --jsn a",
            "不认识参数 '--jsn'\n\n  提示：相近的参数：'--json'",
        ),
        (
            "hopcast schema route",
            "参数 '<KIND>' 不能是 'route'\n  [可选值：topology、scenario",
        ),
        (
            "hopcast show a --units --values",
            "参数 '--units' 不能与 '--values' 同时使用",
        ),
        (
            "hopcast show a --units --units",
            "参数 '--units' 只能出现一次",
        ),
        (
            "hopcast show a --out",
            "参数 '--out <PATH>' 需要一个值，但没有给出",
        ),
        ("hopcast calc ps --load 5 --service 1", "应写成"),
        (
            "hopcast calc engset --users x",
            "参数 '--users <USERS>' 不能是 'x'：应为整数",
        ),
        (
            "hopcast calc engset --idle-erlangs x",
            "不能是 'x'：应为数字",
        ),
        ("hopcast schema topology b", "多出了参数 'b'"),
        (
            "hopcast schema topology -x",
            "要把 '-x' 作为值，请写 '-- -x'",
        ),
    ] {
        let said = refused(typed);
        assert!(said.starts_with("错误："), "{said}");
        assert!(said.contains(expected), "{typed}: {said}");
    }
}

#[test]
#[cfg(feature = "trace")]
fn a_range_is_told_in_chinese() {
    let said = refused("hopcast trace host -c 0");
    assert!(
        said.contains("参数 '--cycles <CYCLES>' 不能是 '0'：允许 1.."),
        "{said}"
    );
}

//! `tests/wrong/*.toml`: each file's first line says what must be found in it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value as Json;

use super::{hopcast, name, root, toml_files};

/// What the first line of a wrong file promises: code, file, line, column.
type Expected = BTreeSet<(String, String, u64, u64)>;

/// Reads `# expect: code line:column, code other-file:line:column`.
fn expected(path: &Path) -> Expected {
    let text = std::fs::read_to_string(path).unwrap();
    let first = text.lines().next().unwrap();
    let list = first
        .strip_prefix("# expect: ")
        .unwrap_or_else(|| panic!("{}: no expectation", path.display()));
    list.split(", ")
        .map(|one| {
            let (code, place) = one.split_once(' ').unwrap();
            let parts: Vec<&str> = place.rsplitn(3, ':').collect();
            let file = parts
                .get(2)
                .map_or_else(|| name(path), |file| file.to_string());
            (
                code.to_string(),
                file,
                parts[1].parse().unwrap(),
                parts[0].parse().unwrap(),
            )
        })
        .collect()
}

/// All wrong files in one run, as `--json` says it.
fn answer() -> (Output, Json) {
    let names: Vec<String> = toml_files("tests/wrong")
        .iter()
        .map(|path| name(path))
        .collect();
    let mut arguments = vec!["check", "--json"];
    arguments.extend(names.iter().map(String::as_str));
    let output = hopcast(&arguments);
    let json = serde_json::from_slice(&output.stdout).unwrap();
    (output, json)
}

#[test]
fn every_wrong_file_shows_what_its_first_line_says_and_nothing_else() {
    let files = toml_files("tests/wrong");
    assert!(files.len() >= 45);
    let mut differing = Vec::new();
    for path in &files {
        let output = hopcast(&["check", "--json", &name(path)]);
        assert_eq!(output.status.code(), Some(1), "{}", path.display());
        let json: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["schema"], "hopcast.check/1");
        let found: Expected = json["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|problem| {
                (
                    problem["code"].as_str().unwrap().to_string(),
                    problem["file"].as_str().unwrap_or("").to_string(),
                    problem["line"].as_u64().unwrap_or(0),
                    problem["column"].as_u64().unwrap_or(0),
                )
            })
            .collect();
        let wanted = expected(path);
        if found != wanted {
            differing.push(format!(
                "{}\n  said {found:?}\n  want {wanted:?}",
                name(path)
            ));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn every_problem_is_said_in_both_languages_and_says_what_is_allowed() {
    let hanzi = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    // Kinds of problems that end in a choice: the help must give it.
    let choosing = [
        "unknown-name",
        "unknown-key",
        "unknown-word",
        "set-unknown",
        "fail-unknown",
        "remove-unknown",
    ];
    let gives = [
        "did you mean",
        "known: ",
        "keys: ",
        "allowed: ",
        "there is none here",
    ];
    let (_, json) = answer();
    for problem in json["problems"].as_array().unwrap() {
        let code = problem["code"].as_str().unwrap();
        for part in ["message", "help"] {
            let zh = problem[part]["zh"].as_str().unwrap_or("");
            let en = problem[part]["en"].as_str().unwrap_or("");
            assert!(hanzi(zh), "{code}: {part} in Chinese: {zh:?}");
            assert!(en.len() > 5, "{code}: {part} in English: {en:?}");
        }
        let help = problem["help"]["en"].as_str().unwrap();
        if choosing.contains(&code) {
            assert!(
                gives.iter().any(|word| help.contains(word)),
                "{code}: {help}"
            );
        }
        if code == "wrong-unit" {
            assert!(
                help.contains("for example") || help.contains(" to "),
                "{help}"
            );
        }
    }
}

/// Codes that are written in the sources: first words of `error(`, `warning(` and `report(`, and
/// `code: "…"`, outside their tests.
fn codes_in_sources() -> BTreeSet<String> {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => files(&path, found),
                false => found.push(path),
            }
        }
    }
    let mut sources = Vec::new();
    for room in ["topology", "scenario", "document", "units"] {
        files(&root().join("src").join(room), &mut sources);
    }
    sources.push(root().join("src/units.rs"));
    let is_code = |word: &str| {
        word.contains('-') && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            || ["syntax", "shape"].contains(&word)
    };
    let mut codes = BTreeSet::new();
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let calls = [
            "Problem::error(",
            "Problem::warning(",
            "report(",
            "there(",
            "unknown(",
        ];
        let starts = calls
            .iter()
            .flat_map(|call| text.match_indices(call).map(|(at, found)| at + found.len()))
            .chain(
                text.match_indices("code: ")
                    .map(|(at, found)| at + found.len()),
            )
            .chain(
                text.match_indices("let code = ")
                    .map(|(at, found)| at + found.len()),
            );
        for start in starts {
            // The code is the first string of the call that looks like one.
            let call: String = text[start..].chars().take(400).collect();
            let call = call.split("text!(").next().unwrap();
            let call = call.split("Text::").next().unwrap();
            let call = call.split(';').next().unwrap();
            let strings = call.split('"').skip(1).step_by(2);
            codes.extend(strings.filter(|word| is_code(word)).map(str::to_string));
        }
    }
    // Keys of paths look like codes but name no kind of problem.
    for key in ["applies-to", "per-user", "initial-window"] {
        codes.remove(key);
    }
    codes
}

#[test]
fn every_kind_of_problem_has_a_wrong_file() {
    let codes = codes_in_sources();
    assert!(codes.len() > 50, "{codes:?}");
    let shown: BTreeSet<String> = toml_files("tests/wrong")
        .iter()
        .flat_map(|path| expected(path))
        .map(|(code, ..)| code)
        .collect();
    // `shape` says that schema and types disagree: a fault of the program, not of a file.
    let without: Vec<_> = codes
        .iter()
        .filter(|code| *code != "shape" && !shown.contains(*code))
        .collect();
    assert!(without.is_empty(), "no wrong file shows {without:?}");
    let stray: Vec<_> = shown.difference(&codes).collect();
    assert!(stray.is_empty(), "not found in the sources: {stray:?}");
}

#[test]
fn the_exit_code_tells_clean_wrong_and_unreadable_apart() {
    let code = |files: &[&str]| hopcast(&[&["check"], files].concat()).status.code();
    assert_eq!(code(&["good/base.toml"]), Some(0));
    assert_eq!(code(&["negative.toml"]), Some(1));
    assert_eq!(
        code(&["unused-policy.toml"]),
        Some(1),
        "a warning is a problem"
    );
    assert_eq!(code(&["good/base.toml", "negative.toml"]), Some(1));
    assert_eq!(code(&["no-such-file.toml"]), Some(2));
    assert_eq!(code(&["good"]), Some(2), "a folder is no file");
    assert_eq!(code(&["negative.toml", "no-such-file.toml"]), Some(2));
    assert_eq!(code(&[]), Some(2));
    // What could be read is still checked.
    let output = hopcast(&["check", "no-such-file.toml", "negative.toml"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("impossible-number"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-file.toml"));
}

#[test]
fn people_see_file_line_column_and_the_text_underlined() {
    let expected = expected(&root().join("tests/wrong/unknown-word.toml"));
    let (_, _, line, column) = expected.first().unwrap();
    for (lang, message, allowed, summary) in [
        (
            "zh",
            "这里不能写 \"ap\"",
            "是不是 \"app\"？",
            "1 个文件：1 个错误，0 个警告",
        ),
        (
            "en",
            "\"ap\" is not a word for this",
            "did you mean \"app\"?",
            "1 file(s): 1 error(s), 0 warning(s)",
        ),
    ] {
        let output = hopcast(&["--lang", lang, "check", "unknown-word.toml"]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("unknown-word"), "{said}");
        assert!(said.contains(message), "{said}");
        assert!(said.contains(allowed), "{said}");
        assert!(said.contains(summary), "{said}");
        assert!(
            said.contains(&format!("unknown-word.toml:{line}:{column}]")),
            "{said}"
        );
        // The line as it is written, and below it four strokes under `"ap"`.
        let lines: Vec<&str> = said.lines().collect();
        let at = lines
            .iter()
            .position(|line| line.contains("kind = \"ap\""))
            .unwrap();
        let start = lines[at].chars().position(|c| c == '│').unwrap();
        let written: Vec<char> = lines[at].chars().skip(start + 2).collect();
        let strokes: Vec<char> = lines[at + 1].chars().skip(start + 2).collect();
        let under: String = strokes
            .iter()
            .zip(&written)
            .filter(|(stroke, _)| **stroke == '─')
            .map(|(_, c)| *c)
            .collect();
        assert_eq!(under, "\"ap\"", "{said}");
    }
}

//! `hopcast check` from outside: every kind of problem is found, at its line and column, in both
//! languages; shipped files are clean; no bytes whatsoever make it panic.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hopcast::error::{Error, FileId, Sources};
use hopcast::lang::Lang;
use hopcast::{document, error, scenario, topology};
use proptest::prelude::*;
use serde_json::Value as Json;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn hopcast(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
    command.current_dir(root().join("tests/wrong"));
    command.env_remove("HOPCAST_LANG").env("LC_ALL", "C");
    command.args(arguments).output().unwrap()
}

fn toml_files(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

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
        "the file has none",
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
fn all_shipped_files_are_clean() {
    let mut files = toml_files("topology");
    files.extend(toml_files("scenarios"));
    files.extend(toml_files("tests/wrong/good"));
    assert!(files.len() > 20);
    let names: Vec<&str> = files.iter().map(|path| path.to_str().unwrap()).collect();
    let output = hopcast(&[&["check"], names.as_slice()].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let count = files.len();
    assert_eq!(said, format!("{count} file(s): 0 error(s), 0 warning(s)\n"));
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

/// Reads, checks and draws `text` as a topology without touching a file. How many problems it has.
fn problems_of(text: &str) -> usize {
    let mut sources = Sources::default();
    let file = sources.add("any.toml".into(), text.to_string());
    let (tree, problems) = document::parse(file, text);
    match topology::load::build(tree, sources, problems) {
        Ok(loaded) => loaded.warnings.len(),
        Err(error) => {
            assert!(!error.draw(Lang::Zh, false).is_empty());
            let Error::Problems { sources, problems } = error else {
                panic!("{error}");
            };
            for problem in &problems {
                assert_ne!(
                    problem.code, "shape",
                    "schema and types disagree: {problem:?}"
                );
                let row = error::row(&sources, problem);
                assert!(row.line.is_some_and(|line| line >= 1));
            }
            assert!(!problems.is_empty());
            problems.len()
        }
    }
}

/// The same through the doors that read files, which also follow `extends`.
fn load_bytes(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("any.toml");
    std::fs::write(&path, bytes).unwrap();
    let draw = |error: Error| error.draw(Lang::En, false);
    let _ = topology::load(&path).map_err(draw);
    let _ = scenario::load::load(&path).map_err(draw);
}

fn shipped() -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = toml_files("topology");
    files.extend(toml_files("scenarios"));
    files.extend(toml_files("tests/wrong/good"));
    files
        .into_iter()
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            (path, bytes)
        })
        .collect()
}

/// The small file, so that many cuts of it can be tried.
fn base() -> String {
    std::fs::read_to_string(root().join("tests/wrong/good/base.toml")).unwrap()
}

#[test]
fn no_cut_of_a_good_file_panics_or_passes_for_whole() {
    let text = base();
    let body = text.trim_end().len();
    for end in (0..body).filter(|end| text.is_char_boundary(*end)) {
        assert!(problems_of(&text[..end]) > 0, "cut at {end} of {body}");
    }
}

#[test]
fn a_deep_or_long_file_is_refused_and_drawn() {
    for text in [
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{b = ".repeat(20_000)),
        format!("[{}a]", "a.".repeat(100_000)),
        format!("name = \"{}\" x", "y".repeat(200_000)),
    ] {
        assert!(problems_of(&text) > 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in "(?s).{0,200}") {
        problems_of(&text);
        document::parse(FileId(0), &text);
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        load_bytes(&bytes);
    }

    #[test]
    fn changed_bytes_of_a_good_file_are_answered(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 0x20u8..0x7f), 1..6)
    ) {
        let mut bytes = base().into_bytes();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        problems_of(&String::from_utf8_lossy(&bytes));
    }
}

proptest! {
    // Whole cities take a while to check in a debug build.
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_or_changed_shipped_files_are_answered(
        which in any::<prop::sample::Index>(),
        end in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let files = shipped();
        let (path, bytes) = &files[which.index(files.len())];
        load_bytes(&bytes[..end.index(bytes.len())]);
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] = byte;
        load_bytes(&changed);
        // A scenario needs its neighbours: the same beside them.
        let folder = tempfile::tempdir().unwrap();
        for inner in ["topology", "scenarios"] {
            std::fs::create_dir(folder.path().join(inner)).unwrap();
        }
        for (other, bytes) in files.iter().filter(|(other, _)| !other.starts_with(root().join("tests"))) {
            std::fs::write(folder.path().join(other.strip_prefix(root()).unwrap()), bytes).unwrap();
        }
        if let Ok(inside) = path.strip_prefix(root()).map(|inside| folder.path().join(inside))
            && inside.parent().is_some_and(Path::exists)
        {
            std::fs::write(&inside, &changed).unwrap();
            if let Err(error) = scenario::load::load(&inside) {
                prop_assert!(!error.draw(Lang::Zh, false).is_empty());
            }
        }
    }
}

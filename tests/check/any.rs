//! Whatever the bytes are, they are answered.

use std::path::{Path, PathBuf};

use hopcast::error::{Error, FileId, Sources};
use hopcast::lang::Lang;
use hopcast::{document, error, scenario, topology};
use proptest::prelude::*;

use super::{root, toml_files};

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
    // Every fifth byte: all of them take a debug build ten seconds.
    for end in (0..body)
        .step_by(5)
        .filter(|end| text.is_char_boundary(*end))
    {
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
        if path.starts_with(root().join("topology")) {
            // The last table may not be missing, nor its last line, which says its origins.
            let whole = String::from_utf8_lossy(bytes);
            let cut = String::from_utf8_lossy(&bytes[..end.index(whole.trim_end().len())]);
            prop_assert!(problems_of(&cut) > 0);
        }
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

//! The cases by which other path tracers test themselves (trippy, mtr, NextTrace, fping, ttl), where
//! nothing else here holds them yet. `tests/CASES.md` lists them all, each with the test that holds it.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::fs;
use std::path::{Path, PathBuf};

use told::{Told, said, with};
use world::World;

#[allow(dead_code, reason = "shared with another test")]
#[path = "../verdicts/told.rs"]
mod told;
#[path = "../world/mod.rs"]
mod world;

mod ends;
mod interfaces;
mod methods;
mod options;
mod wire;

/// The world of a file whose server's kernel answers as often as it is asked, and lets every user
/// echo.
fn built(name: &str) -> Option<World> {
    let world = World::build(name)?;
    world.server.answer_freely().unwrap();
    world.client.allow_echo_sockets().unwrap();
    Some(world)
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_test_that_the_list_of_cases_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = fs::read_to_string(root.join("tests/CASES.md")).unwrap();
    // What stands between backticks and is a sentence of words joined by underscores.
    let names = list.split('`').skip(1).step_by(2);
    let names: Vec<&str> = names
        .filter(|name| {
            name.matches('_').count() >= 2
                && name
                    .chars()
                    .all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit())
        })
        .collect();
    assert!(names.len() > 100, "{names:?}");
    let files = [sources(&root.join("src")), sources(&root.join("tests"))].concat();
    let texts: Vec<String> = files
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for name in names {
        let head = format!("fn {name}(");
        assert!(
            texts.iter().any(|text| text.contains(&head)),
            "there is no test {name}"
        );
    }
}

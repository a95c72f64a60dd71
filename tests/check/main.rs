//! `hopcast check` from outside: every kind of problem is found at its line and column, in both
//! languages; shipped files are clean and say what the plans say; no bytes whatsoever make it panic.

#![cfg(feature = "plan")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

mod any;
mod shipped;
mod wrong;

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

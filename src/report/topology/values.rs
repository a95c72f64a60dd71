//! Every value of a topology with where it comes from, and the defaults taken.

use super::{View, heading, marks};
use crate::lang::words::Word;
use crate::report::table::Table;
use crate::topology::origin::Origined;

/// A value's keys as a TOML file would write them: `unit."市府办".weight`.
pub fn name(path: &[String]) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let part = |key: &String| match !key.is_empty() && key.chars().all(bare) {
        true => key.clone(),
        false => format!("{key:?}"),
    };
    path.iter().map(part).collect::<Vec<_>>().join(".")
}

/// File and one-based line of a value.
pub fn place(view: &View<'_>, value: &Origined) -> String {
    let (line, _) = view.marks.sources.line_column(&value.place);
    let path = view.marks.sources.path(value.place.file);
    format!("{}:{line}", path.display())
}

/// Every written value with its origin, reason and place; then the defaults taken and by whom.
pub fn draw(view: &View<'_>) -> String {
    let written = table(view, view.marks.values.iter());
    let mut text = heading(view);
    let word = view.word(Word::Value);
    text.push_str(&format!("\n{word} ({})\n", written.len()));
    text.push_str(&written.draw(view.columns));
    let mut taken = Table::new()
        .left(view.word(Word::Field))
        .left(view.word(Word::Value))
        .left(view.word(Word::Origin))
        .left(view.lang.pick("取用者", "taken by"));
    for default in view.marks.defaults(view.topology) {
        taken.row([
            default.field,
            default.value.get(view.lang).to_string(),
            format!("{}{}", view.word(Word::Default), marks::DEFAULT_SIGN),
            default.by.join(", "),
        ]);
    }
    if !taken.is_empty() {
        let title = view.lang.pick(
            "文件未写而取的缺省值",
            "defaults taken where the file says nothing",
        );
        text.push_str(&format!("\n{title}\n{}", taken.draw(view.columns)));
    }
    text
}

/// The values that stand in the files of scenarios: all but the file read last, which is the
/// topology that they change.
pub(super) fn changes(view: &View<'_>) -> Table {
    let base = view.marks.values.iter().map(|value| value.place.file).max();
    let changed = view.marks.values.iter();
    table(view, changed.filter(|value| Some(value.place.file) != base))
}

fn table<'o>(view: &View<'_>, values: impl Iterator<Item = &'o Origined>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Field))
        .left(view.word(Word::Value))
        .left(view.word(Word::Origin))
        .left(view.word(Word::Reason))
        .left(view.word(Word::Place));
    for value in values {
        let sign = marks::sign(value.origin);
        let origin = view.word(value.origin.word());
        table.row([
            name(&value.path),
            value.value.clone(),
            format!("{origin}{sign}"),
            value.reason.clone(),
            place(view, value),
        ]);
    }
    table
}

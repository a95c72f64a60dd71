//! Every value of a topology with where it comes from, and the defaults taken.

use super::{View, heading, marks};
use crate::lang::words::Word;
use crate::report::table::Table;
use crate::topology::Topology;
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

/// The ids of the records of a section, as far as the section has defaults.
pub fn ids<'t>(topology: &'t Topology, section: &str) -> Vec<&'t str> {
    match section {
        "node" => topology.nodes.iter().map(|node| node.id.as_str()).collect(),
        "link" => topology.links.iter().map(|link| link.id.as_str()).collect(),
        "transaction" => topology
            .transactions
            .iter()
            .map(|t| t.id.as_str())
            .collect(),
        "population" => topology.populations.iter().map(|p| p.id.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// Every written value with its origin, reason and place; then the defaults taken and by whom.
pub fn draw(view: &View<'_>) -> String {
    let mut table = Table::new()
        .left(view.word(Word::Field))
        .left(view.word(Word::Value))
        .left(view.word(Word::Origin))
        .left(view.word(Word::Reason))
        .left(view.word(Word::Place));
    for value in view.marks.values {
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
    let mut text = heading(view);
    let word = view.word(Word::Value);
    text.push_str(&format!("\n{word} ({})\n", table.len()));
    text.push_str(&table.draw(view.columns));
    let mut taken = Table::new()
        .left(view.word(Word::Field))
        .left(view.word(Word::Value))
        .left(view.word(Word::Origin))
        .left(view.lang.pick("取用者", "taken by"));
    for (section, field, value, by) in view.marks.defaults(|section| ids(view.topology, section)) {
        taken.row([
            format!("{section}.{field}"),
            value.to_string(),
            format!("{}{}", view.word(Word::Default), marks::DEFAULT_SIGN),
            by.join(", "),
        ]);
    }
    if !taken.is_empty() {
        text.push_str(&format!(
            "\n{}\n{}",
            view.lang.pick(
                "文件未写而取的缺省值",
                "defaults taken where the file says nothing"
            ),
            taken.draw(view.columns)
        ));
    }
    text
}

//! The report as a Markdown table, with the verdict above and the evidence as a list below.

use std::fmt::Write;

use super::{Look, cells, notes, verdict};
use crate::trace::report::{Report, Row};

/// The whole report.
pub(super) fn markdown(report: &Report, look: &Look) -> String {
    let mut out = format!("**{}**\n\n", escaped(report.pain.text().get(look.lang)));
    let mut head = vec!["#".to_string(), look.lang.pick("主机", "Host").to_string()];
    head.extend(
        look.fields
            .without_gaps()
            .map(|field| field.title().to_string()),
    );
    head.push(cells::verdict_head(look));
    let figures = look.fields.without_gaps().count();
    let mut rules = vec!["--:", "---"];
    rules.extend(std::iter::repeat_n("--:", figures));
    rules.push("---");
    if report.plan.is_some() {
        head.extend([cells::node_head(look), cells::owner_head(look)]);
        rules.extend(["---", "---"]);
    }
    let _ = writeln!(out, "| {} |\n| {} |", head.join(" | "), rules.join(" | "));
    for row in &report.rows {
        let _ = writeln!(out, "| {} |", cells_of(report, row, look).join(" | "));
    }
    out.push('\n');
    for note in notes::notes(report, look.wide) {
        let _ = writeln!(out, "- {}", escaped(note.get(look.lang)));
    }
    out
}

fn cells_of(report: &Report, row: &Row, look: &Look) -> Vec<String> {
    let all = row.hop.responders.iter();
    let hosts: Vec<String> = all
        .map(|own| cells::host(report, own.address, look))
        .collect();
    let hosts = match hosts.is_empty() {
        true => cells::first_host(report, row, look),
        false => hosts.join(", "),
    };
    let mut line = vec![cells::distance(report, row), hosts];
    line.extend(
        look.fields
            .without_gaps()
            .map(|field| field.of(&row.hop.stats).shown()),
    );
    line.push(verdict::label(&row.verdict).get(look.lang).to_string());
    if report.plan.is_some() {
        line.extend([cells::node(row, look.lang), cells::owner(row, look.lang)]);
    }
    line.iter().map(|cell| escaped(cell)).collect()
}

/// What Markdown would take for its own is written so that it shows: names may hold anything.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '\\' => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_break_the_table() {
        assert_eq!(escaped("a|b_c\nd"), "a\\|b\\_c d");
    }
}

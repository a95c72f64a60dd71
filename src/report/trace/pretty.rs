//! The report as a framed table, wrapped to the terminal.

use std::fmt::Write;

use super::{Look, cells, notes, verdict};
use crate::report::table::Table;
use crate::trace::report::{Report, Row};
use crate::trace::times::ms;

/// The whole report.
pub(super) fn pretty(report: &Report, look: &Look) -> String {
    let mut out = format!("{}\n", report.pain.text().get(look.lang));
    let mut table = Table::new().right("#").left(look.lang.pick("主机", "Host"));
    for field in look.fields.without_gaps() {
        table = table.right(field.title());
    }
    table = table
        .right("P50")
        .right("P95")
        .left(cells::verdict_head(look));
    if report.plan.is_some() {
        table = table
            .left(cells::node_head(look))
            .left(cells::owner_head(look));
    }
    for row in &report.rows {
        table.row(cells_of(report, row, look));
    }
    out += &table.draw(look.columns);
    for note in notes::notes(report, look.wide) {
        let _ = writeln!(out, "{}", note.get(look.lang));
    }
    out
}

fn cells_of(report: &Report, row: &Row, look: &Look) -> Vec<String> {
    let stats = &row.hop.stats;
    let mut line = vec![
        cells::distance(report, row),
        cells::first_host(report, row, look),
    ];
    line.extend(
        look.fields
            .without_gaps()
            .map(|field| field.of(stats).shown()),
    );
    let percentiles = stats.times.map(|times| [times.p50, times.p95].map(ms));
    line.extend(percentiles.unwrap_or(["-", "-"].map(String::from)));
    line.push(verdict::label(&row.verdict).get(look.lang).to_string());
    if report.plan.is_some() {
        line.extend([cells::node(row, look.lang), cells::owner(row, look.lang)]);
    }
    line
}

//! The report as a table in the layout of `mtr -r`, with the verdict on top and notes below.

use std::fmt::Write;

use super::{Field, Look, cells, notes, verdict};
use crate::lang::{Lang, Text, pad_left, pad_right, width};
use crate::text;
use crate::trace::Trace;
use crate::trace::report::{Report, Row};
use crate::trace::stats;
use crate::trace::times::ms;

/// Cells of the host column when it is not wide.
const HOST_CELLS: usize = 28;

/// One cell and whether it is a word: words begin together, figures end together.
type Cell = (String, bool);

/// The whole report as text. When it is not wide, each hop that is not in order has a line below.
pub fn table(report: &Report, look: &Look) -> String {
    let mut out = String::new();
    if report.about.simulated {
        let text = simulated(report);
        let _ = writeln!(out, "{}", text.get(look.lang));
    }
    let _ = writeln!(out, "{}", report.pain.text().get(look.lang));
    let _ = writeln!(out, "Start: {}", report.about.start);
    let mut lines = vec![head(report, look)];
    for row in &report.rows {
        lines.extend(lines_of(report, row, look));
    }
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |at: usize| {
        let cells = lines.iter().filter_map(|line| line.get(at));
        cells.map(|(cell, _)| width(cell)).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    for line in &lines {
        let padded = line
            .iter()
            .zip(&widths)
            .map(|((cell, word), cells)| match word {
                true => pad_right(cell, *cells),
                false => pad_left(cell, *cells),
            });
        let line = padded.collect::<Vec<_>>().join("  ");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for note in notes::notes(report, look.wide) {
        let _ = writeln!(out, "{}", note.get(look.lang));
    }
    out
}

/// The line that stands over everything simulated.
fn simulated(report: &Report) -> Text {
    let journey = report
        .plan
        .as_ref()
        .map_or("", |plan| plan.journey.as_str());
    text!(
        "仿真：以下数字由拓扑文件的路径 {journey} 计算得出，未发送任何报文",
        "Simulated: computed from journey {journey} of the topology file; no packet was sent"
    )
}

fn word(cell: String) -> Cell {
    (cell, true)
}

fn figure(cell: String) -> Cell {
    (cell, false)
}

fn head(report: &Report, look: &Look) -> Vec<Cell> {
    let mut line = vec![word(format!("HOST: {}", report.about.source))];
    line.extend(
        look.fields
            .iter()
            .map(|field| figure(field.title().to_string())),
    );
    if look.wide {
        let further = further(look).map(|field| figure(field.title().to_string()));
        line.extend(["P50", "P95"].map(|title| figure(title.to_string())));
        line.extend(further);
        line.push(figure("Loss95%".to_string()));
        line.push(word(cells::verdict_head(look)));
    }
    if report.plan.is_some() {
        line.push(word(cells::node_head(look)));
        line.push(word(cells::owner_head(look)));
    }
    line
}

/// What a wide table shows beside the columns asked for.
fn further(look: &Look) -> impl Iterator<Item = Field> {
    let jitter = Field::MeanJitter;
    (!look.fields.contains(jitter))
        .then_some(jitter)
        .into_iter()
}

/// A hop's line, and one more for each further responder.
fn lines_of(report: &Report, row: &Row, look: &Look) -> Vec<Vec<Cell>> {
    let stats = &row.hop.stats;
    let cut = |host: String| if look.wide { host } else { cut(&host) };
    let host = cut(cells::first_host(report, row, look));
    let mut line = vec![word(format!(
        "{:>3}.|-- {host}",
        cells::distance(report, row)
    ))];
    line.extend(
        look.fields
            .iter()
            .map(|field| figure(field.of(stats).shown())),
    );
    if look.wide {
        let time = |of: fn(&stats::Times) -> std::time::Duration| {
            figure(
                stats
                    .times
                    .as_ref()
                    .map_or("-".to_string(), |times| ms(of(times))),
            )
        };
        line.extend([time(|times| times.p50), time(|times| times.p95)]);
        line.extend(further(look).map(|field| figure(field.of(stats).shown())));
        line.push(figure(
            stats.loss_interval().map_or("-".to_string(), |interval| {
                format!("{:.0}-{:.0}", interval.low * 100.0, interval.high * 100.0)
            }),
        ));
        line.push(word(
            verdict::label(&row.verdict).get(look.lang).to_string(),
        ));
    }
    if report.plan.is_some() {
        line.push(word(cells::node(row, look.lang)));
        line.push(word(cells::owner(row, look.lang)));
    }
    let mut lines = vec![line];
    lines.extend(row.hop.responders.iter().skip(1).map(|responder| {
        let host = cut(cells::host(report, responder.address, look));
        let answers = responder.answered + responder.late;
        vec![word(format!("    |   {host} ({answers})"))]
    }));
    lines
}

/// The first sweep, as soon as it is known: one short line a hop.
pub fn preview(trace: &Trace, lang: Lang) -> String {
    let sweep = trace.first_sweep.map_or("-".to_string(), ms);
    let head = text!("首轮（{sweep} ms）：", "First sweep ({sweep} ms):");
    let mut out = format!("{}\n", head.get(lang));
    for hop in stats::hops(trace) {
        let host = hop.responders.first();
        let host = host.map_or("???".to_string(), |host| host.address.to_string());
        let time = hop
            .stats
            .times
            .map_or("-".to_string(), |times| format!("{} ms", ms(times.last)));
        let _ = writeln!(out, "{:>3}  {host}  {time}", hop.distance);
    }
    out
}

fn cut(host: &str) -> String {
    if width(host) <= HOST_CELLS {
        return host.to_string();
    }
    let mut kept = String::new();
    for c in host.chars() {
        if width(&kept) + 2 > HOST_CELLS - 1 {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_to_their_column() {
        let long = "a".repeat(40);
        assert_eq!(width(&cut(&long)), HOST_CELLS - 1);
        assert!(width(&cut(&"汉".repeat(40))) <= HOST_CELLS);
        assert_eq!(cut("192.0.2.1"), "192.0.2.1");
    }
}

//! The report as `mtr --csv` writes it: mtr's first columns by name, the columns asked for, ours
//! behind them. One row a hop; numbers are plain, and what there is not is empty.

use super::{Look, cells};
use crate::trace::named::By;
use crate::trace::report::{Report, Row};

/// mtr's columns in front of the figures.
const FRONT: [&str; 6] = ["Mtr_Version", "Start_Time", "Status", "Host", "Hop", "Ip"];

/// Our columns behind them.
const BEHIND: [&str; 10] = [
    "P50",
    "P95",
    "P99",
    "Loss_Low%",
    "Loss_High%",
    "Verdict",
    "Confidence",
    "Node",
    "Owner",
    "Node_By",
];

/// The whole report.
pub(super) fn csv(report: &Report, look: &Look) -> String {
    let titles = look.fields.without_gaps().map(|field| field.title());
    let head: Vec<String> = FRONT
        .into_iter()
        .chain(titles)
        .chain(BEHIND)
        .map(String::from)
        .collect();
    let rows = report.rows.iter().map(|row| cells_of(report, row, look));
    std::iter::once(head)
        .chain(rows)
        .map(|cells| line(&cells))
        .collect()
}

fn cells_of(report: &Report, row: &Row, look: &Look) -> Vec<String> {
    let (about, stats) = (&report.about, &row.hop.stats);
    let started = about
        .started()
        .map(|start| start.timestamp().as_second().to_string());
    let mut cells = vec![
        format!("hopcast.{}", env!("CARGO_PKG_VERSION")),
        started.unwrap_or_else(|| about.start.clone()),
        "OK".to_string(),
        about.target.clone(),
        row.hop.distance.to_string(),
        cells::first_host(report, row, look),
    ];
    cells.extend(
        look.fields
            .without_gaps()
            .map(|field| field.of(stats).written()),
    );
    let times = stats.times.as_ref();
    let percentiles = times.map(|times| [times.p50, times.p95, times.p99]);
    let ms = |time: std::time::Duration| format!("{:.3}", time.as_secs_f64() * 1e3);
    cells.extend(percentiles.map_or([const { String::new() }; 3], |times| times.map(ms)));
    let interval = stats
        .loss_interval()
        .map(|interval| [interval.low, interval.high]);
    let percent = |part: f64| format!("{:.2}", part * 100.0);
    cells.extend(interval.map_or([const { String::new() }; 2], |ends| ends.map(percent)));
    let confidence = row.verdict.main.confidence;
    cells.push(row.verdict.kind().name().to_string());
    cells.push(confidence.map_or(String::new(), |confidence| format!("{confidence:.4}")));
    let node = row.node.as_ref();
    cells.push(node.map_or(String::new(), |node| node.id.clone()));
    cells.push(node.map_or(String::new(), |node| node.owner.get(look.lang).to_string()));
    cells.push(row.by.map_or("", By::name).to_string());
    cells
}

/// A line of RFC 4180, ended by a line feed as mtr does.
fn line(cells: &[String]) -> String {
    let quoted = cells
        .iter()
        .map(|cell| match cell.contains(['"', ',', '\n', '\r']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.clone(),
        });
    quoted.collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_break_a_cell_is_quoted() {
        let cells = ["plain", "a,b", "say \"no\"", ""].map(String::from);
        assert_eq!(line(&cells), "plain,\"a,b\",\"say \"\"no\"\"\",\n");
    }
}

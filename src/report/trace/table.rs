//! The report as a table in the layout of `mtr -r`, with notes of what a table cannot say.

use std::fmt::Write;
use std::time::Duration;

use super::notes;
use crate::lang::{Lang, Text, pad_left, pad_right, width};
use crate::text;
use crate::trace::Trace;
use crate::trace::report::{Report, Row};
use crate::trace::stats::{self, Times};

/// Cells of the host column when it is not wide.
const HOST_CELLS: usize = 28;

/// The whole report as text; `wide` cuts no name and adds percentiles, jitter, the loss interval and
/// the verdict.
pub fn table(report: &Report, lang: Lang, wide: bool) -> String {
    let mut out = String::new();
    if report.about.simulated {
        let text = simulated(report);
        let _ = writeln!(out, "{}", text.get(lang));
    }
    let _ = writeln!(out, "Start: {}", report.about.start);
    let mut lines = vec![head(report, lang, wide)];
    for row in &report.rows {
        lines.extend(lines_of(report, row, lang, wide));
    }
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            lines
                .iter()
                .filter_map(|line| line.get(at))
                .map(|cell| width(cell))
                .max()
        })
        .map(Option::unwrap_or_default)
        .collect();
    for line in &lines {
        let mut text = String::new();
        for (at, (cell, cells)) in line.iter().zip(&widths).enumerate() {
            let words = at == 0 || at >= number_columns(wide);
            let gap = if at == 0 { "" } else { "  " };
            let cell = if words {
                pad_right(cell, *cells)
            } else {
                pad_left(cell, *cells)
            };
            let _ = write!(text, "{gap}{cell}");
        }
        let _ = writeln!(out, "{}", text.trim_end());
    }
    for note in notes::notes(report) {
        let _ = writeln!(out, "{}", note.get(lang));
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

/// Index of the first column of words behind the numbers.
fn number_columns(wide: bool) -> usize {
    if wide { 12 } else { 8 }
}

fn head(report: &Report, lang: Lang, wide: bool) -> Vec<String> {
    let mut line = vec![format!("HOST: {}", report.about.source)];
    line.extend(["Loss%", "Snt", "Last", "Avg", "Best", "Wrst", "StDev"].map(String::from));
    if wide {
        line.extend(["P50", "P95", "Jttr", "Loss95%"].map(String::from));
        line.push(lang.pick("判断", "Verdict").to_string());
    }
    if report.plan.is_some() {
        line.push(lang.pick("节点", "Node").to_string());
        line.push(lang.pick("责任方", "Owner").to_string());
    }
    line
}

/// A hop's line, and one more for each further responder.
fn lines_of(report: &Report, row: &Row, lang: Lang, wide: bool) -> Vec<Vec<String>> {
    let stats = &row.hop.stats;
    let number = match report.about.method.sees_hops {
        true => format!("{:>3}", row.hop.distance),
        // The distance of an end host is not known when it alone was asked.
        false => "  ?".to_string(),
    };
    let first = row.hop.responders.first();
    let host = first.map_or("???".to_string(), |first| report.host(first.address));
    let host = if wide { host } else { cut(&host) };
    let times = stats.times;
    let time = |of: fn(&Times) -> Duration| times.map_or("-".to_string(), |times| ms(of(&times)));
    let maybe = |time: Option<Duration>| time.map_or("-".to_string(), ms);
    let loss = stats
        .loss()
        .map_or("-".to_string(), |loss| format!("{:.1}%", loss * 100.0));
    let mut line = vec![format!("{number}.|-- {host}"), loss, stats.sent.to_string()];
    line.extend([
        time(|t| t.last),
        time(|t| t.mean),
        time(|t| t.best),
        time(|t| t.worst),
    ]);
    line.push(maybe(times.and_then(|times| times.deviation)));
    if wide {
        line.extend([time(|t| t.p50), time(|t| t.p95)]);
        line.push(maybe(times.and_then(|times| times.jitter)));
        line.push(stats.loss_interval().map_or("-".to_string(), |interval| {
            format!("{:.0}-{:.0}", interval.low * 100.0, interval.high * 100.0)
        }));
        line.push(row.verdict.text().get(lang).to_string());
    }
    if report.plan.is_some() {
        let unexpected = lang.pick("（不在路径上）", "(not on the plan)");
        line.push(match (&row.node, row.unexpected) {
            (Some(node), _) => match node.number {
                Some(number) => format!("{number} {}", node.name.get(lang)),
                None => node.name.get(lang).to_string(),
            },
            (None, true) => unexpected.to_string(),
            (None, false) => "-".to_string(),
        });
        let owner = row.node.as_ref().map_or("-", |node| node.owner.get(lang));
        line.push(owner.to_string());
    }
    let further = row.hop.responders.iter().skip(1).map(|responder| {
        let host = report.host(responder.address);
        let answered = responder.answered;
        vec![format!(
            "    |   {} ({answered})",
            if wide { host } else { cut(&host) }
        )]
    });
    let mut lines = vec![line];
    lines.extend(further);
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

/// Milliseconds with three significant digits or so: in a data centre one decimal shows 0.0.
pub(super) fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ms if ms < 1.0 => format!("{ms:.3}"),
        ms if ms < 100.0 => format!("{ms:.2}"),
        ms => format!("{ms:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_times_keep_their_digits() {
        let shown = |nanos| ms(Duration::from_nanos(nanos));
        assert_eq!(shown(57_400), "0.057");
        assert_eq!(shown(20_091_000), "20.09");
        assert_eq!(shown(1_250_000_000), "1250.0");
    }

    #[test]
    fn long_names_are_cut_to_their_column() {
        let long = "a".repeat(40);
        assert_eq!(width(&cut(&long)), HOST_CELLS - 1);
        assert!(width(&cut(&"汉".repeat(40))) <= HOST_CELLS);
        assert_eq!(cut("192.0.2.1"), "192.0.2.1");
    }
}

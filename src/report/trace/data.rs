//! The report as data: mtr's field names with numbers as numbers, ours beside them.
//!
//! Times are milliseconds, loss is a percentage, both as mtr has them. A figure that does not exist
//! (the best time of a hop that never answered) is `null`, never 0.

use std::time::Duration;

use serde_json::{Value, json};

use crate::probe::{Answer, Arrival};
use crate::stats::Interval;
use crate::trace::plan::Expected;
use crate::trace::report::{Report, Row};
use crate::trace::stats::{PathStats, Times};

/// The schema of what [`data`] gives.
pub const SCHEMA: &str = "hopcast.trace/1";

/// The whole report.
pub fn data(report: &Report) -> Value {
    let (about, trace) = (&report.about, &report.trace);
    let hubs: Vec<Value> = report.rows.iter().map(|row| hub(report, row)).collect();
    let others: Vec<Value> = about
        .method
        .others
        .iter()
        .map(|(name, why)| json!({ "name": name, "why": why }))
        .collect();
    let plan = report.plan.as_ref().map(|plan| {
        let unexpected = report.rows.iter().filter(|row| row.unexpected);
        json!({
            "journey": plan.journey,
            "name": plan.name,
            "hops": plan.hops.len(),
            "unseen": report.unseen.iter().map(node).collect::<Vec<_>>(),
            "unexpected": unexpected.map(|row| row.hop.distance).collect::<Vec<_>>(),
        })
    });
    json!({
        "schema": SCHEMA,
        "simulated": about.simulated,
        "start": about.start,
        "method": {
            "name": about.method.name,
            "port": about.method.port,
            "what": about.method.what,
            "not_used": others,
        },
        "address": about.address,
        "reached": trace.reached,
        "first_sweep_ms": trace.first_sweep.map(ms),
        "took_ms": ms(trace.took),
        "unmatched": trace.unmatched,
        "short_quotes": trace.troubles.short_quotes,
        "own_overflow": trace.troubles.overflowed,
        "clock_steps": trace.troubles.clock_steps,
        "plan": plan,
        "report": {
            "mtr": {
                "src": about.source,
                "dst": about.target,
                "tests": about.cycles,
                "psize": about.size,
            },
            "hubs": hubs,
        },
    })
}

fn hub(report: &Report, row: &Row) -> Value {
    let hop = &row.hop;
    let stats = &hop.stats;
    let times = stats.times.as_ref();
    let host = hop
        .responders
        .first()
        .map(|first| report.host(first.address));
    let responders: Vec<Value> = hop
        .responders
        .iter()
        .map(|responder| {
            json!({
                "address": responder.address,
                "name": report.name(responder.address),
                "answered": responder.answered,
                "answer": answer(responder.answer),
                "user_stamped": responder.user_stamped,
                "times": responder.times.as_ref().map(described),
            })
        })
        .collect();
    json!({
        "count": hop.distance,
        "host": host.unwrap_or_else(|| "???".to_string()),
        "Loss%": stats.loss().map(percent),
        "Snt": stats.sent,
        "Last": times.map(|times| ms(times.last)),
        "Avg": times.map(|times| ms(times.mean)),
        "Best": times.map(|times| ms(times.best)),
        "Wrst": times.map(|times| ms(times.worst)),
        "StDev": times.and_then(|times| times.deviation).map(ms),
        "loss_interval_95": stats.loss_interval().map(interval),
        "fates": fates(stats),
        "times": times.map(described),
        "verdict": row.verdict.name(),
        "responders": responders,
        "node": row.node.as_ref().map(node),
        "owner": row.node.as_ref().map(|node| &node.owner),
        "unexpected": row.unexpected,
    })
}

fn fates(stats: &PathStats) -> Value {
    json!({
        "answered": stats.answered,
        "late": stats.late,
        "lost": stats.lost,
        "unsent": stats.unsent,
        "duplicates": stats.duplicates,
    })
}

/// Round trips in milliseconds.
fn described(times: &Times) -> Value {
    json!({
        "last": ms(times.last),
        "best": ms(times.best),
        "mean": ms(times.mean),
        "worst": ms(times.worst),
        "stdev": times.deviation.map(ms),
        "geometric_mean": times.geometric_mean.map(ms),
        "p50": ms(times.p50),
        "p95": ms(times.p95),
        "jitter": times.jitter.map(ms),
    })
}

fn node(node: &Expected) -> Value {
    json!({
        "id": node.id,
        "number": node.number,
        "name": node.name,
        "owner": node.owner,
        "has_address": !node.addresses.is_empty(),
    })
}

pub(super) fn answer(answer: Answer) -> String {
    match answer {
        Answer::Passed => "time-exceeded".to_string(),
        Answer::Arrived(Arrival::PortClosed) => "port-unreachable".to_string(),
        Answer::Arrived(Arrival::Echo) => "echo-reply".to_string(),
        Answer::Arrived(Arrival::Datagram) => "datagram".to_string(),
        Answer::Arrived(Arrival::Connected) => "connected".to_string(),
        Answer::Arrived(Arrival::Refused) => "refused".to_string(),
        Answer::Arrived(Arrival::Dns(code)) => format!("dns-{code}"),
        Answer::Arrived(Arrival::Tls) => "tls".to_string(),
        Answer::Arrived(Arrival::Http(status)) => format!("http-{status}"),
        Answer::Arrived(Arrival::Alert(code)) => format!("tls-alert-{code}"),
        Answer::Arrived(Arrival::Reset) => "reset".to_string(),
        Answer::Arrived(Arrival::Closed) => "closed".to_string(),
        Answer::Arrived(Arrival::Unintelligible) => "unintelligible".to_string(),
        Answer::Barred => "prohibited".to_string(),
        Answer::Unreachable { kind, code } => format!("icmp-{kind}-{code}"),
    }
}

/// Milliseconds to the nanosecond.
fn ms(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e6
}

/// A percentage to the thousandth.
fn percent(part: f64) -> f64 {
    (part * 1e5).round() / 1e3
}

fn interval(interval: Interval) -> [f64; 2] {
    [percent(interval.low), percent(interval.high)]
}

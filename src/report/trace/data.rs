//! The report as data: mtr's field names with numbers as numbers, ours beside them.
//!
//! Times are milliseconds, loss is a percentage, both as mtr has them; confidences and chances go from
//! 0 to 1. A figure that does not exist (the best time of a hop that never answered) is `null`, never
//! 0. `SCHEMA.md` beside this file lists every field, and a test holds the two together.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Field;
use super::fields::Figure;
use super::size;
use crate::packet::interface::Interface;
use crate::packet::mpls::Label;
use crate::probe::{Answer, Arrival};
use crate::stats::Interval;
use crate::trace::named::By;
use crate::trace::plan::{Expected, Holder};
use crate::trace::report::{Report, Row};
use crate::trace::stats::{OnFlow, PathStats, Responder, Times};

mod found;
mod side;

use found::{change, gap, pain, segment, verdict};
use side::side_loop;

/// The schema of what [`data`] gives.
pub const SCHEMA: &str = "hopcast.trace/2";

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
            "gaps": report.gaps.iter().map(gap).collect::<Vec<_>>(),
            "side_loops": report.loops.iter().map(side_loop).collect::<Vec<_>>(),
        })
    });
    let service = report.service.as_ref().map(|service| {
        let mut value = figures(&service.stats);
        let responders = service.responders.iter().map(|own| responder(report, own));
        let port = report.about.service.map(|service| service.port);
        value.insert("port".into(), port.into());
        value.insert("stopped".into(), service.stopped.into());
        value.insert("responders".into(), responders.collect());
        value
    });
    json!({
        "schema": SCHEMA,
        "simulated": about.simulated,
        "start": about.start,
        "method": {
            "name": about.method.name,
            "port": about.method.port,
            "what": about.method.what,
            "full_quotes": about.method.sees_quotes,
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
        "spoofed": trace.troubles.spoofed,
        "verdict": pain(&report.pain),
        "changes": report.changes.iter().map(change).collect::<Vec<_>>(),
        "segments": report.segments.iter().map(segment).collect::<Vec<_>>(),
        "service": service,
        "path_mtu": report.path_mtu.as_ref().map(size::data),
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
    let first = hop.responders.first();
    let host = first.map(|first| report.host(first.address));
    let mut hub = Map::new();
    hub.insert("count".into(), hop.distance.into());
    hub.insert(
        "host".into(),
        host.unwrap_or_else(|| "???".to_string()).into(),
    );
    let network = first.and_then(|first| report.network(first.address));
    let asn = network.and_then(|network| network.asn);
    hub.insert("ASN".into(), asn.map(|asn| format!("AS{asn}")).into());
    hub.extend(figures(&hop.stats));
    let responders = hop.responders.iter().map(|own| responder(report, own));
    let rest = json!({
        "verdict": verdict(&row.verdict),
        "node": row.node.as_ref().map(node),
        "node_by": row.by.map(By::name),
        "owner": row.node.as_ref().map(|node| &node.owner),
        "unexpected": row.unexpected,
        "stranger": row.stranger.as_ref().map(stranger),
        "network": network.map(|network| json!({ "name": &*network.name, "place": network.place.as_deref() })),
        "responders": responders.collect::<Vec<_>>(),
        "flows": hop.flows.iter().map(flow).collect::<Vec<_>>(),
        "mpls": first.map_or(Vec::new(), |first| first.labels.iter().map(label).collect()),
        "interfaces": first.map_or(Vec::new(), |first| first.interfaces.iter().map(interface).collect()),
    });
    if let Value::Object(rest) = rest {
        hub.extend(rest);
    }
    Value::Object(hub)
}

/// mtr's columns by their titles, then ours.
fn figures(stats: &PathStats) -> Map<String, Value> {
    let titled = Field::ALL.iter().filter(|(field, ..)| *field != Field::Gap);
    let mut figures: Map<String, Value> = titled
        .map(|(field, _, title)| (title.to_string(), figure(field.of(stats))))
        .collect();
    let times = stats.times.as_ref();
    let time = |of: fn(&Times) -> Duration| times.map(|times| ms(of(times)));
    let ours = json!({
        "P50": time(|times| times.p50),
        "P90": time(|times| times.p90),
        "P95": time(|times| times.p95),
        "P99": time(|times| times.p99),
        "spread": time(Times::spread),
        "loss_interval_95": stats.loss_interval().map(interval),
        "fates": {
            "answered": stats.answered,
            "late": stats.late,
            "lost": stats.lost,
            "unsent": stats.unsent,
            "duplicates": stats.duplicates,
        },
    });
    if let Value::Object(ours) = ours {
        figures.extend(ours);
    }
    figures
}

fn figure(figure: Figure) -> Value {
    match figure {
        Figure::Count(count) => count.into(),
        Figure::Part(part) => percent(part).into(),
        Figure::Time(time) => ms(time).into(),
        Figure::None | Figure::Empty => Value::Null,
    }
}

fn responder(report: &Report, own: &Responder) -> Value {
    let quoted = own.quoted.map(|quoted| {
        json!({
            "tos": quoted.tos,
            "ttl": quoted.ttl,
            "source": quoted.source,
            "destination": quoted.destination,
            "rewritten": quoted.rewritten,
        })
    });
    json!({
        "address": own.address,
        "name": report.name(own.address),
        "answered": own.answered,
        "late": own.late,
        "duplicates": own.duplicates,
        "answer": answer(own.answer),
        "rounds": [own.rounds.0 + 1, own.rounds.1 + 1],
        "user_stamped": own.user_stamped,
        "reply_ttl": own.reply_ttl,
        "mtu": own.mtu,
        "quoted": quoted,
        "mpls": own.labels.iter().map(label).collect::<Vec<_>>(),
        "interfaces": own.interfaces.iter().map(interface).collect::<Vec<_>>(),
        "times": own.times.as_ref().map(described),
    })
}

fn flow(own: &OnFlow) -> Value {
    json!({
        "flow": own.flow.0,
        "sent": own.stats.sent,
        "lost": own.stats.lost,
        "responders": own.responders,
        "times": own.stats.times.as_ref().map(described),
    })
}

/// Round trips in milliseconds.
fn described(times: &Times) -> Value {
    let jitter = times.jitter.map(|jitter| {
        json!({
            "last": ms(jitter.last),
            "mean": ms(jitter.mean),
            "worst": ms(jitter.worst),
            "rfc3550": ms(jitter.rfc3550),
        })
    });
    json!({
        "last": ms(times.last),
        "best": ms(times.best),
        "mean": ms(times.mean),
        "worst": ms(times.worst),
        "stdev": times.deviation.map(ms),
        "geometric_mean": times.geometric_mean.map(ms),
        "p50": ms(times.p50),
        "p90": ms(times.p90),
        "p95": ms(times.p95),
        "p99": ms(times.p99),
        "jitter": jitter,
    })
}

fn label(label: &Label) -> Value {
    json!({
        "label": label.label,
        "class": label.class,
        "bottom": label.bottom,
        "ttl": label.ttl,
    })
}

fn interface(interface: &Interface) -> Value {
    json!({
        "role": interface.role.name(),
        "index": interface.index,
        "address": interface.address,
        "name": interface.name,
        "mtu": interface.mtu,
    })
}

fn node(node: &Expected) -> Value {
    json!({
        "id": node.id,
        "number": node.number,
        "name": node.name,
        "owner": node.owner,
        "has_address": node.is_known(),
    })
}

fn stranger(own: &Holder) -> Value {
    json!({ "id": own.id, "number": own.number, "name": own.name, "owner": own.owner })
}

pub(in crate::report) fn answer(answer: Answer) -> String {
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
        Answer::Barred { kind, code } => format!("prohibited-{kind}-{code}"),
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

#[cfg(test)]
mod tests;

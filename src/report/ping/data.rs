//! A run, or an interval of it, as data: numbers as numbers, times in milliseconds, loss a
//! percentage. A figure that does not exist (the best time of a target that never replied) is
//! `null`, never 0.

use std::net::IpAddr;
use std::time::Duration;

use serde_json::{Value, json};

use super::icmp;
use crate::ping::about::{About, Host, Unknown};
use crate::ping::exchange::{Exchanges, PARTS};
use crate::ping::pinger::Pinger;
use crate::ping::record::{Record, Standing};
use crate::ping::settings::Mode;
use crate::ping::times::Times;
use crate::probe::{Answer, Certificate, Troubles};
use crate::report::trace;
use crate::stats::Interval;

/// The schema of what is given here.
pub const SCHEMA: &str = "hopcast.ping/1";

/// The whole run, or what there is of it after `took`.
pub fn total(about: &About, pinger: &Pinger, took: Duration, troubles: Troubles) -> Value {
    let hosts = about.hosts.iter().zip(pinger.records());
    let hosts = hosts.map(|(host, record)| target(host, record, pinger));
    let unknown = about.unknown.iter().map(unknown);
    let (traffic, alive) = (pinger.traffic(), pinger.alive());
    let overall = Some(pinger.overall()).filter(|_| alive > 0);
    json!({
        "schema": SCHEMA,
        "kind": "total",
        "start": about.start,
        "took_ms": ms(took),
        "method": method(about),
        "settings": settings(pinger),
        "targets": hosts.chain(unknown).collect::<Vec<_>>(),
        "all": {
            "targets": about.hosts.len(),
            "alive": alive,
            "unreachable": about.hosts.len().saturating_sub(alive),
            "unknown": about.unknown.len(),
            "sent": traffic.sent,
            "replies": traffic.replies,
            "icmp_errors": traffic.errors,
            "timeouts": traffic.timeouts,
            "unmatched": traffic.unmatched,
            "best_ms": overall.map(|times| nanos(times.min)),
            "mean_ms": overall.map(|times| nanos(times.mean)),
            "worst_ms": overall.map(|times| nanos(times.max)),
        },
        "troubles": {
            "overflowed": troubles.overflowed,
            "short_quotes": troubles.short_quotes,
            "clock_steps": troubles.clock_steps,
            "spoofed": troubles.spoofed,
            "abandoned": troubles.abandoned,
        },
    })
}

/// The figures of one interval; `time` is the local time of its end.
pub fn interval(about: &About, pinger: &Pinger, time: &str) -> Value {
    let hosts = about.hosts.iter().zip(pinger.records());
    let targets = hosts.map(|(host, record)| {
        let span = record.interval();
        json!({
            "host": host.name,
            "label": host.label,
            "address": host.address,
            "sent": span.attempted,
            "received": span.received,
            "loss_percent": span.loss().map(percent),
            "best_ms": span.times.min().map(nanos),
            "mean_ms": span.times.mean().map(nanos),
            "worst_ms": span.times.max().map(nanos),
        })
    });
    json!({
        "schema": SCHEMA,
        "kind": "interval",
        "time": time,
        "targets": targets.collect::<Vec<_>>(),
    })
}

fn method(about: &About) -> Value {
    let others = about.others.iter();
    let others = others.map(|(name, why)| json!({ "name": name, "why": why }));
    json!({
        "name": about.kind.name,
        "port": about.port,
        "way": about.way,
        "not_used": others.collect::<Vec<_>>(),
        "send_stamps": if about.exact { "kernel" } else { "user" },
    })
}

fn settings(pinger: &Pinger) -> Value {
    let settings = pinger.settings();
    let (mode, count, retries, backoff) = match settings.mode {
        Mode::Alive { retries, backoff } => ("alive", None, Some(retries), Some(backoff)),
        Mode::Count(count) => ("count", Some(count), None, None),
        Mode::Loop => ("loop", None, None, None),
    };
    json!({
        "mode": mode,
        "count": count,
        "retries": retries,
        "backoff": backoff,
        "period_ms": ms(settings.period),
        "gap_ms": ms(settings.gap),
        "timeout_ms": ms(settings.patience),
        "ttl": settings.distance,
    })
}

fn target(host: &Host, record: &Record, pinger: &Pinger) -> Value {
    let total = &record.total;
    let state = match record.standing {
        Standing::Alive => "alive",
        Standing::Waiting if total.attempted() == 0 => "waiting",
        Standing::Waiting | Standing::Unreachable => "unreachable",
    };
    let settings = pinger.settings();
    let list = record.list().filter(|_| settings.keep).map(|list| {
        let list = list.map(|trip| trip.map(ms));
        list.collect::<Vec<_>>()
    });
    json!({
        "host": host.name,
        "label": host.label,
        "address": host.address,
        "state": state,
        "sent": total.sent(),
        "answered": total.answered,
        "late": total.late,
        "lost": total.lost,
        "unsent": total.unsent,
        "duplicates": total.duplicates,
        "icmp_errors": total.errors,
        "loss_percent": total.loss().map(percent),
        "loss_interval_95": total.loss_interval().map(interval_95),
        "outage_ms": ms(total.span().outage(settings.period)),
        "times": record.times().as_ref().map(times),
        "round_trips_ms": list,
        "answers": answers(&record.exchanges),
        "phases": phases(&record.exchanges),
        "certificate": record.exchanges.certificate.as_ref().map(certificate),
        "last_error": record.error.map(error),
        "fault": record.fault,
    })
}

fn unknown(unknown: &Unknown) -> Value {
    json!({
        "host": unknown.name,
        "label": unknown.label,
        "address": null,
        "state": "unknown",
        "fault": unknown.why,
    })
}

fn error((responder, answer): (IpAddr, Answer)) -> Value {
    json!({ "from": responder, "what": icmp::name(answer, responder) })
}

/// How often which answer came, by its name.
fn answers(exchanges: &Exchanges) -> Value {
    let answers = exchanges.answers.iter();
    answers
        .map(|(answer, count)| (trace::data::answer(*answer), Value::from(*count)))
        .collect()
}

/// The parts of the exchanges, those that there were.
fn phases(exchanges: &Exchanges) -> Value {
    let parts = PARTS.iter().zip(&exchanges.parts);
    let known = parts.filter_map(|(name, part)| {
        let times = json!({
            "best_ms": nanos(part.min()?),
            "mean_ms": nanos(part.mean()?),
            "worst_ms": nanos(part.max()?),
        });
        Some((name.to_string(), times))
    });
    let known: serde_json::Map<String, Value> = known.collect();
    match known.is_empty() {
        true => Value::Null,
        false => known.into(),
    }
}

fn certificate(certificate: &Certificate) -> Value {
    json!({
        "untrusted": certificate.untrusted,
        "days_left": certificate.days_left,
    })
}

fn times(times: &Times) -> Value {
    json!({
        "last_ms": nanos(times.last),
        "best_ms": nanos(times.best),
        "mean_ms": nanos(times.mean),
        "worst_ms": nanos(times.worst),
        "stdev_ms": times.deviation.map(nanos),
        "geometric_mean_ms": times.geometric_mean.map(nanos),
        "p50_ms": nanos(times.p50),
        "p90_ms": nanos(times.p90),
        "p95_ms": nanos(times.p95),
        "p99_ms": nanos(times.p99),
        "jitter_ms": times.jitter.map(nanos),
        "jitter_rfc3550_ms": times.jitter_rfc3550.map(nanos),
        "jitter_p95_p50_ms": nanos(times.jitter_p95_p50()),
    })
}

/// Milliseconds to the nanosecond.
fn ms(time: Duration) -> f64 {
    nanos(time.as_nanos() as f64)
}

/// The same of nanoseconds.
fn nanos(nanos: f64) -> f64 {
    nanos.round() / 1e6
}

/// A percentage to the thousandth.
fn percent(part: f64) -> f64 {
    (part * 1e5).round() / 1e3
}

fn interval_95(interval: Interval) -> [f64; 2] {
    [percent(interval.low), percent(interval.high)]
}

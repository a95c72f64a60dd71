//! What was found, as data: verdicts, changes, segments, where it hurts.

use serde_json::{Value, json};

use super::{interval, ms, node, percent};
use crate::stats::Interval;
use crate::trace::change::Change;
use crate::trace::named::{By, Gap};
use crate::trace::pain::Pain;
use crate::trace::segment::{End, Segment};
use crate::trace::verdict::{Evidence, Finding, Verdict};

pub(super) fn verdict(verdict: &Verdict) -> Value {
    let mut value = finding(&verdict.main);
    if let Value::Object(fields) = &mut value {
        let also = verdict.also.iter().map(finding).collect();
        fields.insert("also".into(), also);
    }
    value
}

fn finding(finding: &Finding) -> Value {
    json!({
        "kind": finding.kind.name(),
        "text": finding.kind.text(),
        "confidence": finding.confidence,
        "evidence": finding.evidence.iter().map(evidence).collect::<Vec<_>>(),
    })
}

/// A fact as its fields, with the sentence that says it.
pub(super) fn evidence(fact: &Evidence) -> Value {
    let mut value = json!(fact);
    if let Value::Object(fields) = &mut value {
        fields.insert("text".into(), json!(fact.text()));
    }
    value
}

pub(super) fn pain(pain: &Pain) -> Value {
    json!({
        "outcome": pain.outcome,
        "kind": pain.kind,
        "distance": pain.distance,
        "place": pain.place,
        "whose": pain.whose,
        "confidence": pain.confidence,
        "text": pain.text(),
    })
}

pub(super) fn change(change: &Change) -> Value {
    let hops = change.hops.iter().map(|moved| {
        json!({
            "distance": moved.distance,
            "flow": moved.flow.0,
            "before": moved.before,
            "after": moved.after,
        })
    });
    json!({
        "round": change.round + 1,
        "after_ms": ms(change.after),
        "at": change.at,
        "hops": hops.collect::<Vec<_>>(),
        "length": change.length.map(|(before, after)| [before, after]),
        "confidence": change.confidence,
    })
}

pub(super) fn segment(segment: &Segment) -> Value {
    let end = |end: &End| {
        json!({
            "distance": end.distance,
            "node": end.node.as_ref().map(node),
            "node_by": end.by.map(By::name),
        })
    };
    let nanos = |interval: Interval| [interval.low / 1e6, interval.high / 1e6];
    json!({
        "from": end(&segment.from),
        "to": end(&segment.to),
        "owners": segment.owners,
        "rise_ms": segment.rise.map(ms),
        "rise_interval_95": segment.rise_interval.map(nanos),
        "planned_ms": ms(segment.planned),
        "loss": segment.loss.map(percent),
        "loss_interval_95": segment.loss_interval.map(interval),
        "loss_begins": segment.loss_begins,
        "kind": segment.kind.name(),
        "confidence": segment.confidence,
    })
}

pub(super) fn gap(gap: &Gap) -> Value {
    json!({
        "from": gap.around.0,
        "to": gap.around.1,
        "hops": gap.hops(),
        "expected": gap.expected.iter().map(node).collect::<Vec<_>>(),
    })
}

//! Every probe of a run as one line of JSON: the facts themselves, for whoever counts for himself.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::data::answer;
use crate::probe::Stamp;
use crate::trace::{Ended, Fate, Response, Trace};

/// The schema of each line.
const SCHEMA: &str = "hopcast.probe/1";

/// One line for each probe of the run to `target`, in the order of sending. Times are whole
/// nanoseconds: `sent_ns` since the run began, `rtt_ns` from there to the receipt of the reply.
pub(super) fn probes(target: IpAddr, trace: &Trace) -> String {
    let lines = trace.ended.iter();
    lines
        .map(|ended| format!("{}\n", line(target, ended)))
        .collect()
}

fn line(target: IpAddr, ended: &Ended) -> Value {
    let (fate, response) = match &ended.fate {
        Fate::Answered(response) => ("answered", Some(response)),
        Fate::Late(response) => ("late", Some(response)),
        Fate::Lost => ("lost", None),
        Fate::Unsent(_) => ("unsent", None),
    };
    let detail = response.and_then(|response| response.detail.as_deref());
    let nanos = |response: &Response| u64::try_from(response.round_trip.as_nanos()).ok();
    json!({
        "schema": SCHEMA,
        "target": target,
        "sequence": ended.probe.sequence.0,
        "round": ended.round,
        "hop": (!ended.probe.service).then_some(ended.probe.distance),
        "flow": ended.probe.flow.0,
        "service": ended.probe.service,
        "sent_ns": ended.sent.map(|sent| sent.0),
        "fate": fate,
        "rtt_ns": response.and_then(nanos),
        "responder": response.map(|response| response.responder),
        "answer": response.map(|response| answer(response.answer)),
        "stamp": response.map(|response| match response.stamp {
            Stamp::Kernel => "kernel",
            Stamp::User => "user",
            Stamp::Model => "model",
        }),
        "reply_ttl": detail.and_then(|detail| detail.ttl),
        "mtu": detail.and_then(|detail| detail.mtu),
        "duplicates": ended.duplicates,
    })
}

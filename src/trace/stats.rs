//! Figures of a path, derived from the facts once, at the end: per hop, per responder, per flow, and
//! of the target's own service.
//!
//! Times are durations of whole nanoseconds. What was lost is counted, never put in as a time of
//! zero, and loss always comes with the interval that the number of probes allows.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::times::Gathered;
use super::{Answer, Ended, Fate, Response, Stamp, Trace};
use crate::packet::interface::Interface;
use crate::packet::mpls::Label;
use crate::probe::{Flow, Quoted};
use crate::stats::{Interval, wilson};

pub use super::times::{Jitter, Times};

/// Figures of some probes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PathStats {
    /// Probes that left: answered, late and lost together.
    pub sent: u64,
    /// Answered in time.
    pub answered: u64,
    /// Answered too late to count as answered; not lost.
    pub late: u64,
    /// Not answered.
    pub lost: u64,
    /// Probes that never left this host.
    pub unsent: u64,
    /// Further replies to a probe that had been answered.
    pub duplicates: u64,
    /// Round trips of the answered; `None` when there are none.
    pub times: Option<Times>,
}

impl PathStats {
    /// Lost of sent, 0 to 1; `None` when nothing was sent.
    pub fn loss(&self) -> Option<f64> {
        (self.sent > 0).then(|| self.lost as f64 / self.sent as f64)
    }

    /// What the true loss may be, with 95 % confidence.
    pub fn loss_interval(&self) -> Option<Interval> {
        wilson(self.lost, self.sent)
    }

    /// Whether anything was answered, in time or late.
    pub fn heard(&self) -> bool {
        self.answered + self.late > 0
    }
}

/// One distance of the path.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// The distance.
    pub distance: u8,
    /// Figures of all its probes.
    pub stats: PathStats,
    /// Who answered, most answers first.
    pub responders: Vec<Responder>,
    /// The flows that were sent, by number.
    pub flows: Vec<OnFlow>,
}

/// The probes of one flow.
#[derive(Debug, Clone, PartialEq)]
pub struct OnFlow {
    /// The flow.
    pub flow: Flow,
    /// Its figures.
    pub stats: PathStats,
    /// Who answered on it, in the order in which they appeared.
    pub responders: Vec<IpAddr>,
}

/// What the target's own service showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Figures of the probes that nobody on the way stopped: answers are the service's own.
    pub stats: PathStats,
    /// Probes that somebody on the way stopped, and said so by an ICMP error.
    pub stopped: u64,
    /// Who answered or stopped them, most answers first.
    pub responders: Vec<Responder>,
}

/// An address that answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Responder {
    /// The address.
    pub address: IpAddr,
    /// How many probes it answered in time.
    pub answered: u64,
    /// How many it answered late.
    pub late: u64,
    /// Further replies of its own to a probe that had been answered.
    pub duplicates: u64,
    /// Its round trips.
    pub times: Option<Times>,
    /// What it said last.
    pub answer: Answer,
    /// The first and the last round in which it answered.
    pub rounds: (u32, u32),
    /// Replies whose time was taken when we read them, not when they came.
    pub user_stamped: u64,
    /// The TTL or hop limit that its last reply had left.
    pub reply_ttl: Option<u8>,
    /// The smallest MTU that it told, in bytes.
    pub mtu: Option<u32>,
    /// How our packet looked when it came there, as last quoted.
    pub quoted: Option<Quoted>,
    /// MPLS labels of its last reply that had any, outermost first.
    pub labels: Vec<Label>,
    /// Its interfaces, of its last reply that told any.
    pub interfaces: Vec<Interface>,
}

/// The hops of a trace: from its first distance to the target or, while that has not answered, to
/// one beyond the last that did, unless something refuses to pass them on. Probes that overshot the target belong to no hop, nor do those of
/// the service.
pub fn hops(trace: &Trace) -> Vec<Hop> {
    let mut by_distance: BTreeMap<u8, Vec<&Ended>> = BTreeMap::new();
    for ended in trace.ended.iter().filter(|ended| !ended.probe.service) {
        by_distance
            .entry(ended.probe.distance)
            .or_default()
            .push(ended);
    }
    let answered = |ended: &&Ended| response(&ended.fate).is_some();
    let furthest = by_distance
        .iter()
        .rfind(|(_, ended)| ended.iter().any(answered))
        .map(|(distance, _)| *distance);
    let silent = furthest.map_or(trace.first, |distance| distance.saturating_add(1));
    let silent = refused(&by_distance).map_or(silent, |refused| refused.min(silent));
    let probed = by_distance.keys().next_back();
    let last = trace.reached.or(probed.map(|probed| *probed.min(&silent)));
    let distances = last.map(|last| trace.first..=last).into_iter().flatten();
    distances
        .map(|distance| {
            hop(
                distance,
                by_distance.get(&distance).map_or(&[], Vec::as_slice),
            )
        })
        .collect()
}

/// The distance from which on every answer is a refusal: there the way ends, however much further was
/// probed.
fn refused(by_distance: &BTreeMap<u8, Vec<&Ended>>) -> Option<u8> {
    let refusal = |ended: &&Ended| match response(&ended.fate)?.answer {
        Answer::Barred { .. } => Some(true),
        Answer::Unreachable { kind, code } => Some(!is_too_big(kind, code)),
        Answer::Passed | Answer::Arrived(_) => Some(false),
    };
    let told = by_distance.iter().rev().filter_map(|(distance, ended)| {
        let mut answers = ended.iter().filter_map(refusal).peekable();
        answers.peek()?;
        Some((*distance, answers.all(|refuses| refuses)))
    });
    let refusing = told.take_while(|(_, refuses)| *refuses);
    refusing.last().map(|(distance, _)| distance)
}

/// ICMP "fragmentation needed" (RFC 792, type 3 code 4) and "packet too big" (RFC 4443, 3.2): no
/// refusal, the next link is smaller.
pub(super) fn is_too_big(kind: u8, code: u8) -> bool {
    matches!((kind, code), (3, 4) | (2, 0))
}

/// What the target's own service showed; `None` when it was not asked.
pub fn service(trace: &Trace) -> Option<Service> {
    let ended: Vec<&Ended> = trace.ended.iter().filter(|e| e.probe.service).collect();
    let is_stopped = |ended: &&Ended| {
        let response = response(&ended.fate);
        response.is_some_and(|response| !matches!(response.answer, Answer::Arrived(_)))
    };
    let (stopped, own): (Vec<&Ended>, Vec<&Ended>) = ended.iter().partition(|e| is_stopped(e));
    (!ended.is_empty()).then(|| Service {
        stats: stats(&own),
        stopped: stopped.len() as u64,
        responders: responders(&ended),
    })
}

/// The reply that a fate holds.
pub(super) fn response(fate: &Fate) -> Option<&Response> {
    match fate {
        Fate::Answered(response) | Fate::Late(response) => Some(response),
        Fate::Lost | Fate::Unsent(_) => None,
    }
}

fn hop(distance: u8, ended: &[&Ended]) -> Hop {
    let mut by_flow: BTreeMap<Flow, Vec<&Ended>> = BTreeMap::new();
    for ended in ended {
        by_flow.entry(ended.probe.flow).or_default().push(ended);
    }
    let (all, one) = (stats(ended), by_flow.len() == 1);
    let flows = by_flow.into_iter().map(|(flow, ended)| {
        let mut responders = Vec::new();
        for response in ended.iter().filter_map(|ended| response(&ended.fate)) {
            if !responders.contains(&response.responder) {
                responders.push(response.responder);
            }
        }
        OnFlow {
            flow,
            stats: if one { all.clone() } else { stats(&ended) },
            responders,
        }
    });
    let flows = flows.collect();
    Hop {
        distance,
        stats: all,
        responders: responders(ended),
        flows,
    }
}

/// Figures of probes in the order of sending.
fn stats(ended: &[&Ended]) -> PathStats {
    let mut stats = PathStats::default();
    let mut gathered = Gathered::new();
    for ended in ended {
        stats.duplicates += u64::from(ended.duplicates);
        match &ended.fate {
            Fate::Answered(response) => {
                stats.answered += 1;
                let stream = (response.responder, ended.probe.flow);
                gathered.push(stream, response.round_trip);
            }
            Fate::Late(_) => stats.late += 1,
            Fate::Lost => stats.lost += 1,
            Fate::Unsent(_) => stats.unsent += 1,
        }
    }
    stats.sent = stats.answered + stats.late + stats.lost;
    stats.times = gathered.described();
    stats
}

/// Who answered probes, given in the order of sending; most answers first.
fn responders(ended: &[&Ended]) -> Vec<Responder> {
    let mut by_address: BTreeMap<IpAddr, (Responder, Gathered<Flow>)> = BTreeMap::new();
    for ended in ended {
        let Some(response) = response(&ended.fate) else {
            continue;
        };
        let fresh = || (Responder::new(response, ended.round), Gathered::new());
        let (own, times) = by_address.entry(response.responder).or_insert_with(fresh);
        own.take(response, ended);
        match &ended.fate {
            Fate::Answered(_) => times.push(ended.probe.flow, response.round_trip),
            _ => own.late += 1,
        }
    }
    let described = by_address.into_values().map(|(own, times)| Responder {
        answered: times.count(),
        times: times.described(),
        ..own
    });
    let mut responders: Vec<Responder> = described.collect();
    responders.sort_by_key(|own| std::cmp::Reverse(own.answered + own.late));
    responders
}

impl Responder {
    fn new(response: &Response, round: u32) -> Responder {
        Responder {
            address: response.responder,
            answered: 0,
            late: 0,
            duplicates: 0,
            times: None,
            answer: response.answer,
            rounds: (round, round),
            user_stamped: 0,
            reply_ttl: None,
            mtu: None,
            quoted: None,
            labels: Vec::new(),
            interfaces: Vec::new(),
        }
    }

    /// Takes in a reply of its own, the next in the order of sending.
    fn take(&mut self, response: &Response, ended: &Ended) {
        self.answer = response.answer;
        self.rounds.1 = ended.round;
        self.duplicates += u64::from(ended.duplicates);
        self.user_stamped += u64::from(response.stamp == Stamp::User);
        let Some(detail) = &response.detail else {
            return;
        };
        self.reply_ttl = detail.ttl.or(self.reply_ttl);
        self.mtu = self.mtu.into_iter().chain(detail.mtu).min();
        self.quoted = detail.quoted.or(self.quoted);
        if !detail.labels.is_empty() {
            self.labels.clone_from(&detail.labels);
        }
        if !detail.interfaces.is_empty() {
            self.interfaces.clone_from(&detail.interfaces);
        }
    }
}

/// Round trips of the answered probes of a distance, in the order of sending.
pub(super) fn round_trips(trace: &Trace, distance: u8) -> Vec<Duration> {
    let own = |ended: &&Ended| ended.probe.distance == distance && !ended.probe.service;
    let answered = |ended: &Ended| match &ended.fate {
        Fate::Answered(response) => Some(response.round_trip),
        _ => None,
    };
    trace
        .ended
        .iter()
        .filter(own)
        .filter_map(answered)
        .collect()
}

#[cfg(test)]
mod tests;

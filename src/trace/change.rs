//! Paths that change in mid-run, as dated events; and how sure it is that they did.
//!
//! A path that changes shows as runs: one router answers, then another, A..A B..B. Where each packet
//! draws its router anew, as many answers of each would be mixed in any order alike; that they fall
//! into r unbroken runs, one for each of r routers with n_1 .. n_r answers, has the chance
//! r! n_1! .. n_r! / (n_1 + .. + n_r)!, which for two is 2 / C(n, k). Where a router comes back, the
//! chance is that of so few runs or fewer of the most frequent router and all others (A. Wald and
//! J. Wolfowitz, Annals of Mathematical Statistics 11 (1940) 147).
//!
//! Hops that change between the same two moments are one event, as every packet draws at every hop for
//! itself: that k chances come to a product as small as x has the chance x Σ (-ln x)^j / j! for j below
//! k (R. A. Fisher, Statistical Methods for Research Workers, 4th ed. 1932, 21.1), and one of that for
//! each set of hops for which an event was looked at. The length of the path is judged in the same way.
//!
//! A path that changes does so now and then, in one answer of ten at most (`FLAPPING`, an assumption):
//! what switches more often, with 95 %, is balanced and shows no change.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use super::stats::response;
use super::verdict::{SURE, confidence};
use super::{Ended, Trace};
use crate::probe::{Answer, Flow};
use crate::stats::chance::{at_least, ln_choose, ln_factorial, ln_runs};
use crate::units::Moment;

/// How often a path that is not balanced changes, at the very most, from one answer to the next.
pub(super) const FLAPPING: f64 = 0.1;

/// A change of the path.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The first round that shows the new path.
    pub round: u32,
    /// When its first probe left, since the run's first.
    pub after: Duration,
    /// The same as local time with offset, RFC 3339; `None` where the start of the run is not known.
    pub at: Option<String>,
    /// The hops that changed, by distance.
    pub hops: Vec<Moved>,
    /// The distance of the target before and since, where that changed.
    pub length: Option<(u8, u8)>,
    /// The probability that it is a change.
    pub confidence: f64,
}

/// A hop at which another router answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The distance.
    pub distance: u8,
    /// The flow on which it shows.
    pub flow: Flow,
    /// Who answered before.
    pub before: IpAddr,
    /// Who answers since.
    pub after: IpAddr,
}

/// What may change: the router of a hop or the distance of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    Router(IpAddr),
    Length(u8),
}

/// Where and on which flow; `None` stands for the length.
type Place = (Flow, Option<u8>);

/// One observation.
#[derive(Debug, Clone, Copy)]
struct Look {
    round: u32,
    sent: Moment,
    face: Face,
}

/// A change of one place: the window of rounds, after the first and up to the second, that holds it.
#[derive(Debug, Clone, Copy)]
struct Edge {
    place: Place,
    last: u32,
    first: Look,
    from: Face,
    chance: f64,
}

/// The changes that are sure enough, in the order of time.
pub fn changes(trace: &Trace) -> Vec<Change> {
    let looks = looks(trace);
    let mut edges: Vec<Edge> = looks
        .iter()
        .flat_map(|(place, looks)| edges(*place, looks))
        .collect();
    edges.sort_by_key(|edge| (edge.first.round, edge.last));
    let mut events: Vec<Vec<Edge>> = Vec::new();
    for edge in edges {
        // Sorted by their ends, windows share a round as long as each begins before the first end.
        let joins = |event: &&mut Vec<Edge>| {
            let end = event.first().map_or(0, |first| first.first.round);
            edge.last < end && event.iter().all(|other| other.place != edge.place)
        };
        match events.iter_mut().rev().find(joins) {
            Some(event) => event.push(edge),
            None => events.push(vec![edge]),
        }
    }
    let start = trace.ended.iter().filter_map(|ended| ended.sent).min();
    let start = start.unwrap_or_default();
    let sets = events.iter().map(|event| {
        let places = event.iter().map(|edge| edge.place);
        places.collect::<BTreeSet<Place>>()
    });
    let sets = sets.collect::<BTreeSet<_>>().len() as f64;
    events
        .iter()
        .filter_map(|event| change(event, sets, start))
        .collect()
}

/// The change that the edges of one event are, one of `sets` that were looked at.
fn change(edges: &[Edge], sets: f64, start: Moment) -> Option<Change> {
    let first = edges
        .iter()
        .map(|edge| edge.first)
        .min_by_key(|look| look.round)?;
    let chance = sets * together(edges.iter().map(|edge| edge.chance));
    let confidence = confidence(chance.min(1.0));
    let hops = edges
        .iter()
        .filter_map(|edge| match (edge.place, edge.from, edge.first.face) {
            ((flow, Some(distance)), Face::Router(before), Face::Router(after)) => Some(Moved {
                distance,
                flow,
                before,
                after,
            }),
            _ => None,
        });
    let mut hops: Vec<Moved> = hops.collect();
    hops.sort_by_key(|moved| (moved.distance, moved.flow));
    let length = edges
        .iter()
        .find_map(|edge| match (edge.from, edge.first.face) {
            (Face::Length(before), Face::Length(after)) => Some((before, after)),
            _ => None,
        });
    (confidence >= SURE).then(|| Change {
        round: first.round,
        after: first.sent.since(start),
        at: None,
        hops,
        length,
        confidence,
    })
}

/// All observations, by place, each in the order of sending.
fn looks(trace: &Trace) -> BTreeMap<Place, Vec<Look>> {
    let mut looks: BTreeMap<Place, Vec<Look>> = BTreeMap::new();
    let path: Vec<&Ended> = trace
        .ended
        .iter()
        .filter(|ended| !ended.probe.service)
        .collect();
    for ended in &path {
        let (flow, distance) = (ended.probe.flow, ended.probe.distance);
        let within = trace.reached.is_none_or(|reached| distance <= reached);
        if let (Some(response), Some(sent)) = (response(&ended.fate), ended.sent)
            && within
        {
            looks.entry((flow, Some(distance))).or_default().push(Look {
                round: ended.round,
                sent,
                face: Face::Router(response.responder),
            });
        }
    }
    let sweep = |ended: &&Ended| (ended.round, ended.probe.flow);
    for sweep in path.chunk_by(|a, b| sweep(a) == sweep(b)) {
        if let Some((flow, look)) = length(sweep, trace.first) {
            looks.entry((flow, None)).or_default().push(look);
        }
    }
    looks
}

/// The distance of the target as one sweep shows it: the nearest arrival, right behind a router that
/// passed its probe on. Without that router the target's own answer may be missing.
fn length(sweep: &[&Ended], first: u8) -> Option<(Flow, Look)> {
    let arrived = |ended: &&&Ended| {
        response(&ended.fate).is_some_and(|own| matches!(own.answer, Answer::Arrived(_)))
    };
    let nearest = sweep
        .iter()
        .filter(arrived)
        .min_by_key(|ended| ended.probe.distance)?;
    let distance = nearest.probe.distance;
    let passed = |ended: &&Ended| {
        let passed = response(&ended.fate).is_some_and(|own| own.answer == Answer::Passed);
        passed && ended.probe.distance.checked_add(1) == Some(distance)
    };
    let behind = distance == first || sweep.iter().any(passed);
    let look = Look {
        round: nearest.round,
        sent: nearest.sent?,
        face: Face::Length(distance),
    };
    behind.then_some((nearest.probe.flow, look))
}

/// The chance that several chances have a product as small as these.
fn together(chances: impl Iterator<Item = f64>) -> f64 {
    let (count, ln) = chances.fold((0u32, 0.0), |(count, ln), chance| {
        (count + 1, ln + chance.ln())
    });
    let terms = (1..count).scan(1.0, |term, j| {
        *term *= -ln / f64::from(j);
        Some(*term)
    });
    ln.exp() * (1.0 + terms.sum::<f64>())
}

/// The changes of one place, where its runs are such as a change leaves.
fn edges(place: Place, looks: &[Look]) -> Vec<Edge> {
    let chance = chance(looks);
    let differ = |pair: &&[Look]| pair.first().map(|a| a.face) != pair.last().map(|b| b.face);
    let switches = looks.windows(2).filter(differ).count() as u64;
    let pairs = (looks.len() as u64).saturating_sub(1);
    if chance >= 0.5 || at_least(switches, pairs, FLAPPING) <= 1.0 - SURE {
        return Vec::new();
    }
    let pairs = looks
        .windows(2)
        .filter_map(|pair| Some((pair.first()?, pair.last()?)));
    pairs
        .filter(|(before, after)| before.face != after.face)
        .map(|(before, after)| Edge {
            place,
            last: before.round,
            first: *after,
            from: before.face,
            chance,
        })
        .collect()
}

/// The chance of runs so unbroken if each answer drew its face anew.
fn chance(looks: &[Look]) -> f64 {
    let mut counts: Vec<(Face, u64)> = Vec::new();
    for look in looks {
        match counts.iter_mut().find(|(face, _)| *face == look.face) {
            Some((_, count)) => *count += 1,
            None => counts.push((look.face, 1)),
        }
    }
    let runs = looks.chunk_by(|a, b| a.face == b.face).count();
    let all = looks.len() as u64;
    match counts.iter().max_by_key(|(_, count)| *count) {
        Some(_) if counts.len() < 2 => 1.0,
        Some(_) if runs == counts.len() => {
            let orders: f64 = counts.iter().map(|(_, count)| ln_factorial(*count)).sum();
            (ln_factorial(counts.len() as u64) + orders - ln_factorial(all)).exp()
        }
        Some((most, count)) => {
            let runs = looks
                .chunk_by(|a, b| (a.face == *most) == (b.face == *most))
                .count();
            few_runs(*count, all - count, runs as u64)
        }
        None => 1.0,
    }
}

/// The chance of at most `runs` runs when `a` of one and `b` of another are mixed.
fn few_runs(a: u64, b: u64, runs: u64) -> f64 {
    let ln_all = ln_choose(a + b, a);
    let one = |runs: u64| (ln_runs(a, b, runs) - ln_all).exp();
    (2..=runs).map(one).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests;

//! Several routers at one distance: a path that changed, or several ways side by side.
//!
//! Balanced *per flow*: each flow keeps its router and they differ. If every packet drew its router anew,
//! answers would fall so with at most the chance r^f n_1! .. n_r! / n! for r routers with n_1 .. n_r of n
//! answers on f flows: no more than r^f of all equally likely orders keep every flow whole.
//!
//! Balanced *per packet*: one flow goes to and fro. If the path had merely changed now and then, in one
//! answer of ten at most ([`FLAPPING`], an assumption), the router would differ from the one before so
//! often with a chance of the binomial's tail. Where each flow was sent too seldom to tell the two
//! apart, the answers of all flows together show that the routers stand side by side.

use std::net::IpAddr;

use super::{Advice, Evidence, Finding, Kind, SURE, confidence};
use crate::probe::Flow;
use crate::stats::chance::{at_least, ln_factorial};
use crate::trace::change::{Change, Moved};
use crate::trace::stats::{Hop, response};
use crate::trace::{Ended, Trace};

/// How often a path that is not balanced changes, at the very most, from one answer to the next.
const FLAPPING: f64 = 0.1;

/// What is found of the ways at `hop`, which is inside the path.
pub(super) fn paths(trace: &Trace, hop: &Hop, changes: &[Change]) -> Option<Finding> {
    if hop.responders.len() < 2 {
        return None;
    }
    let chance = |change: &Change| 1.0 - change.confidence;
    let own = |moved: &&Moved| moved.distance == hop.distance;
    let moved: Vec<(&Change, &Moved)> = changes
        .iter()
        .flat_map(|change| std::iter::repeat(change).zip(change.hops.iter().filter(own)))
        .collect();
    if let Some(surest) = moved
        .iter()
        .map(|(change, _)| change.confidence)
        .reduce(f64::max)
    {
        let evidence = moved.iter().map(|(change, moved)| Evidence::Moved {
            round: change.round + 1,
            before: moved.before,
            after: moved.after,
            chance: chance(change),
        });
        return Some(Finding {
            kind: Kind::Changed,
            confidence: Some(surest),
            evidence: evidence.collect(),
        });
    }
    let own = |ended: &&Ended| ended.probe.distance == hop.distance && !ended.probe.service;
    let answers: Vec<(Flow, IpAddr)> = trace
        .ended
        .iter()
        .filter(own)
        .filter_map(|ended| Some((ended.probe.flow, response(&ended.fate)?.responder)))
        .collect();
    Some(balanced(hop, &answers))
}

fn balanced(hop: &Hop, answers: &[(Flow, IpAddr)]) -> Finding {
    let routers = hop.responders.len();
    let of_flow = |flow: Flow| {
        let own = answers.iter().filter(move |(own, _)| *own == flow);
        own.map(|(_, router)| *router).collect::<Vec<IpAddr>>()
    };
    let flows = hop.flows.iter().map(|own| of_flow(own.flow));
    let flows: Vec<Vec<IpAddr>> = flows.filter(|own| !own.is_empty()).collect();
    let in_flows = Switches::of(flows.iter().map(Vec::as_slice));
    let in_order: Vec<IpAddr> = answers.iter().map(|(_, router)| *router).collect();
    let in_all = Switches::of([in_order.as_slice()].into_iter());
    let whole = whole_flows(hop, flows.len());
    let (chance, fact) = if in_flows.switches > 0 {
        let Switches { switches, of } = in_flows;
        let chance = in_flows.chance();
        let fact = Evidence::PerPacket {
            routers,
            switches,
            of,
            chance,
        };
        (chance, fact)
    } else if 1.0 - whole >= SURE {
        let fact = Evidence::PerFlow {
            routers,
            flows: flows.len(),
            chance: whole,
        };
        (whole, fact)
    } else {
        let Switches { switches, of } = in_all;
        let chance = in_all.chance();
        let fact = Evidence::SideBySide {
            routers,
            switches,
            of,
            chance,
        };
        (chance, fact)
    };
    if 1.0 - chance >= SURE {
        return Finding {
            kind: Kind::LoadBalanced,
            confidence: Some(confidence(chance)),
            evidence: vec![fact],
        };
    }
    let several = Evidence::Several {
        routers,
        answers: answers.len() as u64,
    };
    let how = Advice::MoreProbes;
    Finding::plain(Kind::Unsure, vec![several, Evidence::WouldDecide { how }])
}

/// How often the router differs from the one before.
#[derive(Clone, Copy)]
struct Switches {
    switches: u64,
    /// Pairs of consecutive answers.
    of: u64,
}

impl Switches {
    fn of<'a>(sequences: impl Iterator<Item = &'a [IpAddr]>) -> Switches {
        let mut found = Switches { switches: 0, of: 0 };
        for pair in sequences.flat_map(|own| own.windows(2)) {
            found.of += 1;
            found.switches += u64::from(pair.first() != pair.last());
        }
        found
    }

    /// The chance of so many or more if the path merely changed now and then.
    fn chance(self) -> f64 {
        at_least(self.switches, self.of, FLAPPING)
    }
}

/// The chance that no flow is split if each answer drew its router anew, at most.
fn whole_flows(hop: &Hop, flows: usize) -> f64 {
    let counts = hop.responders.iter().map(|own| own.answered + own.late);
    let orders: f64 = counts.clone().map(ln_factorial).sum();
    let assigned = flows as f64 * (hop.responders.len() as f64).ln();
    (assigned + orders - ln_factorial(counts.sum()))
        .exp()
        .min(1.0)
}

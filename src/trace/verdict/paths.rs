//! Several routers at one distance: a path that changed, or several ways side by side.
//!
//! Balanced *per flow*: each flow keeps its router and they differ. If every packet drew its router anew,
//! answers would seldom fall so: [`whole_by_chance`] has the bound.
//!
//! Balanced *per packet*: one flow goes to and fro. If the path had merely changed now and then, in one
//! answer of ten at most ([`FLAPPING`]), the router would differ from the one before so
//! often with a chance of the binomial's tail. Where each flow was sent too seldom to tell the two
//! apart, the answers of all flows together show that the routers stand side by side.

use std::net::IpAddr;

use super::{Advice, Evidence, Finding, Kind, SURE, confidence};
use crate::probe::Flow;
use crate::stats::chance::at_least;
use crate::trace::change::{Change, FLAPPING, Moved};
use crate::trace::ecmp::whole_by_chance;
use crate::trace::stats::{Hop, response};
use crate::trace::{Ended, Trace};

/// What is found of the ways at `hop`, which is inside the path. Only where routers see the probes of
/// a flow as one, `flows_kept`, can it be told whether they are balanced by flow or by packet.
pub(super) fn paths(
    trace: &Trace,
    hop: &Hop,
    changes: &[Change],
    flows_kept: bool,
) -> Option<Finding> {
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
    Some(balanced(hop, &answers, flows_kept))
}

fn balanced(hop: &Hop, answers: &[(Flow, IpAddr)], flows_kept: bool) -> Finding {
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
    let whole = whole_by_chance(answers);
    let (chance, fact) = if flows_kept && in_flows.switches > 0 {
        let Switches { switches, of } = in_flows;
        let chance = in_flows.chance();
        let fact = Evidence::PerPacket {
            routers,
            switches,
            of,
            chance,
        };
        (chance, fact)
    } else if flows_kept && 1.0 - whole >= SURE {
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

//! What replies say outright: a refusal, a smaller MTU, rewritten addresses, another class.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Evidence, Finding, Kind};
use crate::probe::Answer;
use crate::trace::stats::{Hop, Responder, is_too_big, response};
use crate::trace::{Ended, Trace};

/// ICMP messages at `hop` that refuse to pass packets on, by who sent them.
pub(super) fn filtered(trace: &Trace, hop: &Hop) -> Option<Finding> {
    let own = |ended: &&Ended| ended.probe.distance == hop.distance && !ended.probe.service;
    let mut refusals: Vec<(IpAddr, u8, u8, u64)> = Vec::new();
    for response in trace
        .ended
        .iter()
        .filter(own)
        .filter_map(|ended| response(&ended.fate))
    {
        let (kind, code) = match response.answer {
            Answer::Barred { kind, code } | Answer::Unreachable { kind, code } => (kind, code),
            Answer::Passed | Answer::Arrived(_) => continue,
        };
        if is_too_big(kind, code) {
            continue;
        }
        let same = |own: &&mut (IpAddr, u8, u8, u64)| {
            (own.0, own.1, own.2) == (response.responder, kind, code)
        };
        match refusals.iter_mut().find(same) {
            Some(own) => own.3 += 1,
            None => refusals.push((response.responder, kind, code, 1)),
        }
    }
    let evidence = refusals
        .into_iter()
        .map(|(from, kind, code, count)| Evidence::Icmp {
            from,
            kind,
            code,
            count,
        });
    let evidence: Vec<Evidence> = evidence.collect();
    (!evidence.is_empty()).then(|| Finding::plain(Kind::Filtered, evidence))
}

/// The smallest MTU told at `hop`.
pub(super) fn mtu(hop: &Hop) -> Option<Finding> {
    let told = hop.responders.iter().filter_map(|own| own.mtu).min()?;
    Some(Finding::plain(
        Kind::Mtu,
        vec![Evidence::NextMtu { bytes: told }],
    ))
}

/// Signs at `hop` that addresses or ports are rewritten. A rewriting that hops `before` have shown
/// already is not said again.
pub(super) fn translated(
    hop: &Hop,
    before: &[Hop],
    asked: IpAddr,
    reached: Option<u8>,
) -> Option<Finding> {
    let mut evidence = Vec::new();
    for own in &hop.responders {
        let arrived = matches!(own.answer, Answer::Arrived(_));
        if arrived && own.address != asked {
            evidence.push(Evidence::AnsweredFrom {
                asked,
                answered: own.address,
            });
        }
        let ahead = reached.is_none_or(|reached| hop.distance < reached);
        if own.answer == Answer::Passed && own.address == asked && ahead {
            evidence.push(Evidence::TargetInTheWay { address: asked });
        }
        evidence.extend(rewritten(own));
    }
    let known: Vec<Evidence> = before
        .iter()
        .flat_map(|hop| &hop.responders)
        .flat_map(rewritten)
        .collect();
    evidence.retain(|fact| !known.contains(fact));
    evidence.dedup();
    (!evidence.is_empty()).then(|| Finding::plain(Kind::Translated, evidence))
}

/// Signs that our packet came to `hop` in another class than to the hops `before`, or than it was sent
/// with. Of the byte `tos` the class is all but the last two bits: those tell congestion (RFC 3168).
pub(super) fn remarked(hop: &Hop, before: &[Hop], tos: u8) -> Option<Finding> {
    let class = |own: &Responder| Some(own.quoted?.tos? >> 2);
    let mut known = before.iter().rev().flat_map(|hop| &hop.responders);
    let before = known.find_map(class).unwrap_or(tos >> 2);
    let others = hop.responders.iter().filter_map(class);
    let others: BTreeSet<u8> = others.filter(|now| *now != before).collect();
    let evidence = others.into_iter();
    let evidence: Vec<Evidence> = evidence
        .map(|now| Evidence::ClassRewritten { before, now })
        .collect();
    (!evidence.is_empty()).then(|| Finding::plain(Kind::Remarked, evidence))
}

fn rewritten(own: &Responder) -> Vec<Evidence> {
    let Some(quoted) = own.quoted else {
        return Vec::new();
    };
    let source = quoted.source.map(|now| Evidence::SourceRewritten { now });
    let destination = quoted.destination;
    let destination = destination.map(|now| Evidence::DestinationRewritten { now });
    let ports = quoted.rewritten.then_some(Evidence::PortsRewritten);
    [source, destination, ports].into_iter().flatten().collect()
}

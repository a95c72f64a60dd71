//! What verdicts rest on, and who can vouch for what.

use std::net::IpAddr;
use std::time::Duration;

use super::Witness;
use super::bucket::Ask;
use super::limit::Behind;
use crate::trace::change::Change;
use crate::trace::stats::{Hop, Service, response};
use crate::trace::{Ended, Trace};

/// What verdicts rest on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The run.
    pub trace: &'a Trace,
    /// Its hops.
    pub hops: &'a [Hop],
    /// What the target's service showed, if it was asked.
    pub service: Option<&'a Service>,
    /// The changes of its path.
    pub changes: &'a [Change],
    /// The address asked for.
    pub address: IpAddr,
    /// Whether the target answers by ICMP errors and is asked more than once a second. It then
    /// answers sparingly itself, as routers do, and what it leaves unanswered proves nothing.
    pub target_limited: bool,
    /// For each hop, where the plan says so: the distance of the planned hop before it that answers
    /// (0 for this host), and the most that the plan allows from there, there and back.
    pub planned: &'a [Option<(u8, Duration)>],
}

impl Facts<'_> {
    /// The target's hop, when it answered.
    pub(super) fn target(&self) -> Option<&Hop> {
        let reached = self.trace.reached?;
        self.hops.iter().find(|hop| hop.distance == reached)
    }

    /// Those at the end of the path that answer all that reaches them, as far as they lie behind a
    /// distance.
    pub(super) fn ends(&self, distance: u8) -> Vec<Behind> {
        let heard = |service: &&Service| service.stats.heard();
        let service = self.service.filter(heard);
        let fair = |target: &&Hop| !self.target_limited && target.distance > distance;
        let target = self.target().filter(fair);
        let target = target.map(|hop| Behind::new(Witness::Target, &hop.stats));
        let service = service.map(|service| Behind::new(Witness::Service, &service.stats));
        target.into_iter().chain(service).collect()
    }

    /// The hops behind a distance that answer, except a target that is a fair witness.
    pub(super) fn later(&self, distance: u8) -> Vec<Behind> {
        let fair_target = self.trace.reached.filter(|_| !self.target_limited);
        let behind = self.hops.iter().filter(|hop| {
            hop.distance > distance && hop.stats.heard() && Some(hop.distance) != fair_target
        });
        let witness = |hop: &Hop| match Some(hop.distance) == self.trace.reached {
            true => Witness::Target,
            false => Witness::Hop(hop.distance),
        };
        behind
            .map(|hop| Behind::new(witness(hop), &hop.stats))
            .collect()
    }

    /// What the router of a hop had to answer, in the order of time; empty where it is not known who
    /// had to. A router that stands at several distances answers for all of them.
    pub(super) fn asks(&self, hop: &Hop) -> Vec<Ask> {
        let [router] = hop.responders.as_slice() else {
            return Vec::new();
        };
        // What happened in rounds that are forgotten has spent answers too.
        if self.trace.ended.first().is_none_or(|first| first.round > 0) {
            return Vec::new();
        }
        let its = |hop: &&Hop| matches!(hop.responders.as_slice(), [own] if own.address == router.address);
        let distances: Vec<u8> = self
            .hops
            .iter()
            .filter(its)
            .map(|hop| hop.distance)
            .collect();
        let reached = self
            .trace
            .reached
            .filter(|reached| distances.contains(reached));
        let asked = |ended: &&Ended| {
            let distance = ended.probe.distance;
            let overshot = reached.is_some_and(|reached| distance >= reached);
            !ended.probe.service && (overshot || distances.contains(&distance))
        };
        let asks = self.trace.ended.iter().filter(asked).filter_map(|ended| {
            Some(Ask {
                at: ended.sent?,
                answered: response(&ended.fate).is_some(),
                own: ended.probe.distance == hop.distance,
            })
        });
        let mut asks: Vec<Ask> = asks.collect();
        asks.sort_by_key(|ask| ask.at);
        asks
    }
}

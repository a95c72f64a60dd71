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
    /// The byte of DSCP and ECN that probes are sent with.
    pub tos: u8,
    /// Whether the target answers by ICMP errors and is asked more than once a second. It then
    /// answers sparingly itself, as routers do, and what it leaves unanswered proves nothing.
    pub target_limited: bool,
    /// Whether the probes of a flow look alike to routers on the way. Else each may take a way of its
    /// own, and says nothing of its flow.
    pub flows_kept: bool,
    /// For each hop, where the plan says so: the distance of the planned hop before it that answers
    /// (0 for this host), and the most that the plan allows from there, there and back.
    pub planned: &'a [Option<(u8, Duration)>],
}

impl Facts<'_> {
    /// Unanswered probes of a hop that its routers answered without saying so.
    pub(super) fn untold(&self, hop: &Hop) -> u64 {
        let its = |by: &IpAddr| hop.responders.iter().any(|own| own.address == *by);
        let untold = self.trace.untold.iter().filter(|(by, _)| its(by));
        let untold: u64 = untold.map(|(_, count)| u64::from(*count)).sum();
        untold.min(hop.stats.lost)
    }

    /// The service, when it lets itself be heard. It vouches for the way better than the target does,
    /// whose answers others may spend.
    pub(super) fn heard_service(&self) -> Option<&Service> {
        self.service.filter(|service| service.stats.heard())
    }

    /// The distance of the target, where it is the fair witness at the end of the path.
    pub(super) fn fair_target(&self) -> Option<u8> {
        let fair = !self.target_limited && self.heard_service().is_none();
        self.trace.reached.filter(|_| fair)
    }

    /// What answers all that reaches it at the end of the path, if it lies behind a distance.
    pub(super) fn end(&self, distance: u8) -> Option<Behind> {
        if let Some(service) = self.heard_service() {
            return Some(Behind::new(Witness::Service, &service.stats));
        }
        let fair = self.fair_target().filter(|target| *target > distance)?;
        let target = self.hops.iter().find(|hop| hop.distance == fair)?;
        Some(Behind::new(Witness::Target, &target.stats))
    }

    /// The hops behind a distance that answer, except a target that is a fair witness.
    pub(super) fn later(&self, distance: u8) -> Vec<Behind> {
        let fair_target = self.fair_target();
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

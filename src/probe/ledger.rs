//! What has been sent over a network, and what was heard of it.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use super::clock::{Clock, Look};
use super::errqueue::Heard;
use super::flight::Flights;
use super::manner;
use super::tag::{Tag, Written};
use super::{Answer, Detail, Probe, Reply, Sequence, Stamp, Target, Troubles};
use crate::lang::Text;
use crate::units::Moment;

/// What passes for a reply to a probe of ours and is none.
pub(super) struct Spoofed;

/// Which probe a message answers; `None` when it tells too little.
pub(super) type Whose = Option<(Target, Sequence)>;

/// Probes in flight, replies that nobody has asked for yet, and troubles.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) tag: Tag,
    pub(super) clock: Clock,
    pub(super) troubles: Troubles,
    /// By target.
    flights: Vec<Flights>,
    replies: VecDeque<Reply>,
}

impl Ledger {
    /// Nothing sent, nothing heard.
    pub(super) fn new(tag: Tag, clock: Clock, flights: Vec<Flights>) -> Ledger {
        Ledger {
            tag,
            clock,
            troubles: Troubles::default(),
            flights,
            replies: VecDeque::new(),
        }
    }

    /// Whether `probe` may be sent; if not, why.
    pub(super) fn admit(&mut self, probe: Probe) -> Result<(), Text> {
        let now = self.clock.now();
        let Target(target) = probe.target;
        let flights = self.flights.get_mut(target as usize);
        let flights = flights.ok_or_else(|| manner::unknown_target(probe.target))?;
        flights.admit(probe.sequence, now)
    }

    /// Takes note that `probe`, which was admitted, has been sent.
    pub(super) fn sent(&mut self, probe: Probe, at: Moment) {
        if let Some(flights) = self.flights.get_mut(probe.target.0 as usize) {
            flights.add(probe.sequence, at);
        }
    }

    /// Takes note of when a packet left that the kernel has looped back.
    pub(super) fn left(&mut self, heard: &Heard<'_>, look: Look) {
        let Some(Written {
            target, sequence, ..
        }) = self.tag.find(heard.bytes)
        else {
            return;
        };
        let (at, stamp) = self.clock.place(look, heard.stamp);
        let flights = self.flights.get_mut(target.0 as usize);
        if let Some(flights) = flights.filter(|_| stamp == Stamp::Kernel) {
            flights.left(sequence, at);
        }
    }

    /// The one probe in flight to `target` whose sequence has this remainder modulo that of its
    /// flights.
    pub(super) fn in_flight(&self, target: Target, remainder: u32) -> Option<Sequence> {
        self.flights.get(target.0 as usize)?.find(remainder)
    }

    /// Takes note of a message that is an answer, or of one that only pretends to be.
    pub(super) fn heard(
        &mut self,
        whose: Result<Whose, Spoofed>,
        (answer, responder): (Answer, IpAddr),
        detail: Detail,
        (look, stamp): (Look, Option<Duration>),
    ) {
        let Ok(probe) = whose else {
            self.troubles.spoofed += 1;
            return;
        };
        self.troubles.short_quotes += u64::from(probe.is_none());
        let flights = &mut self.flights;
        let left = probe.and_then(|(Target(target), sequence)| {
            flights.get_mut(target as usize)?.answered(sequence)
        });
        let when = self.clock.place(look, stamp);
        let detail = (detail != Detail::default()).then(|| Box::new(detail));
        self.replies.push_back(Reply {
            sent: left,
            detail,
            ..Reply::plain(probe, responder, answer, when)
        });
    }

    /// The next reply.
    pub(super) fn next(&mut self) -> Option<Reply> {
        self.replies.pop_front()
    }

    /// Our own side's troubles, with what the sockets have had no room for.
    pub(super) fn troubles(&self, overflowed: u64) -> Troubles {
        Troubles {
            overflowed: self.troubles.overflowed + overflowed,
            clock_steps: self.clock.steps(),
            ..self.troubles
        }
    }
}

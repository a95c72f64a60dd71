//! What is known of one target.

use std::net::IpAddr;
use std::time::Duration;

use super::exchange::Exchanges;
use super::tally::{Span, Tally};
use super::times::{RoundTrips, Times};
use super::window::Window;
use crate::lang::Text;
use crate::probe::{Answer, Sequence};
use crate::stats::Summary;
use crate::units::Moment;

/// What the question "is it alive?" has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No reply so far.
    Waiting,
    /// It has replied.
    Alive,
    /// It was given up.
    Unreachable,
}

/// What is known of one target.
#[derive(Debug, Clone)]
pub struct Record {
    /// Counts of the whole run.
    pub total: Tally,
    /// Its round trips.
    pub trips: RoundTrips,
    /// Whether it is alive.
    pub standing: Standing,
    /// Why its latest unsent probe did not leave.
    pub fault: Option<Text>,
    /// The latest ICMP error about it, and whose it was.
    pub error: Option<(IpAddr, Answer)>,
    /// What its replies told beside.
    pub exchanges: Exchanges,
    pub(super) window: Window,
    /// Whether it is known of any of its probes how that ended.
    pub(super) known: bool,
    /// Counts when the interval began.
    before: (u64, u64),
    interval: Summary,
}

impl Record {
    pub(super) fn new(trips: RoundTrips) -> Record {
        Record {
            total: Tally::default(),
            trips,
            standing: Standing::Waiting,
            fault: None,
            error: None,
            exchanges: Exchanges::default(),
            window: Window::default(),
            known: false,
            before: (0, 0),
            interval: Summary::default(),
        }
    }

    /// Its round trips, described; `None` when there are none.
    pub fn times(&self) -> Option<Times> {
        self.trips.describe(&self.total.times)
    }

    /// The round trips of probes that have ended, in the order of sending, `None` for one without a
    /// reply; `None` when they are not kept one by one.
    pub fn list(&self) -> Option<impl Iterator<Item = Option<Duration>>> {
        let ended = |(number, trip)| (!self.window.is_open(Sequence(number))).then_some(trip);
        Some((0..).zip(self.trips.list()?).filter_map(ended))
    }

    /// What has come about since the interval began.
    pub fn interval(&self) -> Span {
        let (attempted, received) = self.before;
        Span {
            attempted: self.total.attempted() - attempted,
            received: self.total.received() - received,
            times: self.interval,
        }
    }

    pub(super) fn begin_interval(&mut self) {
        self.before = (self.total.attempted(), self.total.received());
        self.interval = Summary::default();
    }

    /// Gives out its next probe.
    pub(super) fn give_out(&mut self, now: Moment) -> Sequence {
        let sequence = self.window.push(now);
        self.trips.expect(sequence);
        sequence
    }

    /// The first reply to a probe that had been counted as lost if `timed_out`.
    pub(super) fn reply(
        &mut self,
        sequence: Sequence,
        round_trip: Duration,
        late: bool,
        timed_out: bool,
    ) {
        self.total.lost -= u64::from(timed_out);
        self.total.reply(round_trip, late);
        self.interval.push(round_trip.as_nanos() as f64);
        self.trips.push(sequence, round_trip);
    }
}

//! Counts of how probes ended, and what the times of those that came back were.

use std::time::Duration;

use crate::stats::{Interval, Summary, wilson};

/// How the probes of one target, or of all, have ended so far. What is still under way is in no
/// count. Late is not lost: the reply came, its time is known and stands among the times.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Answered in time.
    pub answered: u64,
    /// Answered after the time that replies are waited for.
    pub late: u64,
    /// Not answered.
    pub lost: u64,
    /// Never left this host.
    pub unsent: u64,
    /// Further replies to a probe that had been answered.
    pub duplicates: u64,
    /// ICMP errors about probes. They answer nothing: such a probe is lost unless the target answers.
    pub errors: u64,
    /// Round trips in nanoseconds, of the answered and the late.
    pub times: Summary,
}

impl Tally {
    /// Replies that came, in time or late.
    pub fn received(&self) -> u64 {
        self.answered + self.late
    }

    /// Probes that left and have ended.
    pub fn sent(&self) -> u64 {
        self.received() + self.lost
    }

    /// Probes that have ended, among them those that could not leave.
    pub fn attempted(&self) -> u64 {
        self.sent() + self.unsent
    }

    /// Lost of sent, 0 to 1; `None` when nothing was sent.
    pub fn loss(&self) -> Option<f64> {
        (self.sent() > 0).then(|| self.lost as f64 / self.sent() as f64)
    }

    /// What the true loss may be, with 95 % confidence.
    pub fn loss_interval(&self) -> Option<Interval> {
        wilson(self.lost, self.sent())
    }

    /// The same without telling the kinds apart.
    pub fn span(&self) -> Span {
        Span {
            attempted: self.attempted(),
            received: self.received(),
            times: self.times,
        }
    }

    /// Counts a reply.
    pub(super) fn reply(&mut self, round_trip: Duration, late: bool) {
        match late {
            true => self.late += 1,
            false => self.answered += 1,
        }
        self.times.push(round_trip.as_nanos() as f64);
    }
}

/// What a line of fping tells: of a whole run, or of one interval of it. A reply that comes late
/// belongs to the interval in which it came, so an interval may have more replies than probes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Probes that have ended.
    pub attempted: u64,
    /// Replies that came.
    pub received: u64,
    /// Round trips in nanoseconds.
    pub times: Summary,
}

impl Span {
    /// Probes without a reply. One that could not leave is among them: to whoever reads the line it
    /// must not look as if nothing were wrong.
    pub fn missing(&self) -> u64 {
        self.attempted.saturating_sub(self.received)
    }

    /// Whole percent of `part` in what was attempted, cut and not rounded, as fping has it; 0 of
    /// nothing.
    pub fn percent(&self, part: u64) -> u64 {
        (part * 100).checked_div(self.attempted).unwrap_or(0)
    }

    /// For how long nothing came back, by the number of missing probes.
    pub fn outage(&self, period: Duration) -> Duration {
        let missing = u32::try_from(self.missing()).unwrap_or(u32::MAX);
        period.saturating_mul(missing)
    }
}

/// Counts over all targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Probes that left.
    pub sent: u64,
    /// Replies of targets, further ones too.
    pub replies: u64,
    /// ICMP errors about probes.
    pub errors: u64,
    /// Probes without a reply in time.
    pub timeouts: u64,
    /// Replies that belong to none of the probes remembered, or do not say to which.
    pub unmatched: u64,
}

//! How far a round goes, when it is over and when the next one begins.

use std::time::Duration;

use super::{BURST, Entry, LOOKAHEAD, Phase, RECOVERY, Tracer};
use crate::units::Moment;

impl Tracer {
    /// The last distance that this round probes, as far as is known now.
    pub(super) fn limit(&self) -> u16 {
        let last = u16::from(self.settings.last);
        if let Some(reached) = self.reached() {
            return last.min(reached.into());
        }
        let ahead = match self.settings.expected {
            Some(planned) if self.furthest < planned => planned.into(),
            _ => u16::from(self.furthest) + u16::from(LOOKAHEAD),
        };
        last.min(ahead.max(self.opened))
    }

    pub(super) fn begin_round(&mut self, planned: Moment) {
        // The schedule is kept, not the delay of this wake-up handed on.
        self.round_began = self.next_round(planned);
        self.phase = Phase::Sending;
        self.round += 1;
        self.next = self.settings.first.into();
        self.service_due = self.settings.service;
        self.opened = 0;
        let keep = self.settings.keep.unwrap_or(u32::MAX);
        let oldest = (self.round + 1).saturating_sub(keep);
        while self
            .entries
            .front()
            .is_some_and(|entry| entry.round < oldest)
        {
            self.entries.pop_front();
            self.base += 1;
        }
        self.forgotten = oldest;
    }

    /// From `now` on, sweeps start `interval` apart; what was due before is not caught up.
    pub fn reschedule(&mut self, interval: Duration, now: Moment) {
        self.settings.interval = interval;
        if let Phase::Between(_) = self.phase {
            self.phase = Phase::Between((self.round_began + interval).max(now));
        }
    }

    /// Whether the first sweep still looks for the target beyond what it has probed.
    pub(super) fn may_open_more(&self) -> bool {
        self.round == 0 && self.reached().is_none() && self.next <= u16::from(self.settings.last)
    }

    pub(super) fn end_round(&mut self, now: Moment) {
        self.phase = if self.round + 1 >= self.settings.rounds || self.all_seen() {
            Phase::Listening
        } else {
            Phase::Between((self.round_began + self.settings.interval).max(now))
        };
    }

    /// Whether every hop up to the target has shown all of its branches.
    fn all_seen(&self) -> bool {
        let seen = self.discovery.as_ref();
        let done = |distance| seen.is_some_and(|seen| seen.is_done(distance));
        seen.is_some()
            && (u16::from(self.settings.first)..=self.limit())
                .all(|distance| u8::try_from(distance).is_ok_and(done))
    }

    /// When the next round begins, which was to begin at `planned`. Asked anew each time: the target
    /// may turn out to be near only after the first sweep has been sent.
    pub(super) fn next_round(&self, planned: Moment) -> Moment {
        match self.round == 0 && self.burst_spent() {
            true => planned + RECOVERY,
            false => planned,
        }
    }

    /// Whether the first sweep has asked the target for more answers than it gives at once, and the
    /// interval is one that it can keep up with otherwise.
    fn burst_spent(&self) -> bool {
        let reached = self.reached().unwrap_or(u8::MAX);
        let at_target = |entry: &&Entry| entry.probe.distance >= reached && !entry.probe.service;
        let keeps_up = self.settings.interval >= Duration::from_secs(1);
        self.settings.sparing_target
            && keeps_up
            && self.entries.iter().filter(at_target).count() >= BURST
    }
}

//! What is still waited for: answers under way, the end of the first sweep, the end of the run.

use std::time::Duration;

use super::{BLIND_GRACE, Entry, LEAST_GRACE, Phase, Tracer};
use crate::trace::Ended;
use crate::units::Moment;

impl Tracer {
    /// How long replies are waited for when nothing else is to be done.
    pub(super) fn grace(&self) -> Duration {
        if self.phase == Phase::Listening
            && let Some(grace) = self.settings.grace
        {
            return grace.min(self.settings.patience);
        }
        let least = match self.reached() {
            Some(_) => LEAST_GRACE,
            None => BLIND_GRACE,
        };
        // What is known to come late is heard to the last: it is late, not lost.
        let patience = self.settings.patience.max(self.worst + LEAST_GRACE);
        (self.worst * 3).max(least).min(patience)
    }

    /// How long the first sweep waits for answers before it goes further into the dark.
    pub(super) fn pause(&self) -> Duration {
        (self.worst * 3).max(LEAST_GRACE)
    }

    /// Drops what has been answered from the front of the open ones.
    pub(super) fn close_answered(&mut self) {
        while let Some(sequence) = self.open.front() {
            if self.entry(*sequence).is_some_and(Entry::is_open) {
                return;
            }
            self.open.pop_front();
        }
    }

    /// Until when an answer to a hop of the first sweep can still be expected.
    fn sweeping(&self) -> Option<Moment> {
        self.expecting(|entry| entry.round == 0 && !entry.probe.service)
    }

    /// Until when an answer to some such probe up to the target can still be expected.
    fn expecting(&self, such: impl Fn(&Entry) -> bool) -> Option<Moment> {
        let grace = self.grace();
        let awaited = self.open.iter().rev().filter_map(|at| self.entry(*at));
        let awaited =
            awaited.filter(|entry| such(entry) && entry.is_open() && self.is_on_path(&entry.probe));
        // Sent in the order of their sequences: the first from behind was the last to leave.
        awaited
            .filter_map(|entry| entry.sent)
            .map(|sent| sent + grace)
            .next()
    }

    /// The probes that are given up: those still open that were sent before `now` less the patience,
    /// and all others when the run is over. Each is told once; a reply that comes after that is late.
    pub fn give_up(&mut self, now: Moment) -> Vec<Ended> {
        let (patience, over) = (self.settings.patience, self.poll_wake(now).is_none());
        let mut lost = Vec::new();
        while let Some(entry) = self.open.front().and_then(|at| self.entry(*at)) {
            if entry.is_open() {
                if !over && entry.sent.is_some_and(|sent| now < sent + patience) {
                    break;
                }
                lost.push(entry.ended());
            }
            self.open.pop_front();
        }
        lost
    }

    /// How long after the start the first sweep had told all that it will tell; `None` before.
    pub fn first_sweep(&mut self, now: Moment) -> Option<Duration> {
        let swept = self.round > 0 || self.phase != Phase::Sending;
        if self.first_sweep.is_none() && swept && self.sweeping().is_none_or(|at| at <= now) {
            self.first_sweep = self.began.map(|began| now.since(began));
        }
        self.first_sweep
    }

    /// When to ask again if no reply comes before; `None` when the run is over.
    pub fn poll_wake(&self, now: Moment) -> Option<Moment> {
        match self.phase {
            Phase::Sending => Some(self.progress + self.pause()),
            Phase::Between(planned) => {
                let start = self.next_round(planned);
                let sweep = self
                    .first_sweep
                    .is_none()
                    .then(|| self.sweeping())
                    .flatten();
                Some(sweep.map_or(start, |sweep| sweep.min(start)))
            }
            Phase::Listening => self.expecting(|_| true).filter(|until| *until > now),
        }
    }
}

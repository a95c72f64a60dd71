//! Until when each probe's reply is waited for.
//!
//! Probes of one attempt wait equally long, so one queue for each attempt is in the order of time by
//! how it is filled. Probes that were answered meanwhile are passed over when their time comes.

use std::collections::VecDeque;
use std::time::Duration;

use crate::probe::{Sequence, Target};
use crate::units::Moment;

/// A probe that is waited for, and until when.
pub(super) type Waiting = (Moment, Target, Sequence);

/// Probes that are waited for.
#[derive(Debug, Clone)]
pub(super) struct Deadlines {
    attempts: Vec<Attempt>,
}

/// Those of one attempt.
#[derive(Debug, Clone)]
struct Attempt {
    patience: Duration,
    waiting: VecDeque<Waiting>,
}

impl Deadlines {
    /// Attempt number n waits `patience` times `backoff` to the power of n.
    pub(super) fn new(patience: Duration, backoff: f64, attempts: u32) -> Deadlines {
        let attempt = |number: u32| {
            let seconds = patience.as_secs_f64() * backoff.powi(number as i32);
            Attempt {
                patience: Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX),
                waiting: VecDeque::new(),
            }
        };
        Deadlines {
            attempts: (0..attempts.max(1)).map(attempt).collect(),
        }
    }

    /// How long this attempt, or the last there is, waits.
    pub(super) fn patience(&self, attempt: u32) -> Duration {
        let attempt = self.attempts.get(attempt as usize);
        let attempt = attempt.or(self.attempts.last());
        attempt.map_or(Duration::ZERO, |attempt| attempt.patience)
    }

    /// A probe has left.
    pub(super) fn add(&mut self, attempt: u32, sent: Moment, target: Target, sequence: Sequence) {
        let last = self.attempts.len().saturating_sub(1);
        if let Some(attempt) = self.attempts.get_mut(last.min(attempt as usize)) {
            let until = sent + attempt.patience;
            attempt.waiting.push_back((until, target, sequence));
        }
    }

    /// The probe whose time comes first; `open` says which are still waited for.
    pub(super) fn next(
        &mut self,
        mut open: impl FnMut(Target, Sequence) -> bool,
    ) -> Option<Waiting> {
        for attempt in &mut self.attempts {
            while let Some((_, target, sequence)) = attempt.waiting.front()
                && !open(*target, *sequence)
            {
                attempt.waiting.pop_front();
            }
        }
        let fronts = self
            .attempts
            .iter()
            .filter_map(|attempt| attempt.waiting.front());
        fronts.min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_by_the_factor_and_the_soonest_is_first() {
        let mut deadlines = Deadlines::new(Duration::from_millis(100), 1.5, 3);
        let waits: Vec<u128> = (0..4).map(|n| deadlines.patience(n).as_millis()).collect();
        // 100, 150, 225; there is no fourth attempt.
        assert_eq!(waits, [100, 150, 225, 225]);
        deadlines.add(2, Moment(0), Target(7), Sequence(2));
        deadlines.add(0, Moment(1_000_000), Target(8), Sequence(0));
        deadlines.add(1, Moment(0), Target(9), Sequence(1));
        let next = deadlines.next(|_, _| true).unwrap();
        assert_eq!(next, (Moment(101_000_000), Target(8), Sequence(0)));
        let next = deadlines.next(|target, _| target != Target(8)).unwrap();
        assert_eq!(next, (Moment(150_000_000), Target(9), Sequence(1)));
        assert_eq!(deadlines.next(|_, _| false), None);
    }
}

//! Whose turn it is: each target after its period, any two probes a gap apart.
//!
//! Both queues are in the order of time by how they are filled, so a turn costs no search however
//! many targets there are: the first turns are a gap apart from the start, and a next turn is due a
//! constant period after one that was just taken.

use std::collections::VecDeque;
use std::time::Duration;

use crate::probe::Target;
use crate::units::Moment;

/// How finely time is divided. Gaps shorter than this are kept on average: the probes of one tick
/// leave together, so that one wake-up serves several. A turn that comes late by no more is made up
/// for.
pub(super) const TICK: Duration = Duration::from_millis(2);

/// The turns that are still to be taken.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    gap: Duration,
    /// Targets before this one have had their first turn.
    fresh: u32,
    targets: u32,
    /// When the next first turn is due.
    fresh_due: Moment,
    again: VecDeque<(Moment, Target)>,
    /// The next probe does not leave earlier.
    not_before: Moment,
}

impl Schedule {
    pub(super) fn new(targets: u32, gap: Duration, start: Moment) -> Schedule {
        Schedule {
            gap,
            fresh: 0,
            targets,
            fresh_due: start,
            again: VecDeque::new(),
            not_before: start,
        }
    }

    /// When the next turn is due; `None` when none is left.
    fn due(&self) -> Option<Moment> {
        let again = self.again.front().map(|(due, _)| *due);
        let fresh = (self.fresh < self.targets).then_some(self.fresh_due);
        again.into_iter().chain(fresh).min()
    }

    /// When to wake for the next turn, and for those that may be taken with it; `None` when none is
    /// left.
    pub(super) fn wake(&self) -> Option<Moment> {
        let due = self.due()?;
        let held_up = due <= self.not_before;
        let rest = match held_up && !self.gap.is_zero() {
            true => TICK.saturating_sub(self.gap),
            false => Duration::ZERO,
        };
        Some(due.max(self.not_before) + rest)
    }

    /// Takes a turn if one may be taken now: whose it is and when it was due. What the turn is used
    /// for is followed by [`Schedule::sent`] if it sends anything.
    pub(super) fn take(&mut self, now: Moment) -> Option<(Target, Moment)> {
        if self.due()?.max(self.not_before) > now {
            return None;
        }
        let is_fresh = self.fresh < self.targets
            && self
                .again
                .front()
                .is_none_or(|(due, _)| *due > self.fresh_due);
        if !is_fresh {
            return self.again.pop_front().map(|(due, target)| (target, due));
        }
        let turn = (Target(self.fresh), self.fresh_due);
        self.fresh += 1;
        self.fresh_due = self.fresh_due + self.gap;
        Some(turn)
    }

    /// A probe leaves now.
    pub(super) fn sent(&mut self, now: Moment) {
        let kept = now.since(self.not_before) <= TICK;
        self.not_before = if kept { self.not_before } else { now } + self.gap;
    }

    /// Gives `target` a turn at `due`, not before those that have one already.
    pub(super) fn add(&mut self, target: Target, due: Moment) {
        let last = self.again.back().map_or(due, |(last, _)| *last);
        self.again.push_back((due.max(last), target));
    }

    /// Takes all turns back.
    pub(super) fn clear(&mut self) {
        self.fresh = self.targets;
        self.again.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn at(ms: u64) -> Moment {
        Moment(ms * MS)
    }

    /// Takes every turn that may be taken now.
    fn taken(schedule: &mut Schedule, now: Moment) -> Vec<u32> {
        let mut taken = Vec::new();
        while let Some((target, _)) = schedule.take(now) {
            schedule.sent(now);
            taken.push(target.0);
        }
        taken
    }

    #[test]
    fn first_turns_are_a_gap_apart() {
        let mut schedule = Schedule::new(3, Duration::from_millis(10), at(0));
        assert_eq!(taken(&mut schedule, at(0)), [0]);
        assert_eq!(schedule.wake(), Some(at(10)));
        assert_eq!(taken(&mut schedule, at(9)), [0u32; 0]);
        assert_eq!(taken(&mut schedule, at(10)), [1]);
        // Late by half a second: no burst, and the next keeps its distance.
        assert_eq!(taken(&mut schedule, at(500)), [2]);
        assert_eq!(schedule.wake(), None);
    }

    #[test]
    fn without_a_gap_all_leave_at_once() {
        let mut schedule = Schedule::new(300, Duration::ZERO, at(5));
        assert_eq!(taken(&mut schedule, at(5)).len(), 300);
    }

    #[test]
    fn gaps_shorter_than_a_tick_are_kept_on_average() {
        let gap = Duration::from_micros(250);
        let mut schedule = Schedule::new(1000, gap, at(0));
        let counts: Vec<usize> = (0..=100)
            .map(|ms| taken(&mut schedule, at(ms)).len())
            .collect();
        assert_eq!(counts[0], 1);
        assert!(counts[1..].iter().all(|count| *count == 4), "{counts:?}");
    }

    #[test]
    fn one_wake_up_serves_the_probes_of_a_tick() {
        for (gap, together) in [
            (250, 8),
            (500, 4),
            (1000, 2),
            (1500, 1),
            (2000, 1),
            (10_000, 1),
        ] {
            let gap = Duration::from_micros(gap);
            let mut schedule = Schedule::new(400, gap, at(0));
            assert_eq!(taken(&mut schedule, at(0)).len(), 1);
            let mut wakes = 0;
            while let Some(wake) = schedule.wake() {
                let count = taken(&mut schedule, wake).len();
                assert!(
                    count == together || schedule.wake().is_none(),
                    "{gap:?}: {count}"
                );
                wakes += 1;
                // The n-th probe is due n gaps after the first, and leaves within a tick of that.
                let due = at(0) + gap * schedule.fresh.saturating_sub(1);
                assert!(due <= wake + gap && wake <= due + TICK, "{gap:?}");
            }
            assert!(wakes <= 399 / together + 1, "{gap:?}: {wakes}");
        }
    }

    #[test]
    fn turns_given_again_stand_among_the_first_ones_by_time() {
        let mut schedule = Schedule::new(4, Duration::from_millis(10), at(0));
        assert_eq!(taken(&mut schedule, at(0)), [0]);
        schedule.add(Target(0), at(15));
        let mut order = Vec::new();
        for ms in 1..60 {
            order.extend(taken(&mut schedule, at(ms)));
        }
        assert_eq!(order, [1, 0, 2, 3]);
    }
}

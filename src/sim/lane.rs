//! Jobs that always move at one speed, on a clock of their own.
//!
//! The clock of a lane counts the work that each of its jobs has been given. A job that joins at
//! clock V with x to do ends at clock V + x, whatever happens to the speed meanwhile: so a change
//! of speed touches one number, not every job, and the next to end is the top of a heap. This is
//! virtual time as in A. Demers, S. Keshav, S. Shenker, SIGCOMM 1989, for a fluid.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::double_double::DoubleDouble;

/// Who ends when the clock reaches `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    /// Clock of the lane.
    pub(super) at: DoubleDouble,
    /// Number of the job.
    pub(super) job: u32,
    /// Slot of its user where the user is limited, else [`NO_USER`].
    pub(super) user: u32,
    /// The user's stamp when this was written; a later stamp has made it void.
    pub(super) stamp: u32,
}

/// No user has this slot.
pub(super) const NO_USER: u32 = u32::MAX;

impl Ord for Ending {
    /// The earliest is the greatest: [`BinaryHeap`] gives the greatest first. At one moment the
    /// job with the lower number ends first.
    fn cmp(&self, other: &Ending) -> Ordering {
        let by_clock = other.at.cmp(&self.at);
        by_clock.then_with(|| other.job.cmp(&self.job))
    }
}

impl PartialOrd for Ending {
    fn partial_cmp(&self, other: &Ending) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Jobs that have the same cap and therefore the same speed.
#[derive(Debug, Clone, Default)]
pub(super) struct Lane {
    /// The most that one job gets, work per second; infinite where nothing caps it.
    pub(super) cap: f64,
    /// What one job gets now, work per second.
    pub(super) speed: f64,
    /// How many jobs there are.
    pub(super) jobs: usize,
    /// Work given to each job since the lane began.
    clock: DoubleDouble,
    /// The moment for which `clock` holds.
    set: DoubleDouble,
    endings: BinaryHeap<Ending>,
}

impl Lane {
    /// Begins at `now` with nobody in it, keeping the memory of an earlier life.
    pub(super) fn begin(&mut self, now: DoubleDouble, cap: f64) {
        self.cap = cap;
        self.speed = 0.0;
        self.jobs = 0;
        self.clock = DoubleDouble::ZERO;
        self.set = now;
        self.endings.clear();
    }

    /// Seconds from the last [`Lane::sync`] to `now`.
    pub(super) fn since(&self, now: DoubleDouble) -> f64 {
        now - self.set
    }

    /// Brings the clock to `now`.
    pub(super) fn sync(&mut self, now: DoubleDouble) {
        self.clock += self.since(now) * self.speed;
        self.set = now;
    }

    /// The clock at the moment of the last [`Lane::sync`].
    pub(super) fn clock(&self) -> DoubleDouble {
        self.clock
    }

    /// Writes down an ending.
    pub(super) fn expect(&mut self, ending: Ending) {
        self.endings.push(ending);
    }

    /// Throws away endings that are void.
    pub(super) fn prune(&mut self, void: impl Fn(&Ending) -> bool) {
        while self.endings.peek().is_some_and(&void) {
            self.endings.pop();
        }
    }

    /// The moment of the next ending at this speed.
    pub(super) fn due(&self) -> DoubleDouble {
        let Some(next) = self.endings.peek() else {
            return DoubleDouble::NEVER;
        };
        let to_go = next.at - self.clock;
        if to_go <= 0.0 {
            return self.set;
        }
        // At no speed, or at next to none, it never ends.
        let left = to_go / self.speed;
        match left.is_finite() {
            true => self.set + left,
            false => DoubleDouble::NEVER,
        }
    }

    /// Takes the next ending out; the clock stands exactly there.
    pub(super) fn end(&mut self) -> Option<Ending> {
        let ending = self.endings.pop()?;
        self.clock = ending.at;
        Some(ending)
    }
}

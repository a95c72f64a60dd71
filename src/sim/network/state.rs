//! What is known of a path and of a lane from event to event.

use super::{MOST_RATE, Meter, fill};
use crate::sim::day::spec::Path;
use crate::sim::double_double::DoubleDouble;
use crate::sim::lane::Lane;

/// The transfers of one path.
#[derive(Debug, Clone)]
pub(super) struct Bundle {
    /// They themselves; its cap and speed are those of the path. Without transfers the speed is the
    /// cap.
    pub(super) flow: Lane,
    /// The lanes that it passes.
    pub(super) lanes: Vec<u32>,
    /// Position among all paths, the narrowest first.
    pub(super) rank: u32,
    /// Bits carried up to the last change.
    pub(super) carried: f64,
    /// The division that has it in hand, and the rate that it finds.
    pub(super) division: u64,
    pub(super) rate: f64,
}

impl Bundle {
    /// Nobody on `path`.
    pub(super) fn new(path: &Path) -> Bundle {
        let mut flow = Lane::default();
        flow.begin(DoubleDouble::ZERO, path.cap.min(MOST_RATE));
        flow.speed = flow.cap;
        Bundle {
            flow,
            lanes: path.lanes.iter().map(|&lane| lane as u32).collect(),
            rank: 0,
            carried: 0.0,
            division: 0,
            rate: 0.0,
        }
    }

    pub(super) fn sync(&mut self, now: DoubleDouble) {
        self.carried = self.carried_by(now);
        self.flow.sync(now);
    }

    pub(super) fn carried_by(&self, now: DoubleDouble) -> f64 {
        self.carried + self.flow.since(now) * self.flow.speed * self.flow.jobs as f64
    }

    pub(super) fn is_slowed(&self) -> bool {
        self.flow.speed < self.flow.cap
    }

    pub(super) fn due(&self) -> DoubleDouble {
        self.flow.due()
    }
}

/// One lane. Rates are bit/s.
#[derive(Debug, Clone, Default)]
pub(super) struct LaneState {
    pub(super) line: usize,
    /// The lane that stands for what limits it: itself, or the first of a line that nothing shapes.
    pub(super) limit: u32,
    /// The paths across it, the narrowest first.
    pub(super) paths: Vec<u32>,
    pub(super) transfers: usize,
    /// What others send, and what of it passes.
    pub(super) others: f64,
    pub(super) passing: f64,
    /// The most that it could be asked for: the caps of its transfers, and what others send. In 106
    /// bits, so that what came and went leaves nothing behind.
    pub(super) asked: DoubleDouble,
    /// It is granted this whatever the other lanes ask, and at most that.
    pub(super) sure: f64,
    pub(super) most: f64,
    /// Number of paths across it whose transfers get less than their cap.
    pub(super) slowed: usize,
    /// It is, or has just been, asked for more than it has.
    pub(super) is_open: bool,
    pub(super) is_held: bool,
    pub(super) fill: fill::Level,
    /// Up to `set`; the bits of users are with their paths.
    pub(super) meter: Meter,
    pub(super) set: DoubleDouble,
}

impl LaneState {
    pub(super) fn sync(&mut self, now: DoubleDouble) {
        self.meter = self.meter_by(now);
        self.set = now;
    }

    pub(super) fn meter_by(&self, now: DoubleDouble) -> Meter {
        let passed = now - self.set;
        Meter {
            carried: self.meter.carried + self.passing * passed,
            held: self.meter.held + if self.is_held { passed } else { 0.0 },
            lost: self.meter.lost + (self.others - self.passing) * passed,
        }
    }

    /// From `now` on it holds its transfers or not, and lets so much of others' traffic through.
    pub(super) fn set(&mut self, now: DoubleDouble, is_held: bool, passing: f64) {
        if (is_held, passing) != (self.is_held, self.passing) {
            self.sync(now);
            (self.is_held, self.passing) = (is_held, passing);
        }
    }
}

//! Many transfers over several lines at once, as a fluid.
//!
//! All transfers of a path get the same rate at any moment, so a path is one `lane` (virtual time
//! and a heap) and an event costs O(log n) for n transfers. Rates are max-min fair over the whole
//! network: no transfer could get more without taking it from one that has no more than it (D.
//! Bertsekas, R. Gallager, Data Networks, 2nd ed., 6.5.2). What a lane gives is what the
//! [`qos`](crate::qos) rule grants its class for what all classes of the line ask.
//!
//! Nearly always nothing binds, and then every transfer has its cap. Each lane therefore keeps what
//! it could be asked for; a line that can grant all that is *quiet* and costs a comparison an event.
//! Only lines that are not quiet, and paths across their full lanes, are divided anew (`division`).

use super::day::spec::{Line, Path};
use super::double_double::DoubleDouble;
use super::earliest::Earliest;
use super::lane::{Ending, Lane, NO_USER};
use division::Scratch;
use line::LineState;

mod division;
mod fill;
mod line;

/// Caps above this, in bit/s, are none: it is more than any line carries, and sums stay finite.
const MOST_RATE: f64 = 1e18;

/// What has gone through a lane.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Meter {
    /// Bits carried, those of others included.
    pub carried: f64,
    /// Seconds in which the lane held its transfers ([`Network::is_held`]).
    pub held: f64,
    /// Bits of others that were lost.
    pub lost: f64,
}

/// Lines in motion. Events must come in the order of time: before anything happens at a moment,
/// [`Network::end`] must have given all that is due before.
#[derive(Debug, Clone)]
pub struct Network {
    bundles: Vec<Bundle>,
    lanes: Vec<LaneState>,
    lines: Vec<LineState>,
    due: Earliest,
    scratch: Scratch,
}

/// The transfers of one path.
#[derive(Debug, Clone)]
struct Bundle {
    /// They themselves; its cap and speed are those of the path. Without transfers the speed is the
    /// cap.
    flow: Lane,
    /// The lanes that it passes.
    lanes: Vec<u32>,
    /// Position among all paths, the narrowest first.
    rank: u32,
    /// Bits carried up to the last change.
    carried: f64,
    /// The division that has it in hand, and the rate that it finds.
    division: u64,
    rate: f64,
}

impl Bundle {
    fn sync(&mut self, now: DoubleDouble) {
        self.carried = self.carried_by(now);
        self.flow.sync(now);
    }

    fn carried_by(&self, now: DoubleDouble) -> f64 {
        self.carried + self.flow.since(now) * self.flow.speed * self.flow.jobs as f64
    }

    fn is_slowed(&self) -> bool {
        self.flow.speed < self.flow.cap
    }

    fn due(&self) -> DoubleDouble {
        self.flow.due()
    }
}

/// One lane. Rates are bit/s.
#[derive(Debug, Clone)]
struct LaneState {
    line: usize,
    /// The lane that stands for what limits it: itself, or the first of a line that nothing shapes.
    limit: u32,
    /// The paths across it, the narrowest first.
    paths: Vec<u32>,
    transfers: usize,
    /// What others send, and what of it passes.
    others: f64,
    passing: f64,
    /// The most that it could be asked for: the caps of its transfers, and what others send. In 106
    /// bits, so that what came and went leaves nothing behind.
    asked: DoubleDouble,
    /// It is granted this whatever the other lanes ask, and at most that.
    sure: f64,
    most: f64,
    /// Number of paths across it whose transfers get less than their cap.
    slowed: usize,
    /// It is, or has just been, asked for more than it has.
    is_open: bool,
    is_held: bool,
    fill: fill::Level,
    /// Up to `set`; the bits of users are with their paths.
    meter: Meter,
    set: DoubleDouble,
}

impl LaneState {
    fn sync(&mut self, now: DoubleDouble) {
        self.meter = self.meter_by(now);
        self.set = now;
    }

    fn meter_by(&self, now: DoubleDouble) -> Meter {
        let passed = now - self.set;
        Meter {
            carried: self.meter.carried + self.passing * passed,
            held: self.meter.held + if self.is_held { passed } else { 0.0 },
            lost: self.meter.lost + (self.others - self.passing) * passed,
        }
    }

    /// From `now` on it holds its transfers or not, and lets so much of others' traffic through.
    fn set(&mut self, now: DoubleDouble, is_held: bool, passing: f64) {
        if (is_held, passing) != (self.is_held, self.passing) {
            self.sync(now);
            (self.is_held, self.passing) = (is_held, passing);
        }
    }
}

impl Network {
    /// An idle network with the classes of hour 0 in force. Every line's trees have a class for each
    /// of its lanes, in their order; every path's lanes are lanes of `lines`.
    pub fn new(lines: &[Line], paths: &[Path]) -> Network {
        let count = lines.iter().map(|line| line.lanes.end).max().unwrap_or(0);
        let lane = LaneState {
            line: 0,
            limit: 0,
            paths: Vec::new(),
            transfers: 0,
            others: 0.0,
            passing: 0.0,
            asked: DoubleDouble::ZERO,
            sure: 0.0,
            most: 0.0,
            slowed: 0,
            is_open: false,
            is_held: false,
            fill: fill::Level::default(),
            meter: Meter::default(),
            set: DoubleDouble::ZERO,
        };
        let mut lanes = vec![lane; count];
        for (position, line) in lines.iter().enumerate() {
            for lane in line.lanes.clone() {
                lanes[lane].line = position;
            }
        }
        let mut by_cap: Vec<usize> = (0..paths.len()).collect();
        by_cap.sort_by(|&a, &b| paths[a].cap.total_cmp(&paths[b].cap));
        let bundle = |path: &Path| {
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
        };
        let mut bundles: Vec<Bundle> = paths.iter().map(bundle).collect();
        for (rank, &path) in by_cap.iter().enumerate() {
            bundles[path].rank = rank as u32;
            for &lane in &paths[path].lanes {
                lanes[lane].paths.push(path as u32);
            }
        }
        let mut network = Network {
            due: Earliest::new(bundles.len()),
            lines: lines.iter().map(LineState::new).collect(),
            scratch: Scratch::default(),
            bundles,
            lanes,
        };
        network.hour(DoubleDouble::ZERO, 0);
        network
    }

    /// A transfer of `bits` begins on path `path`.
    pub fn arrive(&mut self, now: DoubleDouble, path: usize, job: u32, stamp: u32, bits: f64) {
        let bundle = &mut self.bundles[path];
        bundle.sync(now);
        bundle.flow.jobs += 1;
        bundle.flow.expect(Ending {
            at: bundle.flow.clock() + bits,
            job,
            user: NO_USER,
            stamp,
        });
        self.counted(now, path, true);
    }

    /// One transfer of path `path` stops before its end, which stays written down: [`Network::end`]
    /// must be told that it is void.
    pub fn break_off(&mut self, now: DoubleDouble, path: usize) {
        let bundle = &mut self.bundles[path];
        debug_assert!(bundle.flow.jobs > 0, "nothing to break off on path {path}");
        if bundle.flow.jobs > 0 {
            bundle.sync(now);
            self.one_less(now, path);
        }
    }

    /// The moment of the next ending, which may be a void one; [`DoubleDouble::NEVER`] when none is
    /// in sight.
    pub fn due(&self) -> DoubleDouble {
        self.due.first().1
    }

    /// Ends the transfer that is due, at [`Network::due`]; gives its path and number. `is_void` is
    /// asked by number and stamp which were broken off; `None` when it was one of those.
    pub fn end(&mut self, is_void: impl Fn(u32, u32) -> bool) -> Option<(usize, u32)> {
        let (path, now) = self.due.first();
        if !now.is_finite() {
            return None;
        }
        let bundle = &mut self.bundles[path];
        bundle.sync(now);
        let ending = bundle.flow.end()?;
        bundle.flow.prune(|next| is_void(next.job, next.stamp));
        if is_void(ending.job, ending.stamp) {
            self.due.set(path, bundle.due());
            return None;
        }
        self.one_less(now, path);
        Some((path, ending.job))
    }

    /// Others send at `rate` on lane `lane` from now on. They wait for nobody: where users share the
    /// lane they go first, and what the lane is not granted is lost.
    pub fn send(&mut self, now: DoubleDouble, lane: usize, rate: f64) {
        let state = &mut self.lanes[lane];
        state.sync(now);
        let before = std::mem::replace(&mut state.others, rate);
        // All of it passes unless a division finds otherwise.
        state.passing = rate;
        self.ask(lane, -before);
        self.ask(lane, rate);
        self.concern(self.lanes[lane].line);
        self.divide(now);
    }

    /// The classes of hour `hour` (0 to 23) are in force from now on.
    pub fn hour(&mut self, now: DoubleDouble, hour: usize) {
        for at in 0..self.lines.len() {
            self.lines[at].begin(hour, &mut self.lanes, &mut self.scratch.asking);
            self.concern(at);
        }
        self.divide(now);
    }

    /// Whether the lane is what gives some of its transfers less than they could have elsewhere.
    pub fn is_held(&self, lane: usize) -> bool {
        self.lanes[lane].is_held
    }

    /// How many transfers pass the lane.
    pub fn transfers(&self, lane: usize) -> usize {
        self.lanes[lane].transfers
    }

    /// What has gone through the lane up to `now`.
    pub fn meter(&mut self, now: DoubleDouble, lane: usize) -> Meter {
        let state = &self.lanes[lane];
        let mut meter = state.meter_by(now);
        for &path in &state.paths {
            meter.carried += self.bundles[path as usize].carried_by(now);
        }
        meter
    }

    /// Path `path`, at `now`, has a transfer less.
    fn one_less(&mut self, now: DoubleDouble, path: usize) {
        let flow = &mut self.bundles[path].flow;
        flow.jobs -= 1;
        if flow.jobs == 0 {
            // All that is still written down was broken off.
            flow.prune(|_| true);
            self.give(now, path, self.bundles[path].flow.cap);
        }
        self.counted(now, path, false);
    }

    /// Path `path` has one transfer more, or one less.
    fn counted(&mut self, now: DoubleDouble, path: usize, more: bool) {
        let cap = self.bundles[path].flow.cap;
        for at in 0..self.bundles[path].lanes.len() {
            let lane = self.bundles[path].lanes[at] as usize;
            match more {
                true => self.lanes[lane].transfers += 1,
                false => self.lanes[lane].transfers -= 1,
            }
            self.ask(lane, if more { cap } else { -cap });
            self.concern(self.lanes[lane].line);
        }
        self.divide(now);
        self.due.set(path, self.bundles[path].due());
    }

    /// Lane `lane` could be asked for so much more.
    fn ask(&mut self, lane: usize, more: f64) {
        let state = &mut self.lanes[lane];
        let before = state.asked.nearest();
        state.asked += more;
        let after = state.asked.nearest();
        let step = |limit: f64| i32::from(after > limit) - i32::from(before > limit);
        let line = &mut self.lines[state.line];
        line.asked += more;
        line.unsure += step(state.sure);
        line.above += step(state.most);
    }

    /// Gives the transfers of path `path` another rate.
    fn give(&mut self, now: DoubleDouble, path: usize, rate: f64) {
        let bundle = &mut self.bundles[path];
        if rate == bundle.flow.speed {
            return;
        }
        let before = bundle.is_slowed();
        bundle.sync(now);
        bundle.flow.speed = rate;
        let after = bundle.is_slowed();
        self.due.set(path, bundle.due());
        if before != after {
            for &lane in &bundle.lanes {
                let slowed = &mut self.lanes[lane as usize].slowed;
                match after {
                    true => *slowed += 1,
                    false => *slowed -= 1,
                }
            }
        }
    }
}

#[cfg(test)]
mod by_hand;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod tests;

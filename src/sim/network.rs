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

use super::day::spec::{Line, Path, lane_count};
use super::double_double::DoubleDouble;
use super::earliest::Earliest;
use super::lane::{Ending, NO_USER};
use division::Scratch;
use line::LineState;
use state::{Bundle, LaneState};

mod division;
mod fill;
mod line;
mod state;

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

impl Network {
    /// An idle network with the classes of hour 0 in force. Every line's trees have a class for each
    /// of its lanes, in their order; every path's lanes are lanes of `lines`.
    pub fn new(lines: &[Line], paths: &[Path]) -> Network {
        let count = lane_count(lines);
        let mut lanes = vec![LaneState::default(); count];
        for (position, line) in lines.iter().enumerate() {
            for lane in line.lanes.clone() {
                lanes[lane].line = position;
            }
        }
        let mut by_cap: Vec<usize> = (0..paths.len()).collect();
        by_cap.sort_by(|&a, &b| paths[a].cap.total_cmp(&paths[b].cap));
        let mut bundles: Vec<Bundle> = paths.iter().map(Bundle::new).collect();
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

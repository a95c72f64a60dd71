//! Progressive filling: all rates rise together until a cap or a full lane stops some of them.
//!
//! D. Bertsekas, R. Gallager, Data Networks, 2nd ed., 6.5.2. The level at which a lane is full is
//! its room over the transfers that still rise across it; the lowest level of all stops first. What
//! stops at its cap below that level only raises the levels, so all such stop at once.

use super::line::LineState;
use super::{Bundle, LaneState};

/// No lane.
const NOBODY: u32 = u32::MAX;

/// A lane in a filling.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Level {
    /// It can be full.
    takes_part: bool,
    /// What it has left, bit/s.
    room: f64,
    /// Transfers that still rise, one for each time they cross it.
    rising: f64,
    /// It is what stops one of its paths.
    pub(super) holds: bool,
    /// One of its paths has stopped below its cap.
    pub(super) is_slowed: bool,
}

/// Working memory of a filling.
#[derive(Debug, Clone, Default)]
pub(super) struct Filling {
    /// Lanes that take part.
    full: Vec<u32>,
    /// Paths that still rise, the narrowest first.
    rising: Vec<u32>,
}

impl Filling {
    /// Finds `rate` of the paths `chosen`, which are sorted by cap, over those lanes of `work` that
    /// can be full after pass `pass`.
    pub(super) fn fill(
        &mut self,
        pass: usize,
        work: &[u32],
        lines: &[LineState],
        lanes: &mut [LaneState],
        chosen: &[u32],
        bundles: &mut [Bundle],
    ) {
        self.full.clear();
        for line in work.iter().map(|&line| &lines[line as usize]) {
            self.open(pass, line, lanes);
        }
        for &path in chosen {
            let bundle = &bundles[path as usize];
            for &lane in &bundle.lanes {
                let limit = lanes[lane as usize].limit as usize;
                if lanes[limit].fill.takes_part {
                    lanes[limit].fill.rising += bundle.flow.jobs as f64;
                }
            }
        }
        self.rising.clear();
        self.rising.extend_from_slice(chosen);
        let mut next = 0;
        while next < self.rising.len() {
            let (lane, level) = self.lowest(lanes);
            let narrow = |path: &&u32| bundles[**path as usize].flow.cap <= level;
            let capped = self.rising[next..].iter().take_while(narrow).count();
            for &path in &self.rising[next..next + capped] {
                let bundle = &mut bundles[path as usize];
                stop(bundle, bundle.flow.cap, NOBODY, lanes);
            }
            next += capped;
            if capped == 0 {
                self.stop_across(lane, level, next, lanes, bundles);
            }
        }
        for &lane in &self.full {
            lanes[lane as usize].fill.takes_part = false;
        }
    }

    /// Lets those lanes of a line take part that are asked for more than they have.
    fn open(&mut self, pass: usize, line: &LineState, lanes: &mut [LaneState]) {
        for lane in line.lanes.clone() {
            (lanes[lane].fill.holds, lanes[lane].fill.is_slowed) = (false, false);
        }
        if line.is_quiet() {
            return;
        }
        if line.tree().is_none() {
            let others: f64 = lanes[line.lanes.clone()]
                .iter()
                .map(|lane| lane.others)
                .sum();
            return self.enter(line.lanes.start, line.capacity - others, lanes);
        }
        for (lane, capacity) in line.lanes.clone().zip(&line.answer(pass).capacity) {
            let state = &lanes[lane];
            if state.is_open && state.asked.nearest() > *capacity {
                self.enter(lane, capacity - state.others, lanes);
            }
        }
    }

    fn enter(&mut self, lane: usize, room: f64, lanes: &mut [LaneState]) {
        let level = &mut lanes[lane].fill;
        (level.takes_part, level.room, level.rising) = (true, room, 0.0);
        self.full.push(lane as u32);
    }

    /// The lane that is full first, and at which rate of a transfer; the first of several.
    fn lowest(&self, lanes: &[LaneState]) -> (u32, f64) {
        let mut lowest = (NOBODY, f64::INFINITY);
        for &lane in &self.full {
            let Level { room, rising, .. } = lanes[lane as usize].fill;
            let level = room.max(0.0) / rising;
            if rising > 0.0 && level < lowest.1 {
                lowest = (lane, level);
            }
        }
        lowest
    }

    /// Stops those that still rise, from `next` on, across lane `lane`.
    fn stop_across(
        &mut self,
        lane: u32,
        level: f64,
        next: usize,
        lanes: &mut [LaneState],
        bundles: &mut [Bundle],
    ) {
        let mut kept = next;
        for at in next..self.rising.len() {
            let path = self.rising[at];
            let bundle = &mut bundles[path as usize];
            let crosses = |&crossed: &u32| lanes[crossed as usize].limit == lane;
            if bundle.lanes.iter().any(crosses) {
                stop(bundle, level, lane, lanes);
            } else {
                self.rising[kept] = path;
                kept += 1;
            }
        }
        self.rising.truncate(kept);
    }
}

/// The transfers of a path rise no more: lane `by` is full, or nobody but their cap stops them.
fn stop(bundle: &mut Bundle, rate: f64, by: u32, lanes: &mut [LaneState]) {
    bundle.rate = rate;
    let transfers = bundle.flow.jobs as f64;
    for &lane in &bundle.lanes {
        let lane = lane as usize;
        let limit = lanes[lane].limit;
        lanes[lane].fill.holds |= limit == by;
        lanes[lane].fill.is_slowed |= by != NOBODY;
        let level = &mut lanes[limit as usize].fill;
        if level.takes_part {
            level.room -= transfers * rate;
            level.rising -= transfers;
        }
    }
}

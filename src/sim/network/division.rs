//! Dividing anew what an event concerns.
//!
//! What classes ask and what they get depend on each other as soon as one transfer passes two full
//! lanes: what one line grants decides what is left to ask of the other. So the two alternate. In
//! the first pass every class asks for all that its transfers could use; later one whose transfers
//! are all held elsewhere asks for what they use. A class that is held here asks for everything,
//! and how far that is above its grant changes no grant. What counts as the capacity of a lane is
//! always what it would be granted if it asked for everything: two lines never wait for each other
//! to offer more. Every division begins from the beginning, so rates depend on who is there, not on
//! how it came to be.

use super::Network;
use super::fill::Filling;
use super::line::{Asking, LineState, PASSES};
use crate::sim::double_double::DoubleDouble;

/// Demands that differ by less than this part are the same.
const NEAR: f64 = 1e-10;

/// Working memory of divisions.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    /// Number of the division.
    division: u64,
    /// Lines that it concerns.
    work: Vec<u32>,
    /// Paths whose rate it may change.
    chosen: Vec<u32>,
    filling: Filling,
    pub(super) asking: Asking,
}

impl Network {
    /// The next division concerns line `line`, if it is or was not quiet.
    pub(super) fn concern(&mut self, line: usize) {
        let Network { lines, scratch, .. } = self;
        let state = &mut lines[line];
        // Divisions are numbered from 1: none has had a fresh line in hand.
        let number = scratch.division + 1;
        if state.division != number && (state.is_active || !state.is_quiet()) {
            state.division = number;
            scratch.work.push(line as u32);
        }
    }

    /// Divides the lines that were named since the last division, and those that depend on them.
    pub(super) fn divide(&mut self, now: DoubleDouble) {
        if self.scratch.work.is_empty() {
            return;
        }
        self.gather();
        let mut last = 0;
        for pass in 0..PASSES {
            if pass > 0 && !self.ask_again(pass) {
                break;
            }
            last = pass;
            let Network {
                bundles,
                lanes,
                lines,
                scratch,
                ..
            } = self;
            let Scratch {
                work,
                chosen,
                filling,
                ..
            } = scratch;
            filling.fill(pass, work, lines, lanes, chosen, bundles);
        }
        for at in 0..self.scratch.chosen.len() {
            let path = self.scratch.chosen[at] as usize;
            self.give(now, path, self.bundles[path].rate);
        }
        self.let_others_through(now, last);
        self.scratch.division += 1;
        self.scratch.work.clear();
        self.scratch.chosen.clear();
    }

    /// Finds all lines that depend on those at work, and the paths across lanes that are or were
    /// asked for more than they have; asks the trees for the first time.
    fn gather(&mut self) {
        let mut next = 0;
        while let Some(&line) = self.scratch.work.get(next) {
            next += 1;
            self.begin(line as usize);
            for lane in self.lines[line as usize].lanes.clone() {
                let was_open = self.lanes[lane].is_open;
                self.lanes[lane].is_open = self.could_be_full(line as usize, lane);
                if was_open || self.lanes[lane].is_open {
                    self.choose_across(lane);
                }
            }
        }
        let Network {
            bundles, scratch, ..
        } = self;
        scratch
            .chosen
            .sort_unstable_by_key(|&path| bundles[path as usize].rank);
    }

    /// All lanes of a line ask for all that they could use.
    fn begin(&mut self, line: usize) {
        let Network {
            lanes,
            lines,
            scratch,
            ..
        } = self;
        let line = &mut lines[line];
        line.is_active = !line.is_quiet();
        if line.is_active {
            let most = lanes[line.lanes.clone()]
                .iter()
                .map(|lane| lane.asked.nearest());
            line.demands.clear();
            line.demands.extend(most);
            line.ask(0, lanes, &mut scratch.asking);
        }
    }

    /// Whether a lane could be asked for more than it is granted while all ask for all they could
    /// use: never is it granted less.
    fn could_be_full(&self, line: usize, lane: usize) -> bool {
        let line = &self.lines[line];
        let at = lane - line.lanes.start;
        line.is_active
            && match line.tree() {
                Some(_) => {
                    let capacity = line.answer(0).capacity.get(at);
                    capacity.is_some_and(|&capacity| self.lanes[lane].asked.nearest() > capacity)
                }
                None => self.lanes[lane].transfers > 0,
            }
    }

    /// Takes the paths across a lane in hand, and the lines that they pass.
    fn choose_across(&mut self, lane: usize) {
        let number = self.scratch.division + 1;
        for at in 0..self.lanes[lane].paths.len() {
            let path = self.lanes[lane].paths[at];
            let bundle = &mut self.bundles[path as usize];
            if bundle.flow.jobs == 0 || bundle.division == number {
                continue;
            }
            bundle.division = number;
            self.scratch.chosen.push(path);
            for at in 0..self.bundles[path as usize].lanes.len() {
                let crossed = self.bundles[path as usize].lanes[at] as usize;
                self.concern(self.lanes[crossed].line);
            }
        }
    }

    /// Asks the trees again, now that it is known what the transfers could use; whether anything
    /// new was asked.
    fn ask_again(&mut self, pass: usize) -> bool {
        let mut is_new = false;
        for at in 0..self.scratch.work.len() {
            let line = self.scratch.work[at] as usize;
            if !self.lines[line].is_active || self.lines[line].tree().is_none() {
                continue;
            }
            let part = self.carried(pass - 1, &self.lines[line]);
            for lane in self.lines[line].lanes.clone() {
                let most = self.lanes[lane].asked.nearest();
                let used = self.used_elsewhere(lane);
                let demand = used.map_or(most, |used| most.min(used / part));
                let line = &mut self.lines[line];
                let before = &mut line.demands[lane - line.lanes.start];
                if (demand - *before).abs() > NEAR * demand {
                    *before = demand;
                    is_new = true;
                }
            }
        }
        let Network {
            lanes,
            lines,
            scratch,
            ..
        } = self;
        for &line in scratch.work.iter().filter(|_| is_new) {
            let line = &mut lines[line as usize];
            if line.is_active && line.tree().is_some() {
                line.ask(pass, lanes, &mut scratch.asking);
                if pass + 1 == PASSES {
                    line.cut(pass);
                }
            }
        }
        is_new
    }

    /// What a lane carries if something else holds its transfers; `None` when it is held itself, or
    /// nothing holds them.
    fn used_elsewhere(&self, lane: usize) -> Option<f64> {
        let state = &self.lanes[lane];
        let is_slowed = state.slowed > 0 || state.fill.is_slowed;
        if state.fill.holds || !is_slowed {
            return None;
        }
        let used = |&path: &u32| {
            let bundle = &self.bundles[path as usize];
            let is_chosen = bundle.division == self.scratch.division + 1;
            let rate = match is_chosen {
                true => bundle.rate,
                false => bundle.flow.speed,
            };
            bundle.flow.jobs as f64 * rate
        };
        let used = state.paths.iter().map(used);
        Some(used.fold(state.others, |sum, used| sum + used))
    }

    /// Part of what the tree of `line` lets through that the line carries, after pass `pass`.
    ///
    /// Guarantees leak where it is below 1, and nothing is lent then. A lane that is held elsewhere
    /// carries u and must send u / part for that to pass, the others send what g they are granted:
    /// part x (sum of u / part + sum of g) is the capacity.
    fn carried(&self, pass: usize, line: &LineState) -> f64 {
        let answer = line.answer(pass);
        if answer.carried == 1.0 {
            return 1.0;
        }
        let (mut left, mut sent) = (line.capacity, 0.0);
        for (lane, granted) in line.lanes.clone().zip(&answer.granted) {
            match self.used_elsewhere(lane) {
                Some(used) => left -= used,
                None => sent += granted,
            }
        }
        match left < sent {
            true => (left / sent).max(answer.carried),
            false => 1.0,
        }
    }

    /// Writes down which lanes hold their transfers, and what of others' traffic passes, after pass
    /// `pass`.
    fn let_others_through(&mut self, now: DoubleDouble, pass: usize) {
        let Network {
            lanes,
            lines,
            scratch,
            ..
        } = self;
        for line in scratch.work.iter().map(|&line| &lines[line as usize]) {
            let lanes = &mut lanes[line.lanes.clone()];
            if !line.is_active {
                lanes
                    .iter_mut()
                    .for_each(|lane| lane.set(now, false, lane.others));
            } else if line.tree().is_some() {
                for (lane, capacity) in lanes.iter_mut().zip(&line.answer(pass).capacity) {
                    lane.set(now, lane.fill.holds, lane.others.min(*capacity));
                }
            } else {
                let others: f64 = lanes.iter().map(|lane| lane.others).sum();
                let part = if others > line.capacity {
                    line.capacity / others
                } else {
                    1.0
                };
                for lane in lanes {
                    lane.set(now, lane.fill.holds, lane.others * part);
                }
            }
        }
    }
}

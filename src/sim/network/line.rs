//! One line: what its lanes are granted for what they ask.

use std::ops::Range;

use super::LaneState;
use crate::qos::{Demand, Sharer, Shares, Tree};
use crate::sim::day::spec::{HOURS, Line};
use crate::sim::double_double::DoubleDouble;
use crate::units::BitRate;

/// Passes after which a division that has not settled is cut to what fits. In random networks of four
/// lines with classes 4 are nearly always enough, and 12 are not always.
pub(super) const PASSES: usize = 40;

/// One line, one way. Rates are bit/s.
#[derive(Debug, Clone)]
pub(super) struct LineState {
    pub(super) capacity: f64,
    pub(super) lanes: Range<usize>,
    trees: Vec<Option<Tree>>,
    by_hour: [usize; HOURS],
    /// Which of `trees` is in force.
    hour: usize,
    /// Sum of what its lanes could be asked for.
    pub(super) asked: DoubleDouble,
    /// Asked for no more than this together, and no lane for more than its most, all get it.
    whole: f64,
    /// Number of lanes asked for more than they surely get, and for more than they ever get.
    pub(super) unsure: i32,
    pub(super) above: i32,
    /// It was not quiet when it was last divided.
    pub(super) is_active: bool,
    /// The division that has it in hand.
    pub(super) division: u64,
    /// What its lanes ask in this pass.
    pub(super) demands: Vec<f64>,
    /// The last question of each pass, with its answer.
    answers: Vec<Answer>,
}

/// What the tree was asked and what it said, by lane.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    is_known: bool,
    /// What all ask, and what is granted for it.
    demands: Vec<f64>,
    pub(super) granted: Vec<f64>,
    /// What each could ask for while the others ask that, and what is granted for it.
    asked: Vec<f64>,
    own: Vec<f64>,
    /// The latter, behind a line that carries no more than its capacity.
    pub(super) capacity: Vec<f64>,
    /// Part of what the tree lets through that the line carries.
    pub(super) carried: f64,
}

/// Working memory of questions.
#[derive(Debug, Clone, Default)]
pub(super) struct Asking {
    sharer: Sharer,
    demands: Vec<Demand>,
}

impl Asking {
    /// What `tree` grants for these demands in bit/s.
    fn ask(&mut self, tree: &Tree, demands: impl Iterator<Item = f64>) -> Option<&Shares> {
        self.demands.clear();
        let demand = |rate| Demand::Rate(BitRate(rate));
        self.demands.extend(demands.map(demand));
        let shares = self.sharer.share(tree, &self.demands).ok();
        // Demands are finite sums, one for each lane of the line.
        debug_assert!(shares.is_some(), "impossible demands");
        shares
    }
}

/// Part of what a tree lets through that a line carries: it may be more than the line has where
/// guarantees leak, and then all lose alike.
fn carried(capacity: f64, shares: &Shares) -> f64 {
    match shares.total().0 > capacity {
        true => capacity / shares.total().0,
        false => 1.0,
    }
}

impl LineState {
    pub(super) fn new(line: &Line) -> LineState {
        LineState {
            capacity: line.capacity,
            lanes: line.lanes.clone(),
            trees: line.trees.clone(),
            by_hour: line.by_hour,
            hour: 0,
            asked: DoubleDouble::ZERO,
            whole: 0.0,
            unsure: 0,
            above: 0,
            is_active: false,
            division: 0,
            demands: vec![0.0; line.lanes.len()],
            answers: vec![Answer::default(); PASSES],
        }
    }

    /// The tree in force; `None`: nothing shapes, and the line itself is what its lanes share.
    pub(super) fn tree(&self) -> Option<&Tree> {
        self.trees.get(self.by_hour[self.hour])?.as_ref()
    }

    /// The answer of a pass.
    pub(super) fn answer(&self, pass: usize) -> &Answer {
        &self.answers[pass]
    }

    /// Whether everything that could be asked for is granted.
    pub(super) fn is_quiet(&self) -> bool {
        self.unsure == 0 || (self.above == 0 && self.asked.nearest() <= self.whole)
    }

    /// Puts the classes of an hour in force.
    pub(super) fn begin(&mut self, hour: usize, lanes: &mut [LaneState], asking: &mut Asking) {
        self.hour = hour % HOURS;
        self.answers.iter_mut().for_each(|a| a.is_known = false);
        let (range, capacity) = (self.lanes.clone(), self.capacity);
        let first = range.start;
        self.whole = capacity;
        for (at, lane) in lanes[range.clone()].iter_mut().enumerate() {
            lane.limit = (first + if self.tree().is_some() { at } else { 0 }) as u32;
            (lane.sure, lane.most) = (0.0, f64::INFINITY);
        }
        if let Some(tree) = self.tree() {
            // More than any tree grants.
            let greedy = super::MOST_RATE;
            let count = range.len();
            if let Some(shares) = asking.ask(tree, (0..count).map(|_| greedy)) {
                let part = carried(capacity, shares);
                for (at, lane) in lanes[range.clone()].iter_mut().enumerate() {
                    lane.sure = shares.rate(at).0 * part;
                }
            }
            for alone in 0..count {
                let only = |at| if at == alone { greedy } else { 0.0 };
                if let Some(shares) = asking.ask(tree, (0..count).map(only)) {
                    lanes[first + alone].most = shares.rate(alone).0.min(capacity);
                }
            }
            // An inner class may be full before the line is.
            let is_flat = tree.leaf_classes().count() == tree.class_count();
            self.whole = if is_flat {
                capacity.min(tree.link().0)
            } else {
                0.0
            };
        }
        let above = |limit: fn(&LaneState) -> f64| {
            let asked = |lane: &&LaneState| lane.asked.nearest() > limit(lane);
            lanes[range.clone()].iter().filter(asked).count() as i32
        };
        (self.unsure, self.above) = (above(|lane| lane.sure), above(|lane| lane.most));
    }

    /// Asks the tree what its lanes get for `demands`, where it could say something new.
    pub(super) fn ask(&mut self, pass: usize, lanes: &[LaneState], asking: &mut Asking) {
        let Some(tree) = self
            .trees
            .get(self.by_hour[self.hour])
            .and_then(Option::as_ref)
        else {
            return;
        };
        let answer = &mut self.answers[pass];
        let lanes = &lanes[self.lanes.clone()];
        if answer.holds(&self.demands, lanes) {
            return;
        }
        answer.demands.clone_from(&self.demands);
        answer.asked.clear();
        answer
            .asked
            .extend(lanes.iter().map(|lane| lane.asked.nearest()));
        answer.granted.clear();
        let demands = &answer.demands;
        let Some(shares) = asking.ask(tree, demands.iter().copied()) else {
            return;
        };
        answer.granted.extend(shares.iter().map(|rate| rate.0));
        answer.carried = carried(self.capacity, shares);
        answer.own.clone_from(&answer.granted);
        answer.capacity.clear();
        let passed = answer.granted.iter().map(|rate| rate * answer.carried);
        answer.capacity.extend(passed);
        for at in 0..lanes.len() {
            let most = answer.asked[at];
            if demands[at] == most {
                continue;
            }
            let each = demands.iter().enumerate();
            let with_most = each.map(|(lane, asks)| if lane == at { most } else { *asks });
            if let Some(shares) = asking.ask(tree, with_most) {
                answer.own[at] = shares.rate(at).0;
                answer.capacity[at] = answer.own[at] * carried(self.capacity, shares);
            }
        }
        answer.is_known = true;
    }

    /// Lets no lane have more than it is granted for what all ask, so that they fit together.
    pub(super) fn cut(&mut self, pass: usize) {
        let answer = &mut self.answers[pass];
        for (capacity, granted) in answer.capacity.iter_mut().zip(&answer.granted) {
            *capacity = granted * answer.carried;
        }
        answer.is_known = false;
    }
}

impl Answer {
    /// Whether it still answers these demands. Who asked for more than it was granted, and still
    /// does, changes nothing: it is held by the others' demands and its own place among them.
    fn holds(&self, demands: &[f64], lanes: &[LaneState]) -> bool {
        // The margin is rounding, which must not hide that it has become content.
        let same = |before: f64, now: f64, granted: f64| {
            before == now || granted < before.min(now) * (1.0 - 1e-12)
        };
        let mut all = demands.iter().zip(lanes).enumerate();
        self.is_known
            && all.all(|(at, (&demand, lane))| {
                same(self.demands[at], demand, self.granted[at])
                    && same(self.asked[at], lane.asked.nearest(), self.own[at])
            })
    }
}

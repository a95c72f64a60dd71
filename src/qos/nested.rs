//! The state of a water-filling with ceilings of inner nodes between the lender and the leaves.
//!
//! Inner nodes wait in a heap by the level at which they are full. That level can only rise as
//! leaves drop out, so a node that comes up early is put back, at most once per leaf below it:
//! O(n log n) per lending node, times the depth of ceilings between.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::fill::Want;
use super::tree::Tree;

/// An inner node that is full at a level of the water, unless leaves drop out before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Full {
    pub(super) level: f64,
    pub(super) node: usize,
}

impl Eq for Full {}

impl Ord for Full {
    /// The lowest level is the greatest: [`BinaryHeap`] gives the greatest first.
    fn cmp(&self, other: &Full) -> Ordering {
        let by_level = other.level.total_cmp(&self.level);
        by_level.then_with(|| other.node.cmp(&self.node))
    }
}

impl PartialOrd for Full {
    fn partial_cmp(&self, other: &Full) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Working memory of a water-filling through inner nodes; all by inner node but `open`.
#[derive(Debug, Clone, Default)]
pub(super) struct Nested {
    /// By leaf: whether it is still in the water.
    pub(super) open: Vec<bool>,
    /// Leaves in the water below.
    pub(super) active: Vec<usize>,
    /// Their weight, and what it was when last summed afresh.
    weight: Vec<f64>,
    fresh: Vec<f64>,
    /// The most that may be used.
    top: Vec<f64>,
    /// Level at which `used` was last brought up to date.
    mark: Vec<f64>,
    /// Nodes that have leaves in the water.
    touched: Vec<usize>,
    pub(super) full: BinaryHeap<Full>,
}

impl Nested {
    /// Lets the leaves of `group` into the water below `node`.
    pub(super) fn begin(
        &mut self,
        tree: &Tree,
        node: usize,
        group: &[Want],
        spare: f64,
        used: &[f64],
    ) {
        // Every leaf let in is closed again, so `open` and `active` come back empty.
        self.open
            .resize(tree.leaves.len().max(self.open.len()), false);
        self.active
            .resize(tree.inners.len().max(self.active.len()), 0);
        for per_node in [
            &mut self.weight,
            &mut self.fresh,
            &mut self.top,
            &mut self.mark,
        ] {
            per_node.resize(tree.inners.len().max(per_node.len()), 0.0);
        }
        self.touched.clear();
        for want in group {
            self.open[want.leaf] = true;
            for_each_above(tree, want.leaf, node, |above| {
                if self.active[above] == 0 {
                    self.touched.push(above);
                    self.weight[above] = 0.0;
                    self.mark[above] = 0.0;
                }
                self.weight[above] += want.weight;
                self.active[above] += 1;
            });
        }
        self.full.clear();
        for at in 0..self.touched.len() {
            let below = self.touched[at];
            self.fresh[below] = self.weight[below];
            self.top[below] = match below == node {
                true => used[below] + spare,
                false => tree.inners[below].ceiling,
            };
            let level = self.full_at(below, used[below]);
            self.full.push(Full { level, node: below });
        }
    }

    /// Level at which `node` is full if no more leaves drop out.
    pub(super) fn full_at(&self, node: usize, used: f64) -> f64 {
        self.mark[node] + (self.top[node] - used).max(0.0) / self.weight[node]
    }

    /// Takes `leaf` out of the water at `level`.
    pub(super) fn close(
        &mut self,
        tree: &Tree,
        node: usize,
        leaf: usize,
        level: f64,
        used: &mut [f64],
    ) {
        self.open[leaf] = false;
        let weight = tree.leaves[leaf].weight;
        for_each_above(tree, leaf, node, |above| {
            used[above] += self.weight[above] * (level - self.mark[above]);
            self.mark[above] = level;
            self.weight[above] -= weight;
            self.active[above] -= 1;
            // After heavy leaves have gone, the rest of the subtraction may be all rounding.
            if self.weight[above] <= self.fresh[above] * 1e-9 && self.active[above] > 0 {
                let open = tree.inners[above]
                    .leaves
                    .clone()
                    .filter(|&at| self.open[at]);
                self.weight[above] = open.map(|at| tree.leaves[at].weight).sum();
                self.fresh[above] = self.weight[above];
            }
        });
    }
}

/// Goes through the inner nodes from the parent of `leaf` up to and including `top`.
fn for_each_above(tree: &Tree, leaf: usize, top: usize, mut visit: impl FnMut(usize)) {
    let mut node = tree.leaves[leaf].parent;
    loop {
        visit(node);
        if node == top {
            return;
        }
        node = tree.inners[node].parent;
    }
}

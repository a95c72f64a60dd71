//! The division itself: guarantees first, then lending upward by weighted water-filling.
//!
//! Water-filling raises one level for all leaves of a priority: a leaf's loan is weight x level. A
//! leaf leaves the water when it has what it wants, an inner node takes all its leaves out when its
//! ceiling is reached, and all is over when the lender's spare is spent. Leaves come sorted by the
//! level at which they are content; inner nodes wait in the heap of [`super::nested`].

use crate::units::BitRate;

use super::nested::{Full, Nested};
use super::tree::Tree;

/// What a leaf offers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Demand {
    /// This rate and no more.
    Rate(BitRate),
    /// As much as it is let.
    Greedy,
}

impl Demand {
    /// The rate in bit/s; infinite when greedy.
    pub(super) fn most(self) -> f64 {
        match self {
            Demand::Rate(rate) => rate.0,
            Demand::Greedy => f64::INFINITY,
        }
    }
}

/// Why demands cannot be answered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DemandError {
    /// Not one demand per class.
    #[error("{given} demands for {classes} classes")]
    Count {
        /// Demands given.
        given: usize,
        /// Classes in the tree, inner ones included.
        classes: usize,
    },
    /// A demand that is negative, infinite (write [`Demand::Greedy`]) or no number.
    #[error("class {class} cannot demand {value} bit/s")]
    Impossible {
        /// The class.
        class: usize,
        /// What it was said to demand.
        value: f64,
    },
    /// A line behind whose rate is negative, infinite or no number.
    #[error("a line cannot carry {0} bit/s")]
    Line(f64),
    /// An on-off source of no leaf, or with an impossible period, queue or part of the time.
    #[error("class {class} cannot be such an on-off source")]
    Burst {
        /// The class.
        class: usize,
    },
    /// More on-off sources than their joint states can be gone through.
    #[error("{given} on-off sources; at most {most} at once")]
    TooManyBursts {
        /// Sources given.
        given: usize,
        /// Sources allowed.
        most: usize,
    },
}

/// What each class is granted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shares {
    /// By class, bit/s; an inner class has the sum of its leaves.
    pub(super) rates: Vec<f64>,
    /// By leaf: the inner node that lent last, or [`NOBODY`].
    pub(super) lender: Vec<usize>,
    pub(super) total: f64,
}

/// No inner node has this index.
pub(super) const NOBODY: usize = usize::MAX;

impl Shares {
    /// What class `class` is granted; an inner class has the sum of its leaves.
    ///
    /// # Panics
    /// If the tree has no such class.
    pub fn rate(&self, class: usize) -> BitRate {
        BitRate(self.rates[class])
    }

    /// All shares in the order of the classes.
    pub fn iter(&self) -> impl Iterator<Item = BitRate> + '_ {
        self.rates.iter().copied().map(BitRate)
    }

    /// What all leaves send together; above the link's rate when guarantees leak.
    pub fn total(&self) -> BitRate {
        BitRate(self.total)
    }
}

/// Divides the link of `tree` among `demands`, one per class in the order given to [`Tree::new`]
/// (what an inner class is said to demand is not read).
///
/// # Errors
/// A wrong number of demands, or a demand that is negative, infinite or no number.
pub fn share(tree: &Tree, demands: &[Demand]) -> Result<Shares, DemandError> {
    let mut sharer = Sharer::default();
    sharer.share(tree, demands)?;
    Ok(sharer.shares)
}

/// [`share`] without its allocations: keeps its working memory from call to call.
#[derive(Debug, Clone, Default)]
pub struct Sharer {
    shares: Shares,
    /// By leaf: sent so far, and the most it could send.
    sent: Vec<f64>,
    limit: Vec<f64>,
    /// By inner node: sum of what its leaves send.
    used: Vec<f64>,
    wants: Vec<Want>,
    nested: Nested,
}

/// A leaf that still wants more than it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Want {
    pub(super) leaf: usize,
    rank: u64,
    pub(super) weight: f64,
    /// Level at which it has all it wants.
    content: f64,
    /// Weight of this leaf and those after it in its group.
    behind: f64,
}

impl Sharer {
    /// As [`share`]; the result stays valid until the next call.
    ///
    /// # Errors
    /// As [`share`].
    pub fn share(&mut self, tree: &Tree, demands: &[Demand]) -> Result<&Shares, DemandError> {
        self.send_guarantees(tree, demands)?;
        for node in (0..tree.inners.len()).rev() {
            self.lend(tree, node);
            if node > 0 {
                self.used[tree.inners[node].parent] += self.used[node];
            }
        }
        self.collect(tree);
        Ok(&self.shares)
    }

    /// Every leaf sends min(demand, guarantee), whatever its parent has.
    fn send_guarantees(&mut self, tree: &Tree, demands: &[Demand]) -> Result<(), DemandError> {
        if demands.len() != tree.class_count() {
            return Err(DemandError::Count {
                given: demands.len(),
                classes: tree.class_count(),
            });
        }
        self.sent.clear();
        self.limit.clear();
        self.used.clear();
        self.used.resize(tree.inners.len(), 0.0);
        self.shares.lender.clear();
        self.shares.lender.resize(tree.leaves.len(), NOBODY);
        for leaf in &tree.leaves {
            let demand = match demands[leaf.class] {
                Demand::Greedy => f64::INFINITY,
                Demand::Rate(rate) if rate.0.is_finite() && rate.0 >= 0.0 => rate.0,
                Demand::Rate(rate) => {
                    return Err(DemandError::Impossible {
                        class: leaf.class,
                        value: rate.0,
                    });
                }
            };
            let limit = demand.min(leaf.ceiling);
            let sent = limit.min(leaf.guarantee);
            self.limit.push(limit);
            self.sent.push(sent);
            self.used[leaf.parent] += sent;
        }
        Ok(())
    }

    /// Inner node `node` lends its spare to the leaves below that still want more.
    fn lend(&mut self, tree: &Tree, node: usize) {
        let lender = &tree.inners[node];
        // Below this the spare is rounding of what has been lent already.
        let nothing = lender.rate * 1e-12;
        let mut spare = lender.rate - self.used[node];
        if spare <= nothing {
            return;
        }
        let mut wants = std::mem::take(&mut self.wants);
        wants.clear();
        for leaf in lender.leaves.clone() {
            let missing = self.limit[leaf] - self.sent[leaf];
            if missing > 0.0 {
                let (weight, rank) = (tree.leaves[leaf].weight, tree.leaves[leaf].rank);
                wants.push(Want {
                    leaf,
                    rank,
                    weight,
                    content: missing / weight,
                    behind: weight,
                });
            }
        }
        wants.sort_unstable_by(|a, b| {
            let by_rank = a.rank.cmp(&b.rank);
            by_rank.then_with(|| a.content.total_cmp(&b.content))
        });
        let flat = lender.end == node + 1;
        for group in wants.chunk_by_mut(|a, b| a.rank == b.rank) {
            spare -= match flat {
                true => self.fill_flat(node, group, spare),
                false => self.fill_nested(tree, node, group, spare),
            };
            if spare <= nothing {
                break;
            }
        }
        self.wants = wants;
    }

    /// Water-filling with nothing but the leaves' own limits. Gives what was lent.
    fn fill_flat(&mut self, node: usize, group: &mut [Want], spare: f64) -> f64 {
        // Summed from the end, not subtracted on the way: a light leaf behind a heavy one keeps
        // its digits.
        let mut behind = 0.0;
        for want in group.iter_mut().rev() {
            behind += want.weight;
            want.behind = behind;
        }
        let mut left = spare;
        let mut content = 0;
        for want in group.iter() {
            let leaf = want.leaf;
            if want.content > left / want.behind {
                break;
            }
            left -= self.limit[leaf] - self.sent[leaf];
            self.sent[leaf] = self.limit[leaf];
            self.shares.lender[leaf] = node;
            content += 1;
        }
        let rest = &group[content..];
        if let Some(first) = rest.first() {
            let level = left.max(0.0) / first.behind;
            for want in rest {
                let grown = self.sent[want.leaf] + want.weight * level;
                self.settle(want.leaf, grown.min(self.limit[want.leaf]), node);
            }
            left = 0.0;
        }
        let lent = spare - left.max(0.0);
        self.used[node] += lent;
        lent
    }

    /// Water-filling with ceilings of inner nodes between lender and leaves. Gives what was lent.
    fn fill_nested(&mut self, tree: &Tree, node: usize, group: &[Want], spare: f64) -> f64 {
        let before = self.used[node];
        let mut nested = std::mem::take(&mut self.nested);
        nested.begin(tree, node, group, spare, &self.used);
        let mut next = 0;
        let mut level = 0.0_f64;
        while let Some(want) = group.get(next) {
            if !nested.open[want.leaf] {
                next += 1;
                continue;
            }
            match nested.full.peek() {
                Some(first) if first.level < want.content => {
                    let (full, early) = (first.node, first.level);
                    nested.full.pop();
                    if nested.active[full] == 0 {
                        continue;
                    }
                    let exact = nested.full_at(full, self.used[full]);
                    if exact > early * (1.0 + 1e-12) {
                        nested.full.push(Full {
                            level: exact,
                            node: full,
                        });
                        continue;
                    }
                    level = level.max(exact);
                    for leaf in tree.inners[full].leaves.clone() {
                        if nested.open[leaf] {
                            let grown = self.sent[leaf] + tree.leaves[leaf].weight * level;
                            self.settle(leaf, grown.min(self.limit[leaf]), node);
                            nested.close(tree, node, leaf, level, &mut self.used);
                        }
                    }
                }
                _ => {
                    level = level.max(want.content);
                    self.settle(want.leaf, self.limit[want.leaf], node);
                    nested.close(tree, node, want.leaf, level, &mut self.used);
                    next += 1;
                }
            }
        }
        self.nested = nested;
        self.used[node] - before
    }

    /// Leaf `leaf` ends the filling with `sent`.
    fn settle(&mut self, leaf: usize, sent: f64, lender: usize) {
        if sent > self.sent[leaf] {
            self.shares.lender[leaf] = lender;
        }
        self.sent[leaf] = sent;
    }

    /// Writes the result by class.
    fn collect(&mut self, tree: &Tree) {
        self.shares.rates.clear();
        self.shares.rates.resize(tree.class_count(), 0.0);
        for (leaf, sent) in tree.leaves.iter().zip(&self.sent) {
            self.shares.rates[leaf.class] = *sent;
        }
        for (inner, used) in tree.inners.iter().zip(&self.used) {
            match inner.class {
                Some(class) => self.shares.rates[class] = *used,
                None => self.shares.total = *used,
            }
        }
    }
}

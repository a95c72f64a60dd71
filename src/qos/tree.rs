//! A class tree: what is written ([`Class`]) and what it means ([`Tree`]), checked once.
//!
//! A `Tree` holds its leaves side by side in depth-first order, so the leaves below any inner node
//! are one range, and its inner nodes in pre-order, so a parent always stands before its children.
//! Both make the division in [`super::fill`] a matter of passes over plain arrays.

use std::collections::HashMap;
use std::ops::Range;

use crate::units::{BitRate, Bytes};

use super::refusal::{Oversubscribed, TreeError};
use super::rules::{Excess, Oversubscription, Rules};

/// A limit on each user of a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerUser {
    /// How many users are active; a mean may be fractional.
    pub users: f64,
    /// The most that one of them gets.
    pub limit: BitRate,
}

/// A class as it is written. A class that is the parent of another is an inner node; the others are
/// leaves, and only leaves send.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Class {
    /// Its name, unique in the tree.
    pub name: String,
    /// The class above; `None` hangs it under the link itself.
    pub parent: Option<String>,
    /// Guaranteed rate. Default: nothing for a leaf; for an inner node the sum of its children.
    pub guarantee: Option<BitRate>,
    /// Highest rate. Default: the link's rate, or the guarantee where that is higher.
    pub ceiling: Option<BitRate>,
    /// Who gets excess first: 0 before 1. Counts on leaves only, as in the kernel.
    pub priority: u32,
    /// Weight under [`Excess::Quantum`]. Default: [`default_quantum`] of the guarantee.
    pub quantum: Option<Bytes>,
    /// A limit on each user; the ceiling becomes min(ceiling, users x limit).
    pub per_user: Option<PerUser>,
}

/// The kernel's quantum for a class of this rate: a tenth of the bytes per second, kept within
/// 1,000 to 200,000 bytes (tc-htb, r2q = 10). From 16 Mbit/s up it is therefore 200,000 for all.
pub fn default_quantum(rate: BitRate) -> Bytes {
    Bytes((rate.0 / 8.0 / 10.0).clamp(1e3, 200e3))
}

/// Rates above this, in bit/s, are slips of the pen; below, no sum or quotient here overflows.
const MOST_RATE: f64 = 1e18;

/// A guarantee below this, in bit/s, is none when excess goes in proportion to it.
const NO_WEIGHT: f64 = 1e-6;

/// A leaf, ready to share. Rates in bit/s.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// Index of its class.
    pub(super) class: usize,
    /// The inner node above.
    pub(super) parent: usize,
    /// What it may send whatever its parent has.
    pub(super) guarantee: f64,
    /// The most it may send.
    pub(super) ceiling: f64,
    /// Whether the per-user limit made the ceiling.
    pub(super) by_users: bool,
    /// Weight of the water-filling, positive.
    pub(super) weight: f64,
    /// Order of service, smallest first: two per priority, the second for weightless leaves.
    pub(super) rank: u64,
}

/// An inner node, ready to share; the first is the link itself. Rates in bit/s.
#[derive(Debug, Clone)]
pub(super) struct Inner {
    /// Index of its class; `None` for the link.
    pub(super) class: Option<usize>,
    /// The inner node above; the link is its own.
    pub(super) parent: usize,
    /// What it may lend, less the use below.
    pub(super) rate: f64,
    /// The most that may pass.
    pub(super) ceiling: f64,
    /// The leaves below.
    pub(super) leaves: Range<usize>,
    /// One past the last inner node below: those are `self + 1..end`.
    pub(super) end: usize,
}

/// A checked class tree. Build it once, share with it often.
#[derive(Debug, Clone)]
pub struct Tree {
    pub(super) leaves: Vec<Leaf>,
    pub(super) inners: Vec<Inner>,
    classes: usize,
    rules: Rules,
    oversubscribed: Vec<Oversubscribed>,
}

impl Tree {
    /// Checks `classes` under a link of rate `link` and lays them out.
    ///
    /// # Errors
    /// All that is wrong at once: a link rate that is not positive, no class, a name twice, an
    /// unknown parent, a cycle, an impossible number, a ceiling below its guarantee; and under
    /// [`Oversubscription::Reject`] guarantees that do not fit their parent.
    pub fn new(link: BitRate, classes: &[Class], rules: Rules) -> Result<Tree, Vec<TreeError>> {
        let mut errors = Vec::new();
        if !(link.0 > 0.0 && link.0 <= MOST_RATE) {
            errors.push(TreeError::Link(link.0));
        }
        if classes.is_empty() {
            errors.push(TreeError::Empty);
        }
        check_numbers(classes, &mut errors);
        let below = children(classes, &mut errors);
        let order = pre_order(&below, classes.len(), &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let (guarantees, oversubscribed) = guarantees(link.0, classes, &below, &order, rules);
        if rules.oversubscription == Oversubscription::Reject && !oversubscribed.is_empty() {
            return Err(oversubscribed
                .into_iter()
                .map(TreeError::Oversubscribed)
                .collect());
        }
        let mut tree = lay_out(link.0, classes, &below, &order, &guarantees, rules);
        tree.oversubscribed = oversubscribed;
        Ok(tree)
    }

    /// Number of classes, inner ones included.
    pub fn class_count(&self) -> usize {
        self.classes
    }

    /// Rate of the link.
    pub fn link(&self) -> BitRate {
        BitRate(self.inners[0].rate)
    }

    /// The rule by which it shares.
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// Where guarantees, as written, do not fit what is above them.
    pub fn oversubscribed(&self) -> &[Oversubscribed] {
        &self.oversubscribed
    }

    /// Class indices of the leaves.
    pub fn leaf_classes(&self) -> impl Iterator<Item = usize> + '_ {
        self.leaves.iter().map(|leaf| leaf.class)
    }
}

/// Every number of every class, before anything is computed from it.
fn check_numbers(classes: &[Class], errors: &mut Vec<TreeError>) {
    for (class, written) in classes.iter().enumerate() {
        let users = written.per_user.map(|limit| limit.users);
        let per_user = written.per_user.map(|limit| limit.limit.0);
        let fields = [
            ("guarantee", written.guarantee.map(|rate| rate.0)),
            ("ceiling", written.ceiling.map(|rate| rate.0)),
            ("quantum", written.quantum.map(|bytes| bytes.0)),
            ("users", users),
            ("per_user", per_user),
        ];
        for (field, value) in fields {
            let Some(value) = value else { continue };
            let allowed = match field {
                "quantum" => 1.0..=f64::from(u32::MAX),
                "users" => 0.0..=f64::MAX,
                _ => 0.0..=MOST_RATE,
            };
            let possible = allowed.contains(&value);
            if !possible {
                errors.push(TreeError::Impossible {
                    class,
                    field,
                    value,
                });
            }
        }
        if let (Some(guarantee), Some(ceiling)) = (written.guarantee, written.ceiling)
            && ceiling < guarantee
        {
            errors.push(TreeError::CeilingBelowGuarantee {
                class,
                ceiling,
                guarantee,
            });
        }
    }
}

/// Children of each class, and last those of the link.
fn children(classes: &[Class], errors: &mut Vec<TreeError>) -> Vec<Vec<usize>> {
    let mut named = HashMap::with_capacity(classes.len());
    for (class, written) in classes.iter().enumerate() {
        if named.insert(written.name.as_str(), class).is_some() {
            errors.push(TreeError::Twice {
                class,
                name: written.name.clone(),
            });
        }
    }
    let mut below = vec![Vec::new(); classes.len() + 1];
    for (class, written) in classes.iter().enumerate() {
        match &written.parent {
            None => below[classes.len()].push(class),
            Some(parent) => match named.get(parent.as_str()) {
                Some(&parent) => below[parent].push(class),
                None => errors.push(TreeError::UnknownParent {
                    class,
                    parent: parent.clone(),
                }),
            },
        }
    }
    below
}

/// Classes in depth-first order, parents first. What cannot be reached from the link hangs on a
/// cycle (or below an unknown parent, which has been said already).
fn pre_order(below: &[Vec<usize>], count: usize, errors: &mut Vec<TreeError>) -> Vec<usize> {
    let mut order = Vec::with_capacity(count);
    let mut waiting: Vec<usize> = below[count].iter().rev().copied().collect();
    while let Some(class) = waiting.pop() {
        order.push(class);
        waiting.extend(below[class].iter().rev());
    }
    if order.len() < count && errors.is_empty() {
        let mut reached = vec![false; count];
        order.iter().for_each(|&class| reached[class] = true);
        let unreached = (0..count).filter(|&class| !reached[class]);
        errors.extend(unreached.map(|class| TreeError::Cycle { class }));
    }
    order
}

/// Guarantees of all classes with the defaults filled in and [`Oversubscription::Scale`] applied,
/// and every place where they did not fit as written.
fn guarantees(
    link: f64,
    classes: &[Class],
    below: &[Vec<usize>],
    order: &[usize],
    rules: Rules,
) -> (Vec<f64>, Vec<Oversubscribed>) {
    let mut guarantees = vec![0.0; classes.len()];
    for &class in order.iter().rev() {
        let of_children = || {
            let sum = below[class].iter().map(|&child| guarantees[child]).sum();
            // Nobody wrote this guarantee, so it bends to a ceiling that somebody did write.
            classes[class].ceiling.map_or(sum, |most| most.0.min(sum))
        };
        guarantees[class] = classes[class].guarantee.map_or_else(of_children, |g| g.0);
    }
    let mut found = Vec::new();
    for parent in std::iter::once(classes.len()).chain(order.iter().copied()) {
        let rate = guarantees.get(parent).copied().unwrap_or(link);
        let sum: f64 = below[parent].iter().map(|&child| guarantees[child]).sum();
        // Percentages that people add up to 100 % must not fail on the last bit.
        if sum <= rate * (1.0 + 1e-9) {
            continue;
        }
        found.push(Oversubscribed {
            parent: (parent < classes.len()).then_some(parent),
            sum: BitRate(sum),
            rate: BitRate(rate),
        });
        if rules.oversubscription == Oversubscription::Scale {
            for &child in &below[parent] {
                guarantees[child] *= rate / sum;
            }
        }
    }
    (guarantees, found)
}

/// Lays checked classes out for sharing.
fn lay_out(
    link: f64,
    classes: &[Class],
    below: &[Vec<usize>],
    order: &[usize],
    guarantees: &[f64],
    rules: Rules,
) -> Tree {
    let mut tree = Tree {
        leaves: Vec::new(),
        inners: vec![Inner {
            class: None,
            parent: 0,
            rate: link,
            ceiling: link,
            leaves: 0..0,
            end: 1,
        }],
        classes: classes.len(),
        rules,
        oversubscribed: Vec::new(),
    };
    // Where each class's children look for their parent; the link's children find node 0.
    let mut node_above = vec![0; classes.len()];
    for &class in order {
        let written = &classes[class];
        let guarantee = guarantees[class];
        let mut ceiling = written.ceiling.map_or(link.max(guarantee), |rate| rate.0);
        let by_users = written.per_user.map(|each| each.users * each.limit.0);
        let limited = by_users.is_some_and(|limit| limit < ceiling);
        ceiling = ceiling.min(by_users.unwrap_or(f64::INFINITY));
        let parent = node_above[class];
        if below[class].is_empty() {
            let weight = match rules.excess {
                Excess::Quantum => {
                    written
                        .quantum
                        .unwrap_or_else(|| default_quantum(BitRate(guarantee)))
                        .0
                }
                Excess::Proportional => guarantee,
                Excess::Equal => 1.0,
            };
            let weightless = weight < NO_WEIGHT;
            tree.leaves.push(Leaf {
                class,
                parent,
                guarantee,
                ceiling,
                by_users: limited,
                weight: if weightless { 1.0 } else { weight },
                rank: u64::from(written.priority) * 2 + u64::from(weightless),
            });
            continue;
        }
        let node = tree.inners.len();
        tree.inners.push(Inner {
            class: Some(class),
            parent,
            rate: guarantee.min(ceiling),
            ceiling,
            leaves: tree.leaves.len()..tree.leaves.len(),
            end: node + 1,
        });
        below[class]
            .iter()
            .for_each(|&child| node_above[child] = node);
    }
    close_ranges(&mut tree);
    tree
}

/// Sets where the leaves and inner nodes below each inner node end, children before parents.
fn close_ranges(tree: &mut Tree) {
    for (at, leaf) in tree.leaves.iter().enumerate() {
        let parent = &mut tree.inners[leaf.parent];
        parent.leaves.end = parent.leaves.end.max(at + 1);
    }
    for node in (1..tree.inners.len()).rev() {
        let (leaves, end) = (tree.inners[node].leaves.end, tree.inners[node].end);
        let parent = tree.inners[node].parent;
        let parent = &mut tree.inners[parent];
        parent.leaves.end = parent.leaves.end.max(leaves);
        parent.end = parent.end.max(end);
    }
}

//! Number or range: where the tree does not decide, the answer says so and gives bounds.

use crate::units::BitRate;

use super::fill::{Demand, DemandError, Sharer, Shares};
use super::tree::Tree;

/// Leaves up to which ranges behind a line are narrowed by search: each leaf costs about 40
/// divisions. Beyond, the bounds are those of the leaf's own limit.
const NARROWED_UP_TO: usize = 256;

/// Why the tree does not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undetermined {
    /// The line behind the shaper carries less than the classes send: who loses there is chance.
    Line,
    /// Every class that sends is guaranteed the whole link, which divides nothing: in one queue the
    /// flows decide, not the classes.
    Undivided,
}

/// Bounds of a share; equal when it is determined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Lowest.
    pub low: BitRate,
    /// Highest.
    pub high: BitRate,
}

/// Shares, or bounds of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the tree by itself lets through (with on-off sources: while all are on).
    pub shares: Shares,
    /// Bounds by class.
    pub ranges: Vec<Range>,
    /// Why low and high differ; `None` when they do not.
    pub undetermined: Option<Undetermined>,
}

/// Divides the link of `tree` among `demands`, with a line of rate `line` behind it where there is
/// one. As long as the line carries what the tree sends, the answer is [`super::share`]'s.
///
/// Otherwise the bounds of a class follow from what can last. A class is held down by the line only
/// while the line is overfull. So its low end is the least rate x at which the classes still send
/// more than the line carries when this one sends x: below it, nothing is lost and the class grows.
/// Its high end is what the others leave at their low ends, if the tree lets it have that.
/// (Measured: 30 + 30 under 50 behind a line of 50 gave 29/21, 22/28 and 21/29; the bounds are 20
/// and 30.)
///
/// # Errors
/// As [`super::share`]; a line that is negative, infinite or no number.
pub fn answer(
    tree: &Tree,
    demands: &[Demand],
    line: Option<BitRate>,
) -> Result<Answer, DemandError> {
    if let Some(BitRate(line)) = line
        && !(line.is_finite() && line >= 0.0)
    {
        return Err(DemandError::Line(line));
    }
    let mut sharer = Sharer::default();
    let shares = sharer.share(tree, demands)?.clone();
    let exact = |rate| Range {
        low: rate,
        high: rate,
    };
    let mut answer = Answer {
        ranges: shares.iter().map(exact).collect(),
        undetermined: None,
        shares,
    };
    let carried = line.map_or(tree.link().0, |line| line.0.min(tree.link().0));
    let overfull = |total: f64, line: f64| total > line * (1.0 + 1e-9);
    if undivided(tree, demands) && overfull(answer.shares.total, carried) {
        answer.undetermined = Some(Undetermined::Undivided);
        bound_by_limits(tree, demands, carried, &mut answer.ranges);
    } else if let Some(line) = line
        && overfull(answer.shares.total, line.0)
    {
        answer.undetermined = Some(Undetermined::Line);
        if tree.leaves.len() <= NARROWED_UP_TO {
            bound_by_search(tree, demands, line.0, &mut sharer, &mut answer)?;
        } else {
            bound_by_limits(tree, demands, line.0, &mut answer.ranges);
        }
    }
    if answer.undetermined.is_some() {
        add_up(
            tree,
            line.map_or(f64::INFINITY, |line| line.0),
            &mut answer.ranges,
        );
    }
    Ok(answer)
}

/// Whether two classes or more send, and each of them is guaranteed the whole link.
fn undivided(tree: &Tree, demands: &[Demand]) -> bool {
    let mut sending = tree
        .leaves
        .iter()
        .filter(|leaf| demands[leaf.class].most() > 0.0)
        .peekable();
    let first = sending.next();
    first.is_some()
        && sending.peek().is_some()
        && first
            .into_iter()
            .chain(sending)
            .all(|leaf| leaf.guarantee >= tree.link().0)
}

/// Each leaf's high end is its own limit, its low end what the others' limits leave.
fn bound_by_limits(tree: &Tree, demands: &[Demand], carried: f64, ranges: &mut [Range]) {
    let limit = |at: usize| {
        let leaf = &tree.leaves[at];
        demands[leaf.class].most().min(leaf.ceiling).min(carried)
    };
    let total: f64 = (0..tree.leaves.len()).map(limit).sum();
    for (at, leaf) in tree.leaves.iter().enumerate() {
        ranges[leaf.class] = Range {
            low: BitRate((carried - (total - limit(at))).clamp(0.0, limit(at))),
            high: BitRate(limit(at)),
        };
    }
}

/// The bounds that [`answer`] explains.
fn bound_by_search(
    tree: &Tree,
    demands: &[Demand],
    line: f64,
    sharer: &mut Sharer,
    answer: &mut Answer,
) -> Result<(), DemandError> {
    let mut changed = demands.to_vec();
    for leaf in &tree.leaves {
        let class = leaf.class;
        let (mut low, mut high) = (0.0, answer.shares.rates[class]);
        let mut overfull_at = |rate: f64| {
            changed[class] = Demand::Rate(BitRate(rate));
            let shares = sharer.share(tree, &changed)?;
            Ok(shares.total > line * (1.0 + 1e-9))
        };
        if overfull_at(0.0)? {
            high = 0.0;
        }
        for _ in 0..40 {
            let middle = (low + high) / 2.0;
            match overfull_at(middle)? {
                true => high = middle,
                false => low = middle,
            }
        }
        changed[class] = demands[class];
        answer.ranges[class].low = BitRate(high);
    }
    let lows: f64 = tree.leaf_classes().map(|at| answer.ranges[at].low.0).sum();
    for class in tree.leaf_classes() {
        changed[class] = Demand::Rate(answer.ranges[class].low);
    }
    for leaf in &tree.leaves {
        let low = answer.ranges[leaf.class].low;
        changed[leaf.class] = demands[leaf.class];
        let alone = sharer.share(tree, &changed)?.rates[leaf.class];
        changed[leaf.class] = Demand::Rate(low);
        let left = line - (lows - low.0);
        answer.ranges[leaf.class].high = BitRate(alone.min(left)).max(low);
    }
    Ok(())
}

/// Bounds of the inner classes from those of their leaves.
fn add_up(tree: &Tree, line: f64, ranges: &mut [Range]) {
    for inner in &tree.inners {
        let Some(class) = inner.class else { continue };
        let leaves = || tree.leaves[inner.leaves.clone()].iter();
        let low = leaves().map(|leaf| ranges[leaf.class].low).sum();
        let high: BitRate = leaves().map(|leaf| ranges[leaf.class].high).sum();
        ranges[class] = Range {
            low,
            high: high.min(BitRate(line)).max(low),
        };
    }
}

//! Why a class got what it got.

use crate::lang::Text;
use crate::text;
use crate::units::BitRate;

use super::answer::{Answer, Undetermined};
use super::fill::{Demand, NOBODY, Shares};
use super::tree::{Class, Tree};

/// The reason of a share: what would have to change for the class to get more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Why {
    /// It asks for nothing.
    Idle,
    /// It has all it asks for.
    DemandMet,
    /// It is at its own ceiling.
    Ceiling,
    /// It is at the limit of its users together.
    PerUser,
    /// A class above it is at its ceiling.
    CeilingAbove {
        /// That class.
        class: usize,
    },
    /// Its guarantee, and a part of the excess by weight: the water level ended there.
    WaterLevel {
        /// The class that lent last; `None` is the link.
        lender: Option<usize>,
        /// What it has above its guarantee.
        borrowed: BitRate,
    },
    /// Its guarantee only: classes of higher priority took the excess.
    Outranked,
    /// Its guarantee only: there was no excess to lend.
    GuaranteeOnly,
    /// An inner class: the sum of its leaves.
    Together,
    /// Not for the tree to say: it has a range.
    Undetermined(Undetermined),
}

impl Why {
    /// Stable name, for data.
    pub fn code(&self) -> &'static str {
        match self {
            Why::Idle => "idle",
            Why::DemandMet => "demand-met",
            Why::Ceiling => "ceiling",
            Why::PerUser => "per-user",
            Why::CeilingAbove { .. } => "ceiling-above",
            Why::WaterLevel { .. } => "water-level",
            Why::Outranked => "outranked",
            Why::GuaranteeOnly => "guarantee-only",
            Why::Together => "together",
            Why::Undetermined(Undetermined::Line) => "line-behind",
            Why::Undetermined(Undetermined::Undivided) => "undivided",
        }
    }

    /// The reason as a sentence; `classes` are those that the tree was built from.
    pub fn text(&self, classes: &[Class]) -> Text {
        let name = |class: usize| classes.get(class).map_or("?", |class| class.name.as_str());
        match *self {
            Why::Idle => Text::new("无流量", "asks for nothing"),
            Why::DemandMet => Text::new("需求全部满足", "demand met"),
            Why::Ceiling => Text::new("达到自身最大带宽", "at its own ceiling"),
            Why::PerUser => Text::new("达到单用户限制之和", "at the limit of its users"),
            Why::CeilingAbove { class } => {
                let name = name(class);
                text!("上级 {name} 达到最大带宽", "{name} above is at its ceiling")
            }
            Why::WaterLevel { lender, borrowed } => {
                let zh = lender.map_or("链路", name);
                let en = lender.map_or("the link", name);
                text!(
                    "保障之外按权重从{zh}借得 {borrowed}",
                    "guarantee, and {borrowed} lent by {en} by weight"
                )
            }
            Why::Outranked => Text::new(
                "仅有保障：余量归更高优先级",
                "guarantee only: higher priorities took the excess",
            ),
            Why::GuaranteeOnly => {
                Text::new("仅有保障：没有余量可借", "guarantee only: no excess left")
            }
            Why::Together => Text::new("下级之和", "sum of its leaves"),
            Why::Undetermined(Undetermined::Line) => Text::new(
                "后面的线路更窄：谁丢包由偶然决定",
                "the line behind is narrower: who loses there is chance",
            ),
            Why::Undetermined(Undetermined::Undivided) => Text::new(
                "各类都保障整条链路：由流的多少决定",
                "all are guaranteed the whole link: flows decide",
            ),
        }
    }
}

impl Shares {
    /// The reason of each class's share, for the tree and demands that gave these shares. Kept
    /// apart from the division, which runs far more often than anybody asks why.
    ///
    /// # Panics
    /// If the tree or the demands are not those that gave these shares.
    pub fn why(&self, tree: &Tree, demands: &[Demand]) -> Vec<Why> {
        let mut whys = vec![Why::Together; self.rates.len()];
        // The most urgent rank that each inner node lent to.
        let mut served = vec![u64::MAX; tree.inners.len()];
        for (leaf, &lender) in tree.leaves.iter().zip(&self.lender) {
            if lender != NOBODY {
                served[lender] = served[lender].min(leaf.rank);
            }
        }
        for (leaf, &lender) in tree.leaves.iter().zip(&self.lender) {
            let sent = self.rates[leaf.class];
            let demand = demands[leaf.class].most();
            let mut above = Ancestors::of(tree, leaf.parent);
            whys[leaf.class] = if demand <= 0.0 {
                Why::Idle
            } else if sent >= demand {
                Why::DemandMet
            } else if sent >= leaf.ceiling {
                match leaf.by_users {
                    true => Why::PerUser,
                    false => Why::Ceiling,
                }
            } else if let Some(class) = self.full_above(tree, leaf.parent) {
                Why::CeilingAbove { class }
            } else if lender != NOBODY {
                Why::WaterLevel {
                    lender: tree.inners[lender].class,
                    borrowed: BitRate(sent - leaf.guarantee),
                }
            } else if above.any(|node| served[node] / 2 < leaf.rank / 2) {
                Why::Outranked
            } else {
                Why::GuaranteeOnly
            };
        }
        whys
    }

    /// The nearest class from `node` upward whose ceiling is reached; the link is none.
    fn full_above(&self, tree: &Tree, node: usize) -> Option<usize> {
        Ancestors::of(tree, node).find_map(|node| {
            let inner = &tree.inners[node];
            let class = inner.class?;
            // The sum of many leaves meets the ceiling only up to rounding.
            (self.rates[class] >= inner.ceiling * (1.0 - 1e-9)).then_some(class)
        })
    }
}

impl Answer {
    /// As [`Shares::why`]; a class whose bounds differ has that for its reason.
    ///
    /// # Panics
    /// If the tree or the demands are not those that gave this answer.
    pub fn why(&self, tree: &Tree, demands: &[Demand]) -> Vec<Why> {
        let mut whys = self.shares.why(tree, demands);
        for (why, range) in whys.iter_mut().zip(&self.ranges) {
            if let Some(reason) = self.undetermined
                && range.low < range.high
            {
                *why = Why::Undetermined(reason);
            }
        }
        whys
    }
}

/// Inner nodes from one up to the link.
struct Ancestors<'t> {
    tree: &'t Tree,
    next: Option<usize>,
}

impl<'t> Ancestors<'t> {
    fn of(tree: &'t Tree, node: usize) -> Ancestors<'t> {
        Ancestors {
            tree,
            next: Some(node),
        }
    }
}

impl Iterator for Ancestors<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let node = self.next?;
        self.next = (node != 0).then(|| self.tree.inners[node].parent);
        Some(node)
    }
}

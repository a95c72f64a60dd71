//! What must hold of every division, on trees drawn at random.

use proptest::prelude::*;

use super::*;
use crate::units::{BitRate, Bytes};

/// Classes, demands and the link's rate: up to three levels, few distinct numbers so that ties and
/// full nodes happen often.
#[derive(Debug, Clone)]
struct Drawn {
    link: f64,
    classes: Vec<Class>,
    demands: Vec<Demand>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let class = (0..4usize, 0..12u32, 0..12u32, 0..3u32, 1..5u32, 0..40u32);
    (20..80u32, proptest::collection::vec(class, 1..14)).prop_map(|(link, drawn)| {
        let mut classes: Vec<Class> = Vec::new();
        let mut demands = Vec::new();
        for (at, (above, guarantee, more, priority, quantum, demand)) in drawn.iter().enumerate() {
            // The first three may be parents, each of the next; so the depth is at most four.
            let parent = (0..at.min(3))
                .nth(*above)
                .map(|parent| format!("c{parent}"));
            classes.push(Class {
                name: format!("c{at}"),
                parent,
                guarantee: Some(BitRate(f64::from(*guarantee))),
                ceiling: Some(BitRate(f64::from(guarantee + more * 3))),
                priority: *priority,
                quantum: Some(Bytes(f64::from(quantum * 1000))),
                per_user: None,
            });
            demands.push(match demand {
                30.. => Demand::Greedy,
                rate => Demand::Rate(BitRate(f64::from(*rate))),
            });
        }
        Drawn {
            link: f64::from(link),
            classes,
            demands,
        }
    })
}

impl Drawn {
    fn tree(&self, rules: Rules) -> Tree {
        Tree::new(BitRate(self.link), &self.classes, rules).unwrap()
    }

    fn shares(&self, rules: Rules) -> Vec<f64> {
        let shares = share(&self.tree(rules), &self.demands).unwrap();
        shares.iter().map(|rate| rate.0).collect()
    }

    fn parent(&self, class: usize) -> Option<usize> {
        let parent = self.classes[class].parent.as_deref()?;
        self.classes.iter().position(|class| class.name == parent)
    }

    fn is_leaf(&self, class: usize) -> bool {
        (0..self.classes.len()).all(|other| self.parent(other) != Some(class))
    }

    fn ceiling(&self, class: usize) -> f64 {
        self.classes[class].ceiling.unwrap().0
    }
}

fn rules() -> impl Strategy<Value = Rules> {
    let excess = prop_oneof![
        Just(Excess::Quantum),
        Just(Excess::Proportional),
        Just(Excess::Equal)
    ];
    let over = prop_oneof![Just(Oversubscription::Leak), Just(Oversubscription::Scale)];
    (excess, over).prop_map(|(excess, oversubscription)| Rules {
        excess,
        oversubscription,
    })
}

/// Rounding allowed, in a link of 20 to 80.
const NEAR: f64 = 1e-9;

/// The rule done slowly and plainly: the water rises in exact steps from one event to the next, and
/// every step looks at everything. A second formula for the heap and the sorting of `fill`.
fn plainly(drawn: &Drawn, rules: Rules) -> Vec<f64> {
    let n = drawn.classes.len();
    let mut guarantee: Vec<f64> = drawn
        .classes
        .iter()
        .map(|c| c.guarantee.unwrap().0)
        .collect();
    if rules.oversubscription == Oversubscription::Scale {
        // Parents stand before children in `drawn`.
        for parent in std::iter::once(None).chain((0..n).map(Some)) {
            let children: Vec<usize> = (0..n).filter(|&c| drawn.parent(c) == parent).collect();
            let sum: f64 = children.iter().map(|&c| guarantee[c]).sum();
            let rate = parent.map_or(drawn.link, |parent| guarantee[parent]);
            if sum > rate * (1.0 + 1e-9) {
                children.iter().for_each(|&c| guarantee[c] *= rate / sum);
            }
        }
    }
    let leaves: Vec<usize> = (0..n).filter(|&c| drawn.is_leaf(c)).collect();
    let most = |c: usize| match drawn.demands[c] {
        Demand::Greedy => drawn.ceiling(c),
        Demand::Rate(rate) => rate.0.min(drawn.ceiling(c)),
    };
    let below = |c: usize, top: Option<usize>| {
        let mut at = Some(c);
        while at.is_some() && at != top {
            at = drawn.parent(at.unwrap());
        }
        at == top
    };
    let mut x = vec![0.0; n];
    leaves
        .iter()
        .for_each(|&c| x[c] = most(c).min(guarantee[c]));
    let used = |x: &[f64], top: Option<usize>| -> f64 {
        leaves
            .iter()
            .filter(|&&c| below(c, top))
            .map(|&c| x[c])
            .sum()
    };
    let lenders = (0..n)
        .rev()
        .filter(|&c| !drawn.is_leaf(c))
        .map(Some)
        .chain([None]);
    for lender in lenders {
        let rate = lender.map_or(drawn.link, |c| guarantee[c]);
        let weight = |c: usize| match rules.excess {
            Excess::Quantum => drawn.classes[c].quantum.unwrap().0,
            Excess::Proportional => guarantee[c],
            Excess::Equal => 1.0,
        };
        for turn in 0..8 {
            let (priority, weightless) = (turn / 2, turn % 2 == 1);
            let weight = |c| if weightless { 1.0 } else { weight(c) };
            let chosen: Vec<usize> = leaves
                .iter()
                .copied()
                .filter(|&c| drawn.classes[c].priority == priority && below(c, lender))
                .filter(|&c| {
                    let none = rules.excess == Excess::Proportional && guarantee[c] == 0.0;
                    none == weightless
                })
                .collect();
            loop {
                let spare = rate - used(&x, lender);
                if spare <= NEAR / 10.0 {
                    break;
                }
                let between = |c: usize| {
                    let mut nodes = Vec::new();
                    let mut at = drawn.parent(c);
                    while at != lender {
                        nodes.push(at.unwrap());
                        at = drawn.parent(at.unwrap());
                    }
                    nodes
                };
                let rising: Vec<usize> = chosen
                    .iter()
                    .copied()
                    .filter(|&c| most(c) - x[c] > NEAR / 100.0)
                    .filter(|&c| {
                        let mut nodes = between(c).into_iter();
                        nodes.all(|node| drawn.ceiling(node) - used(&x, Some(node)) > NEAR / 10.0)
                    })
                    .collect();
                if rising.is_empty() {
                    break;
                }
                let weight_below = |top: Option<usize>| -> f64 {
                    rising
                        .iter()
                        .filter(|&&c| below(c, top))
                        .map(|&c| weight(c))
                        .sum()
                };
                let mut step = spare / weight_below(lender);
                for &c in &rising {
                    step = step.min((most(c) - x[c]) / weight(c));
                    for node in between(c) {
                        let room = drawn.ceiling(node) - used(&x, Some(node));
                        step = step.min(room / weight_below(Some(node)));
                    }
                }
                rising.iter().for_each(|&c| x[c] += weight(c) * step);
            }
        }
    }
    (0..n)
        .map(|c| {
            if drawn.is_leaf(c) {
                x[c]
            } else {
                used(&x, Some(c))
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fast_division_is_the_plain_one(drawn in drawn(), rules in rules()) {
        let (fast, plain) = (drawn.shares(rules), plainly(&drawn, rules));
        for (fast_one, plain_one) in fast.iter().zip(&plain) {
            prop_assert!((fast_one - plain_one).abs() < 1e-6, "{fast:?}\n{plain:?}");
        }
    }

    #[test]
    fn no_leaf_exceeds_its_demand_or_ceiling_and_the_link_only_leaks_guarantees(
        drawn in drawn(), rules in rules(),
    ) {
        let shares = drawn.shares(rules);
        let (mut total, mut guaranteed) = (0.0, 0.0);
        for class in (0..shares.len()).filter(|&class| drawn.is_leaf(class)) {
            let demand = match drawn.demands[class] {
                Demand::Greedy => f64::INFINITY,
                Demand::Rate(rate) => rate.0,
            };
            let most = demand.min(drawn.ceiling(class));
            prop_assert!(shares[class] >= 0.0 && shares[class] <= most + NEAR);
            total += shares[class];
            guaranteed += most.min(drawn.classes[class].guarantee.unwrap().0);
        }
        prop_assert!(total <= drawn.link.max(leaking(&drawn, rules, guaranteed)) + NEAR);
    }

    #[test]
    fn nothing_idles_while_somebody_below_his_ceilings_wants_more(
        drawn in drawn(), rules in rules(),
    ) {
        let shares = drawn.shares(rules);
        let leaves = (0..shares.len()).filter(|&class| drawn.is_leaf(class));
        let total: f64 = leaves.clone().map(|class| shares[class]).sum();
        for class in leaves {
            let wants = match drawn.demands[class] {
                Demand::Greedy => true,
                Demand::Rate(rate) => shares[class] < rate.0 - NEAR,
            };
            let mut free = true;
            let mut at = Some(class);
            while let Some(node) = at {
                free &= shares[node] < drawn.ceiling(node) - NEAR;
                at = drawn.parent(node);
            }
            prop_assert!(!(wants && free) || total >= drawn.link - NEAR, "class {class} of {shares:?}");
        }
    }

    #[test]
    fn more_capacity_lowers_no_share_on_one_link(drawn in drawn(), rules in rules(), more in 1..30u32) {
        let mut wider = drawn.clone();
        wider.link += f64::from(more);
        for (narrow, wide) in drawn.shares(rules).iter().zip(wider.shares(rules)) {
            // Flat trees under a leaking rule; scaling moves weight between levels.
            if drawn.classes.iter().all(|class| class.parent.is_none())
                || rules.oversubscription == Oversubscription::Leak
            {
                prop_assert!(wide >= narrow - NEAR);
            }
        }
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(drawn in drawn(), rules in rules()) {
        let mut turned = drawn.clone();
        turned.classes.reverse();
        turned.demands.reverse();
        let mut back = turned.shares(rules);
        back.reverse();
        for (straight, back) in drawn.shares(rules).iter().zip(back) {
            prop_assert!((straight - back).abs() < 1e-6);
        }
    }

    #[test]
    fn ten_million_times_everything_is_ten_million_times_every_share(
        drawn in drawn(), rules in rules(),
    ) {
        let by = 1e7;
        let mut large = drawn.clone();
        large.link *= by;
        for class in &mut large.classes {
            class.guarantee = class.guarantee.map(|rate| rate * by);
            class.ceiling = class.ceiling.map(|rate| rate * by);
        }
        for demand in &mut large.demands {
            if let Demand::Rate(rate) = demand {
                *rate = *rate * by;
            }
        }
        for (small, large) in drawn.shares(rules).iter().zip(large.shares(rules)) {
            prop_assert!((small * by - large).abs() < 1e-6 * by);
        }
    }

    #[test]
    fn wild_numbers_stay_numbers_within_their_bounds(
        drawn in drawn(), rules in rules(), powers in proptest::collection::vec(0..17i32, 14),
    ) {
        let mut wild = drawn.clone();
        wild.link *= 1e16;
        for (class, power) in wild.classes.iter_mut().zip(&powers) {
            let by = 10_f64.powi(*power);
            class.guarantee = class.guarantee.map(|rate| rate * (by / 1e9));
            class.ceiling = class.ceiling.map(|rate| rate * by);
            class.quantum = Some(Bytes(10_f64.powi(power / 2)));
        }
        for (class, share) in wild.shares(rules).into_iter().enumerate() {
            prop_assert!(share.is_finite() && share >= 0.0);
            if wild.is_leaf(class) {
                prop_assert!(share <= wild.ceiling(class));
            }
        }
    }

    #[test]
    fn a_kept_sharer_says_what_a_fresh_one_says(first in drawn(), second in drawn()) {
        let mut sharer = Sharer::default();
        for drawn in [&first, &second, &first] {
            let tree = drawn.tree(Rules::default());
            let kept = sharer.share(&tree, &drawn.demands).unwrap().clone();
            prop_assert_eq!(kept, share(&tree, &drawn.demands).unwrap());
        }
    }

    #[test]
    fn behind_a_line_the_bounds_hold_the_line(drawn in drawn(), line in 5..60u32) {
        let tree = drawn.tree(Rules::default());
        let line = f64::from(line);
        let answer = answer(&tree, &drawn.demands, Some(BitRate(line))).unwrap();
        let sum = |end: fn(&Range) -> f64| -> f64 {
            tree.leaf_classes().map(|class| end(&answer.ranges[class])).sum()
        };
        for range in &answer.ranges {
            prop_assert!(range.low.0 <= range.high.0 + NEAR);
        }
        let (low, high) = (sum(|range| range.low.0), sum(|range| range.high.0));
        prop_assert!(low <= line + 1e-6);
        if answer.undetermined.is_some() {
            prop_assert!(high >= line.min(drawn.link) - 1e-6);
        }
    }
}

/// The most that leaks past the link: guarantees of leaves, and guarantees of inner nodes, which
/// lend whatever the link has.
fn leaking(drawn: &Drawn, rules: Rules, leaves: f64) -> f64 {
    if rules.oversubscription == Oversubscription::Scale {
        return 0.0;
    }
    let inner = (0..drawn.classes.len()).filter(|&class| !drawn.is_leaf(class));
    leaves
        + inner
            .map(|class| drawn.classes[class].guarantee.unwrap().0)
            .sum::<f64>()
}

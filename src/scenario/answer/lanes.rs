//! Lanes: one class of one link, one way. A lane is the unit of sharing.

use crate::demand::Background;
use crate::qos::{Class, Demand, Excess, Oversubscription, PerUser, Rules, Sharer, Tree};
use crate::topology::{LinkAt, OversubscriptionName, Policy, ShareName, Topology, Way};
use crate::units::{BitRate, Bytes};

/// One class of one link, one way; a link without a policy has one lane each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    /// The link.
    pub link: LinkAt,
    /// Which way.
    pub way: Way,
    /// Position of the class in the link's policy; 0 without a policy.
    pub class: usize,
}

/// All lanes of a topology, each link's together.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Lanes {
    /// Every lane, by link, way and class.
    pub(in crate::scenario) all: Vec<Lane>,
    /// First lane of each (link, way).
    first: Vec<[usize; 2]>,
}

impl Lanes {
    /// The lanes of `topology`.
    pub(in crate::scenario) fn new(topology: &Topology) -> Lanes {
        let mut all = Vec::new();
        let mut first = Vec::new();
        for (position, link) in topology.links.iter().enumerate() {
            let classes = link.policy.map_or(1, |at| topology[at].classes.len());
            let mut starts = [0; 2];
            for way in Way::BOTH {
                starts[way.at()] = all.len();
                let link = LinkAt(position);
                all.extend((0..classes).map(|class| Lane { link, way, class }));
            }
            first.push(starts);
        }
        Lanes { all, first }
    }

    /// The lane that traffic of kind `tag` takes.
    pub(in crate::scenario) fn of(
        &self,
        topology: &Topology,
        link: LinkAt,
        way: Way,
        tag: &str,
    ) -> usize {
        let class = topology[link]
            .policy
            .map_or(0, |at| topology[at].class_of(tag));
        self.first[link.0][way.at()] + class
    }

    /// Positions of the lanes of one link, one way.
    pub(in crate::scenario) fn on(
        &self,
        topology: &Topology,
        link: LinkAt,
        way: Way,
    ) -> std::ops::Range<usize> {
        let classes = topology[link]
            .policy
            .map_or(1, |at| topology[at].classes.len());
        let first = self.first[link.0][way.at()];
        first..first + classes
    }

    /// What others send on each lane, bit/s.
    pub(super) fn background(&self, topology: &Topology, all: &[Background<'_>]) -> Vec<f64> {
        let mut rates = vec![0.0; self.all.len()];
        for one in all {
            rates[self.of(topology, one.link, one.way, one.class)] += one.rate.0;
        }
        rates
    }
}

/// What is asked of every lane in one hour, and what it could give; bit/s by lane.
#[derive(Debug, Clone)]
pub(super) struct Loads {
    /// What others send.
    pub(super) others: Vec<f64>,
    /// What all would send if nothing had a queue.
    pub(super) offered: Vec<f64>,
    /// What the lane's own traffic could get.
    pub(super) capacity: Vec<f64>,
    /// Standard deviation of the offered rate over the peak's window.
    pub(super) deviation: Vec<f64>,
    /// Part of the time in which the offered rate is above the capacity.
    pub(super) full: Vec<f64>,
    /// Wait of a packet in a full class, seconds.
    pub(super) full_queue: f64,
}

/// The class trees of every shared link, kept from hour to hour.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Sharing {
    sharer: Sharer,
    /// For each (link, way) with a policy, and each set of classes in force, its tree.
    trees: Vec<Shared>,
}

#[derive(Debug, Clone)]
struct Shared {
    link: LinkAt,
    way: Way,
    /// By hour: which of `trees`.
    by_hour: [usize; 24],
    /// Distinct trees; `None`: the policy's guarantees do not fit and its rule refuses that.
    trees: Vec<(Vec<bool>, Option<Tree>)>,
}

/// A resource whose limit is taken away to see what binds next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) struct Lifted<'l> {
    /// Classes that may use the whole line.
    pub lanes: &'l [Lane],
    /// Links that are wide enough for anything.
    pub links: &'l [LinkAt],
}

impl Lifted<'static> {
    /// Everything as it is.
    pub(in crate::scenario) const NOTHING: Lifted<'static> = Lifted {
        lanes: &[],
        links: &[],
    };
}

/// A limit that no case comes near: what a lifted link carries.
pub(super) const WIDE: f64 = 1e13;

impl Sharing {
    pub(in crate::scenario) fn new(topology: &Topology, lifted: Lifted<'_>) -> Sharing {
        let mut trees = Vec::new();
        for (position, link) in topology.links.iter().enumerate() {
            let Some(policy) = link.policy.map(|at| &topology[at]) else {
                continue;
            };
            for way in Way::BOTH {
                trees.push(shared(policy, topology, LinkAt(position), way, lifted));
            }
        }
        Sharing {
            sharer: Sharer::default(),
            trees,
        }
    }

    /// The distinct trees of one link, one way, and by hour which of them is in force; `None` where no
    /// policy shapes it.
    pub(in crate::scenario) fn of(
        &self,
        link: LinkAt,
        way: Way,
    ) -> Option<(Vec<Option<Tree>>, [usize; 24])> {
        let own = |shared: &&Shared| (shared.link, shared.way) == (link, way);
        let shared = self.trees.iter().find(own)?;
        let trees = shared.trees.iter().map(|(_, tree)| tree.clone());
        Some((trees.collect(), shared.by_hour))
    }

    /// Whether the same classes are in force in two hours.
    pub(super) fn alike(&self, a: usize, b: usize) -> bool {
        let same = |shared: &Shared| shared.by_hour[a] == shared.by_hour[b];
        self.trees.iter().all(same)
    }

    /// What each lane could get at `hour` if it asked for everything while the others ask for
    /// `offered` (bit/s by lane): what a lane's users share among themselves.
    pub(super) fn capacities(
        &mut self,
        topology: &Topology,
        lanes: &Lanes,
        hour: usize,
        offered: &[f64],
        lifted: Lifted<'_>,
    ) -> Vec<f64> {
        let mut capacities: Vec<f64> = lanes
            .all
            .iter()
            .map(|lane| match lifted.links.contains(&lane.link) {
                true => WIDE,
                false => topology[lane.link].capacity[lane.way.at()].0,
            })
            .collect();
        for shared in &self.trees {
            let range = lanes.on(topology, shared.link, shared.way);
            let (_, tree) = &shared.trees[shared.by_hour[hour]];
            let line = capacities[range.start];
            let Some(tree) = tree else {
                continue;
            };
            let demand = |rate: f64| Demand::Rate(BitRate(rate));
            let mut demands: Vec<Demand> = offered[range.clone()]
                .iter()
                .map(|&rate| demand(rate))
                .collect();
            for (class, lane) in range.clone().enumerate() {
                let own = std::mem::replace(&mut demands[class], Demand::Greedy);
                if let Ok(shares) = self.sharer.share(tree, &demands) {
                    let total = shares.total().0;
                    // Classes may send more than the line carries: guarantees that leak, or a total
                    // above the line. What exceeds it is dropped at random, so all lose alike; but
                    // what was lifted has no limit.
                    let passed = match total > line && !lifted.lanes.contains(&lanes.all[lane]) {
                        true => line / total,
                        false => 1.0,
                    };
                    capacities[lane] = shares.rate(class).0 * passed;
                }
                demands[class] = own;
            }
        }
        capacities
    }
}

fn shared(
    policy: &Policy,
    topology: &Topology,
    link: LinkAt,
    way: Way,
    lifted: Lifted<'_>,
) -> Shared {
    let mut trees: Vec<(Vec<bool>, Option<Tree>)> = Vec::new();
    let mut by_hour = [0; 24];
    for (hour, at) in by_hour.iter_mut().enumerate() {
        let in_force: Vec<bool> = policy
            .classes
            .iter()
            // A class is in force in an hour when it covers most of it.
            .map(|class| class.enabled && class.active.is_none_or(|range| range.cover(hour) >= 0.5))
            .collect();
        *at = match trees.iter().position(|(known, _)| *known == in_force) {
            Some(known) => known,
            None => {
                let tree = tree(policy, topology, link, way, &in_force, lifted);
                trees.push((in_force, tree));
                trees.len() - 1
            }
        };
    }
    Shared {
        link,
        way,
        by_hour,
        trees,
    }
}

fn tree(
    policy: &Policy,
    topology: &Topology,
    link: LinkAt,
    way: Way,
    in_force: &[bool],
    lifted: Lifted<'_>,
) -> Option<Tree> {
    let wide = lifted.links.contains(&link);
    let line = match wide {
        true => BitRate(WIDE),
        false => policy.root.unwrap_or(topology[link].capacity[way.at()]),
    };
    let classes: Vec<Class> = policy
        .classes
        .iter()
        .zip(in_force)
        .enumerate()
        .map(|(position, (class, in_force))| {
            let lane = Lane {
                link,
                way,
                class: position,
            };
            let free = lifted.lanes.contains(&lane);
            let guarantee = class.guarantee[way.at()];
            let ceiling = class.ceiling[way.at()];
            Class {
                name: class.id.clone(),
                parent: None,
                guarantee: Some(match (in_force, free) {
                    (true, true) => line,
                    (true, false) => guarantee,
                    (false, _) => BitRate::ZERO,
                }),
                // A guarantee above the line keeps its ceiling: the rule says what becomes of it.
                ceiling: ceiling
                    .filter(|_| *in_force && !free)
                    .map(|ceiling| ceiling.min(line).max(guarantee)),
                priority: class.priority,
                quantum: class.quantum.map(|quantum| Bytes(f64::from(quantum))),
                per_user: None::<PerUser>,
            }
        })
        .collect();
    Tree::new(line, &classes, rules(policy, !lifted.lanes.is_empty())).ok()
}

/// The rule that the policy names. With a class lifted its guarantee is the whole line, which only a
/// rule that scales can carry.
fn rules(policy: &Policy, lifted: bool) -> Rules {
    let (share, oversubscription) = policy.rule();
    Rules {
        excess: match share {
            ShareName::LinuxHtb => Excess::Quantum,
            ShareName::Proportional => Excess::Proportional,
            ShareName::Equal => Excess::Equal,
        },
        oversubscription: match oversubscription {
            _ if lifted => Oversubscription::Leak,
            OversubscriptionName::Leak => Oversubscription::Leak,
            OversubscriptionName::Scale => Oversubscription::Scale,
            OversubscriptionName::Reject => Oversubscription::Reject,
        },
    }
}

//! A journey in figures: what each step adds, what has gathered so far, how long the parts are.
//!
//! All figures are of an idle network: propagation and loss as the file gives them, no queues.

use super::{Journey, LinkAt, Step, Topology, Way};
use crate::units::{BitRate, Fraction, Seconds};

/// One step of a walk with what has gathered up to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    /// The node reached and the link taken.
    pub step: Step,
    /// Which visit of this node it is, from 1.
    pub visit: usize,
    /// How often the whole walk visits this node.
    pub visits: usize,
    /// One-way delay of the link taken; zero at the start.
    pub delay: Seconds,
    /// Delay from the start to here.
    pub delay_so_far: Seconds,
    /// Loss on the link taken; zero at the start.
    pub loss: Fraction,
    /// Part of the packets that would not get from the start to here: 1 - Π(1 - loss).
    pub loss_so_far: Fraction,
    /// Where it stands on the walk.
    pub role: Role,
}

/// Where a step stands on its walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The first step.
    Start,
    /// On the trunk.
    Trunk,
    /// On the trunk, where side loop `n` (from 1) begins.
    Leaves(u32),
    /// Inside side loop `n`.
    Loop(u32),
    /// Back on the trunk at the end of side loop `n`.
    Rejoins(u32),
    /// The turning point.
    Turn,
    /// The last step.
    End,
}

/// How long a journey is, in idle delay, and where it is narrowest.
#[derive(Debug, Clone, PartialEq)]
pub struct Extent {
    /// Steps over links, there and back.
    pub hops: usize,
    /// From the start to the turning point, side loops included.
    pub outward: Seconds,
    /// From the turning point to the end, side loops included.
    pub back: Seconds,
    /// There and back without any side loop.
    pub trunk: Seconds,
    /// Each side loop, in walking order.
    pub loops: Vec<Seconds>,
    /// Part of the packets lost on the whole walk.
    pub loss: Fraction,
    /// The link with the least capacity in the way it is passed, the first of equals; `None` on a
    /// walk without links.
    pub narrowest: Option<(LinkAt, Way, BitRate)>,
}

impl Extent {
    /// There and back, side loops included.
    pub fn whole(&self) -> Seconds {
        self.outward + self.back
    }
}

impl Topology {
    /// Every step of `journey` with what has gathered on the way, the start first.
    pub fn passages(&self, journey: &Journey) -> Vec<Passage> {
        let mut visits = vec![0; self.nodes.len()];
        let mut so_far = Seconds::ZERO;
        let mut kept = 1.0;
        let mut passages: Vec<Passage> = Vec::with_capacity(journey.steps.len());
        for (position, step) in journey.steps.iter().enumerate() {
            let (delay, loss) = match step.via {
                Some((link, _)) => (self[link].delay, self[link].loss),
                None => (Seconds::ZERO, Fraction::ZERO),
            };
            so_far += delay;
            kept *= 1.0 - loss.0;
            visits[step.node.0] += 1;
            passages.push(Passage {
                step: *step,
                visit: visits[step.node.0],
                visits: 0,
                delay,
                delay_so_far: so_far,
                loss,
                loss_so_far: Fraction(1.0 - kept),
                role: journey.role(position),
            });
        }
        for passage in &mut passages {
            passage.visits = visits[passage.step.node.0];
        }
        passages
    }

    /// The figures of `journey` as a whole.
    pub fn extent(&self, journey: &Journey) -> Extent {
        let passages = self.passages(journey);
        let at_turn = passages.get(journey.turn).or(passages.last());
        let outward = at_turn.map_or(Seconds::ZERO, |passage| passage.delay_so_far);
        // Summed on its own, not as a difference: the ways back and out then compare exactly.
        let back = passages.iter().skip(journey.turn + 1);
        let delay = |(link, _): (LinkAt, Way)| self[link].delay;
        let passed = || journey.steps.iter().filter_map(|step| step.via);
        let narrowest = passed()
            .map(|(link, way)| (link, way, self[link].capacity[way.at()]))
            .reduce(|least, other| if other.2 < least.2 { other } else { least });
        Extent {
            hops: passed().count(),
            outward,
            back: back.map(|passage| passage.delay).sum(),
            trunk: journey.trunk().map(delay).sum(),
            loops: (1..=journey.loops.len())
                .map(|number| journey.side_loop(number as u32).map(delay).sum())
                .collect(),
            loss: passages
                .last()
                .map_or(Fraction::ZERO, |passage| passage.loss_so_far),
            narrowest,
        }
    }
}

impl Journey {
    fn role(&self, position: usize) -> Role {
        for (at, side_loop) in self.loops.iter().enumerate() {
            let number = at as u32 + 1;
            if position == *side_loop.start() {
                return Role::Leaves(number);
            }
            if position == *side_loop.end() {
                return Role::Rejoins(number);
            }
            if side_loop.contains(&position) {
                return Role::Loop(number);
            }
        }
        match position {
            0 => Role::Start,
            _ if position == self.turn => Role::Turn,
            _ if position + 1 == self.steps.len() => Role::End,
            _ => Role::Trunk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;
    use crate::error::Sources;
    use crate::topology::load::build;

    const FILE: &str = r#"
format = 1
name = { zh = "小", en = "small" }
owner.o = { name = { zh = "我", en = "me" } }
peak = { window = "1 s", exceeded = "1 %", background-spread = "0 %" }
[transport]
segment = "1400 B"
initial-window = "14000 B"
control = "cubic"
timeout = "200 ms"
full-queue = "100 ms"
[node]
a = { kind = "terminal", name = { zh = "甲", en = "a" }, owner = "o" }
b = { kind = "gateway", name = { zh = "乙", en = "b" }, owner = "o" }
c = { kind = "external", name = { zh = "丙", en = "c" }, owner = "o" }
d = { kind = "app", name = { zh = "丁", en = "d" }, owner = "o" }
[link]
ab = { from = "a", to = "b", capacity-up = "10 Mbit/s", capacity-down = "5 Mbit/s", delay = "1 ms", loss = "10 %", owner = "o" }
bc = { from = "b", to = "c", capacity = "20 Mbit/s", delay = "4 ms", owner = "o" }
bd = { from = "b", to = "d", capacity = "20 Mbit/s", delay = "2 ms", owner = "o" }
[journey.there]
name = { zh = "去", en = "there" }
path = "a->b->c->b->d"
"#;

    fn small() -> Topology {
        let mut sources = Sources::default();
        let file = sources.add("small.toml".into(), FILE.into());
        let (root, problems) = document::parse(file, FILE);
        build(root, sources, problems).unwrap().topology
    }

    #[test]
    fn delays_and_losses_gather_along_the_walk() {
        let topology = small();
        let journey = &topology.journeys[0];
        let passages = topology.passages(journey);
        // a b c b | d | b c b a: 1, 4, 4, 2, 2, 4, 4, 1 ms one after another.
        let so_far = passages
            .iter()
            .map(|passage| (passage.delay_so_far.as_ms() * 10.0).round() as u32)
            .collect::<Vec<_>>();
        assert_eq!(so_far, [0, 10, 50, 90, 110, 130, 170, 210, 220]);
        let visits = passages.iter().map(|p| (p.visit, p.visits));
        assert_eq!(
            visits.collect::<Vec<_>>(),
            [
                (1, 2),
                (1, 4),
                (1, 2),
                (2, 4),
                (1, 1),
                (3, 4),
                (2, 2),
                (4, 4),
                (2, 2)
            ]
        );
        // The lossy link is passed twice: 1 - 0.9 * 0.9.
        assert!((passages[8].loss_so_far.0 - 0.19).abs() < 1e-12);
        assert!((passages[4].loss_so_far.0 - 0.1).abs() < 1e-12);
        let roles = passages.iter().map(|passage| passage.role);
        assert_eq!(
            roles.collect::<Vec<_>>(),
            [
                Role::Start,
                Role::Leaves(1),
                Role::Loop(1),
                Role::Rejoins(1),
                Role::Turn,
                Role::Leaves(2),
                Role::Loop(2),
                Role::Rejoins(2),
                Role::End,
            ]
        );
    }

    #[test]
    fn an_extent_separates_trunk_and_side_loops() {
        let topology = small();
        let extent = topology.extent(&topology.journeys[0]);
        let ms = |time: Seconds| (time.as_ms() * 10.0).round() / 10.0;
        assert_eq!(extent.hops, 8);
        assert_eq!((ms(extent.outward), ms(extent.back)), (11.0, 11.0));
        assert_eq!((ms(extent.whole()), ms(extent.trunk)), (22.0, 6.0));
        assert_eq!(
            extent.loops.iter().map(|t| ms(*t)).collect::<Vec<_>>(),
            [8.0, 8.0]
        );
        // Narrowest on the way back: 5 Mbit/s down.
        assert_eq!(
            extent.narrowest,
            Some((LinkAt(0), Way::Down, BitRate::mbit(5.0)))
        );
    }
}

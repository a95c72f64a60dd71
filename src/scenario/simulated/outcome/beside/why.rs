//! Why the two answers differ: the weightiest reason that the numbers of both show.

use super::super::{GateOutcome, Outcome, lane_resource};
use super::Why;
use crate::scenario::answer::{Day, Hour, Lane, Resource};
use crate::scenario::simulated::Laid;
use crate::sim::day::record::MINUTE;
use crate::sim::day::spec::{Crowd, Leg};
use crate::topology::{NodeAt, Topology};

/// Load over capacity from which the two models part: a queue that has not settled when the hour ends.
const LOADED: f64 = 0.9;

/// Part of the time that a lane must be full to explain anything.
const OFTEN: f64 = 0.01;

/// Users' rates that fill a lane: below so many the whole users count, not their mean.
const FEW: f64 = 10.0;

/// What an act asks for: lanes with the most that one transfer gets there, nodes, gates.
#[derive(Debug, Default)]
struct Asked {
    lanes: Vec<(Lane, f64)>,
    nodes: Vec<NodeAt>,
    gates: Vec<NodeAt>,
}

fn asked(laid: &Laid, label: usize) -> Asked {
    let mut asked = Asked::default();
    for group in &laid.spec.groups {
        for act in group.acts.iter().filter(|act| act.label == label) {
            for leg in &act.legs {
                match leg {
                    Leg::Transfer { path, .. } => {
                        let path = &laid.spec.paths[*path];
                        let lanes = path.lanes.iter().map(|lane| (laid.lanes[*lane], path.cap));
                        asked.lanes.extend(lanes);
                    }
                    Leg::Work { station, .. } => asked.nodes.push(laid.stations[*station]),
                }
            }
            if let Crowd::Online {
                session: Some(session),
                ..
            } = &group.crowd
            {
                let gates = session.gates.iter().map(|gate| laid.gates[*gate]);
                asked.gates.extend(gates);
            }
        }
    }
    asked
}

/// Why the times of a label differ, the weightiest reason first.
pub(super) fn why(
    topology: &Topology,
    laid: &Laid,
    day: &Day,
    outcome: &Outcome,
    label: usize,
    hours: &[(usize, f64)],
) -> Why {
    let asked = asked(laid, label);
    let passed = |lane: Lane| asked.lanes.iter().any(|(own, _)| *own == lane);
    let worked = |node: NodeAt| asked.nodes.contains(&node);
    let hurt = |gate: &&GateOutcome| {
        asked.gates.contains(&gate.node) && gate.refused.value + gate.dropped.value > 0.0
    };
    let sessions = || {
        let gate = outcome.gates.iter().find(hurt)?;
        Some(Why::Sessions(gate.node))
    };
    overload(topology, day, hours, passed, worked)
        .or_else(sessions)
        .or_else(|| bursts(topology, day, outcome, passed, hours))
        .or_else(|| few(topology, day, &asked, hours))
        .unwrap_or(Why::Unexplained)
}

/// The fullest thing in any of the hours, where it is nearly full or more.
pub(super) fn overload(
    topology: &Topology,
    day: &Day,
    hours: &[(usize, f64)],
    passed: impl Fn(Lane) -> bool,
    worked: impl Fn(NodeAt) -> bool,
) -> Option<Why> {
    let mut worst: Option<(Resource, usize, f64)> = None;
    for (hour, own) in hours
        .iter()
        .filter_map(|&(at, _)| Some((at, day.hours.get(at)?)))
    {
        let lanes = own.lanes.iter().filter(|load| passed(load.lane));
        let lanes = lanes.map(|load| (lane_resource(topology, load.lane), load.utilisation()));
        let nodes = own.servers.iter().filter(|load| worked(load.node));
        let nodes = nodes.map(|load| (Resource::Servers(load.node), load.utilisation()));
        for (resource, level) in lanes.chain(nodes) {
            if level >= LOADED && worst.is_none_or(|(_, _, most)| level > most) {
                worst = Some((resource, hour, level));
            }
        }
    }
    worst.map(|(resource, hour, level)| Why::Overload(resource, hour, level))
}

/// The lane that is full most of the time, where it is so for longer than the analysis expects.
fn bursts(
    topology: &Topology,
    day: &Day,
    outcome: &Outcome,
    passed: impl Fn(Lane) -> bool,
    hours: &[(usize, f64)],
) -> Option<Why> {
    let lanes = outcome.lanes.iter().filter(|own| passed(own.lane));
    let fullest = lanes.max_by(|a, b| a.full.value.total_cmp(&b.full.value))?;
    let seconds = outcome.online.minutes.len() as f64 * MINUTE;
    let part = fullest.full.value / seconds.max(1.0);
    let expected = |hour: &Hour| {
        let load = hour.lanes.iter().find(|load| load.lane == fullest.lane);
        load.map_or(0.0, |load| load.congested)
    };
    let hours = hours.iter().filter_map(|(at, _)| day.hours.get(*at));
    let (sum, count) = hours.fold((0.0, 0.0), |(sum, count), hour| {
        (sum + expected(hour), count + 1.0)
    });
    let expected = sum / f64::max(count, 1.0);
    let resource = lane_resource(topology, fullest.lane);
    (part >= OFTEN && part > expected).then_some(Why::Bursts(resource, part, expected))
}

/// The lane that is filled by the fewest users' rates, where these are few.
fn few(topology: &Topology, day: &Day, asked: &Asked, hours: &[(usize, f64)]) -> Option<Why> {
    let mut least: Option<(Lane, f64)> = None;
    for own in hours.iter().filter_map(|&(at, _)| day.hours.get(at)) {
        for load in &own.lanes {
            let caps = asked.lanes.iter().filter(|(lane, _)| *lane == load.lane);
            for room in caps.map(|(_, cap)| load.capacity.0 / cap) {
                if room < FEW && least.is_none_or(|(_, fewest)| room < fewest) {
                    least = Some((load.lane, room));
                }
            }
        }
    }
    least.map(|(lane, room)| Why::Few(lane_resource(topology, lane), room))
}

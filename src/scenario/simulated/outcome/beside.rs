//! The analytic answer beside the simulated one: where they agree, and why where they do not.
//!
//! Both are weighed alike: the analytic value of a day is the mean of its hours, each by the acts that
//! the simulation ended in it (lanes: by time). They agree when the analytic value lies in the
//! interval of the simulated one, widened by the stated margin of the analytic model.

use super::{GateOutcome, Outcome, Value, lane_resource};
use crate::scenario::answer::{Day, Hour, Lane, Resource};
use crate::scenario::simulated::Laid;
use crate::sim::day::record::MINUTE;
use crate::sim::day::spec::{Crowd, Leg};
use crate::stats::Interval;
use crate::topology::{NodeAt, PopulationAt, Topology, TransactionAt};

/// Parts of the simulated value by which the analytic one may be off: of means (each hour is taken as
/// settled, round trips are those of a mean transfer), of 95th percentiles (a shifted lognormal law
/// stands for the true one), of rates.
pub const MARGIN: [f64; 3] = [0.10, 0.20, 0.05];

/// Load over capacity from which the two models part: a queue that has not settled when the hour ends.
const LOADED: f64 = 0.9;

/// Part of the time that a lane must be full to explain anything.
const OFTEN: f64 = 0.01;

/// Users' rates that fill a lane: below so many the whole users count, not their mean.
const FEW: f64 = 10.0;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Mean time of a transaction of a population, seconds.
    Mean(PopulationAt, TransactionAt),
    /// Its 95th percentile.
    P95(PopulationAt, TransactionAt),
    /// Mean rate of a lane, bit/s.
    Carried(Lane),
}

/// Why the two differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Why {
    /// Something is asked for nearly all that it has, or more: the analysis takes each hour by itself,
    /// the simulation carries what is not done into the next.
    Overload(Resource, usize, f64),
    /// Sessions were refused or dropped.
    Sessions(NodeAt),
    /// The lane is full for this part of the time, where the analysis expects the second: it knows the
    /// hour's mean and a normal spread, not what comes together.
    Bursts(Resource, f64, f64),
    /// So few users fill the lane that whole users count.
    Few(Resource, f64),
    /// Nothing above: the models differ by more than their margin.
    Unexplained,
}

/// How the two compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Inside the interval, widened by the margin.
    Agree,
    /// Apart.
    Differ(Why),
    /// Too few trials, or acts, for an interval.
    Open,
}

/// One figure by both models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beside {
    /// What.
    pub figure: Figure,
    /// The analytic value; `None`: it has no end.
    pub analytic: Option<f64>,
    /// The simulated value.
    pub simulated: Value,
    /// How they compare.
    pub verdict: Verdict,
}

/// Every transaction and every lane that carries anything, by both models. `day` is the analytic
/// answer to the same month.
pub fn beside(topology: &Topology, laid: &Laid, day: &Day, outcome: &Outcome) -> Vec<Beside> {
    let mut all = Vec::new();
    for (label, act) in outcome.acts.iter().enumerate() {
        let hours = by_hour(outcome, |minute| {
            act.minutes.get(minute).map_or(0.0, |own| own.0)
        });
        let analytic = |read: &dyn Fn((f64, f64)) -> f64| {
            weighed(&hours, |hour| {
                let own = day.hours.get(hour)?.times.iter();
                let time = own
                    .filter(|time| {
                        (time.population, time.transaction) == (act.population, act.transaction)
                    })
                    .find_map(|time| time.time)?;
                Some(read((time.0.0, time.1.0)))
            })
        };
        let why = || why(topology, laid, day, outcome, label, &hours);
        if let Some(mean) = act.mean {
            let figure = Figure::Mean(act.population, act.transaction);
            all.push(compare(
                figure,
                analytic(&|time| time.0),
                mean,
                MARGIN[0],
                why,
            ));
        }
        if let Some(p95) = act.quantiles[1] {
            let figure = Figure::P95(act.population, act.transaction);
            let simulated = Value {
                value: p95.value,
                within: Some(p95.interval),
            };
            all.push(compare(
                figure,
                analytic(&|time| time.1),
                simulated,
                MARGIN[1],
                why,
            ));
        }
    }
    for own in &outcome.lanes {
        let hours = by_hour(outcome, |_| 1.0);
        let analytic = weighed(&hours, |hour| {
            let loads = &day.hours.get(hour)?.lanes;
            let load = loads.iter().find(|load| load.lane == own.lane);
            Some(load.map_or(0.0, |load| load.carried.0))
        });
        let why = || {
            let same_line = |lane: Lane| (lane.link, lane.way) == (own.lane.link, own.lane.way);
            let overload = overload(topology, day, &hours, same_line, |_| true);
            overload.unwrap_or(Why::Unexplained)
        };
        all.push(compare(
            Figure::Carried(own.lane),
            analytic,
            own.carried,
            MARGIN[2],
            why,
        ));
    }
    all
}

/// Hours with their weights: the sum of `of` over the minutes of each.
fn by_hour(outcome: &Outcome, of: impl Fn(usize) -> f64) -> Vec<(usize, f64)> {
    let per_hour = (3600.0 / MINUTE) as usize;
    let minutes = outcome.online.minutes.len();
    let hours = outcome.hours.clone().enumerate();
    let sums = hours.map(|(at, hour)| {
        let own = at * per_hour..minutes.min((at + 1) * per_hour);
        (hour, own.map(&of).sum())
    });
    sums.filter(|(_, weight)| *weight > 0.0).collect()
}

/// The weighed mean over hours; `None` where an hour has none.
fn weighed(hours: &[(usize, f64)], of: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    let whole: f64 = hours.iter().map(|(_, weight)| weight).sum();
    let sum = hours
        .iter()
        .try_fold(0.0, |sum, (hour, weight)| Some(sum + weight * of(*hour)?))?;
    (whole > 0.0).then(|| sum / whole)
}

fn compare(
    figure: Figure,
    analytic: Option<f64>,
    simulated: Value,
    margin: f64,
    why: impl Fn() -> Why,
) -> Beside {
    let wide = |within: Interval| {
        let slack = margin * simulated.value.abs();
        analytic.is_some_and(|value| within.low - slack <= value && value <= within.high + slack)
    };
    let verdict = match simulated.within {
        None => Verdict::Open,
        Some(within) if wide(within) => Verdict::Agree,
        Some(_) => Verdict::Differ(why()),
    };
    Beside {
        figure,
        analytic,
        simulated,
        verdict,
    }
}

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
fn why(
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
    overload(topology, day, hours, &passed, worked)
        .or_else(sessions)
        .or_else(|| bursts(topology, day, outcome, &passed, hours))
        .or_else(|| few(topology, day, &asked, hours))
        .unwrap_or(Why::Unexplained)
}

/// The fullest thing in any of the hours, where it is nearly full or more.
fn overload(
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

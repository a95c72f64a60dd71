//! The analytic answer beside the simulated one: where they agree, and why where they do not.
//!
//! Both are weighed alike: the analytic value of a day is the mean of its hours, each by the acts that
//! the simulation ended in it (lanes: by time). They agree when the analytic value lies in the
//! interval of the simulated one, widened by the stated margin of the analytic model.

use super::{Outcome, Value};
use crate::scenario::answer::{Day, Lane, Resource};
use crate::scenario::simulated::Laid;
use crate::sim::day::record::MINUTE;
use crate::stats::Interval;
use crate::topology::{NodeAt, PopulationAt, Topology, TransactionAt};

mod why;

use why::{overload, why};

/// Parts of the simulated value by which the analytic one may be off: of means (each hour is taken as
/// settled, round trips are those of a mean transfer), of 95th percentiles (a shifted lognormal law
/// stands for the true one), of rates.
pub const MARGIN: [f64; 3] = [0.10, 0.20, 0.05];

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
    /// Too few trials, or acts, for an interval that is no wider than the margin.
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
    // An interval wider than the margin holds too much to say that they agree.
    let says =
        |within: Interval| (within.high - within.low) / 2.0 <= margin * simulated.value.abs();
    let verdict = match simulated.within {
        Some(within) if wide(within) && says(within) => Verdict::Agree,
        Some(within) if wide(within) => Verdict::Open,
        None => Verdict::Open,
        Some(_) => Verdict::Differ(why()),
    };
    Beside {
        figure,
        analytic,
        simulated,
        verdict,
    }
}

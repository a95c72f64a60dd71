//! What the trials of a simulated day come to: every number that people read, derived once.
//!
//! A value over trials is the mean of the trials' own values, its interval that of Student's t: trials
//! are independent. One trial gives values without intervals, and no quantiles: a quantile is never
//! given without its interval.

use std::ops::Range;

use super::Laid;
use crate::scenario::answer::{Lane, Resource};
use crate::sim::trials::{Trials, Wanted, over};
use crate::stats::Interval;
use crate::topology::Topology;

mod acts;
mod beside;
mod loads;
mod pain;
mod seen;
#[cfg(test)]
pub(crate) mod tests;
mod trial;

pub use acts::{ActOutcome, QUANTILES};
pub use beside::{Beside, Figure, MARGIN, Verdict, Why, beside};
pub use loads::{GateOutcome, LaneMinute, LaneOutcome, Online, StationOutcome};
pub use pain::{GAP, Hit, Level, Obstacle, Pain, Pains};
pub use seen::{Check, Found};
pub use trial::{LaneTrial, STRETCH, Trial};

/// A number a day, 0 or more: the mean of the trials, and its 95 % interval where there are at least
/// two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// The mean.
    pub value: f64,
    /// Where it lies with a confidence of 95 %.
    pub within: Option<Interval>,
}

impl Value {
    /// The mean of one value a trial; 0 of none.
    pub fn over(values: &[f64]) -> Value {
        match over(values) {
            Some(found) => Value {
                value: found.value,
                // No such number is below 0, whatever the interval of few trials says.
                within: Some(Interval {
                    low: found.interval.low.max(0.0),
                    high: found.interval.high,
                }),
            },
            None => Value {
                value: values.first().copied().unwrap_or(0.0),
                within: None,
            },
        }
    }
}

/// The outcome of a simulated day.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Months since the start.
    pub month: u32,
    /// The hours that were simulated.
    pub hours: Range<usize>,
    /// The seed of all random numbers.
    pub seed: u64,
    /// How many trials were asked for.
    pub wanted: Wanted,
    /// Trials that count.
    pub trials: usize,
    /// Whether every watched number is as precise as was asked; `None` where nothing was asked.
    pub settled: Option<bool>,
    /// Broken off: the moment (seconds since midnight) up to which the trials that count ran.
    pub partial: Option<f64>,
    /// Events of a trial.
    pub events: Value,
    /// By population and transaction.
    pub acts: Vec<ActOutcome>,
    /// Lanes that carried anything.
    pub lanes: Vec<LaneOutcome>,
    /// Nodes with workers.
    pub stations: Vec<StationOutcome>,
    /// Nodes with a limit of sessions.
    pub gates: Vec<GateOutcome>,
    /// Who was there.
    pub online: Online,
    /// Events of pain, and how many minutes of a day.
    pub pains: Pains,
    /// What was seen, against it.
    pub seen: Vec<Check>,
}

/// How a run was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// The seed.
    pub seed: u64,
    /// The trials.
    pub wanted: Wanted,
}

impl Outcome {
    /// The outcome of `ran` trials of a day `laid` out of `topology`. Trials that were broken off do
    /// not count where others ran to their end; where none did, the one that came farthest counts.
    pub fn new(topology: &Topology, laid: &Laid, asked: Asked, ran: Trials<Trial>) -> Outcome {
        let begin = laid.spec.hours.start as f64 * 3600.0;
        let (trials, partial) = counting(ran.results, ran.stopped, begin);
        let pains = Pains::new(topology, laid, &trials);
        Outcome {
            month: laid.month,
            hours: laid.spec.hours.clone(),
            seed: asked.seed,
            wanted: asked.wanted,
            trials: trials.len(),
            settled: ran.settled,
            partial,
            events: Value::over(&each(&trials, |trial| trial.events as f64)),
            acts: acts::acts(laid, &trials),
            lanes: loads::lanes(laid, &trials, pains.ordinary),
            stations: loads::stations(laid, &trials),
            gates: loads::gates(laid, &trials),
            online: Online::new(topology, laid, &trials),
            seen: seen::checks(topology, laid, &trials),
            pains,
        }
    }

    /// The interval of every number that decides whether there are trials enough: means of all
    /// transactions, and 95th percentiles of those that are done often enough to have one.
    pub fn watched(laid: &Laid, trials: &[Trial]) -> Vec<crate::sim::measure::Estimate> {
        acts::watched(laid, trials)
    }
}

/// The trials that count, and, where the run was broken off, up to when (from `begin` on) they know
/// the day.
fn counting(trials: Vec<Trial>, stopped: bool, begin: f64) -> (Vec<Trial>, Option<f64>) {
    let broken = stopped || trials.iter().any(|trial| !trial.complete);
    let (mut counting, mut broken_off): (Vec<Trial>, Vec<Trial>) =
        trials.into_iter().partition(|trial| trial.complete);
    if counting.is_empty() {
        // The first of equals.
        broken_off.sort_by(|a, b| b.until.total_cmp(&a.until));
        counting.extend(broken_off.into_iter().next());
    }
    let until = counting.last().map_or(begin, |trial| trial.until);
    (counting, broken.then_some(until))
}

/// What people call a lane as a resource: without a policy it is the whole line.
fn lane_resource(topology: &Topology, lane: Lane) -> Resource {
    match topology[lane.link].policy {
        Some(_) => Resource::Class(lane),
        None => Resource::Line(lane.link, lane.way),
    }
}

/// One number of each trial.
fn each(trials: &[Trial], of: impl Fn(&Trial) -> f64) -> Vec<f64> {
    trials.iter().map(of).collect()
}

/// The mean of the trials, minute by minute. A trial that ends earlier counts while it runs.
fn by_minute(trials: &[Trial], of: impl Fn(&Trial, usize) -> Option<f64>) -> Vec<f64> {
    let minutes = trials.iter().map(Trial::minutes).max().unwrap_or(0);
    let mean = |minute: usize| {
        let values: Vec<f64> = trials
            .iter()
            .filter_map(|trial| of(trial, minute))
            .collect();
        values.iter().sum::<f64>() / values.len().max(1) as f64
    };
    (0..minutes).map(mean).collect()
}

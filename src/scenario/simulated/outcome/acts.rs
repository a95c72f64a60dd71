//! How long everything took.

use super::{Trial, Value, by_minute, each};
use crate::scenario::simulated::Laid;
use crate::sim::day::record::PARTS;
use crate::sim::histogram::Histogram;
use crate::sim::measure::Estimate;
use crate::sim::trials::over;
use crate::topology::{PopulationAt, TransactionAt};

/// The quantiles that are given.
pub const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// What one population met in one transaction. Times in seconds.
#[derive(Debug, Clone)]
pub struct ActOutcome {
    /// The population.
    pub population: PopulationAt,
    /// The transaction.
    pub transaction: TransactionAt,
    /// How many ended in a day.
    pub count: Value,
    /// Mean time; `None` where none ended.
    pub mean: Option<Value>,
    /// Times at [`QUANTILES`]; `None` below two trials, and where a trial has fewer than two acts
    /// beyond the quantile.
    pub quantiles: [Option<Estimate>; 3],
    /// What the mean consists of, and the quantiles, by [`Part`](crate::sim::day::record::Part).
    pub budgets: [Option<[f64; PARTS]>; 4],
    /// Not ended when the day ended.
    pub unfinished: Value,
    /// Broken off because the session was dropped.
    pub broken: Value,
    /// Time without anybody else, in the mean over the journeys.
    pub alone: f64,
    /// By minute: how many ended, and their mean time (0 where none ended).
    pub minutes: Vec<(f64, f64)>,
    /// By trial: mean and 95th percentile, where there is one.
    pub by_trial: Vec<[Option<f64>; 2]>,
}

pub(super) fn acts(laid: &Laid, trials: &[Trial]) -> Vec<ActOutcome> {
    let labels = laid.labels.iter().enumerate();
    let acts = labels.map(|(label, &(population, transaction))| {
        let times: Vec<&Histogram<PARTS>> = times(trials, label);
        let mut whole = Histogram::default();
        for own in &times {
            whole.merge(own);
        }
        let means: Vec<f64> = times.iter().filter_map(|own| own.mean()).collect();
        let quantiles = QUANTILES.map(|p| quantile(&times, p));
        let budget = |at: usize| {
            whole
                .parts_around(QUANTILES[at])
                .filter(|_| quantiles[at].is_some())
        };
        let number = |of: &dyn Fn(&Trial) -> f64| Value::over(&each(trials, of));
        ActOutcome {
            population,
            transaction,
            count: number(&|trial| trial.acts[label].times.count() as f64),
            mean: (!means.is_empty()).then(|| Value::over(&means)),
            budgets: [whole.mean_parts(), budget(0), budget(1), budget(2)],
            unfinished: number(&|trial| trial.acts[label].unfinished as f64),
            broken: number(&|trial| trial.acts[label].broken as f64),
            alone: alone(laid, label),
            minutes: minutes(trials, label),
            by_trial: times
                .iter()
                .map(|own| {
                    [
                        own.mean(),
                        own.quantile(0.95).filter(|_| reaches(own, 0.95)),
                    ]
                })
                .collect(),
            quantiles,
        }
    });
    acts.collect()
}

fn times(trials: &[Trial], label: usize) -> Vec<&Histogram<PARTS>> {
    let records = trials.iter().filter_map(|trial| trial.acts.get(label));
    records.map(|record| &record.times).collect()
}

/// Whether there are acts beyond the quantile, two at least: else it is only the longest act.
fn reaches(times: &Histogram<PARTS>, p: f64) -> bool {
    times.count() as f64 * (1.0 - p) >= 2.0 - 1e-9
}

/// The mean of the trials' own quantiles, where each of them has one.
fn quantile(times: &[&Histogram<PARTS>], p: f64) -> Option<Estimate> {
    let each = times
        .iter()
        .map(|own| own.quantile(p).filter(|_| reaches(own, p)));
    over(&each.collect::<Option<Vec<f64>>>()?)
}

pub(super) fn watched(laid: &Laid, trials: &[Trial]) -> Vec<Estimate> {
    let mut watched = Vec::new();
    for label in 0..laid.labels.len() {
        let times = times(trials, label);
        let means: Vec<f64> = times.iter().filter_map(|own| own.mean()).collect();
        watched.extend(over(&means));
        watched.extend(quantile(&times, 0.95));
    }
    watched
}

fn minutes(trials: &[Trial], label: usize) -> Vec<(f64, f64)> {
    let of = |number: &dyn Fn((u32, f64)) -> f64| {
        by_minute(trials, |trial, minute| {
            trial.acts[label].minutes.get(minute).copied().map(number)
        })
    };
    let counts = of(&|(count, _)| f64::from(count));
    let sums = of(&|(_, sum)| sum);
    let mean = |(count, sum): (f64, f64)| (count, if count > 0.0 { sum / count } else { 0.0 });
    counts.into_iter().zip(sums).map(mean).collect()
}

/// Mean time without anybody else, groups weighed by their part of the population.
pub(super) fn alone(laid: &Laid, label: usize) -> f64 {
    let groups = laid.spec.groups.iter().zip(&laid.groups);
    let (mut sum, mut whole) = (0.0, 0.0);
    for (own, group) in groups {
        for act in own.acts.iter().filter(|act| act.label == label) {
            sum += group.part * act.alone;
            whole += group.part;
        }
    }
    if whole > 0.0 { sum / whole } else { 0.0 }
}

//! What lanes carried, stations worked, gates held, and who was there.

use super::{Trial, Value, by_minute, each};
use crate::demand::crowd;
use crate::scenario::answer::Lane;
use crate::scenario::simulated::Laid;
use crate::sim::day::record::MINUTE;
use crate::topology::{Crowd, NodeAt, Topology};

/// One lane. Rates in bit/s.
#[derive(Debug, Clone)]
pub struct LaneOutcome {
    /// The lane.
    pub lane: Lane,
    /// Mean rate over the hours.
    pub carried: Value,
    /// Mean rate of the busiest 20 minutes.
    pub busiest: Value,
    /// When they began in the ordinary trial, seconds since midnight.
    pub busiest_from: f64,
    /// Rate of the busiest second.
    pub second: Value,
    /// The peak as the topology defines it, in the hour where it is highest.
    pub peak: Value,
    /// Highest mean rate of a window of the topology's peak.
    pub window: Value,
    /// Seconds a day in which it held its transfers back.
    pub full: Value,
    /// Bits of others that were lost.
    pub lost: Value,
    /// Minute by minute.
    pub minutes: Vec<LaneMinute>,
}

/// One minute of a lane, the mean of the trials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneMinute {
    /// Mean rate, bit/s.
    pub carried: f64,
    /// Rate of its busiest second, bit/s.
    pub second: f64,
    /// Seconds full.
    pub full: f64,
}

/// One node with workers.
#[derive(Debug, Clone)]
pub struct StationOutcome {
    /// The node.
    pub node: NodeAt,
    /// Its workers.
    pub workers: usize,
    /// Part of the workers' time that was used.
    pub used: Value,
    /// The same in the busiest minute.
    pub busiest: Value,
    /// Jobs that waited, in the mean over time.
    pub waiting: Value,
    /// The same in the worst minute.
    pub longest: Value,
    /// Seconds a day in which all workers were busy.
    pub full: Value,
    /// By minute: part used, and jobs waiting; means of the trials.
    pub minutes: Vec<(f64, f64)>,
}

/// One node with a limit of sessions.
#[derive(Debug, Clone)]
pub struct GateOutcome {
    /// The node.
    pub node: NodeAt,
    /// Its limit.
    pub limit: usize,
    /// Most sessions at the end of a minute.
    pub held: Value,
    /// Attempts a day.
    pub attempts: Value,
    /// Attempts refused a day.
    pub refused: Value,
    /// Sessions dropped a day.
    pub dropped: Value,
    /// By minute: held, refused, dropped; means of the trials.
    pub minutes: Vec<(f64, f64, f64)>,
}

/// Who was there.
#[derive(Debug, Clone)]
pub struct Online {
    /// Most users online at the end of a minute.
    pub peak: Value,
    /// By minute, the mean of the trials.
    pub minutes: Vec<f64>,
    /// Users who could reach nothing, at the hour with most of them.
    pub cut_off: f64,
}

pub(super) fn lanes(laid: &Laid, trials: &[Trial], ordinary: usize) -> Vec<LaneOutcome> {
    let lanes = laid.lanes.iter().enumerate();
    let lanes = lanes.filter_map(|(at, &lane)| {
        let used = |trial: &Trial| trial.lanes[at].carried.iter().any(|bits| *bits > 0.0);
        if !trials.iter().any(used) {
            return None;
        }
        let number = |of: &dyn Fn(&Trial) -> f64| Value::over(&each(trials, of));
        let total = |trial: &Trial| trial.lanes[at].carried.iter().sum::<f64>();
        let carried = by_minute(trials, |trial, minute| {
            let bits = trial.lanes[at].carried.get(minute)?;
            Some(bits / length(trial, minute))
        });
        let second = by_minute(trials, |trial, minute| {
            trial.lanes[at].seconds.get(minute).copied()
        });
        let full = by_minute(trials, |trial, minute| {
            trial.lanes[at]
                .full
                .get(minute)
                .map(|full| f64::from(*full))
        });
        Some(LaneOutcome {
            lane,
            carried: number(&|trial| total(trial) / trial.seconds().max(1.0)),
            busiest: number(&|trial| trial.lanes[at].busiest.0),
            busiest_from: trials
                .get(ordinary)
                .map_or(0.0, |own| own.lanes[at].busiest.1),
            second: number(&|trial| trial.lanes[at].second.0),
            peak: number(&|trial| trial.lanes[at].peak),
            window: number(&|trial| trial.lanes[at].window),
            full: number(&|trial| sum(&trial.lanes[at].full)),
            lost: number(&|trial| trial.lanes[at].lost),
            minutes: carried
                .into_iter()
                .zip(second)
                .zip(full)
                .map(|((carried, second), full)| LaneMinute {
                    carried,
                    second,
                    full,
                })
                .collect(),
        })
    });
    lanes.collect()
}

/// Seconds of a minute that a trial ran: the last may be broken off.
pub(super) fn length(trial: &Trial, minute: usize) -> f64 {
    (trial.seconds() - minute as f64 * MINUTE).clamp(1.0, MINUTE)
}

fn sum(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value)).sum()
}

fn most(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, f64::max)
}

pub(super) fn stations(laid: &Laid, trials: &[Trial]) -> Vec<StationOutcome> {
    let stations = laid.stations.iter().zip(&laid.spec.stations).enumerate();
    let stations = stations.map(|(at, (&node, own))| {
        let number = |of: &dyn Fn(&Trial) -> f64| Value::over(&each(trials, of));
        let workers = own.workers.max(1) as f64;
        let used = |trial: &Trial, minute: usize| {
            let work = trial.stations[at].work.get(minute)?;
            Some(f64::from(*work) / workers / length(trial, minute))
        };
        let waiting = |trial: &Trial, minute: usize| {
            let waiting = trial.stations[at].waiting.get(minute)?;
            Some(f64::from(*waiting) / length(trial, minute))
        };
        let worst = |trial: &Trial, of: &dyn Fn(&Trial, usize) -> Option<f64>| {
            most((0..trial.minutes()).filter_map(|minute| of(trial, minute)))
        };
        let over_time = |trial: &Trial, values: &[f32]| sum(values) / trial.seconds().max(1.0);
        StationOutcome {
            node,
            workers: own.workers,
            used: number(&|trial| over_time(trial, &trial.stations[at].work) / workers),
            busiest: number(&|trial| worst(trial, &used)),
            waiting: number(&|trial| over_time(trial, &trial.stations[at].waiting)),
            longest: number(&|trial| worst(trial, &waiting)),
            full: number(&|trial| sum(&trial.stations[at].full)),
            minutes: by_minute(trials, used)
                .into_iter()
                .zip(by_minute(trials, waiting))
                .collect(),
        }
    });
    stations.collect()
}

pub(super) fn gates(laid: &Laid, trials: &[Trial]) -> Vec<GateOutcome> {
    let gates = laid.gates.iter().zip(&laid.spec.gates).enumerate();
    let gates = gates.map(|(at, (&node, own))| {
        let number = |of: &dyn Fn(&Trial) -> f64| Value::over(&each(trials, of));
        let total = |counts: &[u32]| counts.iter().map(|count| f64::from(*count)).sum::<f64>();
        let course = |of: &dyn Fn(&Trial) -> &Vec<u32>| {
            by_minute(trials, |trial, minute| {
                of(trial).get(minute).copied().map(f64::from)
            })
        };
        let held = course(&|trial| &trial.gates[at].held);
        let refused = course(&|trial| &trial.gates[at].refused);
        let dropped = course(&|trial| &trial.gates[at].dropped);
        GateOutcome {
            node,
            limit: own.limit,
            held: number(&|trial| most(trial.gates[at].held.iter().copied().map(f64::from))),
            attempts: number(&|trial| total(&trial.gates[at].attempts)),
            refused: number(&|trial| total(&trial.gates[at].refused)),
            dropped: number(&|trial| total(&trial.gates[at].dropped)),
            minutes: held
                .into_iter()
                .zip(refused)
                .zip(dropped)
                .map(|((held, refused), dropped)| (held, refused, dropped))
                .collect(),
        }
    });
    gates.collect()
}

/// Users online at the end of a minute, all groups together.
pub(super) fn online_at(trial: &Trial, minute: usize) -> Option<f64> {
    let counts = trial.online.iter().filter_map(|group| group.get(minute));
    counts
        .map(|count| f64::from(*count))
        .reduce(|sum, count| sum + count)
}

impl Online {
    pub(super) fn new(topology: &Topology, laid: &Laid, trials: &[Trial]) -> Online {
        let peak = |trial: &Trial| {
            most((0..trial.minutes()).filter_map(|minute| online_at(trial, minute)))
        };
        let cut_off = laid.spec.hours.clone().map(|hour| {
            let users = laid.cut_off.iter().map(|&(population, part)| {
                match crowd(topology, &topology[population], hour, laid.scale) {
                    Crowd::Online { users, .. } => users * part,
                    Crowd::Arriving { .. } => 0.0,
                }
            });
            users.fold(0.0, |sum, users| sum + users)
        });
        Online {
            peak: Value::over(&each(trials, peak)),
            minutes: by_minute(trials, online_at),
            cut_off: most(cut_off),
        }
    }
}

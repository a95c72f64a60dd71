//! One event: how bad it was, and whom it hit.

use super::super::loads::length;
use super::super::{Trial, acts};
use super::{Hit, Level, Pain, Source, obstacle, owner};
use crate::scenario::simulated::Laid;
use crate::sim::day::record::MINUTE;
use crate::sim::day::spec::{Crowd, Group, Leg, Session};
use crate::topology::Topology;

/// Acts without pain that say how long the act usually takes.
const USUAL: u64 = 30;

/// The minutes from `first` up to `past` of a source, of which those hurt that `hurts` says.
pub(super) fn event(
    topology: &Topology,
    laid: &Laid,
    trial: &Trial,
    source: Source,
    hurts: &[bool],
    (first, past): (usize, usize),
) -> Pain {
    let obstacle = obstacle(topology, laid, source);
    let inside: Vec<usize> = (first..past).filter(|minute| hurts[*minute]).collect();
    let passed: Vec<bool> = laid
        .spec
        .groups
        .iter()
        .map(|group| !labels(laid, group, source).is_empty())
        .collect();
    let users = (first..past).map(|minute| {
        let online = trial
            .online
            .iter()
            .zip(&passed)
            .filter(|(_, passed)| **passed);
        let counts = online.filter_map(|(group, _)| group.get(minute));
        counts.map(|count| f64::from(*count)).sum::<f64>()
    });
    let mut hit: Vec<Hit> = hit_labels(laid, source)
        .into_iter()
        .filter_map(|label| hit(laid, trial, label, hurts, &inside))
        .collect();
    hit.sort_by(|a, b| b.lost().total_cmp(&a.lost()));
    let at = |minute: usize| trial.from + minute as f64 * MINUTE;
    Pain {
        owner: owner(topology, obstacle),
        obstacle,
        from: at(first),
        until: at(past).min(trial.until),
        minutes: inside.len(),
        level: level(laid, trial, source, &inside),
        users: users.fold(0.0, f64::max),
        hit,
    }
}

fn level(laid: &Laid, trial: &Trial, source: Source, inside: &[usize]) -> Level {
    let sum = |of: &dyn Fn(usize) -> f64| inside.iter().map(|minute| of(*minute)).sum::<f64>();
    let seconds = sum(&|minute| length(trial, minute)).max(1.0);
    let of = |values: &[f32], minute: usize| values.get(minute).map_or(0.0, |own| f64::from(*own));
    match source {
        Source::Lane(at) => {
            let lane = &trial.lanes[at];
            Level::Full {
                seconds: sum(&|minute| of(&lane.full, minute)),
                carried: sum(&|minute| lane.carried.get(minute).copied().unwrap_or(0.0)) / seconds,
            }
        }
        Source::Station(at) => Level::Waiting {
            jobs: sum(&|minute| of(&trial.stations[at].waiting, minute)) / seconds,
            workers: laid.spec.stations[at].workers,
        },
        Source::Gate(at) => {
            let gate = &trial.gates[at];
            Level::Refused {
                attempts: total(&gate.attempts, inside),
                refused: total(&gate.refused, inside),
            }
        }
        Source::Burst(at) => Level::Dropped {
            sessions: total(&trial.drops[at], inside),
        },
    }
}

fn total(counts: &[u32], inside: &[usize]) -> u64 {
    let counts = inside.iter().filter_map(|minute| counts.get(*minute));
    counts.map(|count| u64::from(*count)).sum()
}

/// Labels of a group whose acts pass a source.
fn labels(laid: &Laid, group: &Group, source: Source) -> Vec<usize> {
    let session = match &group.crowd {
        Crowd::Online { session, .. } => session.as_ref(),
        Crowd::Arriving(_) => None,
    };
    let holds = |held: &dyn Fn(&Session) -> bool| session.is_some_and(held);
    let passes = |leg: &Leg| match (source, leg) {
        (Source::Lane(lane), Leg::Transfer { path, .. }) => {
            laid.spec.paths[*path].lanes.contains(&lane)
        }
        (Source::Station(at), Leg::Work { station, .. }) => *station == at,
        _ => false,
    };
    let acts = group.acts.iter().filter(|act| match source {
        Source::Gate(gate) => holds(&|session| session.gates.contains(&gate)),
        Source::Burst(at) => holds(&|session| session.watched.iter().any(|own| own.1 == at)),
        _ => act.legs.iter().any(passes),
    });
    acts.map(|act| act.label).collect()
}

fn hit_labels(laid: &Laid, source: Source) -> Vec<usize> {
    let groups = laid.spec.groups.iter();
    let mut all: Vec<usize> = groups
        .flat_map(|group| labels(laid, group, source))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn hit(laid: &Laid, trial: &Trial, label: usize, hurts: &[bool], inside: &[usize]) -> Option<Hit> {
    let minutes = &trial.acts[label].minutes;
    let add =
        |(count, sum): (u64, f64), (more, time): (u32, f64)| (count + u64::from(more), sum + time);
    let taken = inside
        .iter()
        .filter_map(|minute| minutes.get(*minute).copied());
    let (acts, sum) = taken.fold((0, 0.0), add);
    let rest = minutes.iter().zip(hurts).filter(|(_, hurts)| !**hurts);
    let (others, other_sum) = rest.map(|(own, _)| *own).fold((0, 0.0), add);
    let alone = others < USUAL;
    (acts > 0).then(|| Hit {
        label,
        acts,
        mean: sum / acts as f64,
        usual: match alone {
            true => acts::alone(laid, label),
            false => other_sum / others as f64,
        },
        alone,
    })
}

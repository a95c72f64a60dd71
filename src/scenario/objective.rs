//! Whether what must hold does hold, and from which month on it does not.

use super::answer::{Answer, Day, LaneLoad};
use super::metric::Unit;
use super::plan::{Aim, Scenario};
use crate::topology::Topology;

/// An objective over the horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Position in the scenario's objectives.
    pub objective: usize,
    /// Unit of the values.
    pub unit: Unit,
    /// The limit.
    pub limit: f64,
    /// Value at the start; `None`: without end.
    pub start: Option<f64>,
    /// Value at the end of the horizon.
    pub end: Option<f64>,
    /// First month (from the start) in which it does not hold; `None`: it holds throughout.
    pub broken: Option<u32>,
}

/// Measures every objective of `scenario`.
pub fn objectives(topology: &Topology, scenario: &Scenario, answer: &Answer) -> Vec<Held> {
    let all = scenario.objectives.iter().enumerate();
    let held = all.map(|(position, objective)| {
        let aim = &objective.aim;
        let measured: Vec<Option<f64>> = answer
            .days
            .iter()
            .map(|day| measure(aim, topology, answer, day))
            .collect();
        let (unit, limit) = limit(aim);
        let broken = answer
            .days
            .iter()
            .zip(&measured)
            .find(|(_, value)| !holds(aim, **value, limit));
        Held {
            objective: position,
            unit,
            limit,
            start: measured.first().copied().flatten(),
            end: measured.last().copied().flatten(),
            broken: broken.map(|(day, _)| day.month),
        }
    });
    held.collect()
}

/// First month in which some objective does not hold; `None`: never in the horizon.
pub fn runs_out(held: &[Held]) -> Option<u32> {
    held.iter().filter_map(|held| held.broken).min()
}

fn limit(aim: &Aim) -> (Unit, f64) {
    match aim {
        Aim::Mean(_, _, time) | Aim::P95(_, _, time) => (Unit::Second, time.0),
        Aim::Congestion(_, _, time) => (Unit::MinuteADay, time.0 / 60.0),
        Aim::Utilisation(_, _, part) => (Unit::Percent, part.0 * 100.0),
        Aim::Refused(_, part) | Aim::Sessions(_, part) | Aim::Availability(_, part) => {
            (Unit::Percent, part.0 * 100.0)
        }
    }
}

fn holds(aim: &Aim, value: Option<f64>, limit: f64) -> bool {
    // A value that rounding alone puts on the wrong side of its limit is on the right one.
    let margin = 1e-9 * limit;
    match aim {
        Aim::Availability(..) => value.is_some_and(|value| value >= limit - margin),
        _ => value.is_some_and(|value| value <= limit + margin),
    }
}

fn measure(aim: &Aim, topology: &Topology, answer: &Answer, day: &Day) -> Option<f64> {
    let time = |population: &Option<_>, transaction, pick: fn((f64, f64)) -> f64| {
        let mut worst = 0.0;
        for time in &day.worst_times(topology) {
            let ours = population.is_none_or(|at| at == time.population);
            if ours && time.transaction == transaction {
                let (mean, p95) = time.time?;
                worst = f64::max(worst, pick((mean.0, p95.0)));
            }
        }
        Some(worst)
    };
    let lanes = |link: &Option<String>, class: &Option<String>, of: &dyn Fn(&LaneLoad) -> f64| {
        let matches = |load: &&LaneLoad| {
            let own = &topology[load.lane.link];
            let named = own
                .policy
                .map(|at| topology[at].classes[load.lane.class].id.as_str());
            link.as_ref().is_none_or(|id| *id == own.id)
                && class.as_ref().is_none_or(|id| Some(id.as_str()) == named)
        };
        let all = day
            .hours
            .iter()
            .flat_map(|hour| &hour.lanes)
            .filter(matches);
        let worst = all.map(of).fold(0.0, f64::max);
        // A line that is cut holds no promise.
        let cut = |id: &String| topology.links.iter().any(|own| own.id == *id && own.failed);
        (!link.as_ref().is_some_and(cut) && worst.is_finite()).then_some(worst)
    };
    let sessions = |node, of: &dyn Fn(&super::answer::SessionLoad) -> f64| {
        let all = day
            .hours
            .iter()
            .flat_map(|hour| &hour.sessions)
            .filter(|load| load.node == node);
        all.map(of).fold(0.0, f64::max)
    };
    match aim {
        Aim::Mean(population, transaction, _) => time(population, *transaction, |(mean, _)| mean),
        Aim::P95(population, transaction, _) => time(population, *transaction, |(_, p95)| p95),
        Aim::Utilisation(link, class, _) => lanes(link, class, &|load| load.utilisation() * 100.0),
        Aim::Congestion(link, class, _) => lanes(link, class, &|load| day.congestion(load.lane)),
        Aim::Refused(node, _) => Some(sessions(*node, &|load| load.refused.0 * 100.0)),
        Aim::Sessions(node, _) => {
            let worst = sessions(*node, &|load| load.utilisation() * 100.0);
            Some(worst).filter(|part| part.is_finite())
        }
        Aim::Availability(service, _) => {
            answer.availability.get(*service).map(|part| part.0 * 100.0)
        }
    }
}

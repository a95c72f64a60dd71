//! Scenarios side by side: differences against the first, best and worst, until when each holds.

use super::answer::{Answer, Pressure, Resource, answer};
use super::load::LoadedScenario;
use super::metric::{Better, Metric, metrics};
use super::objective::{Held, objectives, runs_out};
use crate::demand::crowd;
use crate::error::Error;
use crate::lang::Text;
use crate::topology::{Crowd, PopulationAt, Topology, Unit, Way};

/// A scenario with its answer.
#[derive(Debug)]
pub struct Answered {
    /// The scenario and the topology that it changed.
    pub loaded: LoadedScenario,
    /// Its answer.
    pub answer: Answer,
    /// Its objectives over the horizon.
    pub held: Vec<Held>,
    /// Metrics at the start.
    pub start: Vec<Metric>,
    /// Metrics at the end of the horizon.
    pub end: Vec<Metric>,
}

impl Answered {
    /// The topology that the scenario changed.
    pub fn topology(&self) -> &Topology {
        &self.loaded.loaded.topology
    }

    /// Users online in the busiest hour of the start by organisation, with its part of the whole: each
    /// population is split among its organisations by their weights.
    pub fn units(&self) -> Vec<(&Unit, f64, f64)> {
        let topology = self.topology();
        let Some(day) = self.answer.days.first() else {
            return Vec::new();
        };
        let online = |at: PopulationAt| match crowd(topology, &topology[at], day.busiest, day.scale)
        {
            Crowd::Online { users, .. } => users,
            Crowd::Arriving { rate } => rate.0 * 3600.0,
        };
        let weight = |at: PopulationAt| -> f64 {
            let own = topology
                .units
                .iter()
                .filter(|unit| unit.populations.contains(&at));
            own.map(|unit| unit.weight).sum()
        };
        let of = |unit: &Unit| -> f64 {
            let split = unit.populations.iter().map(|&at| match weight(at) {
                0.0 => 0.0,
                whole => online(at) * unit.weight / whole,
            });
            split.sum()
        };
        let whole: f64 = topology.units.iter().map(of).sum();
        topology
            .units
            .iter()
            .map(|unit| (unit, of(unit), of(unit) / whole.max(f64::MIN_POSITIVE)))
            .collect()
    }

    /// First month in which an objective does not hold.
    pub fn runs_out(&self) -> Option<u32> {
        runs_out(&self.held)
    }
}

/// Scenarios in the order asked for; the first is what the others are compared with.
#[derive(Debug)]
pub struct Comparison {
    /// At least one.
    pub scenarios: Vec<Answered>,
}

/// One metric of all scenarios.
#[derive(Debug, Clone)]
pub struct Row<'c> {
    /// The metric as the first scenario that has it names it.
    pub metric: &'c Metric,
    /// By scenario: the metric, `None` where the scenario has no such thing.
    pub cells: Vec<Option<&'c Metric>>,
    /// Scenarios that are best, when they differ.
    pub best: Vec<usize>,
    /// Scenarios that are worst, when they differ.
    pub worst: Vec<usize>,
}

/// Answers every scenario, each on its own thread: they share nothing.
pub fn compare(scenarios: Vec<LoadedScenario>) -> Result<Comparison, Error> {
    let answers = std::thread::scope(|scope| {
        let threads: Vec<_> = scenarios
            .iter()
            .map(|loaded| scope.spawn(|| answered(loaded)))
            .collect();
        let joined = threads.into_iter().map(|thread| {
            thread.join().unwrap_or_else(|_| {
                Err(Error::System(Text::new(
                    "一个方案的计算中断",
                    "the computation of a scenario broke off",
                )))
            })
        });
        joined.collect::<Result<Vec<_>, Error>>()
    })?;
    let all = scenarios.into_iter().zip(answers);
    Ok(Comparison {
        scenarios: all
            .map(|(loaded, (answer, held, start, end))| Answered {
                loaded,
                answer,
                held,
                start,
                end,
            })
            .collect(),
    })
}

type Parts = (Answer, Vec<Held>, Vec<Metric>, Vec<Metric>);

fn answered(loaded: &LoadedScenario) -> Result<Parts, Error> {
    let (topology, scenario) = (&loaded.loaded.topology, &loaded.scenario);
    let answer = answer(topology, scenario)?;
    let held = objectives(topology, scenario, &answer);
    let at = |day: Option<&super::answer::Day>| {
        day.map_or(Vec::new(), |day| metrics(topology, scenario, &answer, day))
    };
    let (start, end) = (at(answer.days.first()), at(answer.days.last()));
    Ok((answer, held, start, end))
}

impl Comparison {
    /// Metrics of the start (or the end of the horizon) side by side.
    pub fn rows(&self, end: bool) -> Vec<Row<'_>> {
        let lists: Vec<&Vec<Metric>> = self
            .scenarios
            .iter()
            .map(|one| if end { &one.end } else { &one.start })
            .collect();
        let mut rows: Vec<Row<'_>> = Vec::new();
        for list in &lists {
            for metric in list.iter() {
                if rows.iter().any(|row| row.metric.key == metric.key) {
                    continue;
                }
                let cells: Vec<_> = lists
                    .iter()
                    .map(|list| list.iter().find(|other| other.key == metric.key))
                    .collect();
                let (best, worst) = extremes(metric.better, &cells);
                rows.push(Row {
                    metric,
                    cells,
                    best,
                    worst,
                });
            }
        }
        rows
    }
}

/// Positions of the best and worst cells, none when they hardly differ. A value without end is the
/// worst there is.
fn extremes(better: Better, cells: &[Option<&Metric>]) -> (Vec<usize>, Vec<usize>) {
    let sign = match better {
        Better::Lower => 1.0,
        Better::Higher => -1.0,
        Better::Neither => return (Vec::new(), Vec::new()),
    };
    let cost = |metric: &Metric| metric.value.map_or(f64::INFINITY, |value| value * sign);
    let costs: Vec<(usize, f64)> = cells
        .iter()
        .enumerate()
        .filter_map(|(position, cell)| cell.map(|metric| (position, cost(metric))))
        .collect();
    let low = costs
        .iter()
        .map(|(_, cost)| *cost)
        .fold(f64::INFINITY, f64::min);
    let high = costs
        .iter()
        .map(|(_, cost)| *cost)
        .fold(f64::NEG_INFINITY, f64::max);
    // A difference of less than two hundredths is none that anybody should decide by.
    let near = |a: f64, b: f64| {
        a == b || (a.is_finite() && b.is_finite() && (a - b).abs() <= 0.02 * a.abs().max(b.abs()))
    };
    if low >= high || near(low, high) {
        return (Vec::new(), Vec::new());
    }
    // Of several, all within a hundredth of the span count as the best, or as the worst.
    let span = high - low;
    let at = |wanted: f64| {
        let close =
            |cost: f64| cost == wanted || (cost - wanted).abs() <= 0.01 * span.min(f64::MAX);
        let found = costs.iter().filter(|(_, cost)| close(*cost));
        found.map(|(position, _)| *position).collect()
    };
    (at(low), at(high))
}

/// What a resource is called.
pub fn resource_name(topology: &Topology, resource: Resource) -> Text {
    let way = |way: Way| match way {
        Way::Up => ("上行", "up"),
        Way::Down => ("下行", "down"),
    };
    match resource {
        Resource::Class(lane) => {
            let link = &topology[lane.link];
            let class = link
                .policy
                .and_then(|at| topology[at].classes.get(lane.class));
            let (zh, en) = way(lane.way);
            let class = class.map_or_else(Text::default, |class| class.name.clone());
            Text::new(
                format!("{}·{}·{zh}", link.name.zh, class.zh),
                format!("{}, {}, {en}", link.name.en, class.en),
            )
        }
        Resource::Line(link, own) => {
            let link = &topology[link];
            let (zh, en) = way(own);
            Text::new(
                format!("{}·整条·{zh}", link.name.zh),
                format!("{}, whole line, {en}", link.name.en),
            )
        }
        Resource::Servers(node) => {
            let name = &topology[node].name;
            Text::new(
                format!("{} 处理能力", name.zh),
                format!("{} workers", name.en),
            )
        }
        Resource::Sessions(node) => {
            let name = &topology[node].name;
            Text::new(
                format!("{} 会话数", name.zh),
                format!("{} sessions", name.en),
            )
        }
    }
}

/// A pressure in words: what, and how full.
pub fn pressure_text(topology: &Topology, pressure: &Pressure) -> Text {
    let name = resource_name(topology, pressure.resource);
    let full = crate::units::trimmed(pressure.utilisation * 100.0, 0);
    Text::new(
        format!("{} {full}%", name.zh),
        format!("{} {full}%", name.en),
    )
}

#[cfg(test)]
mod tests {
    use super::super::metric::{About, Unit};
    use super::*;

    #[test]
    fn best_and_worst_are_marked_only_when_they_differ() {
        let cell = |value: Option<f64>| Metric {
            key: String::new(),
            about: About::Time,
            name: Text::default(),
            unit: Unit::Second,
            better: Better::Lower,
            value,
        };
        let marks = |better: Better, values: &[Option<f64>]| {
            let cells: Vec<Metric> = values.iter().map(|value| cell(*value)).collect();
            extremes(better, &cells.iter().map(Some).collect::<Vec<_>>())
        };
        let some = |values: [f64; 3]| values.map(Some);
        assert_eq!(
            marks(Better::Lower, &some([5.0, 2.0, 9.0])),
            (vec![1], vec![2])
        );
        assert_eq!(
            marks(Better::Higher, &some([5.0, 2.0, 9.0])),
            (vec![2], vec![1])
        );
        assert_eq!(
            marks(Better::Lower, &some([5.0, 5.01, 5.02])),
            (vec![], vec![])
        );
        assert_eq!(
            marks(Better::Neither, &some([5.0, 2.0, 9.0])),
            (vec![], vec![])
        );
        assert_eq!(
            marks(Better::Lower, &[Some(5.0), None, Some(5.01)]),
            (vec![0, 2], vec![1])
        );
    }
}

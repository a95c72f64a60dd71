//! Simulated days of several scenarios side by side: what decides, with paired differences from the
//! first.
//!
//! Scenarios of one seed meet the same users with the same wishes (common random numbers), so a
//! difference is taken trial by trial: its interval is far narrower than either value's own.

use super::Shown;
use super::outcome::{ActOutcome, Figure, Value, Verdict};
use crate::lang::Text;
use crate::scenario::Aim;
use crate::scenario::simulated::words;
use crate::sim::measure::Estimate;
use crate::sim::trials::differences;
use crate::topology::{PopulationAt, TransactionAt};

/// What a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Counts {
    /// Seconds of a transaction.
    #[serde(rename = "s")]
    Seconds,
    /// Minutes of pain a day.
    #[serde(rename = "min/d")]
    Minutes,
}

/// One figure of all scenarios.
#[derive(Debug, Clone)]
pub struct Row {
    /// As `compare` names the same thing.
    pub key: String,
    /// What a reader calls it.
    pub name: Text,
    /// The transaction that it is about; of minutes of pain their own name.
    pub act: Text,
    /// Its unit.
    pub counts: Counts,
    /// By scenario; `None`: it has no such thing, or too few acts of it.
    pub cells: Vec<Option<Cell>>,
}

/// One figure of one scenario.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// The simulated value.
    pub simulated: Value,
    /// The analytic value and how the two compare; `None`: the analysis has no such figure.
    pub analytic: Option<(Option<f64>, Verdict)>,
    /// Paired difference from the first scenario.
    pub difference: Option<Estimate>,
}

/// Which quantity of an act.
#[derive(Debug, Clone, Copy)]
enum Of {
    Mean,
    P95,
}

/// The rows: mean and 95th percentile of every transaction that an objective of any scenario is about
/// (of all where none is, or with `all`), then minutes of pain.
pub fn rows(scenarios: &[Shown<'_>], all: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for (population, transaction) in acts(scenarios, all) {
        for of in [Of::Mean, Of::P95] {
            rows.extend(row(scenarios, &population, &transaction, of));
        }
    }
    let by_trial = |shown: &Shown<'_>| shown.simulated.outcome.pains.by_trial.clone();
    let cells = scenarios.iter().enumerate().map(|(at, shown)| {
        let first = scenarios.first().filter(|_| at > 0);
        // Of a day that was broken off before it began nothing is known, not that all was well.
        let outcome = &shown.simulated.outcome;
        let begin = outcome.hours.start as f64 * 3600.0;
        if outcome.partial.is_some_and(|until| until <= begin) {
            return None;
        }
        Some(Cell {
            simulated: outcome.pains.minutes,
            analytic: None,
            difference: first.and_then(|first| differences(&by_trial(shown), &by_trial(first))),
        })
    });
    let pain = Text::new("受影响的分钟数", "minutes of pain");
    rows.push(Row {
        key: "pain.minutes".to_string(),
        name: pain.clone(),
        act: pain,
        counts: Counts::Minutes,
        cells: cells.collect(),
    });
    rows
}

/// Ids of populations and transactions, in the order in which the scenarios have them.
fn acts(scenarios: &[Shown<'_>], all: bool) -> Vec<(String, String)> {
    let mut every: Vec<(String, String)> = Vec::new();
    let mut decisive: Vec<(String, String)> = Vec::new();
    for shown in scenarios {
        let topology = shown.topology();
        let aims = || shown.loaded.scenario.objectives.iter().map(|own| &own.aim);
        let wanted = |population: PopulationAt, transaction: TransactionAt| {
            aims().any(|aim| match aim {
                Aim::Mean(own, of, _) | Aim::P95(own, of, _) => {
                    *of == transaction && own.is_none_or(|own| own == population)
                }
                _ => false,
            })
        };
        for own in &shown.simulated.outcome.acts {
            let ids = (
                topology[own.population].id.clone(),
                topology[own.transaction].id.clone(),
            );
            if wanted(own.population, own.transaction) && !decisive.contains(&ids) {
                decisive.push(ids.clone());
            }
            if !every.contains(&ids) {
                every.push(ids);
            }
        }
    }
    if all || decisive.is_empty() {
        return every;
    }
    every.retain(|ids| decisive.contains(ids));
    every
}

fn row(scenarios: &[Shown<'_>], population: &str, transaction: &str, of: Of) -> Option<Row> {
    let own = |shown: &Shown<'_>| -> Option<ActOutcome> {
        let topology = shown.topology();
        let mut acts = shown.simulated.outcome.acts.iter();
        let found = acts.find(|own| {
            topology[own.population].id == population && topology[own.transaction].id == transaction
        });
        found.cloned()
    };
    let by_trial = |own: &ActOutcome| -> Option<Vec<f64>> {
        let at = match of {
            Of::Mean => 0,
            Of::P95 => 1,
        };
        own.by_trial.iter().map(|trial| trial[at]).collect()
    };
    let first = scenarios
        .first()
        .and_then(own)
        .and_then(|own| by_trial(&own));
    let cells = scenarios.iter().enumerate().map(|(at, shown)| {
        let act = own(shown)?;
        let (simulated, figure) = match of {
            Of::Mean => (act.mean?, Figure::Mean(act.population, act.transaction)),
            Of::P95 => {
                let found = act.quantiles[1]?;
                let value = Value {
                    value: found.value,
                    within: Some(found.interval),
                };
                (value, Figure::P95(act.population, act.transaction))
            }
        };
        let beside = shown
            .simulated
            .beside
            .iter()
            .find(|own| own.figure == figure);
        let paired = || differences(&by_trial(&act)?, first.as_deref()?);
        Some(Cell {
            simulated,
            analytic: beside.map(|own| (own.analytic, own.verdict)),
            difference: if at > 0 { paired() } else { None },
        })
    });
    let cells: Vec<Option<Cell>> = cells.collect();
    let (shown, act) = scenarios
        .iter()
        .find_map(|shown| Some((shown, own(shown)?)))?;
    let (last, zh, en) = match of {
        Of::Mean => ("mean", "平均", "mean"),
        Of::P95 => ("p95", "p95", "p95"),
    };
    let name = words::act(shown.topology(), act.population, act.transaction);
    Some(Row {
        key: format!("time.{population}.{transaction}.{last}"),
        name: Text::new(format!("{} {zh}", name.zh), format!("{} {en}", name.en)),
        act: name,
        counts: Counts::Seconds,
        cells,
    })
    .filter(|row| row.cells.iter().any(Option::is_some))
}

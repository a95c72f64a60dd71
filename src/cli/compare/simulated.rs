//! `hopcast compare --simulate`: the days of all scenarios under one seed.

use std::path::Path;
use std::sync::Arc;

use super::super::Context;
use super::super::simulate::DayArgs;
use super::super::simulate::progress::{listen, watched};
use super::draw_all;
use crate::chart;
use crate::error::Error;
use crate::files;
use crate::report::simulation::{compared, day};
use crate::scenario::compare::Comparison;
use crate::scenario::simulated::compared::Row;
use crate::scenario::simulated::{Shown, Simulated, lay_out, simulate};
use crate::sim::day::run::{Watch, length};

/// Simulates the first month's day of every scenario, one after the other: each uses all threads.
/// After Ctrl-C those that remain have no trials.
pub(super) fn run(
    comparison: &Comparison,
    args: &DayArgs,
    context: &Context,
) -> Result<Vec<Simulated>, Error> {
    let asked = args.asked();
    let scenarios = &comparison.scenarios;
    let laid = scenarios.iter().map(|one| {
        let scenario = &one.loaded.scenario;
        lay_out(one.topology(), scenario, 0, args.range())
    });
    let laid = laid.collect::<Result<Vec<_>, _>>()?;
    let watch = Arc::new(Watch::default());
    listen(&watch)?;
    let each: u64 = laid.iter().map(|laid| length(&laid.spec)).sum();
    let whole = each * asked.wanted.most() as u64;
    let days = watched(&watch, whole, context.lang, || {
        let days = scenarios
            .iter()
            .zip(laid)
            .map(|(one, laid)| simulate(one.topology(), &one.loaded.scenario, laid, asked, &watch));
        days.collect::<Result<Vec<_>, _>>()
    });
    Ok(days?)
}

/// Each scenario with its day.
pub(super) fn shown<'c>(comparison: &'c Comparison, days: &'c [Simulated]) -> Vec<Shown<'c>> {
    let scenarios = comparison.scenarios.iter().zip(days);
    scenarios
        .map(|(one, simulated)| Shown {
            loaded: &one.loaded,
            simulated,
        })
        .collect()
}

/// The table of the simulated days, each day whole, and a figure.
pub(super) fn write(
    shown: &[Shown<'_>],
    rows: &[Row],
    folder: &Path,
    font: Option<&Path>,
    context: &Context,
) -> Result<(), Error> {
    files::write(
        &folder.join("simulated.csv"),
        &compared::table(shown, rows)?,
    )?;
    for one in shown {
        let name = format!("simulate-{}.json", one.loaded.scenario.id);
        let data = format!("{:#}\n", day::json(one));
        files::write(&folder.join(name), data.as_bytes())?;
    }
    let figure = chart::simulation::compared(shown, rows, context.lang);
    let figures: Vec<_> = figure
        .map(|spec| ("simulated".to_string(), spec))
        .into_iter()
        .collect();
    draw_all(&figures, folder, font)
}

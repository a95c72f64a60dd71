//! `hopcast simulate SCENARIO`: a working day, act by act.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::super::Context;
use super::hours::HourRange;
use super::progress::{INTERRUPTED, listen, watched};
use super::{DayArgs, SimulateArgs};
use crate::chart;
use crate::error::{Error, draw};
use crate::files;
use crate::report::simulation::day as view;
use crate::scenario::Scenario;
use crate::scenario::load::{LoadedScenario, load};
use crate::scenario::simulated::outcome::Asked;
use crate::scenario::simulated::{Shown, lay_out, simulate};
use crate::sim::day::run::{Watch, length};
use crate::sim::trials::Wanted;
use crate::text;
use crate::units::YearMonth;

/// Precision that is asked for where nothing is said.
const PRECISION: f64 = 0.05;

/// Trials at most where a precision is asked for.
const MOST: usize = 20;

impl DayArgs {
    /// Whether any of them is given.
    pub(in super::super) fn is_given(&self) -> bool {
        self.hours.is_some()
            || self.seed.is_some()
            || self.trials.is_some()
            || self.precision.is_some()
    }

    /// How often, and under which seed.
    pub(in super::super) fn asked(&self) -> Asked {
        Asked {
            seed: self.seed.unwrap_or(1),
            wanted: match self.trials {
                Some(count) => Wanted::Exactly(count as usize),
                None => Wanted::Until {
                    precision: self.precision.map_or(PRECISION, |part| part.0),
                    most: MOST,
                },
            },
        }
    }

    /// Which hours.
    pub(in super::super) fn range(&self) -> std::ops::Range<usize> {
        self.hours.unwrap_or(HourRange::WORKING_DAY).range()
    }
}

/// Reads a scenario; warnings about its files go to standard error.
pub(in super::super) fn read(path: &Path, context: &Context) -> Result<LoadedScenario, Error> {
    let loaded = load(path)?;
    let (sources, warnings) = (&loaded.loaded.sources, &loaded.loaded.warnings);
    for warning in warnings {
        eprint!("{}", draw(sources, warning, context.lang, context.colour));
    }
    Ok(loaded)
}

pub(super) fn run(path: &Path, args: &SimulateArgs, context: &Context) -> Result<ExitCode, Error> {
    let loaded = read(path, context)?;
    let (topology, scenario) = (&loaded.loaded.topology, &loaded.scenario);
    let month = args.date.map_or(Ok(0), |date| month(scenario, date))?;
    let asked = args.day.asked();
    let laid = lay_out(topology, scenario, month, args.day.range())?;
    args.out.as_deref().map_or(Ok(()), files::make_folder)?;
    let watch = Arc::new(Watch::default());
    listen(&watch)?;
    let whole = length(&laid.spec) * asked.wanted.most() as u64;
    let simulated = watched(&watch, whole, context.lang, || {
        simulate(topology, scenario, laid, asked, &watch)
    })?;
    let shown = Shown {
        loaded: &loaded,
        simulated: &simulated,
    };
    let data = || format!("{:#}\n", view::json(&shown));
    if let Some(folder) = &args.out {
        files::write(&folder.join("simulate.json"), data().as_bytes())?;
        for (name, table) in view::tables(&shown)? {
            files::write(&folder.join(name), &table)?;
        }
        let figures = chart::simulation::figures(&shown, context.lang);
        super::super::compare::draw_all(&figures, folder, args.font.as_deref())?;
    }
    context.print(&match args.json {
        true => data(),
        false => view::terminal(&shown, context.lang, context.columns()),
    })?;
    Ok(match simulated.outcome.partial {
        Some(_) => ExitCode::from(INTERRUPTED),
        None => ExitCode::SUCCESS,
    })
}

/// The months from the scenario's start to `date`.
fn month(scenario: &Scenario, date: YearMonth) -> Result<u32, Error> {
    let Some(from) = scenario.growth.from else {
        return Err(Error::Argument(text!(
            "方案没有写起始月份（growth.from），不能用 --date {date}",
            "--date {date}: the scenario does not say when it starts (growth.from)"
        )));
    };
    let last = from.plus(scenario.growth.months);
    let months = u32::try_from(date.since(from)).ok();
    months
        .filter(|months| *months <= scenario.growth.months)
        .ok_or_else(|| {
            Error::Argument(text!(
                "--date {date} 不在方案的期限内；允许：{from} 至 {last}",
                "--date {date} is outside of the scenario's horizon; allowed: {from} to {last}"
            ))
        })
}

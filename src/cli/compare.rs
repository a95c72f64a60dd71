//! `hopcast compare`: scenarios side by side.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::Context;
use super::simulate::DayArgs;
use super::simulate::day::read;
use super::simulate::progress::INTERRUPTED;
use crate::chart::{self, ChartSpec, Fonts};
use crate::error::Error;
use crate::files;
use crate::lang::Text;
use crate::report;
use crate::scenario::compare::{Comparison, compare};
use crate::scenario::simulated::Simulated;
use crate::scenario::simulated::compared::rows;

mod simulated;

/// Compare scenarios: the table people decide by, and in DIR its data and charts.
#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// Scenario files (a topology file is a scenario that changes nothing); the first is what the
    /// others are compared with.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// Folder for the data (JSON, CSV) and the charts (SVG, PNG).
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A font file for characters that the built-in font does not have.
    #[arg(long, value_name = "FILE", requires = "out")]
    font: Option<PathBuf>,
    /// Print every metric, not only those that matter most.
    #[arg(long)]
    all: bool,
    /// Print the comparison as JSON.
    #[arg(long)]
    json: bool,
    /// Simulate the first month's working day of every scenario too: means and p95 with intervals,
    /// paired differences, minutes of pain, and where the analytic answer differs.
    #[arg(long)]
    simulate: bool,
    #[command(flatten)]
    day: DayArgs,
}

/// Answers and prints the comparison. Warnings about the files go to standard error.
pub(super) fn run(args: &CompareArgs, context: &Context) -> Result<ExitCode, Error> {
    if !args.simulate && args.day.is_given() {
        return Err(Error::Argument(Text::new(
            "--hours、--seed、--trials、--precision 需与 --simulate 同用",
            "--hours, --seed, --trials and --precision go with --simulate",
        )));
    }
    let mut scenarios = Vec::new();
    for path in &args.scenarios {
        scenarios.push(read(path, context)?);
    }
    let comparison = compare(scenarios)?;
    args.out.as_deref().map_or(Ok(()), files::make_folder)?;
    let simulated = match args.simulate {
        true => Some(simulated::run(&comparison, &args.day, context)?),
        false => None,
    };
    let shown = simulated
        .as_ref()
        .map(|days| simulated::shown(&comparison, days));
    let rows = shown.as_ref().map(|shown| rows(shown, args.all));
    let both = shown.as_deref().zip(rows.as_deref());
    let data = || {
        let mut document = report::data::json(&comparison);
        if let Some((shown, rows)) = both {
            document["simulated"] = true.into();
            document["simulation"] = report::simulation::compared::json(shown, rows);
        }
        format!("{document:#}\n")
    };
    if let Some(folder) = &args.out {
        files::write(&folder.join("compare.json"), data().as_bytes())?;
        for (name, table) in report::data::tables(&comparison)? {
            files::write(&folder.join(name), &table)?;
        }
        if let Some((shown, rows)) = both {
            simulated::write(shown, rows, folder, args.font.as_deref(), context)?;
        }
        charts(&comparison, folder, args.font.as_deref(), context)?;
    }
    context.print(&match args.json {
        true => data(),
        false => {
            let mut said = report::comparison::terminal(&comparison, context.lang, args.all);
            if let Some((shown, rows)) = both {
                let columns = context.columns();
                let more =
                    report::simulation::compared::terminal(shown, rows, context.lang, columns);
                said.push_str(&more);
            }
            said
        }
    })?;
    let broken_off = |days: &Vec<Simulated>| days.iter().any(|day| day.outcome.partial.is_some());
    Ok(match simulated.as_ref().is_some_and(broken_off) {
        true => ExitCode::from(INTERRUPTED),
        false => ExitCode::SUCCESS,
    })
}

/// Pixels for each unit of a chart: 1843 across, 156 mm at 300 dpi.
const SCALE: f64 = 2.0;

fn charts(
    comparison: &Comparison,
    folder: &Path,
    font: Option<&Path>,
    context: &Context,
) -> Result<(), Error> {
    let figures = chart::comparison::figures(comparison, context.lang);
    draw_all(&figures, folder, font)
}

/// Draws figures as SVG and PNG into a folder, each under its name.
pub(super) fn draw_all(
    figures: &[(String, ChartSpec)],
    folder: &Path,
    font: Option<&Path>,
) -> Result<(), Error> {
    let fonts = Fonts::of(font)?;
    let draw = |figures: &[(String, ChartSpec)]| -> Result<(), Error> {
        for (name, spec) in figures {
            let (svg, png) = chart::shipped(spec, &fonts, SCALE)?;
            files::write(&folder.join(format!("{name}.svg")), svg.as_bytes())?;
            files::write(&folder.join(format!("{name}.png")), &png)?;
        }
        Ok(())
    };
    // Drawing takes longer than all the arithmetic, and figures share nothing but their fonts.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let each = figures.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let running: Vec<_> = figures
            .chunks(each)
            .map(|part| scope.spawn(|| draw(part)))
            .collect();
        running
            .into_iter()
            .try_for_each(|thread| match thread.join() {
                Ok(drawn) => drawn,
                Err(_) => Err(Error::System(Text::new("绘图中断", "drawing broke off"))),
            })
    })
}

//! `hopcast compare`: scenarios side by side.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::Context;
use crate::chart::{self, ChartSpec, Fonts};
use crate::error::{Error, draw};
use crate::files;
use crate::lang::Text;
use crate::report;
use crate::scenario::compare::{Comparison, compare};
use crate::scenario::load;

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
}

/// Answers and prints the comparison. Warnings about the files go to standard error.
pub(super) fn run(args: &CompareArgs, context: &Context) -> Result<ExitCode, Error> {
    let mut scenarios = Vec::new();
    for path in &args.scenarios {
        let loaded = load::load(path)?;
        for warning in &loaded.loaded.warnings {
            eprint!(
                "{}",
                draw(
                    &loaded.loaded.sources,
                    warning,
                    context.lang,
                    context.colour
                )
            );
        }
        scenarios.push(loaded);
    }
    let comparison = compare(scenarios)?;
    let data = || format!("{:#}\n", report::data::json(&comparison));
    if let Some(folder) = &args.out {
        files::write(&folder.join("compare.json"), data().as_bytes())?;
        for (name, table) in report::data::tables(&comparison)? {
            files::write(&folder.join(name), &table)?;
        }
        charts(&comparison, folder, args.font.as_deref(), context)?;
    }
    context.print(&match args.json {
        true => data(),
        false => report::comparison::terminal(&comparison, context.lang, args.all),
    })?;
    Ok(ExitCode::SUCCESS)
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

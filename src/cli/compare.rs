//! `hopcast compare`: scenarios side by side.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Context;
use crate::error::{Error, draw};
use crate::report;
use crate::scenario::compare::compare;
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
    context.print(&report::comparison::terminal(
        &comparison,
        context.lang,
        args.all,
    ))?;
    Ok(ExitCode::SUCCESS)
}

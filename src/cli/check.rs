//! `hopcast check`: all that is wrong with files people wrote.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::Context;
use crate::error::{Error, Problem, Severity, Sources, draw, row};
use crate::files;
use crate::scenario;
use crate::text;
use crate::topology;

/// Check topology and scenario files: every problem with its file, line and column.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Topology or scenario files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print the problems as JSON.
    #[arg(long)]
    json: bool,
}

/// Exit 0: nothing wrong; 1: problems (warnings too); 2: a file could not be read.
pub(super) fn run(args: &CheckArgs, context: &Context) -> Result<ExitCode, Error> {
    let mut rows = Vec::new();
    let mut drawn = String::new();
    let mut counts = [0usize; 2];
    let mut unreadable = false;
    for path in &args.files {
        let (sources, problems) = match problems(path) {
            Ok(found) => found,
            // The other files are still worth checking.
            Err(error @ Error::File { .. }) => {
                unreadable = true;
                eprint!("{}", error.draw(context.lang, context.colour));
                continue;
            }
            Err(error) => return Err(error),
        };
        for problem in &problems {
            counts[usize::from(problem.severity == Severity::Warning)] += 1;
            match args.json {
                true => rows.push(row(&sources, problem)),
                false => drawn.push_str(&draw(&sources, problem, context.lang, false)),
            }
        }
    }
    let [errors, warnings] = counts;
    if args.json {
        let answer = json!({
            "schema": "hopcast.check/1",
            "errors": errors,
            "warnings": warnings,
            "problems": rows,
        });
        context.print(&format!("{answer:#}\n"))?;
    } else {
        let files = args.files.len();
        let summary = text!(
            "{files} 个文件：{errors} 个错误，{warnings} 个警告\n",
            "{files} file(s): {errors} error(s), {warnings} warning(s)\n"
        );
        context.print(&format!("{drawn}{}", summary.get(context.lang)))?;
    }
    Ok(match (unreadable, errors + warnings) {
        (true, _) => ExitCode::from(2),
        (false, 0) => ExitCode::SUCCESS,
        (false, _) => ExitCode::from(1),
    })
}

fn problems(path: &std::path::Path) -> Result<(Sources, Vec<Problem>), Error> {
    let loaded = match scenario::load::is_scenario(&files::read(path)?) {
        true => scenario::load::load(path).map(|scenario| scenario.loaded),
        false => topology::load(path),
    };
    match loaded {
        Ok(loaded) => Ok((loaded.sources, loaded.warnings)),
        Err(Error::Problems { sources, problems }) => Ok((sources, problems)),
        Err(error) => Err(error),
    }
}

//! `hopcast share`: what each class of a link is granted, and why.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::Context;
use crate::error::{Error, Place, Problem, Severity, draw};
use crate::files;
use crate::lang::Text;
use crate::qos::{Answer, DemandError, Preset, Tree, over_bursts};
use crate::text;
use crate::units::BitRate;

mod csv_file;
mod policy;
mod said;
mod toml_file;
mod written;

pub(super) use policy::{Policy, policy};
use written::{Case, Written};

/// Arguments of `hopcast share`.
#[derive(Debug, clap::Args)]
pub(super) struct ShareArgs {
    /// Classes: a CSV table (rows of one `mix` are one link) or a TOML file.
    ///
    /// CSV columns, `class` required, others by default: rep, mix (one link), link_mbit (--link),
    /// tbf_mbit (no line behind), parent (root, the link), kind (leaf, inner: by parents), offered
    /// (greedy; or Mbit/s, or onoff: on for half of the time), guarantee (0 Mbit/s; inner: sum of
    /// its children), ceil (the link's rate), prio (0, the first), quantum (guarantee/8/10 bytes,
    /// 1000 to 200000), users and per_user_mbit (no limit), queue_frames (247) and period_s (4) of
    /// onoff. measured_mbit is never read. Appended: share_mbit, empty where the tree does not
    /// decide, share_low_mbit, share_high_mbit, why.
    ///
    /// TOML keys: link, line, preset, excess, oversubscription; [class.NAME] parent, guarantee,
    /// ceiling, priority, quantum, demand, users, per_user, queue, period.
    file: PathBuf,

    /// Rate of the link, e.g. 500M; replaces what the file says.
    #[arg(long, value_name = "RATE")]
    link: Option<BitRate>,

    /// Whose rule shares the excess; replaces what the file says [default: linux-htb].
    #[arg(long, value_enum)]
    preset: Option<Preset>,

    /// Answer as JSON.
    #[arg(long, conflicts_with = "csv")]
    json: bool,

    /// Answer as CSV: the rows of the file with the shares appended.
    #[arg(long)]
    csv: bool,

    /// Write the answer to this file (CSV unless --json).
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A case with its answer.
struct Answered<'w> {
    case: &'w Case,
    tree: Tree,
    answer: Answer,
}

/// Reads the file, shares every link in it, and says the answer in the form asked for.
///
/// # Errors
/// An unreadable file; everything wrong in a file at once; a file that cannot be written.
pub(super) fn run(args: &ShareArgs, context: &Context) -> Result<ExitCode, Error> {
    let mut written = read(&args.file, args.preset)?;
    let mut problems = std::mem::take(&mut written.problems);
    if let Some(link) = args.link {
        written
            .cases
            .iter_mut()
            .for_each(|case| case.link = Some(link));
    }
    let mut answered = Vec::with_capacity(written.cases.len());
    for case in written.cases.iter().filter(|case| !case.broken) {
        match answer(case, &written) {
            Ok(one) => answered.push(one),
            Err(found) => problems.extend(found),
        }
    }
    if problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
    {
        return Err(Error::Problems {
            sources: written.sources,
            problems,
        });
    }
    problems.extend(answered.iter().flat_map(|one| leaks(one.case, &one.tree)));
    for problem in &problems {
        eprint!(
            "{}",
            draw(&written.sources, problem, context.lang, context.colour)
        );
    }
    let said = match (args.json, args.csv || args.out.is_some()) {
        (true, _) => said::json(&written, &answered, &problems)?,
        (_, true) => said::csv(&written, &answered)?,
        _ => said::table(&written, &answered, context.lang),
    };
    match &args.out {
        Some(path) => files::write(path, said.as_bytes())?,
        None => context.print(&said)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a file by its extension: `.toml`, else CSV.
fn read(path: &Path, preset: Option<Preset>) -> Result<Written, Error> {
    let text = files::read(path)?;
    let toml = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    Ok(match toml {
        true => toml_file::read(path, text, preset),
        false => csv_file::read(path, text, preset.unwrap_or_default()),
    })
}

/// Shares one case.
fn answer<'w>(case: &'w Case, written: &Written) -> Result<Answered<'w>, Vec<Problem>> {
    let tree = case.tree(written.rules)?;
    let answer = over_bursts(&tree, &case.demands, &case.bursts, case.line);
    match answer {
        Ok(answer) => Ok(Answered { case, tree, answer }),
        Err(error) => Err(vec![refused(&error, Some(case.whole()))]),
    }
}

/// A demand that cannot be answered, as a problem of the file.
fn refused(error: &DemandError, place: Option<Place>) -> Problem {
    match error {
        DemandError::TooManyBursts { given, most } => {
            let message = text!("{given} 个 onoff 源", "{given} onoff sources");
            let help = text!("一条链路最多 {most} 个", "at most {most} on one link");
            Problem::error("too-many", place, message).help(help)
        }
        // The readers let no other through; the sentence is for whoever breaks that.
        other => Problem::error("impossible-number", place, Text::same(other)),
    }
}

/// Warnings of guarantees that the kernel would send beyond what is there.
fn leaks(case: &Case, tree: &Tree) -> Vec<Problem> {
    let found = tree.oversubscribed().iter();
    found
        .map(|found| {
            let places = case.places.get(found.parent.unwrap_or(0));
            let place = places.map(|places| places.of("guarantee"));
            let mut message = found.message();
            if let Some(name) = case.name() {
                message = Text::new(
                    format!("{name}：{}", message.zh),
                    format!("{name}: {}", message.en),
                );
            }
            Problem::warning("oversubscribed", place, message)
        })
        .collect()
}

//! `hopcast simulate`: what averages cannot tell.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Context;
use super::share::{Policy, policy};
use crate::error::{Error, draw};
use crate::files;
use crate::lang::Text;
use crate::qos::TreeError;
use crate::report::simulation::replay as simulation;
use crate::report::simulation::replay::Replayed;
use crate::sim::link::Link;
use crate::sim::outcome::Outcome;
use crate::sim::replay::replay;
use crate::text;
use crate::units::BitRate;

mod flows;
mod out;

use flows::Classes;

/// Replay transfers through one link: when each of them ends, and how long its users waited.
#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    /// Transfers to replay: CSV with the columns arrival_s,bytes[,class][,user].
    ///
    /// arrival_s is in seconds from any moment, bytes is what the transfer carries. Rows may stand
    /// in any order. Transfers of a class share the class equally; those of one user share the
    /// user's limit where the policy sets one (a row without a user has no such limit).
    #[arg(long, value_name = "FILE")]
    flows: PathBuf,
    /// Rate of the link, e.g. 500M; replaces what the policy says.
    #[arg(long, value_name = "RATE", required_unless_present = "policy")]
    link: Option<BitRate>,
    /// Classes of the link: one link in a file of `hopcast share` (default: all transfers share it).
    ///
    /// What the file says of demand and of a number of users is not read: the transfers are the
    /// demand. Only an inner class keeps users x per_user as its ceiling.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Write the rows with finish_s and duration_s appended to this file.
    ///
    /// duration_s has all its digits where finish_s - arrival_s has lost them. Both are empty for a
    /// transfer whose class is never granted anything.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

/// Replays, writes the rows and prints the figures.
///
/// # Errors
/// An unreadable file, all that is wrong in one, an impossible rate, a file that cannot be written.
pub(super) fn run(args: &SimulateArgs, context: &Context) -> Result<ExitCode, Error> {
    let policy = match &args.policy {
        Some(path) => Some(policy(path, args.link)?),
        None => None,
    };
    let mut link = link(policy.as_ref(), args.link)?;
    let text = files::read(&args.flows)?;
    let file = flows::read(&args.flows, text, &classes(policy.as_ref(), &link))?;
    let policy_warnings = policy
        .iter()
        .map(|policy| (&policy.sources, &policy.warnings));
    for (sources, warnings) in policy_warnings.chain([(&file.sources, &file.warnings)]) {
        for warning in warnings {
            eprint!("{}", draw(sources, warning, context.lang, context.colour));
        }
    }
    let ends = replay(&mut link, &file.flows).map_err(|(row, refused)| {
        let row = row + 1;
        // The reader lets nothing through that the link refuses; this is for whoever breaks that.
        Error::System(text!(
            "第 {row} 次传输：{refused}",
            "transfer {row}: {refused}"
        ))
    })?;
    if let Some(path) = &args.out {
        files::write_with(path, |to| out::rows(to, &file, &ends))?;
    }
    let rate = link.rate();
    let outcome = Outcome::new(&file.flows, &ends, &file.classes, &file.names, rate.0);
    let replayed = Replayed {
        link: rate,
        preset: policy.as_ref().map(|policy| (policy.preset, policy.rules)),
        outcome: &outcome,
    };
    context.print(&match args.json {
        true => format!("{:#}\n", simulation::json(&replayed)),
        false => simulation::terminal(&replayed, context.lang, context.columns()),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The link of the policy, or one that all transfers share.
fn link(policy: Option<&Policy>, rate: Option<BitRate>) -> Result<Link, Error> {
    let link = match policy {
        Some(policy) => Link::new(policy.link, &policy.classes, policy.rules),
        None => Link::plain(rate.unwrap_or_default()),
    };
    link.map_err(|errors| {
        let first = errors.first().map(TreeError::message);
        Error::Argument(first.unwrap_or_else(|| Text::same("--link")))
    })
}

/// The classes that a row may name.
fn classes<'p>(policy: Option<&'p Policy>, link: &Link) -> Classes<'p> {
    let Some(policy) = policy else {
        return Classes::Any;
    };
    let mut names = vec![None; policy.classes.len()];
    for leaf in link.leaf_classes() {
        names[leaf] = Some(policy.classes[leaf].name.as_str());
    }
    Classes::Leaves(names)
}

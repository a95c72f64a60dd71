//! `hopcast simulate --flows`: known transfers through one link.

use std::path::Path;
use std::process::ExitCode;

use super::super::Context;
use super::super::share::{Policy, policy};
use super::flows::{self, Classes};
use super::{SimulateArgs, out};
use crate::error::{Error, draw};
use crate::files;
use crate::lang::Text;
use crate::qos::TreeError;
use crate::report::simulation::replay::{self as view, Replayed};
use crate::sim::link::Link;
use crate::sim::outcome::Outcome;
use crate::sim::replay::replay;
use crate::text;
use crate::units::BitRate;

/// Replays, writes the rows and prints the figures.
///
/// # Errors
/// An unreadable file, all that is wrong in one, an impossible rate, a file that cannot be written.
pub(super) fn run(path: &Path, args: &SimulateArgs, context: &Context) -> Result<ExitCode, Error> {
    let policy = match &args.policy {
        Some(path) => Some(policy(path, args.link)?),
        None => None,
    };
    let mut link = link(policy.as_ref(), args.link)?;
    let text = files::read(path)?;
    let file = flows::read(path, text, &classes(policy.as_ref(), &link))?;
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
        true => format!("{:#}\n", view::json(&replayed)),
        false => view::terminal(&replayed, context.lang, context.columns()),
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

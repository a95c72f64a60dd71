//! `hopcast simulate`: what averages cannot tell.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Context;
use crate::error::Error;
use crate::lang::Text;
use crate::sim::trials::MOST;
use crate::units::{BitRate, Ratio, YearMonth};

pub(super) mod day;
mod flows;
pub(super) mod hours;
mod out;
pub(super) mod progress;
mod replay;

use hours::HourRange;

/// Simulate a scenario's working day, act by act, or replay known transfers through one link.
///
/// With SCENARIO: how long everything takes, what gets in the way of whom and when, each number with
/// its interval over trials; Ctrl-C ends with what is known so far, marked partial, and the exit code
/// 130. With --flows: when each transfer ends, and how long its users waited.
#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    /// Scenario file (a topology file is a scenario that changes nothing).
    #[arg(value_name = "SCENARIO", conflicts_with = "flows")]
    scenario: Option<PathBuf>,
    /// Month of the horizon to simulate, e.g. 2022-06 (default: the first).
    #[arg(long, value_name = "MONTH", conflicts_with = "flows")]
    date: Option<YearMonth>,
    #[command(flatten)]
    day: DayArgs,
    /// Transfers to replay: CSV with the columns arrival_s,bytes[,class][,user].
    ///
    /// arrival_s is in seconds from any moment, bytes is what the transfer carries. Rows may stand
    /// in any order. Transfers of a class share the class equally; those of one user share the
    /// user's limit where the policy sets one (a row without a user has no such limit).
    #[arg(long, value_name = "FILE", conflicts_with_all = ["hours", "seed", "trials", "precision"])]
    flows: Option<PathBuf>,
    /// Rate of the link that --flows passes, e.g. 500M; replaces what the policy says.
    #[arg(long, value_name = "RATE", conflicts_with = "scenario")]
    link: Option<BitRate>,
    /// Classes of the link: one link in a file of `hopcast share` (default: all transfers share it).
    ///
    /// What the file says of demand and of a number of users is not read: the transfers are the
    /// demand. Only an inner class keeps users x per_user as its ceiling.
    #[arg(long, value_name = "FILE", conflicts_with = "scenario")]
    policy: Option<PathBuf>,
    /// With SCENARIO a folder for data (JSON, CSV) and charts (SVG, PNG); with --flows a CSV file.
    ///
    /// The file holds the rows with finish_s and duration_s appended. duration_s has all its digits
    /// where finish_s - arrival_s has lost them. Both are empty for a transfer whose class is never
    /// granted anything.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// A font file for characters that the built-in font does not have.
    #[arg(long, value_name = "FILE", requires = "out", conflicts_with = "flows")]
    font: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

/// What part of a day is simulated, and how often.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct DayArgs {
    /// Hours of the day to simulate, e.g. 14-18 (default: 8-18).
    #[arg(long, value_name = "FROM-TO")]
    pub(super) hours: Option<HourRange>,
    /// Seed of all random numbers (default: 1). Scenarios of one seed meet the same users.
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// So many trials, whatever their precision.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST)), conflicts_with = "precision")]
    pub(super) trials: Option<u32>,
    /// Trials until half of the interval of every mean and p95 is at most this part of it (default:
    /// 5 %), at most 20.
    #[arg(long, value_name = "PART")]
    pub(super) precision: Option<Ratio>,
}

/// Simulates or replays, writes what is asked for and prints the figures. A run that was interrupted
/// prints what is known so far and ends with the exit code 130.
///
/// # Errors
/// An unreadable file, all that is wrong in one, a month outside of the horizon, an impossible rate,
/// a file that cannot be written.
pub(super) fn run(args: &SimulateArgs, context: &Context) -> Result<ExitCode, Error> {
    match (&args.scenario, &args.flows) {
        (_, Some(flows)) if args.link.is_none() && args.policy.is_none() => {
            let shown = flows.display();
            Err(Error::Argument(crate::text!(
                "--flows {shown} 还需要 --link（链路速率）或 --policy（链路的业务类）",
                "--flows {shown} also needs --link (the rate of its link) or --policy (the link's classes)"
            )))
        }
        (_, Some(flows)) => replay::run(flows, args, context),
        (Some(scenario), None) => day::run(scenario, args, context),
        (None, None) => Err(Error::Argument(Text::new(
            "请给出方案文件（可另加 --date、--hours 等），或给出 --flows 与 --link 或 --policy",
            "name a scenario file (with --date, --hours and so on), or give --flows with --link or --policy",
        ))),
    }
}

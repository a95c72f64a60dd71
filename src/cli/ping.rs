//! `hopcast ping`: which of many hosts reply, how fast, and what is lost, with fping's habits.
//!
//! Exit codes are fping's: 0 all reachable (or, with `-x`, enough), 1 some not, 2 a name without an
//! address, 3 bad arguments, 4 the system refused.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgAction, Args};

use super::Context;
use crate::error::Error;
use crate::lang::Text;
use crate::ping::about::About;
use crate::ping::settings::{Mode, Settings};
use crate::probe::manner::Manner;
use crate::probe::names::Family;
use crate::probe::tag::Tag;
use crate::report::ping::{Style, Verdicts};
use method::Method;
use values::{ms, seconds, tos};

mod hosts;
mod method;
mod range;
mod values;
mod watch;

/// Ping many hosts at once, in the lines and with the exit codes of fping.
#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub(super) struct PingArgs {
    /// Hosts: names or addresses; with -g a network, or a first and a last address.
    #[arg(conflicts_with = "file")]
    hosts: Vec<String>,
    /// Read the hosts from a file, one a line, - for standard input; what follows a host is its label.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Ping every address of a network (192.0.2.0/24), or from a first to a last address.
    #[arg(short, long, conflicts_with = "file")]
    generate: bool,
    /// Ping all addresses of a name, not only the first.
    #[arg(short = 'm', long)]
    all: bool,
    /// Use IPv4 only.
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    ipv4: bool,
    /// Use IPv6 only.
    #[arg(short = '6', long)]
    ipv6: bool,

    /// Send so many probes to each host and show every reply.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: Option<u32>,
    /// The same, and list every round trip at the end.
    #[arg(short = 'C', long, value_name = "N", conflicts_with = "count",
        value_parser = clap::value_parser!(u32).range(1..))]
    vcount: Option<u32>,
    /// Ping until interrupted.
    #[arg(short = 'l', long = "loop", conflicts_with_all = ["count", "vcount"])]
    endless: bool,
    /// Milliseconds between two probes to one host.
    #[arg(short, long, value_name = "MSEC", default_value = "1000", value_parser = ms)]
    period: Duration,
    /// Milliseconds between any two probes.
    #[arg(short, long, value_name = "MSEC", default_value = "10", value_parser = ms)]
    interval: Duration,
    /// Milliseconds that a reply is waited for (default: 500; with -c, -C or -l the period, from 500
    /// to 2000).
    #[arg(short, long, value_name = "MSEC", value_parser = ms)]
    timeout: Option<Duration>,
    /// How often a silent host is asked again (without -c, -C and -l).
    #[arg(short, long, value_name = "N", default_value_t = 3)]
    retry: u32,
    /// By how much each further reply is waited for longer, 1 to 5.
    #[arg(short = 'B', long, value_name = "N", default_value_t = 1.5, value_parser = values::backoff)]
    backoff: f64,

    /// How to probe.
    #[arg(long, value_enum, default_value_t = Method::Icmp)]
    method: Method,
    /// Port to aim at (unless given, udp: 33434, dns: 53, tls: 443, http: 80; tcp, syn: must be given).
    #[arg(short = 'P', long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// What name servers are asked (--method dns), and for which type of records.
    #[arg(long, value_name = "NAME[/TYPE]")]
    query: Option<String>,
    /// The URL to ask for (--method http); each host is asked for it, or else the one in it.
    #[arg(long, conflicts_with = "port")]
    url: Option<String>,
    /// Trust the certificates of this PEM file alone (--method tls, http).
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Bytes of ping data; 20 are needed to know a probe again.
    #[arg(short = 'b', long, value_name = "BYTES", default_value_t = 56,
        value_parser = clap::value_parser!(u16).range(..=65_487))]
    size: u16,
    /// Fill probes with random bytes, so that no link compresses them.
    #[arg(short = 'R', long)]
    random: bool,
    /// TTL or hop limit of the probes.
    #[arg(short = 'H', long, value_name = "N", default_value_t = 64,
        value_parser = clap::value_parser!(u8).range(1..))]
    ttl: u8,
    /// Type of service of the probes, decimal or 0x hexadecimal.
    #[arg(short = 'O', long, value_name = "N", default_value = "0", value_parser = tos)]
    tos: u8,
    /// Forbid fragmentation.
    #[arg(short = 'M', long)]
    dontfrag: bool,
    /// Send from this address.
    #[arg(short = 'S', long, value_name = "ADDRESS")]
    src: Option<IpAddr>,
    /// Send by this interface.
    #[arg(short = 'I', long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    iface: Option<String>,

    /// Show only hosts that are alive.
    #[arg(short, long, conflicts_with = "unreach")]
    alive: bool,
    /// Show only hosts that are unreachable.
    #[arg(short, long)]
    unreach: bool,
    /// Say whether at least N hosts are reachable; the exit code says the same.
    #[arg(short = 'x', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    reachable: Option<u32>,
    /// Show no single replies and no errors.
    #[arg(short, long)]
    quiet: bool,
    /// The same, and show figures every so many seconds.
    #[arg(short = 'Q', long, value_name = "SECONDS", value_parser = seconds)]
    squiet: Option<Duration>,
    /// Show final figures over all hosts.
    #[arg(short, long)]
    stats: bool,
    /// Show for how long nothing came back: missing probes times the period.
    #[arg(short, long)]
    outage: bool,
    /// Show round trips of hosts that are alive.
    #[arg(short, long)]
    elapsed: bool,
    /// Show the time of day, in seconds since 1970, before each reply.
    #[arg(short = 'D', long)]
    timestamp: bool,
    /// Show hosts by address.
    #[arg(short = 'A', long)]
    addr: bool,
    /// Show hosts that were given by address by name; this asks a name server.
    #[arg(short, long, conflicts_with = "rdns")]
    name: bool,
    /// Show all hosts by the name that their address has; this asks a name server.
    #[arg(short = 'd', long)]
    rdns: bool,
    /// Print figures for Netdata every -Q seconds.
    #[arg(
        short = 'N',
        long,
        requires = "squiet",
        requires = "endless",
        conflicts_with = "json"
    )]
    netdata: bool,
    /// Print JSON: at the end, and with -Q a line for each interval.
    #[arg(long)]
    json: bool,
    /// Print version.
    #[arg(short = 'v', long, action = ArgAction::SetTrue)]
    version: bool,
}

/// Round trips of so many probes to a host are kept one by one unless every one is to be listed; of
/// more, bins are.
const KEPT: u32 = 10_000;

/// Exit codes as fping has them.
mod exit {
    pub(super) const UNREACHABLE: u8 = 1;
    pub(super) const UNKNOWN: u8 = 2;
    pub(super) const ARGUMENTS: u8 = super::super::help::PING_REFUSED;
    pub(super) const SYSTEM: u8 = 4;
}

/// Runs the command; its exit codes are its own.
pub(super) fn run(args: &PingArgs, context: &Context) -> Result<ExitCode, Error> {
    let failed = match ping(args, context) {
        Ok(code) => return Ok(ExitCode::from(code)),
        Err(Error::Closed) => return Err(Error::Closed),
        Err(error) => error,
    };
    eprint!("{}", failed.draw(context.lang, context.colour));
    Ok(ExitCode::from(match failed {
        Error::Argument(_) => exit::ARGUMENTS,
        _ => exit::SYSTEM,
    }))
}

fn ping(args: &PingArgs, context: &Context) -> Result<u8, Error> {
    if args.version {
        context.print(&format!("hopcast: Version {}\n", env!("CARGO_PKG_VERSION")))?;
        return Ok(0);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Error::System(Text::same(source)))?;
    runtime.block_on(async {
        let found = hosts::find(args, context).await?;
        // Whoever has a name without an address is told at once, and told again by the exit code.
        if found.hosts.is_empty() {
            return Ok(match found.unknown.is_empty() {
                true => exit::UNREACHABLE,
                false => exit::UNKNOWN,
            });
        }
        method::run(args, context, found).await
    })
}

impl PingArgs {
    fn family(&self) -> Family {
        match (self.ipv4, self.ipv6) {
            (true, _) => Family::V4,
            (_, true) => Family::V6,
            _ => Family::Any,
        }
    }

    fn settings(&self) -> Settings {
        let count = self.count.or(self.vcount);
        let mode = match (count, self.endless) {
            (Some(count), _) => Mode::Count(count),
            (None, true) => Mode::Loop,
            (None, false) => Mode::Alive {
                retries: self.retry,
                backoff: self.backoff,
            },
        };
        let usual = match mode {
            Mode::Alive { .. } => Duration::from_millis(500),
            // A reply that takes longer than the period is slow, not lost.
            _ => self
                .period
                .clamp(Duration::from_millis(500), Duration::from_secs(2)),
        };
        Settings {
            mode,
            period: self.period,
            gap: self.interval,
            patience: self.timeout.unwrap_or(usual),
            distance: self.ttl,
            keep: self.vcount.is_some() || count.is_some_and(|count| count <= KEPT),
            report_every: self.squiet,
        }
    }

    /// How probes leave and look; of these settings.
    fn manner(&self, settings: &Settings, targets: usize) -> Manner {
        let attempts = match settings.mode {
            Mode::Alive { retries, backoff } => backoff.powi(retries.min(64) as i32),
            _ => 1.0,
        };
        let patience = settings.patience.as_secs_f64() * attempts;
        Manner {
            source: self.src,
            interface: self.iface.clone(),
            tos: self.tos,
            whole: self.dontfrag,
            random: self.random,
            patience: Duration::try_from_secs_f64(patience).unwrap_or(Duration::MAX),
            exact: self.exact(settings, targets),
            // Random, so that two runs side by side do not take each other's replies for their own.
            ..Manner::plain(Tag(RandomState::new().build_hasher().finish()))
        }
    }

    /// Whether the kernel is asked when each probe left: up to a hundred a second it costs nothing
    /// to speak of.
    fn exact(&self, settings: &Settings, targets: usize) -> bool {
        let apart = settings.period.as_secs_f64() / targets.max(1) as f64;
        apart.max(settings.gap.as_secs_f64()) >= 0.01
    }

    fn style(&self, context: &Context) -> Style {
        let counts = self.count.is_some() || self.vcount.is_some();
        let quiet = self.quiet || self.squiet.is_some();
        let narrowed = self.alive || self.unreach || self.reachable.is_some();
        Style {
            lang: context.lang,
            each: (counts && !narrowed || self.endless) && !quiet && !self.json,
            verdicts: match (self.alive, self.unreach) {
                _ if self.json => Verdicts::Silent,
                (true, _) => Verdicts::Alive,
                (_, true) => Verdicts::Unreachable,
                _ if quiet || narrowed => Verdicts::Silent,
                _ => Verdicts::Sentences,
            },
            quiet,
            elapsed: self.elapsed,
            timestamp: self.timestamp,
            outage: self.outage,
            list: self.vcount.is_some(),
        }
    }

    /// The code of a run in which `alive` of the hosts replied.
    fn code(&self, about: &About, alive: usize) -> u8 {
        match self.reachable {
            Some(required) if alive >= required as usize => 0,
            Some(_) => exit::UNREACHABLE,
            None if !about.unknown.is_empty() => exit::UNKNOWN,
            None if alive < about.hosts.len() => exit::UNREACHABLE,
            None => 0,
        }
    }
}

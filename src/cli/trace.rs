//! `hopcast trace`: which hops there are to a host, how long each takes, what is lost where.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{IsTerminal, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::Context;
use crate::error::Error;
use crate::lang::Text;
use crate::probe::echo::EchoNetwork;
use crate::probe::fake::FakeNetwork;
use crate::probe::names::{self, Family};
use crate::probe::tag::Tag;
use crate::probe::{Arrival, Network, Troubles};
#[cfg(target_os = "linux")]
use crate::probe::{tcp::TcpNetwork, udp::UdpNetwork};
use crate::report::trace::{self as trace_report, Format, Look, table};
use crate::text;
use crate::topology;
use crate::trace;
use crate::trace::engine::Settings;
use crate::trace::fleet::{Fleet, Seen};
use crate::trace::plan::Plan;
use crate::trace::report::{About, MethodUsed, Report};
use method::{Method, method_used};

mod method;

/// The port that UDP traces aim at: the first of the classic traceroute ports, closed by custom.
const UDP_PORT: u16 = 33434;

/// How long names of hops are waited for; a report without names is worth more than a long wait.
const NAMES_WITHIN: Duration = Duration::from_secs(3);

/// Trace the path to a host, without any privilege, and report every hop.
#[derive(Debug, Args)]
pub(super) struct TraceArgs {
    /// Host name or address; in the lab a node of the journey (default: its turning point).
    #[arg(required_unless_present = "lab")]
    host: Option<String>,
    /// Number of sweeps.
    #[arg(short = 'c', long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    cycles: u32,
    /// Seconds between the starts of two sweeps.
    #[arg(short, long, default_value_t = 1.0, value_name = "SECONDS")]
    interval: f64,
    /// Last distance to probe.
    #[arg(short, long, default_value_t = 30, value_parser = clap::value_parser!(u8).range(1..))]
    max: u8,
    /// First distance to probe.
    #[arg(short, long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    first: u8,
    /// Seconds after which a reply is late.
    #[arg(long, default_value_t = 3.0, value_name = "SECONDS")]
    wait: f64,
    /// How to probe (default: udp on Linux, echo elsewhere).
    #[arg(long, value_enum)]
    method: Option<Method>,
    /// Same as --method udp.
    #[arg(short, long, conflicts_with_all = ["method", "tcp"])]
    udp: bool,
    /// Same as --method tcp.
    #[arg(short = 'T', long, conflicts_with = "method")]
    tcp: bool,
    /// Port to aim at (udp: 33434 unless given; tcp: must be given).
    #[arg(short = 'P', long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Bytes of a udp or echo probe with its headers.
    #[arg(short, long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(61..=9000))]
    size: u16,
    /// Use IPv4 only.
    #[arg(short = '4', conflicts_with = "ipv6")]
    ipv4: bool,
    /// Use IPv6 only.
    #[arg(short = '6')]
    ipv6: bool,
    /// Show addresses only: the default, taken for the sake of habit.
    #[arg(short, long, conflicts_with = "names")]
    numeric: bool,
    /// Ask name servers for the names of hops; they learn what is being traced.
    #[arg(long)]
    names: bool,
    /// Cut no name; add percentiles, jitter, the loss interval and the verdict.
    #[arg(short, long)]
    wide: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Watch the path on the terminal until q is pressed, then print the report.
    #[cfg(unix)]
    #[arg(long)]
    live: bool,
    /// Compare with a journey of this topology file.
    #[arg(long, value_name = "FILE", requires = "journey")]
    topology: Option<PathBuf>,
    /// The journey to compare with.
    #[arg(long, value_name = "ID", requires = "topology")]
    journey: Option<String>,
    /// Let the topology's own model answer instead of a network; nothing is sent.
    #[arg(long, requires = "topology")]
    lab: bool,
    /// Seed of the model's randomness.
    #[arg(long, default_value_t = 1, requires = "lab")]
    seed: u64,
}

/// Exit 0: something answered; 1: nothing did; 2: it could not be asked.
pub(super) fn run(args: &TraceArgs, context: &Context) -> Result<ExitCode, Error> {
    let plan = args.plan(context)?;
    let settings = args.settings()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Error::System(Text::same(source)))?;
    let (mut report, ended) = runtime.block_on(async {
        match (&plan, args.lab) {
            (Some(plan), true) => lab(args, context, settings, plan.clone()).await,
            _ => real(args, context, settings, plan).await,
        }
    })?;
    if args.names && !args.lab && report.names.is_empty() {
        let asked = names::names(report.addresses(), NAMES_WITHIN);
        report.names = runtime.block_on(asked);
    }
    let look = Look {
        wide: args.wide,
        ..Look::plain(context.lang)
    };
    context.print(&match args.json {
        true => trace_report::render(&report, Format::Json, &look),
        false => trace_report::render(&report, Format::Table, &look),
    })?;
    let answered = ExitCode::from(if report.answered() { 0 } else { 1 });
    Ok(ended.unwrap_or(answered))
}

impl TraceArgs {
    fn settings(&self) -> Result<Settings, Error> {
        let seconds = |value: f64, option: &str, least: f64| {
            let length = Duration::try_from_secs_f64(value).ok();
            length
                .filter(|_| (least..=86_400.0).contains(&value))
                .ok_or_else(|| {
                    Error::Argument(text!(
                        "{option} 不能是 {value} 秒；允许 {least} 到 86400 秒",
                        "{option} cannot be {value} seconds; allowed: {least} to 86400"
                    ))
                })
        };
        if self.first > self.max {
            let (first, max) = (self.first, self.max);
            return Err(Error::Argument(text!(
                "起始跳 {first} 大于最大跳 {max}；-f 不能大于 -m",
                "first distance {first} is beyond the last, {max}; -f must not exceed -m"
            )));
        }
        Ok(Settings {
            first: self.first,
            last: self.max,
            rounds: self.cycles,
            interval: seconds(self.interval, "--interval", 0.01)?,
            patience: seconds(self.wait, "--wait", 0.01)?,
            ..Settings::default()
        })
    }

    fn family(&self) -> Family {
        match (self.ipv4, self.ipv6) {
            (true, _) => Family::V4,
            (_, true) => Family::V6,
            _ => Family::Any,
        }
    }

    fn method(&self) -> Method {
        let typed = match (self.udp, self.tcp) {
            (true, _) => Some(Method::Udp),
            (_, true) => Some(Method::Tcp),
            _ => self.method,
        };
        let usual = if cfg!(target_os = "linux") {
            Method::Udp
        } else {
            Method::Echo
        };
        typed.unwrap_or(usual)
    }

    fn about(&self, method: MethodUsed, target: &str, address: IpAddr) -> About {
        About {
            source: hostname(),
            target: target.to_string(),
            address,
            start: start(),
            cycles: self.cycles,
            size: self.size.into(),
            method,
            simulated: false,
            target_limited: false,
            service: None,
        }
    }

    /// The plan asked for; that its file has warnings is said on the way.
    fn plan(&self, context: &Context) -> Result<Option<Plan>, Error> {
        let (Some(path), Some(id)) = (&self.topology, &self.journey) else {
            return Ok(None);
        };
        let loaded = read(path)?;
        let (path, warnings) = (path.as_path(), loaded.warnings.len());
        if warnings > 0 {
            let (shown, lang) = (path.display(), context.lang);
            let said = text!(
                "{shown} 有 {warnings} 个警告；用 hopcast check 查看",
                "{shown} has {warnings} warnings; hopcast check shows them"
            );
            eprintln!("{}", said.get(lang));
        }
        let journey = loaded.topology.journey(id).ok_or_else(|| {
            let known = loaded
                .topology
                .journeys
                .iter()
                .map(|journey| journey.id.as_str());
            let known = known.collect::<Vec<_>>().join(", ");
            unknown_journey(path, id, &known)
        })?;
        Ok(Some(Plan::new(&loaded.topology, journey)))
    }
}

fn unknown_journey(path: &Path, id: &str, known: &str) -> Error {
    let path = path.display();
    Error::Argument(text!(
        "{path} 没有路径 \"{id}\"；可用：{known}",
        "{path} has no journey \"{id}\"; known: {known}"
    ))
}

/// Lets the model of the plan answer.
async fn lab(
    args: &TraceArgs,
    context: &Context,
    settings: Settings,
    plan: Plan,
) -> Result<(Report, Option<ExitCode>), Error> {
    let plan = match &args.host {
        Some(host) => plan.until(host)?,
        None => plan,
    };
    let Some(target) = plan.hops.last() else {
        return Err(Error::Argument(Text::new(
            "这条路径没有任何一步，无可追踪",
            "this journey has no step: nothing to trace",
        )));
    };
    let seed = args.seed;
    let method = MethodUsed {
        name: "model",
        port: None,
        what: text!(
            "拓扑文件的模型，虚拟时间，种子 {seed}",
            "the model of the topology file, virtual time, seed {seed}"
        ),
        others: Vec::new(),
        sees_hops: true,
    };
    let about = About {
        simulated: true,
        ..args.about(method, &target.id, target.lab_address)
    };
    let settings = Settings {
        expected: u8::try_from(plan.hops.len()).ok(),
        sparing_target: false,
        ..settings
    };
    let mut network = FakeNetwork::new(plan.model(), Arrival::PortClosed, seed);
    #[cfg(unix)]
    if args.live {
        let mut network = crate::live::paced::Paced::new(network);
        return drive(args, context, settings, (about, Some(plan)), &mut network).await;
    }
    drive(args, context, settings, (about, Some(plan)), &mut network).await
}

/// Asks the real network.
async fn real(
    args: &TraceArgs,
    context: &Context,
    settings: Settings,
    plan: Option<Plan>,
) -> Result<(Report, Option<ExitCode>), Error> {
    let host = args.host.as_deref().unwrap_or_default();
    let address = names::address(host, args.family()).await?;
    let headers = if address.is_ipv6() { 40 + 8 } else { 20 + 8 };
    let payload = usize::from(args.size) - headers;
    let method = args.method();
    let about = |port| args.about(method_used(method, port), host, address);
    // Random, so that two runs side by side do not take each other's replies for their own.
    let tag = Tag(RandomState::new().build_hasher().finish());
    let patience = settings.patience;
    match method {
        #[cfg(target_os = "linux")]
        Method::Udp => {
            let port = args.port.unwrap_or(UDP_PORT);
            let target = SocketAddr::new(address, port);
            let mut network = UdpNetwork::open(target, tag, payload, patience)?;
            let about = About {
                target_limited: settings.interval < Duration::from_secs(1),
                ..about(Some(port))
            };
            drive(args, context, settings, (about, plan), &mut network).await
        }
        #[cfg(target_os = "linux")]
        Method::Tcp => {
            let port = args.port.ok_or_else(|| {
                Error::Argument(Text::new(
                    "--method tcp 需要用 -P 写明端口，例如 -P 443",
                    "--method tcp needs a port: write it with -P, for example -P 443",
                ))
            })?;
            let settings = Settings {
                sparing_target: false,
                ..settings
            };
            let mut network = TcpNetwork::open(SocketAddr::new(address, port))?;
            let about = about(Some(port));
            drive(args, context, settings, (about, plan), &mut network).await
        }
        #[cfg(not(target_os = "linux"))]
        Method::Udp | Method::Tcp => Err(Error::Argument(Text::new(
            "udp 与 tcp 方式只在 Linux 上可用；请用 --method echo",
            "the udp and tcp methods work on Linux only; use --method echo",
        ))),
        Method::Echo => {
            let settings = Settings {
                first: 1,
                last: 1,
                sparing_target: false,
                ..settings
            };
            let mut network = EchoNetwork::open(address, tag, payload, patience)?;
            drive(args, context, settings, (about(None), plan), &mut network).await
        }
    }
}

/// Runs the trace; on a terminal the first sweep is shown as soon as it is known. The exit code is
/// that of the signal that ended it, if one did.
async fn drive<N: Network>(
    args: &TraceArgs,
    context: &Context,
    settings: Settings,
    (about, plan): (About, Option<Plan>),
    network: &mut N,
) -> Result<(Report, Option<ExitCode>), Error> {
    #[cfg(unix)]
    if args.live {
        let subject = crate::live::Subject {
            about,
            plan,
            sparing: settings.sparing_target,
        };
        let targets = vec![(settings, subject)];
        let ended = super::live::watch(network, targets, context, args.names).await?;
        let code = ended.signal.and_then(super::live::ended_by);
        let report = ended.reports.into_iter().next();
        return Ok((report.ok_or(Error::Closed)?, code));
    }
    let watched = std::io::stderr().is_terminal() && !args.lab && args.cycles > 1;
    let lang = context.lang;
    let mut fleet = Fleet::new([settings], settings.interval);
    let preview = |seen: Seen| {
        if let Seen::Swept(tracer, now) = seen
            && watched
        {
            let trace = tracer.trace(now, Troubles::default());
            // Whoever closed the terminal misses a preview, not the report.
            let _ = std::io::stderr().write_all(table::preview(&trace, lang).as_bytes());
        }
    };
    trace::run(&mut fleet, network, preview).await?;
    let traces = fleet.traces(network.now(), network.troubles());
    let trace = traces.into_iter().next();
    let report = trace.map(|trace| Report::new(about, trace, plan));
    Ok((report.ok_or(Error::Closed)?, None))
}

/// Local time with its offset, as mtr prints it.
fn start() -> String {
    jiff::Zoned::now()
        .strftime("%Y-%m-%dT%H:%M:%S%z")
        .to_string()
}

fn hostname() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let variable = || {
        std::env::var("COMPUTERNAME")
            .or_else(|_| std::env::var("HOSTNAME"))
            .ok()
    };
    let name = kernel.or_else(variable).unwrap_or_default();
    match name.trim() {
        "" => "localhost".to_string(),
        name => name.to_string(),
    }
}

/// The topology of a file; of a scenario, the one that it makes.
fn read(path: &std::path::Path) -> Result<topology::Loaded, Error> {
    #[cfg(feature = "plan")]
    if crate::scenario::load::is_scenario(&crate::files::read(path)?) {
        return crate::scenario::load::load(path).map(|scenario| scenario.loaded);
    }
    topology::load(path)
}

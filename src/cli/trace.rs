//! `hopcast trace`: which hops there are to a host, how long each takes, what is lost where.

use std::io::IsTerminal;
use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Duration;

use super::Context;
use crate::atlas::Atlas;
use crate::error::Error;
use crate::lang::Text;
use crate::probe::names;
use crate::report::trace::{self as printed, Format, Look};
use crate::trace::fleet::Fleet;
use crate::trace::plan::Plan;
use crate::trace::report::{About, Report};
pub(super) use args::TraceArgs;
use open::{Aim, Start};
use watch::Watch;

mod args;
mod asked;
mod lab;
mod open;
mod settings;
mod side;
mod size;
mod watch;

/// How long names of hops are waited for; a report without names is worth more than a long wait.
const NAMES_WITHIN: Duration = Duration::from_secs(3);

/// A host to trace: as it was typed, and its address.
type Host = (String, IpAddr);

/// What a run came to.
struct Outcome {
    reports: Vec<Report>,
    /// Hosts whose names were not found.
    unknown: usize,
    /// The exit code of a run that a signal ended.
    signalled: Option<ExitCode>,
    /// Whether the facts have been printed as they happened.
    printed: bool,
}

/// Exit 0: every host or its way answered; 1: some did not; 2: it could not be asked.
pub(super) fn run(args: &TraceArgs, context: &Context) -> Result<ExitCode, Error> {
    let plan = asked::plan(args, context)?;
    let look = args.look(context)?;
    let atlas = args.atlas.as_deref().map(Atlas::read).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Error::System(Text::same(source)))?;
    let mut outcome = runtime.block_on(trace(args, context, plan, &look))?;
    if look.names && !args.lab {
        for report in &mut outcome.reports {
            let asked = names::names(report.addresses(), NAMES_WITHIN, args.server()?);
            report.names = runtime.block_on(asked);
        }
    }
    if let Some(atlas) = &atlas {
        for report in &mut outcome.reports {
            let known = |address| Some((address, atlas.origin(address)?.clone()));
            report.networks = report.addresses().into_iter().filter_map(known).collect();
        }
    }
    let format = args.format().unwrap_or(Format::Table);
    for report in outcome.reports.iter().filter(|_| !outcome.printed) {
        context.print(&printed::render(report, format, &look))?;
    }
    if let Some(code) = outcome.signalled {
        return Ok(code);
    }
    let all = outcome.unknown == 0 && outcome.reports.iter().all(Report::answered);
    Ok(ExitCode::from(if all { 0 } else { 1 }))
}

/// Opens the network and runs over it to the end.
async fn trace(
    args: &TraceArgs,
    context: &Context,
    plan: Option<Plan>,
    look: &Look,
) -> Result<Outcome, Error> {
    let live = args.is_live();
    let settings = args.settings(live)?;
    let (hosts, unknown) = asked::hosts(args, context, plan.as_ref()).await?;
    let asked = match live {
        true => Vec::new(),
        false => side::nodes(args, plan.as_ref(), &hosts).await?,
    };
    let (plan, hosts, start) = match plan {
        Some(plan) if args.lab => {
            let (plan, start) = lab::open(args, settings, plan)?;
            let target = plan.hops.last();
            let target = target.map(|hop| (hop.id.clone(), hop.lab_address));
            (Some(plan), target.into_iter().collect(), start)
        }
        plan => {
            let targets: Vec<IpAddr> = hosts.iter().map(|(_, address)| *address).collect();
            let beside: Vec<Aim> = asked.iter().map(side::Asked::aim).collect();
            let start = open::open(args, settings, (&targets, &beside), plan.as_ref())?;
            (plan, hosts, start)
        }
    };
    let sizes = size::open(args, &hosts)?;
    // Every socket that needs a privilege is open, and every file is read.
    #[cfg(target_os = "linux")]
    crate::probe::privilege::give_up()?;
    let mut outcome = match live {
        true => watched(args, context, hosts, start, plan).await?,
        false => measured(args, look, (&hosts, asked), start, plan).await?,
    };
    outcome.unknown = unknown;
    for (report, search) in outcome.reports.iter_mut().zip(sizes) {
        report.path_mtu = Some(size::search(search, report).await?);
    }
    Ok(outcome)
}

/// What is known of the run to a host before it has begun.
fn about(args: &TraceArgs, (host, address): &Host, start: &Start) -> About {
    About {
        source: asked::hostname(),
        target: host.clone(),
        address: *address,
        start: super::local_time(),
        cycles: start.settings.rounds,
        size: args.size.into(),
        tos: args.tos,
        method: start.method.clone(),
        service: start.service,
        simulated: args.lab,
        target_limited: start.target_limited,
        flows_kept: args.keeps_flows(),
    }
}

/// Runs all hosts at once, the nodes of side loops beside them, and derives their reports. Formats
/// that tell things as they happen are printed on the way.
async fn measured(
    args: &TraceArgs,
    look: &Look,
    (hosts, asked): (&[Host], Vec<side::Asked>),
    mut start: Start,
    plan: Option<Plan>,
) -> Result<Outcome, Error> {
    let known: Vec<About> = hosts.iter().map(|host| about(args, host, &start)).collect();
    let gap = args.gap(&start.settings, hosts.len())?;
    let settings = hosts.iter().map(|_| start.settings);
    let beside = asked.iter().map(|own| side::settings(&start, own));
    let mut fleet = Fleet::new(settings.chain(beside).collect::<Vec<_>>(), gap);
    let mut watch = Watch::new(args, look, hosts.len());
    let traces = watch::drive(&mut fleet, &mut start.network, &mut watch).await?;
    let mut traces = traces.into_iter();
    let of_host = known.first().cloned();
    let reports = known.into_iter().zip(traces.by_ref());
    let reports = reports.map(|(about, trace)| Report::new(about, trace, plan.clone()));
    let mut reports: Vec<Report> = reports.collect();
    if let Some(of_host) = of_host {
        let shown = asked.into_iter().zip(traces);
        let shown = shown.map(|(own, trace)| {
            let about = side::about(&start, &own, of_host.clone());
            (own, about, trace)
        });
        side::join(&mut reports, shown.collect());
    }
    Ok(Outcome {
        reports,
        unknown: 0,
        signalled: None,
        printed: watch.end()?,
    })
}

/// Shows all hosts live until the user has seen enough.
#[cfg(unix)]
async fn watched(
    args: &TraceArgs,
    context: &Context,
    hosts: Vec<Host>,
    start: Start,
    plan: Option<Plan>,
) -> Result<Outcome, Error> {
    use crate::live::paced::Paced;
    use crate::probe::opened::Opened;

    let subject = |host: &Host| crate::live::Subject {
        about: about(args, host, &start),
        plan: plan.clone(),
        sparing: start.settings.sparing_target,
    };
    let subjects = hosts.iter().map(subject).collect();
    let pace = (start.settings, args.gap(&start.settings, hosts.len())?);
    let names = (args.names || args.both, args.server()?);
    let mut network = start.network;
    let ended = match network.path {
        // A model has no time of its own.
        Opened::Fake(model) => {
            let mut network = Paced::new(*model);
            super::live::watch(&mut network, subjects, pace, context, names).await?
        }
        path => {
            network.path = path;
            super::live::watch(&mut network, subjects, pace, context, names).await?
        }
    };
    Ok(Outcome {
        reports: ended.reports,
        unknown: 0,
        signalled: ended.signal.and_then(super::live::ended_by),
        printed: false,
    })
}

#[cfg(not(unix))]
async fn watched(
    _: &TraceArgs,
    _: &Context,
    _: Vec<Host>,
    _: Start,
    _: Option<Plan>,
) -> Result<Outcome, Error> {
    Err(Error::Argument(Text::new(
        "实时查看只在 Unix 系统上可用",
        "the live view works on Unix systems only",
    )))
}

impl TraceArgs {
    /// Whether the run is watched live: when that is asked for, or when both ends are terminals and
    /// nothing asks for a report.
    fn is_live(&self) -> bool {
        let on_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        let report = self.report || self.wide || self.cycles.is_some() || self.format().is_some();
        let single = self.ecmp || self.mtu.is_some() || self.lab;
        self.live || (cfg!(unix) && on_terminal && !report && !single)
    }
}

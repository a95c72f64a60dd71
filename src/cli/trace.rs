//! `hopcast trace`: which hops there are to a host, how long each takes, what is lost where.

use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::Context;
use crate::error::Error;
use crate::lang::Text;
use crate::probe::names;
use crate::report::trace::{self as printed, Format};
use crate::text;
use crate::topology;
use crate::trace::fleet::Fleet;
use crate::trace::plan::Plan;
use crate::trace::report::{About, Report};
pub(super) use args::TraceArgs;
use open::Start;

mod args;
mod drive;
mod lab;
mod open;
mod settings;

/// How long names of hops are waited for; a report without names is worth more than a long wait.
const NAMES_WITHIN: Duration = Duration::from_secs(3);

/// A host to trace: as it was typed, and its address.
type Host = (String, IpAddr);

/// Exit 0: every host or its way answered; 1: some did not; 2: it could not be asked.
pub(super) fn run(args: &TraceArgs, context: &Context) -> Result<ExitCode, Error> {
    let plan = plan(args, context)?;
    let settings = args.settings(false)?;
    let look = args.look(context)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Error::System(Text::same(source)))?;
    let (mut reports, unknown) = runtime.block_on(async {
        let (hosts, unknown) = hosts(args, context).await?;
        let (plan, hosts, start) = match plan {
            Some(plan) if args.lab => {
                let (plan, start) = lab::open(args, settings, plan)?;
                let hosts = plan
                    .hops
                    .last()
                    .map(|hop| (hop.id.clone(), hop.lab_address));
                (Some(plan), hosts.into_iter().collect(), start)
            }
            plan => {
                let targets: Vec<IpAddr> = hosts.iter().map(|(_, address)| *address).collect();
                let start = open::open(args, settings, &targets, plan.as_ref())?;
                // Every socket that needs a privilege is open, and every file is read.
                #[cfg(target_os = "linux")]
                crate::probe::privilege::give_up()?;
                (plan, hosts, start)
            }
        };
        let reports = measure(args, context, &hosts, start, plan).await?;
        Ok::<_, Error>((reports, unknown))
    })?;
    if (args.names || args.both) && !args.lab {
        for report in &mut reports {
            let asked = names::names(report.addresses(), NAMES_WITHIN, args.server()?);
            report.names = runtime.block_on(asked);
        }
    }
    let format = args.format().unwrap_or(Format::Table);
    for report in &reports {
        context.print(&printed::render(report, format, &look))?;
    }
    let all = unknown == 0 && reports.iter().all(Report::answered);
    Ok(ExitCode::from(if all { 0 } else { 1 }))
}

/// Runs all hosts at once and derives their reports.
async fn measure(
    args: &TraceArgs,
    context: &Context,
    hosts: &[Host],
    start: Start,
    plan: Option<Plan>,
) -> Result<Vec<Report>, Error> {
    let Start {
        mut network,
        settings,
        method,
        target_limited,
        ..
    } = start;
    let begun = now();
    let gap = args.gap(&settings, hosts.len())?;
    let fleet = Fleet::new(hosts.iter().map(|_| settings), gap);
    let preview = !args.lab && settings.rounds > 1;
    let (traces, _) = drive::drive(fleet, &mut network, preview, context.lang).await?;
    let reports = hosts.iter().zip(traces).map(|((host, address), trace)| {
        let about = About {
            source: hostname(),
            target: host.clone(),
            address: *address,
            start: begun.clone(),
            cycles: settings.rounds,
            size: args.size.into(),
            method: method.clone(),
            simulated: args.lab,
            target_limited,
        };
        Report::new(about, trace, plan.clone())
    });
    Ok(reports.collect())
}

/// The hosts asked for with their addresses. One whose name is not found is said and left out; when
/// that is all of them, it is an error. The second value is how many were left out.
async fn hosts(args: &TraceArgs, context: &Context) -> Result<(Vec<Host>, usize), Error> {
    if args.lab {
        return Ok((Vec::new(), 0));
    }
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    let addresses = names::addresses(&args.hosts, args.family(), args.server()?).await;
    for (host, address) in args.hosts.iter().zip(addresses) {
        match address {
            Ok(addresses) => found.extend(addresses.first().map(|first| (host.clone(), *first))),
            Err(error) => unknown.push(error),
        }
    }
    let count = unknown.len();
    if found.is_empty()
        && let Some(error) = unknown.pop()
    {
        return Err(error);
    }
    for error in unknown {
        eprint!("{}", error.draw(context.lang, context.colour));
    }
    Ok((found, count))
}

/// The plan asked for; that its file has warnings is said on the way.
fn plan(args: &TraceArgs, context: &Context) -> Result<Option<Plan>, Error> {
    let (Some(path), Some(id)) = (&args.topology, &args.journey) else {
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
        let known = loaded.topology.journeys.iter();
        let known = known.map(|journey| journey.id.as_str());
        unknown_journey(path, id, &known.collect::<Vec<_>>().join(", "))
    })?;
    Ok(Some(Plan::new(&loaded.topology, journey)))
}

fn unknown_journey(path: &Path, id: &str, known: &str) -> Error {
    let path = path.display();
    Error::Argument(text!(
        "{path} 没有路径 \"{id}\"；可用：{known}",
        "{path} has no journey \"{id}\"; known: {known}"
    ))
}

/// Local time with its offset, as mtr prints it.
fn now() -> String {
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
fn read(path: &Path) -> Result<topology::Loaded, Error> {
    #[cfg(feature = "plan")]
    if crate::scenario::load::is_scenario(&crate::files::read(path)?) {
        return crate::scenario::load::load(path).map(|scenario| scenario.loaded);
    }
    topology::load(path)
}

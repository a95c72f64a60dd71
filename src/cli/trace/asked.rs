//! The hosts and the plan that a command line names.

use std::io::Read;
use std::path::Path;

use super::super::Context;
use super::Host;
use super::args::TraceArgs;
use crate::error::Error;
use crate::files;
use crate::lang::Text;
use crate::probe::names::{self, Family};
use crate::text;
use crate::topology;
use crate::trace::plan::{Expected, Plan};

/// The hosts asked for with their addresses. One whose name is not found is said and left out; when
/// that is all of them, it is an error. The second value is how many were left out.
pub(super) async fn hosts(
    args: &TraceArgs,
    context: &Context,
    plan: Option<&Plan>,
) -> Result<(Vec<Host>, usize), Error> {
    if args.lab {
        return Ok((Vec::new(), 0));
    }
    let mut hosts = args.hosts.clone();
    if let Some(path) = &args.file {
        hosts.extend(listed(path)?);
    } else if hosts.is_empty() {
        let turn = plan.and_then(|plan| plan.hops.last());
        hosts.extend(turn.map(|node| node.id.clone()));
    }
    if hosts.is_empty() {
        return Err(Error::Argument(Text::new(
            "列表中没有主机；请每行写一个",
            "the list names no host; write one on each line",
        )));
    }
    let (family, node) = (args.family(), |host: &str| plan?.node(host));
    let aims = hosts.iter().map(|host| match node(host) {
        Some(node) => aim(node, family).unwrap_or_else(|_| {
            // Its name, or in the lab its id.
            node.dns.clone().unwrap_or_else(|| host.clone())
        }),
        None => host.clone(),
    });
    let aims: Vec<String> = aims.collect();
    let addresses = names::addresses(&aims, family, args.server()?).await;
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for (host, addresses) in hosts.into_iter().zip(addresses) {
        match (addresses, node(&host)) {
            (Ok(addresses), _) => found.extend(addresses.first().map(|first| (host, *first))),
            (Err(error), node) => unknown.push(match node.map(|node| (node, aim(node, family))) {
                Some((node, Err(why))) => no_target(node, &why),
                _ => error,
            }),
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

/// The address that the topology has of a node, or why it has none.
fn aim(node: &Expected, family: Family) -> Result<String, Text> {
    let ipv6 = match family {
        Family::Any => None,
        Family::V4 => Some(false),
        Family::V6 => Some(true),
    };
    node.aim(ipv6).map(|address| address.to_string())
}

fn no_target(node: &Expected, why: &Text) -> Error {
    let (id, zh, en) = (&node.id, &why.zh, &why.en);
    let (name_zh, name_en) = (&node.name.zh, &node.name.en);
    Error::Argument(text!(
        "节点 {id}（{name_zh}）不能作目标：{zh}；请给出地址，或在拓扑文件里写 address 或 dns",
        "node {id} ({name_en}) cannot be a target: {en}; give an address, or write address or dns in \
         the topology file"
    ))
}

/// The hosts of a file, one a line; `#` begins a remark.
fn listed(path: &Path) -> Result<Vec<String>, Error> {
    let text = match path == Path::new("-") {
        false => files::read(path)?,
        true => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|source| Error::file("<stdin>", source))?;
            text
        }
    };
    let host = |line: &str| {
        let line = line.split('#').next().unwrap_or_default();
        line.split_whitespace().next().map(str::to_string)
    };
    Ok(text.lines().filter_map(host).collect())
}

/// The plan asked for; that its file has warnings is said on the way.
pub(super) fn plan(args: &TraceArgs, context: &Context) -> Result<Option<Plan>, Error> {
    let (Some(path), Some(id)) = (&args.topology, &args.journey) else {
        return Ok(None);
    };
    let loaded = read(path)?;
    let (shown, warnings) = (path.display(), loaded.warnings.len());
    if warnings > 0 {
        let said = text!(
            "{shown} 有 {warnings} 个警告；用 hopcast check 查看",
            "{shown} has {warnings} warnings; hopcast check shows them"
        );
        eprintln!("{}", said.get(context.lang));
    }
    let journey = loaded.topology.journey(id).ok_or_else(|| {
        let known = loaded.topology.journeys.iter();
        let known: Vec<&str> = known.map(|journey| journey.id.as_str()).collect();
        let known = known.join(", ");
        Error::Argument(text!(
            "{shown} 没有路径 \"{id}\"；可用：{known}",
            "{shown} has no journey \"{id}\"; known: {known}"
        ))
    })?;
    Ok(Some(Plan::new(&loaded.topology, journey)))
}

/// The topology of a file; of a scenario, the one that it makes.
fn read(path: &Path) -> Result<topology::Loaded, Error> {
    #[cfg(feature = "plan")]
    if crate::scenario::load::is_scenario(&files::read(path)?) {
        return crate::scenario::load::load(path).map(|scenario| scenario.loaded);
    }
    topology::load(path)
}

/// What this host is called.
pub(super) fn hostname() -> String {
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

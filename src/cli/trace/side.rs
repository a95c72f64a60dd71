//! Nodes of the journey's side loops, which the way to a host does not pass: asked in the same run,
//! each as a target of its own.

use super::Host;
use super::args::TraceArgs;
use super::open::{Aim, Start};
use super::settings::SWEEPS;
use crate::error::Error;
use crate::probe::names;
use crate::trace::engine::{Flows, Settings};
use crate::trace::plan::{Expected, Plan};
use crate::trace::report::{About, MethodUsed, Report, ServiceAsked};
use crate::trace::side::{SideNode, obstacle, told};
use crate::trace::{Trace, plan};

/// The distance that probes to the end host are sent to: what hosts send their own packets with.
const FAR: u8 = 64;

/// A node that is asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    id: String,
    host: Host,
    /// The TCP port of its service.
    port: Option<u16>,
}

impl Asked {
    /// What it is aimed at.
    pub(super) fn aim(&self) -> Aim {
        Aim {
            address: self.host.1,
            port: self.port,
        }
    }
}

/// The nodes to ask beside the way to `hosts`, each once in a family.
pub(super) async fn nodes(
    args: &TraceArgs,
    plan: Option<&Plan>,
    hosts: &[Host],
) -> Result<Vec<Asked>, Error> {
    let mut asked: Vec<Asked> = Vec::new();
    for (_, host) in hosts.iter().filter(|_| !args.no_side_loops) {
        let ipv6 = host.is_ipv6();
        let plan = plan.cloned().map(|plan| plan.towards(*host));
        let loops = plan.iter().flat_map(|plan| {
            let loops = plan.loops.iter();
            loops.flat_map(|places| plan.aside(places))
        });
        for plan::Aside { node, .. } in loops {
            let known = |own: &Asked| own.id == node.id && own.host.1.is_ipv6() == ipv6;
            if obstacle(node, ipv6).is_none() && !asked.iter().any(known) {
                asked.extend(aimed(args, node, ipv6).await?);
            }
        }
    }
    Ok(asked)
}

/// A node with its address in a family: the one written, else one that its name has.
async fn aimed(args: &TraceArgs, node: &Expected, ipv6: bool) -> Result<Option<Asked>, Error> {
    let host = match (node.aim(Some(ipv6)), &node.dns) {
        (Ok(address), _) => Some((address.to_string(), address)),
        (Err(_), Some(name)) => {
            let family = if ipv6 {
                names::Family::V6
            } else {
                names::Family::V4
            };
            let found = names::addresses(std::slice::from_ref(name), family, args.server()?).await;
            let found = found.into_iter().flatten().flatten().next();
            found.map(|address| (name.clone(), address))
        }
        (Err(_), None) => None,
    };
    Ok(host.map(|host| Asked {
        id: node.id.clone(),
        host,
        port: node.port,
    }))
}

/// Settings of the run to a node: the end host alone is asked, and its service where it has one.
pub(super) fn settings(start: &Start, asked: &Asked) -> Settings {
    let far = if start.method.sees_hops { FAR } else { 1 };
    // A search for branches has as many rounds as it needs; an end host has none to show.
    let rounds = match start.settings.flows {
        Flows::Discover => start.settings.rounds.min(SWEEPS),
        Flows::Turns(_) => start.settings.rounds,
    };
    Settings {
        rounds,
        first: far,
        last: far,
        flows: Flows::Turns(1),
        service: start.asks_service(&asked.aim()),
        ..start.settings
    }
}

/// What is known of the run to a node, which is told like `host`'s.
pub(super) fn about(start: &Start, asked: &Asked, of_host: About) -> About {
    let service = asked.port.filter(|_| start.asks_service(&asked.aim()));
    About {
        target: asked.host.0.clone(),
        address: asked.host.1,
        method: MethodUsed {
            sees_hops: false,
            ..start.method.clone()
        },
        service: service.map(|port| ServiceAsked { port, named: true }),
        ..of_host
    }
}

/// Puts what nodes showed into the reports of the hosts whose journey passes them.
pub(super) fn join(reports: &mut [Report], shown: Vec<(Asked, About, Trace)>) {
    for (asked, about, trace) in shown {
        let own = Report::new(about, trace, None);
        for report in reports.iter_mut() {
            let family = report.about.address.is_ipv6();
            let nodes = report.loops.iter_mut().flat_map(|own| &mut own.nodes);
            let is_own =
                |side: &&mut SideNode| side.node.id == asked.id && asked.host.1.is_ipv6() == family;
            for side in nodes.filter(is_own) {
                side.asked = Some(Box::new(told(own.clone(), &side.node)));
            }
        }
    }
}

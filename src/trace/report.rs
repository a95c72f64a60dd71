//! The report of a trace as rows: what each hop showed, which node it is, and what to make of it.
//!
//! Rows are numbers and names only; how they are printed is decided in [`crate::report::trace`].

use std::net::IpAddr;
use std::time::Duration;

use super::Trace;
use super::change::{self, Change};
use super::mtu::PathMtu;
use super::named::{self, By, Found, Gap};
use super::pain::{self, Pain};
use super::plan::{Expected, Holder, Plan};
use super::segment::{self, Segment};
use super::side::{self, SideLoop};
use super::stats::{self, Hop, Service};
use super::verdict::{self, Facts, Verdict};
use crate::atlas::Origin;
use crate::lang::Text;

/// What is known of a run besides its facts.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// This host's name.
    pub source: String,
    /// The target as it was asked for.
    pub target: String,
    /// Its address.
    pub address: IpAddr,
    /// When the run began: local time with offset, RFC 3339.
    pub start: String,
    /// Sweeps asked for.
    pub cycles: u32,
    /// Bytes of a probe with its headers.
    pub size: usize,
    /// The byte of DSCP and ECN that probes are sent with.
    pub tos: u8,
    /// How was probed, and why so.
    pub method: MethodUsed,
    /// Whether a model answered instead of a network.
    pub simulated: bool,
    /// Whether the target answers by ICMP errors and was asked more than once a second.
    pub target_limited: bool,
    /// Whether the probes of a flow look alike to routers on the way; not where ports count up, or each
    /// connection leaves from a port of its own.
    pub flows_kept: bool,
    /// The target's own service that was asked beside the path.
    pub service: Option<ServiceAsked>,
}

/// The target's own service, as it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceAsked {
    /// Its port.
    pub port: u16,
    /// Whether somebody said that a service is there; a port that was guessed may stay silent.
    pub named: bool,
}

/// The form of a local time with its offset, as mtr prints it.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%z";

impl About {
    /// When the run began, if that is written as RFC 3339 has it.
    pub fn started(&self) -> Option<jiff::Zoned> {
        jiff::Zoned::strptime(TIME, &self.start).ok()
    }

    /// A moment of the run, written as its start is.
    fn later(&self, after: Duration) -> Option<String> {
        let then = self.started()?.checked_add(after).ok()?;
        Some(then.strftime(TIME).to_string())
    }
}

/// The method used and why no other.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodUsed {
    /// Its stable name.
    pub name: &'static str,
    /// Port that was probed, if the method has ports.
    pub port: Option<u16>,
    /// What it is and what it needs.
    pub what: Text,
    /// Methods that were not used, each with the reason.
    pub others: Vec<(&'static str, Text)>,
    /// Whether it sees the hops on the way, or the end host only.
    pub sees_hops: bool,
    /// Whether it sees in full the headers that ICMP errors quote.
    pub sees_quotes: bool,
}

/// One hop of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its figures.
    pub hop: Hop,
    /// What is concluded.
    pub verdict: Verdict,
    /// The node of the plan that it is, when there is a plan and it is known.
    pub node: Option<Expected>,
    /// How that is known.
    pub by: Option<By>,
    /// Whether it answers from an address that no node of the plan has.
    pub unexpected: bool,
    /// The node of the topology, off the plan, that it then is.
    pub stranger: Option<Holder>,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What is known of the run.
    pub about: About,
    /// The facts.
    pub trace: Trace,
    /// Hop by hop.
    pub rows: Vec<Row>,
    /// What the target's own service showed, when it was asked.
    pub service: Option<Service>,
    /// How the path changed in mid-run.
    pub changes: Vec<Change>,
    /// The path between named nodes, when there is a plan.
    pub segments: Vec<Segment>,
    /// Where it hurts.
    pub pain: Pain,
    /// Nodes of the plan on the way to the target that no hop showed, in walking order, each once.
    pub unseen: Vec<Expected>,
    /// Hops between known nodes that are none of the nodes between.
    pub gaps: Vec<Gap>,
    /// Side loops of the journey on the way to the target.
    pub loops: Vec<SideLoop>,
    /// The plan that it was compared with.
    pub plan: Option<Plan>,
    /// The largest packet that passes whole, where it was looked for.
    pub path_mtu: Option<PathMtu>,
    /// Names of addresses, where they were asked for.
    pub names: Vec<(IpAddr, String)>,
    /// Whose addresses are, as far as a file of the user's says so.
    pub networks: Vec<(IpAddr, Origin)>,
}

impl Report {
    /// Derives the report of a run. Of `plan` counts what leads to the target.
    pub fn new(about: About, trace: Trace, plan: Option<Plan>) -> Report {
        let hops = stats::hops(&trace);
        let service = stats::service(&trace);
        let mut changes = change::changes(&trace);
        for change in &mut changes {
            change.at = about.later(change.after);
        }
        let plan = plan.map(|plan| match about.simulated {
            true => plan,
            false => plan.towards(about.address),
        });
        let named = plan.as_ref().map(|plan| {
            let found = named::find(plan, &hops, about.simulated);
            (plan, found)
        });
        let named = named.as_ref().map(|(plan, found)| (*plan, found));
        let planned = named.map_or(Vec::new(), |(plan, found)| {
            segment::planned(plan, &hops, found)
        });
        let judged = verdict::judge(&Facts {
            trace: &trace,
            hops: &hops,
            service: service.as_ref(),
            changes: &changes,
            address: about.address,
            tos: about.tos,
            target_limited: about.target_limited,
            // Who quotes too little is asked from ports of their own.
            flows_kept: about.flows_kept && trace.troubles.short_quotes == 0,
            planned: &planned,
        });
        let seen = segment::Seen {
            hops: &hops,
            verdicts: &judged.verdicts,
            rises: &judged.rises,
            lossy: judged.lossy.as_deref(),
        };
        let segments = named.map_or(Vec::new(), |(plan, found)| {
            segment::segments(plan, found, seen)
        });
        let nodes =
            |(at, hop)| named.map_or(Node::default(), |(plan, found)| node(plan, found, at, hop));
        let nodes: Vec<Node> = hops.iter().enumerate().map(nodes).collect();
        // Who asks the end host alone misses nobody on the way.
        let looked = named.filter(|_| about.method.sees_hops);
        let unseen = looked.map_or(Vec::new(), |(plan, found)| unseen(plan, found, &nodes));
        let gaps = named.map_or(Vec::new(), |(_, found)| found.gaps.clone());
        let ipv6 = about.address.is_ipv6();
        let loops = named.map_or(Vec::new(), |(plan, found)| side::loops(plan, found, ipv6));
        let rows = hops.into_iter().zip(judged.verdicts).zip(nodes);
        let rows = rows.map(|((hop, verdict), own)| Row {
            unexpected: plan.is_some() && own.node.is_none() && hop.stats.heard(),
            node: own.node,
            by: own.by,
            stranger: own.stranger,
            hop,
            verdict,
        });
        let rows: Vec<Row> = rows.collect();
        let pain = pain::pain(pain::Seen {
            rows: &rows,
            segments: &segments,
            service: service.as_ref(),
            reached: trace.reached,
            target_limited: about.target_limited,
            service_named: about.service.is_some_and(|service| service.named),
            begins: judged.begins,
        });
        Report {
            unseen,
            gaps,
            loops,
            about,
            trace,
            rows,
            service,
            changes,
            segments,
            pain,
            plan,
            path_mtu: None,
            names: Vec::new(),
            networks: Vec::new(),
        }
    }

    /// Whether anything at all answered.
    pub fn answered(&self) -> bool {
        let service = self.service.as_ref();
        let served = service.is_some_and(|service| service.stats.heard());
        served || self.rows.iter().any(|row| row.hop.stats.heard())
    }

    /// Every address that answered, once.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let all = self.rows.iter().flat_map(|row| &row.hop.responders);
        let mut all: Vec<IpAddr> = all.map(|responder| responder.address).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The name of an address where it is known.
    pub fn name(&self, address: IpAddr) -> Option<&str> {
        let named = self.names.iter().find(|(own, _)| *own == address);
        named.map(|(_, name)| name.as_str())
    }

    /// Whose an address is, where that is known.
    pub fn network(&self, address: IpAddr) -> Option<&Origin> {
        let known = self.networks.iter().find(|(own, _)| *own == address);
        known.map(|(_, origin)| origin)
    }

    /// The name of an address where it is known, else the address.
    pub fn host(&self, address: IpAddr) -> String {
        let name = self.name(address).map(str::to_string);
        name.unwrap_or_else(|| address.to_string())
    }
}

/// Which node a hop is.
#[derive(Debug, Clone, Default)]
struct Node {
    node: Option<Expected>,
    by: Option<By>,
    /// One off the plan.
    stranger: Option<Holder>,
}

/// Which node the hop at a place among the hops is: in the order of the plan, else out of it.
fn node(plan: &Plan, found: &Found, at: usize, hop: &Hop) -> Node {
    if let Some(named) = found.at(at) {
        return Node {
            node: plan.hops.get(named.place).cloned(),
            by: Some(named.by),
            stranger: None,
        };
    }
    let known = |holder: &Holder| plan.hops.iter().find(|node| node.id == holder.id);
    let node = named::holders(plan, hop).find_map(known);
    Node {
        by: node.map(|_| By::Address),
        stranger: match node {
            Some(_) => None,
            None => named::holders(plan, hop).next().cloned(),
        },
        node: node.cloned(),
    }
}

/// Nodes on the way that no hop shows, each once.
fn unseen(plan: &Plan, found: &Found, nodes: &[Node]) -> Vec<Expected> {
    let mut unseen: Vec<Expected> = Vec::new();
    for node in found.between(plan, 0..plan.hops.len()) {
        let mut shown = nodes.iter().filter_map(|own| own.node.as_ref());
        let seen = shown.any(|own| own.id == node.id);
        if !seen && unseen.iter().all(|other| other.id != node.id) {
            unseen.push(node.clone());
        }
    }
    unseen
}

//! The report of a trace as rows: what each hop showed, which node it is, and what to make of it.
//!
//! Rows are numbers and names only; how they are printed is decided in [`crate::report::trace`].

use std::net::IpAddr;

use super::Trace;
use super::plan::{Expected, Plan};
use super::stats::{self, Hop};
use super::verdict::{self, Conditions, Verdict};
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
    /// How was probed, and why so.
    pub method: MethodUsed,
    /// Whether a model answered instead of a network.
    pub simulated: bool,
    /// Whether the target answers by ICMP errors and was asked more than once a second.
    pub target_limited: bool,
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
    /// Whether it answers from an address that no node of the plan has.
    pub unexpected: bool,
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
    /// Nodes of the plan that no hop showed, in walking order, each once.
    pub unseen: Vec<Expected>,
    /// The plan that it was compared with.
    pub plan: Option<Plan>,
    /// Names of addresses, where they were asked for.
    pub names: Vec<(IpAddr, String)>,
}

impl Report {
    /// Derives the report of a run.
    pub fn new(about: About, trace: Trace, plan: Option<Plan>) -> Report {
        let hops = stats::hops(&trace);
        let conditions = Conditions {
            reached: trace.reached.is_some(),
            target_limited: about.target_limited,
        };
        let verdicts = verdict::verdicts(&hops, conditions);
        let rows = hops.into_iter().zip(verdicts).map(|(hop, verdict)| {
            let node = plan.as_ref().and_then(|plan| match about.simulated {
                true => plan.by_distance(hop.distance),
                false => node_of(plan, &hop),
            });
            Row {
                node: node.cloned(),
                unexpected: plan.is_some() && node.is_none() && !hop.responders.is_empty(),
                hop,
                verdict,
            }
        });
        let rows: Vec<Row> = rows.collect();
        let mut unseen: Vec<Expected> = Vec::new();
        for node in plan.iter().flat_map(|plan| &plan.hops) {
            let seen = rows
                .iter()
                .filter_map(|row| row.node.as_ref())
                .any(|own| own.id == node.id);
            if !seen && unseen.iter().all(|other| other.id != node.id) {
                unseen.push(node.clone());
            }
        }
        Report {
            about,
            trace,
            rows,
            unseen,
            plan,
            names: Vec::new(),
        }
    }

    /// Whether anything at all answered.
    pub fn answered(&self) -> bool {
        self.rows.iter().any(|row| !row.hop.responders.is_empty())
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

    /// The name of an address where it is known, else the address.
    pub fn host(&self, address: IpAddr) -> String {
        let name = self.name(address).map(str::to_string);
        name.unwrap_or_else(|| address.to_string())
    }
}

fn node_of<'a>(plan: &'a Plan, hop: &Hop) -> Option<&'a Expected> {
    let mut addresses = hop.responders.iter().map(|responder| responder.address);
    addresses.find_map(|address| plan.by_address(address))
}

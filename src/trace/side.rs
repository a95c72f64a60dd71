//! Side loops of a journey: what a trace to the target does not pass, and what is known of it.
//!
//! A user's request walks to the provincial gateway and back before it goes on; packets to the target
//! do not. Nodes of a loop that have an address are asked from here, each as a target of its own; of
//! the others it is said where they could be asked.

use super::named::Found;
use super::plan::{Aside, Expected, Plan};
use super::report::Report;
use crate::lang::Text;
use crate::text;

/// A side loop.
#[derive(Debug, Clone, PartialEq)]
pub struct SideLoop {
    /// The node of the way from which it is walked.
    pub of: Expected,
    /// Whether the way itself leads through it, so that its nodes are hops.
    pub walked: bool,
    /// The nodes that stand on it only.
    pub nodes: Vec<SideNode>,
}

/// A node of a side loop.
#[derive(Debug, Clone, PartialEq)]
pub struct SideNode {
    /// The node.
    pub node: Expected,
    /// The node before it on the journey, from which it can be asked.
    pub before: Expected,
    /// Why it cannot be asked from here; `None` when it has an address or a name to aim at.
    pub obstacle: Option<Text>,
    /// What it showed when it was asked from here.
    pub asked: Option<Box<Report>>,
}

/// Why a node cannot be asked from here; `None` when it has an address or a name to aim at.
pub fn obstacle(node: &Expected, ipv6: bool) -> Option<Text> {
    if node.silent && node.port.is_none() {
        return Some(Text::new(
            "按拓扑文件，它不应答探测，也没有写服务端口",
            "by the topology file it leaves probes unanswered, and no port of a service is written",
        ));
    }
    node.aim(Some(ipv6)).err().filter(|_| node.dns.is_none())
}

/// The report of a node that was asked from here as a target of its own: by which way packets come
/// there is not known, so no hop is named.
pub fn told(mut report: Report, node: &Expected) -> Report {
    let (zh, en) = (&node.name.zh, &node.name.en);
    let pain = &mut report.pain;
    pain.distance = None;
    pain.whose = Vec::new();
    pain.place = pain.place.as_ref().map(|_| {
        text!(
            "从本机直接到{zh}的路上",
            "on the way from here directly to {en}"
        )
    });
    report
}

/// The side loops of a plan; nobody has been asked yet.
pub(super) fn loops(plan: &Plan, found: &Found, ipv6: bool) -> Vec<SideLoop> {
    let node = |Aside { node, before }: Aside| SideNode {
        node: node.clone(),
        before: before.clone(),
        obstacle: obstacle(node, ipv6),
        asked: None,
    };
    let all = plan.loops.iter().filter_map(|places| {
        Some(SideLoop {
            of: plan.hops.get(places.end.checked_sub(1)?)?.clone(),
            walked: found.is_walked(places),
            nodes: plan.aside(places).into_iter().map(node).collect(),
        })
    });
    all.collect()
}

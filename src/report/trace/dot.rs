//! The ways that packets took, as a graph for Graphviz: routers, and who followed whom on which flows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::IpAddr;

use super::{Look, cells};
use crate::probe::Flow;
use crate::trace::report::Report;
use crate::trace::verdict::Kind;
use crate::trace::{Ended, Fate};

/// A router at its distance; distance 0 is this host.
type Node = (u8, Option<IpAddr>);

/// The graph.
pub(super) fn dot(report: &Report, look: &Look) -> String {
    let mut out = String::from("digraph path {\n  rankdir=LR;\n  node [shape=box];\n");
    let _ = writeln!(
        out,
        "  {} [label=\"{}\"];",
        id((0, None)),
        escaped(&report.about.source)
    );
    for row in &report.rows {
        let distance = row.hop.distance;
        let colour = match row.verdict.kind() {
            Kind::Filtered | Kind::Lossy | Kind::Slow | Kind::NoAnswer => ", color=red",
            Kind::Ok => "",
            _ => ", color=orange",
        };
        for responder in &row.hop.responders {
            let mut label = format!(
                "{distance}  {}",
                cells::host(report, responder.address, look)
            );
            if row.node.is_some() || row.stranger.is_some() {
                label = label + "\n" + &cells::node(row, look.lang);
            }
            if row.verdict.kind() != Kind::Ok {
                label = label + "\n" + row.verdict.kind().text().get(look.lang);
            }
            let id = id((distance, Some(responder.address)));
            let _ = writeln!(out, "  {id} [label=\"{}\"{colour}];", escaped(&label));
        }
    }
    let edges = edges(report);
    let flows: BTreeSet<Flow> = edges.values().flatten().copied().collect();
    for ((from, to), own) in &edges {
        // Hops between that never answer are not drawn, but that they are there is.
        let dashed = to.0 - from.0 > 1;
        let own: Vec<String> = own.iter().map(|flow| flow.0.to_string()).collect();
        let label = match flows.len() > 1 {
            true => format!("label=\"{}\"", own.join(", ")),
            false => String::new(),
        };
        let style = if dashed { " style=dashed" } else { "" };
        let _ = writeln!(out, "  {} -> {} [{label}{style}];", id(*from), id(*to));
    }
    out + "}\n"
}

/// Who followed whom, with the flows on which it was seen. An answer that is missing now and then does
/// not make a way around its router.
fn edges(report: &Report) -> BTreeMap<(Node, Node), BTreeSet<Flow>> {
    let silent: BTreeSet<u8> = report
        .rows
        .iter()
        .filter(|row| !row.hop.stats.heard())
        .map(|row| row.hop.distance)
        .collect();
    let last = report.rows.last().map_or(0, |row| row.hop.distance);
    let mut sweeps: BTreeMap<(u32, Flow), BTreeMap<u8, &Ended>> = BTreeMap::new();
    let path = report.trace.ended.iter();
    for ended in path.filter(|ended| !ended.probe.service && ended.probe.distance <= last) {
        let sweep = sweeps.entry((ended.round, ended.probe.flow)).or_default();
        sweep.insert(ended.probe.distance, ended);
    }
    let mut edges: BTreeMap<(Node, Node), BTreeSet<Flow>> = BTreeMap::new();
    for ((_, flow), sweep) in sweeps {
        let mut before: Node = (0, None);
        for (distance, ended) in sweep {
            let (Fate::Answered(response) | Fate::Late(response)) = &ended.fate else {
                continue;
            };
            let node = (distance, Some(response.responder));
            if (before.0 + 1..distance).all(|between| silent.contains(&between)) {
                edges.entry((before, node)).or_default().insert(flow);
            }
            before = node;
        }
    }
    edges
}

fn id((distance, address): Node) -> String {
    match address {
        Some(address) => format!("\"{distance} {address}\""),
        None => "\"0\"".to_string(),
    }
}

/// Text within a quoted label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

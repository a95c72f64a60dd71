//! Cells that several tables share: who a hop is, which node, whose.

use std::net::IpAddr;

use super::Look;
use crate::report::table::NOTHING;
use crate::trace::report::{Report, Row};

/// The head of the column of nodes.
pub(super) fn node_head(look: &Look) -> String {
    look.lang.pick("节点", "Node").to_string()
}

/// The head of the column of owners.
pub(super) fn owner_head(look: &Look) -> String {
    look.lang.pick("责任方", "Owner").to_string()
}

/// The head of the column of verdicts.
pub(super) fn verdict_head(look: &Look) -> String {
    look.lang.pick("判断", "Verdict").to_string()
}

/// An address as it is shown: its name where one is known, with the address beside it and its network
/// before it if asked for.
pub(super) fn host(report: &Report, address: IpAddr, look: &Look) -> String {
    let host = match report.name(address) {
        Some(name) if look.both => format!("{name} ({address})"),
        Some(name) => name.to_string(),
        None => address.to_string(),
    };
    match look.networks {
        true => format!("{} {host}", network(report, address, look)),
        false => host,
    }
}

/// The number of the network of an address, mtr's `AS???` where it is not known; in a wide table with
/// whose it is.
fn network(report: &Report, address: IpAddr, look: &Look) -> String {
    let known = report.network(address);
    let number = known.and_then(|origin| origin.asn);
    let number = number.map_or("AS???".to_string(), |asn| format!("AS{asn}"));
    match known.filter(|_| look.wide) {
        Some(origin) => format!("{number} {}", origin.name),
        None => number,
    }
}

/// Who answers most at a hop, mtr's `???` for nobody.
pub(super) fn first_host(report: &Report, row: &Row, look: &Look) -> String {
    let first = row.hop.responders.first();
    first.map_or("???".to_string(), |first| host(report, first.address, look))
}

/// The distance; that of an end host is not known when it alone was asked.
pub(super) fn distance(report: &Report, row: &Row) -> String {
    match report.about.method.sees_hops {
        true => row.hop.distance.to_string(),
        false => "?".to_string(),
    }
}

/// Which node of the plan a hop is.
pub(super) fn node(row: &Row, look: &Look) -> String {
    let unexpected = look.lang.pick("（不在路径上）", "(not on the plan)");
    match (&row.node, row.unexpected) {
        (Some(node), _) => match node.number {
            Some(number) => format!("{number} {}", node.name.get(look.lang)),
            None => node.name.get(look.lang).to_string(),
        },
        (None, true) => unexpected.to_string(),
        (None, false) => NOTHING.to_string(),
    }
}

/// Who repairs a hop.
pub(super) fn owner(row: &Row, look: &Look) -> String {
    let node = row.node.as_ref();
    node.map_or(NOTHING, |node| node.owner.get(look.lang))
        .to_string()
}

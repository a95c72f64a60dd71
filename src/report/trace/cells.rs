//! Cells that several tables share: who a hop is, which node, whose.

use std::net::IpAddr;

use super::Look;
use crate::lang::{Lang, Text};
use crate::report::table::NOTHING;
use crate::trace::named::marked;
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

/// Which node a hop is, with its number: whether by its place only, whether it is off the plan.
pub fn node(row: &Row, lang: Lang) -> String {
    let numbered = |number: Option<u32>, name: &Text| match number {
        Some(number) => format!("{number} {}", name.get(lang)),
        None => name.get(lang).to_string(),
    };
    let off = lang.pick("（不在路径上）", "(not on the plan)");
    match (&row.node, &row.stranger, row.unexpected) {
        (Some(node), ..) => numbered(node.number, &marked(&node.name, row.by)),
        (None, Some(own), true) => {
            let own = numbered(own.number, &own.name);
            format!("{own}{}{off}", lang.pick("", " "))
        }
        (None, _, true) => off.to_string(),
        (None, _, false) => NOTHING.to_string(),
    }
}

/// Who repairs a hop.
pub fn owner(row: &Row, lang: Lang) -> String {
    let node = row.node.as_ref().map(|node| &node.owner);
    let owner = node.or(row.stranger.as_ref().map(|own| &own.owner));
    owner.map_or(NOTHING, |owner| owner.get(lang)).to_string()
}

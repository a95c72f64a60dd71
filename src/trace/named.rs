//! Which hops are which nodes of the plan: by address, and by place where only one reading is left.
//!
//! A hop is the node whose address answers there, in the order of the walk. Between two
//! hops that are known so, with nobody else answering at either, hops without an answer are the planned
//! nodes between if there are as many of both; and one hop whose address the topology does not have is
//! the one planned node between of which it has no address. Where counts differ nothing is guessed.
//!
//! A side loop counts as walked when a node answers that stands on it only; else the way leads past
//! it, and its nodes are not expected.

use std::net::IpAddr;
use std::ops::Range;

use super::plan::{Expected, Holder, Plan};
use super::stats::Hop;
use crate::lang::Text;
use crate::text;

/// How it is known which node a hop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// It answers from an address of the node.
    Address,
    /// It stands where the node must stand, and does not answer or has an address that nobody wrote.
    Place,
    /// The model has it there.
    Model,
}

impl By {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            By::Address => "address",
            By::Place => "place",
            By::Model => "model",
        }
    }
}

/// A name, marked where it is known by place only.
pub fn marked(name: &Text, by: Option<By>) -> Text {
    match by {
        Some(By::Place) => {
            let (zh, en) = (&name.zh, &name.en);
            text!("{zh}（按位置）", "{en} (by place)")
        }
        _ => name.clone(),
    }
}

/// A hop that is a planned node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    /// Its place among the hops.
    pub(super) hop: usize,
    /// Its place in the plan.
    pub(super) place: usize,
    /// How that is known.
    pub(super) by: By,
}

/// Hops between two known nodes that are none of the nodes between.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// The known hops around them.
    pub around: (u8, u8),
    /// The nodes that are expected there, of which none is told by its place.
    pub expected: Vec<Expected>,
}

impl Gap {
    /// How many hops there are.
    pub fn hops(&self) -> u8 {
        self.around.1.saturating_sub(self.around.0 + 1)
    }
}

/// What was found of the plan's nodes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// In the order of both the plan and the hops.
    pub(super) named: Vec<Named>,
    /// Side loops that the way does not lead through.
    passed_by: Vec<Range<usize>>,
    pub(super) gaps: Vec<Gap>,
}

impl Found {
    /// Whether the way leads over a place of the plan.
    pub(super) fn is_on_way(&self, place: usize) -> bool {
        !self.passed_by.iter().any(|own| own.contains(&place))
    }

    /// Whether the way leads through this side loop.
    pub(super) fn is_walked(&self, places: &Range<usize>) -> bool {
        !self.passed_by.contains(places)
    }

    /// The place in the plan of the hop at a place among the hops.
    pub(super) fn at(&self, hop: usize) -> Option<&Named> {
        self.named.iter().find(|named| named.hop == hop)
    }

    /// The nodes at the places of the way that lie between two.
    pub(super) fn between<'a>(&self, plan: &'a Plan, places: Range<usize>) -> Vec<&'a Expected> {
        let on_way = places.filter(|place| self.is_on_way(*place));
        on_way.filter_map(|place| plan.hops.get(place)).collect()
    }
}

/// Which hops are which nodes. In a simulation places and distances agree.
pub(super) fn find(plan: &Plan, hops: &[Hop], simulated: bool) -> Found {
    if simulated {
        let modelled = |(at, hop): (usize, &Hop)| Named {
            hop: at,
            place: usize::from(hop.distance.saturating_sub(1)),
            by: By::Model,
        };
        return Found {
            named: hops.iter().enumerate().map(modelled).collect(),
            passed_by: Vec::new(),
            gaps: Vec::new(),
        };
    }
    let mut named = by_address(plan, hops);
    // The way back to where a loop began says by itself nothing of the loop.
    let walked = |loops: &&Range<usize>| {
        let inside = loops.start..loops.end.saturating_sub(1);
        !named.iter().any(|named| inside.contains(&named.place))
    };
    let passed_by: Vec<Range<usize>> = plan.loops.iter().filter(walked).cloned().collect();
    named.retain(|named| !passed_by.iter().any(|own| own.contains(&named.place)));
    let mut found = Found {
        named,
        passed_by,
        gaps: Vec::new(),
    };
    by_place(plan, hops, &mut found);
    found
}

/// The hops that answer from an address of a planned node: the most that can be named in the order of
/// the walk, so that one that answers where it should not takes no other's name. A node at two places of
/// a side loop is taken where it comes first. (The longest increasing subsequence, Fredman, 1975.)
fn by_address(plan: &Plan, hops: &[Hop]) -> Vec<Named> {
    // Of every length, the chain that ends at the earliest place: its last link. Each link knows the
    // one before it.
    let mut links: Vec<(Named, Option<usize>)> = Vec::new();
    let mut ends: Vec<(usize, usize)> = Vec::new();
    for (at, hop) in hops.iter().enumerate() {
        let own = |node: &Expected| holders(plan, hop).any(|holder| holder.id == node.id);
        // From the last place on, so that a hop does not follow itself.
        let places = plan.hops.iter().enumerate().rev();
        for (place, _) in places.filter(|(_, node)| own(node)) {
            let length = ends.partition_point(|(end, _)| *end < place);
            let before = length.checked_sub(1).and_then(|own| ends.get(own));
            let named = Named {
                hop: at,
                place,
                by: By::Address,
            };
            let before = before.map(|(_, link)| *link);
            let end = (place, links.len());
            match ends.get_mut(length) {
                // Of two hops that say the same, the nearer one.
                Some(known) if known.0 == place => continue,
                Some(known) => *known = end,
                None => ends.push(end),
            }
            links.push((named, before));
        }
    }
    let last = ends.last().map(|(_, link)| *link);
    let chain = std::iter::successors(last, |link| links.get(*link)?.1);
    let mut named: Vec<Named> = chain.filter_map(|link| Some(links.get(link)?.0)).collect();
    named.reverse();
    named
}

/// The nodes whose addresses answer at a hop.
pub(super) fn holders<'a>(plan: &'a Plan, hop: &'a Hop) -> impl Iterator<Item = &'a Holder> {
    addresses(hop).filter_map(|address| plan.holders.get(address))
}

fn addresses(hop: &Hop) -> impl Iterator<Item = IpAddr> + '_ {
    hop.responders.iter().map(|responder| responder.address)
}

/// Names hops between two known ones by their place, where that is sure.
fn by_place(plan: &Plan, hops: &[Hop], found: &mut Found) {
    let mut told = Vec::new();
    for pair in found.named.windows(2) {
        let [from, to] = pair else { continue };
        let Some(between) = hops.get(from.hop + 1..to.hop).filter(|own| !own.is_empty()) else {
            continue;
        };
        let places = from.place + 1..to.place;
        let places: Vec<usize> = places.filter(|own| found.is_on_way(*own)).collect();
        let expected: Vec<&Expected> = places
            .iter()
            .filter_map(|own| plan.hops.get(*own))
            .collect();
        let alone = |named: &Named| {
            let (hop, node) = (hops.get(named.hop), plan.hops.get(named.place));
            let (Some(hop), Some(node)) = (hop, node) else {
                return false;
            };
            addresses(hop).all(|own| plan.holders.get(own).is_some_and(|own| own.id == node.id))
        };
        let silent = between.iter().all(|hop| !hop.stats.heard());
        let unwritten = match (between, expected.as_slice()) {
            ([hop], [node]) => holders(plan, hop).next().is_none() && !node.is_known(),
            _ => false,
        };
        let as_many = between.len() == expected.len();
        if alone(from) && alone(to) && as_many && (silent || unwritten) {
            let hops = from.hop + 1..to.hop;
            told.extend(hops.zip(places).map(|(hop, place)| Named {
                hop,
                place,
                by: By::Place,
            }));
            continue;
        }
        let ends = [from, to].map(|named| hops.get(named.hop).map_or(0, |hop| hop.distance));
        found.gaps.push(Gap {
            around: (ends[0], ends[1]),
            expected: expected.into_iter().cloned().collect(),
        });
    }
    found.named.extend(told);
    found.named.sort_unstable_by_key(|named| named.hop);
}

#[cfg(test)]
mod tests;

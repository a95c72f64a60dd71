//! The path cut into segments between named nodes: what each takes and loses, and whose it is.
//!
//! A segment reaches from one planned node that answers to the next; planned nodes between them that
//! nobody heard lie inside it, also those that are known by their place: a silent one has no times. What it takes is the rise of what the way takes, as later hops carry it
//! (see [`slow`](super::verdict::slow)); what it loses is what is lost at its end more than at its
//! beginning, and how likely loss begins in it.

use std::time::Duration;

use super::named::{By, Found, Named, marked};
use super::plan::{Expected, Plan};
use super::stats::{Hop, PathStats};
use super::verdict::slow::Rise;
use super::verdict::{Kind, SURE, Verdict};
use crate::lang::Text;
use crate::stats::{Interval, newcombe, wilson};
use crate::text;

/// One end of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// Its distance; 0 is this host.
    pub distance: u8,
    /// The node; `None` for this host.
    pub node: Option<Expected>,
    /// How it is known that the hop there is this node.
    pub by: Option<By>,
}

/// A part of the path between two named nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The nearer end.
    pub from: End,
    /// The farther end.
    pub to: End,
    /// Who repairs it: the owners of its links and of the nodes inside it, each once.
    pub owners: Vec<Text>,
    /// What it adds to the round trip; `None` where an end was not timed.
    pub rise: Option<Duration>,
    /// What that may truly be, in ns, with 95 % confidence; `None` of too few round trips.
    pub rise_interval: Option<Interval>,
    /// The most that the plan allows it there and back.
    pub planned: Duration,
    /// What is lost more at its end than at its beginning, below zero where it is less; `None` where
    /// one of them answers sparingly.
    pub loss: Option<f64>,
    /// What that may truly be, with 95 % confidence.
    pub loss_interval: Option<Interval>,
    /// The probability that loss begins in it; `None` where the end of the path lost nothing.
    pub loss_begins: Option<f64>,
    /// What is found: [`Kind::Lossy`], [`Kind::Slow`] or [`Kind::Ok`].
    pub kind: Kind,
    /// The probability of that; `None` of [`Kind::Ok`].
    pub confidence: Option<f64>,
}

impl Segment {
    /// Where it is, in words.
    pub fn text(&self) -> Text {
        between(&self.from, &self.to)
    }
}

/// A stretch of the path in words.
pub(super) fn between(from: &End, to: &End) -> Text {
    let name = |end: &End| match &end.node {
        Some(node) => marked(&node.name, end.by),
        None => Text::new("本机", "this host"),
    };
    let (from, to) = (name(from), name(to));
    let (from_zh, to_zh, from_en, to_en) = (from.zh, to.zh, from.en, to.en);
    text!("{from_zh}—{to_zh}", "between {from_en} and {to_en}")
}

/// The hops that are planned nodes and answer: between these there is something to measure.
fn ends<'a>(named: &'a [Named], hops: &'a [Hop]) -> impl Iterator<Item = &'a Named> + Clone {
    let heard = |named: &&Named| hops.get(named.hop).is_some_and(|hop| hop.stats.heard());
    named.iter().filter(heard)
}

/// For each of `hops` that is named and answers: the distance of the one before it, 0 for this host,
/// and the most that the plan allows from there, there and back.
pub(super) fn planned(plan: &Plan, hops: &[Hop], found: &Found) -> Vec<Option<(u8, Duration)>> {
    let mut planned = vec![None; hops.len()];
    for (before, own) in pairs(&found.named, hops) {
        let since = before.and_then(|before| hops.get(before.hop));
        let since = since.map_or(0, |hop| hop.distance);
        if let Some(item) = planned.get_mut(own.hop) {
            *item = Some((since, allowed(&inside(plan, found, before, own))));
        }
    }
    planned
}

/// Each end of a segment with the one before it.
fn pairs<'a>(
    named: &'a [Named],
    hops: &'a [Hop],
) -> impl Iterator<Item = (Option<&'a Named>, &'a Named)> {
    let ends = ends(named, hops);
    std::iter::once(None)
        .chain(ends.clone().map(Some))
        .zip(ends)
}

/// The planned nodes of the way behind `before` up to `own`.
fn inside<'a>(
    plan: &'a Plan,
    found: &Found,
    before: Option<&Named>,
    own: &Named,
) -> Vec<&'a Expected> {
    let from = before.map_or(0, |before| before.place + 1);
    found.between(plan, from..own.place + 1)
}

/// What the plan allows on the links to `nodes`: twice their delay and all of their jitter.
fn allowed(nodes: &[&Expected]) -> Duration {
    let one_way = nodes.iter().map(|node| node.link.delay + node.link.jitter);
    one_way.map(Duration::from).sum::<Duration>() * 2
}

/// What segments rest on, one item for each hop of the path, except that a hop that was not timed has
/// no rise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) hops: &'a [Hop],
    pub(super) verdicts: &'a [Verdict],
    pub(super) rises: &'a [Rise],
    pub(super) lossy: Option<&'a [f64]>,
}

/// The segments between named hops that answer, in walking order.
pub(super) fn segments(plan: &Plan, found: &Found, seen: Seen) -> Vec<Segment> {
    let one = |(before, own)| segment(plan, found, (before, own), seen);
    pairs(&found.named, seen.hops).filter_map(one).collect()
}

fn segment(
    plan: &Plan,
    found: &Found,
    (before, own): (Option<&Named>, &Named),
    seen: Seen,
) -> Option<Segment> {
    let nodes = inside(plan, found, before, own);
    let end = seen.hops.get(own.hop)?;
    let start = before.and_then(|before| seen.hops.get(before.hop));
    let since = start.map_or(0, |hop| hop.distance);
    let (rise, rise_interval) = rise(seen.rises, since, end.distance);
    let verdicts = |named: &Named| seen.verdicts.get(named.hop);
    let ends = [Some(own), before]
        .into_iter()
        .flatten()
        .filter_map(verdicts);
    let sparing = ends
        .into_iter()
        .any(|verdict| verdict.finding(Kind::RateLimited).is_some());
    let (loss, loss_interval) = match sparing {
        true => (None, None),
        false => loss(&end.stats, start.map(|hop| &hop.stats)),
    };
    let begun = |named: &Named| seen.lossy?.get(named.hop).copied();
    let loss_begins = begun(own).map(|end| end - before.and_then(begun).unwrap_or(0.0));
    let first = before.map_or(0, |before| before.hop + 1);
    let passed = seen.verdicts.get(first..=own.hop).unwrap_or_default();
    let slow = passed
        .iter()
        .find_map(|verdict| verdict.finding(Kind::Slow));
    let (kind, confidence) = match (loss_begins, slow) {
        (Some(begins), _) if begins >= SURE => (Kind::Lossy, Some(begins)),
        (_, Some(slow)) => (Kind::Slow, slow.confidence),
        _ => (Kind::Ok, None),
    };
    Some(Segment {
        from: End {
            distance: since,
            node: before
                .and_then(|before| plan.hops.get(before.place))
                .cloned(),
            by: before.map(|before| before.by),
        },
        to: End {
            distance: end.distance,
            node: nodes.last().copied().cloned(),
            by: Some(own.by),
        },
        owners: owners(&nodes),
        rise,
        rise_interval,
        planned: allowed(&nodes),
        loss,
        loss_interval,
        loss_begins,
        kind,
        confidence,
    })
}

/// Who repairs the links to `nodes` and the nodes between; the last node stands in the next segment
/// as well, and only the link to it is surely meant.
fn owners(nodes: &[&Expected]) -> Vec<Text> {
    let between = nodes.len().saturating_sub(1);
    let links = nodes.iter().map(|node| &node.link_owner);
    let nodes = nodes.iter().take(between).map(|node| &node.owner);
    let mut owners: Vec<Text> = Vec::new();
    for owner in links.chain(nodes) {
        if !owners.contains(owner) {
            owners.push(owner.clone());
        }
    }
    owners
}

/// What the way takes more at distance `to` than at `from`, with its interval.
fn rise(rises: &[Rise], from: u8, to: u8) -> (Option<Duration>, Option<Interval>) {
    let at = |distance: u8| rises.iter().find(|rise| rise.distance == distance);
    let start = match from {
        0 => Some((
            Duration::ZERO,
            Some(Interval {
                low: 0.0,
                high: 0.0,
            }),
        )),
        from => at(from).map(|start| (start.carried, start.interval)),
    };
    let Some((start, end)) = start.zip(at(to)) else {
        return (None, None);
    };
    let interval = start.1.zip(end.interval).map(|(start, end)| Interval {
        low: (end.low - start.high).max(0.0),
        high: (end.high - start.low).max(0.0),
    });
    (Some(end.carried.saturating_sub(start.0)), interval)
}

fn loss(end: &PathStats, start: Option<&PathStats>) -> (Option<f64>, Option<Interval>) {
    let Some(start) = start else {
        return (end.loss(), wilson(end.lost, end.sent));
    };
    let difference = end.loss().zip(start.loss()).map(|(end, start)| end - start);
    let interval = newcombe((end.lost, end.sent), (start.lost, start.sent));
    (difference, interval)
}

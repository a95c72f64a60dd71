//! What is said when it hurts: from where on, who is meant, how much.

use super::{Outcome, Pain, Seen};
use crate::lang::Text;
use crate::text;
use crate::trace::named::marked;
use crate::trace::report::Row;
use crate::trace::segment::{self, Segment};
use crate::trace::stats::PathStats;
use crate::trace::verdict::{Begins, Finding, Kind, SURE};

/// What was lost at the end of the path.
pub(super) fn lost(end: &PathStats) -> Text {
    let (lost, sent) = (end.lost, end.sent);
    let interval = end.loss_interval();
    let [low, high] = interval
        .map_or([0.0, 1.0], |i| [i.low, i.high])
        .map(|part| part * 100.0);
    text!(
        "到目标 {sent} 个探测丢 {lost} 个（{low:.1}% 到 {high:.1}%），单点测量分不清去程与回程",
        "{lost} of {sent} lost on the way to the target ({low:.1}% to {high:.1}%), out or back: one \
         probe point cannot tell"
    )
}

impl<'a> Seen<'a> {
    /// The first row with a finding.
    pub(super) fn first(&self, kind: Kind) -> Option<(&'a Row, &'a Finding)> {
        let finding = |row: &'a Row| Some((row, row.verdict.finding(kind)?));
        self.rows.iter().find_map(finding)
    }

    /// The figures of the fair witness at the end: the service, else the target.
    pub(super) fn end(&self) -> Option<&'a PathStats> {
        let service = self
            .service
            .map(|service| &service.stats)
            .filter(|stats| stats.heard());
        let target = self
            .rows
            .iter()
            .find(|row| Some(row.hop.distance) == self.reached);
        // What answers sparingly and has answered everything vouches for the way all the same.
        let sparing = |row: &Row| row.verdict.finding(Kind::RateLimited).is_some();
        let vouches =
            |row: &&Row| row.hop.stats.lost == 0 || !(self.target_limited || sparing(row));
        let target = target.filter(vouches);
        service.or(target.map(|row| &row.hop.stats))
    }

    pub(super) fn at(&self, row: &Row, finding: &Finding, what: Text) -> Pain {
        Pain {
            confidence: finding.confidence,
            ..self.from(row, finding.kind, what)
        }
    }

    /// What hurts from a hop on, for certain.
    pub(super) fn from(&self, row: &Row, kind: Kind, what: Text) -> Pain {
        let distance = row.hop.distance;
        let (name, owner) = match (&row.node, &row.stranger) {
            (Some(node), _) => (Some(marked(&node.name, row.by)), Some(&node.owner)),
            (None, Some(own)) => (Some(own.name.clone()), Some(&own.owner)),
            (None, None) => (None, None),
        };
        let hop = match name {
            Some(Text { zh, en }) => {
                text!(
                    "第 {distance} 跳（{zh}）起",
                    "from hop {distance} ({en}) on"
                )
            }
            None => text!("第 {distance} 跳起", "from hop {distance} on"),
        };
        let owner = owner.cloned().into_iter().collect();
        let (place, whose) = self.suspects(kind, distance).unwrap_or((hop, owner));
        Pain {
            outcome: Outcome::Hurts,
            kind: Some(kind),
            distance: Some(distance),
            place: Some(place),
            whose,
            confidence: None,
            what,
        }
    }

    /// The stretch of named path that may be meant, and whose it is: where loss may begin, else the
    /// segment that holds the hop.
    fn suspects(&self, kind: Kind, distance: u8) -> Option<(Text, Vec<Text>)> {
        let suspect = |segment: &&Segment| match kind {
            Kind::Lossy => segment
                .loss_begins
                .is_some_and(|begins| begins > 1.0 - SURE),
            _ => segment.from.distance < distance && distance <= segment.to.distance,
        };
        let all: Vec<&Segment> = self.segments.iter().filter(suspect).collect();
        let place = segment::between(&all.first()?.from, &all.last()?.to);
        let mut whose: Vec<Text> = Vec::new();
        for owner in all.iter().flat_map(|segment| &segment.owners) {
            if !whose.contains(owner) {
                whose.push(owner.clone());
            }
        }
        Some((place, whose))
    }

    /// When packets are lost behind some hop, and no later hop tells where.
    pub(super) fn behind(&self, begins: Begins) -> Option<Pain> {
        let (after, confidence) = begins.after?;
        let end = self.end()?;
        if Some(after) == self.reached {
            return Some(self.service_hurts(end, Some(confidence)));
        }
        let first = self
            .rows
            .iter()
            .map(|row| row.hop.distance)
            .find(|own| *own > after);
        let behind = text!("第 {after} 跳之后", "behind hop {after}");
        let suspects = self.suspects(Kind::Lossy, after);
        let (place, whose) = suspects.unwrap_or((behind, Vec::new()));
        Some(Pain {
            outcome: Outcome::Hurts,
            kind: Some(Kind::Lossy),
            distance: first,
            place: Some(place),
            whose,
            confidence: Some(confidence),
            what: lost(end),
        })
    }

    pub(super) fn service_hurts(&self, stats: &PathStats, confidence: Option<f64>) -> Pain {
        let (lost, sent) = (stats.lost, stats.sent);
        let what = text!(
            "{sent} 次询问中 {lost} 次没有应答，而目标主机应答",
            "{lost} of {sent} times it did not answer, while its host does"
        );
        let last = self
            .rows
            .iter()
            .find(|row| Some(row.hop.distance) == self.reached);
        let owner = last
            .and_then(|row| row.node.as_ref())
            .map(|node| node.owner.clone());
        Pain {
            outcome: Outcome::Hurts,
            kind: Some(match stats.heard() {
                true => Kind::Lossy,
                false => Kind::NoAnswer,
            }),
            distance: None,
            place: Some(Text::new("目标的服务", "the target's service")),
            whose: owner.into_iter().collect(),
            confidence,
            what,
        }
    }
}

//! The one sentence on top of a report: where it hurts and whose it is, that nothing hurts, or why it
//! cannot be told.
//!
//! What hurts is, in this order: packets that a device refuses to pass or that circle, loss that carries
//! on to the end of the path, a service that does not answer though its host does, and a rise of the
//! round trip.
//! A rate limit, a silent hop and a changed path hurt nobody and are said elsewhere.

use std::net::IpAddr;

use serde::Serialize;

use super::named::marked;
use super::report::Row;
use super::segment::{self, Segment};
use super::stats::{PathStats, Service};
use super::times::ms;
use super::verdict::{Advice, Begins, Evidence, Finding, Kind, SURE, percent};
use crate::lang::Text;
use crate::text;

/// Which of the three it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It hurts somewhere.
    Hurts,
    /// Nothing hurts.
    NothingHurts,
    /// The facts do not say.
    CannotTell,
}

/// The verdict on the whole path.
#[derive(Debug, Clone, PartialEq)]
pub struct Pain {
    /// Which of the three.
    pub outcome: Outcome,
    /// What hurts.
    pub kind: Option<Kind>,
    /// From which distance on.
    pub distance: Option<u8>,
    /// Where that is, by name where there is one.
    pub place: Option<Text>,
    /// Who must repair it.
    pub whose: Vec<Text>,
    /// The probability that it is so, where it hurts.
    pub confidence: Option<f64>,
    /// What there is to say: how much it hurts, or why it does not, or why it cannot be told.
    pub what: Text,
}

/// What the verdict rests on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) rows: &'a [Row],
    pub(super) segments: &'a [Segment],
    pub(super) service: Option<&'a Service>,
    /// The distance of the target, when it answered.
    pub(super) reached: Option<u8>,
    pub(super) target_limited: bool,
    /// Whether somebody said that the service is there.
    pub(super) service_named: bool,
    /// Where packets begin to be lost, if they are.
    pub(super) begins: Option<Begins>,
}

impl Pain {
    /// The whole sentence.
    pub fn text(&self) -> Text {
        let (zh, en) = (&self.what.zh, &self.what.en);
        let mut tail = Vec::new();
        if !self.whose.is_empty() {
            let Text { zh, en } = Text::join(&self.whose, "、", ", ");
            tail.push(text!("；责任方：{zh}", "; whose: {en}"));
        }
        if let Some(sure) = self.confidence.map(percent) {
            tail.push(text!("；把握 {sure}", "; confidence {sure}"));
        }
        let tail = Text::join(&tail, "", "");
        let (tail_zh, tail_en) = (tail.zh, tail.en);
        let place = self.place.as_ref().map_or(Text::default(), |place| {
            let (zh, en) = (&place.zh, &place.en);
            text!("{zh}，", "{en}, ")
        });
        let (place_zh, place_en) = (place.zh, place.en);
        match self.outcome {
            Outcome::Hurts => text!(
                "哪里有问题：{place_zh}{zh}{tail_zh}",
                "Where it hurts: {place_en}{en}{tail_en}"
            ),
            Outcome::NothingHurts => text!("没有问题：{zh}", "Nothing hurts: {en}"),
            Outcome::CannotTell => text!("无法判断：{zh}", "Cannot tell: {en}"),
        }
    }

    fn quiet(outcome: Outcome, what: Text) -> Pain {
        Pain {
            outcome,
            kind: None,
            distance: None,
            place: None,
            whose: Vec::new(),
            confidence: None,
            what,
        }
    }
}

/// Judges the whole path.
pub(super) fn pain(seen: Seen) -> Pain {
    let service = seen.service.map(|service| &service.stats);
    let served = service.is_some_and(PathStats::heard);
    let refused = seen.first(Kind::Filtered);
    if let Some((row, finding)) = refused.filter(|_| seen.reached.is_none() && !served) {
        let what = finding
            .evidence
            .first()
            .map_or(Text::default(), Evidence::text);
        return seen.at(row, finding, what);
    }
    if seen.reached.is_none() && !served {
        return seen.unreached();
    }
    if let Some((row, finding)) = seen.first(Kind::Lossy) {
        let what = seen.end().map_or(Text::default(), lost);
        return seen.at(row, finding, what);
    }
    if let Some(stats) = service.filter(|_| !served && seen.service_named) {
        return seen.service_hurts(stats, None);
    }
    if let Some(pain) = seen.begins.and_then(|begins| seen.behind(begins)) {
        return pain;
    }
    if let Some((row, finding)) = seen.first(Kind::Slow) {
        let rise = finding
            .evidence
            .first()
            .map_or(Text::default(), Evidence::text);
        return seen.at(row, finding, rise);
    }
    seen.quiet()
}

/// What was lost at the end of the path.
fn lost(end: &PathStats) -> Text {
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
    fn first(&self, kind: Kind) -> Option<(&'a Row, &'a Finding)> {
        let finding = |row: &'a Row| Some((row, row.verdict.finding(kind)?));
        self.rows.iter().find_map(finding)
    }

    /// The figures of the fair witness at the end: the service, else the target.
    fn end(&self) -> Option<&'a PathStats> {
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

    fn at(&self, row: &Row, finding: &Finding, what: Text) -> Pain {
        Pain {
            confidence: finding.confidence,
            ..self.from(row, finding.kind, what)
        }
    }

    /// What hurts from a hop on, for certain.
    fn from(&self, row: &Row, kind: Kind, what: Text) -> Pain {
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

    fn unreached(&self) -> Pain {
        if let Some(pain) = self.circling() {
            return pain;
        }
        let mut heard = self.rows.iter().rev().filter(|row| row.hop.stats.heard());
        let what = match heard.next() {
            Some(row) => {
                let distance = row.hop.distance;
                text!(
                    "目标没有应答；最后有应答的是第 {distance} 跳，其后是断了还是不应答，分不清",
                    "the target did not answer; the last answer came from hop {distance}, and whether \
                     the way ends behind it or nobody answers there is not known"
                )
            }
            None => Text::new("什么都没有应答", "nothing answered at all"),
        };
        Pain::quiet(Outcome::CannotTell, what)
    }

    /// When packets circle: the last router that answers has been passed twice before, with others
    /// between.
    fn circling(&self) -> Option<Pain> {
        let heard = self.rows.iter().filter_map(|row| {
            let first = row.hop.responders.first()?;
            Some((row, first.address))
        });
        let heard: Vec<(&Row, IpAddr)> = heard.collect();
        let (last, router) = heard.last()?;
        let visits = heard.iter().rev().filter(|(_, own)| own == router);
        let visits: Vec<u8> = visits.map(|(row, _)| row.hop.distance).take(3).collect();
        let [_, before, _] = visits.as_slice() else {
            return None;
        };
        let turn = heard
            .iter()
            .filter(|(row, _)| row.hop.distance > *before && row.hop.distance <= last.hop.distance);
        let mut routers: Vec<IpAddr> = turn.map(|(_, own)| *own).collect();
        routers.sort_unstable();
        routers.dedup();
        let (first, _) = heard.iter().find(|(_, own)| routers.contains(own))?;
        if routers.len() < 2 {
            return None;
        }
        let named: Vec<String> = routers.iter().map(IpAddr::to_string).collect();
        let named = named.join(", ");
        let what = text!(
            "报文在 {named} 之间循环（路由环路），到不了目标",
            "packets circle between {named} (a routing loop) and do not reach the target"
        );
        Some(self.from(first, Kind::NoAnswer, what))
    }

    /// When packets are lost behind some hop, and no later hop tells where.
    fn behind(&self, begins: Begins) -> Option<Pain> {
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

    fn service_hurts(&self, stats: &PathStats, confidence: Option<f64>) -> Pain {
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

    /// What would decide about the probes that the target left unanswered.
    fn advice(&self) -> Text {
        let mut rows = self.rows.iter();
        let row = rows.find(|row| Some(row.hop.distance) == self.reached);
        let open = row.and_then(|row| row.verdict.finding(Kind::Unsure));
        let facts = open.into_iter().flat_map(|open| &open.evidence);
        let all: Vec<Text> = facts
            .filter_map(|fact| match fact {
                Evidence::WouldDecide { how } => Some(how.text()),
                _ => None,
            })
            .collect();
        match all.is_empty() {
            true => Advice::MoreProbes.text(),
            false => Text::join(&all, "；", "; "),
        }
    }

    /// When nothing is known to hurt.
    fn quiet(&self) -> Pain {
        let times = self.end().and_then(|end| end.times);
        let median = times.map_or("-".to_string(), |times| ms(times.p50));
        if let Some(end) = self.end() {
            let (lost, sent) = (end.lost, end.sent);
            if lost > 0 {
                let Text { zh, en } = self.advice();
                let what = text!(
                    "到目标 {sent} 个探测有 {lost} 个未应答，不足以说明丢在哪里、是否真丢；{zh}",
                    "{lost} of {sent} probes to the target were unanswered, which does not say where they \
                     were lost, or whether; {en}"
                );
                return Pain::quiet(Outcome::CannotTell, what);
            }
            let high = end
                .loss_interval()
                .map_or(100.0, |interval| interval.high * 100.0);
            let what = text!(
                "目标应答了全部 {sent} 个探测（95% 把握丢包不超过 {high:.1}%），中位数 {median} ms",
                "the target answered all {sent} probes (loss is at most {high:.1}%, with 95% \
                 confidence), median {median} ms"
            );
            return Pain::quiet(Outcome::NothingHurts, what);
        }
        let open = self
            .first(Kind::Unsure)
            .filter(|(row, _)| row.hop.stats.lost > 0);
        match open {
            Some((row, _)) => {
                let distance = row.hop.distance;
                let Text { zh, en } = Advice::AskService.text();
                let what = text!(
                    "第 {distance} 跳有未应答的探测，而目标自己也限速应答，不能作证；{zh}",
                    "hop {distance} left probes unanswered, and the target answers sparingly itself and \
                     cannot vouch; {en}"
                );
                Pain::quiet(Outcome::CannotTell, what)
            }
            None => Pain::quiet(
                Outcome::NothingHurts,
                Text::new(
                    "未应答的探测都由限速应答解释",
                    "all that went unanswered is accounted for by routers that answer sparingly",
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests;

//! The one sentence on top of a report: where it hurts and whose it is, that nothing hurts, or why it
//! cannot be told.
//!
//! What hurts is, in this order: packets that a device refuses to pass or that circle, loss that carries
//! on to the end of the path, a service that does not answer though its host does, and a rise of the
//! round trip.
//! A rate limit, a silent hop and a changed path hurt nobody and are said elsewhere.

use serde::Serialize;

use super::report::Row;
use super::segment::Segment;
use super::stats::{PathStats, Service};
use super::verdict::{Begins, Evidence, Kind, percent};
use crate::lang::Text;
use crate::text;
use hurts::lost;

mod hurts;
mod quiet;
mod unreached;

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

#[cfg(test)]
mod tests;

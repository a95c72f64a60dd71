//! What the view takes from the other rooms of the tracer, in one place: facts in, words and
//! figures out.

use std::net::IpAddr;
use std::time::Duration;

use super::history::History;
use crate::lang::Text;
use crate::packet::interface::Interface;
use crate::packet::mpls::Label;
use crate::report::trace::{Field, Fields, Figure, label};
use crate::text;
use crate::trace::pain::Outcome;
use crate::trace::plan::Plan;
use crate::trace::report::{About, Report, Row};
use crate::trace::stats::PathStats;
use crate::trace::verdict::{Evidence, Finding, Kind};
use crate::trace::{Fate, Trace};
use crate::units::Moment;

/// How a verdict is coloured. The words say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Explained, and no harm.
    Harmless,
    /// Something to look at.
    Doubtful,
    /// It hurts.
    Bad,
}

/// The path changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When its first probe left.
    pub at: Moment,
    /// The hops at which another router answers: distance, who did before, who does since.
    pub hops: Vec<(u8, IpAddr, IpAddr)>,
    /// The distance of the target before and since, where that changed.
    pub length: Option<(u8, u8)>,
}

/// All that is shown of one target.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Figures and verdicts.
    pub report: Report,
    /// Probe by probe.
    pub history: History,
    /// Changes of the path, the latest last.
    pub events: Vec<Event>,
}

impl View {
    /// Derives the view of a target from its facts.
    pub fn new(about: About, trace: Trace, plan: Option<Plan>, names: &[(IpAddr, String)]) -> View {
        let history = History::new(&trace);
        let mut report = Report::new(about, trace, plan);
        report.names = names.to_vec();
        let events = events(&report);
        View {
            report,
            history,
            events,
        }
    }

    /// The hop to look at unless one is chosen: where the path hurts, else the nearest of those with
    /// the worst verdict; on a path that is in order, its end.
    pub fn focus(&self) -> Option<u8> {
        let own = |distance: &u8| {
            self.report
                .rows
                .iter()
                .any(|row| row.hop.distance == *distance)
        };
        if let Some(distance) = self.report.pain.distance.filter(own) {
            return Some(distance);
        }
        let worst = self.report.rows.iter().map(tone).max()?;
        let mut rows = self.report.rows.iter();
        let row = match worst {
            Tone::Good | Tone::Harmless => rows.next_back(),
            Tone::Doubtful | Tone::Bad => rows.find(|row| tone(row) == worst),
        };
        row.map(|row| row.hop.distance)
    }

    /// The verdict on the whole path, and how it is coloured; `None` before the first answer.
    pub fn pain(&self) -> Option<(Text, Tone)> {
        let pain = &self.report.pain;
        let tone = match pain.outcome {
            Outcome::Hurts => Tone::Bad,
            Outcome::NothingHurts => Tone::Good,
            Outcome::CannotTell => Tone::Doubtful,
        };
        (!self.report.trace.ended.is_empty()).then(|| (pain.text(), tone))
    }

    /// The rounds that the figures cover, counted from 1; `None` before the first.
    pub fn rounds(&self) -> Option<(u32, u32)> {
        let ended = &self.report.trace.ended;
        let (first, last) = (ended.first()?, ended.last()?);
        Some((first.round.saturating_add(1), last.round.saturating_add(1)))
    }
}

/// The columns that mtr shows on its key j.
pub fn jitter() -> Vec<Field> {
    fields("DR AGJMXI").unwrap_or_default()
}

/// The columns that letters of mtr name, each once, without gaps; else what is allowed.
pub fn fields(letters: &str) -> Result<Vec<Field>, Text> {
    let mut fields: Vec<Field> = Vec::new();
    for field in Fields::parse(letters)?
        .iter()
        .filter(|own| *own != Field::Gap)
    {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    Ok(fields)
}

/// The letter of a column.
pub fn letter(field: Field) -> char {
    let own = Field::ALL.iter().find(|(own, ..)| *own == field);
    own.map_or(' ', |(_, letter, _)| *letter)
}

/// The facts that count now: without the probes that may still be answered (of a `patience`), and
/// without what was before `since`.
pub fn settled(mut trace: Trace, patience: Duration, since: Moment, now: Moment) -> Trace {
    let before = trace.ended.len();
    trace.ended.retain(|ended| {
        let sent = ended.sent.unwrap_or(now);
        let open = ended.fate == Fate::Lost && now < sent + patience;
        sent >= since && !open
    });
    if let Some(first) = trace.ended.first().filter(|_| trace.ended.len() < before) {
        trace.forgotten = trace.forgotten.max(first.round);
    }
    trace
}

/// The main verdict on a hop, in words; a sign where there is more than it.
pub fn verdict(row: &Row) -> Text {
    let Text { zh, en } = row.verdict.kind().text();
    match row.verdict.also.is_empty() {
        true => Text::new(zh, en),
        false => text!("{zh} +", "{en} +"),
    }
}

/// All verdicts on a hop, each with its confidence.
pub fn verdicts(row: &Row) -> Text {
    label(&row.verdict)
}

/// How a hop is coloured.
pub fn tone(row: &Row) -> Tone {
    match row.verdict.kind() {
        Kind::Filtered | Kind::Lossy | Kind::NoAnswer => Tone::Bad,
        Kind::Slow | Kind::Mtu | Kind::Changed | Kind::Unsure => Tone::Doubtful,
        Kind::RateLimited
        | Kind::Silent
        | Kind::Translated
        | Kind::Remarked
        | Kind::LoadBalanced => Tone::Harmless,
        Kind::Ok => Tone::Good,
    }
}

/// What the verdicts on a hop rest on, a line for each.
pub fn evidence(row: &Row) -> Vec<Text> {
    let facts = |finding: &Finding| {
        let facts: Vec<Text> = finding.evidence.iter().map(Evidence::text).collect();
        Text::join(&facts, "；", "; ")
    };
    let also = row.verdict.also.iter().map(|own| {
        let (kind, facts) = (own.kind.text(), facts(own));
        let (kind_zh, kind_en, zh, en) = (kind.zh, kind.en, facts.zh, facts.en);
        text!("{kind_zh}：{zh}", "{kind_en}: {en}")
    });
    let said = [facts(&row.verdict.main)].into_iter().chain(also);
    said.filter(|text| !text.en.is_empty()).collect()
}

/// Who answers at a hop, most answers first: address, how often, mean round trip.
pub fn responders(row: &Row) -> Vec<(IpAddr, u64, Option<Duration>)> {
    let one = row.hop.responders.iter().map(|own| {
        let mean = own.times.map(|times| times.mean);
        (own.address, own.answered + own.late, mean)
    });
    one.collect()
}

/// The target's own service, where it is asked: its port, and its figures.
pub fn service(view: &View) -> Option<(u16, &PathStats)> {
    let asked = view.report.about.service?;
    let seen = view.report.service.as_ref()?;
    Some((asked.port, &seen.stats))
}

/// The MPLS labels that a hop told last.
pub fn labels(row: &Row) -> &[Label] {
    let mut told = row.hop.responders.iter().map(|own| own.labels.as_slice());
    told.find(|labels| !labels.is_empty()).unwrap_or_default()
}

/// The interfaces that a hop told last (RFC 5837).
pub fn interfaces(row: &Row) -> &[Interface] {
    let own = row.hop.responders.iter();
    let mut told = own.map(|own| own.interfaces.as_slice());
    told.find(|told| !told.is_empty()).unwrap_or_default()
}

/// A figure of a hop, at most six cells.
pub fn figure(stats: &PathStats, field: Field) -> String {
    match field.of(stats) {
        Figure::Count(count) => count.to_string(),
        Figure::Part(part) => format!("{:.1}%", part * 100.0),
        Figure::Time(time) => ms(time),
        Figure::None => "-".to_string(),
        Figure::Empty => String::new(),
    }
}

/// Milliseconds in at most six cells: three significant digits or so up to a minute and more.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ..0.9995 => format!("{ms:.3}"),
        ..99.995 => format!("{ms:.2}"),
        ..999.95 => format!("{ms:.1}"),
        ..999_999.5 => format!("{ms:.0}"),
        _ => ">999 s".to_string(),
    }
}

/// How the path changed, with when in the time of the run.
fn events(report: &Report) -> Vec<Event> {
    // Changes are dated from the first probe that is remembered.
    let first = report
        .trace
        .ended
        .iter()
        .filter_map(|ended| ended.sent)
        .min();
    let first = first.unwrap_or_default();
    let event = report.changes.iter().map(|change| {
        let mut hops: Vec<_> = change
            .hops
            .iter()
            .map(|m| (m.distance, m.before, m.after))
            .collect();
        // On several flows it is the same change.
        hops.dedup();
        Event {
            at: first + change.after,
            hops,
            length: change.length,
        }
    });
    event.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{Answer, Probe, Sequence, Stamp};
    use crate::trace::worlds::facts;
    use crate::trace::{Ended, Response};

    /// Round `round` of a path of one hop, that many seconds after the start.
    fn ended(round: u32, fate: Fate) -> Ended {
        Ended {
            probe: Probe::plain(Sequence(round), 1),
            round,
            sent: Some(at(round.into())),
            fate,
            duplicates: 0,
        }
    }

    fn at(second: u64) -> Moment {
        Moment(second * 1_000_000_000)
    }

    fn answered() -> Fate {
        Fate::Answered(Response {
            responder: [192, 0, 2, 1].into(),
            answer: Answer::Passed,
            round_trip: Duration::from_millis(1),
            stamp: Stamp::Kernel,
            detail: None,
        })
    }

    #[test]
    fn what_may_still_be_answered_and_what_was_before_does_not_count() {
        let fates = [
            Fate::Lost,
            answered(),
            Fate::Lost,
            answered(),
            Fate::Lost,
            answered(),
        ];
        let rounds = fates.into_iter().zip(0..);
        let ended = rounds.map(|(fate, round)| ended(round, fate)).collect();
        let trace = facts(ended, None);
        let kept = |since, now| {
            let trace = settled(trace.clone(), Duration::from_secs(3), at(since), at(now));
            let rounds: Vec<u32> = trace.ended.iter().map(|ended| ended.round).collect();
            (rounds, trace.forgotten)
        };
        // At 5 s, what left at 2 s has been waited for long enough, what left at 4 s has not.
        assert_eq!(kept(0, 5), (vec![0, 1, 2, 3, 5], 0));
        assert_eq!(kept(0, 7), (vec![0, 1, 2, 3, 4, 5], 0));
        assert_eq!(kept(3, 7), (vec![3, 4, 5], 3));
        assert_eq!(kept(9, 9), (vec![], 0));
    }

    #[test]
    fn times_of_any_size_fit_their_column() {
        let shown = |nanos: u64| ms(Duration::from_nanos(nanos));
        assert_eq!(shown(57_400), "0.057");
        assert_eq!(shown(999_600), "1.00");
        assert_eq!(shown(20_091_000), "20.09");
        assert_eq!(shown(99_999_000), "100.0");
        assert_eq!(shown(1_250_000_000), "1250");
        assert_eq!(shown(999_000_000_000), "999000");
        assert_eq!(ms(Duration::MAX), ">999 s");
    }
}

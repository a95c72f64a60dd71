//! What the view takes from the other rooms of the tracer, in one place: facts in, words and
//! figures out.

use std::net::IpAddr;
use std::time::Duration;

use super::columns::Column;
use super::history::History;
use crate::lang::Text;
use crate::probe::{Flow, Label};
use crate::text;
use crate::trace::plan::Plan;
use crate::trace::report::{About, Report, Row};
use crate::trace::stats::PathStats;
use crate::trace::verdict::Verdict;
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

/// Another router answered at a hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When its first probe left.
    pub at: Moment,
    /// The distance.
    pub distance: u8,
    /// Who answered before.
    pub before: IpAddr,
    /// Who answers since.
    pub after: IpAddr,
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
        let events = events(&trace);
        let mut report = Report::new(about, trace, plan);
        report.names = names.to_vec();
        View {
            report,
            history,
            events,
        }
    }

    /// The hop to look at unless one is chosen: where it hurts most, the nearest of those; on a
    /// path that is in order, its end.
    pub fn focus(&self) -> Option<u8> {
        let worst = self.report.rows.iter().map(tone).max()?;
        let mut rows = self.report.rows.iter();
        let row = match worst {
            Tone::Good | Tone::Harmless => rows.next_back(),
            Tone::Doubtful | Tone::Bad => rows.find(|row| tone(row) == worst),
        };
        row.map(|row| row.hop.distance)
    }

    /// The rounds that the figures cover, counted from 1; `None` before the first.
    pub fn rounds(&self) -> Option<(u32, u32)> {
        let ended = &self.report.trace.ended;
        let (first, last) = (ended.first()?, ended.last()?);
        Some((first.round.saturating_add(1), last.round.saturating_add(1)))
    }
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

/// The verdict on a hop, in words.
pub fn verdict(row: &Row) -> Text {
    row.verdict.text()
}

/// How it is coloured.
pub fn tone(row: &Row) -> Tone {
    match row.verdict {
        Verdict::Fine => Tone::Good,
        Verdict::AnswersSparingly | Verdict::Silent => Tone::Harmless,
        Verdict::Unsure => Tone::Doubtful,
        Verdict::LossCarriesOn | Verdict::NoAnswer => Tone::Bad,
    }
}

/// What a verdict rests on, sentence by sentence.
pub fn evidence(row: &Row) -> Vec<Text> {
    let stats = &row.hop.stats;
    let (lost, sent) = (stats.lost, stats.sent);
    let Some(interval) = stats.loss_interval() else {
        return Vec::new();
    };
    let (low, high) = (interval.low * 100.0, interval.high * 100.0);
    vec![text!(
        "未应答 {lost}/{sent}；95% 置信：{low:.1}% 到 {high:.1}%",
        "unanswered {lost} of {sent}; with 95% confidence {low:.1}% to {high:.1}%"
    )]
}

/// Who answers at a hop, most answers first: address, how often, mean round trip.
pub fn responders(row: &Row) -> Vec<(IpAddr, u64, Option<Duration>)> {
    let responders = row.hop.responders.iter();
    let one = responders.map(|own| (own.address, own.answered, own.times.map(|times| times.mean)));
    one.collect()
}

/// The MPLS labels of the latest reply from a hop that had any.
pub fn labels(view: &View, distance: u8) -> &[Label] {
    let path = view.report.trace.ended.iter().rev();
    let mut own = path.filter(|ended| ended.probe.distance == distance && !ended.probe.service);
    let told = own.find_map(|ended| match &ended.fate {
        Fate::Answered(response) | Fate::Late(response) => response.detail.as_ref(),
        _ => None,
    });
    told.map_or(&[], |detail| detail.labels.as_slice())
}

/// A figure of a hop, at most six cells; a dash where there is none.
pub fn figure(stats: &PathStats, column: Column) -> String {
    let times = stats.times.as_ref();
    let time = match column {
        Column::Loss => {
            let percent = stats.loss().map(|loss| format!("{:.1}%", loss * 100.0));
            return percent.unwrap_or_else(none);
        }
        Column::Dropped => return stats.lost.to_string(),
        Column::Received => return stats.answered.to_string(),
        Column::Sent => return stats.sent.to_string(),
        Column::Last => times.map(|times| times.last),
        Column::Best => times.map(|times| times.best),
        Column::Average => times.map(|times| times.mean),
        Column::Worst => times.map(|times| times.worst),
        Column::Deviation => times.and_then(|times| times.deviation),
        Column::GeometricMean => times.and_then(|times| times.geometric_mean),
        Column::JitterMean => times.and_then(|times| times.jitter),
    };
    time.map_or_else(none, ms)
}

fn none() -> String {
    "-".to_string()
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

/// Where another router answered than before on the same flow at the same distance.
fn events(trace: &Trace) -> Vec<Event> {
    let mut latest: std::collections::HashMap<(u8, Flow), IpAddr> = Default::default();
    let mut events = Vec::new();
    for ended in trace.ended.iter().filter(|ended| !ended.probe.service) {
        let (Fate::Answered(response) | Fate::Late(response), Some(at)) = (&ended.fate, ended.sent)
        else {
            continue;
        };
        let key = (ended.probe.distance, ended.probe.flow);
        let after = response.responder;
        if let Some(before) = latest.insert(key, after).filter(|before| *before != after) {
            events.push(Event {
                at,
                distance: ended.probe.distance,
                before,
                after,
            });
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

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

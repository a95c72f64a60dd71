//! A hop's recent probes, one mark each: how long they took, and which were lost.

use std::time::Duration;

use ratatui::style::Style;

use super::super::figures::{Tone, ms};
use super::super::history::{History, Sample};
use super::ink::Ink;
use crate::lang::Lang;
use crate::units::Moment;

/// Marks of the eight levels.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The mark of a lost probe: no level, least of all the lowest.
pub(super) const LOST: char = 'x';

/// The mark of a probe that was answered too late.
pub(super) const LATE: char = '>';

/// The mark of a probe that did not leave.
pub(super) const UNSENT: char = '!';

/// Longest over shortest at which the levels spread over their whole height; less spreads less, so
/// that noise does not look like a wave.
const WHOLE: f64 = 4.0;

/// What the levels of all hops stand for. They rise with the logarithm of the time: near and far
/// hops share one scale, and one slow probe does not flatten the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    low: Duration,
    high: Duration,
}

impl Scale {
    /// The scale of the latest `count` probes to each of `distances`; `None` while none is answered.
    pub(super) fn of(
        history: &History,
        distances: impl Iterator<Item = u8>,
        count: usize,
    ) -> Option<Scale> {
        let (low, high) = history.range(distances, count)?;
        Some(Scale { low, high })
    }

    /// Its two ends with their unit.
    pub(super) fn text(self, lang: Lang) -> String {
        let (low, high) = (ms(self.low), ms(self.high));
        let name = lang.pick("近期", "Recent");
        format!("{name} {low}-{high} ms")
    }

    fn level(self, time: Duration) -> char {
        let nanos = |time: Duration| (time.as_nanos() as f64).max(1.0);
        let (low, high) = (nanos(self.low), nanos(self.high));
        let span = (high / low).max(WHOLE).ln();
        let part = (nanos(time) / low).max(1.0).ln() / span;
        let at = ((part * LEVELS.len() as f64) as usize).min(LEVELS.len() - 1);
        LEVELS.get(at).copied().unwrap_or('█')
    }
}

/// The marks of `samples`, each with its style; what was lost is coloured by `lost`.
pub(super) fn marks(
    samples: &[(Moment, Sample)],
    scale: Option<Scale>,
    (ink, lost): (Ink, Tone),
) -> Vec<(char, Style)> {
    let mark = |(_, sample): &(Moment, Sample)| match sample {
        Sample::Answered(time) => {
            let level = scale.map_or('▁', |scale| scale.level(*time));
            (level, ink.tone(Tone::Good))
        }
        Sample::Late => (LATE, ink.tone(Tone::Doubtful)),
        Sample::Lost => (LOST, ink.tone(lost)),
        Sample::Unsent => (UNSENT, ink.tone(Tone::Doubtful)),
    };
    samples.iter().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: &[Option<u64>]) -> String {
        let sample = |time: &Option<u64>| match time {
            Some(micros) => Sample::Answered(Duration::from_micros(*micros)),
            None => Sample::Lost,
        };
        let samples: Vec<_> = times.iter().map(|time| (Moment(0), sample(time))).collect();
        let answered = || times.iter().flatten().copied().map(Duration::from_micros);
        let scale = answered().min().zip(answered().max());
        let scale = scale.map(|(low, high)| Scale { low, high });
        let marks = marks(&samples, scale, (Ink { colour: false }, Tone::Bad));
        marks.into_iter().map(|(mark, _)| mark).collect()
    }

    #[test]
    fn a_lost_probe_is_a_mark_of_its_own_and_never_a_level() {
        assert_eq!(of(&[Some(100), None, Some(100)]), "▁x▁");
        assert_eq!(of(&[None, None]), "xx");
        assert!(!LEVELS.contains(&LOST) && !LEVELS.contains(&LATE));
    }

    #[test]
    fn each_level_is_a_factor() {
        // From 1 to 256 in eight levels: each doubling is one level up.
        let doubling: Vec<_> = (0..9).map(|at| Some((1u64 << at) * 1000 + at)).collect();
        assert_eq!(of(&doubling), "▁▂▃▄▅▆▇██");
        // A tenth more is noise: ln 1.1 / ln 4 is 7 % of the height.
        assert_eq!(of(&[Some(1000), Some(1100), Some(1000)]), "▁▁▁");
        assert_eq!(of(&[Some(0), Some(0)]), "▁▁");
    }
}

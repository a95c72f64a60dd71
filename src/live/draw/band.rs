//! The latency of one hop over time as a band: shortest to longest, the middle half, the median, and
//! under it the part that was lost, after T. Oetiker's SmokePing.

use std::time::Duration;

use jiff::Zoned;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::figures::{Tone, ms};
use super::super::history::{Bucket, Sample, Spread, buckets, ends, step};
use super::ink::{Ink, put};
use crate::lang::{Lang, width};
use crate::stats::quantile;
use crate::text;
use crate::units::Moment;

/// Cells of the axis: a figure and a line.
const AXIS: u16 = 8;

/// Rows beside those of the chart: loss, and time with what the marks mean.
const BESIDE: u16 = 2;

/// More rows than this make noise look like a mountain.
const HIGHEST: u16 = 16;

/// The longest time in sight is cut off when it is so many times the 95th percentile.
const OUTLIER: f64 = 5.0;

const ALL: &str = "░";
const MIDDLE: &str = "▒";
const MEDIAN: &str = "━";
const BEYOND: &str = "▲";

/// What is drawn, and how it is said.
pub(super) struct Band<'a> {
    pub(super) samples: &'a [(Moment, Sample)],
    pub(super) interval: Duration,
    pub(super) zero: &'a Zoned,
    pub(super) lang: Lang,
    pub(super) ink: Ink,
    /// How loss is coloured.
    pub(super) tone: Tone,
}

/// Nanoseconds that the rows stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    /// That of all `buckets`, with some air; outliers are left out.
    fn of(buckets: &[Bucket]) -> Option<Range> {
        let spreads = || buckets.iter().filter_map(|bucket| bucket.spread);
        let least = spreads().map(|spread| spread.least).reduce(f64::min)?;
        let mut longest: Vec<f64> = spreads().map(|spread| spread.most).collect();
        longest.sort_by(f64::total_cmp);
        let usual = quantile(&longest, 0.95)?;
        let most = longest.last().copied()?;
        let most = if most > OUTLIER * usual {
            2.0 * usual
        } else {
            most
        };
        // A steady line is a line, not a mountain of microseconds.
        let span = (most - least).max(most * 0.1).max(1000.0);
        let middle = (most + least) / 2.0;
        let low = (middle - span * 0.55).max(0.0);
        Some(Range {
            low,
            high: low + span * 1.1,
        })
    }

    /// The row of a time, from 0 at the top of `rows`; `None` above it.
    fn row(self, nanos: f64, rows: u16) -> Option<u16> {
        let part = (self.high - nanos) / (self.high - self.low);
        let last = rows.checked_sub(1)?;
        (part >= 0.0).then(|| ((part * f64::from(rows)) as u16).min(last))
    }

    fn at(self, row: u16, rows: u16) -> Duration {
        let part = (f64::from(row) + 0.5) / f64::from(rows.max(1));
        Duration::from_nanos((self.high - part * (self.high - self.low)) as u64)
    }
}

impl Band<'_> {
    /// Draws the band; in less than four rows or thirty cells nothing.
    pub(super) fn draw(&self, area: Rect, buffer: &mut Buffer) {
        let rows = area.height.saturating_sub(BESIDE).min(HIGHEST);
        let columns = area.width.saturating_sub(AXIS);
        if rows < 2 || columns < 30 - AXIS {
            return;
        }
        let length = step(self.samples, columns.into(), self.interval);
        let buckets = buckets(self.samples, columns.into(), length);
        let chart = Rect::new(area.x + AXIS, area.y, columns, rows);
        let range = Range::of(&buckets);
        if let Some(range) = range {
            self.axis(area, chart, range, buffer);
        }
        for (x, bucket) in (chart.x..).zip(&buckets) {
            if let Some((spread, range)) = bucket.spread.zip(range) {
                self.column(x, chart, spread, range, buffer);
            }
            let (mark, lossy) = lost(bucket);
            let tone = if lossy { self.tone } else { Tone::Good };
            put(buffer, area, (x, chart.bottom()), mark, self.ink.tone(tone));
        }
        let lost = self.lang.pick("丢失", "lost");
        put(
            buffer,
            area,
            (area.x, chart.bottom()),
            lost,
            self.ink.faint(),
        );
        self.times(area, chart, (length, buckets.len()), buffer);
    }

    /// What the marks mean, the most that there is room for.
    fn legend(&self, length: Duration, room: usize) -> String {
        let seconds = length.as_secs();
        let said = [
            text!(
                "ms，每格 {seconds} 秒：{MEDIAN} 中位 {MIDDLE} 中间一半 {ALL} 全部 {BEYOND} 更高；丢失：1-9 成，X 全部",
                "ms, {seconds} s a column: {MEDIAN} median {MIDDLE} middle half {ALL} all {BEYOND} more; lost: 1-9 tenths, X all"
            ),
            text!(
                "ms，每格 {seconds} 秒：{MEDIAN} 中位 {MIDDLE} 中间一半 {ALL} 全部",
                "ms, {seconds} s a column: {MEDIAN} median {MIDDLE} half {ALL} all"
            ),
            text!("ms，每格 {seconds} 秒", "ms, {seconds} s a column"),
        ];
        let mut said = said.iter().map(|text| text.get(self.lang));
        let fits = said.find(|text| width(text) <= room);
        fits.unwrap_or_default().to_string()
    }

    fn axis(&self, area: Rect, chart: Rect, range: Range, buffer: &mut Buffer) {
        let labelled = [0, chart.height / 2, chart.height - 1];
        for row in 0..chart.height {
            let y = chart.y + row;
            put(buffer, area, (chart.x - 1, y), "│", self.ink.faint());
            if labelled.contains(&row) {
                let figure = ms(range.at(row, chart.height));
                let x = (chart.x - 2).saturating_sub(width(&figure) as u16);
                put(buffer, area, (x.max(area.x), y), &figure, self.ink.faint());
            }
        }
    }

    fn column(&self, x: u16, chart: Rect, spread: Spread, range: Range, buffer: &mut Buffer) {
        let row = |nanos| range.row(nanos, chart.height);
        let mut fill = |from: f64, to: f64, mark: &str, tone| {
            // What is beyond the top begins at the top.
            let (Some(low), high) = (row(from), row(to).unwrap_or(0)) else {
                return;
            };
            for row in high..=low {
                put(buffer, chart, (x, chart.y + row), mark, self.ink.tone(tone));
            }
        };
        fill(spread.least, spread.most, ALL, Tone::Harmless);
        fill(spread.p25, spread.p75, MIDDLE, Tone::Harmless);
        fill(spread.p50, spread.p50, MEDIAN, Tone::Good);
        if row(spread.most).is_none() {
            put(
                buffer,
                chart,
                (x, chart.y),
                BEYOND,
                self.ink.tone(Tone::Doubtful),
            );
        }
    }

    fn times(
        &self,
        area: Rect,
        chart: Rect,
        (length, used): (Duration, usize),
        buffer: &mut Buffer,
    ) {
        let Some((begin, end)) = ends(self.samples, chart.width.into(), length) else {
            return;
        };
        let (begin, end) = (clock(self.zero, begin), clock(self.zero, end));
        let used = u16::try_from(used).unwrap_or(u16::MAX).min(chart.width);
        let y = chart.bottom() + 1;
        let x = put(buffer, area, (chart.x, y), &begin, self.ink.faint());
        // Under the end of the last stretch, or behind the first label while there is no room.
        let under = (chart.x + used).saturating_sub(width(&end) as u16);
        let between = x + 2;
        let at = under.max(between);
        let behind = put(buffer, area, (at, y), &end, self.ink.faint()) + 2;
        // The legend stands where there is more room.
        let (inside, outside) = (
            (at - between).saturating_sub(2),
            area.right().saturating_sub(behind),
        );
        let (x, room) = match inside > outside {
            true => (between, inside),
            false => (behind, outside),
        };
        let legend = self.legend(length, room.into());
        put(buffer, area, (x, y), &legend, self.ink.faint());
    }
}

/// The time of day of a moment; `zero` is that of moment 0.
pub(super) fn clock(zero: &Zoned, moment: Moment) -> String {
    let length = jiff::SignedDuration::from_nanos(i64::try_from(moment.0).unwrap_or(i64::MAX));
    let at = zero.checked_add(length);
    at.map_or_else(|_| String::new(), |at| at.strftime("%H:%M:%S").to_string())
}

/// The mark of the part that was lost, in tenths, rounded up: nothing lost is a dot, nothing sent
/// is nothing; and whether any was.
fn lost(bucket: &Bucket) -> (&'static str, bool) {
    const TENTHS: [&str; 10] = ["·", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    match (bucket.lost, bucket.sent) {
        (_, 0) => (" ", false),
        (lost, sent) if lost >= sent => ("X", true),
        (0, _) => ("·", false),
        (lost, sent) => {
            let tenths = (lost * 10).div_ceil(sent).min(9);
            (TENTHS.get(tenths).copied().unwrap_or("9"), true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(sent: usize, lost: usize) -> Bucket {
        Bucket {
            sent,
            lost,
            spread: None,
        }
    }

    #[test]
    fn loss_is_told_in_tenths_and_never_hidden() {
        let marks = [
            (0, 0),
            (10, 0),
            (1000, 1),
            (10, 5),
            (10, 9),
            (1000, 999),
            (3, 3),
        ];
        let marks = marks.map(|(sent, gone)| lost(&bucket(sent, gone)).0);
        assert_eq!(marks, [" ", "·", "1", "5", "9", "9", "X"]);
    }

    fn of(times: &[f64]) -> Range {
        let bucket = |time: &f64| Bucket {
            sent: 1,
            lost: 0,
            spread: Some(Spread {
                least: *time,
                p25: *time,
                p50: *time,
                p75: *time,
                most: *time,
            }),
        };
        Range::of(&times.iter().map(bucket).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn rows_cover_what_was_seen_and_a_steady_path_is_a_line() {
        let range = of(&[10e6, 20e6]);
        assert!(range.low < 10e6 && range.high > 20e6);
        let rows = [20e6, 15e6, 10e6].map(|nanos| range.row(nanos, 11));
        assert_eq!(rows, [Some(0), Some(5), Some(10)]);
        assert_eq!(range.row(30e6, 11), None);
        // 1 % of variation fills no more than one row of ten: the range is a tenth of the time.
        let steady = of(&[100e6, 101e6]);
        assert!(steady.high - steady.low >= 10e6);
        assert_eq!(of(&[0.0]).row(0.0, 4), Some(3));
    }
}

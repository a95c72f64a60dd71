//! What a chart says, apart from how it is drawn: plain data in one language.
//!
//! The caller computes every number and writes every sentence; titles must be built from the same
//! numbers as the series, so that picture and words cannot part. "No data" is `None`, never 0.

use serde::Serialize;

use crate::error::Error;
use crate::lang::{Lang, Text};
use crate::text;
use crate::units::YearMonth;

/// Largest number that a chart takes, in either direction: its axes then stay exact in an `f64`.
const LARGEST: f64 = 1e12;

/// Months that an axis may span.
const MOST_MONTHS: f64 = 1200.0;

/// One chart. [`svg`](super::svg) and its siblings draw it; as JSON it is the chart's data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChartSpec {
    schema: &'static str,
    /// The language that all strings are in; the few words that drawing adds follow it.
    pub lang: Lang,
    /// The words around the plot.
    pub caption: Caption,
    /// The plot itself.
    pub plot: Plot,
}

impl ChartSpec {
    /// A chart of the current version of this description.
    pub fn new(lang: Lang, caption: Caption, plot: Plot) -> ChartSpec {
        ChartSpec {
            schema: "hopcast.chart/1",
            lang,
            caption,
            plot,
        }
    }
}

/// The words around a figure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Caption {
    /// The finding, in one line of about ten words.
    pub title: String,
    /// Measure, place and period.
    pub subtitle: String,
    /// Source, sampling, method: the small print under the figure.
    pub source: String,
    /// What a reader must not overlook wherever the figure is copied to: 仿真, 假设. Boxed.
    pub marks: Vec<String>,
    /// One sentence for readers who cannot see the figure.
    pub alt: String,
}

/// The kinds of plot.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Plot {
    /// Lines over months, hours or a number.
    Lines(Lines),
    /// Named rows, several values each.
    Rows(Rows),
    /// Stacked columns.
    Columns(Columns),
}

/// A quantity and its unit, as an axis says them: `时延 (ms)`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Axis {
    /// The quantity.
    pub title: String,
    /// Its unit; empty for a bare number.
    pub unit: String,
}

impl Axis {
    /// The quantity with its unit in brackets.
    pub(super) fn words(&self) -> String {
        match (self.title.is_empty(), self.unit.is_empty()) {
            (_, true) => self.title.clone(),
            (true, false) => self.unit.clone(),
            (false, false) => format!("{} ({})", self.title, self.unit),
        }
    }
}

/// What the x of [`Lines`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "scale", rename_all = "lowercase")]
pub enum Across {
    /// Months since `from`, 0 to 1200.
    Months {
        /// The month at x = 0.
        from: YearMonth,
    },
    /// Hours of one day, 0 to 24.
    Hours,
    /// A number.
    Number,
}

/// Lines over an ordered axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lines {
    /// Words of the x axis.
    pub x: Axis,
    /// What x counts.
    pub across: Across,
    /// Words of the y axis. The axis always contains 0.
    pub y: Axis,
    /// The lines.
    pub series: Vec<Series>,
    /// Horizontal lines: guarantee, ceiling, capacity, saturation.
    pub thresholds: Vec<Threshold>,
    /// Vertical lines: "2022-09 runs out".
    pub markers: Vec<Marker>,
    /// Ranges around lines.
    pub bands: Vec<Band>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Colour, dash and marker, counted from 0: the same thing has the same hue in every chart.
    pub hue: usize,
    /// How much it matters.
    pub style: Style,
    /// x (never falling) and y; `None` is no data and breaks the line.
    pub points: Vec<(f64, Option<f64>)>,
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// As much as its neighbours.
    #[default]
    Plain,
    /// The one that the title is about: thicker.
    Strong,
    /// Background: thin and grey.
    Faint,
}

/// A value to hold against the data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Threshold {
    /// The value.
    pub value: f64,
    /// What it is, with its number: `上限 300 Mbit/s`.
    pub label: String,
}

/// A moment, or a place on the x axis, with a name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Marker {
    /// Where.
    pub x: f64,
    /// Height of a ring on the line; `None` draws only the vertical line.
    pub y: Option<f64>,
    /// What happens there.
    pub label: String,
    /// Hue of the line that it is about; `None` is grey.
    pub hue: Option<usize>,
}

/// A range around a line, e.g. 5 % to 95 % of the trials.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Band {
    /// What share or range it covers.
    pub label: String,
    /// Hue of the line that it belongs to.
    pub hue: usize,
    /// x (never falling), low end, high end.
    pub points: Vec<(f64, f64, f64)>,
}

/// Named rows with one value of each series: bars, or dots with the difference between them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rows {
    /// Words of the value axis. The axis always contains 0.
    pub value: Axis,
    /// Bars or dots.
    pub form: Form,
    /// Names of the rows, from the top.
    pub rows: Vec<String>,
    /// The series; each has as many values as there are rows.
    pub series: Vec<RowSeries>,
    /// What the upper ends are, e.g. `P95`; empty when no value has one.
    pub upper: String,
    /// Vertical lines: the objective.
    pub thresholds: Vec<Threshold>,
}

/// How rows are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A bar for each value.
    #[default]
    Bars,
    /// A dot for each value; of two series the dots share a line, joined.
    Dots,
}

/// One scenario, over all rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowSeries {
    /// Its name.
    pub name: String,
    /// Colour and marker, counted from 0.
    pub hue: usize,
    /// One per row; `None` is no data.
    pub values: Vec<Option<RowValue>>,
}

/// A value and, where it has one, its upper end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RowValue {
    /// The value.
    pub value: f64,
    /// A quantile above it, drawn as a whisker.
    pub upper: Option<f64>,
}

/// Columns of stacked parts: share by class for each scenario, or for each hour.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Columns {
    /// Words of the category axis.
    pub x: Axis,
    /// Names of the columns.
    pub categories: Vec<String>,
    /// Words of the value axis.
    pub y: Axis,
    /// The parts from the bottom; each has as many values as there are columns, none negative.
    pub parts: Vec<Part>,
    /// What each column has room for, drawn as an outline.
    pub capacity: Option<Capacity>,
    /// Horizontal lines.
    pub thresholds: Vec<Threshold>,
}

/// One class, over all columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Colour and hatching, counted from 0.
    pub hue: usize,
    /// One per column; `None` is no data.
    pub values: Vec<Option<f64>>,
}

/// What the columns have room for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capacity {
    /// What it is: `线路容量`.
    pub name: String,
    /// One per column; `None` draws no outline there.
    pub values: Vec<Option<f64>>,
}

impl ChartSpec {
    /// An error when a number cannot be drawn: not finite, beyond 1e12, x that goes back, a list of
    /// the wrong length.
    pub(super) fn check(&self) -> Result<(), Error> {
        match &self.plot {
            Plot::Lines(lines) => lines.check(),
            Plot::Rows(rows) => rows.check(),
            Plot::Columns(columns) => columns.check(),
        }
    }
}

impl Lines {
    fn check(&self) -> Result<(), Error> {
        for series in &self.series {
            let xs = series.points.iter().map(|point| point.0);
            self.ordered(&series.name, xs)?;
            for y in series.points.iter().filter_map(|point| point.1) {
                drawable(&series.name, y)?;
            }
        }
        for band in &self.bands {
            self.ordered(&band.label, band.points.iter().map(|point| point.0))?;
            for (_, low, high) in &band.points {
                drawable(&band.label, *low)?;
                drawable(&band.label, *high)?;
            }
        }
        for marker in &self.markers {
            self.ordered(&marker.label, [marker.x].into_iter())?;
            drawable(&marker.label, marker.y.unwrap_or(0.0))?;
        }
        check_thresholds(&self.thresholds)
    }

    /// Each x inside the axis and none before the one before it.
    fn ordered(&self, name: &str, xs: impl Iterator<Item = f64>) -> Result<(), Error> {
        let (low, high) = match self.across {
            Across::Months { .. } => (0.0, MOST_MONTHS),
            Across::Hours => (0.0, 24.0),
            Across::Number => (-LARGEST, LARGEST),
        };
        let mut last = low;
        for x in xs {
            if !(low..=high).contains(&x) {
                return Err(wrong(name, x, text!("{low} 到 {high}", "{low} to {high}")));
            }
            if x < last {
                let allowed = text!("不小于前一点 {last}", "not below the point before, {last}");
                return Err(wrong(name, x, allowed));
            }
            last = x;
        }
        Ok(())
    }
}

impl Rows {
    fn check(&self) -> Result<(), Error> {
        for series in &self.series {
            same_length(&series.name, series.values.len(), self.rows.len())?;
            for value in series.values.iter().flatten() {
                drawable(&series.name, value.value)?;
                drawable(&series.name, value.upper.unwrap_or(0.0))?;
            }
        }
        check_thresholds(&self.thresholds)
    }
}

impl Columns {
    fn check(&self) -> Result<(), Error> {
        let capacity = self.capacity.iter().map(|own| (&own.name, &own.values));
        let parts = self.parts.iter().map(|part| (&part.name, &part.values));
        for (name, values) in parts.chain(capacity) {
            same_length(name, values.len(), self.categories.len())?;
            for value in values.iter().flatten() {
                drawable(name, *value)?;
                if *value < 0.0 {
                    let allowed = text!("零或正数", "zero or above");
                    return Err(wrong(name, *value, allowed));
                }
            }
        }
        check_thresholds(&self.thresholds)
    }
}

fn check_thresholds(thresholds: &[Threshold]) -> Result<(), Error> {
    thresholds
        .iter()
        .try_for_each(|threshold| drawable(&threshold.label, threshold.value))
}

fn drawable(name: &str, value: f64) -> Result<(), Error> {
    // A NaN is not contained in any range.
    if (-LARGEST..=LARGEST).contains(&value) {
        return Ok(());
    }
    let allowed = text!(
        "绝对值不超过 {LARGEST:e} 的数；无数据应留空",
        "a number up to {LARGEST:e} in size; no data is left empty"
    );
    Err(wrong(name, value, allowed))
}

fn same_length(name: &str, found: usize, needed: usize) -> Result<(), Error> {
    if found == needed {
        return Ok(());
    }
    Err(Error::Argument(text!(
        "图中 \"{name}\" 有 {found} 个值，应有 {needed} 个",
        "\"{name}\" in the chart has {found} values, must have {needed}"
    )))
}

fn wrong(name: &str, value: f64, allowed: Text) -> Error {
    let (zh, en) = (allowed.zh, allowed.en);
    Error::Argument(text!(
        "图中 \"{name}\" 的值 {value} 画不出；允许：{zh}",
        "the value {value} of \"{name}\" cannot be drawn; allowed: {en}"
    ))
}

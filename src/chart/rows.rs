//! Named rows with one value of each series: bars one below the other, or dots.

use super::flags::Flags;
use super::font::{Fonts, Weight};
use super::lines::across_title;
use super::palette::{GREY, GRID, Hue, INK, PALE, WHITE, mark};
use super::scale::{Scale, no_data, number};
use super::scene::{Anchor, Area, CAP, Label, Point, Scene, Stroke};
use super::sheet::{Entry, LINE, Look, MARGIN, SMALL, Sheet, Swatch, TEXT, WIDTH, fill};
use super::spec::{ChartSpec, Form, Marker, RowValue, Rows};

/// Widest name of a row; longer ones take a second line.
const NAMES: f64 = 230.0;
/// Space between rows.
const BETWEEN: f64 = 16.0;

/// Draws rows.
pub(super) fn draw(spec: &ChartSpec, rows: &Rows, fonts: &Fonts) -> Scene {
    let mut sheet = Sheet::new(&spec.caption, fonts, WIDTH);
    sheet.legend(&legend(rows));

    let names: Vec<Vec<String>> = rows
        .rows
        .iter()
        .map(|name| fonts.wrap(name, TEXT, Weight::Regular, NAMES, 2))
        .collect();
    let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
    let width = |text: &str, size| fonts.width(text, size, Weight::Regular);
    let name_room = widest(&mut names.iter().flatten().map(|line| width(line, TEXT)));
    let value_room = widest(&mut values(rows).map(|value| width(&shown(value), SMALL)));
    let (left, right) = (
        MARGIN + name_room + 12.0,
        WIDTH - MARGIN - value_room - 10.0,
    );
    let scale = scale(rows).over(left, right);

    let flags = Flags::of(&thresholds(rows), &scale, fonts);
    sheet.y += flags.height();
    let top = sheet.y + 4.0;
    let heights = heights(rows, &names);
    let bottom = top + heights.iter().sum::<f64>() + BETWEEN / 2.0;
    axis(&mut sheet, &scale, top, bottom);

    let mut bars = Bars {
        scene: sheet.scene.clone(),
        rows,
        scale,
        no_data: no_data(spec.lang),
        numbers: Vec::new(),
    };
    let mut y = top + BETWEEN / 2.0;
    let mut middles = Vec::new();
    for (row, height) in heights.iter().enumerate() {
        middles.push(y + (height - BETWEEN) / 2.0);
        if row > 0 {
            let line = vec![(MARGIN, y - BETWEEN / 2.0), (right, y - BETWEEN / 2.0)];
            bars.scene.line(line, Stroke::new(GRID, 1.0));
        }
        bars.row(row, y + (height - BETWEEN) / 2.0);
        y += height;
    }
    let numbers = bars.numbers;
    sheet.scene = bars.scene;
    for (name, middle) in names.iter().zip(middles) {
        sheet.block(name, left - 12.0, middle, Anchor::End, Look::new(TEXT, INK));
    }
    // Poles over bars, so that a bar that passes the objective shows it; numbers over poles.
    flags.draw(&mut sheet, top, bottom);
    for label in numbers {
        sheet.scene.block(label.area(fonts), WHITE, 0.85);
        sheet.scene.label(label);
    }
    if rows.rows.is_empty() || rows.series.is_empty() {
        let at = ((left + right) / 2.0, top + 12.0);
        let look = Look::new(TEXT, GREY);
        sheet.text(no_data(spec.lang), at, Anchor::Middle, look, right - left);
    }
    sheet.y = bottom + 10.0 + TEXT;
    across_title(&mut sheet, &rows.value.words(), left, right);
    sheet.finish(&spec.caption)
}

fn legend(rows: &Rows) -> Vec<Entry> {
    let series = rows.series.iter().enumerate().map(|(at, series)| {
        let hue = Hue::of(series.hue);
        Entry {
            name: series.name.clone(),
            swatch: match rows.form {
                Form::Bars => Swatch::Fill(hue, 1.0),
                Form::Dots => Swatch::Dot(hue, joined(rows) && at == 0),
            },
        }
    });
    let whiskers = values(rows).any(|value| value.upper.is_some());
    let upper = whiskers.then(|| Entry {
        name: rows.upper.clone(),
        swatch: Swatch::Whisker,
    });
    series.chain(upper).collect()
}

fn values(rows: &Rows) -> impl Iterator<Item = RowValue> {
    let series = rows.series.iter();
    series.flat_map(|series| series.values.iter().copied().flatten())
}

fn scale(rows: &Rows) -> Scale {
    let ends = values(rows).flat_map(|value| [value.value, value.upper.unwrap_or(value.value)]);
    let lines = rows.thresholds.iter().map(|threshold| threshold.value);
    Scale::values(ends.chain(lines), 6)
}

/// Thresholds as flags: the objective's text stands above the plot, its line goes through it.
fn thresholds(rows: &Rows) -> Vec<Marker> {
    let markers = rows.thresholds.iter().map(|threshold| Marker {
        x: threshold.value,
        y: None,
        label: threshold.label.clone(),
        hue: None,
    });
    markers.collect()
}

/// Whether the dots of a row share one line. With upper ends they do not: nobody could say which
/// whisker is whose.
fn joined(rows: &Rows) -> bool {
    rows.form == Form::Dots
        && rows.series.len() == 2
        && values(rows).all(|value| value.upper.is_none())
}

/// Height that one series takes within a row.
fn lane(rows: &Rows) -> f64 {
    match rows.series.len() {
        0 | 1 => 26.0,
        2 => 21.0,
        _ => 17.0,
    }
}

fn heights(rows: &Rows, names: &[Vec<String>]) -> Vec<f64> {
    let lanes = if joined(rows) {
        1
    } else {
        rows.series.len().max(1)
    };
    let data = lane(rows) * lanes as f64;
    let text = |name: &Vec<String>| name.len() as f64 * TEXT * LINE;
    let heights = names.iter().map(|name| data.max(text(name)) + BETWEEN);
    heights.collect()
}

fn axis(sheet: &mut Sheet<'_>, scale: &Scale, top: f64, bottom: f64) {
    // Labels that would touch are left out: every second, every third ...
    let widths = scale.ticks.iter();
    let widest = widths
        .map(|tick| sheet.width(&tick.1, TEXT, Weight::Regular))
        .fold(0.0, f64::max);
    let pitch = (scale.end - scale.start) / scale.ticks.len().saturating_sub(1).max(1) as f64;
    let every = ((widest + 14.0) / pitch.max(1.0)).ceil().max(1.0) as usize;
    for (at, (value, label)) in scale.ticks.iter().enumerate() {
        let x = scale.place(*value);
        let (colour, width) = if *value == 0.0 {
            (INK, 1.4)
        } else {
            (GRID, 1.0)
        };
        let stroke = Stroke::new(colour, width);
        sheet.scene.line(vec![(x, top), (x, bottom)], stroke);
        if at % every == 0 {
            sheet.tick(label, x, bottom + 6.0 + TEXT);
        }
    }
}

/// The numbers beside a bar or dot: its value, and its upper end after a stroke.
fn shown(value: RowValue) -> String {
    match value.upper {
        Some(upper) => format!("{} / {}", number(value.value), number(upper)),
        None => number(value.value),
    }
}

/// Rows being drawn.
struct Bars<'a> {
    scene: Scene,
    rows: &'a Rows,
    scale: Scale,
    no_data: &'static str,
    /// Numbers, kept back so that nothing is drawn over them.
    numbers: Vec<Label>,
}

impl Bars<'_> {
    /// All series of one row.
    fn row(&mut self, row: usize, middle: f64) {
        let found = self.rows.series.iter().map(|series| {
            let value = series.values.get(row).copied().flatten();
            (Hue::of(series.hue), value)
        });
        let found: Vec<_> = found.collect();
        if joined(self.rows) {
            return self.dumbbell(&found, middle);
        }
        let lane = lane(self.rows);
        let first = middle - lane * (found.len() as f64 - 1.0) / 2.0;
        for (at, (hue, value)) in found.iter().enumerate() {
            let middle = first + at as f64 * lane;
            match (value, self.rows.form) {
                (None, _) => self.nothing(middle),
                (Some(value), Form::Bars) => self.bar(hue, *value, middle, lane),
                (Some(value), Form::Dots) => self.dot(hue, *value, middle),
            }
        }
    }

    fn bar(&mut self, hue: &Hue, value: RowValue, middle: f64, lane: f64) {
        let (zero, end) = (self.scale.place(0.0), self.scale.place(value.value));
        let half = (lane - 4.0) / 2.0;
        let area = Area {
            left: zero.min(end),
            top: middle - half,
            right: zero.max(end),
            bottom: middle + half,
        };
        fill(&mut self.scene, area, hue, 1.0);
        let tip = self.whisker(value, middle);
        let at = (tip.max(zero) + 6.0, middle);
        self.number(shown(value), at, Anchor::Start, INK);
    }

    fn dot(&mut self, hue: &Hue, value: RowValue, middle: f64) {
        let (zero, end) = (self.scale.place(0.0), self.scale.place(value.value));
        let stem = vec![(zero, middle), (end, middle)];
        self.scene.line(stem, Stroke::new(PALE, 1.0));
        let tip = self.whisker(value, middle);
        mark(
            &mut self.scene,
            hue.marker,
            (end, middle),
            6.0,
            hue.fill,
            false,
        );
        let clear = if tip > end + 6.0 { 6.0 } else { 12.0 };
        let at = (tip.max(zero) + clear, middle);
        self.number(shown(value), at, Anchor::Start, INK);
    }

    /// Draws the upper end, if there is one, and gives the place of the rightmost ink.
    fn whisker(&mut self, value: RowValue, middle: f64) -> f64 {
        let from = self.scale.place(value.value);
        let Some(upper) = value.upper else {
            return from;
        };
        let to = self.scale.place(upper);
        let line = vec![(from, middle), (to, middle)];
        self.scene.line(line, Stroke::new(INK, 1.4));
        let tick = vec![(to, middle - 5.0), (to, middle + 5.0)];
        self.scene.line(tick, Stroke::new(INK, 1.8));
        from.max(to)
    }

    /// Two dots on one line: the first hollow, so that the pair reads as "from, to" in grey as well.
    fn dumbbell(&mut self, pair: &[(Hue, Option<RowValue>)], middle: f64) {
        let mut ends: Vec<(f64, String)> = Vec::new();
        for (_, value) in pair {
            if let Some(value) = value {
                ends.push((self.scale.place(value.value), shown(*value)));
            }
        }
        if let [(from, _), (to, _)] = ends.as_slice() {
            let line = vec![(*from, middle), (*to, middle)];
            self.scene.line(line, Stroke::new(PALE, 3.0));
        }
        for (at, (hue, value)) in pair.iter().enumerate() {
            if let Some(value) = value {
                let place = (self.scale.place(value.value), middle);
                mark(&mut self.scene, hue.marker, place, 6.5, hue.fill, at == 0);
            }
        }
        if ends.len() < pair.len() {
            self.nothing(middle);
        }
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let right = |x: f64| (x + 12.0, middle);
        match ends.as_slice() {
            [] => {}
            [(x, only)] => self.number(only.clone(), right(*x), Anchor::Start, INK),
            [(low, first), .., (high, last)] => {
                let width = first.chars().count() as f64 * SMALL * 0.6;
                if low - 12.0 - width > self.scale.start + 4.0 {
                    self.number(first.clone(), (low - 12.0, middle), Anchor::End, INK);
                    self.number(last.clone(), right(*high), Anchor::Start, INK);
                } else {
                    // No room before the low dot: both after the high one, low before high.
                    let both = format!("{first} – {last}");
                    self.number(both, right(*high), Anchor::Start, INK);
                }
            }
        }
    }

    fn nothing(&mut self, middle: f64) {
        let at = (self.scale.start + 6.0, middle);
        self.number(self.no_data.to_string(), at, Anchor::Start, GREY);
    }

    fn number(
        &mut self,
        text: String,
        at: Point,
        anchor: Anchor,
        colour: plotters::style::RGBColor,
    ) {
        self.numbers.push(Label {
            text,
            at: (at.0, at.1 + CAP * SMALL / 2.0),
            anchor,
            size: SMALL,
            weight: Weight::Regular,
            colour,
        });
    }
}

//! Named rows with one value of each series: bars one below the other, or dots.

use super::font::{Fonts, Weight};
use super::lines::Flags;
use super::palette::{GREY, GRID, Hue, INK, PALE, mark};
use super::scale::{Scale, no_data, number};
use super::scene::{Anchor, Area, CAP, Scene, Stroke};
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
    let name_room = names
        .iter()
        .flatten()
        .map(|line| fonts.width(line, TEXT, Weight::Regular))
        .fold(0.0, f64::max);
    let value_room = values(rows)
        .map(|value| fonts.width(&shown(value), SMALL, Weight::Regular))
        .fold(0.0, f64::max);
    let left = MARGIN + name_room + 12.0;
    let right = WIDTH - MARGIN - value_room - 10.0;
    let scale = scale(rows).over(left, right);

    let flags = Flags::of(&thresholds(rows), &scale, fonts);
    sheet.y += flags.height();
    let top = sheet.y + 4.0;
    let lane = lane(rows);
    let pitch = heights(rows, &names);
    let bottom = top + pitch.iter().sum::<f64>() + BETWEEN / 2.0;
    axis(&mut sheet, &scale, top, bottom);

    let mut y = top + BETWEEN / 2.0;
    for (row, (name, height)) in names.iter().zip(&pitch).enumerate() {
        let middle = y + (height - BETWEEN) / 2.0;
        sheet.block(name, left - 12.0, middle, Anchor::End, Look::new(TEXT, INK));
        if row > 0 {
            let line = y - BETWEEN / 2.0;
            sheet
                .scene
                .line(vec![(MARGIN, line), (right, line)], Stroke::new(GRID, 1.0));
        }
        if joined(rows) {
            dumbbell(&mut sheet, rows, row, middle, &scale, spec);
        } else {
            let first = middle - lane * (rows.series.len() as f64 - 1.0) / 2.0;
            for (at, series) in rows.series.iter().enumerate() {
                let value = series.values.get(row).copied().flatten();
                let place = first + at as f64 * lane;
                one(
                    &mut sheet,
                    rows,
                    &Hue::of(series.hue),
                    value,
                    place,
                    &scale,
                    spec,
                );
            }
        }
        y += height;
    }
    // Poles over bars, under nothing: a bar that passes the objective must show it.
    flags.draw(&mut sheet, top, bottom);
    if rows.rows.is_empty() || rows.series.is_empty() {
        let at = ((left + right) / 2.0, top + 12.0);
        sheet.text(
            no_data(spec.lang),
            at,
            Anchor::Middle,
            Look::new(TEXT, GREY),
            right - left,
        );
    }

    sheet.y = bottom + 10.0 + TEXT;
    super::lines::across_title(&mut sheet, &rows.value.words(), left, right);
    sheet.finish(&spec.caption)
}

fn legend(rows: &Rows) -> Vec<Entry> {
    let series = rows.series.iter().map(|series| {
        let hue = Hue::of(series.hue);
        Entry {
            name: series.name.clone(),
            swatch: match rows.form {
                Form::Bars => Swatch::Fill(hue, 1.0),
                Form::Dots => Swatch::Dot(hue),
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
    rows.thresholds
        .iter()
        .map(|threshold| Marker {
            x: threshold.value,
            y: None,
            label: threshold.label.clone(),
            hue: None,
        })
        .collect()
}

/// Whether the dots of a row share one line.
fn joined(rows: &Rows) -> bool {
    rows.form == Form::Dots && rows.series.len() == 2
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
    names
        .iter()
        .map(|name| data.max(text(name)) + BETWEEN)
        .collect()
}

fn axis(sheet: &mut Sheet<'_>, scale: &Scale, top: f64, bottom: f64) {
    // Labels that would touch are left out: every second, every third ...
    let widest = scale
        .ticks
        .iter()
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
        sheet
            .scene
            .line(vec![(x, top), (x, bottom)], Stroke::new(colour, width));
        if at % every == 0 {
            let place = (x, bottom + 6.0 + TEXT);
            let look = Look::new(TEXT, GREY);
            sheet.text(label, place, Anchor::Middle, look, f64::INFINITY);
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

/// One series of one row, in a lane of its own.
fn one(
    sheet: &mut Sheet<'_>,
    rows: &Rows,
    hue: &Hue,
    value: Option<RowValue>,
    middle: f64,
    scale: &Scale,
    spec: &ChartSpec,
) {
    let zero = scale.place(0.0);
    let look = Look::new(SMALL, INK);
    let baseline = middle + CAP * SMALL / 2.0;
    let Some(value) = value else {
        let look = Look::new(SMALL, GREY);
        let at = (zero + 6.0, baseline);
        return sheet.text(no_data(spec.lang), at, Anchor::Start, look, f64::INFINITY);
    };
    let end = scale.place(value.value);
    match rows.form {
        Form::Bars => {
            let half = (lane(rows) - 4.0) / 2.0;
            let area = Area {
                left: zero.min(end),
                top: middle - half,
                right: zero.max(end),
                bottom: middle + half,
            };
            fill(&mut sheet.scene, area, hue, 1.0);
        }
        Form::Dots => {
            let stroke = Stroke::new(PALE, 1.0);
            sheet
                .scene
                .line(vec![(zero, middle), (end, middle)], stroke);
        }
    }
    whisker(&mut sheet.scene, value, middle, scale);
    if rows.form == Form::Dots {
        mark(
            &mut sheet.scene,
            hue.marker,
            (end, middle),
            6.0,
            hue.fill,
            false,
        );
    }
    let clear = if rows.form == Form::Dots { 12.0 } else { 6.0 };
    let tip = value.upper.map_or(end, |upper| end.max(scale.place(upper)));
    let at = (tip.max(zero) + clear, baseline);
    sheet.text(&shown(value), at, Anchor::Start, look, f64::INFINITY);
}

fn whisker(scene: &mut Scene, value: RowValue, middle: f64, scale: &Scale) {
    if let Some(upper) = value.upper {
        let (from, to) = (scale.place(value.value), scale.place(upper));
        scene.line(vec![(from, middle), (to, middle)], Stroke::new(INK, 1.4));
        scene.line(
            vec![(to, middle - 5.0), (to, middle + 5.0)],
            Stroke::new(INK, 1.8),
        );
    }
}

/// Two dots on one line: the first hollow, so that the pair reads as "from, to" in grey as well.
fn dumbbell(
    sheet: &mut Sheet<'_>,
    rows: &Rows,
    row: usize,
    middle: f64,
    scale: &Scale,
    spec: &ChartSpec,
) {
    let found: Vec<(usize, Hue, RowValue)> = rows
        .series
        .iter()
        .enumerate()
        .filter_map(|(at, series)| {
            let value = series.values.get(row).copied().flatten()?;
            Some((at, Hue::of(series.hue), value))
        })
        .collect();
    let baseline = middle + CAP * SMALL / 2.0;
    let zero = scale.place(0.0);
    let places = found.iter().map(|(_, _, value)| scale.place(value.value));
    let low = places.clone().fold(f64::INFINITY, f64::min);
    let high = places.fold(f64::NEG_INFINITY, f64::max);
    if found.is_empty() {
        let look = Look::new(SMALL, GREY);
        let at = (zero + 6.0, baseline);
        return sheet.text(no_data(spec.lang), at, Anchor::Start, look, f64::INFINITY);
    }
    sheet
        .scene
        .line(vec![(low, middle), (high, middle)], Stroke::new(PALE, 3.0));
    for (_, _, value) in &found {
        whisker(&mut sheet.scene, *value, middle, scale);
    }
    for (at, hue, value) in &found {
        let place = (scale.place(value.value), middle);
        mark(&mut sheet.scene, hue.marker, place, 6.5, hue.fill, *at == 0);
    }
    // Numbers from the left: the low one before its dot if there is room, all others after the end.
    let mut order: Vec<RowValue> = found.iter().map(|(_, _, value)| *value).collect();
    order.sort_by(|a, b| a.value.total_cmp(&b.value));
    let tip = order
        .iter()
        .map(|value| scale.place(value.upper.unwrap_or(value.value).max(value.value)))
        .fold(high, f64::max);
    let look = Look::new(SMALL, INK);
    let after = |values: &[RowValue]| {
        let shown: Vec<String> = values.iter().map(|value| shown(*value)).collect();
        shown.join(" → ")
    };
    match order.as_slice() {
        [first, rest @ ..] if !rest.is_empty() => {
            let text = shown(*first);
            let room = low - 12.0 - (scale.start + 4.0);
            if sheet.width(&text, SMALL, Weight::Regular) <= room {
                sheet.text(&text, (low - 12.0, baseline), Anchor::End, look, room);
                let at = (tip + 12.0, baseline);
                sheet.text(&after(rest), at, Anchor::Start, look, f64::INFINITY);
            } else {
                // Both after the end, in the order of the series.
                let both: Vec<RowValue> = found.iter().map(|(_, _, value)| *value).collect();
                let at = (tip + 12.0, baseline);
                let room = WIDTH - MARGIN / 2.0 - at.0;
                sheet.text(&after(&both), at, Anchor::Start, look, room);
            }
        }
        all => {
            let at = (tip + 12.0, baseline);
            sheet.text(&after(all), at, Anchor::Start, look, f64::INFINITY);
        }
    }
}

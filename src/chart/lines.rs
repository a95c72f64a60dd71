//! Lines over months, hours or a number. Names stand at the ends of their lines when there they can
//! be read; otherwise in a legend above the plot.

use super::flags::Flags;
use super::font::{Fonts, Weight};
use super::palette::{GREY, GRID, Hue, INK, WHITE, mark};
use super::scale::{Scale, no_data};
use super::scene::{Anchor, CAP, Point, Scene, Stroke};
use super::sheet::{BESIDE, Entry, LINE, Look, MARGIN, Sheet, Swatch, TEXT, WIDTH, leader};
use super::spec::{ChartSpec, Lines, Series, Style};
use super::spread::{Wish, spread_within};

/// Height of the plot.
const HEIGHT: f64 = 360.0;
/// Widest text beside the plot.
const WIDEST_BESIDE: f64 = 200.0;
/// Most lines that are named at their ends.
const NAMED_AT_END: usize = 6;
/// Farthest that a name may stand from the end of its line before a legend reads better.
const FARTHEST: f64 = 40.0;
/// Distance of markers along a line.
const MARK_EVERY: f64 = 90.0;

/// Draws lines.
pub(super) fn draw(spec: &ChartSpec, lines: &Lines, fonts: &Fonts) -> Scene {
    let mut sheet = Sheet::new(&spec.caption, fonts, WIDTH);
    let y = y_scale(lines).over(HEIGHT, 0.0);
    let at_ends = names_fit_at_ends(lines, &y, fonts);
    let beside = Beside::of(lines, &y, fonts, at_ends);
    sheet.legend(&legend(lines, at_ends));

    sheet.y += TEXT * 0.86;
    let title_at = (MARGIN, sheet.y);
    let look = Look::new(TEXT, GREY);
    sheet.text(&lines.y.words(), title_at, Anchor::Start, look, WIDTH / 2.0);
    sheet.y += 10.0;

    let tick_room = widest(
        y.ticks
            .iter()
            .map(|tick| fonts.width(&tick.1, TEXT, Weight::Regular)),
    );
    let left = MARGIN + tick_room + 8.0;
    let right = WIDTH - MARGIN - beside.room;
    let x = x_scale(lines, fonts, right - left).over(left, right);
    let flags = Flags::of(&lines.markers, &x, fonts);
    sheet.y += flags.height();
    let top = sheet.y + 6.0;
    let y = y.over(top + HEIGHT, top);

    value_axis(&mut sheet, &y, left, right);
    across_axis(&mut sheet, &x, top + HEIGHT);
    bands(&mut sheet.scene, lines, &x, &y);
    for threshold in &lines.thresholds {
        let at = y.place(threshold.value);
        let stroke = Stroke::new(INK, 1.4).dashed(&[6.0, 4.0]);
        sheet.scene.line(vec![(left, at), (right, at)], stroke);
    }
    flags.draw(&mut sheet, top, top + HEIGHT);
    for series in &lines.series {
        line(&mut sheet.scene, series, &x, &y);
    }
    rings(&mut sheet.scene, lines, &x, &y);
    beside.draw(&mut sheet, right, top);
    if lines.series.iter().all(|series| last(series).is_none()) {
        let middle = ((left + right) / 2.0, top + HEIGHT / 2.0);
        let look = Look::new(TEXT, GREY);
        sheet.text(
            no_data(spec.lang),
            middle,
            Anchor::Middle,
            look,
            right - left,
        );
    }
    sheet.y = top + HEIGHT + 14.0 + TEXT;
    across_title(&mut sheet, &lines.x.words(), left, right);
    sheet.finish(&spec.caption)
}

/// Horizontal grid, tick labels and zero line. The scale runs from the bottom up.
pub(super) fn value_axis(sheet: &mut Sheet<'_>, y: &Scale, left: f64, right: f64) {
    for (value, label) in &y.ticks {
        let at = y.place(*value);
        let (colour, width) = if *value == 0.0 {
            (INK, 1.4)
        } else {
            (GRID, 1.0)
        };
        let stroke = Stroke::new(colour, width);
        sheet.scene.line(vec![(left, at), (right, at)], stroke);
        let baseline = at + CAP * TEXT / 2.0;
        let look = Look::new(TEXT, GREY);
        sheet.text(
            label,
            (left - 8.0, baseline),
            Anchor::End,
            look,
            f64::INFINITY,
        );
    }
}

/// The title of the x axis, below its middle, if it has one.
pub(super) fn across_title(sheet: &mut Sheet<'_>, words: &str, left: f64, right: f64) {
    if words.is_empty() {
        return;
    }
    sheet.y += TEXT * LINE;
    let at = ((left + right) / 2.0, sheet.y);
    sheet.text(
        words,
        at,
        Anchor::Middle,
        Look::new(TEXT, GREY),
        right - left,
    );
}

fn across_axis(sheet: &mut Sheet<'_>, x: &Scale, bottom: f64) {
    let (left, right) = (x.start, x.end);
    sheet
        .scene
        .line(vec![(left, bottom), (right, bottom)], Stroke::new(INK, 1.4));
    for (value, label) in &x.ticks {
        let at = x.place(*value);
        sheet.scene.line(
            vec![(at, bottom), (at, bottom + 5.0)],
            Stroke::new(INK, 1.2),
        );
        sheet.tick(label, at, bottom + 10.0 + TEXT);
    }
}

fn y_scale(lines: &Lines) -> Scale {
    let points = lines.series.iter().flat_map(|series| &series.points);
    let bands = lines.bands.iter().flat_map(|band| &band.points);
    let values = points
        .filter_map(|point| point.1)
        .chain(bands.flat_map(|point| [point.1, point.2]))
        .chain(lines.thresholds.iter().map(|threshold| threshold.value))
        .chain(lines.markers.iter().filter_map(|marker| marker.y));
    Scale::values(values, 6)
}

fn x_scale(lines: &Lines, fonts: &Fonts, room: f64) -> Scale {
    let xs = || {
        let points = lines.series.iter().flat_map(|series| &series.points);
        let bands = lines.bands.iter().flat_map(|band| &band.points);
        points
            .map(|point| point.0)
            .chain(bands.map(|point| point.0))
            .chain(lines.markers.iter().map(|marker| marker.x))
    };
    // As many ticks as their own labels leave room for.
    let mut count = 10;
    loop {
        let scale = Scale::across(lines.across, xs(), count);
        let labels = scale.ticks.iter();
        let label = widest(labels.map(|tick| fonts.width(&tick.1, TEXT, Weight::Regular)));
        let pitch = match scale.ticks.as_slice() {
            [first, second, ..] => (second.0 - first.0) / (scale.high - scale.low) * room,
            _ => f64::INFINITY,
        };
        if pitch >= label + 14.0 || count <= 1 {
            return scale;
        }
        count -= 1;
    }
}

fn legend(lines: &Lines, at_ends: bool) -> Vec<Entry> {
    let series = lines.series.iter().map(|series| Entry {
        name: series.name.clone(),
        swatch: Swatch::Line(Hue::of(series.hue), series.style),
    });
    let bands = lines.bands.iter().map(|band| Entry {
        name: band.label.clone(),
        swatch: Swatch::Fill(Hue::of(band.hue), BAND),
    });
    series.filter(|_| !at_ends).chain(bands).collect()
}

/// Opacity of bands.
const BAND: f64 = 0.2;

fn bands(scene: &mut Scene, lines: &Lines, x: &Scale, y: &Scale) {
    for band in &lines.bands {
        let place = |(at, value): (f64, f64)| (x.place(at), y.place(value));
        let low = band.points.iter().map(|point| place((point.0, point.1)));
        let high = band.points.iter().map(|point| place((point.0, point.2)));
        let around: Vec<Point> = low.chain(high.rev()).collect();
        if band.points.len() > 1 {
            scene.polygon(around, Hue::of(band.hue).fill, BAND);
        }
    }
}

fn line(scene: &mut Scene, series: &Series, x: &Scale, y: &Scale) {
    let hue = Hue::of(series.hue);
    let stroke = hue.stroke(series.style);
    let runs = series.points.split(|point| point.1.is_none());
    for run in runs.filter(|run| !run.is_empty()) {
        let places: Vec<Point> = run
            .iter()
            .filter_map(|(at, value)| Some((x.place(*at), y.place((*value)?))))
            .collect();
        let mut next = f64::NEG_INFINITY;
        let alone = places.len() == 1;
        let marks: Vec<Point> = places
            .iter()
            .copied()
            .filter(|place| {
                let due = place.0 >= next;
                if due {
                    next = place.0 + MARK_EVERY;
                }
                due
            })
            .collect();
        scene.line(places, stroke);
        if series.style == Style::Faint && !alone {
            continue;
        }
        for place in marks {
            mark(scene, hue.marker, place, 4.5, stroke.colour, false);
        }
    }
}

fn rings(scene: &mut Scene, lines: &Lines, x: &Scale, y: &Scale) {
    for marker in &lines.markers {
        if let Some(value) = marker.y {
            let colour = marker.hue.map_or(INK, |hue| Hue::of(hue).ink);
            scene.disc((x.place(marker.x), y.place(value)), 7.0, colour);
            scene.disc((x.place(marker.x), y.place(value)), 4.4, WHITE);
        }
    }
}

fn last(series: &Series) -> Option<(f64, f64)> {
    series
        .points
        .iter()
        .rev()
        .find_map(|(x, y)| Some((*x, (*y)?)))
}

/// Whether every line ends near the right border and its name finds room there.
fn names_fit_at_ends(lines: &Lines, y: &Scale, fonts: &Fonts) -> bool {
    let ends: Vec<_> = lines.series.iter().filter_map(last).collect();
    let xs = lines.series.iter().flat_map(|series| &series.points);
    let (low, high) = xs.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| {
        (low.min(point.0), high.max(point.0))
    });
    let near = |x: f64| high - x <= 0.04 * (high - low);
    let markers_end = lines.markers.iter().all(|marker| marker.x <= high);
    ends.len() == lines.series.len()
        && ends.len() <= NAMED_AT_END
        && markers_end
        && ends.iter().all(|end| near(end.0))
        && Beside::of(lines, y, fonts, true).farthest() <= FARTHEST
}

/// Texts beside the plot: names of lines and of thresholds.
#[derive(Debug)]
struct Beside {
    /// Lines of text, look, wanted height, given height; heights from the top of the plot.
    texts: Vec<(Vec<String>, Look, f64, f64)>,
    /// Width that they take, with their leaders.
    room: f64,
}

impl Beside {
    fn of(lines: &Lines, y: &Scale, fonts: &Fonts, names: bool) -> Beside {
        let mut wanted: Vec<(Vec<String>, Look, f64)> = Vec::new();
        let wrapped = |text: &str, weight| fonts.wrap(text, BESIDE, weight, WIDEST_BESIDE, 2);
        for series in lines.series.iter().filter(|_| names) {
            let text = wrapped(&series.name, Weight::Bold);
            let colour = match series.style {
                Style::Faint => GREY,
                _ => Hue::of(series.hue).ink,
            };
            if let (Some((_, value)), false) = (last(series), text.is_empty()) {
                wanted.push((text, Look::new(BESIDE, colour).bold(), y.place(value)));
            }
        }
        for threshold in &lines.thresholds {
            let text = wrapped(&threshold.label, Weight::Regular);
            if !text.is_empty() {
                wanted.push((text, Look::new(BESIDE, INK), y.place(threshold.value)));
            }
        }
        wanted.sort_by(|a, b| a.2.total_cmp(&b.2));
        let wishes: Vec<Wish> = wanted
            .iter()
            .map(|(text, look, at)| Wish {
                at: *at,
                weight: 1.0,
                room: text.len() as f64 * look.size * LINE + 4.0,
            })
            .collect();
        let places = spread_within(&wishes, -14.0, HEIGHT + 14.0);
        let widths = wanted.iter().flat_map(|(text, look, _)| {
            text.iter()
                .map(|line| fonts.width(line, look.size, look.weight))
        });
        let room = match widest(widths) {
            0.0 => 0.0,
            width => width + LEADER + 4.0,
        };
        let texts = wanted
            .into_iter()
            .zip(places)
            .map(|((text, look, at), place)| (text, look, at, place))
            .collect();
        Beside { texts, room }
    }

    fn farthest(&self) -> f64 {
        widest(
            self.texts
                .iter()
                .map(|(_, _, at, place)| (at - place).abs()),
        )
    }

    fn draw(&self, sheet: &mut Sheet<'_>, right: f64, top: f64) {
        for (text, look, at, place) in &self.texts {
            let (from, to) = ((right + 4.0, top + at), (right + LEADER - 4.0, top + place));
            leader(&mut sheet.scene, vec![from, to]);
            sheet.block(text, right + LEADER, top + place, Anchor::Start, *look);
        }
    }
}

/// Room between the plot and the texts beside it.
const LEADER: f64 = 20.0;

fn widest(widths: impl Iterator<Item = f64>) -> f64 {
    widths.fold(0.0, f64::max)
}

//! Stacked columns: who gets how much of what there is room for.

use super::font::{Fonts, Weight};
use super::lines::{across_title, value_axis};
use super::palette::{GREY, Hue, INK, WHITE};
use super::scale::{Scale, no_data, number};
use super::scene::{Anchor, Area, CAP, Scene, Stroke};
use super::sheet::{
    BESIDE, Entry, LINE, Look, MARGIN, SMALL, Sheet, Swatch, TEXT, WIDTH, fill, outline,
};
use super::spec::{ChartSpec, Columns};
use super::spread::{Wish, spread_within};

/// Height of the plot.
const HEIGHT: f64 = 360.0;
/// Widest column.
const WIDEST: f64 = 96.0;

/// Draws columns.
pub(super) fn draw(spec: &ChartSpec, columns: &Columns, fonts: &Fonts) -> Scene {
    let mut sheet = Sheet::new(&spec.caption, fonts, WIDTH);
    sheet.legend(&legend(columns));
    sheet.y += TEXT * 0.86;
    let look = Look::new(TEXT, GREY);
    sheet.text(
        &columns.y.words(),
        (MARGIN, sheet.y),
        Anchor::Start,
        look,
        WIDTH / 2.0,
    );
    sheet.y += 16.0;

    let top = sheet.y;
    let bottom = top + HEIGHT;
    let y = scale(columns).over(bottom, top);
    let tick_room = y
        .ticks
        .iter()
        .map(|tick| fonts.width(&tick.1, TEXT, Weight::Regular))
        .fold(0.0, f64::max);
    let beside = columns
        .thresholds
        .iter()
        .map(|threshold| {
            fonts
                .width(&threshold.label, BESIDE, Weight::Regular)
                .min(170.0)
        })
        .fold(0.0, f64::max);
    let left = MARGIN + tick_room + 8.0;
    let right = WIDTH - MARGIN - if beside > 0.0 { beside + 12.0 } else { 0.0 };
    value_axis(&mut sheet, &y, left, right);

    let count = columns.categories.len();
    let pitch = (right - left) / count.max(1) as f64;
    let width = (pitch * 0.72).min(WIDEST);
    for column in 0..count {
        let middle = left + pitch * (column as f64 + 0.5);
        stack(&mut sheet, columns, column, middle, width, &y, spec);
    }
    for threshold in &columns.thresholds {
        let at = y.place(threshold.value);
        let stroke = Stroke::new(INK, 1.4).dashed(&[6.0, 4.0]);
        sheet.scene.line(vec![(left, at), (right, at)], stroke);
    }
    threshold_names(&mut sheet, columns, &y, right + 12.0);
    if count == 0 || columns.parts.is_empty() {
        let at = ((left + right) / 2.0, top + HEIGHT / 2.0);
        sheet.text(no_data(spec.lang), at, Anchor::Middle, look, right - left);
    }

    sheet.y = bottom + 8.0 + category_names(&mut sheet, columns, left, pitch, bottom + 8.0);
    across_title(&mut sheet, &columns.x.words(), left, right);
    sheet.finish(&spec.caption)
}

fn legend(columns: &Columns) -> Vec<Entry> {
    let parts = columns.parts.iter().map(|part| Entry {
        name: part.name.clone(),
        swatch: Swatch::Fill(Hue::of(part.hue), 1.0),
    });
    let capacity = columns.capacity.iter().map(|capacity| Entry {
        name: capacity.name.clone(),
        swatch: Swatch::Outline,
    });
    parts.chain(capacity).collect()
}

fn scale(columns: &Columns) -> Scale {
    let sums = (0..columns.categories.len()).map(|column| {
        let parts = columns.parts.iter();
        parts
            .filter_map(|part| part.values.get(column).copied().flatten())
            .sum::<f64>()
    });
    let capacity = columns.capacity.iter();
    let values = sums
        .chain(capacity.flat_map(|capacity| capacity.values.iter().copied().flatten()))
        .chain(columns.thresholds.iter().map(|threshold| threshold.value));
    Scale::values(values, 6)
}

fn stack(
    sheet: &mut Sheet<'_>,
    columns: &Columns,
    column: usize,
    middle: f64,
    width: f64,
    y: &Scale,
    spec: &ChartSpec,
) {
    let (left, right) = (middle - width / 2.0, middle + width / 2.0);
    let mut base = 0.0;
    let mut any = false;
    for part in &columns.parts {
        let Some(value) = part.values.get(column).copied().flatten() else {
            continue;
        };
        any = true;
        let area = Area {
            left,
            top: y.place(base + value),
            right,
            bottom: y.place(base),
        };
        base += value;
        let hue = Hue::of(part.hue);
        fill(&mut sheet.scene, area, &hue, 1.0);
        if area.bottom - area.top > 3.0 {
            let seam = vec![(left, area.top), (right, area.top)];
            sheet.scene.line(seam, Stroke::new(WHITE, 1.0));
        }
        let shown = number(value);
        let text = sheet.width(&shown, SMALL, Weight::Bold);
        if area.bottom - area.top >= SMALL + 5.0 && text + 8.0 <= width {
            let at = (area.top + area.bottom) / 2.0;
            let behind = Area {
                left: middle - text / 2.0 - 4.0,
                top: at - SMALL / 2.0 - 2.0,
                right: middle + text / 2.0 + 4.0,
                bottom: at + SMALL / 2.0 + 2.0,
            };
            sheet.scene.block(behind, WHITE, 1.0);
            let look = Look::new(SMALL, hue.ink).bold();
            let baseline = at + CAP * SMALL / 2.0;
            sheet.text(&shown, (middle, baseline), Anchor::Middle, look, width);
        }
    }
    let capacity = columns.capacity.as_ref();
    if let Some(room) = capacity.and_then(|own| own.values.get(column).copied().flatten()) {
        let area = Area {
            left: left - 3.0,
            top: y.place(room),
            right: right + 3.0,
            bottom: y.place(0.0),
        };
        outline(&mut sheet.scene, area, Stroke::new(INK, 2.0));
    }
    if !any {
        let at = (middle, y.place(0.0) - 8.0);
        let look = Look::new(SMALL, GREY);
        sheet.text(
            no_data(spec.lang),
            at,
            Anchor::Middle,
            look,
            (width * 1.3).max(SMALL),
        );
    }
}

fn threshold_names(sheet: &mut Sheet<'_>, columns: &Columns, y: &Scale, x: f64) {
    let mut order: Vec<_> = columns.thresholds.iter().collect();
    order.sort_by(|a, b| b.value.total_cmp(&a.value));
    let look = Look::new(BESIDE, INK);
    let named: Vec<(Vec<String>, Wish)> = order
        .iter()
        .map(|threshold| {
            let lines = sheet
                .fonts
                .wrap(&threshold.label, look.size, look.weight, 170.0, 2);
            let wish = Wish {
                at: y.place(threshold.value),
                weight: 1.0,
                room: lines.len() as f64 * look.size * LINE + 4.0,
            };
            (lines, wish)
        })
        .collect();
    let wishes: Vec<Wish> = named.iter().map(|(_, wish)| *wish).collect();
    let places = spread_within(&wishes, y.end - 14.0, y.start + 14.0);
    for ((lines, _), place) in named.iter().zip(places) {
        sheet.block(lines, x, place, Anchor::Start, look);
    }
}

/// Writes the names below the columns, each in up to three lines; where columns are narrow only
/// every second, third ... name. Gives the height taken.
fn category_names(
    sheet: &mut Sheet<'_>,
    columns: &Columns,
    left: f64,
    pitch: f64,
    top: f64,
) -> f64 {
    let look = Look::new(TEXT, INK);
    let widest = columns
        .categories
        .iter()
        .map(|name| sheet.width(name, TEXT, Weight::Regular))
        .fold(0.0, f64::max);
    // Names of up to five hanzi must not be cut; longer ones wrap.
    let needed = widest.min(5.0 * TEXT) + 8.0;
    let every = (needed / pitch).ceil().max(1.0) as usize;
    let room = pitch * every as f64 - 8.0;
    let mut tallest = 1;
    for (column, name) in columns.categories.iter().enumerate().step_by(every) {
        let middle = left + pitch * (column as f64 + 0.5);
        // The last name may be wider than its column, not than the page.
        let room = room.min(2.0 * (WIDTH - 4.0 - middle));
        let lines = sheet.fonts.wrap(name, TEXT, Weight::Regular, room, 3);
        tallest = tallest.max(lines.len());
        for (at, line) in lines.iter().enumerate() {
            let baseline = top + 0.86 * TEXT + at as f64 * TEXT * LINE;
            sheet.text(line, (middle, baseline), Anchor::Middle, look, room);
        }
    }
    tallest as f64 * TEXT * LINE
}

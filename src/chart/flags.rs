//! Named moments above a plot: each a pole with a text beside it, in rows where texts would collide.

use plotters::style::RGBColor;

use super::font::{Fonts, Weight};
use super::palette::{GREY, Hue, INK, WHITE};
use super::scale::Scale;
use super::scene::{Anchor, Label, Stroke};
use super::sheet::{BESIDE, MARGIN, Sheet, WIDTH};
use super::spec::Marker;

/// Markers as flags above the plot: each text beside its own pole, in rows where they would collide.
#[derive(Debug)]
pub(super) struct Flags {
    flags: Vec<Flag>,
    rows: usize,
}

#[derive(Debug)]
struct Flag {
    x: f64,
    row: usize,
    label: Option<Label>,
    pole: RGBColor,
}

/// Height of a row of flags.
const FLAG: f64 = 22.0;

impl Flags {
    /// Flags for `markers`, planted along `x`.
    pub(super) fn of(markers: &[Marker], x: &Scale, fonts: &Fonts) -> Flags {
        let mut order: Vec<&Marker> = markers.iter().collect();
        order.sort_by(|a, b| b.x.total_cmp(&a.x));
        let mut flags: Vec<Flag> = Vec::new();
        let mut taken: Vec<(f64, f64, usize)> = Vec::new();
        for marker in order {
            let at = x.place(marker.x);
            let colour = marker.hue.map_or(INK, |hue| Hue::of(hue).ink);
            let size = BESIDE;
            let width = |text: &str| fonts.width(text, size, Weight::Bold) + 6.0;
            let (before, after) = (at - MARGIN, WIDTH - MARGIN - at);
            let to_the_right = width(&marker.label) <= after || after >= before;
            let room = if to_the_right { after } else { before };
            let text = fonts.fit(&marker.label, size, Weight::Bold, room - 6.0);
            let (from, to, anchor) = if to_the_right {
                (at, at + width(&text), Anchor::Start)
            } else {
                (at - width(&text), at, Anchor::End)
            };
            // A pole rises to its own row only, so rows grow from right to left.
            let row = taken
                .iter()
                .filter(|(low, high, _)| *low <= to + 8.0 && from - 8.0 <= *high)
                .map(|(_, _, row)| row + 1)
                .max()
                .unwrap_or(0);
            taken.push((from, to, row));
            let inset = if anchor == Anchor::Start { 5.0 } else { -5.0 };
            flags.push(Flag {
                x: at,
                row,
                pole: marker.hue.map_or(GREY, |hue| Hue::of(hue).fill),
                label: (!text.is_empty()).then_some(Label {
                    text,
                    at: (at + inset, 0.0),
                    anchor,
                    size: BESIDE,
                    weight: Weight::Bold,
                    colour,
                }),
            });
        }
        let rows = flags.iter().map(|flag| flag.row + 1).max().unwrap_or(0);
        Flags { flags, rows }
    }

    /// Height of all rows.
    pub(super) fn height(&self) -> f64 {
        self.rows as f64 * FLAG
    }

    /// Draws the flags above `top` and their poles down to `bottom`.
    pub(super) fn draw(self, sheet: &mut Sheet<'_>, top: f64, bottom: f64) {
        for flag in &self.flags {
            let head = top - (flag.row + 1) as f64 * FLAG + 2.0;
            let stroke = Stroke::new(flag.pole, 1.4).dashed(&[4.0, 3.0]);
            sheet
                .scene
                .line(vec![(flag.x, head), (flag.x, bottom)], stroke);
        }
        for flag in self.flags {
            if let Some(mut label) = flag.label {
                label.at.1 = top - flag.row as f64 * FLAG - 7.0;
                let area = label.area(sheet.fonts);
                sheet.scene.block(area, WHITE, 1.0);
                sheet.scene.label(label);
            }
        }
    }
}

//! Colours that stay apart for colour-blind readers (Okabe and Ito 2008), and the dashes and markers
//! that keep lines apart on a grey printer.

use plotters::style::RGBColor;

use super::scene::{Point, Scene, Stroke};
use super::spec::Style;

/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Second-rank text: subtitles, ticks, small print.
pub(super) const GREY: RGBColor = RGBColor(0x55, 0x55, 0x55);
/// Leaders, whiskers of no series, faint lines.
pub(super) const PALE: RGBColor = RGBColor(0x9A, 0x9A, 0x9A);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xE3, 0xE3, 0xE3);
/// Behind texts that cross lines.
pub(super) const WHITE: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// Warnings: marks such as 仿真, and the link that a map points at.
pub(super) const ALERT: RGBColor = RGBColor(0xB3, 0x3C, 0x00);

/// How the hue of a series looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hue {
    /// Lines and fills.
    pub(super) fill: RGBColor,
    /// The same colour, dark enough for text (at least 4.5 : 1 on white).
    pub(super) ink: RGBColor,
    /// Dash and gap, in units.
    pub(super) dashes: &'static [f64],
    /// Shape of its points.
    pub(super) marker: Mark,
    /// Whether fills are hatched.
    pub(super) hatched: bool,
}

/// Shapes of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Disc,
    Square,
    Triangle,
    Diamond,
}

const HUES: [Hue; 7] = [
    hue(0x0072B2, 0x00639B, &[], Mark::Disc, false),
    hue(0xD55E00, 0xA84A00, &[9.0, 4.0], Mark::Square, true),
    hue(0x009E73, 0x00704F, &[2.5, 3.0], Mark::Triangle, false),
    hue(
        0xE69F00,
        0x855B00,
        &[12.0, 3.5, 2.5, 3.5],
        Mark::Diamond,
        true,
    ),
    hue(0xCC79A7, 0x93436F, &[16.0, 5.0], Mark::Disc, false),
    hue(0x56B4E9, 0x176CA0, &[5.0, 3.0], Mark::Square, true),
    hue(0x333333, 0x333333, &[1.5, 5.0], Mark::Triangle, false),
];

const fn hue(fill: u32, ink: u32, dashes: &'static [f64], marker: Mark, hatched: bool) -> Hue {
    Hue {
        fill: rgb(fill),
        ink: rgb(ink),
        dashes,
        marker,
        hatched,
    }
}

const fn rgb(code: u32) -> RGBColor {
    RGBColor((code >> 16) as u8, (code >> 8) as u8, code as u8)
}

impl Hue {
    /// The look of hue `number`; after the seventh they begin again.
    pub(super) fn of(number: usize) -> Hue {
        HUES[number % HUES.len()]
    }

    /// The stroke of a line of this hue.
    pub(super) fn stroke(&self, style: Style) -> Stroke {
        let stroke = match style {
            Style::Plain => Stroke::new(self.fill, 2.2),
            Style::Strong => Stroke::new(self.fill, 3.6),
            Style::Faint => Stroke::new(PALE, 1.4),
        };
        stroke.dashed(self.dashes)
    }
}

/// Pale fills for boxes, by the order in which owners first appear, each with a border of its own.
const BOXES: [(RGBColor, RGBColor); 7] = [
    (rgb(0xDCEBF7), rgb(0x0072B2)),
    (rgb(0xFBE6D6), rgb(0xB85000)),
    (rgb(0xDDF1E7), rgb(0x007A58)),
    (rgb(0xFFF1CC), rgb(0x9A6B00)),
    (rgb(0xF4E3EE), rgb(0x9A4A78)),
    (rgb(0xEDEDED), rgb(0x555555)),
    (rgb(0xE4F4FC), rgb(0x2A7FB5)),
];

/// Fill and border of the boxes of owner `number`.
pub(super) fn box_colours(number: usize) -> (RGBColor, RGBColor) {
    BOXES[number % BOXES.len()]
}

/// Draws a point of shape `marker`, `radius` large; a hollow one has a white middle.
pub(super) fn mark(
    scene: &mut Scene,
    marker: Mark,
    at: Point,
    radius: f64,
    colour: RGBColor,
    hollow: bool,
) {
    shape(scene, marker, at, radius, colour);
    if hollow {
        shape(scene, marker, at, radius * 0.55, WHITE);
    }
}

fn shape(scene: &mut Scene, marker: Mark, (x, y): Point, r: f64, colour: RGBColor) {
    let corners = match marker {
        Mark::Disc => return scene.disc((x, y), r, colour),
        Mark::Square => {
            let r = r * 0.9;
            vec![
                (x - r, y - r),
                (x + r, y - r),
                (x + r, y + r),
                (x - r, y + r),
            ]
        }
        Mark::Triangle => {
            let (wide, up, down) = (r * 1.15, r * 1.25, r * 0.85);
            vec![(x, y - up), (x + wide, y + down), (x - wide, y + down)]
        }
        Mark::Diamond => {
            let r = r * 1.25;
            vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
        }
    };
    scene.polygon(corners, colour, 1.0);
}

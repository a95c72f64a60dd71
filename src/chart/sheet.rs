//! What every figure shares: title and subtitle above, a legend where one is needed, small print
//! below.

use plotters::style::RGBColor;

use super::font::{Fonts, Weight};
use super::map::{self, Kind};
use super::palette::{ALERT, GREY, Hue, INK, PALE, WHITE, mark};
use super::scene::{Anchor, Area, CAP, Label, Point, Scene, Stroke};
use super::spec::{Caption, Style};

/// Width of a chart. At two pixels a unit and 300 dpi it prints 156 mm wide, the type area of A4 in
/// GB/T 9704-2012; a text of size 16 then prints at 7.7 pt.
pub(super) const WIDTH: f64 = 920.0;
/// Empty border.
pub(super) const MARGIN: f64 = 24.0;
/// Size of ticks, names and labels.
pub(super) const TEXT: f64 = 16.0;
/// Size of small print and of values in crowded places.
pub(super) const SMALL: f64 = 14.0;
/// Size of texts beside and above the plot. Not 15: no `f64` asks the SVG backend for that.
pub(super) const BESIDE: f64 = 15.25;
const TITLE: f64 = 24.0;

/// A figure being laid out from the top down.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    /// The shapes so far.
    pub(super) scene: Scene,
    /// What texts are measured with.
    pub(super) fonts: &'a Fonts,
    /// First free place below what has been placed.
    pub(super) y: f64,
}

/// One entry of a legend.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// What it stands for.
    pub(super) name: String,
    /// What it looks like.
    pub(super) swatch: Swatch,
}

/// The looks that a legend can explain.
#[derive(Debug, Clone, Copy)]
pub(super) enum Swatch {
    /// A line with its marker.
    Line(Hue, Style),
    /// A point, perhaps hollow.
    Dot(Hue, bool),
    /// A fill.
    Fill(Hue, f64),
    /// A whisker with an end.
    Whisker,
    /// An outline without fill.
    Outline,
    /// A box of a map: fill and border.
    Box(RGBColor, RGBColor),
    /// The shape of a box of a map.
    Shape(Kind),
    /// A numbered circle.
    Badge(RGBColor),
    /// A thick line.
    Wire(RGBColor),
}

/// Width of a legend's picture.
const SWATCH: f64 = 34.0;

impl<'a> Sheet<'a> {
    /// A sheet with its title and subtitle.
    pub(super) fn new(caption: &Caption, fonts: &'a Fonts, width: f64) -> Sheet<'a> {
        let mut sheet = Sheet {
            scene: Scene::new(width, &caption.alt),
            fonts,
            y: MARGIN,
        };
        sheet.paragraph(&caption.title, TITLE, Weight::Bold, INK, 2);
        sheet.y += 4.0;
        sheet.paragraph(&caption.subtitle, TEXT, Weight::Regular, GREY, 2);
        sheet.y += 10.0;
        sheet
    }

    /// Width of a text.
    pub(super) fn width(&self, text: &str, size: f64, weight: Weight) -> f64 {
        self.fonts.width(text, size, weight)
    }

    /// A text in one line, cut to `room`.
    pub(super) fn text(&mut self, text: &str, at: Point, anchor: Anchor, look: Look, room: f64) {
        let text = self.fonts.fit(text, look.size, look.weight, room);
        self.scene.label(Label {
            text,
            at,
            anchor,
            size: look.size,
            weight: look.weight,
            colour: look.colour,
        });
    }

    /// The label of a tick: centred below it, moved in where it would leave the page.
    pub(super) fn tick(&mut self, label: &str, x: f64, baseline: f64) {
        let half = self.width(label, TEXT, Weight::Regular) / 2.0 + 4.0;
        let x = x.min(self.scene.width - half).max(half);
        let look = Look::new(TEXT, GREY);
        self.text(label, (x, baseline), Anchor::Middle, look, f64::INFINITY);
    }

    /// Lines of text below each other whose middle is at height `middle`.
    pub(super) fn block(
        &mut self,
        lines: &[String],
        x: f64,
        middle: f64,
        anchor: Anchor,
        look: Look,
    ) {
        let pitch = look.size * LINE;
        let first = middle - pitch * (lines.len() as f64 - 1.0) / 2.0 + CAP * look.size / 2.0;
        for (at, line) in lines.iter().enumerate() {
            let baseline = first + at as f64 * pitch;
            self.text(line, (x, baseline), anchor, look, f64::INFINITY);
        }
    }

    /// A legend in as many rows as it takes.
    pub(super) fn legend(&mut self, entries: &[Entry]) {
        let look = Look::new(TEXT, INK);
        let room = self.scene.width - 2.0 * MARGIN;
        let mut x = MARGIN;
        let mut started = false;
        for entry in entries.iter().filter(|entry| !entry.name.is_empty()) {
            let name = self
                .fonts
                .fit(&entry.name, TEXT, Weight::Regular, room - SWATCH);
            let width = SWATCH + 8.0 + self.width(&name, TEXT, Weight::Regular);
            if started && x + width > MARGIN + room {
                x = MARGIN;
                self.y += TEXT * LINE + 4.0;
            }
            let middle = self.y + TEXT / 2.0;
            self.swatch(entry.swatch, x, middle);
            let baseline = middle + CAP * TEXT / 2.0;
            self.text(
                &name,
                (x + SWATCH + 8.0, baseline),
                Anchor::Start,
                look,
                room,
            );
            x += width + 26.0;
            started = true;
        }
        if started {
            self.y += TEXT * LINE + 10.0;
        }
    }

    fn swatch(&mut self, swatch: Swatch, x: f64, middle: f64) {
        let scene = &mut self.scene;
        let area = Area {
            left: x + 4.0,
            top: middle - 8.0,
            right: x + SWATCH - 4.0,
            bottom: middle + 8.0,
        };
        let centre = (x + SWATCH / 2.0, middle);
        let across = vec![(x, middle), (x + SWATCH, middle)];
        match swatch {
            Swatch::Line(hue, style) => {
                scene.line(across, hue.stroke(style));
                if style != Style::Faint {
                    mark(scene, hue.marker, centre, 4.5, hue.fill, false);
                }
            }
            Swatch::Dot(hue, hollow) => mark(scene, hue.marker, centre, 6.5, hue.fill, hollow),
            Swatch::Fill(hue, alpha) => fill(scene, area, &hue, alpha),
            Swatch::Whisker => {
                let end = x + SWATCH - 6.0;
                scene.line(
                    vec![(x + 2.0, middle), (end, middle)],
                    Stroke::new(INK, 1.4),
                );
                let tick = vec![(end, middle - 5.0), (end, middle + 5.0)];
                scene.line(tick, Stroke::new(INK, 1.8));
            }
            Swatch::Outline => outline(scene, area, Stroke::new(INK, 2.0)),
            Swatch::Shape(kind) => {
                map::shape::draw(scene, kind, area, WHITE, Stroke::new(GREY, 1.6));
            }
            Swatch::Badge(colour) => {
                scene.disc(centre, 8.0, colour);
            }
            Swatch::Wire(colour) => scene.line(across, Stroke::new(colour, 4.0)),
            Swatch::Box(colour, border) => {
                scene.block(area, colour, 1.0);
                outline(scene, area, Stroke::new(border, 1.6));
            }
        }
    }

    /// Writes marks and source below everything and gives the finished scene.
    pub(super) fn finish(mut self, caption: &Caption) -> Scene {
        self.y += 12.0;
        let right = self.scene.width - MARGIN;
        let mut x = MARGIN;
        let middle = self.y + 10.0;
        for word in caption.marks.iter().filter(|word| !word.trim().is_empty()) {
            let look = Look::new(SMALL, ALERT).bold();
            let word = self.fonts.fit(word, SMALL, Weight::Bold, 260.0);
            let width = self.width(&word, SMALL, Weight::Bold) + 14.0;
            if x + width > right {
                break;
            }
            let area = Area {
                left: x,
                top: middle - 11.0,
                right: x + width,
                bottom: middle + 11.0,
            };
            outline(&mut self.scene, area, Stroke::new(ALERT, 1.4));
            let baseline = middle + CAP * SMALL / 2.0;
            self.text(&word, (x + 7.0, baseline), Anchor::Start, look, width);
            x += width + 8.0;
        }
        if x > MARGIN {
            self.y += 30.0;
        }
        self.paragraph(&caption.source, SMALL, Weight::Regular, GREY, 4);
        self.scene.height = (self.y + MARGIN - 6.0).ceil();
        self.scene
    }

    /// Wrapped text over the whole width, at the next free place.
    fn paragraph(&mut self, text: &str, size: f64, weight: Weight, colour: RGBColor, most: usize) {
        let room = self.scene.width - 2.0 * MARGIN;
        for line in self.fonts.wrap(text, size, weight, room, most) {
            let look = Look {
                size,
                weight,
                colour,
            };
            self.text(
                &line,
                (MARGIN, self.y + 0.86 * size),
                Anchor::Start,
                look,
                room,
            );
            self.y += size * LINE;
        }
    }
}

/// Distance of baselines, per size.
pub(super) const LINE: f64 = 1.32;

/// Size, weight and colour of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) size: f64,
    pub(super) weight: Weight,
    pub(super) colour: RGBColor,
}

impl Look {
    /// Regular text.
    pub(super) fn new(size: f64, colour: RGBColor) -> Look {
        Look {
            size,
            weight: Weight::Regular,
            colour,
        }
    }

    /// The same in bold.
    pub(super) fn bold(self) -> Look {
        Look {
            weight: Weight::Bold,
            ..self
        }
    }
}

/// A rectangle of a hue, hatched if the hue is.
pub(super) fn fill(scene: &mut Scene, area: Area, hue: &Hue, alpha: f64) {
    scene.block(area, hue.fill, alpha);
    if !hue.hatched || alpha < 1.0 {
        return;
    }
    // Diagonals x + y = c, cut to the rectangle.
    let (low, high) = (area.left + area.top, area.right + area.bottom);
    let mut c = (low / HATCH).floor() * HATCH + HATCH;
    while c < high {
        let from = (
            area.left.max(c - area.bottom),
            area.bottom.min(c - area.left),
        );
        let to = (area.right.min(c - area.top), area.top.max(c - area.right));
        scene.line(vec![from, to], Stroke::new(WHITE, 1.3));
        c += HATCH;
    }
}

/// Distance of hatching lines along an axis.
const HATCH: f64 = 9.0;

/// The border of a rectangle.
pub(super) fn outline(scene: &mut Scene, area: Area, stroke: Stroke) {
    let Area {
        left,
        top,
        right,
        bottom,
    } = area;
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
    // One more side than a rectangle has, so that the first corner is joined too.
    let around = corners.iter().chain(&corners[..2]).copied().collect();
    scene.line(around, stroke);
}

/// A thin line from a label to what it names.
pub(super) fn leader(scene: &mut Scene, points: Vec<Point>) {
    scene.line(points, Stroke::new(PALE, 1.0));
}

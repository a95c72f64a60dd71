//! A figure as a list of shapes in its own units, before it becomes SVG.
//!
//! Views add shapes; [`Scene::svg`] hands them to the plotters SVG backend. That backend takes whole
//! numbers only, so it draws on a canvas [`FINE`] times as large whose `viewBox` is kept while width
//! and height are set back: every coordinate is a multiple of 1/8 and the same on every machine.

use plotters::backend::SVGBackend;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle};

use super::font::{Fonts, Weight};
use crate::error::Error;
use crate::text;

/// Steps of the backend per unit of the scene.
const FINE: f64 = 8.0;

/// Height of capitals and figures of the embedded font, per size (its OS/2 table: 733 of 1000).
pub(super) const CAP: f64 = 0.733;

/// A place in the scene: units from the left, units from the top.
pub(super) type Point = (f64, f64);

/// Which end of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The text begins there.
    Start,
    /// The text's middle is there.
    Middle,
    /// The text ends there.
    End,
}

/// One line of text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Label {
    /// What it says.
    pub(super) text: String,
    /// Anchor and baseline.
    pub(super) at: Point,
    /// Which end stands at `at`.
    pub(super) anchor: Anchor,
    /// Size of an em.
    pub(super) size: f64,
    /// Weight.
    pub(super) weight: Weight,
    /// Colour.
    pub(super) colour: RGBColor,
}

/// A rectangle: left, top, right, bottom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    /// Area that both share, 0 when they do not overlap.
    pub(super) fn shared(&self, other: &Area) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        width.max(0.0) * height.max(0.0)
    }

    /// The area grown by `by` on every side.
    pub(super) fn grown(&self, by: f64) -> Area {
        Area {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }
}

impl Label {
    /// Where its ink lies: from a little above the capitals to a little below the baseline.
    pub(super) fn area(&self, fonts: &Fonts) -> Area {
        let width = fonts.width(&self.text, self.size, self.weight);
        let left = match self.anchor {
            Anchor::Start => self.at.0,
            Anchor::Middle => self.at.0 - width / 2.0,
            Anchor::End => self.at.0 - width,
        };
        Area {
            left,
            top: self.at.1 - 0.86 * self.size,
            right: left + width,
            bottom: self.at.1 + 0.12 * self.size,
        }
    }
}

/// Colour, width and rhythm of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    /// Colour.
    pub(super) colour: RGBColor,
    /// Width in units.
    pub(super) width: f64,
    /// Lengths of dash and gap in turn, in units; empty draws a whole line.
    pub(super) dashes: &'static [f64],
}

impl Stroke {
    /// A whole line.
    pub(super) fn new(colour: RGBColor, width: f64) -> Stroke {
        Stroke {
            colour,
            width,
            dashes: &[],
        }
    }

    /// The same line, dashed.
    pub(super) fn dashed(self, dashes: &'static [f64]) -> Stroke {
        Stroke { dashes, ..self }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Line(Vec<Point>, Stroke),
    Area(Vec<Point>, RGBColor, f64),
    Block(Area, RGBColor, f64),
    Disc(Point, f64, RGBColor),
    Label(Label),
}

/// The shapes of one figure, drawn in the order in which they were added.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scene {
    /// Width in units; a unit is a CSS pixel and prints as 1/6 mm in a figure 156 mm wide.
    pub(super) width: f64,
    /// Height in units.
    pub(super) height: f64,
    /// One sentence that says what the figure shows, for readers who cannot see it.
    pub(super) alt: String,
    shapes: Vec<Shape>,
}

impl Scene {
    /// An empty scene; the height may be set when all is placed.
    pub(super) fn new(width: f64, alt: &str) -> Scene {
        Scene {
            width,
            height: 0.0,
            alt: tidy(alt),
            shapes: Vec::new(),
        }
    }

    /// A line through `points`; fewer than two draw nothing.
    pub(super) fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        let parts = if stroke.dashes.is_empty() {
            vec![points]
        } else {
            dashes(&points, stroke.dashes)
        };
        for part in parts {
            if part.len() > 1 {
                self.shapes.push(Shape::Line(part, stroke));
            }
        }
    }

    /// A filled polygon.
    pub(super) fn polygon(&mut self, points: Vec<Point>, colour: RGBColor, alpha: f64) {
        self.shapes.push(Shape::Area(points, colour, alpha));
    }

    /// A filled rectangle.
    pub(super) fn block(&mut self, area: Area, colour: RGBColor, alpha: f64) {
        self.shapes.push(Shape::Block(area, colour, alpha));
    }

    /// A filled circle.
    pub(super) fn disc(&mut self, centre: Point, radius: f64, colour: RGBColor) {
        self.shapes.push(Shape::Disc(centre, radius, colour));
    }

    /// A line of text; an empty one draws nothing.
    pub(super) fn label(&mut self, mut label: Label) {
        label.text = tidy(&label.text);
        if !label.text.is_empty() {
            self.shapes.push(Shape::Label(label));
        }
    }

    /// The texts in drawing order.
    pub(super) fn labels(&self) -> impl Iterator<Item = &Label> {
        self.shapes.iter().filter_map(|shape| match shape {
            Shape::Label(label) => Some(label),
            _ => None,
        })
    }

    /// The figure as SVG with texts as text. Characters that no font has are an error.
    pub(super) fn svg(&self, fonts: &Fonts) -> Result<String, Error> {
        fonts.check(self.labels().map(|label| label.text.as_str()))?;
        let size = (steps(self.width) as u32, steps(self.height) as u32);
        let mut drawn = String::new();
        {
            let canvas = SVGBackend::with_string(&mut drawn, size).into_drawing_area();
            let all = (0, 0, size.0 as i32, size.1 as i32);
            let paper = Rectangle::new([(all.0, all.1), (all.2, all.3)], PAPER.filled());
            let mut result = canvas.draw(&paper);
            for shape in &self.shapes {
                result = result.and_then(|()| draw(&canvas, shape, fonts));
            }
            result.and_then(|()| canvas.present()).map_err(|error| {
                Error::System(text!("画图失败：{error}", "drawing failed: {error}"))
            })?;
        }
        Ok(with_head(&drawn, &self.head()))
    }

    /// The opening tag, with the true size and the sentence for readers who cannot see the figure.
    pub(super) fn head(&self) -> String {
        let (width, height) = (steps(self.width), steps(self.height));
        let alt = escape(&self.alt);
        format!(
            "<svg width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" \
             xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" stroke-linejoin=\"round\">\n\
             <title>{alt}</title>\n",
            f64::from(width) / FINE,
            f64::from(height) / FINE,
        )
    }
}

const PAPER: RGBColor = RGBColor(255, 255, 255);

/// `svg` with its opening tag replaced by `head`.
pub(super) fn with_head(svg: &str, head: &str) -> String {
    let body = svg.find("<svg").and_then(|start| {
        let end = svg[start..].find('>')?;
        Some(svg[start + end + 1..].trim_start())
    });
    format!("{head}{}", body.unwrap_or_default())
}

type Canvas<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn = Result<(), plotters::drawing::DrawingAreaErrorKind<std::io::Error>>;

fn draw(canvas: &Canvas<'_>, shape: &Shape, fonts: &Fonts) -> Drawn {
    match shape {
        Shape::Line(points, stroke) => {
            let style = stroke
                .colour
                .stroke_width(steps(stroke.width).max(1) as u32);
            let points: Vec<_> = points.iter().copied().map(place).collect();
            canvas.draw(&PathElement::new(points, style))
        }
        Shape::Area(points, colour, alpha) => {
            let points: Vec<_> = points.iter().copied().map(place).collect();
            canvas.draw(&Polygon::new(points, colour.mix(*alpha)))
        }
        Shape::Block(area, colour, alpha) => {
            let corners = [
                place((area.left, area.top)),
                place((area.right, area.bottom)),
            ];
            canvas.draw(&Rectangle::new(corners, colour.mix(*alpha).filled()))
        }
        Shape::Disc(centre, radius, colour) => canvas.draw(&Circle::new(
            place(*centre),
            steps(*radius),
            colour.filled(),
        )),
        Shape::Label(label) => {
            let style = match label.weight {
                Weight::Regular => FontStyle::Normal,
                Weight::Bold => FontStyle::Bold,
            };
            let across = match label.anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let font = (fonts.family(), backend_size(label.size)).into_font();
            let style = TextStyle::from(font.style(style))
                .color(&label.colour)
                .pos(Pos::new(across, VPos::Top));
            // The backend lowers a text anchored at its top by 0.76 em.
            let top = (label.at.0, label.at.1 - 0.76 * label.size);
            canvas.draw(&Text::new(label.text.as_str(), place(top), style))
        }
    }
}

/// The size to ask the backend for, which divides it by 1.24: of the nearest numbers the one whose
/// quotient is whole, for `120.00000000000001` would be written out. A few sizes have none.
fn backend_size(size: f64) -> f64 {
    let wanted = (size * FINE).round();
    let near = wanted * 1.24;
    let exact = [near, near.next_down(), near.next_up()]
        .into_iter()
        .find(|asked| asked / 1.24 == wanted);
    exact.unwrap_or(near)
}

fn steps(units: f64) -> i32 {
    (units * FINE).round() as i32
}

fn place(point: Point) -> (i32, i32) {
    (steps(point.0), steps(point.1))
}

/// The dashes of a line through `points`, as lines of their own.
fn dashes(points: &[Point], rhythm: &[f64]) -> Vec<Vec<Point>> {
    let mut parts = Vec::new();
    let mut lengths = rhythm.iter().copied().cycle();
    let mut left = lengths.next().unwrap_or(f64::INFINITY);
    let mut inked = true;
    let mut part: Vec<Point> = points.first().copied().into_iter().collect();
    for ends in points.windows(2) {
        let [from, to] = [ends[0], ends[1]];
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let mut gone = 0.0;
        while gone + left < length {
            gone += left;
            let share = gone / length;
            let here = (
                from.0 + share * (to.0 - from.0),
                from.1 + share * (to.1 - from.1),
            );
            if inked {
                part.push(here);
                parts.push(std::mem::take(&mut part));
            } else {
                part = vec![here];
            }
            inked = !inked;
            left = lengths.next().unwrap_or(f64::INFINITY);
        }
        left -= length - gone;
        if inked {
            part.push(to);
        }
    }
    if inked {
        parts.push(part);
    }
    parts
}

/// Line breaks and tabs as spaces: a label is one line.
fn tidy(text: &str) -> String {
    text.split(['\n', '\r', '\t'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // XML 1.0 section 2.2 forbids these even when escaped.
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

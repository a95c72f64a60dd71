//! The shapes of boxes by kind of node: also for a reader without colours.

use plotters::style::RGBColor;

use super::Kind;
use crate::chart::scene::{Area, Point, Scene, Stroke};

/// Draws the box of `kind` over `area`.
pub(in crate::chart) fn draw(
    scene: &mut Scene,
    kind: Kind,
    area: Area,
    fill: RGBColor,
    border: Stroke,
) {
    let around = outline(kind, area);
    scene.polygon(around.clone(), fill, 1.0);
    let closed = around.iter().chain(around.iter().take(2)).copied();
    scene.line(closed.collect(), border);
    let inner = Stroke {
        width: border.width * 0.75,
        ..border
    };
    match kind {
        Kind::Server => {
            let x = area.left + 6.0;
            scene.line(vec![(x, area.top), (x, area.bottom)], inner);
        }
        Kind::Storage => {
            let depth = depth(area);
            let lid = arc((area.left, area.right), area.top + depth, depth, true);
            scene.line(lid, inner);
        }
        _ => {}
    }
}

/// Room that the shape takes from its text, on the left and on the right.
pub(super) fn inset(kind: Kind) -> f64 {
    match kind {
        Kind::Gateway => 12.0,
        Kind::Carrier => 14.0,
        Kind::Server => 10.0,
        _ => 8.0,
    }
}

/// Room that the shape takes from its text above.
pub(super) fn headroom(kind: Kind) -> f64 {
    if kind == Kind::Storage { 8.0 } else { 0.0 }
}

fn outline(kind: Kind, area: Area) -> Vec<Point> {
    let Area {
        left,
        top,
        right,
        bottom,
    } = area;
    let middle = (top + bottom) / 2.0;
    match kind {
        Kind::Terminal => rounded(area, ((bottom - top) / 4.0).min(10.0)),
        Kind::Carrier => rounded(area, (bottom - top) / 2.0),
        Kind::Gateway => {
            let nose = 10.0_f64.min((right - left) / 4.0);
            vec![
                (left + nose, top),
                (right - nose, top),
                (right, middle),
                (right - nose, bottom),
                (left + nose, bottom),
                (left, middle),
            ]
        }
        Kind::Network | Kind::Server => rounded(area, 2.0),
        Kind::Storage => {
            let depth = depth(area);
            let mut around = arc((left, right), top + depth, depth, false);
            around.extend(
                arc((left, right), bottom - depth, depth, true)
                    .into_iter()
                    .rev(),
            );
            around
        }
    }
}

/// Height of the lid of a drum.
fn depth(area: Area) -> f64 {
    ((area.bottom - area.top) / 6.0).min(7.0)
}

/// Half an ellipse from left to right, bulging down or up.
fn arc((left, right): (f64, f64), y: f64, depth: f64, down: bool) -> Vec<Point> {
    let (centre, half) = ((left + right) / 2.0, (right - left) / 2.0);
    let sign = if down { 1.0 } else { -1.0 };
    quarter_turns(2)
        .map(|(cos, sin)| (centre - half * cos, y + sign * depth * sin))
        .collect()
}

fn rounded(area: Area, radius: f64) -> Vec<Point> {
    let r = radius
        .min((area.right - area.left) / 2.0)
        .min((area.bottom - area.top) / 2.0);
    let corners = [
        ((area.right - r, area.top + r), (0.0, -1.0)),
        ((area.right - r, area.bottom - r), (1.0, 0.0)),
        ((area.left + r, area.bottom - r), (0.0, 1.0)),
        ((area.left + r, area.top + r), (-1.0, 0.0)),
    ];
    let mut around = Vec::new();
    for ((x, y), (ux, uy)) in corners {
        for (cos, sin) in quarter_turns(1) {
            // From direction u a quarter turn clockwise on the screen.
            let (dx, dy) = (ux * cos - uy * sin, uy * cos + ux * sin);
            around.push((x + r * dx, y + r * dy));
        }
    }
    around
}

/// Cosine and sine over `quarters` quarter turns, six steps each.
fn quarter_turns(quarters: u32) -> impl Iterator<Item = (f64, f64)> {
    let steps = 6 * quarters;
    (0..=steps).map(move |at| {
        let angle =
            f64::from(at) / f64::from(steps) * f64::from(quarters) * std::f64::consts::FRAC_PI_2;
        (angle.cos(), angle.sin())
    })
}

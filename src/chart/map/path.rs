//! Lines of level and upright pieces: moved aside, with rounded corners.

use crate::chart::scene::{Area, Point};

/// Radius of corners.
const BEND: f64 = 7.0;

/// The smallest area that holds two points.
pub(super) fn span(a: Point, b: Point) -> Area {
    Area {
        left: a.0.min(b.0),
        top: a.1.min(b.1),
        right: a.0.max(b.0),
        bottom: a.1.max(b.1),
    }
}

/// The same way, `by` to the right of it. Pieces are level or upright, so the corners are where the
/// moved pieces meet.
pub(super) fn beside(path: &[Point], by: f64) -> Vec<Point> {
    let normals: Vec<Point> = path
        .windows(2)
        .map(|ends| {
            let (dx, dy) = (ends[1].0 - ends[0].0, ends[1].1 - ends[0].1);
            let length = dx.hypot(dy).max(1e-9);
            (-dy / length * by, dx / length * by)
        })
        .collect();
    let moved = path.iter().enumerate().map(|(at, point)| {
        let before = at.checked_sub(1).and_then(|at| normals.get(at));
        let after = normals.get(at);
        let (x, y) = match (before, after) {
            // Of two pieces one is level and moves the height, one upright and moves the side.
            (Some(a), Some(b)) if (a.0 - b.0).hypot(a.1 - b.1) > 1e-6 => (a.0 + b.0, a.1 + b.1),
            (Some(a), _) => *a,
            (None, Some(b)) => *b,
            (None, None) => (0.0, 0.0),
        };
        (point.0 + x, point.1 + y)
    });
    moved.collect()
}

/// The same way with its corners rounded.
pub(super) fn rounded(path: &[Point]) -> Vec<Point> {
    let mut round = Vec::new();
    for (at, corner) in path.iter().enumerate() {
        let ends = at
            .checked_sub(1)
            .and_then(|before| Some((path.get(before)?, path.get(at + 1)?)));
        let Some((before, after)) = ends else {
            round.push(*corner);
            continue;
        };
        let towards = |end: &Point| {
            let (dx, dy) = (end.0 - corner.0, end.1 - corner.1);
            let length = dx.hypot(dy);
            let reach = BEND.min(length / 2.0) / length.max(1e-9);
            (corner.0 + dx * reach, corner.1 + dy * reach)
        };
        let (start, end) = (towards(before), towards(after));
        // A quadratic curve whose control point is the corner.
        for step in 0..=5 {
            let t = f64::from(step) / 5.0;
            let (a, b, c) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
            round.push((
                a * start.0 + b * corner.0 + c * end.0,
                a * start.1 + b * corner.1 + c * end.1,
            ));
        }
    }
    round
}

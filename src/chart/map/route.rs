//! How the links run: out of the right side of a box, along, up or down in a lane of the gap, into
//! the left side of the next. Lanes are given out so that lines cross no more than they must.

use super::layout::{Edge, Layout};
use crate::chart::scene::{Area, Point};

/// Straight piece at a box before the first lane; the right one has room for an arrow.
const STUB: f64 = 10.0;
const ARROW: f64 = 18.0;
/// Distance of lanes.
const LANE: f64 = 13.0;
/// Least width of a gap.
const NARROWEST: f64 = 48.0;

/// The finished plan: boxes and lines, top left at (0, 0).
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) layout: Layout,
    /// Left end of each item; the middle height is in the layout.
    pub(super) left: Vec<f64>,
    /// Corners of each line.
    pub(super) lines: Vec<Vec<Point>>,
    /// Where each line's texts belong: the straight piece from, to.
    pub(super) runs: Vec<(Point, Point)>,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Plan {
    /// The box of an item.
    pub(super) fn area(&self, item: usize) -> Area {
        let (left, own) = (self.left[item], &self.layout.items[item]);
        Area {
            left,
            top: own.y - own.height / 2.0,
            right: left + own.width,
            bottom: own.y + own.height / 2.0,
        }
    }
}

/// A piece of a line in the gap to the right of a column.
#[derive(Debug, Clone)]
struct Hop {
    edge: usize,
    from: f64,
    to: f64,
    /// Whether its lane lies at the right of the gap, so that texts stand before it.
    late: bool,
    /// Whether both ends are at the left side of the gap: a line inside a column.
    loops: bool,
    lane: usize,
}

/// Leads every line of `layout`.
pub(super) fn lead(mut layout: Layout) -> Plan {
    let ports = layout.ports.clone();
    let mut gaps: Vec<Vec<Hop>> = vec![Vec::new(); layout.columns.len()];
    let mut straight_down = vec![false; layout.edges.len()];
    for (at, edge) in layout.edges.iter().enumerate() {
        let (first, last) = edge.ends();
        let column = layout.items[first].column;
        if column == layout.items[last].column {
            straight_down[at] = layout.adjacent(first, last);
            if !straight_down[at] {
                gaps[column].push(Hop {
                    edge: at,
                    from: ports[at].0,
                    to: ports[at].1,
                    late: false,
                    loops: true,
                    lane: 0,
                });
            }
            continue;
        }
        let heights = heights(&layout, edge, ports[at]);
        for (hop, ends) in heights.windows(2).enumerate() {
            gaps[column + hop].push(Hop {
                edge: at,
                from: ends[0],
                to: ends[1],
                late: edge.at_start && hop == 0,
                loops: false,
                lane: 0,
            });
        }
    }
    for gap in &mut gaps {
        give_lanes(gap);
    }
    let (column_left, gap_right) = widths(&mut layout, &gaps);
    let left: Vec<f64> = layout
        .items
        .iter()
        .map(|item| column_left[item.column])
        .collect();

    let mut lines = Vec::new();
    let mut runs = Vec::new();
    for (at, edge) in layout.edges.iter().enumerate() {
        let (first, last) = edge.ends();
        if straight_down[at] {
            let (upper, lower) = (&layout.items[first], &layout.items[last]);
            let x = left[first] + upper.width / 2.0;
            let ends = (
                (x, upper.y + upper.height / 2.0),
                (x, lower.y - lower.height / 2.0),
            );
            lines.push(vec![ends.0, ends.1]);
            runs.push(ends);
            continue;
        }
        let (line, run) = corners(&layout, at, edge, &gaps, &left, &gap_right);
        lines.push(line);
        runs.push(run);
    }
    let mut plan = Plan {
        layout,
        left,
        lines,
        runs,
        width: gap_right.last().copied().unwrap_or(0.0),
        height: 0.0,
    };
    to_origin(&mut plan);
    plan
}

/// Heights of a line at its first box, at each dummy, at its last box.
fn heights(layout: &Layout, edge: &Edge, ports: (f64, f64)) -> Vec<f64> {
    let inner = edge
        .path
        .iter()
        .skip(1)
        .take(edge.path.len().saturating_sub(2));
    let mut heights = vec![ports.0];
    heights.extend(inner.map(|item| layout.items[*item].y));
    heights.push(ports.1);
    heights
}

/// Gives each hop that is not level a lane, counted from the side where it stands in a crowd: early
/// ones from the left, late ones from the right.
fn give_lanes(hops: &mut [Hop]) {
    for late in [false, true] {
        // Seen from the crowd: rising lines from the top, falling lines from the bottom, so that a
        // line's far piece never crosses the upright of the one before it.
        let ends = |hop: &Hop| {
            if late {
                (hop.to, hop.from)
            } else {
                (hop.from, hop.to)
            }
        };
        let mut order: Vec<usize> = (0..hops.len())
            .filter(|at| hops[*at].late == late && !hops[*at].level())
            .collect();
        order.sort_by(|a, b| {
            let key = |at: usize| {
                let (near, far) = ends(&hops[at]);
                let rising = far < near;
                (rising, if rising { near } else { -near })
            };
            let (a, b) = (key(*a), key(*b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let mut taken: Vec<(f64, f64, usize)> = Vec::new();
        for at in order {
            let (low, high) = hops[at].span();
            let lane = taken
                .iter()
                .filter(|(from, to, _)| *from < high + 6.0 && low - 6.0 < *to)
                .map(|(_, _, lane)| lane + 1)
                .max()
                .unwrap_or(0);
            taken.push((low, high, lane));
            hops[at].lane = lane;
        }
    }
}

impl Hop {
    fn level(&self) -> bool {
        !self.loops && (self.from - self.to).abs() < 0.5
    }

    fn span(&self) -> (f64, f64) {
        (self.from.min(self.to), self.from.max(self.to))
    }
}

/// Sets the width of every box to its column's, and gives the left end of each column and the right
/// end of the gap behind it.
fn widths(layout: &mut Layout, gaps: &[Vec<Hop>]) -> (Vec<f64>, Vec<f64>) {
    let mut lefts = Vec::new();
    let mut rights = Vec::new();
    let mut x = 0.0;
    for (column, hops) in gaps.iter().enumerate() {
        let own = &layout.columns[column];
        let width = own
            .iter()
            .map(|item| layout.items[*item].width)
            .fold(0.0, f64::max);
        for item in own {
            layout.items[*item].width = width;
        }
        lefts.push(x);
        x += width;
        let lanes = |late: bool| {
            let uneven = hops.iter().filter(|hop| hop.late == late && !hop.level());
            uneven.map(|hop| hop.lane + 1).max().unwrap_or(0) as f64 * LANE
        };
        let text = hops
            .iter()
            .map(|hop| layout.edges[hop.edge].label_size.0)
            .fold(0.0, f64::max);
        let room = if text > 0.0 { text + 6.0 } else { 0.0 };
        let last = column + 1 == gaps.len();
        if !last || !hops.is_empty() {
            x += (STUB + lanes(false) + room + lanes(true) + ARROW).max(NARROWEST);
        }
        rights.push(x);
    }
    (lefts, rights)
}

/// The corners of a line, and the straight piece where its texts belong.
fn corners(
    layout: &Layout,
    at: usize,
    edge: &Edge,
    gaps: &[Vec<Hop>],
    left: &[f64],
    gap_right: &[f64],
) -> (Vec<Point>, (Point, Point)) {
    let (first, last) = edge.ends();
    let begin = layout.items[first].column;
    let box_right = |item: usize| left[item] + layout.items[item].width;
    let mut line: Vec<Point> = Vec::new();
    let mut run = ((0.0, 0.0), (0.0, 0.0));
    let hops = gaps.iter().enumerate().skip(begin);
    let hops = hops.filter_map(|(gap, hops)| Some((gap, hops.iter().find(|hop| hop.edge == at)?)));
    let count = edge.path.len() - 1;
    for (step, (gap, hop)) in hops.enumerate() {
        let start = box_right(edge.path[step.min(count)]);
        let lanes = |late: bool| {
            let uneven = gaps[gap]
                .iter()
                .filter(|hop| hop.late == late && !hop.level());
            uneven.map(|hop| hop.lane + 1).max().unwrap_or(0) as f64 * LANE
        };
        let lane = if hop.late {
            gap_right[gap] - ARROW - hop.lane as f64 * LANE - LANE / 2.0
        } else {
            start + STUB + hop.lane as f64 * LANE + LANE / 2.0
        };
        if line.is_empty() {
            line.push((start, hop.from));
        }
        if !hop.level() {
            line.push((lane, hop.from));
            line.push((lane, hop.to));
        }
        if hop.loops {
            line.push((box_right(last), hop.to));
            run = ((lane, hop.from), (lane, hop.to));
            break;
        }
        let texts_here = if edge.at_start {
            step == 0
        } else {
            step + 1 == count
        };
        if texts_here {
            let y = if hop.late { hop.from } else { hop.to };
            let (from, to) = (
                start + STUB + lanes(false),
                gap_right[gap] - ARROW - lanes(true),
            );
            run = ((from, y), (to, y));
        }
        if step + 1 == count {
            line.push((left[last], hop.to));
        }
    }
    (line, run)
}

/// Moves everything so that the highest ink is at height 0.
fn to_origin(plan: &mut Plan) {
    let items = plan.layout.items.iter();
    let tops = items.clone().map(|item| item.y - item.height / 2.0);
    let bottoms = items.map(|item| item.y + item.height / 2.0);
    let ys = plan.lines.iter().flatten().map(|point| point.1);
    let top = tops.chain(ys.clone()).fold(f64::INFINITY, f64::min);
    let bottom = bottoms.chain(ys).fold(f64::NEG_INFINITY, f64::max);
    if top > bottom {
        return;
    }
    for item in &mut plan.layout.items {
        item.y -= top;
    }
    for line in &mut plan.lines {
        for point in line {
            point.1 -= top;
        }
    }
    for run in &mut plan.runs {
        run.0.1 -= top;
        run.1.1 -= top;
    }
    plan.height = bottom - top;
}

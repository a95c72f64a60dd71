//! Where lines meet boxes: one beside the other in the order of their far ends, each as straight as
//! the others let it.

use super::layout::{Edge, Layout, PORT};
use crate::chart::spread::{Wish, spread, spread_within};

/// Least distance of a line from the corner of its box.
const CORNER: f64 = 12.0;

/// A line at one side of a box.
#[derive(Debug, Clone, Copy)]
struct Meet {
    edge: usize,
    /// Whether this is the line's first end.
    first: bool,
    /// Height of the next item on its way.
    far: f64,
    room: f64,
    on_spine: bool,
}

/// The heights at which each line leaves its first box and enters its last.
pub(super) fn find(layout: &Layout) -> Vec<(f64, f64)> {
    let mut ports = vec![(0.0, 0.0); layout.edges.len()];
    let mut alone = vec![(false, false); layout.edges.len()];
    for item in 0..layout.items.len() {
        for right in [true, false] {
            let meets = meets(layout, item, right);
            let own = &layout.items[item];
            let wishes = wishes(layout, item, &meets);
            // Middles stay off the corners; what a line wants around it may reach beyond the box.
            let reach = (own.height / 2.0 - CORNER).max(0.0);
            let beyond = |wish: Option<&Wish>| wish.map_or(0.0, |wish| wish.room / 2.0);
            let low = own.y - reach - beyond(wishes.first());
            let high = own.y + reach + beyond(wishes.last());
            let places = spread_within(&wishes, low, high);
            let (low, high) = (own.y - reach, own.y + reach);
            let places = places.into_iter().map(|y| y.min(high).max(low));
            for (meet, y) in meets.iter().zip(places) {
                let (port, single) = (&mut ports[meet.edge], &mut alone[meet.edge]);
                if meet.first {
                    (port.0, single.0) = (y.round(), meets.len() == 1);
                } else {
                    (port.1, single.1) = (y.round(), meets.len() == 1);
                }
            }
        }
    }
    // A line that has its side for itself goes straight if it can reach that height.
    for (at, edge) in layout.edges.iter().enumerate() {
        let (first, last) = edge.ends();
        let reaches = |item: usize, y: f64| {
            let own = &layout.items[item];
            (y - own.y).abs() <= own.height / 2.0 - CORNER
        };
        let direct = edge.path.len() == 2;
        let next = |item: usize, port: f64| if direct { port } else { layout.items[item].y };
        let after = next(edge.path[1], ports[at].1);
        if alone[at].0 && reaches(first, after) {
            ports[at].0 = after;
        }
        let before = next(edge.path[edge.path.len() - 2], ports[at].0);
        if alone[at].1 && reaches(last, before) {
            ports[at].1 = before;
        }
    }
    ports
}

/// Makes boxes taller whose lines want more room beside the spine than there is.
pub(super) fn make_room(layout: &mut Layout) {
    for item in 0..layout.items.len() {
        for right in [true, false] {
            // As close to the middle as they may stand.
            let middle = layout.items[item].y;
            let meets = meets(layout, item, right);
            let mut wishes = wishes(layout, item, &meets);
            for wish in &mut wishes {
                wish.at = middle;
            }
            let places = spread(&wishes);
            let own = &mut layout.items[item];
            for y in places {
                own.height = own.height.max((2.0 * ((y - own.y).abs() + CORNER)).ceil());
            }
        }
    }
}

fn wishes(layout: &Layout, item: usize, meets: &[Meet]) -> Vec<Wish> {
    let own = &layout.items[item];
    let reach = (own.height / 2.0 - CORNER).max(0.0);
    let alone = meets.len() == 1;
    let wishes = meets.iter().map(|meet| Wish {
        at: if alone || meet.on_spine {
            own.y
        } else {
            meet.far.clamp(own.y - reach, own.y + reach)
        },
        weight: if meet.on_spine { 1e6 } else { 1.0 },
        room: meet.room,
    });
    wishes.collect()
}

/// The lines at one side of a box, from the top.
fn meets(layout: &Layout, item: usize, right: bool) -> Vec<Meet> {
    let edges = layout.edges.iter().enumerate();
    let mut meets: Vec<Meet> = edges
        .filter_map(|(at, edge)| {
            let (first, next) = end_at(layout, edge, item, right)?;
            let text = edge.at_start == right && edge.label_size.1 > 0.0;
            Some(Meet {
                edge: at,
                first,
                far: layout.items[next].y,
                room: if text { edge.label_size.1 + 12.0 } else { PORT },
                on_spine: layout.spine.contains(&item) && layout.spine.contains(&next),
            })
        })
        .collect();
    meets.sort_by(|a, b| a.far.total_cmp(&b.far));
    meets
}

/// If the line has an end at this side of `item`: whether it is its first, and the next item.
fn end_at(layout: &Layout, edge: &Edge, item: usize, right: bool) -> Option<(bool, usize)> {
    let (first, last) = edge.ends();
    if layout.items[first].column == layout.items[last].column {
        // Between two boxes of a column: straight down, or out at the right and in again.
        return match (layout.adjacent(first, last), right) {
            (false, true) if item == first => Some((true, last)),
            (false, true) if item == last => Some((false, first)),
            _ => None,
        };
    }
    match right {
        true if item == first => Some((true, *edge.path.get(1)?)),
        false if item == last => Some((false, *edge.path.iter().rev().nth(1)?)),
        _ => None,
    }
}

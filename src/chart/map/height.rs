//! How high the boxes of each column stand: the nearest that keeps every distance ([`spread`]) and
//! keeps the spine of the network straight.

use super::layout::{Item, Layout};
use crate::chart::spread::{Wish, spread};

/// Free space between boxes of a column, and around a passing link.
const BETWEEN: f64 = 44.0;
const PASSING: f64 = 22.0;
/// A line's step that is small enough to be taken out.
const STEP: f64 = 34.0;

impl Layout {
    /// Sets the height of every item: each near the mean of its neighbours, none closer to another than
    /// it may be, the spine at height 0.
    pub(super) fn set_heights(&mut self) {
        let sides = self.sides();
        let mut stacked = vec![0.0; self.items.len()];
        for edge in &self.edges {
            // A line between two boxes of a column needs room for its text.
            let (first, last) = edge.ends();
            if self.items[first].column == self.items[last].column {
                stacked[first] = edge.label_size.1 + 12.0;
                stacked[last] = edge.label_size.1 + 12.0;
            }
        }
        let room = |item: &Item, at: usize| match item.node {
            Some(_) => item.height + BETWEEN + stacked[at],
            None => PASSING,
        };
        let rooms: Vec<f64> = self
            .items
            .iter()
            .enumerate()
            .map(|(at, item)| room(item, at))
            .collect();
        let columns = self.columns.len();
        for sweep in 0..24 {
            for step in 0..columns {
                let column = if sweep % 2 == 0 {
                    step
                } else {
                    columns - 1 - step
                };
                let wishes: Vec<Wish> = self.columns[column]
                    .iter()
                    .map(|&item| {
                        let near = sides[item].iter().flatten();
                        let sum: f64 = near.clone().map(|other| self.items[*other].y).sum();
                        let mean = sum / near.clone().count().max(1) as f64;
                        let pinned = self.spine.contains(&item);
                        Wish {
                            at: if pinned { 0.0 } else { mean },
                            // A passing link is worth keeping straight; the spine is worth all.
                            weight: match self.items[item].node {
                                _ if pinned => 1e6,
                                None => 3.0,
                                Some(_) => 1.0,
                            },
                            room: rooms[item],
                        }
                    })
                    .collect();
                for (item, y) in self.columns[column]
                    .clone()
                    .into_iter()
                    .zip(spread(&wishes))
                {
                    self.items[item].y = y;
                }
            }
        }
        for item in &mut self.items {
            item.y = item.y.round();
        }
        for _ in 0..2 {
            self.straighten(&sides, &rooms);
        }
    }

    /// Moves items that are almost level with a neighbour to its height where their column lets them:
    /// a small step in a line looks like a mistake.
    fn straighten(&mut self, sides: &[[Vec<usize>; 2]], rooms: &[f64]) {
        for column in &self.columns {
            for (at, &item) in column.iter().enumerate() {
                if self.spine.contains(&item) {
                    continue;
                }
                let clear = |y: f64, other: Option<&usize>| {
                    other.is_none_or(|&other| {
                        let needed = (rooms[item] + rooms[other]) / 2.0;
                        (self.items[other].y - y).abs() >= needed
                            && (self.items[other].y < y)
                                == (self.items[other].y < self.items[item].y)
                    })
                };
                let above = at.checked_sub(1).and_then(|at| column.get(at));
                let level = sides[item]
                    .iter()
                    .flatten()
                    .map(|other| self.items[*other].y)
                    .find(|y| {
                        let step = (y - self.items[item].y).abs();
                        step < STEP && clear(*y, above) && clear(*y, column.get(at + 1))
                    });
                if let Some(y) = level {
                    self.items[item].y = y;
                }
            }
        }
    }
}

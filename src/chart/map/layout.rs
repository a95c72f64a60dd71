//! Where the boxes stand: tiers are columns from left to right; inside a column the order with the
//! fewest crossings, and heights that keep the spine of the network straight.
//!
//! After Sugiyama, Tagawa and Toda (1981): columns, dummies in the columns that a long link passes,
//! barycentre sweeps. Heights are the nearest that keep every distance ([`spread`]).

use super::{Map, MapLink, ports, shape};
use crate::chart::font::{Fonts, Weight};
use crate::chart::sheet::{LINE, SMALL, TEXT};
use crate::chart::spread::{Wish, spread};

/// Widest text of a box, and of a link.
const BOX_TEXT: f64 = 128.0;
const LINK_TEXT: f64 = 150.0;
/// Least height of a box.
const LOWEST: f64 = 54.0;
/// Free space between boxes of a column, and around a passing link.
const BETWEEN: f64 = 44.0;
const PASSING: f64 = 22.0;
/// A line's step that is small enough to be taken out.
const STEP: f64 = 34.0;
/// Distance of lines that meet a box at the same side.
pub(super) const PORT: f64 = 18.0;
/// Width of the tab with a node's number.
pub(super) const TAB: f64 = 30.0;

/// What stands in a column: a box, or a link that passes.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) node: Option<usize>,
    pub(super) column: usize,
    /// Middle.
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Lines of the box's text; what the first label line says is bold.
    pub(super) text: Vec<(String, Weight)>,
}

/// One drawn line: a link, or two in opposite directions.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    /// Items from left to right: a box, dummies, a box. In one column: from the upper box.
    pub(super) path: Vec<usize>,
    /// Link along the path, link against it.
    pub(super) along: Option<usize>,
    pub(super) against: Option<usize>,
    /// Texts along and against, with their size.
    pub(super) labels: [Vec<String>; 2],
    /// Width and height of the larger text.
    pub(super) label_size: (f64, f64),
    /// Whether the texts stand near the left end.
    pub(super) at_start: bool,
}

/// Boxes in place, links not yet led.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) items: Vec<Item>,
    pub(super) columns: Vec<Vec<usize>>,
    pub(super) edges: Vec<Edge>,
    /// Items whose middles are at height 0.
    pub(super) spine: Vec<usize>,
    /// Heights at which each line leaves its first box and enters its last.
    pub(super) ports: Vec<(f64, f64)>,
}

/// Lays out nodes and links; the walk plays no part.
pub(super) fn lay(map: &Map, fonts: &Fonts) -> Layout {
    let columns_of = columns(map);
    let count = columns_of
        .iter()
        .map(|column| column + 1)
        .max()
        .unwrap_or(0);
    let mut columns = vec![Vec::new(); count];
    let mut items: Vec<Item> = Vec::new();
    for (node, column) in columns_of.iter().enumerate() {
        columns[*column].push(node);
        items.push(boxed(map, node, *column, fonts));
    }
    let mut edges = joined(map, &columns_of, fonts);
    for edge in &mut edges {
        let [first, last] = [edge.path[0], edge.path[1]];
        let mut path = vec![first];
        for (column, order) in columns
            .iter_mut()
            .enumerate()
            .take(items[last].column)
            .skip(items[first].column + 1)
        {
            order.push(items.len());
            path.push(items.len());
            items.push(Item {
                node: None,
                column,
                y: 0.0,
                width: 0.0,
                height: 0.0,
                text: Vec::new(),
            });
        }
        path.push(last);
        edge.path = path;
    }
    let mut layout = Layout {
        items,
        columns,
        edges,
        spine: Vec::new(),
        ports: Vec::new(),
    };
    layout.order();
    layout.stand_upper_first();
    layout.choose_label_ends();
    layout.grow_boxes();
    layout.spine = layout.find_spine(map.nodes.len());
    // Where lines enter depends on where boxes stand, and boxes must be tall enough for their lines.
    for _ in 0..2 {
        layout.set_heights();
        layout.ports = ports::find(&layout);
        ports::make_room(&mut layout);
    }
    layout.set_heights();
    layout.ports = ports::find(&layout);
    layout
}

/// Columns of the nodes. Stated tiers are packed; a node without one follows its nearest neighbour
/// that has one, and where none is stated the first node begins.
fn columns(map: &Map) -> Vec<usize> {
    let mut tiers: Vec<u32> = map.nodes.iter().filter_map(|node| node.tier).collect();
    tiers.sort_unstable();
    tiers.dedup();
    let packed = |tier: u32| tiers.iter().position(|own| *own == tier);
    let mut columns: Vec<Option<usize>> = map.nodes.iter().map(|node| packed(node.tier?)).collect();
    let mut next: Vec<usize> = (0..columns.len())
        .filter(|node| columns[*node].is_some())
        .collect();
    loop {
        while !next.is_empty() {
            let mut found = Vec::new();
            for node in next {
                for other in neighbours(&map.links, node) {
                    if columns[other].is_none() {
                        columns[other] = columns[node].map(|column| column + 1);
                        found.push(other);
                    }
                }
            }
            next = found;
        }
        // A part of the network that nothing stated reaches begins at the left.
        match columns.iter().position(Option::is_none) {
            Some(node) => {
                columns[node] = Some(0);
                next = vec![node];
            }
            None => return columns.into_iter().flatten().collect(),
        }
    }
}

fn neighbours(links: &[MapLink], node: usize) -> impl Iterator<Item = usize> {
    links.iter().filter_map(move |link| match node {
        _ if link.from == node => Some(link.to),
        _ if link.to == node => Some(link.from),
        _ => None,
    })
}

fn boxed(map: &Map, node: usize, column: usize, fonts: &Fonts) -> Item {
    let node_of = &map.nodes[node];
    let mut text = Vec::new();
    for (at, line) in node_of.label.iter().take(4).enumerate() {
        let weight = if at == 0 {
            Weight::Bold
        } else {
            Weight::Regular
        };
        let lines = two_lines(line, weight, fonts);
        text.extend(lines.into_iter().map(|line| (line, weight)));
    }
    let widths = text
        .iter()
        .map(|(line, weight)| fonts.width(line, TEXT, *weight));
    let tab = if node_of.number.is_some() { TAB } else { 0.0 };
    let inset = 2.0 * shape::inset(node_of.kind);
    let height = text.len() as f64 * TEXT * LINE + 26.0 + shape::headroom(node_of.kind);
    Item {
        node: Some(node),
        column,
        y: 0.0,
        width: (widths.fold(40.0, f64::max) + tab + inset).ceil(),
        height: height.max(LOWEST),
        text,
    }
}

/// A label in one line, or in two of nearly equal length: no single hanzi left over.
fn two_lines(line: &str, weight: Weight, fonts: &Fonts) -> Vec<String> {
    let whole = fonts.wrap(line, TEXT, weight, BOX_TEXT, 2);
    if whole.len() < 2 {
        return whole;
    }
    let half = fonts.width(line, TEXT, weight) / 2.0 + TEXT;
    let even = fonts.wrap(line, TEXT, weight, half.min(BOX_TEXT), 2);
    let cut = even.last().is_some_and(|line| line.ends_with('…'));
    if cut { whole } else { even }
}

/// The links as lines: each link with the first one that goes back, if there is one.
fn joined(map: &Map, columns: &[usize], fonts: &Fonts) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for (at, link) in map.links.iter().enumerate() {
        let forward = columns[link.from] <= columns[link.to];
        let path = if forward {
            vec![link.from, link.to]
        } else {
            vec![link.to, link.from]
        };
        // In one column both directions count as forward: there the ends may stand swapped.
        let back = edges.iter_mut().find(|edge| {
            let way = edge.along.or(edge.against).map(|other| &map.links[other]);
            let returns = way.is_some_and(|way| way.from == link.to && way.to == link.from);
            returns && (edge.along.is_none() || edge.against.is_none())
        });
        if let Some(edge) = back {
            if edge.along.is_none() {
                edge.along = Some(at);
            } else {
                edge.against = Some(at);
            }
            continue;
        }
        edges.push(Edge {
            path,
            along: forward.then_some(at),
            against: (!forward).then_some(at),
            labels: Default::default(),
            label_size: (0.0, 0.0),
            at_start: false,
        });
    }
    for edge in &mut edges {
        let text = |link: Option<usize>| {
            let lines = link.map(|link| map.links[link].label.as_slice());
            let lines = lines.unwrap_or_default().iter().take(3);
            lines
                .map(|line| fonts.fit(line, SMALL, Weight::Regular, LINK_TEXT))
                .filter(|line| !line.trim().is_empty())
                .collect::<Vec<_>>()
        };
        edge.labels = [text(edge.along), text(edge.against)];
        if edge.labels[0] == edge.labels[1] {
            edge.labels[1].clear();
        }
        let all = edge.labels.iter().flatten();
        let width = all.map(|line| fonts.width(line, SMALL, Weight::Bold));
        let lines = edge.labels.iter().map(Vec::len).sum::<usize>();
        edge.label_size = (width.fold(0.0, f64::max), lines as f64 * SMALL * LINE);
    }
    edges
}

impl Layout {
    /// Neighbours of each item in the column before and in the column after.
    fn sides(&self) -> Vec<[Vec<usize>; 2]> {
        let mut sides = vec![[Vec::new(), Vec::new()]; self.items.len()];
        for edge in &self.edges {
            for hop in edge.path.windows(2) {
                if self.items[hop[0]].column != self.items[hop[1]].column {
                    sides[hop[0]][1].push(hop[1]);
                    sides[hop[1]][0].push(hop[0]);
                }
            }
        }
        sides
    }

    /// Orders each column by the mean place of its neighbours, sweeping to and fro; keeps the order
    /// as written unless another has fewer crossings.
    fn order(&mut self) {
        let sides = self.sides();
        let mut best = (self.crossings(), self.columns.clone());
        for sweep in 0..12 {
            let to_the_right = sweep % 2 == 0;
            let count = self.columns.len();
            for step in 1..count {
                let column = if to_the_right { step } else { count - 1 - step };
                let place = self.places();
                let side = usize::from(!to_the_right);
                let mut keyed: Vec<(f64, usize)> = self.columns[column]
                    .iter()
                    .map(|item| {
                        let near = &sides[*item][side];
                        let sum: f64 = near.iter().map(|other| place[*other]).sum();
                        let mean = sum / near.len() as f64;
                        (if near.is_empty() { place[*item] } else { mean }, *item)
                    })
                    .collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    /// Place of each item in its column, 0 at the top to 1 at the bottom.
    fn places(&self) -> Vec<f64> {
        let mut places = vec![0.0; self.items.len()];
        for column in &self.columns {
            for (at, item) in column.iter().enumerate() {
                places[*item] = (at as f64 + 0.5) / column.len() as f64;
            }
        }
        places
    }

    fn crossings(&self) -> usize {
        let places = self.places();
        let mut hops: Vec<Vec<(f64, f64)>> = vec![Vec::new(); self.columns.len()];
        for edge in &self.edges {
            for hop in edge.path.windows(2) {
                hops[self.items[hop[0]].column].push((places[hop[0]], places[hop[1]]));
            }
        }
        let crossed = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0) * (a.1 - b.1) < 0.0;
        hops.iter()
            .map(|gap| {
                let pairs = gap.iter().enumerate();
                pairs
                    .map(|(at, a)| gap[at + 1..].iter().filter(|b| crossed(a, b)).count())
                    .sum::<usize>()
            })
            .sum()
    }

    /// Turns the lines inside a column so that they begin at their upper box.
    fn stand_upper_first(&mut self) {
        let places = self.places();
        for edge in &mut self.edges {
            let (first, last) = edge.ends();
            let same = self.items[first].column == self.items[last].column;
            if same && places[first] > places[last] {
                edge.path.reverse();
                std::mem::swap(&mut edge.along, &mut edge.against);
                edge.labels.reverse();
            }
        }
    }

    /// Texts stand at the end where fewer lines meet; of equals, at the right end.
    fn choose_label_ends(&mut self) {
        let sides = self.sides();
        for edge in &mut self.edges {
            let (first, last) = edge.ends();
            edge.at_start = sides[first][1].len() < sides[last][0].len();
        }
    }

    /// Makes boxes tall enough for the lines that meet at each side and for the texts at them.
    fn grow_boxes(&mut self) {
        let mut sides = vec![[(0_usize, PORT), (0_usize, PORT)]; self.items.len()];
        for edge in &self.edges {
            let (first, last) = edge.ends();
            let text = edge.label_size.1 + 12.0;
            for (item, side, labelled) in [(first, 1, edge.at_start), (last, 0, !edge.at_start)] {
                sides[item][side].0 += 1;
                if labelled && edge.label_size.1 > 0.0 {
                    sides[item][side].1 = sides[item][side].1.max(text);
                }
            }
        }
        for (item, sides) in self.items.iter_mut().zip(&sides) {
            for (count, pitch) in sides {
                let needed = count.saturating_sub(1) as f64 * pitch + 24.0;
                item.height = item.height.max(needed);
            }
        }
    }

    /// The items of the longest way from left to right: most links that alone hold the network
    /// together, then most links. Loops and redundant pairs thus hang beside it.
    fn find_spine(&self, nodes: usize) -> Vec<usize> {
        let mut best: Vec<((usize, usize), Option<usize>)> = vec![((0, 0), None); nodes];
        for column in 0..self.columns.len() {
            for (at, edge) in self.edges.iter().enumerate() {
                let (first, last) = edge.ends();
                let across = self.items[last].column > column;
                if self.items[first].column != column || !across {
                    continue;
                }
                let (bridges, links) = best[first].0;
                let way = (bridges + usize::from(self.is_bridge(at, nodes)), links + 1);
                if way > best[last].0 {
                    best[last] = (way, Some(at));
                }
            }
        }
        // The first of the best, so that the order of writing decides between equals.
        let mut end = 0;
        for node in 0..nodes {
            if best[node].0 > best[end].0 {
                end = node;
            }
        }
        let mut spine = Vec::new();
        while let Some(&(_, Some(edge))) = best.get(end) {
            spine.extend(self.edges[edge].path.iter().skip(1));
            end = self.edges[edge].ends().0;
        }
        spine.push(end);
        spine
    }

    /// Whether the network falls apart without this line.
    fn is_bridge(&self, without: usize, nodes: usize) -> bool {
        let (start, goal) = self.edges[without].ends();
        let mut seen = vec![false; nodes];
        let mut next = vec![start];
        while let Some(node) = next.pop() {
            if std::mem::replace(&mut seen[node], true) {
                continue;
            }
            for (at, edge) in self.edges.iter().enumerate() {
                let (first, last) = edge.ends();
                if at != without && first == node {
                    next.push(last);
                } else if at != without && last == node {
                    next.push(first);
                }
            }
        }
        !seen[goal]
    }

    fn set_heights(&mut self) {
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

impl Layout {
    /// Whether two boxes of one column follow each other.
    pub(super) fn adjacent(&self, upper: usize, lower: usize) -> bool {
        let column = self.items[upper].column;
        let same = column == self.items[lower].column;
        same && self.columns[column]
            .windows(2)
            .any(|pair| pair == [upper, lower])
    }
}

impl Edge {
    /// The items at both ends.
    pub(super) fn ends(&self) -> (usize, usize) {
        let first = self.path.first().copied().unwrap_or(0);
        (first, self.path.last().copied().unwrap_or(first))
    }
}

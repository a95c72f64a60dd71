//! From nodes and links to boxes in place: which items there are, how large they must be, and in
//! which order the other rooms are asked to place them.
//!
//! After Sugiyama, Tagawa and Toda (1981): columns ([`tier`](super::tier)), dummies in the columns that
//! a long link passes, order by barycentre sweeps ([`order`](super::order)), then heights
//! ([`height`](super::height)) and the places where lines meet boxes ([`ports`]).

use super::{Map, ports, shape, tier};
use crate::chart::font::{Fonts, Weight};
use crate::chart::sheet::{LINE, SMALL, TEXT};

/// Widest text of a box, and of a link.
const BOX_TEXT: f64 = 128.0;
const LINK_TEXT: f64 = 150.0;
/// Least height of a box.
const LOWEST: f64 = 54.0;
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
    let columns_of = tier::columns(map);
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

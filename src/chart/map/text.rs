//! Where the texts of links stand: clear of boxes, of lines and of each other.

use super::draw::{BADGE, Drawing};
use super::path::span;
use crate::chart::font::Weight;
use crate::chart::palette::{ALERT, INK, WHITE};
use crate::chart::scene::{Anchor, Area, Label, Point};
use crate::chart::sheet::{LINE, Look, SMALL};

impl Drawing<'_> {
    /// The texts of links: each above its line (back direction: below), moved along it or to the
    /// other side where something is in the way.
    pub(super) fn texts(&mut self) {
        let mut taken: Vec<Area> = Vec::new();
        for item in 0..self.plan.layout.items.len() {
            if self.plan.layout.items[item].node.is_some() {
                let mut area = self.area(item);
                if self.map.walk.is_some() {
                    area.bottom += BADGE;
                }
                taken.push(area);
            }
        }
        let mut wires: Vec<(usize, Area)> = Vec::new();
        for edge in 0..self.plan.layout.edges.len() {
            let path = self.path(edge);
            wires.extend(
                path.windows(2)
                    .map(|ends| (edge, span(ends[0], ends[1]).grown(2.0))),
            );
        }
        for (at, edge) in self.plan.layout.edges.iter().enumerate() {
            for (back, lines) in edge.labels.iter().enumerate() {
                if lines.is_empty() {
                    continue;
                }
                let place = self.place_text(at, lines, back == 1, &taken, &wires);
                let links = [edge.along, edge.against];
                let emphasis = links
                    .iter()
                    .any(|link| self.link(*link).is_some_and(|link| link.emphasis));
                let look = if emphasis {
                    Look::new(SMALL, ALERT).bold()
                } else {
                    Look::new(SMALL, INK)
                };
                self.scene.block(place.grown(1.0), WHITE, 0.85);
                for (line, text) in lines.iter().enumerate() {
                    let baseline = place.top + 0.9 * SMALL + line as f64 * SMALL * LINE;
                    self.scene.label(Label {
                        text: text.clone(),
                        at: ((place.left + place.right) / 2.0, baseline),
                        anchor: Anchor::Middle,
                        size: look.size,
                        weight: look.weight,
                        colour: look.colour,
                    });
                }
                taken.push(place);
            }
        }
    }

    /// The best of several places near the line's run: the one that covers least.
    fn place_text(
        &self,
        edge: usize,
        lines: &[String],
        back: bool,
        taken: &[Area],
        wires: &[(usize, Area)],
    ) -> Area {
        let (from, to) = self.plan.runs[edge];
        let (from, to) = (self.at(from), self.at(to));
        let widths = lines
            .iter()
            .map(|line| self.fonts.width(line, SMALL, Weight::Bold));
        let width = widths.fold(0.0, f64::max);
        let height = lines.len() as f64 * SMALL * LINE;
        let (walked_along, walked_back) = self.walked(edge);
        let ends = &self.plan.layout.edges[edge];
        let glows = [ends.along, ends.against]
            .iter()
            .any(|link| self.link(*link).is_some_and(|link| link.emphasis));
        let clear = match (glows, walked_along || walked_back) {
            (true, _) => 10.0,
            (false, true) => 9.0,
            (false, false) => 4.0,
        };
        let around = |centre: Point| Area {
            left: centre.0 - width / 2.0,
            top: centre.1 - height / 2.0,
            right: centre.0 + width / 2.0,
            bottom: centre.1 + height / 2.0,
        };
        let level = (from.1 - to.1).abs() < 1.0;
        let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
        let mut places = Vec::new();
        for shift in [0.0, 10.0, -10.0, 22.0, -22.0, 36.0, -36.0] {
            for side in if back { [1.0, -1.0] } else { [-1.0, 1.0] } {
                places.push(if level {
                    (middle.0 + shift, middle.1 + side * (clear + height / 2.0))
                } else {
                    // Beside an upright: to its right first.
                    let x = middle.0 - side * (clear + 3.0 + width / 2.0);
                    (x, middle.1 + shift)
                });
            }
        }
        let cost = |area: &Area| {
            let boxes: f64 = taken
                .iter()
                .map(|other| other.grown(2.0).shared(area))
                .sum();
            let lines: f64 = wires.iter().map(|(_, wire)| wire.shared(area)).sum();
            10.0 * boxes + lines
        };
        let mut best = around(middle);
        let mut least = f64::INFINITY;
        for place in places {
            let area = around(place);
            let cost = cost(&area);
            if cost < least {
                (best, least) = (area, cost);
            }
        }
        best
    }
}

//! Draws a plan: links, boxes, the walk with its order of visits.

use plotters::style::RGBColor;

use super::path::{beside, rounded};
use super::route::Plan;
use super::{Map, MapLink, kind_name, shape};
use crate::chart::font::{Fonts, Weight};
use crate::chart::palette::{ALERT, GREY, Hue, INK, WHITE, box_colours};
use crate::chart::scene::{Anchor, Area, CAP, Label, Point, Scene, Stroke};
use crate::chart::sheet::{Entry, LINE, MARGIN, SMALL, Sheet, Swatch, TEXT, WIDTH};

use super::layout::TAB;

/// Links that no walk follows.
const WIRE: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Behind the lines of links that the map points at.
const GLOW: RGBColor = RGBColor(0xFF, 0xC9, 0xA3);
/// Half the distance of the two directions of a walk on one link.
const ASIDE: f64 = 4.0;
/// Radius of a badge with an order of visit.
pub(super) const BADGE: f64 = 10.0;

/// Draws `map` as planned.
pub(super) fn draw(map: &Map, plan: &Plan, fonts: &Fonts) -> Scene {
    let width = (plan.width + 2.0 * MARGIN).max(WIDTH).ceil();
    let mut sheet = Sheet::new(&map.caption, fonts, width);
    let owners = owners(map);
    sheet.legend(&owner_entries(map, &owners));
    sheet.legend(&shape_entries(map));
    sheet.y += 14.0;
    let origin = (((width - plan.width) / 2.0).round(), sheet.y.round());
    let mut drawing = Drawing {
        map,
        plan,
        fonts,
        scene: sheet.scene.clone(),
        origin,
        visits: visits(map),
    };
    drawing.links();
    drawing.boxes(&owners);
    drawing.texts();
    sheet.scene = drawing.scene;
    sheet.y += plan.height + BADGE + 8.0;
    sheet.finish(&map.caption)
}

/// Owners in the order in which they first appear.
fn owners(map: &Map) -> Vec<&str> {
    let mut owners: Vec<&str> = Vec::new();
    for node in &map.nodes {
        if !node.owner.is_empty() && !owners.contains(&node.owner.as_str()) {
            owners.push(&node.owner);
        }
    }
    owners
}

fn owner_entries(map: &Map, owners: &[&str]) -> Vec<Entry> {
    let boxes = owners.iter().enumerate().map(|(at, owner)| {
        let (fill, border) = box_colours(at);
        Entry {
            name: (*owner).to_string(),
            swatch: Swatch::Box(fill, border),
        }
    });
    let walk = map.walk.as_ref().map(|_| Entry {
        name: map.lang.pick("途经次序", "order of visits").to_string(),
        swatch: Swatch::Badge(walk_colour()),
    });
    let emphasis = map.links.iter().any(|link| link.emphasis).then(|| Entry {
        name: map.lang.pick("重点链路", "link in question").to_string(),
        swatch: Swatch::Wire(ALERT),
    });
    boxes.chain(walk).chain(emphasis).collect()
}

fn shape_entries(map: &Map) -> Vec<Entry> {
    let mut kinds: Vec<_> = map.nodes.iter().map(|node| node.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < 2 {
        return Vec::new();
    }
    let entries = kinds.into_iter().map(|kind| Entry {
        name: kind_name(kind, map.lang).to_string(),
        swatch: Swatch::Shape(kind),
    });
    entries.collect()
}

/// For each node the places, from 1, at which the walk visits it.
fn visits(map: &Map) -> Vec<Vec<usize>> {
    let mut visits = vec![Vec::new(); map.nodes.len()];
    for (at, node) in map.walk.iter().flatten().enumerate() {
        visits[*node].push(at + 1);
    }
    visits
}

fn walk_colour() -> RGBColor {
    Hue::of(0).ink
}

/// A map being drawn.
pub(super) struct Drawing<'a> {
    pub(super) map: &'a Map,
    pub(super) plan: &'a Plan,
    pub(super) fonts: &'a Fonts,
    pub(super) scene: Scene,
    origin: Point,
    visits: Vec<Vec<usize>>,
}

impl Drawing<'_> {
    pub(super) fn at(&self, point: Point) -> Point {
        (point.0 + self.origin.0, point.1 + self.origin.1)
    }

    pub(super) fn area(&self, item: usize) -> Area {
        let area = self.plan.area(item);
        Area {
            left: area.left + self.origin.0,
            top: area.top + self.origin.1,
            right: area.right + self.origin.0,
            bottom: area.bottom + self.origin.1,
        }
    }

    pub(super) fn path(&self, edge: usize) -> Vec<Point> {
        self.plan.lines[edge]
            .iter()
            .map(|point| self.at(*point))
            .collect()
    }

    pub(super) fn link(&self, link: Option<usize>) -> Option<&MapLink> {
        self.map.links.get(link?)
    }

    fn links(&mut self) {
        let edges = &self.plan.layout.edges;
        let emphasised = |edge: usize| {
            let links = [edges[edge].along, edges[edge].against];
            links
                .iter()
                .any(|link| self.link(*link).is_some_and(|link| link.emphasis))
        };
        let glowing: Vec<bool> = (0..edges.len()).map(emphasised).collect();
        for (at, glows) in glowing.iter().enumerate() {
            if *glows {
                let path = rounded(&self.path(at));
                self.scene.line(path, Stroke::new(GLOW, 15.0));
            }
        }
        for (at, glows) in glowing.iter().enumerate() {
            let (along, against) = self.walked(at);
            let path = self.path(at);
            if along || against {
                self.walk_lines(&path, along, against);
                continue;
            }
            let edge = &edges[at];
            let dashed = [edge.along, edge.against]
                .iter()
                .any(|link| self.link(*link).is_some_and(|link| link.dashed));
            let (colour, width) = if *glows { (ALERT, 3.4) } else { (WIRE, 1.8) };
            let mut stroke = Stroke::new(colour, width);
            if dashed {
                stroke = stroke.dashed(&[7.0, 5.0]);
            }
            let one_way = edge.along.is_none() || edge.against.is_none();
            let mut path = path;
            if edge.along.is_none() {
                path.reverse();
            }
            if one_way {
                self.arrow(path, stroke);
            } else {
                self.scene.line(rounded(&path), stroke);
            }
        }
    }

    /// Whether the walk follows this line along and against its direction on the page.
    pub(super) fn walked(&self, edge: usize) -> (bool, bool) {
        let (first, last) = self.plan.layout.edges[edge].ends();
        let steps = self.map.walk.as_deref().unwrap_or_default().windows(2);
        steps.fold((false, false), |(along, against), step| {
            (
                along || step == [first, last],
                against || step == [last, first],
            )
        })
    }

    fn walk_lines(&mut self, path: &[Point], along: bool, against: bool) {
        let stroke = Stroke::new(walk_colour(), 2.6);
        let back: Vec<Point> = path.iter().rev().copied().collect();
        // Both directions keep to the right of the way, as on a road.
        let aside = if along && against { ASIDE } else { 0.0 };
        if along {
            self.arrow(beside(path, aside), stroke);
        }
        if against {
            self.arrow(beside(&back, aside), stroke);
        }
    }

    /// A line with a head at its end.
    fn arrow(&mut self, mut path: Vec<Point>, stroke: Stroke) {
        let [.., before, tip] = path.as_slice() else {
            return;
        };
        let (before, tip) = (*before, *tip);
        let length = (tip.0 - before.0).hypot(tip.1 - before.1).max(1e-9);
        let (ux, uy) = ((tip.0 - before.0) / length, (tip.1 - before.1) / length);
        let (long, half) = (9.0 + stroke.width, 3.0 + stroke.width * 0.8);
        let foot = (tip.0 - ux * long, tip.1 - uy * long);
        if let Some(end) = path.last_mut() {
            *end = (tip.0 - ux * long * 0.8, tip.1 - uy * long * 0.8);
        }
        self.scene.line(rounded(&path), stroke);
        let head = vec![
            tip,
            (foot.0 - uy * half, foot.1 + ux * half),
            (foot.0 + uy * half, foot.1 - ux * half),
        ];
        self.scene.polygon(head, stroke.colour, 1.0);
    }

    fn boxes(&mut self, owners: &[&str]) {
        for (item, own) in self.plan.layout.items.iter().enumerate() {
            let Some(node) = own.node.and_then(|node| self.map.nodes.get(node)) else {
                continue;
            };
            let area = self.area(item);
            let owner = owners.iter().position(|owner| *owner == node.owner);
            let (fill, border) = owner.map_or((WHITE, GREY), box_colours);
            // What the walk leaves aside steps back.
            let aside = self.map.walk.is_some() && self.visits[item].is_empty();
            let (fill, ink) = if aside { (WHITE, GREY) } else { (fill, INK) };
            let stroke = Stroke::new(border, if aside { 1.2 } else { 2.0 });
            shape::draw(&mut self.scene, node.kind, area, fill, stroke);
            let inset = shape::inset(node.kind);
            let mut left = area.left + inset;
            let middle = (area.top + shape::headroom(node.kind) + area.bottom) / 2.0;
            if let Some(number) = node.number {
                let centre = (left + TAB / 2.0 - 3.0, middle);
                self.tab(centre, number, border);
                left += TAB;
            }
            let x = (left + area.right - inset) / 2.0;
            let pitch = TEXT * LINE;
            let first = middle - pitch * (own.text.len() as f64 - 1.0) / 2.0 + CAP * TEXT / 2.0;
            for (line, (text, weight)) in own.text.iter().enumerate() {
                self.scene.label(Label {
                    text: text.clone(),
                    at: (x, first + line as f64 * pitch),
                    anchor: Anchor::Middle,
                    size: TEXT,
                    weight: *weight,
                    colour: ink,
                });
            }
            self.badges(item, area);
        }
    }

    fn tab(&mut self, centre: Point, number: u32, colour: RGBColor) {
        let text = self
            .fonts
            .fit(&number.to_string(), SMALL, Weight::Bold, TAB - 4.0);
        let area = Area {
            left: centre.0 - 12.0,
            top: centre.1 - 11.0,
            right: centre.0 + 12.0,
            bottom: centre.1 + 11.0,
        };
        self.scene.block(area, colour, 1.0);
        self.scene.label(Label {
            text,
            at: (centre.0, centre.1 + CAP * SMALL / 2.0),
            anchor: Anchor::Middle,
            size: SMALL,
            weight: Weight::Bold,
            colour: WHITE,
        });
    }

    /// The orders of visit, on the lower edge of the box.
    fn badges(&mut self, item: usize, area: Area) {
        let pitch = 2.0 * BADGE + 2.0;
        let row = ((area.right - area.left) / pitch).floor().max(1.0) as usize;
        for (line, visits) in self.visits[item].clone().chunks(row).enumerate() {
            let middle = (area.left + area.right) / 2.0;
            let first = middle - pitch * (visits.len() as f64 - 1.0) / 2.0;
            for (at, visit) in visits.iter().enumerate() {
                let centre = (first + at as f64 * pitch, area.bottom + line as f64 * pitch);
                badge(&mut self.scene, centre, &visit.to_string(), walk_colour());
            }
        }
    }
}

/// A filled circle with a number.
fn badge(scene: &mut Scene, centre: Point, text: &str, colour: RGBColor) {
    scene.disc(centre, BADGE + 1.2, WHITE);
    scene.disc(centre, BADGE, colour);
    let size = if text.len() > 2 { 10.0 } else { 12.5 };
    scene.label(Label {
        text: text.to_string(),
        at: (centre.0, centre.1 + CAP * size / 2.0),
        anchor: Anchor::Middle,
        size,
        weight: Weight::Bold,
        colour: WHITE,
    });
}

//! The table of hops: which columns there is room for, and a row for each hop.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::figures::{self, View, tone, verdict};
use super::super::state::State;
use super::ink::{Ink, cut, put};
use super::strip::{Scale, marks};
use crate::lang::{Lang, width};
use crate::report::trace::{Field, node, owner};
use crate::trace::report::Row;
use place::{Part, Placed};

mod place;

/// The table of one target.
pub(super) struct Table<'a> {
    pub(super) view: &'a View,
    pub(super) state: &'a State,
    pub(super) chosen: Option<u8>,
    pub(super) lang: Lang,
    pub(super) ink: Ink,
}

impl Table<'_> {
    fn rows(&self) -> &[Row] {
        &self.view.report.rows
    }

    /// Draws the head and as many rows as there is room for, the chosen one among them.
    pub(super) fn draw(&self, area: Rect, buffer: &mut Buffer) {
        let room = usize::from(area.height.saturating_sub(1));
        let chosen = self.rows().iter();
        let chosen = chosen
            .take_while(|row| Some(row.hop.distance) != self.chosen)
            .count();
        let hidden = self.rows().len().saturating_sub(room);
        let above = (chosen + 1).saturating_sub(room).min(hidden);
        let host = self.host_head(above, room);
        let placed = self.place(area.width, &host);
        let strip = placed.iter().find(|placed| placed.part == Part::Strip);
        let marks = strip.map_or(0, |placed| usize::from(placed.cells));
        let distances = self.rows().iter().map(|row| row.hop.distance);
        let scale = Scale::of(&self.view.history, distances, marks);
        self.head(area, &placed, scale, &host, buffer);
        let shown = self.rows().iter().skip(above).take(room);
        for (y, row) in (area.y + 1..area.bottom()).zip(shown) {
            self.row(
                row,
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                &placed,
                scale,
                buffer,
            );
        }
    }

    fn head(
        &self,
        area: Rect,
        placed: &[Placed],
        scale: Option<Scale>,
        host: &str,
        buffer: &mut Buffer,
    ) {
        let mut x = area.x;
        let style = self.ink.faint();
        for Placed { part, cells } in placed {
            let head = match (part, scale) {
                (Part::Host, _) => host.to_string(),
                (Part::Strip, Some(scale)) => {
                    let text = scale.text(self.lang);
                    match width(&text) > usize::from(*cells) {
                        true => self.name(*part),
                        false => text,
                    }
                }
                _ => self.name(*part),
            };
            let cell = Rect {
                x,
                width: *cells,
                ..area
            };
            write(
                buffer,
                cell.intersection(area),
                area.y,
                &head,
                right(*part),
                style,
            );
            x = x.saturating_add(cells + 1);
        }
    }

    /// The head of the hosts; where some rows are out of sight, it says which are not.
    fn host_head(&self, above: usize, room: usize) -> String {
        let (name, all) = (self.name(Part::Host), self.rows().len());
        match all > room {
            true => format!("{name} {}-{}/{all}", above + 1, (above + room).min(all)),
            false => name,
        }
    }

    fn name(&self, part: Part) -> String {
        let pick = |zh, en| self.lang.pick(zh, en).to_string();
        match part {
            Part::Number => pick("跳", "Hop"),
            Part::Host => pick("主机", "Host"),
            Part::Figure(column) => column.title().to_string(),
            Part::Verdict => pick("判断", "Verdict"),
            Part::Node => pick("节点", "Node"),
            Part::Owner => pick("责任方", "Owner"),
            Part::Strip => pick("近期", "Recent"),
        }
    }

    fn row(
        &self,
        row: &Row,
        area: Rect,
        placed: &[Placed],
        scale: Option<Scale>,
        buffer: &mut Buffer,
    ) {
        let chosen = self.chosen == Some(row.hop.distance);
        let base = match chosen {
            true => self.ink.bold(),
            false => self.ink.plain(),
        };
        let nodes_shown = placed.iter().any(|placed| placed.part == Part::Node);
        let mut x = area.x;
        for Placed { part, cells } in placed {
            let cell = Rect {
                x,
                width: *cells,
                ..area
            }
            .intersection(area);
            let toned = base.patch(self.ink.tone(tone(row)));
            let (text, style) = match part {
                Part::Number => {
                    let mark = if chosen { ">" } else { " " };
                    (format!("{mark}{:>2}", self.number(row)), base)
                }
                Part::Host => (self.host(row, nodes_shown), base),
                Part::Figure(column) => {
                    let lossy = matches!(column, Field::Loss | Field::Drop);
                    let style = if lossy && row.hop.stats.lost > 0 {
                        toned
                    } else {
                        base
                    };
                    (figures::figure(&row.hop.stats, *column), style)
                }
                Part::Verdict => (verdict(row).get(self.lang).to_string(), toned),
                Part::Node => (self.node(row), base),
                Part::Owner => (self.owner(row), base),
                Part::Strip => {
                    let count = usize::from(*cells);
                    let recent = self.view.history.recent(row.hop.distance, count);
                    let empty = count.saturating_sub(recent.len());
                    let mut x = x.saturating_add(empty as u16);
                    for (mark, style) in marks(recent, scale, (self.ink, tone(row))) {
                        x = put(buffer, area, (x, area.y), &mark.to_string(), style);
                    }
                    continue;
                }
            };
            write(buffer, cell, area.y, &text, right(*part), style);
            x = x.saturating_add(cells + 1);
        }
    }

    fn number(&self, row: &Row) -> String {
        match self.view.report.about.method.sees_hops {
            true => row.hop.distance.to_string(),
            // The distance of an end host is not known when it alone was asked.
            false => "?".to_string(),
        }
    }

    /// Address or name of the hop; its node where there is no column for that.
    fn host(&self, row: &Row, nodes_shown: bool) -> String {
        let node = row.node.as_ref().filter(|_| !nodes_shown);
        let first = row.hop.responders.first();
        let host = match (node, first) {
            (Some(_), _) => self.node(row),
            (None, None) => "???".to_string(),
            (None, Some(first)) if self.state.names => self.view.report.host(first.address),
            (None, Some(first)) => first.address.to_string(),
        };
        match row.hop.responders.len() {
            0 | 1 => host,
            several => format!("{host} +{}", several - 1),
        }
    }

    fn node(&self, row: &Row) -> String {
        node(row, self.lang)
    }

    fn owner(&self, row: &Row) -> String {
        owner(row, self.lang)
    }
}

fn right(part: Part) -> bool {
    matches!(part, Part::Figure(_))
}

/// Writes `text` into `cell`, at its right edge when it is a figure.
fn write(buffer: &mut Buffer, cell: Rect, y: u16, text: &str, right: bool, style: Style) {
    let text = cut(text, cell.width.into());
    let spare = cell.width.saturating_sub(width(&text) as u16);
    let x = if right { cell.x + spare } else { cell.x };
    put(buffer, cell, (x, y), &text, style);
}

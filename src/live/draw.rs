//! What is seen: the state and the figures, drawn on a buffer of cells. No terminal.
//!
//! A large screen has, from the top: the run, where it hurts, the keys, the targets where there are
//! several, the hops, the chosen hop, and how the path changed. A smaller one leaves out the keys,
//! then the chosen hop's band, then all but the table; one of a line or two says how the target
//! fares.

use jiff::Zoned;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::figures::{View, figure, tone, verdict};
use super::state::State;
use crate::lang::Lang;
use crate::report::trace::Field;
use crate::units::Moment;
use hops::Table;
use ink::{Ink, line};

mod band;
mod detail;
mod foot;
mod head;
mod hops;
mod ink;
mod manual;
mod strip;

/// Rows from which a screen has more than the table.
const FRAMED: u16 = 8;

/// Rows that the verdict on the whole path may take.
const PAIN: usize = 2;

/// Rows from which the keys are named.
const KEYED: u16 = 16;

/// Rows that the chosen hop needs with its band.
const DETAIL: u16 = 7;

/// Rows that it needs without: who it is, and why it is judged so.
const WORDS: u16 = 2;

/// Rows of changes at the foot of a tall screen.
const CHANGES: u16 = 3;

/// Rows from which a screen is tall.
const TALL: u16 = 40;

/// Columns from which a screen has a table at all.
const TABLE: u16 = 12;

/// What there is to see.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Each target.
    pub views: &'a [View],
    /// The time of day of moment 0.
    pub zero: &'a Zoned,
    /// The language of everything.
    pub lang: Lang,
    /// Whether colours are used.
    pub colour: bool,
}

impl Scene<'_> {
    fn ink(&self) -> Ink {
        Ink {
            colour: self.colour,
        }
    }

    fn clock(&self, moment: Moment) -> String {
        band::clock(self.zero, moment)
    }
}

/// Where each part of the screen stands; a part without room has no height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts {
    head: Rect,
    targets: Rect,
    table: Rect,
    detail: Rect,
    foot: Rect,
}

impl Parts {
    fn of(area: Rect, hops: usize, targets: usize, (pain, changes): (usize, usize)) -> Parts {
        let mut y = area.y;
        let mut take = |height: u16| {
            let part = Rect { y, height, ..area };
            y += height;
            part
        };
        let count = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        if area.height < FRAMED {
            let foot = u16::from(area.height > 3);
            return Parts {
                head: take(0),
                targets: take(0),
                table: take(area.height - foot),
                detail: take(0),
                foot: take(foot),
            };
        }
        let head = match area.height {
            ..KEYED => 2,
            _ => 2 + count(pain.clamp(1, PAIN)),
        };
        let foot = match area.height < TALL {
            true => 1,
            false => CHANGES.min(count(changes).max(1)),
        };
        let listed = match targets {
            0 | 1 => 0,
            several => count(several).min(area.height / 5),
        };
        let rest = area.height - head - foot - listed;
        let spare = rest.saturating_sub(count(hops.max(1)).saturating_add(1));
        // A long table leaves the chosen hop its rows as long as half of them are its own.
        let detail = if spare >= DETAIL || rest >= 2 * DETAIL {
            spare.max(DETAIL)
        } else if rest >= 3 * WORDS {
            spare.max(WORDS)
        } else {
            0
        };
        Parts {
            head: take(head),
            targets: take(listed),
            table: take(rest - detail),
            detail: take(detail),
            foot: take(foot),
        }
    }
}

/// Draws everything, and says where the cursor stands if it is seen at all.
pub fn draw(state: &State, scene: &Scene, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let area = area.intersection(buffer.area);
    let view = scene.views.get(state.target)?;
    if area.is_empty() {
        return None;
    }
    if state.help {
        manual::draw(scene, area, buffer);
        return None;
    }
    if area.height < 3 || area.width < TABLE {
        short(state, scene, view, area, buffer);
        return None;
    }
    let rows = &view.report.rows;
    let found = |wanted: Option<u8>| rows.iter().find(|row| Some(row.hop.distance) == wanted);
    let chosen = found(state.chosen).or_else(|| found(view.focus()));
    let said = head::pain(scene, view, area.width);
    let lines = (said.len(), view.events.len());
    let mut parts = Parts::of(area, rows.len(), scene.views.len(), lines);
    if state.enlarged && parts.head.height > 0 {
        parts.detail.y = parts.targets.y;
        parts.detail.height = parts.foot.y - parts.targets.y;
        (parts.targets.height, parts.table.height) = (0, 0);
    }
    let ink = scene.ink();
    if parts.head.height > 0 {
        head::draw(state, scene, view, &said, parts.head, buffer);
    }
    head::targets(state, scene, ink, parts.targets, buffer);
    if parts.table.height > 0 {
        let table = Table {
            view,
            state,
            chosen: chosen.map(|row| row.hop.distance),
            lang: scene.lang,
            ink,
        };
        table.draw(parts.table, buffer);
    }
    if let Some(row) = chosen {
        detail::draw(state, scene, view, row, parts.detail, buffer);
    }
    foot::draw(state, scene, view, parts.foot, buffer)
}

/// One line: the target, its loss, its time, and the verdict on the hop that hurts most.
fn short(state: &State, scene: &Scene, view: &View, area: Rect, buffer: &mut Buffer) {
    let ink = scene.ink();
    let rows = &view.report.rows;
    let last = view.report.trace.reached.and_then(|_| rows.last());
    let of = |column| last.map_or("-".to_string(), |row| figure(&row.hop.stats, column));
    let figures = format!("{} {} ms", of(Field::Loss), of(Field::Newest));
    let mut parts = vec![(figures, ink.bold())];
    if state.paused {
        let said = scene.lang.pick(" 已暂停", " PAUSED");
        parts.push((said.to_string(), ink.loud()));
    }
    let focus = view.focus();
    if let Some(row) = rows.iter().find(|row| Some(row.hop.distance) == focus) {
        let said = format!(" {}:{}", row.hop.distance, verdict(row).get(scene.lang));
        parts.push((said, ink.tone(tone(row))));
    }
    parts.push((format!(" {}", view.report.about.target), ink.plain()));
    line(buffer, area, (area.x, area.y), &parts);
}

#[cfg(test)]
mod tests;

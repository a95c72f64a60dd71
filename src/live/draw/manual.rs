//! The keys and marks, explained over the whole screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::keys;
use super::Scene;
use super::ink::put;
use super::strip::{LATE, LOST, UNSENT};
use crate::lang::width;
use crate::text;

/// Draws the help; what there is no room for is left out.
pub(super) fn draw(scene: &Scene, area: Rect, buffer: &mut Buffer) {
    let ink = scene.ink();
    let title = scene
        .lang
        .pick("hopcast 实时视图：按键", "hopcast live view: keys");
    put(buffer, area, (area.x, area.y), title, ink.bold());
    let keys = keys::help();
    let widest = keys.iter().map(|(key, _)| width(key)).max().unwrap_or(0);
    let mut y = area.y.saturating_add(1);
    for (key, what) in &keys {
        put(buffer, area, (area.x, y), key, ink.bold());
        let x = area.x.saturating_add(widest as u16 + 2);
        put(buffer, area, (x, y), what.get(scene.lang), ink.plain());
        y = y.saturating_add(1);
    }
    let marks = text!(
        "近期每格一个探测：▁-█ 时延（对数刻度） {LOST} 未应答 {LATE} 迟到 {UNSENT} 未发出",
        "Recent, a mark a probe: ▁-█ time (log scale), {LOST} unanswered, {LATE} late, {UNSENT} not sent"
    );
    put(
        buffer,
        area,
        (area.x, y),
        marks.get(scene.lang),
        ink.plain(),
    );
}

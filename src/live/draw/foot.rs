//! The last lines: what is being asked, what is said to the last key, or how the path changed.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::figures::{Event, Tone, View};
use super::super::state::{Asked, Prompt, State};
use super::Scene;
use super::ink::put;
use crate::lang::Text;
use crate::report::trace::Field;
use crate::text;

/// Draws the foot and says where the cursor stands while something is being asked.
pub(super) fn draw(
    state: &State,
    scene: &Scene,
    view: &View,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let ink = scene.ink();
    let last = area.bottom().checked_sub(1).filter(|_| area.height > 0)?;
    if let Some(prompt) = &state.prompt {
        return Some(ask(
            prompt,
            scene,
            Rect {
                y: last,
                height: 1,
                ..area
            },
            buffer,
        ));
    }
    if let Some(notice) = &state.notice {
        put(
            buffer,
            area,
            (area.x, last),
            notice.get(scene.lang),
            ink.tone(Tone::Doubtful),
        );
        return None;
    }
    if view.events.is_empty() {
        let none = scene.lang.pick("路径未变", "No path change");
        put(buffer, area, (area.x, last), none, ink.faint());
    }
    let shown = view.events.iter().rev().take(area.height.into());
    for (y, event) in (area.y..=last).rev().zip(shown) {
        let said = change(event, state, scene, view);
        put(buffer, area, (area.x, y), &said, ink.tone(Tone::Doubtful));
    }
    None
}

fn change(event: &Event, state: &State, scene: &Scene, view: &View) -> String {
    let host = |address| match state.names {
        true => view.report.host(address),
        false => address.to_string(),
    };
    let at = scene.clock(event.at);
    let mut said: Vec<Text> = Vec::new();
    if let Some((before, after)) = event.length {
        said.push(text!(
            "目标由第 {before} 跳变为第 {after} 跳",
            "the target is now hop {after}, before {before}"
        ));
    }
    said.extend(event.hops.iter().map(|(hop, before, after)| {
        let (before, after) = (host(*before), host(*after));
        text!(
            "第 {hop} 跳改由 {after} 应答，此前为 {before}",
            "hop {hop} is answered by {after}, before by {before}"
        )
    }));
    let said = Text::join(&said, "；", "; ");
    format!("{at} {}", said.get(scene.lang))
}

fn ask(prompt: &Prompt, scene: &Scene, area: Rect, buffer: &mut Buffer) -> Position {
    let letters: String = Field::ALL.iter().map(|(_, letter, _)| *letter).collect();
    let letters = letters.trim_end();
    let asked = match prompt.asked {
        Asked::Interval => text!("扫描间隔（秒）：", "Interval in seconds: "),
        Asked::Columns => text!("列（{letters}）：", "Columns ({letters}): "),
    };
    let ink = scene.ink();
    let x = put(
        buffer,
        area,
        (area.x, area.y),
        asked.get(scene.lang),
        ink.bold(),
    );
    let cursor = put(buffer, area, (x, area.y), &prompt.typed, ink.plain());
    if let Some(why) = &prompt.refused {
        let why = why.get(scene.lang);
        put(buffer, area, (cursor + 2, area.y), why, ink.tone(Tone::Bad));
    }
    Position::new(cursor.min(area.right().saturating_sub(1)), area.y)
}

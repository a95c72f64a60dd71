//! The lines over the table: what is traced, how, since when; the keys; and the list of targets.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::figures::{Tone, View, figure, service, tone, verdict};
use super::super::state::State;
use super::Scene;
use super::ink::{Ink, cut, line, put, wrapped};
use crate::lang::{pad_left, pad_right, width};
use crate::report::trace::Field;
use crate::text;
use crate::trace::report::About;

/// The verdict on the whole path on lines of so many cells.
pub(super) fn pain(scene: &Scene, view: &View, cells: u16) -> Vec<String> {
    let pain = view.pain();
    pain.map_or_else(Vec::new, |(said, _)| {
        wrapped(said.get(scene.lang), cells.into())
    })
}

/// A line on the run, up to two that say where it hurts, and the keys in the last.
pub(super) fn draw(
    state: &State,
    scene: &Scene,
    view: &View,
    pain: &[String],
    area: Rect,
    buffer: &mut Buffer,
) {
    let ink = scene.ink();
    let about = &view.report.about;
    let mut parts: Vec<(String, Style)> = Vec::new();
    if about.simulated {
        let said = scene.lang.pick(" 仿真 ", " SIMULATED ");
        parts.push((said.to_string(), ink.loud()));
        parts.push((" ".to_string(), ink.plain()));
    }
    parts.push((about.target.clone(), ink.bold()));
    let address = about.address.to_string();
    if address != about.target {
        parts.push((format!(" ({address})"), ink.plain()));
    }
    parts.push((format!("  {}", method(about)), ink.plain()));
    if let Some((port, stats)) = service(view) {
        let (loss, last) = (figure(stats, Field::Loss), figure(stats, Field::Newest));
        let said = text!(
            "  服务 {port}：{loss} {last} ms",
            "  service {port}: {loss} {last} ms"
        );
        parts.push((said.get(scene.lang).to_string(), ink.plain()));
    }
    if scene.views.len() > 1 {
        let (at, all) = (state.target + 1, scene.views.len());
        let said = text!("  目标 {at}/{all}", "  target {at}/{all}");
        parts.push((said.get(scene.lang).to_string(), ink.plain()));
    }
    parts.push((format!("  {}", covered(scene, view)), ink.plain()));
    let paused = state
        .paused
        .then(|| scene.lang.pick(" 已暂停 ", " PAUSED "));
    let right = paused.map_or(0, |said| width(said) as u16);
    let left = Rect {
        width: area.width.saturating_sub(right),
        ..area
    };
    line(buffer, left, (area.x, area.y), &parts);
    if let Some(said) = paused {
        put(buffer, area, (left.right(), area.y), said, ink.loud());
    }
    let keyed = area.height > 2;
    let lines = area.height - 1 - u16::from(keyed);
    let tone = view.pain().map_or(Tone::Good, |(_, tone)| tone);
    for (y, said) in (1..=lines).zip(pain) {
        // What there is no line for is cut from the last.
        let rest = pain.get(usize::from(y) - 1..).unwrap_or_default();
        let said = if y == lines {
            rest.concat()
        } else {
            said.clone()
        };
        put(buffer, area, (area.x, area.y + y), &said, ink.tone(tone));
    }
    if keyed {
        let keys = scene.lang.pick(
            "h 帮助  q 退出  p 暂停  空格 继续  r 重计  d 显示  jk 选跳  o 列  n 域名  i 间隔  tab 目标",
            "h help  q quit  p pause  space resume  r reset  d display  jk hop  o columns  n names  i interval  tab target",
        );
        put(
            buffer,
            area,
            (area.x, area.bottom() - 1),
            &whole(keys, area.width),
            ink.faint(),
        );
    }
}

/// As many whole entries of a list of keys as there is room for.
fn whole(keys: &str, cells: u16) -> String {
    let mut kept = String::new();
    for key in keys.split("  ") {
        let gap = if kept.is_empty() { "" } else { "  " };
        if width(&kept) + gap.len() + width(key) > usize::from(cells) {
            break;
        }
        kept.push_str(gap);
        kept.push_str(key);
    }
    kept
}

/// How is probed, shortly.
fn method(about: &About) -> String {
    match about.method.port {
        Some(port) => format!("{} {port}", about.method.name),
        None => about.method.name.to_string(),
    }
}

/// Which rounds the figures cover, and since when.
fn covered(scene: &Scene, view: &View) -> String {
    let Some((first, last)) = view.rounds() else {
        return scene
            .lang
            .pick("等待第一个应答", "waiting for the first answer")
            .to_string();
    };
    let begin = view.report.trace.ended.iter().find_map(|ended| ended.sent);
    let since = scene.clock(begin.unwrap_or_default());
    text!(
        "第 {first}-{last} 轮，自 {since}",
        "rounds {first}-{last} since {since}"
    )
    .get(scene.lang)
    .to_string()
}

/// The targets, one a line, the present one marked; as many as there are lines around it.
pub(super) fn targets(state: &State, scene: &Scene, ink: Ink, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.height);
    let hidden = scene.views.len().saturating_sub(room);
    let above = (state.target + 1).saturating_sub(room).min(hidden);
    let names = scene.views.iter().map(|view| width(&named(view)));
    let widest = names.max().unwrap_or(0).min(usize::from(area.width) / 2);
    let shown = scene.views.iter().enumerate().skip(above).take(room);
    for (y, (at, view)) in (area.y..area.bottom()).zip(shown) {
        let present = at == state.target;
        let style = if present { ink.bold() } else { ink.plain() };
        let mark = if present { ">" } else { " " };
        let name = pad_right(&cut(&named(view), widest), widest);
        let mut parts = vec![(format!("{mark}{:>2} {name}", at + 1), style)];
        parts.extend(summary(scene, view, ink));
        line(buffer, area, (area.x, y), &parts);
    }
}

fn named(view: &View) -> String {
    let about = &view.report.about;
    let address = about.address.to_string();
    match address == about.target {
        true => address,
        false => format!("{} ({address})", about.target),
    }
}

/// Loss and time at the target, and the worst verdict of its path with its hop.
fn summary(scene: &Scene, view: &View, ink: Ink) -> Vec<(String, Style)> {
    let rows = &view.report.rows;
    let target = view.report.trace.reached.and_then(|_| rows.last());
    let cell = |column: Field| {
        let said = target.map_or("-".to_string(), |row| figure(&row.hop.stats, column));
        let head = column.title();
        format!("  {head} {}", pad_left(&said, 6))
    };
    let mut parts = vec![
        (cell(Field::Loss), ink.plain()),
        (cell(Field::Newest), ink.plain()),
        (cell(Field::Average), ink.plain()),
    ];
    let worst = rows.iter().map(tone).max();
    let bad = worst.filter(|worst| *worst >= Tone::Doubtful);
    let row = rows.iter().find(|row| Some(tone(row)) == bad);
    if let Some((row, tone)) = row.zip(bad) {
        let (hop, said) = (row.hop.distance, verdict(row));
        let (zh, en) = (said.zh, said.en);
        let said = text!("  第 {hop} 跳：{zh}", "  hop {hop}: {en}");
        parts.push((said.get(scene.lang).to_string(), ink.tone(tone)));
    }
    parts
}

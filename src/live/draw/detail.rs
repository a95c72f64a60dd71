//! The chosen hop: who it is, what its verdict rests on, who answers, and its latency over time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::figures::{self, View, evidence, interfaces, labels, responders, tone, verdicts};
use super::super::state::State;
use super::Scene;
use super::band::Band;
use super::ink::{Ink, line, put, wrapped};
use crate::lang::Text;
use crate::packet::interface::Role;
use crate::report::trace::node;
use crate::text;
use crate::trace::report::Row;

/// Rows that the band should have; what is said over it is cut to leave them.
const BAND: u16 = 5;

/// Draws all there is to say of `row`, the band in what rows are left.
pub(super) fn draw(
    state: &State,
    scene: &Scene,
    view: &View,
    row: &Row,
    area: Rect,
    buffer: &mut Buffer,
) {
    let ink = scene.ink();
    if area.height == 0 {
        return;
    }
    line(
        buffer,
        area,
        (area.x, area.y),
        &title(state, scene, view, row, ink),
    );
    let mut said: Vec<String> = Vec::new();
    let mut say = |text: &str| said.extend(wrapped(text, area.width.into()));
    for sentence in evidence(row) {
        say(sentence.get(scene.lang));
    }
    if let Some(text) = who(state, scene, view, row) {
        say(&text);
    }
    if state.labels {
        say(&stack(scene, row));
        if let Some(text) = doors(scene, row) {
            say(&text);
        }
    }
    let rest = area.height - 1;
    let room = match rest > BAND {
        true => rest - BAND,
        false => rest,
    };
    let mut y = area.y + 1;
    for text in said.iter().take(room.into()) {
        put(buffer, area, (area.x, y), text, ink.plain());
        y += 1;
    }
    let band = Band {
        samples: view.history.of(row.hop.distance),
        interval: state.interval,
        zero: scene.zero,
        lang: scene.lang,
        ink,
        tone: tone(row),
    };
    let height = area.bottom() - y;
    band.draw(Rect { y, height, ..area }, buffer);
}

fn title(state: &State, scene: &Scene, view: &View, row: &Row, ink: Ink) -> Vec<(String, Style)> {
    let hop = row.hop.distance;
    let name = match view.report.about.method.sees_hops {
        true => text!("第 {hop} 跳", "Hop {hop}"),
        false => text!("目标", "Target"),
    };
    let mut parts = vec![(name.get(scene.lang).to_string(), ink.loud())];
    if let Some(first) = row.hop.responders.first() {
        let name = view.report.name(first.address).filter(|_| state.names);
        let name = name.map_or_else(String::new, |name| format!(" {name}"));
        parts.push((format!(" {}{name}", first.address), ink.bold()));
    }
    if view.report.plan.is_some() {
        parts.push((format!("  {}", node(row, scene.lang)), ink.bold()));
        if let Some(node) = &row.node {
            let (zh, en) = (&node.owner.zh, &node.owner.en);
            let owner = text!("（责任方：{zh}）", " (owner: {en})");
            parts.push((owner.get(scene.lang).to_string(), ink.plain()));
        }
    }
    let said = verdicts(row);
    parts.push((format!("  {}", said.get(scene.lang)), ink.tone(tone(row))));
    parts
}

/// Who answers, where that is more than one.
fn who(state: &State, scene: &Scene, view: &View, row: &Row) -> Option<String> {
    let all = responders(row);
    if all.len() < 2 {
        return None;
    }
    let one = all.iter().map(|(address, answered, mean)| {
        let name = match state.names {
            true => view.report.host(*address),
            false => address.to_string(),
        };
        let mean = mean.map_or("-".to_string(), |mean| format!("{} ms", figures::ms(mean)));
        format!("{name} {answered} ({mean})")
    });
    let all = one.collect::<Vec<_>>().join("  ");
    let said = text!(
        "应答者，次数（平均）：{all}",
        "answered by, times (mean): {all}"
    );
    Some(said.get(scene.lang).to_string())
}

/// The MPLS labels that the hop told.
fn stack(scene: &Scene, row: &Row) -> String {
    let labels = labels(row);
    if labels.is_empty() {
        let none = scene
            .lang
            .pick("MPLS 标签：未告知", "MPLS labels: none told");
        return none.to_string();
    }
    let one = labels.iter().map(|own| {
        let (label, class, ttl) = (own.label, own.class, own.ttl);
        let bottom = u8::from(own.bottom);
        format!("L={label} E={class} S={bottom} TTL={ttl}")
    });
    let all = one.collect::<Vec<_>>().join(", ");
    let said = text!("MPLS 标签：{all}", "MPLS labels: {all}");
    said.get(scene.lang).to_string()
}

/// The interfaces by which our packet came to the hop or would have left it, where the hop told.
fn doors(scene: &Scene, row: &Row) -> Option<String> {
    let one = interfaces(row).iter().map(|own| {
        let role = match own.role {
            Role::Incoming => Text::new("入", "in"),
            Role::IncomingPart => Text::new("入（成员）", "in (member)"),
            Role::Outgoing => Text::new("出", "out"),
            Role::NextHop => Text::new("下一跳", "next hop"),
        };
        let told = [
            own.name.clone(),
            own.address.map(|address| address.to_string()),
            own.index.map(|index| format!("#{index}")),
            own.mtu.map(|mtu| format!("MTU {mtu}")),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        format!("{} {}", role.get(scene.lang), told.join(" "))
    });
    let all = one.collect::<Vec<_>>().join(", ");
    let said = text!("接口：{all}", "interfaces: {all}");
    (!all.is_empty()).then(|| said.get(scene.lang).to_string())
}

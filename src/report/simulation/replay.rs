//! A replay in figures: a table for the terminal, and data.

use serde_json::{Value as Json, json};

use super::super::table::{NOTHING, Table};
use crate::lang::words::Word;
use crate::lang::{Lang, Text};
use crate::qos::{Preset, Rules};
use crate::sim::measure::{BATCHES, Estimate, FEWEST};
use crate::sim::outcome::{Group, Outcome, QUANTILES};
use crate::stats::Interval;
use crate::text;
use crate::units::{BitRate, Bytes, Seconds, trimmed};

/// Version of the JSON document.
pub const SCHEMA: &str = "hopcast.simulate/1";

/// A replay and what it ran on.
#[derive(Debug, Clone, Copy)]
pub struct Replayed<'o> {
    /// Rate of the link.
    pub link: BitRate,
    /// By whose rule its classes share it; `None` where there are no classes.
    pub preset: Option<(Preset, Rules)>,
    /// The figures.
    pub outcome: &'o Outcome,
}

/// What the figures do not hold, said wherever they are.
fn scope() -> Text {
    Text::new(
        "时长只含分享带宽的时间，不含往返与建连：小于 1 MB 的传输实际更慢",
        "durations are the time to share the rate, without round trips or handshakes: \
         transfers below 1 MB take longer in fact",
    )
}

/// The figures for a person; `columns` as [`Table::draw`] has them.
pub fn terminal(replayed: &Replayed<'_>, lang: Lang, columns: Option<u16>) -> String {
    let outcome = replayed.outcome;
    let mut said = format!("{}\n", heading(replayed).get(lang));
    let mut table = Table::new()
        .left(Word::Class.get(lang))
        .right(lang.pick("传输", "transfers"))
        .right(Word::Bytes.get(lang))
        .right(lang.pick("平均时长", "mean duration"));
    for p in QUANTILES {
        table = table.right(format!("p{}", trimmed(p * 100.0, 1)));
    }
    table = table
        .right(lang.pick("减速比", "slowdown"))
        .right(lang.pick("永不结束", "never ends"));
    for group in &outcome.groups {
        table.row(cells(group, lang));
    }
    said.push_str(&table.draw(columns));
    for note in notes(replayed) {
        said.push_str(note.get(lang));
        said.push('\n');
    }
    said
}

fn heading(replayed: &Replayed<'_>) -> Text {
    let (link, outcome) = (replayed.link, replayed.outcome);
    let (begin, end) = (Seconds(outcome.begin), Seconds(outcome.end));
    let carried = BitRate(outcome.carried);
    let part = trimmed(outcome.carried / link.0 * 100.0, 1);
    text!(
        "链路 {link}，自 {begin} 至 {end} 平均承载 {carried}（{part} %）",
        "link {link}, carried {carried} ({part} %) from {begin} to {end}"
    )
}

fn cells(group: &Group, lang: Lang) -> Vec<String> {
    let seconds = |seconds: f64| Seconds(seconds).to_string();
    let times = |ratio: f64| trimmed(ratio, 3);
    let mean = group.mean.map_or(NOTHING.to_string(), seconds);
    let within = |value: String, within: Option<Interval>, print: &dyn Fn(f64) -> String| {
        within.map_or(value.clone(), |within| {
            format!(
                "{value}\n{}..{}",
                print(within.low.max(0.0)),
                print(within.high)
            )
        })
    };
    let estimate = |estimate: &Option<Estimate>, print: &dyn Fn(f64) -> String| {
        estimate.as_ref().map_or(NOTHING.to_string(), |found| {
            within(print(found.value), Some(found.interval), print)
        })
    };
    let mut cells = vec![
        match &group.class {
            None => lang.pick("全部", "all").to_string(),
            Some(class) => class.clone(),
        },
        group.flows.to_string(),
        Bytes(group.bytes).to_string(),
        within(mean, group.mean_within, &seconds),
    ];
    cells.extend(
        group
            .quantiles
            .iter()
            .map(|found| estimate(found, &seconds)),
    );
    cells.push(estimate(&group.slowdown, &times));
    cells.push(match group.endless {
        0 => String::new(),
        endless => endless.to_string(),
    });
    cells
}

fn notes(replayed: &Replayed<'_>) -> Vec<Text> {
    let mut notes = vec![text!(
        "第二行为 95 % 区间：取自 {BATCHES} 个相继批次，不足 {FEWEST} 次传输或尾部不够时不给出",
        "second lines are 95 % intervals from {BATCHES} consecutive batches; \
         not given below {FEWEST} transfers or where the tail is too thin"
    )];
    notes.push(Text::new(
        "减速比：时长除以独占链路所需的时间",
        "slowdown: duration over the time alone on the link",
    ));
    notes.push(scope());
    if let Some((preset, _)) = replayed.preset {
        let name = preset.name();
        notes.push(text!(
            "各类按 {name} 规则分享",
            "classes share by the rule {name}"
        ));
    }
    notes
}

/// The figures as data.
pub fn json(replayed: &Replayed<'_>) -> Json {
    let outcome = replayed.outcome;
    let groups = outcome.groups.iter().map(|group| {
        let seconds: serde_json::Map<String, Json> = QUANTILES
            .iter()
            .zip(&group.quantiles)
            .map(|(p, found)| (format!("p{}", trimmed(p * 100.0, 1)), estimate(found)))
            .collect();
        json!({
            "class": group.class,
            "transfers": group.flows,
            "bytes": group.bytes,
            "never_ends": group.endless,
            "duration_s": {
                "mean": {
                    "value": group.mean,
                    "low": group.mean_within.map(|within| within.low),
                    "high": group.mean_within.map(|within| within.high),
                },
                "quantiles": seconds,
            },
            "slowdown": estimate(&group.slowdown),
        })
    });
    json!({
        "schema": SCHEMA,
        "model": "processor-sharing",
        "scope": scope(),
        "link_mbit": replayed.link.as_mbit(),
        "preset": replayed.preset.map(|(preset, _)| preset),
        "rules": replayed.preset.map(|(_, rules)| rules),
        "begin_s": outcome.begin,
        "end_s": outcome.end,
        "carried_mbit": BitRate(outcome.carried).as_mbit(),
        "confidence": 0.95,
        "groups": groups.collect::<Vec<_>>(),
    })
}

/// A value never without its interval.
fn estimate(found: &Option<Estimate>) -> Json {
    found.map_or(Json::Null, |found| {
        json!({
            "value": found.value,
            "low": found.interval.low,
            "high": found.interval.high,
        })
    })
}

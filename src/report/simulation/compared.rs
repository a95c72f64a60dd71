//! Simulated days of several scenarios, beside the analytic comparison.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::super::data::{csv, digits};
use super::super::table::{NOTHING, Table};
use super::day::{estimate, value};
use crate::error::Error;
use crate::lang::{Lang, Text};
use crate::scenario::simulated::Shown;
use crate::scenario::simulated::compared::{Cell, Counts, Row};
use crate::scenario::simulated::outcome::{MARGIN, Verdict};
use crate::scenario::simulated::words::{self, number, with_half};
use crate::text;
use crate::units::trimmed;

/// The table for a person, with where and why the two answers differ below it.
pub fn terminal(scenarios: &[Shown<'_>], rows: &[Row], lang: Lang, columns: Option<u16>) -> String {
    let Some(first) = scenarios.first() else {
        return String::new();
    };
    let outcome = &first.simulated.outcome;
    let (from, to, seed) = (outcome.hours.start, outcome.hours.end, outcome.seed);
    let title = text!(
        "仿真：工作日 {from}:00 至 {to}:00，种子 {seed}（[] 内为解析模型的值；第二行为与第一个方案逐次试验的差）",
        "Simulated: a working day from {from}:00 to {to}:00, seed {seed} (in [] the analytic answer; second \
         lines: paired differences from the first scenario)"
    );
    let mut table = Table::new().left(lang.pick("指标", "figure"));
    for shown in scenarios {
        table = table.right(shown.loaded.scenario.id.clone());
    }
    for row in rows {
        let sign = match row.counts {
            Counts::Seconds => "s",
            Counts::Minutes => "min/d",
        };
        let mut cells = vec![format!("{} ({sign})", row.name.get(lang))];
        cells.extend(row.cells.iter().map(|own| match own {
            Some(own) => cell(own, row.counts, lang),
            None => NOTHING.to_string(),
        }));
        table.row(cells);
    }
    let mut said = format!("\n{}\n{}", title.get(lang), table.draw(columns));
    for note in notes(scenarios, rows) {
        said.push_str(note.get(lang));
        said.push('\n');
    }
    said
}

fn cell(own: &Cell, counts: Counts, lang: Lang) -> String {
    let print = number(match counts {
        Counts::Seconds => 2,
        Counts::Minutes => 1,
    });
    let mut text = words::value(&own.simulated, &print);
    if let Some((analytic, verdict)) = own.analytic {
        let analytic = analytic.map_or(lang.pick("无止境", "never ends").to_string(), &print);
        let mark = match verdict {
            Verdict::Agree => " ✓",
            Verdict::Differ(_) => " ✗",
            Verdict::Open => "",
        };
        text.push_str(&format!(" [{analytic}{mark}]"));
    }
    if let Some(difference) = own.difference {
        let sign = if difference.value > 0.0 { "+" } else { "" };
        let half = with_half(difference.value, Some(difference.interval), &print);
        text.push_str(&format!("\n{sign}{half}"));
    }
    text
}

/// Where the two answers differ and why, how many trials there were, what was broken off.
fn notes(scenarios: &[Shown<'_>], rows: &[Row]) -> Vec<Text> {
    let mut notes = Vec::new();
    for (at, shown) in scenarios.iter().enumerate() {
        let id = &shown.loaded.scenario.id;
        let outcome = &shown.simulated.outcome;
        if let Some(until) = outcome.partial {
            let (until, trials) = (words::clock(until), outcome.trials);
            notes.push(text!(
                "{id}：未完成，运行被中断，仅 {trials} 次试验至 {until}",
                "{id}: PARTIAL, the run was interrupted: {trials} trials up to {until}"
            ));
        }
        // One reason is said once, with all figures that it explains.
        let mut reasons: Vec<(Text, Vec<Text>)> = Vec::new();
        for row in rows {
            let verdict = row.cells[at].and_then(|own| own.analytic).map(|own| own.1);
            let Some(Verdict::Differ(why)) = verdict else {
                continue;
            };
            let why = words::why(shown.topology(), why);
            match reasons.iter_mut().find(|(known, _)| *known == why) {
                Some((_, figures)) => figures.push(row.name.clone()),
                None => reasons.push((why, vec![row.name.clone()])),
            }
        }
        for (why, figures) in reasons {
            let figures = Text::join(&figures, "、", ", ");
            notes.push(Text::new(
                format!("✗ {id}，{}：{}", figures.zh, why.zh),
                format!("✗ {id}, {}: {}", figures.en, why.en),
            ));
        }
    }
    let trials: Vec<String> = scenarios
        .iter()
        .map(|shown| shown.simulated.outcome.trials.to_string())
        .collect();
    let trials = trials.join("/");
    let [mean, p95, _] = MARGIN.map(|margin| trimmed(margin * 100.0, 0));
    notes.push(text!(
        "± 为 95 % 区间半宽，试验 {trials} 次；✓ 解析值在区间内，另加模型误差（平均 {mean} %、p95 {p95} %）；各方案随机数相同",
        "±: half of the 95 % interval over {trials} trials; ✓: the analytic answer is inside, with the \
         model's margin of {mean} % in means and {p95} % in p95; all scenarios meet the same random numbers"
    ));
    notes
}

/// The comparison as data: one object for each row.
pub fn json(scenarios: &[Shown<'_>], rows: &[Row]) -> Json {
    let outcome = scenarios.first().map(|shown| &shown.simulated.outcome);
    let rows = rows.iter().map(|row| {
        let cells = scenarios
            .iter()
            .zip(&row.cells)
            .map(|(shown, own)| own.map_or(Json::Null, |own| cell_json(shown, &own)));
        json!({
            "key": row.key,
            "name": row.name,
            "unit": row.counts,
            "cells": cells.collect::<Vec<_>>(),
        })
    });
    let trials = scenarios.iter().map(|shown| {
        let own = &shown.simulated.outcome;
        json!({
            "scenario": shown.loaded.scenario.id,
            "run": own.trials,
            "reached": own.settled,
            "partial_until_s": own.partial,
        })
    });
    json!({
        "hours": outcome.map(|own| [own.hours.start, own.hours.end]),
        "seed": outcome.map(|own| own.seed),
        "trials": trials.collect::<Vec<_>>(),
        "confidence": 0.95,
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn cell_json(shown: &Shown<'_>, own: &Cell) -> Json {
    let (verdict, why) = verdict(shown, own);
    json!({
        "simulated": value(&own.simulated, &|value| value),
        "analytic": own.analytic.and_then(|(value, _)| value),
        "verdict": verdict,
        "why": why,
        "difference": estimate(&own.difference),
    })
}

fn verdict(shown: &Shown<'_>, own: &Cell) -> (Option<&'static str>, Option<Text>) {
    match own.analytic.map(|own| own.1) {
        None => (None, None),
        Some(Verdict::Agree) => (Some("agree"), None),
        Some(Verdict::Open) => (Some("open"), None),
        Some(Verdict::Differ(why)) => (Some("differ"), Some(words::why(shown.topology(), why))),
    }
}

#[derive(Serialize)]
struct CsvRow<'r> {
    key: &'r str,
    unit: Counts,
    scenario: &'r str,
    simulated: f64,
    low: Option<f64>,
    high: Option<f64>,
    analytic: Option<f64>,
    verdict: Option<&'static str>,
    difference: Option<f64>,
    difference_low: Option<f64>,
    difference_high: Option<f64>,
}

/// The comparison as a flat table.
pub fn table(scenarios: &[Shown<'_>], rows: &[Row]) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    for row in rows {
        for (shown, own) in scenarios.iter().zip(&row.cells) {
            let Some(own) = own else { continue };
            let within = own.simulated.within;
            let difference = own.difference;
            all.push(CsvRow {
                key: &row.key,
                unit: row.counts,
                scenario: &shown.loaded.scenario.id,
                simulated: digits(own.simulated.value),
                low: within.map(|within| digits(within.low)),
                high: within.map(|within| digits(within.high)),
                analytic: own.analytic.and_then(|(value, _)| value).map(digits),
                verdict: verdict(shown, own).0,
                difference: difference.map(|own| digits(own.value)),
                difference_low: difference.map(|own| digits(own.interval.low)),
                difference_high: difference.map(|own| digits(own.interval.high)),
            });
        }
    }
    csv(&all)
}

//! The answer as a table, as CSV and as JSON.

use comfy_table::{CellAlignment, LineStyle, Table, presets};
use serde_json::{Value, json};

use crate::error::{Error, Problem, row};
use crate::lang::words::Word;
use crate::lang::{Lang, Text};
use crate::qos::{Demand, Origin, Why};
use crate::text;
use crate::units::trimmed;

use super::Answered;
use super::csv_file::ANSWERED;
use super::written::Written;

/// Megabits per second with what a kernel counter can show: six digits after the point.
fn mbit(rate: crate::units::BitRate) -> String {
    trimmed(rate.as_mbit(), 6)
}

/// For a person: one table per link, the rule said first.
pub(super) fn table(written: &Written, answered: &[Answered<'_>], lang: Lang) -> String {
    let rules = written.rules;
    let preset = written.preset.name();
    let (excess, over) = (
        format!("{:?}", rules.excess).to_lowercase(),
        format!("{:?}", rules.oversubscription).to_lowercase(),
    );
    let rule = text!(
        "规则 {preset}（余量 {excess}，超额保障 {over}）",
        "rule {preset} (excess {excess}, oversubscription {over})"
    );
    let mut said = format!("{}\n", rule.get(lang));
    let basis = written.preset.basis();
    for assumed in basis.iter().filter(|basis| basis.origin == Origin::Assumed) {
        let word = Word::Assumed.get(lang);
        said.push_str(&format!("{word}: {}\n", assumed.claim.get(lang)));
    }
    for one in answered {
        said.push('\n');
        said.push_str(&heading(one, lang));
        said.push_str(&one_table(one, lang));
    }
    said
}

fn heading(one: &Answered<'_>, lang: Lang) -> String {
    let name = one
        .case
        .name()
        .map(|name| format!("{name}  "))
        .unwrap_or_default();
    let (link, total) = (one.tree.link(), one.answer.shares.total());
    let line = match one.case.line {
        Some(line) => lang.pick("，其后线路 ", ", line behind ").to_string() + &line.to_string(),
        None => String::new(),
    };
    let said = text!(
        "{name}链路 {link}{line}，发送合计 {total}",
        "{name}link {link}{line}, sent together {total}"
    );
    format!("{}\n", said.get(lang))
}

fn one_table(one: &Answered<'_>, lang: Lang) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    let head = [
        Word::Class.get(lang),
        lang.pick("上级", "parent"),
        Word::Guarantee.get(lang),
        Word::Ceiling.get(lang),
        Word::Priority.get(lang),
        lang.pick("需求", "demand"),
        Word::Share.get(lang),
        lang.pick("原因", "why"),
    ];
    table.set_header(head);
    let whys = one.answer.why(&one.tree, &one.case.demands);
    for (number, class) in one.case.classes.iter().enumerate() {
        let rate = |rate: Option<crate::units::BitRate>| {
            rate.map_or_else(|| "-".to_string(), |rate| rate.to_string())
        };
        let range = one.answer.ranges[number];
        let share = match one.answer.undetermined {
            None => range.low.to_string(),
            Some(_) => format!("{}..{}", range.low, range.high),
        };
        table.add_row([
            class.name.clone(),
            class.parent.clone().unwrap_or_else(|| "-".to_string()),
            rate(class.guarantee),
            rate(class.ceiling),
            class.priority.to_string(),
            offered(one, number, lang),
            share,
            whys[number].text(&one.case.classes).get(lang).to_string(),
        ]);
    }
    for column in 2..7 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{table}\n")
}

fn offered(one: &Answered<'_>, class: usize, lang: Lang) -> String {
    if one.tree.leaf_classes().all(|leaf| leaf != class) {
        return "-".to_string();
    }
    if one.case.bursts.iter().any(|burst| burst.class == class) {
        return lang.pick("半时发送", "on-off").to_string();
    }
    match one.case.demands[class] {
        Demand::Greedy => lang.pick("尽力", "greedy").to_string(),
        Demand::Rate(rate) => rate.to_string(),
    }
}

/// The rows of the file with the answer appended; an empty `share_mbit` is one that the tree does
/// not decide.
pub(super) fn csv(written: &Written, answered: &[Answered<'_>]) -> Result<String, Error> {
    let mut answers = vec![[const { String::new() }; ANSWERED.len()]; written.table.rows.len()];
    for one in answered {
        let whys = one.answer.why(&one.tree, &one.case.demands);
        for (number, &row) in one.case.rows.iter().enumerate() {
            let range = one.answer.ranges[number];
            let share = match one.answer.undetermined {
                None => mbit(range.low),
                Some(_) => String::new(),
            };
            let why = whys[number].code().to_string();
            answers[row] = [share, mbit(range.low), mbit(range.high), why];
        }
    }
    let headers = &written.table.headers;
    // An earlier answer in the file gives way to this one.
    let kept: Vec<usize> = (0..headers.len())
        .filter(|at| !ANSWERED.contains(&headers[*at].as_str()))
        .collect();
    let mut out = csv::Writer::from_writer(Vec::new());
    let repeated = |row: &'_ [String]| -> Vec<String> {
        kept.iter().filter_map(|&at| row.get(at).cloned()).collect()
    };
    let failed = |error: csv::Error| Error::System(Text::same(error));
    let mut head = repeated(headers);
    head.extend(ANSWERED.map(str::to_string));
    out.write_record(&head).map_err(failed)?;
    for (written, answer) in written.table.rows.iter().zip(answers) {
        let mut cells = repeated(written);
        cells.extend(answer);
        out.write_record(&cells).map_err(failed)?;
    }
    let bytes = out
        .into_inner()
        .map_err(|error| failed(error.into_error().into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The answer as data: `hopcast.share/1`.
pub(super) fn json(
    written: &Written,
    answered: &[Answered<'_>],
    warnings: &[Problem],
) -> Result<String, Error> {
    let warnings: Vec<_> = warnings
        .iter()
        .map(|found| row(&written.sources, found))
        .collect();
    let whole = json!({
        "schema": "hopcast.share/1",
        "preset": written.preset,
        "rules": written.rules,
        "basis": written.preset.basis(),
        "warnings": warnings,
        "links": answered.iter().map(one_json).collect::<Vec<_>>(),
    });
    let mut said =
        serde_json::to_string_pretty(&whole).map_err(|error| Error::System(Text::same(error)))?;
    said.push('\n');
    Ok(said)
}

fn one_json(one: &Answered<'_>) -> Value {
    let answer = &one.answer;
    let whys = answer.why(&one.tree, &one.case.demands);
    let class = |number: usize| {
        let class = &one.case.classes[number];
        let (range, why) = (answer.ranges[number], &whys[number]);
        let reason = why.text(&one.case.classes);
        let share = answer.undetermined.is_none().then(|| range.low.as_mbit());
        json!({
            "class": class.name,
            "parent": class.parent,
            "share_mbit": share,
            "share_low_mbit": range.low.as_mbit(),
            "share_high_mbit": range.high.as_mbit(),
            "why": why.code(),
            "reason": reason,
        })
    };
    let classes: Vec<Value> = (0..one.case.classes.len()).map(class).collect();
    json!({
        "rep": one.case.rep,
        "mix": one.case.mix,
        "link_mbit": one.tree.link().as_mbit(),
        "line_mbit": one.case.line.map(|line| line.as_mbit()),
        "sent_mbit": answer.shares.total().as_mbit(),
        "determined": answer.undetermined.is_none(),
        "undetermined": answer.undetermined.map(|why| Why::Undetermined(why).code()),
        "classes": classes,
    })
}

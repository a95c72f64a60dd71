//! Verdicts as words in tables and lines.

use crate::lang::Text;
use crate::text;
use crate::trace::report::Row;
use crate::trace::verdict::{Evidence, Finding, Kind, Verdict, percent};

/// All kinds of a verdict, the main one first, with the confidence of each where it has one.
pub fn label(verdict: &Verdict) -> Text {
    let findings: Vec<Text> = verdict.findings().map(finding).collect();
    Text::join(&findings, "、", ", ")
}

fn finding(finding: &Finding) -> Text {
    let (Text { zh, en }, sure) = (finding.kind.text(), finding.confidence.map(percent));
    match sure {
        Some(sure) => text!("{zh}（把握 {sure}）", "{en} ({sure} sure)"),
        None => Text::new(zh, en),
    }
}

/// The verdicts of rows that are not in order, with their evidence, a line each; rows one after another
/// of which the same is said share one.
pub fn lines(rows: &[Row]) -> Vec<Text> {
    let mut said: Vec<(u8, u8, Text)> = Vec::new();
    for row in rows {
        let Some(text) = evidence(row) else { continue };
        let distance = row.hop.distance;
        match said.last_mut() {
            Some((_, last, own)) if *own == text && *last + 1 == distance => *last = distance,
            _ => said.push((distance, distance, text)),
        }
    }
    let line = |(first, last, Text { zh, en }): (u8, u8, Text)| match first == last {
        true => text!("第 {first} 跳：{zh}", "Hop {first}: {en}"),
        false => text!(
            "第 {first} 至 {last} 跳：{zh}",
            "Hops {first} to {last}: {en}"
        ),
    };
    said.into_iter().map(line).collect()
}

/// A row's verdict with its evidence; `None` of a row that is in order.
fn evidence(row: &Row) -> Option<Text> {
    // A hop in order has its count of answers as evidence; more is worth a line.
    let quiet = row.verdict.kind() == Kind::Ok && row.verdict.main.evidence.len() < 2;
    let said = row.verdict.findings().map(|own| {
        let Text { zh, en } = finding(own);
        let facts: Vec<Text> = own.evidence.iter().map(Evidence::text).collect();
        let facts = Text::join(&facts, "；", "; ");
        let (facts_zh, facts_en) = (facts.zh, facts.en);
        match facts_en.is_empty() {
            true => Text::new(zh, en),
            false => text!("{zh}：{facts_zh}", "{en}: {facts_en}"),
        }
    });
    let said: Vec<Text> = said.collect();
    (!quiet).then(|| Text::join(&said, "。", ". "))
}

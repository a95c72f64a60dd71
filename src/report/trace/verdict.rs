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
        Some(sure) => text!("{zh} {sure}", "{en} {sure}"),
        None => Text::new(zh, en),
    }
}

/// A row's verdict with its evidence, as one line; `None` of a row that is in order.
pub fn line(row: &Row) -> Option<Text> {
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
    let (distance, Text { zh, en }) = (row.hop.distance, Text::join(&said, "。", ". "));
    (!quiet).then(|| text!("第 {distance} 跳：{zh}", "Hop {distance}: {en}"))
}

//! A simulated day for a person and as data.

mod csv;
mod json;
mod loads;
mod notes;
mod pain;
#[cfg(test)]
mod tests;
mod times;

pub use self::csv::tables;
pub use self::json::{SCHEMA, json};
pub(super) use self::json::{estimate, value};

use crate::lang::{Lang, Text};
use crate::scenario::simulated::{Shown, words};
use crate::sim::trials::Wanted;
use crate::text;
use crate::topology::PopulationAt;
use crate::units::trimmed;

/// The day for a person; `columns` as [`Table::draw`](crate::report::table::Table::draw) has them.
pub fn terminal(shown: &Shown<'_>, lang: Lang, columns: Option<u16>) -> String {
    let mut said = String::new();
    for line in heading(shown) {
        said.push_str(line.get(lang));
        said.push('\n');
    }
    let sections = [
        (
            Text::new("各业务耗时（秒）", "How long everything takes, in seconds"),
            times::times(shown, lang),
        ),
        (
            Text::new("耗时的组成（秒）", "What the time consists of, in seconds"),
            times::budgets(shown, lang),
        ),
        (
            Text::new("影响用户的事件", "Events of pain"),
            pain::events(shown, lang),
        ),
        (
            Text::new("每天受影响的分钟数", "Minutes of pain a day"),
            pain::minutes(shown, lang),
        ),
        (
            Text::new("链路与业务类（Mbit/s）", "Links and classes, in Mbit/s"),
            loads::lanes(shown, lang),
        ),
        (
            Text::new("处理节点", "Nodes with workers"),
            loads::stations(shown, lang),
        ),
        (Text::new("会话", "Sessions"), loads::gates(shown, lang)),
        (
            Text::new("仿真与观测", "The simulation against what was seen"),
            notes::seen(shown, lang),
        ),
        (
            Text::new(
                "解析模型与仿真不一致之处",
                "Where the analytic answer and the simulation differ",
            ),
            notes::apart(shown, lang),
        ),
    ];
    for (title, table) in sections {
        if !table.is_empty() {
            said.push_str(&format!("\n{}\n{}", title.get(lang), table.draw(columns)));
        }
    }
    said.push('\n');
    for note in notes::footing(shown) {
        said.push_str(note.get(lang));
        said.push('\n');
    }
    said
}

/// What was simulated, and how often.
fn heading(shown: &Shown<'_>) -> Vec<Text> {
    let scenario = &shown.loaded.scenario;
    let outcome = &shown.simulated.outcome;
    let (from, to) = (outcome.hours.start, outcome.hours.end);
    let date = match shown.simulated.day.date {
        Some(date) => Text::same(date),
        None => Text::new("现在", "now"),
    };
    let (trials, seed) = (outcome.trials, outcome.seed);
    let peak = trimmed(outcome.online.peak.value, 0);
    let (zh, en) = (date.zh, date.en);
    let mut lines = vec![
        Text::join([&shown.topology().name, &scenario.name], "：", ": "),
        text!(
            "{zh} 的工作日 {from}:00 至 {to}:00（仿真，种子 {seed}，试验 {trials} 次，在线最多 {peak} 人）",
            "a working day of {en}, {from}:00 to {to}:00 (simulated: seed {seed}, {trials} trials, at most \
             {peak} users online)"
        ),
    ];
    lines.extend(partial(shown));
    lines.extend(cut_off(shown));
    lines.extend(precision(shown));
    lines
}

/// That the run was broken off, and how far it came.
fn partial(shown: &Shown<'_>) -> Option<Text> {
    let outcome = &shown.simulated.outcome;
    let until = words::clock(outcome.partial?);
    let trials = outcome.trials;
    Some(text!(
        "未完成：运行被中断，以下仅为 {trials} 次试验至 {until} 的结果",
        "PARTIAL: the run was interrupted; this is what {trials} trials say up to {until}"
    ))
}

/// Who can reach nothing: no act of theirs is in any table.
fn cut_off(shown: &Shown<'_>) -> Option<Text> {
    let mut parts: Vec<(PopulationAt, f64)> = Vec::new();
    for &(population, part) in &shown.simulated.laid.cut_off {
        match parts.iter_mut().find(|(own, _)| *own == population) {
            Some((_, sum)) => *sum += part,
            None => parts.push((population, part)),
        }
    }
    let who = parts.iter().map(|&(population, part)| {
        let name = &shown.topology()[population].name;
        let part = trimmed(part * 100.0, 1);
        Text::new(
            format!("{} {part} %", name.zh),
            format!("{part} % of the {}", name.en),
        )
    });
    let who = Text::join(&who.collect::<Vec<_>>(), "、", ", ");
    let (zh, en) = (who.zh, who.en);
    (!parts.is_empty()).then(|| {
        text!(
            "断网：{zh} 没有可用路径，其业务不在表内",
            "CUT OFF: {en} can reach nothing; what they would do is in no table"
        )
    })
}

/// Whether the precision that was asked for is reached.
fn precision(shown: &Shown<'_>) -> Option<Text> {
    let outcome = &shown.simulated.outcome;
    let Wanted::Until { precision, most } = outcome.wanted else {
        return None;
    };
    let precision = trimmed(precision * 100.0, 2);
    match outcome.settled? {
        true => Some(text!(
            "精度：各平均值与 p95 的区间半宽不超过其值的 {precision} %",
            "precision: half of the interval of every mean and p95 is at most {precision} % of it"
        )),
        false => Some(text!(
            "精度：并非每个平均值与 p95 都达到 {precision} %，最多 {most} 次试验",
            "precision: not every mean and p95 is known to {precision} %; at most {most} trials were allowed"
        )),
    }
}

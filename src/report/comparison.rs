//! The table that people decide by.

mod notes;

use super::table::{NOTHING, Table};
use crate::lang::{Lang, Text, pad_right, width};
use crate::scenario::answer::Day;
use crate::scenario::compare::{Answered, Comparison, Row, pressure_text};
use crate::scenario::metric::{About, Better, Metric, Unit};
use crate::scenario::objective::Held;
use crate::text;

/// Marks of the best and the worst.
const BEST: &str = "▲";
const WORST: &str = "▼";

/// The whole comparison as text for a terminal. `all` prints every metric, else those that differ
/// or matter.
pub fn terminal(comparison: &Comparison, lang: Lang, all: bool) -> String {
    let mut out = heading(comparison, lang);
    let sections: [(Text, Table); 7] = [
        (
            Text::new("目标能守到什么时候", "Until when the objectives hold"),
            objectives(comparison, lang),
        ),
        (
            text_at(comparison, false, lang),
            metrics(comparison, false, lang, all),
        ),
        (
            text_at(comparison, true, lang),
            match comparison
                .scenarios
                .iter()
                .any(|one| one.answer.days.len() > 1)
            {
                true => metrics(comparison, true, lang, all),
                false => Table::new(),
            },
        ),
        (
            Text::new(
                "瓶颈与下一个瓶颈",
                "The bottleneck, and the next once it is lifted",
            ),
            bottlenecks(comparison, lang),
        ),
        (
            Text::new("阈值", "Thresholds"),
            notes::alerts(comparison, lang),
        ),
        (
            Text::new("排队", "Queues of people"),
            notes::queues(comparison, lang),
        ),
        (
            Text::new("模型与观测", "The model against what was seen"),
            notes::seen(comparison, lang),
        ),
    ];
    for (title, table) in sections {
        if !table.is_empty() {
            out.push_str(&format!("\n{}\n{}", title.get(lang), table.draw(None)));
        }
    }
    out.push_str(&notes::footing(comparison, lang));
    out
}

/// Columns are headed by the file's name: the long names stand once, above all tables.
fn head(one: &Answered) -> String {
    one.loaded.scenario.id.clone()
}

/// A month as people say it: the date when it is known, else the months since the start.
pub fn month_text(day: Option<&Day>) -> Text {
    match day {
        Some(Day {
            date: Some(date), ..
        }) => Text::same(date),
        Some(Day { month: 0, .. }) | None => Text::new("现在", "now"),
        Some(Day { month, .. }) => text!("第 {month} 个月", "month {month}"),
    }
}

fn heading(comparison: &Comparison, lang: Lang) -> String {
    let mut out = String::new();
    if let Some(first) = comparison.scenarios.first() {
        out.push_str(&format!("{}\n", first.topology().name.get(lang)));
    }
    let widest = comparison
        .scenarios
        .iter()
        .map(|one| width(&head(one)))
        .max()
        .unwrap_or(0);
    for one in &comparison.scenarios {
        let scenario = &one.loaded.scenario;
        let question = scenario
            .question
            .as_ref()
            .map_or("", |question| question.get(lang));
        let id = pad_right(&head(one), widest);
        out.push_str(&format!("  {id}  {}\n", scenario.name.get(lang)));
        if !question.is_empty() {
            out.push_str(&format!("  {}  {question}\n", " ".repeat(widest)));
        }
    }
    out
}

fn text_at(comparison: &Comparison, end: bool, lang: Lang) -> Text {
    // Horizons may differ: the farthest end names the table.
    let days = comparison.scenarios.iter().filter_map(|one| match end {
        true => one.answer.days.last(),
        false => one.answer.days.first(),
    });
    let day = days.max_by_key(|day| (day.month, day.date));
    let month = month_text(day).get(lang).to_string();
    let marks = match comparison.scenarios.len() {
        0 | 1 => Text::default(),
        _ => Text::new(
            format!("（{BEST} 最好 {WORST} 最差；括号内是与第一个方案的差）"),
            format!(" ({BEST} best, {WORST} worst; in brackets the difference from the first)"),
        ),
    };
    Text::new(
        format!("工作日（{month}），各取最差的小时{}", marks.zh),
        format!(
            "A working day ({month}), each row in its worst hour{}",
            marks.en
        ),
    )
}

fn columns(comparison: &Comparison, lang: Lang, first: Text) -> Table {
    let mut table = Table::new().left(first.get(lang));
    for one in &comparison.scenarios {
        table = table.right(head(one));
    }
    table
}

fn objectives(comparison: &Comparison, lang: Lang) -> Table {
    let mut table = columns(comparison, lang, Text::new("目标", "objective"));
    let mut ids: Vec<(&str, &Text)> = Vec::new();
    for one in &comparison.scenarios {
        for objective in &one.loaded.scenario.objectives {
            if !ids.iter().any(|(id, _)| *id == objective.id) {
                ids.push((&objective.id, &objective.name));
            }
        }
    }
    for (id, name) in &ids {
        let mut cells = vec![name.get(lang).to_string()];
        for one in &comparison.scenarios {
            let objectives = &one.loaded.scenario.objectives;
            let held = one
                .held
                .iter()
                .find(|held| objectives[held.objective].id == *id);
            cells.push(held.map_or(NOTHING.to_string(), |held| until(one, held, lang)));
        }
        table.row(cells);
    }
    if !ids.is_empty() {
        let mut cells = vec![
            Text::new("全部目标", "all objectives")
                .get(lang)
                .to_string(),
        ];
        for one in &comparison.scenarios {
            cells.push(match one.held.is_empty() {
                true => NOTHING.to_string(),
                false => first_broken(one, one.runs_out(), lang),
            });
        }
        table.row(cells);
    }
    table
}

fn until(one: &Answered, held: &Held, lang: Lang) -> String {
    let sign = held.unit.sign();
    let value = |value: Option<f64>| match (value, held.unit) {
        (Some(value), unit) => unit.number(value),
        (None, Unit::Second) => lang.pick("无止境", "never ends").to_string(),
        (None, _) => lang.pick("已断", "down").to_string(),
    };
    let (start, end) = (value(held.start), value(held.end));
    let course = match (start == end, held.end) {
        (true, None) => start,
        (true, Some(_)) => format!("{start} {sign}"),
        (false, _) => format!("{start} → {end} {sign}"),
    };
    format!("{course}  {}", first_broken(one, held.broken, lang))
}

fn first_broken(one: &Answered, broken: Option<u32>, lang: Lang) -> String {
    match broken {
        None => format!("✓ {}", lang.pick("期内守住", "holds")),
        Some(0) => format!("✗ {}", lang.pick("现在就不满足", "not met now")),
        Some(month) => {
            let day = one.answer.days.iter().find(|day| day.month == month);
            let month = month_text(day).get(lang).to_string();
            format!("✗ {}", text!("{month} 起", "from {month}").get(lang))
        }
    }
}

fn metrics(comparison: &Comparison, end: bool, lang: Lang, all: bool) -> Table {
    let mut table = columns(comparison, lang, Text::new("指标", "metric"));
    let rows = comparison.rows(end);
    let busy = busy_things(comparison);
    for row in rows.iter().filter(|row| all || matters(row, &busy)) {
        let sign = match row.metric.unit.sign() {
            "" => String::new(),
            sign => format!(" ({sign})"),
        };
        let mut cells = vec![format!("{}{sign}", row.metric.name.get(lang))];
        let first = row.cells.first().copied().flatten();
        for (position, cell) in row.cells.iter().enumerate() {
            cells.push(match cell {
                None => NOTHING.to_string(),
                Some(metric) => shown(metric, first.filter(|_| position > 0), row, position, lang),
            });
        }
        table.row(cells);
    }
    table
}

/// Part of its capacity that something must use, somewhere and some day, to be in the short table.
const BUSY: f64 = 40.0;

/// Beginnings of the keys of lanes, nodes and sessions that come near a limit in some scenario, at
/// the start or at the end: what is idle throughout decides nothing.
fn busy_things(comparison: &Comparison) -> Vec<&str> {
    let all = comparison
        .scenarios
        .iter()
        .flat_map(|one| one.start.iter().chain(&one.end));
    let busy = all.filter_map(|metric| {
        let thing = metric.key.strip_suffix(".utilisation")?;
        metric
            .value
            .is_none_or(|part| part >= BUSY)
            .then_some(thing)
    });
    busy.collect()
}

/// Whether a metric belongs in the short table.
fn matters(row: &Row<'_>, busy: &[&str]) -> bool {
    let shown = row.cells.iter().flatten();
    let zero = shown.clone().all(|cell| {
        cell.value
            .is_some_and(|value| cell.unit.number(value) == "0")
    });
    let key = row.metric.key.as_str();
    let (thing, last) = key.rsplit_once('.').unwrap_or((key, ""));
    let wanted = match row.metric.about {
        About::Whole | About::Service => true,
        About::Lane => busy.contains(&thing) && last != "carried",
        About::Sessions => busy.contains(&thing) || last == "dropped",
        About::Servers => busy.contains(&thing) && last == "utilisation",
        About::Time => last == "p95",
    };
    wanted && !(zero && row.metric.better != Better::Higher)
}

fn shown(
    metric: &Metric,
    first: Option<&Metric>,
    row: &Row<'_>,
    position: usize,
    lang: Lang,
) -> String {
    let mark = match (row.best.contains(&position), row.worst.contains(&position)) {
        (true, _) => BEST,
        (_, true) => WORST,
        _ => " ",
    };
    let difference = first.and_then(|first| Some(metric.value? - first.value?));
    let difference = match difference.map(|value| (value, metric.unit.number(value))) {
        Some((value, text)) if text != "0" => {
            format!(" ({}{text})", if value > 0.0 { "+" } else { "" })
        }
        _ => String::new(),
    };
    let value = match metric.value {
        Some(value) => metric.unit.number(value),
        None => lang.pick("无止境", "never ends").to_string(),
    };
    format!("{value}{difference} {mark}")
}

fn bottlenecks(comparison: &Comparison, lang: Lang) -> Table {
    let mut table = Table::new()
        .left(lang.pick("方案", "scenario"))
        .left(lang.pick("何时", "when"))
        .left(lang.pick("瓶颈（请求/能力）", "bottleneck (asked/able)"))
        .left(lang.pick("解除之后", "once lifted"));
    for one in &comparison.scenarios {
        let topology = one.topology();
        for narrow in &one.answer.narrow {
            let day = one.answer.days.iter().find(|day| day.month == narrow.month);
            let next = narrow.next.map(|next| pressure_text(topology, &next));
            table.row([
                head(one),
                month_text(day).get(lang).to_string(),
                pressure_text(topology, &narrow.first).get(lang).to_string(),
                next.map_or(NOTHING.to_string(), |next| next.get(lang).to_string()),
            ]);
        }
    }
    table
}

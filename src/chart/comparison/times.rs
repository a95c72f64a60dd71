//! How long every transaction takes every population.

use super::super::{ChartSpec, Form, Plot, RowSeries, RowValue, Rows};
use super::{axis, caption, month};
use crate::lang::{Lang, Text};
use crate::scenario::answer::{ActTime, Day};
use crate::scenario::compare::{Answered, Comparison};
use crate::text;
use crate::units::trimmed;

/// Mean and 95th percentile of every transaction of every population.
pub(super) fn times(comparison: &Comparison, end: bool, lang: Lang) -> ChartSpec {
    let mut names: Vec<(String, String)> = Vec::new();
    let day = |one: &'_ Answered| match end {
        true => one.answer.days.last().cloned(),
        false => one.answer.days.first().cloned(),
    };
    let mut series = Vec::new();
    let mut extremes: Option<(f64, f64, String)> = None;
    let days: Vec<Option<Day>> = comparison.scenarios.iter().map(day).collect();
    let key = |one: &Answered, time: &ActTime| {
        let (population, transaction) = (
            &one.topology()[time.population],
            &one.topology()[time.transaction],
        );
        let name = format!(
            "{}{}{}",
            population.name.get(lang),
            lang.pick("·", ": "),
            transaction.name.get(lang)
        );
        (format!("{}.{}", population.id, transaction.id), name)
    };
    let worst = |one: &Answered, day: &Option<Day>| {
        let times = day.as_ref().map(|day| day.worst_times(one.topology()));
        times.unwrap_or_default()
    };
    for (one, day) in comparison.scenarios.iter().zip(&days) {
        for time in worst(one, day) {
            let (id, name) = key(one, &time);
            if !names.iter().any(|(known, _)| *known == id) {
                names.push((id, name));
            }
        }
    }
    for (hue, (one, day)) in comparison.scenarios.iter().zip(&days).enumerate() {
        let times = worst(one, day);
        let values = names.iter().map(|(id, _)| {
            let time = times.iter().find(|time| key(one, time).0 == *id)?;
            let (mean, p95) = time.time?;
            Some(RowValue {
                value: mean.0,
                upper: Some(p95.0),
            })
        });
        series.push(RowSeries {
            name: one.loaded.scenario.name.get(lang).to_string(),
            hue,
            values: values.collect(),
        });
    }
    for (row, (_, name)) in names.iter().enumerate() {
        let all = series
            .iter()
            .filter_map(|one| one.values[row].and_then(|value| value.upper));
        let (low, high) = all.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), p95| {
            (low.min(p95), high.max(p95))
        });
        if high > 0.0 && extremes.as_ref().is_none_or(|(a, b, _)| high - low > b - a) {
            extremes = Some((low, high, name.clone()));
        }
    }
    let first = &comparison.scenarios[0];
    let when = days[0]
        .as_ref()
        .map_or(String::new(), |day| month(day, lang));
    let title = match extremes {
        None => Text::new("没有业务", "No transactions"),
        Some((low, high, name)) if high - low < 0.005 * high => {
            let high = trimmed(high, 1);
            text!(
                "{name} 95% 在 {high} 秒内，各方案无差别",
                "{name}: 95% within {high} s, no difference"
            )
        }
        Some((low, high, name)) => {
            let (low, high) = (trimmed(low, 1), trimmed(high, 1));
            text!(
                "差别最大：{name}，95% 耗时 {low} 至 {high} 秒",
                "Largest difference: {name}, 95% in {low} to {high} s"
            )
        }
    };
    let subtitle = text!(
        "{when} 的工作日，各取最慢的小时；点为平均，须端为 95%（近似）",
        "A working day of {when}, each in its worst hour; dot: mean, whisker: 95% (approximate)"
    );
    ChartSpec::new(
        lang,
        caption(first, title, subtitle, lang),
        Plot::Rows(Rows {
            value: axis(lang, "耗时", "time", "s"),
            form: Form::Dots,
            rows: names.into_iter().map(|(_, name)| name).collect(),
            series,
            upper: "95%".to_string(),
            thresholds: Vec::new(),
        }),
    )
}

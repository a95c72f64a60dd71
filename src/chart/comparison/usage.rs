//! How full the tightest things are, over months and over a day.

use super::super::{Across, ChartSpec, Lines, Marker, Plot, Series, Style, Threshold};
use super::{across, axis, caption, month};
use crate::lang::{Lang, Text};
use crate::scenario::answer::{Day, Resource, level, pressures};
use crate::scenario::compare::{Answered, Comparison, resource_name};
use crate::text;
use crate::topology::Watched;
use crate::units::trimmed;

/// The class that is fullest at the end of the horizon, else the fullest resource.
fn fullest(one: &Answered) -> Option<Resource> {
    let day = one.answer.days.last()?;
    let all = pressures(one.topology(), &day.hours);
    let class = all
        .iter()
        .find(|pressure| matches!(pressure.resource, Resource::Class(_)));
    class.or(all.first()).map(|pressure| pressure.resource)
}

fn highest(one: &Answered, day: &Day, resource: Resource) -> f64 {
    let levels = day
        .hours
        .iter()
        .map(|hour| level(one.topology(), hour, resource) * 100.0);
    levels.fold(0.0, f64::max)
}

/// How full the fullest class is, scenario by scenario.
pub(super) fn utilisation(comparison: &Comparison, lang: Lang) -> ChartSpec {
    let mut series = Vec::new();
    let mut markers = Vec::new();
    let mut full: Vec<String> = Vec::new();
    let mut rest = 0.0f64;
    for (hue, one) in comparison.scenarios.iter().enumerate() {
        let Some(resource) = fullest(one) else {
            continue;
        };
        let points: Vec<(f64, Option<f64>)> = one
            .answer
            .days
            .iter()
            .map(|day| {
                (
                    f64::from(day.month),
                    Some(highest(one, day, resource)).filter(|level| level.is_finite()),
                )
            })
            .collect();
        match one
            .answer
            .days
            .iter()
            .find(|day| highest(one, day, resource) > 100.0)
        {
            Some(day) => {
                let when = month(day, lang);
                let id = &one.loaded.scenario.id;
                let said = text!("{id} 于 {when} 用满", "{id} full from {when}");
                full.push(said.get(lang).to_string());
                markers.push(Marker {
                    x: f64::from(day.month),
                    y: Some(highest(one, day, resource)),
                    label: when,
                    hue: Some(hue),
                });
            }
            None => {
                rest = points
                    .iter()
                    .filter_map(|(_, level)| *level)
                    .fold(rest, f64::max)
            }
        }
        series.push(Series {
            name: one.loaded.scenario.name.get(lang).to_string(),
            hue,
            style: Style::Plain,
            points,
        });
    }
    markers.sort_by(|a, b| a.x.total_cmp(&b.x));
    let highest = trimmed(rest, 0);
    let title = match full.is_empty() {
        true => text!(
            "期内都不会用满，最高 {highest} %",
            "None fills up in the horizon; at most {highest} %"
        ),
        false => {
            let full = full.join(lang.pick("、", ", "));
            match rest > 0.0 {
                true => text!(
                    "{full}，其余方案最高 {highest} %",
                    "{full}; the others at most {highest} %"
                ),
                false => text!("{full}", "{full}"),
            }
        }
    };
    let subtitle = Text::new(
        "各方案最紧的业务类：忙时请求占可得带宽的比例",
        "The tightest class of each scenario: busy-hour load over what it can have",
    );
    let first = &comparison.scenarios[0];
    ChartSpec::new(
        lang,
        caption(first, title, subtitle, lang),
        Plot::Lines(Lines {
            x: axis(lang, "月份", "month", ""),
            across: across(first),
            y: axis(lang, "利用率", "utilisation", "%"),
            series,
            thresholds: vec![Threshold {
                value: 100.0,
                label: lang.pick("用满 100 %", "full, 100 %").to_string(),
            }],
            markers,
            bands: Vec::new(),
        }),
    )
}

/// The fullest resource of each scenario over the hours of the first day, with the thresholds at
/// which somebody acts.
pub(super) fn day(comparison: &Comparison, lang: Lang) -> ChartSpec {
    let mut series = Vec::new();
    let mut worst: Option<(f64, usize, Text, &Answered)> = None;
    for (hue, one) in comparison.scenarios.iter().enumerate() {
        let Some((first, day)) = one.answer.narrow.first().zip(one.answer.days.first()) else {
            continue;
        };
        let resource = first.first.resource;
        let level = |hour: usize| level(one.topology(), &day.hours[hour], resource) * 100.0;
        let points = (0..24).map(|hour| {
            (
                hour as f64,
                Some(level(hour)).filter(|level| level.is_finite()),
            )
        });
        let name = resource_name(one.topology(), resource);
        let high = first.first.utilisation * 100.0;
        if worst.as_ref().is_none_or(|(most, ..)| high > *most) {
            worst = Some((high, first.first.hour, name.clone(), one));
        }
        series.push(Series {
            name: format!(
                "{}{}{}",
                one.loaded.scenario.id,
                lang.pick("：", ": "),
                name.get(lang)
            ),
            hue,
            style: Style::Plain,
            points: points.collect(),
        });
    }
    let first = &comparison.scenarios[0];
    let topology = first.topology();
    let mut thresholds: Vec<Threshold> = topology
        .thresholds
        .iter()
        .filter(|threshold| matches!(threshold.watched, Watched::Sessions(_) | Watched::Load(_)))
        .map(|threshold| Threshold {
            value: threshold.at.0 * 100.0,
            label: format!("{} {}", threshold.at, threshold.action.get(lang)),
        })
        .collect();
    if thresholds.is_empty() {
        thresholds.push(Threshold {
            value: 100.0,
            label: lang.pick("用满 100 %", "full, 100 %").to_string(),
        });
    }
    let title = match &worst {
        None => Text::new("没有负载", "No load"),
        Some((high, hour, name, one)) => {
            let (high, id) = (trimmed(*high, 0), &one.loaded.scenario.id);
            Text::new(
                format!("最紧：{id} 的 {}，{hour} 时 {high} %", name.zh),
                format!("Tightest: {} of {id}, {high} % at {hour}:00", name.en),
            )
        }
    };
    let subtitle = Text::new(
        "首日各方案最紧的资源，请求占能力的比例",
        "The tightest resource of each scenario on the first day: asked over able",
    );
    ChartSpec::new(
        lang,
        caption(first, title, subtitle, lang),
        Plot::Lines(Lines {
            x: axis(lang, "时刻", "hour", ""),
            across: Across::Hours,
            y: axis(lang, "占用", "in use", "%"),
            series,
            thresholds,
            markers: Vec::new(),
            bands: Vec::new(),
        }),
    )
}

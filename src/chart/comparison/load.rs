//! Busy-hour load of one class, month by month.

use super::super::{ChartSpec, Lines, Marker, Plot, Series, Style, Threshold};
use super::{across, axis, caption, link_and_policy, month, worst};
use crate::lang::{Lang, Text};
use crate::scenario::answer::Lane;
use crate::scenario::compare::Answered;
use crate::text;
use crate::topology::Way;
use crate::units::trimmed;

/// Busy-hour load of one class against guarantee, ceiling and line.
pub(super) fn load(one: &Answered, lane: Lane, lang: Lang) -> ChartSpec {
    let topology = one.topology();
    let (link, policy) = link_and_policy(topology, lane);
    let days = &one.answer.days;
    let line = |of: &dyn Fn(&crate::scenario::answer::LaneLoad) -> f64| -> Vec<(f64, Option<f64>)> {
        days.iter()
            .map(|day| (f64::from(day.month), worst(day, lane).map(of)))
            .collect()
    };
    let offered = line(&|load| load.offered.as_mbit());
    let peak = line(&|load| load.peak.as_mbit());
    let mut thresholds = Vec::new();
    let mut mark = |zh: &str, en: &str, mbit: f64| {
        thresholds.push(Threshold {
            value: mbit,
            label: format!("{} {} Mbit/s", lang.pick(zh, en), trimmed(mbit, 1)),
        });
    };
    let class = policy.map(|policy| &policy.classes[lane.class]);
    if let Some(class) = class {
        mark(
            "保障",
            "guarantee",
            class.guarantee[Way::Down.at()].as_mbit(),
        );
        if let Some(ceiling) = class.ceiling[Way::Down.at()] {
            mark("最大", "ceiling", ceiling.as_mbit());
        }
    }
    mark("线路", "line", link.capacity[Way::Down.at()].as_mbit());
    let over = days
        .iter()
        .find(|day| worst(day, lane).is_some_and(|load| load.peak.0 > load.capacity.0));
    let highest = days
        .iter()
        .filter_map(|day| worst(day, lane))
        .max_by(|a, b| a.offered.0.total_cmp(&b.offered.0));
    let (top, able) = highest.map_or((0.0, 0.0), |load| {
        (load.offered.as_mbit(), load.capacity.as_mbit())
    });
    let (top, able) = (trimmed(top, 0), trimmed(able, 0));
    let name = &one.loaded.scenario.name;
    let title = match over {
        Some(day) => {
            let from = month(day, lang);
            Text::new(
                format!("{}：{from} 起尖峰超过可得 {able} Mbit/s", name.zh),
                format!(
                    "{}: from {from} peaks exceed the {able} Mbit/s it can have",
                    name.en
                ),
            )
        }
        None => Text::new(
            format!("{}：期内忙时最高 {top}，可得 {able} Mbit/s", name.zh),
            format!(
                "{}: at most {top} of {able} Mbit/s in the busy hour",
                name.en
            ),
        ),
    };
    let class_name = class.map_or_else(Text::default, |class| class.name.clone());
    let subtitle = Text::new(
        format!(
            "{}·{}·下行，每月工作日最忙小时",
            link.name.zh, class_name.zh
        ),
        format!(
            "{}, {}, down; busiest hour of a working day of each month",
            link.name.en, class_name.en
        ),
    );
    let window = topology.peak.window;
    let peak_name = text!("尖峰（{window} 平均）", "peak ({window} mean)");
    let marker = over.and_then(|day| {
        let load = worst(day, lane)?;
        Some(Marker {
            x: f64::from(day.month),
            y: Some(load.peak.as_mbit()),
            label: month(day, lang),
            hue: Some(1),
        })
    });
    ChartSpec::new(
        lang,
        caption(one, title, subtitle, lang),
        Plot::Lines(Lines {
            x: axis(lang, "月份", "month", ""),
            across: across(one),
            y: axis(lang, "速率", "rate", "Mbit/s"),
            series: vec![
                Series {
                    name: lang.pick("忙时请求", "busy-hour load").to_string(),
                    hue: 0,
                    style: Style::Strong,
                    points: offered,
                },
                Series {
                    name: peak_name.get(lang).to_string(),
                    hue: 1,
                    style: Style::Plain,
                    points: peak,
                },
            ],
            thresholds,
            markers: marker.into_iter().collect(),
            bands: Vec::new(),
        }),
    )
}

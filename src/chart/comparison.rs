//! The figures of a comparison: what each scenario is asked for and has, month by month and hour by
//! hour; how long everything takes; who gets what; how many users there are.
//!
//! A view: every number was computed in `scenario`, and every title is built from the numbers that
//! its figure shows.

use super::{
    Across, Axis, Capacity, Caption, ChartSpec, Columns, Form, Lines, Marker, Part, Plot,
    RowSeries, RowValue, Rows, Series, Style, Threshold,
};
use crate::lang::{Lang, Text};
use crate::scenario::answer::{Day, Lane, Resource, level, pressures};
use crate::scenario::compare::{Answered, Comparison, resource_name};
use crate::text;
use crate::topology::{Link, Policy, Topology, Watched, Way};
use crate::units::trimmed;

/// Every figure of a comparison with the name of its file (without ending), in a fixed order.
pub fn figures(comparison: &Comparison, lang: Lang) -> Vec<(String, ChartSpec)> {
    let mut figures = Vec::new();
    let horizon = comparison
        .scenarios
        .iter()
        .any(|one| one.answer.days.len() > 1);
    for one in &comparison.scenarios {
        for lane in guaranteed(one.topology()) {
            let name = match guaranteed(one.topology()).len() {
                1 => format!("load-{}", one.loaded.scenario.id),
                _ => format!(
                    "load-{}-{}",
                    one.loaded.scenario.id,
                    one.topology()[lane.link].id
                ),
            };
            if horizon {
                figures.push((name, load(one, lane, lang)));
            }
        }
    }
    if horizon {
        figures.push(("utilisation".to_string(), utilisation(comparison, lang)));
        figures.extend(users(comparison, lang).map(|spec| ("users".to_string(), spec)));
    }
    figures.push(("day".to_string(), day(comparison, lang)));
    figures.push(("times-start".to_string(), times(comparison, false, lang)));
    if horizon {
        figures.push(("times-end".to_string(), times(comparison, true, lang)));
    }
    figures.extend(shares(comparison, lang).map(|spec| ("shares".to_string(), spec)));
    figures
}

/// Classes with a guarantee, towards the users: what planners argue about.
fn guaranteed(topology: &Topology) -> Vec<Lane> {
    let mut lanes = Vec::new();
    for (position, link) in topology.links.iter().enumerate() {
        let Some(policy) = link.policy.map(|at| &topology[at]) else {
            continue;
        };
        for (class, own) in policy.classes.iter().enumerate() {
            if own.enabled && own.guarantee[Way::Down.at()].0 > 0.0 {
                lanes.push(Lane {
                    link: crate::topology::LinkAt(position),
                    way: Way::Down,
                    class,
                });
            }
        }
    }
    lanes
}

fn link_and_policy(topology: &Topology, lane: Lane) -> (&Link, Option<&Policy>) {
    let link = &topology[lane.link];
    (link, link.policy.map(|at| &topology[at]))
}

/// The words that every figure carries: what it rests on.
fn caption(one: &Answered, title: Text, subtitle: Text, lang: Lang) -> Caption {
    let topology = one.topology();
    let origins = &one.loaded.loaded.origins;
    let assumed = origins
        .iter()
        .filter(|value| value.origin == crate::topology::origin::Origin::Assumed)
        .count();
    let all = origins.len();
    let source = topology.source.as_ref().unwrap_or(&topology.name);
    let version = env!("CARGO_PKG_VERSION");
    let said = Text::new(
        format!(
            "资料来源：{}；解析模型计算，{all} 个取值中 {assumed} 个为假设；hopcast {version}",
            source.zh
        ),
        format!(
            "Source: {}; computed by the analytic model, {assumed} of {all} values assumed; hopcast {version}",
            source.en
        ),
    );
    Caption {
        alt: format!("{}。{}", title.get(lang), subtitle.get(lang)),
        title: title.get(lang).to_string(),
        subtitle: subtitle.get(lang).to_string(),
        source: said.get(lang).to_string(),
        marks: vec![lang.pick("模型计算", "model").to_string()],
    }
}

fn across(one: &Answered) -> Across {
    match one.loaded.scenario.growth.from {
        Some(from) => Across::Months { from },
        None => Across::Number,
    }
}

fn month(day: &Day, lang: Lang) -> String {
    match day.date {
        Some(date) => date.to_string(),
        None => {
            let month = day.month;
            text!("第 {month} 个月", "month {month}")
                .get(lang)
                .to_string()
        }
    }
}

fn axis(lang: Lang, zh: &str, en: &str, unit: &str) -> Axis {
    Axis {
        title: lang.pick(zh, en).to_string(),
        unit: unit.to_string(),
    }
}

/// The hour in which a lane is asked for most, relative to what it has.
fn worst(day: &Day, lane: Lane) -> Option<&crate::scenario::answer::LaneLoad> {
    let loads = day
        .hours
        .iter()
        .flat_map(|hour| &hour.lanes)
        .filter(|load| load.lane == lane);
    loads.max_by(|a, b| a.utilisation().total_cmp(&b.utilisation()))
}

/// Busy-hour load of one class against guarantee, ceiling and line.
fn load(one: &Answered, lane: Lane, lang: Lang) -> ChartSpec {
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
fn utilisation(comparison: &Comparison, lang: Lang) -> ChartSpec {
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
                full.push(format!("{} {when}", one.loaded.scenario.id));
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
            let full = full.join("，");
            text!("用满的月份：{full}", "Full from: {full}")
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

/// Accounts over the months, with the saturation that they approach.
fn users(comparison: &Comparison, lang: Lang) -> Option<ChartSpec> {
    let grows = |one: &&Answered| one.answer.days.iter().any(|day| day.accounts.is_some());
    let one = comparison.scenarios.iter().find(grows)?;
    let days = &one.answer.days;
    let points = days
        .iter()
        .map(|day| (f64::from(day.month), day.accounts))
        .collect();
    let (start, end) = (days.first()?, days.last()?);
    let number = |value: Option<f64>| trimmed(value.unwrap_or(0.0), 0);
    let (from, to) = (number(start.accounts), number(end.accounts));
    let online = |day: &Day| trimmed(day.hours[day.busiest].online, 0);
    let (few, many) = (online(start), online(end));
    let last = month(end, lang);
    let devices = trimmed(end.scale.devices, 2);
    let saturation = saturation(one);
    ChartSpec::new(
        lang,
        caption(
            one,
            text!("账号由 {from} 增至 {to}（{last}）", "Accounts grow from {from} to {to} ({last})"),
            text!(
                "同期每人终端数变为 {devices} 倍，忙时在线由 {few} 增至 {many}",
                "devices of one person grow {devices}-fold, users online in the busy hour from {few} to {many}"
            ),
            lang,
        ),
        Plot::Lines(Lines {
            x: axis(lang, "月份", "month", ""),
            across: across(one),
            y: axis(lang, "账号", "accounts", lang.pick("个", "")),
            series: vec![Series {
                name: lang.pick("账号", "accounts").to_string(),
                hue: 0,
                style: Style::Strong,
                points,
            }],
            thresholds: saturation
                .map(|value| Threshold {
                    value,
                    label: format!("{} {}", lang.pick("饱和", "saturation"), trimmed(value, 0)),
                })
                .into_iter()
                .collect(),
            markers: Vec::new(),
            bands: Vec::new(),
        }),
    )
    .into()
}

fn saturation(one: &Answered) -> Option<f64> {
    match &one.loaded.scenario.growth.accounts {
        crate::scenario::growth::Law::Curve { saturation, .. } if saturation.is_finite() => {
            Some(*saturation)
        }
        _ => None,
    }
}

/// The fullest resource of each scenario over the hours of the first day, with the thresholds at
/// which somebody acts.
fn day(comparison: &Comparison, lang: Lang) -> ChartSpec {
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
            name: format!("{}：{}", one.loaded.scenario.id, name.get(lang)),
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

/// Mean and 95th percentile of every transaction of every population.
fn times(comparison: &Comparison, end: bool, lang: Lang) -> ChartSpec {
    let mut names: Vec<(String, String)> = Vec::new();
    let day = |one: &'_ Answered| match end {
        true => one.answer.days.last().cloned(),
        false => one.answer.days.first().cloned(),
    };
    let mut series = Vec::new();
    let mut extremes: Option<(f64, f64, String)> = None;
    let days: Vec<Option<Day>> = comparison.scenarios.iter().map(day).collect();
    let key = |one: &Answered, time: &crate::scenario::answer::ActTime| {
        let (population, transaction) = (
            &one.topology()[time.population],
            &one.topology()[time.transaction],
        );
        let name = format!(
            "{}·{}",
            population.name.get(lang),
            transaction.name.get(lang)
        );
        (format!("{}.{}", population.id, transaction.id), name)
    };
    let busiest = |day: &Day| day.hours[day.busiest].times.clone();
    for (one, day) in comparison.scenarios.iter().zip(&days) {
        for time in day.iter().flat_map(busiest) {
            let (id, name) = key(one, &time);
            if !names.iter().any(|(known, _)| *known == id) {
                names.push((id, name));
            }
        }
    }
    for (hue, (one, day)) in comparison.scenarios.iter().zip(&days).enumerate() {
        let times: Vec<_> = day.iter().flat_map(busiest).collect();
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
        "{when} 最忙小时；点为平均，须端为 95%（近似）",
        "Busiest hour of {when}; dot: mean, whisker: 95% (approximate)"
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

/// What each class carries in its busiest hour at the end of the horizon, on the first line that has a
/// guarantee.
fn shares(comparison: &Comparison, lang: Lang) -> Option<ChartSpec> {
    let first = comparison.scenarios.first()?;
    let lane = *guaranteed(first.topology()).first()?;
    let (link, policy) = link_and_policy(first.topology(), lane);
    let ids: Vec<(&str, &Text)> = policy?
        .classes
        .iter()
        .map(|class| (class.id.as_str(), &class.name))
        .collect();
    let mut parts: Vec<Part> = ids
        .iter()
        .enumerate()
        .map(|(hue, (_, name))| Part {
            name: name.get(lang).to_string(),
            hue,
            values: Vec::new(),
        })
        .collect();
    let (mut categories, mut lines) = (Vec::new(), Vec::new());
    let mut most: Option<(f64, String)> = None;
    for one in &comparison.scenarios {
        let topology = one.topology();
        let (position, own) = topology
            .links
            .iter()
            .enumerate()
            .find(|(_, own)| own.id == link.id)?;
        let day = one.answer.days.last()?;
        let mut sum = 0.0;
        for (part, (id, _)) in parts.iter_mut().zip(&ids) {
            let policy = own.policy.map(|at| &topology[at]);
            let class =
                policy.and_then(|policy| policy.classes.iter().position(|class| class.id == *id));
            let carried = class.and_then(|class| {
                let lane = Lane {
                    link: crate::topology::LinkAt(position),
                    way: Way::Down,
                    class,
                };
                worst(day, lane).map(|load| load.carried.as_mbit())
            });
            sum += carried.unwrap_or(0.0);
            part.values.push(carried);
        }
        let capacity = own.capacity[Way::Down.at()].as_mbit();
        if most.as_ref().is_none_or(|(part, _)| sum / capacity > *part) {
            most = Some((sum / capacity, one.loaded.scenario.id.clone()));
        }
        categories.push(one.loaded.scenario.id.clone());
        lines.push(Some(capacity));
    }
    let (part, id) = most?;
    let part = trimmed(part * 100.0, 0);
    let end = first
        .answer
        .days
        .last()
        .map_or(String::new(), |day| month(day, lang));
    Some(ChartSpec::new(
        lang,
        caption(
            first,
            text!(
                "{id} 占线路 {part} %，为各方案最满",
                "{id} fills {part} % of its line, the most of all"
            ),
            Text::new(
                format!("{}·下行，{end} 最忙小时各业务类承载", link.name.zh),
                format!(
                    "{}, down: carried by class in the busiest hour of {end}",
                    link.name.en
                ),
            ),
            lang,
        ),
        Plot::Columns(Columns {
            x: axis(lang, "方案", "scenario", ""),
            categories,
            y: axis(lang, "速率", "rate", "Mbit/s"),
            parts,
            capacity: Some(Capacity {
                name: lang.pick("线路容量", "line").to_string(),
                values: lines,
            }),
            thresholds: Vec::new(),
        }),
    ))
}

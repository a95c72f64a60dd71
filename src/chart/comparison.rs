//! The figures of a comparison: what each scenario is asked for and has, month by month and hour by
//! hour; how long everything takes; who gets what; how many users there are.
//!
//! A view: every number was computed in `scenario`, and every title is built from the numbers that
//! its figure shows.

use super::{Across, Axis, Caption, ChartSpec};
use crate::lang::{Lang, Text};
use crate::scenario::answer::{Day, Lane, LaneLoad};
use crate::scenario::compare::{Answered, Comparison};
use crate::text;
use crate::topology::origin::Origin;
use crate::topology::{Link, LinkAt, Policy, Topology, Way};

mod load;
mod people;
mod shares;
mod times;
mod usage;

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
                figures.push((name, load::load(one, lane, lang)));
            }
        }
    }
    if horizon {
        figures.push((
            "utilisation".to_string(),
            usage::utilisation(comparison, lang),
        ));
        figures.extend(people::users(comparison, lang).map(|spec| ("users".to_string(), spec)));
    }
    figures.push(("day".to_string(), usage::day(comparison, lang)));
    figures.push((
        "times-start".to_string(),
        times::times(comparison, false, lang),
    ));
    if horizon {
        figures.push((
            "times-end".to_string(),
            times::times(comparison, true, lang),
        ));
    }
    figures.extend(shares::shares(comparison, lang).map(|spec| ("shares".to_string(), spec)));
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
                    link: LinkAt(position),
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
        .filter(|value| value.origin == Origin::Assumed)
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
fn worst(day: &Day, lane: Lane) -> Option<&LaneLoad> {
    let loads = day
        .hours
        .iter()
        .flat_map(|hour| &hour.lanes)
        .filter(|load| load.lane == lane);
    loads.max_by(|a, b| a.utilisation().total_cmp(&b.utilisation()))
}

//! The figures of a simulated day: what times consist of, and how full the classes were when.
//!
//! A view: every number was computed in `scenario`, and every title is built from the numbers that
//! its figure shows.

use super::{Axis, Caption, ChartSpec};
use crate::lang::{Lang, Text};
use crate::scenario::simulated::Shown;
use crate::scenario::simulated::words::clock;
use crate::text;
use crate::topology::PopulationAt;

mod budget;
mod compared;
mod load;

pub use compared::compared;

use budget::budget;
use load::load;

/// Every figure of a simulated day with the name of its file (without ending), in a fixed order.
pub fn figures(shown: &Shown<'_>, lang: Lang) -> Vec<(String, ChartSpec)> {
    let topology = &shown.loaded.loaded.topology;
    let mut figures = Vec::new();
    for (position, population) in topology.populations.iter().enumerate() {
        let name = format!("budget-{}", population.id);
        figures.extend(budget(shown, PopulationAt(position), lang).map(|spec| (name, spec)));
    }
    for own in &shown.simulated.outcome.lanes {
        let link = &topology[own.lane.link];
        let Some(policy) = link.policy else {
            continue;
        };
        let class = &topology[policy].classes[own.lane.class].id;
        let way = match own.lane.way {
            crate::topology::Way::Up => "up",
            crate::topology::Way::Down => "down",
        };
        figures.push((
            format!("load-{}-{way}-{class}", link.id),
            load(shown, own, lang),
        ));
    }
    figures
}

/// The words that every figure carries: what it rests on.
fn caption(shown: &Shown<'_>, title: Text, subtitle: Text, lang: Lang) -> Caption {
    let outcome = &shown.simulated.outcome;
    let topology = &shown.loaded.loaded.topology;
    let source = topology.source.as_ref().unwrap_or(&topology.name);
    let (zh, en) = (&source.zh, &source.en);
    let (trials, seed) = (outcome.trials, outcome.seed);
    let version = env!("CARGO_PKG_VERSION");
    let said = text!(
        "资料来源：{zh}；{trials} 次仿真的平均，种子 {seed}；hopcast {version}",
        "Source: {en}; mean of {trials} simulated days, seed {seed}; hopcast {version}"
    );
    let mut marks = vec![lang.pick("仿真", "simulated").to_string()];
    if let Some(until) = outcome.partial {
        let until = clock(until);
        marks.push(
            text!("未完成，至 {until}", "partial, up to {until}")
                .get(lang)
                .to_string(),
        );
    }
    Caption {
        alt: [title.get(lang), subtitle.get(lang)].join(lang.pick("。", ". ")),
        title: title.get(lang).to_string(),
        subtitle: subtitle.get(lang).to_string(),
        source: said.get(lang).to_string(),
        marks,
    }
}

/// Hours, month and scenario.
fn period(shown: &Shown<'_>) -> Text {
    let outcome = &shown.simulated.outcome;
    let (from, to) = (outcome.hours.start, outcome.hours.end);
    let name = &shown.loaded.scenario.name;
    let (zh, en) = (&name.zh, &name.en);
    match shown.simulated.day.date {
        Some(date) => text!(
            "{zh}；{date} 的工作日 {from}:00 至 {to}:00",
            "{en}; a working day of {date}, {from}:00 to {to}:00"
        ),
        None => text!(
            "{zh}；工作日 {from}:00 至 {to}:00",
            "{en}; a working day, {from}:00 to {to}:00"
        ),
    }
}

fn axis(lang: Lang, zh: &str, en: &str, unit: &str) -> Axis {
    Axis {
        title: lang.pick(zh, en).to_string(),
        unit: unit.to_string(),
    }
}

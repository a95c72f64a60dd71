//! Who gets what of a line, scenario by scenario.

use super::super::{Capacity, ChartSpec, Columns, Part, Plot};
use super::{axis, caption, guaranteed, link_and_policy, month, worst};
use crate::lang::{Lang, Text};
use crate::scenario::answer::Lane;
use crate::scenario::compare::Comparison;
use crate::text;
use crate::topology::{LinkAt, Way};
use crate::units::trimmed;

/// What each class carries in its busiest hour at the end of the horizon, on the first line that has a
/// guarantee.
pub(super) fn shares(comparison: &Comparison, lang: Lang) -> Option<ChartSpec> {
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
                    link: LinkAt(position),
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

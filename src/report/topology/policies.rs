//! Bandwidth policies as their page shows them: one column for each class.

use super::{Page, View, or_unlimited};
use crate::lang::words::Word;
use crate::report::table::{NOTHING, Table};
use crate::topology::{Class, Policy, Way};

pub(super) fn sections(page: &mut Page<'_>) {
    let view = page.view;
    for policy in &view.topology.policies {
        let word = view.word(Word::Policy);
        let title = format!("{word} {}: {}", policy.id, policy.name.get(view.lang));
        page.titled(&title, &classes(view, policy));
        for line in rule(view, policy) {
            page.line(&line);
        }
    }
}

/// The rule in force, and whether the preset or the file says it.
fn rule(view: &View<'_>, policy: &Policy) -> Vec<String> {
    let (share, oversubscription) = policy.rule();
    let preset = policy.preset.text();
    let lang = view.lang;
    let own = |said: bool| match said {
        true => lang.pick("（文件改定）", " (set by the file)"),
        false => "",
    };
    let mut lines = vec![
        format!("  {}: {}", lang.pick("规则", "rule"), preset.get(lang)),
        format!(
            "  {}: {}{}",
            lang.pick("余量分配", "excess is split"),
            share.text().get(lang),
            own(policy.share.is_some())
        ),
        format!(
            "  {}: {}{}",
            lang.pick("保障超额时", "guarantees above the line"),
            oversubscription.text().get(lang),
            own(policy.oversubscription.is_some())
        ),
    ];
    if let Some(root) = policy.root {
        let root = view.marks.cell(&["policy", &policy.id], &["root"], root);
        lines.push(format!(
            "  {}: {root}",
            lang.pick("策略总带宽", "policy's total")
        ));
    }
    let on = view.topology.links.iter().filter(|link| {
        link.policy
            .is_some_and(|at| view.topology[at].id == policy.id)
    });
    let on: Vec<_> = on
        .map(|link| format!("{} ({})", link.id, view.capacities(link)))
        .collect();
    lines.push(format!("  {}: {}", view.word(Word::Link), on.join(", ")));
    lines
}

fn classes(view: &View<'_>, policy: &Policy) -> Table {
    let mut table = Table::new().left(view.word(Word::Class));
    for class in &policy.classes {
        table = table.left(&class.id);
    }
    let mut line = |head: &str, cell: &dyn Fn(&Class) -> String| {
        let cells = policy.classes.iter().map(cell);
        table.row([head.to_string()].into_iter().chain(cells));
    };
    let lang = view.lang;
    let text = |text: &Option<crate::lang::Text>| {
        text.as_ref()
            .map_or(NOTHING, |text| text.get(lang))
            .to_string()
    };
    line(view.word(Word::Name), &|class| class.name.get(lang).into());
    line(
        view.word(Word::AppliesTo),
        &|class| match class.applies_to.is_empty() {
            true => lang.pick("其余全部", "all the rest").into(),
            false => class.applies_to.join(", "),
        },
    );
    line(view.word(Word::Application), &|class| {
        text(&class.application)
    });
    line(view.word(Word::Target), &|class| text(&class.target));
    line(view.word(Word::Line), &|class| text(&class.line));
    line(view.word(Word::EffectiveTime), &|class| {
        let active = class.active.map(|range| range.to_string());
        let active = active.unwrap_or_else(|| lang.pick("全天", "all day").into());
        marked(view, policy, class, &["active"], &active)
    });
    for way in Way::BOTH {
        let own = ["guarantee-up", "guarantee-down"][way.at()];
        line(&view.way(Word::Guarantee, way), &|class| {
            let rate = class.guarantee[way.at()];
            marked(view, policy, class, &[own, "guarantee"], &rate)
        });
    }
    for way in Way::BOTH {
        let own = ["ceiling-up", "ceiling-down"][way.at()];
        line(&view.way(Word::Ceiling, way), &|class| {
            let line = lang.pick("线路容量", "the line's");
            let rate = or_unlimited(class.ceiling[way.at()], line);
            marked(view, policy, class, &[own, "ceiling"], &rate)
        });
    }
    for way in Way::BOTH {
        line(&view.way(Word::PerUser, way), &|class| {
            let rate = or_unlimited(class.per_user, lang.pick("不限", "none"));
            marked(view, policy, class, &["per-user"], &rate)
        });
    }
    line(view.word(Word::Priority), &|class| match class.priority {
        0 => format!("0 ({})", lang.pick("最先", "first")),
        later => later.to_string(),
    });
    if policy.classes.iter().any(|class| class.quantum.is_some()) {
        line("quantum", &|class| {
            let quantum = class.quantum.map(|bytes| format!("{bytes} B"));
            let shown = quantum.unwrap_or_else(|| lang.pick("内核规则", "kernel's rule").into());
            marked(view, policy, class, &["quantum"], &shown)
        });
    }
    line(view.word(Word::State), &|class| match class.enabled {
        true => lang.pick("启用", "on").into(),
        false => lang.pick("停用", "off").into(),
    });
    table
}

/// A value of a class with the sign of its origin.
fn marked(
    view: &View<'_>,
    policy: &Policy,
    class: &Class,
    fields: &[&str],
    value: &dyn std::fmt::Display,
) -> String {
    let record = ["policy", &policy.id, "class", &class.id];
    view.marks.cell(&record, fields, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Text;
    use crate::qos::{Excess, Oversubscription, Preset};
    use crate::topology::{OversubscriptionName, PresetName, ShareName};

    #[test]
    fn the_rule_shown_is_the_rule_that_the_answers_use() {
        for (name, preset) in [
            (PresetName::LinuxHtb, Preset::LinuxHtb),
            (PresetName::Sangfor, Preset::Sangfor),
            (PresetName::Fortigate, Preset::Fortigate),
        ] {
            let policy = Policy {
                id: "p".into(),
                name: Text::same("p"),
                preset: name,
                share: None,
                oversubscription: None,
                root: None,
                classes: Vec::new(),
            };
            let rules = preset.rules();
            let share = match rules.excess {
                Excess::Quantum => ShareName::LinuxHtb,
                Excess::Proportional => ShareName::Proportional,
                Excess::Equal => ShareName::Equal,
            };
            let oversubscription = match rules.oversubscription {
                Oversubscription::Leak => OversubscriptionName::Leak,
                Oversubscription::Scale => OversubscriptionName::Scale,
                Oversubscription::Reject => OversubscriptionName::Reject,
            };
            assert_eq!(policy.rule(), (share, oversubscription));
        }
    }
}

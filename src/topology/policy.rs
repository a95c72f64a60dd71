//! What can be wrong with a bandwidth policy, on its own and on its line.

use super::file::{ClassFile, PolicyFile};
use super::{Class, Link, OversubscriptionName, Policy, Way};
use crate::document::Checked;
use crate::error::Problem;
use crate::lang::Text;
use crate::text;
use crate::units::BitRate;

fn class(id: &str, file: ClassFile) -> Class {
    let both = |whole: Option<BitRate>, up: Option<BitRate>, down: Option<BitRate>| {
        [up.or(whole), down.or(whole)]
    };
    Class {
        id: id.to_string(),
        name: file.name.into(),
        applies_to: file.applies_to,
        application: file.application.map(Text::from),
        target: file.target.map(Text::from),
        line: file.line.map(Text::from),
        active: file.active,
        guarantee: both(file.guarantee, file.guarantee_up, file.guarantee_down)
            .map(|rate| rate.unwrap_or(BitRate::ZERO)),
        ceiling: both(file.ceiling, file.ceiling_up, file.ceiling_down),
        per_user: file.per_user,
        priority: file.priority,
        quantum: file.quantum,
        enabled: file.enabled,
    }
}

/// Reads one policy and checks it by itself.
pub(super) fn policy(id: &str, file: PolicyFile, checked: &mut Checked<'_>) -> Policy {
    let classes: Vec<Class> = file
        .class
        .into_iter()
        .map(|(id, file)| class(&id, file))
        .collect();
    for class in &classes {
        guarantee_above_ceiling(id, class, checked);
    }
    claims(id, &classes, checked);
    Policy {
        id: id.to_string(),
        name: file.name.into(),
        preset: file.preset,
        share: file.share,
        oversubscription: file.oversubscription,
        root: file.root,
        classes,
    }
}

fn guarantee_above_ceiling(id: &str, class: &Class, checked: &mut Checked<'_>) {
    if checked.doubtful(&["policy", id, "class", &class.id]) {
        return;
    }
    for way in Way::BOTH {
        let guarantee = class.guarantee[way.at()];
        let Some(ceiling) = class.ceiling[way.at()].filter(|ceiling| guarantee > *ceiling) else {
            continue;
        };
        checked.report(&["policy", id, "class", &class.id, "guarantee"], |place| {
            Problem::error(
                "guarantee-above-ceiling",
                place,
                text!(
                    "保障带宽 {guarantee} 大于最大带宽 {ceiling}",
                    "the guarantee {guarantee} is above the ceiling {ceiling}"
                ),
            )
            .help(text!(
                "保障带宽最多 {ceiling}",
                "the guarantee may be at most {ceiling}"
            ))
        });
        return;
    }
}

/// Each kind of traffic must have exactly one class, and the rest must have one.
fn claims(id: &str, classes: &[Class], checked: &mut Checked<'_>) {
    let enabled: Vec<&Class> = classes.iter().filter(|class| class.enabled).collect();
    for (position, class) in enabled.iter().enumerate() {
        for tag in &class.applies_to {
            let earlier = enabled[..position]
                .iter()
                .find(|other| other.applies_to.contains(tag));
            if let Some(earlier) = earlier {
                let other = &earlier.id;
                checked.report(&["policy", id, "class", &class.id, "applies-to"], |place| {
                    Problem::error(
                        "class-claimed-twice",
                        place,
                        text!(
                            "\"{tag}\" 已属于业务类 \"{other}\"",
                            "\"{tag}\" already belongs to class \"{other}\""
                        ),
                    )
                    .help(Text::new(
                        "一种流量只能属于一个业务类",
                        "one kind of traffic belongs to one class",
                    ))
                });
            }
        }
    }
    let rest = enabled
        .iter()
        .filter(|class| class.applies_to.is_empty())
        .count();
    let unread = classes
        .iter()
        .any(|class| checked.doubtful(&["policy", id, "class", &class.id, "applies-to"]));
    if rest != 1 && !unread {
        checked.report(&["policy", id, "class"], |place| {
            Problem::error(
                "no-class-for-the-rest",
                place,
                text!(
                    "启用的业务类中有 {rest} 个没有写 applies-to，应恰好有一个",
                    "{rest} enabled classes have no applies-to; exactly one must"
                ),
            )
            .help(Text::new(
                "没有 applies-to 的业务类收其余全部流量",
                "the class without applies-to takes all other traffic",
            ))
        });
    }
}

/// Checks a policy against the line it is applied to.
pub(super) fn on_line(policy: &Policy, link: &Link, checked: &mut Checked<'_>) {
    let rates = ["capacity", "capacity-up", "capacity-down"];
    let unread = rates
        .iter()
        .any(|key| checked.doubtful(&["link", &link.id, key]));
    if unread || checked.doubtful(&["policy", &policy.id]) {
        return;
    }
    if let Some(root) = policy.root {
        let line = link.capacity[0].min(link.capacity[1]);
        if line < root {
            checked.report(&["policy", &policy.id, "root"], |place| {
                Problem::warning(
                    "line-below-root",
                    place,
                    text!(
                        "线路 {line} 小于策略的总带宽 {root}：超出部分由线路任意丢弃，保障不再成立",
                        "the line carries {line}, less than the policy's total {root}: \
                         what exceeds it is dropped at random and guarantees no longer hold"
                    ),
                )
                .help(text!(
                    "总带宽最多 {line}",
                    "the total may be at most {line}"
                ))
            });
        }
    }
    for way in Way::BOTH {
        let line = policy.root.unwrap_or(link.capacity[way.at()]);
        if guarantees_above_line(policy, way, line, checked) {
            break;
        }
    }
    for class in policy.classes.iter().filter(|class| class.enabled) {
        let line = link.capacity[0].max(link.capacity[1]);
        let ceiling = class
            .ceiling
            .iter()
            .flatten()
            .copied()
            .fold(BitRate::ZERO, BitRate::max);
        if ceiling > line {
            checked.report(
                &["policy", &policy.id, "class", &class.id, "ceiling"],
                |place| {
                    Problem::warning(
                        "ceiling-above-line",
                        place,
                        text!(
                            "最大带宽 {ceiling} 大于线路 {line}",
                            "the ceiling {ceiling} is above the line's {line}"
                        ),
                    )
                    .help(text!("实际最多 {line}", "in effect at most {line}"))
                },
            );
        }
    }
}

fn guarantees_above_line(
    policy: &Policy,
    way: Way,
    line: BitRate,
    checked: &mut Checked<'_>,
) -> bool {
    let enabled = policy.classes.iter().filter(|class| class.enabled);
    let sum: BitRate = enabled.map(|class| class.guarantee[way.at()]).sum();
    if sum <= line {
        return false;
    }
    let (_, rule) = policy.rule();
    let message = text!(
        "各业务类的保障带宽合计 {sum}，超过线路 {line}",
        "the guarantees add up to {sum}, more than the line's {line}"
    );
    let code = "guarantees-above-line";
    checked.report(&["policy", &policy.id, "class"], |place| match rule {
        OversubscriptionName::Reject => Problem::error(code, place, message)
            .help(text!("合计最多 {line}", "at most {line} in all")),
        OversubscriptionName::Leak => Problem::warning(code, place, message).help(Text::new(
            "Linux 会照发，超出线路的部分由线路任意丢弃",
            "Linux sends them all; what exceeds the line is dropped at random",
        )),
        OversubscriptionName::Scale => Problem::warning(code, place, message).help(Text::new(
            "各保障将按比例缩小",
            "the guarantees shrink in proportion",
        )),
    });
    true
}

//! Observations, thresholds, services, required connections and stages.

use super::super::file::{ObservationFile, Observed, TopologyFile};
use super::super::{
    JourneyAt, LinkAt, NodeAt, Observation, Requirement, Seen, Service, Stage, Threshold, Topology,
    Watched,
};
use super::{find, node_what, report};
use crate::document::Checked;
use crate::error::choices;
use crate::lang::Text;
use crate::text;

pub(super) fn resolve(file: &TopologyFile, topology: &mut Topology, checked: &mut Checked<'_>) {
    for (id, written) in &file.observation {
        if let Some(seen) = seen(file, topology, id, written, checked) {
            topology.observations.push(Observation {
                id: id.clone(),
                name: written.name.clone().into(),
                seen,
                tolerance: written.tolerance,
            });
        }
    }
    thresholds(file, topology, checked);
    for (id, written) in &file.service {
        let what = Text::new("路径", "journey");
        let path = ["service", id, "journey"];
        let journey = JourneyAt(find(&file.journey, &written.journey, what, &path, checked));
        topology.services.push(Service {
            id: id.clone(),
            name: written.name.clone().into(),
            journey,
            availability: written.availability,
            recovery_time: written.recovery_time,
            recovery_point: written.recovery_point,
            interruptions: written.interruptions,
            priority: written.priority,
        });
    }
    for (id, written) in &file.require {
        let from = find(
            &file.node,
            &written.from,
            node_what(),
            &["require", id, "from"],
            checked,
        );
        let to = find(
            &file.node,
            &written.to,
            node_what(),
            &["require", id, "to"],
            checked,
        );
        topology.requirements.push(Requirement {
            id: id.clone(),
            name: written.name.clone().into(),
            from: NodeAt(from),
            to: NodeAt(to),
            both_ways: written.both_ways,
            note: written.note.clone().map(Text::from),
        });
    }
    stages(file, topology, checked);
}

fn seen(
    file: &TopologyFile,
    topology: &Topology,
    id: &str,
    written: &ObservationFile,
    checked: &mut Checked<'_>,
) -> Option<Seen> {
    let unclear = |checked: &mut Checked<'_>, zh: &str, en: &str| {
        report(
            checked,
            &["observation", id],
            "unclear-observation",
            text!(
                "观测 \"{id}\" 不完整",
                "observation \"{id}\" is not complete"
            ),
            Text::new(zh, en),
        );
        None
    };
    match written.of {
        Observed::BusyDown | Observed::PeakDown => {
            let (Some(link), Some(class), Some(rate)) =
                (&written.link, &written.class, written.rate)
            else {
                return unclear(
                    checked,
                    "速率要写 link、class 和 rate",
                    "a rate needs link, class and rate",
                );
            };
            let path = ["observation", id, "link"];
            let known = file.link.contains_key(link);
            let link = LinkAt(find(
                &file.link,
                link,
                Text::new("链路", "link"),
                &path,
                checked,
            ));
            let policy = topology.links.get(link.0).and_then(|link| link.policy);
            let policy = policy.and_then(|at| topology.policies.get(at.0));
            let classes = policy.filter(|_| known).map(|policy| &policy.classes);
            let class = match classes {
                None => 0,
                Some(classes) => match classes.iter().position(|own| own.id == *class) {
                    Some(at) => at,
                    None => {
                        let names: Vec<&str> = classes.iter().map(|own| own.id.as_str()).collect();
                        report(
                            checked,
                            &["observation", id, "class"],
                            "unknown-name",
                            text!(
                                "链路的策略没有业务类 \"{class}\"",
                                "the link's policy has no class \"{class}\""
                            ),
                            choices(class, &names),
                        );
                        0
                    }
                },
            };
            Some(match written.of {
                Observed::BusyDown => Seen::BusyDown(link, class, rate),
                _ => Seen::PeakDown(link, class, rate),
            })
        }
        Observed::Sessions => {
            let (Some(node), Some(count)) = (&written.node, written.count) else {
                return unclear(
                    checked,
                    "会话数要写 node 和 count",
                    "sessions need node and count",
                );
            };
            let path = ["observation", id, "node"];
            Some(Seen::Sessions(
                NodeAt(find(&file.node, node, node_what(), &path, checked)),
                count,
            ))
        }
        Observed::Online => match written.count {
            Some(count) => Some(Seen::Online(count)),
            None => unclear(checked, "在线人数要写 count", "users online need count"),
        },
    }
}

fn thresholds(file: &TopologyFile, topology: &mut Topology, checked: &mut Checked<'_>) {
    for (id, written) in &file.threshold {
        let watched = match (&written.node, &written.link) {
            (Some(word), None) => {
                let path = ["threshold", id, "node"];
                let node = find(&file.node, word, node_what(), &path, checked);
                if file
                    .node
                    .get(word)
                    .is_some_and(|node| node.sessions.is_none())
                {
                    report(
                        checked,
                        &path,
                        "threshold-without-capacity",
                        text!(
                            "节点 \"{word}\" 没有写 sessions",
                            "node \"{word}\" has no sessions"
                        ),
                        Text::new(
                            "阈值是会话上限的比例",
                            "a threshold is a part of a limit of sessions",
                        ),
                    );
                }
                Watched::Sessions(NodeAt(node))
            }
            (None, Some(word)) => {
                let path = ["threshold", id, "link"];
                let link = find(&file.link, word, Text::new("链路", "link"), &path, checked);
                Watched::Load(LinkAt(link))
            }
            _ => {
                report(
                    checked,
                    &["threshold", id],
                    "unclear-threshold",
                    text!(
                        "阈值 \"{id}\" 看什么不清楚",
                        "what threshold \"{id}\" watches is unclear"
                    ),
                    Text::new("写 node 或 link 之一", "write one of node and link"),
                );
                continue;
            }
        };
        topology.thresholds.push(Threshold {
            id: id.clone(),
            watched,
            at: written.at,
            action: written.action.clone().into(),
        });
    }
}

fn stages(file: &TopologyFile, topology: &mut Topology, checked: &mut Checked<'_>) {
    for (position, (id, written)) in file.stage.iter().enumerate() {
        let mut after = Vec::new();
        for (nth, word) in written.after.iter().enumerate() {
            let path = ["stage", id, "after", &nth.to_string()];
            let before = find(
                &file.stage,
                word,
                Text::new("阶段", "stage"),
                &path,
                checked,
            );
            if file.stage.contains_key(word) && before >= position {
                report(
                    checked,
                    &path,
                    "stage-order",
                    text!(
                        "阶段 \"{id}\" 排在它要等的 \"{word}\" 之前",
                        "stage \"{id}\" stands before \"{word}\", which it waits for"
                    ),
                    Text::new(
                        "阶段按先后书写，只能等前面的阶段",
                        "write stages in order; a stage waits for earlier ones only",
                    ),
                );
                continue;
            }
            after.push(before);
        }
        topology.stages.push(Stage {
            id: id.clone(),
            name: written.name.clone().into(),
            length: written.length,
            done: written.done.clone().into(),
            after,
        });
    }
}

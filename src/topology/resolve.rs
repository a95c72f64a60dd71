//! From what is written to what it means: every name looked up, every impossible combination said.
//!
//! A name that cannot be found stands for the first of its kind so that the rest can be checked;
//! the result is used only when no error was found.

use super::file::{ById, LinkFile, NodeFile, TopologyFile};
use super::walk::Wiring;
use super::{
    Journey, JourneyAt, Link, Node, NodeAt, Owner, OwnerAt, PolicyAt, Topology, Transport, policy,
};
use crate::document::Checked;
use crate::error::{Problem, choices};
use crate::lang::Text;
use crate::text;
use crate::units::{BitRate, Fraction, Seconds};

mod addresses;
mod people;
mod promises;
mod sessions;

/// Looks `word` up in the keys of `table`; reports an unknown name at `path`.
fn find<T>(
    table: &ById<T>,
    word: &str,
    what: Text,
    path: &[&str],
    checked: &mut Checked<'_>,
) -> usize {
    if let Some(at) = table.get_index_of(word) {
        return at;
    }
    checked.report(path, |place| {
        let (zh, en) = (&what.zh, &what.en);
        let names = table.keys().map(String::as_str).collect::<Vec<_>>();
        Problem::error(
            "unknown-name",
            place,
            text!("没有名为 \"{word}\" 的{zh}", "there is no {en} \"{word}\""),
        )
        .help(choices(word, &names))
    });
    0
}

/// A finding with fixed words.
fn report(checked: &mut Checked<'_>, path: &[&str], code: &'static str, message: Text, help: Text) {
    checked.report(path, |place| {
        Problem::error(code, place, message).help(help)
    });
}

fn node_what() -> Text {
    Text::new("节点", "node")
}

/// Resolves a file that fits its schema. Problems land in `checked`.
pub(super) fn resolve(file: TopologyFile, checked: &mut Checked<'_>) -> Topology {
    let owners: Vec<Owner> = file
        .owner
        .iter()
        .map(|(id, owner)| Owner {
            id: id.clone(),
            name: owner.name.clone().into(),
            action: owner.action.clone().map(Text::from),
        })
        .collect();
    let nodes = nodes(&file, checked);
    let links = links(&file, checked);
    let policies: Vec<_> = file
        .policy
        .iter()
        .map(|(id, policy)| policy::policy(id, policy.clone(), checked))
        .collect();
    for link in &links {
        // A name that was not found may stand for a policy of a file that has none.
        if let Some(policy) = link.policy.and_then(|at| policies.get(at.0)) {
            policy::on_line(policy, link, checked);
        }
    }
    let unused = file.policy.keys().enumerate().filter(|(position, _)| {
        links
            .iter()
            .all(|link| link.policy != Some(PolicyAt(*position)))
    });
    for (_, id) in unused {
        checked.report(&["policy", id], |place| {
            Problem::warning(
                "unused-policy",
                place,
                text!("没有链路用策略 \"{id}\"", "no link uses policy \"{id}\""),
            )
            .help(text!(
                "在链路上写 policy = \"{id}\"，或删去它",
                "write policy = \"{id}\" on a link, or take it away"
            ))
        });
    }
    let journeys = journeys(&file, &nodes, &links, checked);
    let mut topology = Topology {
        name: file.name.clone().into(),
        source: file.source.clone().map(Text::from),
        owners,
        nodes,
        links,
        policies,
        journeys,
        profiles: Vec::new(),
        transactions: Vec::new(),
        populations: Vec::new(),
        traffic: Vec::new(),
        units: Vec::new(),
        observations: Vec::new(),
        thresholds: Vec::new(),
        services: Vec::new(),
        requirements: Vec::new(),
        stages: Vec::new(),
        transport: Transport {
            segment: file.transport.segment,
            initial_window: file.transport.initial_window,
            control: file.transport.control,
            timeout: file.transport.timeout,
            full_queue: file.transport.full_queue,
        },
        peak: super::Peak {
            window: file.peak.window,
            exceeded: file.peak.exceeded,
            background_spread: file.peak.background_spread.0,
        },
    };
    model_numbers(&file, checked);
    people::resolve(&file, &mut topology, checked);
    promises::resolve(&file, &mut topology, checked);
    topology
}

/// What the model divides by.
fn model_numbers(file: &TopologyFile, checked: &mut Checked<'_>) {
    let (transport, peak) = (&file.transport, &file.peak);
    let exceeded = peak.exceeded.0;
    let numbers = [
        ("transport", "segment", transport.segment.0 > 0.0, "1460 B"),
        (
            "transport",
            "initial-window",
            transport.initial_window.0 > 0.0,
            "14600 B",
        ),
        ("peak", "window", peak.window.0 > 0.0, "1 s"),
        ("peak", "exceeded", exceeded > 0.0 && exceeded < 1.0, "1 %"),
    ];
    for (section, key, possible, example) in numbers {
        if !possible {
            report(
                checked,
                &[section, key],
                "impossible-number",
                text!("\"{key}\" 不能是这个数", "\"{key}\" cannot be this"),
                match key {
                    "exceeded" => text!(
                        "在 0 与 100 % 之间，例如 \"{example}\"",
                        "between 0 and 100 %, for example \"{example}\""
                    ),
                    _ => text!(
                        "大于零，例如 \"{example}\"",
                        "above zero, for example \"{example}\""
                    ),
                },
            );
        }
    }
}

fn nodes(file: &TopologyFile, checked: &mut Checked<'_>) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for (id, written) in &file.node {
        let node = node(file, id, written, checked);
        let same_number = |other: &&Node| other.number.is_some() && other.number == node.number;
        if let Some(other) = nodes.iter().find(same_number) {
            let (number, other) = (node.number.unwrap_or_default(), &other.id);
            report(
                checked,
                &["node", id, "number"],
                "duplicate-number",
                text!(
                    "图号 {number} 已属于节点 \"{other}\"",
                    "number {number} already belongs to node \"{other}\""
                ),
                Text::new("图号不能重复", "each number may stand once"),
            );
        }
        addresses::distinct(&node, &nodes, checked);
        nodes.push(node);
    }
    if nodes.is_empty() {
        report(
            checked,
            &["node"],
            "no-nodes",
            Text::new("没有任何节点", "there are no nodes"),
            Text::new(
                "至少写一张 [node.编号] 表",
                "write at least one [node.ID] table",
            ),
        );
    }
    nodes
}

fn node(file: &TopologyFile, id: &str, written: &NodeFile, checked: &mut Checked<'_>) -> Node {
    let owner = find(
        &file.owner,
        &written.owner,
        Text::new("责任方", "owner"),
        &["node", id, "owner"],
        checked,
    );
    let (addresses, networks) = addresses::read(id, &written.address, checked);
    let instances = written.instances.unwrap_or(1);
    let needs = written.needs.unwrap_or(1);
    let counted = !checked.doubtful(&["node", id, "instances"]);
    if counted && needs > instances {
        report(
            checked,
            &["node", id, "needs"],
            "needs-above-instances",
            text!(
                "需要 {needs} 台，只有 {instances} 台",
                "{needs} machines are needed, there are {instances}"
            ),
            text!("最多 {instances}", "at most {instances}"),
        );
    }
    if counted && written.failed > instances {
        let failed = written.failed;
        report(
            checked,
            &["node", id, "failed"],
            "failed-above-instances",
            text!(
                "{failed} 台故障，只有 {instances} 台",
                "{failed} machines fail, there are {instances}"
            ),
            text!("最多 {instances}", "at most {instances}"),
        );
    }
    Node {
        id: id.to_string(),
        number: written.number,
        kind: written.kind,
        name: written.name.clone().into(),
        owner: OwnerAt(owner),
        tier: written.tier,
        addresses,
        networks,
        silent: written.silent,
        port: written.port,
        url: written.url.clone(),
        dns: written.dns.clone(),
        instances,
        failed: written.failed.min(instances),
        needs,
        workers: written.workers,
        order: sessions::order(id, written, checked),
        sessions: written.sessions,
        keep_alive: sessions::keep_alive(id, written, checked),
        availability: written.availability,
        note: written.note.clone().map(Text::from),
    }
}

fn links(file: &TopologyFile, checked: &mut Checked<'_>) -> Vec<Link> {
    file.link
        .iter()
        .map(|(id, written)| link(file, id, written, checked))
        .collect()
}

fn link(file: &TopologyFile, id: &str, written: &LinkFile, checked: &mut Checked<'_>) -> Link {
    let from = find(
        &file.node,
        &written.from,
        node_what(),
        &["link", id, "from"],
        checked,
    );
    let to = find(
        &file.node,
        &written.to,
        node_what(),
        &["link", id, "to"],
        checked,
    );
    if written.from == written.to {
        report(
            checked,
            &["link", id, "to"],
            "self-link",
            text!(
                "链路 \"{id}\" 的两端是同一个节点",
                "both ends of link \"{id}\" are the same node"
            ),
            Text::new("两端应是不同的节点", "its ends must differ"),
        );
    }
    let owner = find(
        &file.owner,
        &written.owner,
        Text::new("责任方", "owner"),
        &["link", id, "owner"],
        checked,
    );
    let policy = written.policy.as_ref().map(|word| {
        let what = Text::new("策略", "policy");
        PolicyAt(find(
            &file.policy,
            word,
            what,
            &["link", id, "policy"],
            checked,
        ))
    });
    let capacity = [
        written.capacity_up.or(written.capacity),
        written.capacity_down.or(written.capacity),
    ];
    let usable = capacity
        .iter()
        .all(|rate| rate.is_some_and(|rate| rate.0 > 0.0));
    if !usable {
        report(
            checked,
            &["link", id, "capacity"],
            "no-capacity",
            text!("链路 \"{id}\" 没有容量", "link \"{id}\" has no capacity"),
            Text::new(
                "写 capacity（双向），或 capacity-up 和 capacity-down，且大于零",
                "write capacity (both ways), or capacity-up and capacity-down, above zero",
            ),
        );
    }
    if written.loss == Some(Fraction(1.0)) {
        report(
            checked,
            &["link", id, "loss"],
            "impossible-number",
            Text::new("丢包不能是 100 %", "the loss cannot be 100 %"),
            Text::new(
                "断开的链路写 failed = true",
                "for a link that is down write failed = true",
            ),
        );
    }
    let name = match &written.name {
        Some(name) => name.clone().into(),
        None => Text::same(id),
    };
    Link {
        id: id.to_string(),
        name,
        from: NodeAt(from),
        to: NodeAt(to),
        // One that is not said breaks no other rule.
        capacity: capacity.map(|rate| rate.unwrap_or(BitRate(f64::INFINITY))),
        delay: written.delay,
        jitter: written.jitter.unwrap_or(Seconds::ZERO),
        loss: written.loss.unwrap_or(Fraction::ZERO),
        burst: sessions::burst(id, written, checked),
        owner: OwnerAt(owner),
        carrier: written.carrier.clone(),
        policy,
        availability: written.availability,
        price: written.price,
        failed: written.failed,
    }
}

fn journeys(
    file: &TopologyFile,
    nodes: &[Node],
    links: &[Link],
    checked: &mut Checked<'_>,
) -> Vec<Journey> {
    let joined =
        |link: &LinkFile| file.node.contains_key(&link.from) && file.node.contains_key(&link.to);
    let dangling = !file.link.values().all(joined);
    let wiring = Wiring::new(nodes, links, dangling);
    let mut journeys = Vec::new();
    for (id, written) in &file.journey {
        let mut journey = wiring.journey(id, written, checked);
        journey.fallback = written.fallback.as_ref().map(|word| {
            let what = Text::new("路径", "journey");
            JourneyAt(find(
                &file.journey,
                word,
                what,
                &["journey", id, "fallback"],
                checked,
            ))
        });
        if written.fallback.as_ref() == Some(id) {
            report(
                checked,
                &["journey", id, "fallback"],
                "fallback-to-itself",
                text!(
                    "路径 \"{id}\" 的备用路径是它自己",
                    "journey \"{id}\" falls back to itself"
                ),
                Text::new("应写另一条路径", "name another journey"),
            );
        }
        journeys.push(journey);
    }
    journeys
}

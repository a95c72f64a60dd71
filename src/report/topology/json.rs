//! The resolved topology as data, `hopcast.show/1`: numbers are numbers in base units, the unit is
//! part of the key (`delay_s`, `capacity_bit_s`), and each record says where its values come from.

use serde_json::{Map, Value, json};

use super::View;
use crate::error::{Problem, row};
use crate::topology::passage::Role;
use crate::topology::{
    Class, Journey, JourneyAt, Link, LinkAt, Node, NodeAt, Policy, Topology, Way,
};
use crate::units::BitRate;

mod people;

/// The whole answer. `problems` are the warnings; `at` is the journey to write out step by step.
pub fn answer(view: &View<'_>, problems: &[Problem], at: Option<JourneyAt>) -> Value {
    let sources = view.marks.sources;
    let warnings: Vec<_> = problems
        .iter()
        .map(|problem| row(sources, problem))
        .collect();
    json!({
        "schema": "hopcast.show/1",
        "scenario": view.scenario.map(|scenario| json!({
            "id": scenario.id,
            "name": scenario.name,
            "question": scenario.question,
            "price_cny_month": scenario.price.map(|price| price.0),
        })),
        "topology": topology(view),
        "journey": at.map(|at| walk(view, &view.topology[at])),
        "values": written(view),
        "defaults": view.marks.defaults(view.topology),
        "warnings": warnings,
    })
}

/// Every value as the files have it.
fn written(view: &View<'_>) -> Vec<Value> {
    let sources = view.marks.sources;
    let line = |value: &crate::topology::origin::Origined| {
        let (line, column) = sources.line_column(&value.place);
        json!({
            "path": value.path,
            "written": value.value,
            "origin": value.origin,
            "reason": value.reason,
            "file": sources.path(value.place.file).display().to_string(),
            "line": line,
            "column": column,
        })
    };
    view.marks.values.iter().map(line).collect()
}

/// The fields of the record at `path` with their origins.
fn origin(view: &View<'_>, path: &[&str]) -> Value {
    let own = view.marks.values.iter().filter(|value| {
        value.path.len() == path.len() + 1 && value.path.iter().zip(path).all(|(a, b)| a == b)
    });
    let own = own.filter_map(|value| Some((value.path.last()?.clone(), json!(value.origin))));
    Value::Object(own.collect::<Map<_, _>>())
}

fn topology(view: &View<'_>) -> Value {
    let topology = view.topology;
    let owners = topology
        .owners
        .iter()
        .map(|owner| json!({ "id": owner.id, "name": owner.name, "action": owner.action }));
    let nodes = topology.nodes.iter().map(|at| node(view, at));
    let links = topology.links.iter().map(|at| link(view, at));
    let policies = topology.policies.iter().map(|at| policy(view, at));
    let journeys = topology.journeys.iter().map(|at| journey(topology, at));
    let mut whole = json!({
        "name": topology.name,
        "source": topology.source,
        "owners": owners.collect::<Vec<_>>(),
        "nodes": nodes.collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "policies": policies.collect::<Vec<_>>(),
        "journeys": journeys.collect::<Vec<_>>(),
    });
    if let (Value::Object(whole), Value::Object(mut rest)) = (&mut whole, people::sections(view)) {
        whole.append(&mut rest);
    }
    whole
}

fn node_id(topology: &Topology, at: NodeAt) -> &str {
    &topology[at].id
}

fn link_id(topology: &Topology, at: LinkAt) -> &str {
    &topology[at].id
}

fn rates([up, down]: [BitRate; 2]) -> Value {
    json!({ "up": up.0, "down": down.0 })
}

fn node(view: &View<'_>, node: &Node) -> Value {
    json!({
        "id": node.id,
        "number": node.number,
        "kind": node.kind,
        "name": node.name,
        "owner": view.topology[node.owner].id,
        "tier": node.tier,
        "addresses": node.addresses,
        "networks": node.networks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "silent": node.silent,
        "port": node.port,
        "url": node.url,
        "dns": node.dns,
        "instances": node.instances,
        "failed": node.failed,
        "needs": node.needs,
        "workers": node.workers,
        "order": node.workers.map(|_| node.order),
        "sessions": node.sessions,
        "keep_alive": node.keep_alive.map(|own| json!({ "every_s": own.every.0, "lost": own.lost })),
        "availability": node.availability.map(|part| part.0),
        "note": node.note,
        "origin": origin(view, &["node", &node.id]),
    })
}

fn link(view: &View<'_>, link: &Link) -> Value {
    json!({
        "id": link.id,
        "name": link.name,
        "from": node_id(view.topology, link.from),
        "to": node_id(view.topology, link.to),
        "capacity_bit_s": rates(link.capacity),
        "delay_s": link.delay.0,
        "jitter_s": link.jitter.0,
        "loss": link.loss.0,
        "burst": link.burst.map(|own| json!({
            "length_s": own.length.0,
            "loss": own.loss.0,
            "good_s": link.good().map(|good| good.0),
        })),
        "owner": view.topology[link.owner].id,
        "carrier": link.carrier,
        "policy": link.policy.map(|at| &view.topology[at].id),
        "availability": link.availability.map(|part| part.0),
        "price_cny_month": link.price.map(|price| price.0),
        "failed": link.failed,
        "origin": origin(view, &["link", &link.id]),
    })
}

fn policy(view: &View<'_>, policy: &Policy) -> Value {
    let (share, oversubscription) = policy.rule();
    let classes = policy.classes.iter().map(|at| class(view, policy, at));
    json!({
        "id": policy.id,
        "name": policy.name,
        "preset": policy.preset,
        "share": share,
        "oversubscription": oversubscription,
        "root_bit_s": policy.root.map(|rate| rate.0),
        "classes": classes.collect::<Vec<_>>(),
        "origin": origin(view, &["policy", &policy.id]),
    })
}

fn class(view: &View<'_>, policy: &Policy, class: &Class) -> Value {
    let [up, down] = class.ceiling.map(|rate| rate.map(|rate| rate.0));
    json!({
        "id": class.id,
        "name": class.name,
        "applies_to": class.applies_to,
        "application": class.application,
        "target": class.target,
        "line": class.line,
        "active": class.active,
        "guarantee_bit_s": rates(class.guarantee),
        "ceiling_bit_s": { "up": up, "down": down },
        "per_user_bit_s": class.per_user.map(|rate| rate.0),
        "priority": class.priority,
        "quantum_bytes": class.quantum,
        "enabled": class.enabled,
        "origin": origin(view, &["policy", &policy.id, "class", &class.id]),
    })
}

fn journey(topology: &Topology, journey: &Journey) -> Value {
    let nodes = |steps: &[crate::topology::Step]| {
        let ids = steps.iter().map(|step| node_id(topology, step.node));
        ids.map(String::from).collect::<Vec<_>>()
    };
    let extent = topology.extent(journey);
    let loops = journey.loops.iter().zip(&extent.loops);
    let loops = loops.map(|(range, delay)| {
        json!({ "nodes": nodes(&journey.steps[range.clone()]), "delay_s": delay.0 })
    });
    json!({
        "id": journey.id,
        "name": journey.name,
        "nodes": nodes(&journey.steps),
        "turn": journey.turn,
        "hops": extent.hops,
        "outward_delay_s": extent.outward.0,
        "back_delay_s": extent.back.0,
        "whole_delay_s": extent.whole().0,
        "trunk_delay_s": extent.trunk.0,
        "loss": extent.loss.0,
        "side_loops": loops.collect::<Vec<_>>(),
        "narrowest": extent.narrowest.map(|(link, way, rate)| json!({
            "link": link_id(topology, link), "way": way, "capacity_bit_s": rate.0,
        })),
        "broken": journey.broken.map(|at| link_id(topology, at)),
        "fallback": journey.fallback.map(|at| &topology[at].id),
    })
}

/// A journey step by step.
fn walk(view: &View<'_>, journey: &Journey) -> Value {
    let topology = view.topology;
    let passages = topology.passages(journey);
    let steps = passages.iter().enumerate().map(|(position, passage)| {
        let (role, number) = match passage.role {
            Role::Start => ("start", None),
            Role::Trunk => ("trunk", None),
            Role::Leaves(number) => ("leaves", Some(number)),
            Role::Loop(number) => ("loop", Some(number)),
            Role::Rejoins(number) => ("rejoins", Some(number)),
            Role::Turn => ("turn", None),
            Role::End => ("end", None),
        };
        let node = &topology[passage.step.node];
        json!({
            "step": position + 1,
            "node": node.id,
            "number": node.number,
            "owner": topology[node.owner].id,
            "visit": passage.visit,
            "visits": passage.visits,
            "role": role,
            "side_loop": number,
            "link": passage.step.via.map(|(at, _)| link_id(topology, at)),
            "way": passage.step.via.map(|(_, way)| way),
            "capacity_bit_s": passage.step.via.map(|(at, way): (LinkAt, Way)| {
                topology[at].capacity[way.at()].0
            }),
            "delay_s": passage.delay.0,
            "delay_so_far_s": passage.delay_so_far.0,
            "loss": passage.loss.0,
            "loss_so_far": passage.loss_so_far.0,
        })
    });
    json!({ "id": journey.id, "name": journey.name, "steps": steps.collect::<Vec<_>>() })
}

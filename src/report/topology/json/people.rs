//! The sections about users, traffic, promises and assumptions as data.

use serde_json::{Value, json};

use super::super::View;
use super::{link_id, node_id, origin, rates};
use crate::topology::{Crowd, LinkAt, PopulationAt, Seen, TrafficRate, Watched};

/// Every section after the journeys, as one object.
pub(super) fn sections(view: &View<'_>) -> Value {
    json!({
        "profiles": profiles(view),
        "transactions": transactions(view),
        "populations": populations(view),
        "units": units(view),
        "traffic": traffic(view),
        "observations": observations(view),
        "thresholds": thresholds(view),
        "services": services(view),
        "requirements": requirements(view),
        "stages": stages(view),
        "transport": transport(view),
        "peak": peak(view),
    })
}

fn profiles(view: &View<'_>) -> Vec<Value> {
    let profiles = view.topology.profiles.iter();
    let each = profiles.map(|profile| {
        json!({
            "id": profile.id,
            "name": profile.name,
            "hours": profile.hours,
            "busiest": profile.busiest(),
            "origin": origin(view, &["profile", &profile.id]),
        })
    });
    each.collect()
}

fn transactions(view: &View<'_>) -> Vec<Value> {
    let each = view.topology.transactions.iter().map(|transaction| {
        let work = transaction
            .work
            .iter()
            .map(|(node, time)| json!({ "node": node_id(view.topology, *node), "time_s": time.0 }));
        json!({
            "id": transaction.id,
            "name": transaction.name,
            "handshakes": transaction.handshakes,
            "exchanges": transaction.exchanges,
            "bytes": { "up": transaction.bytes[0].0, "down": transaction.bytes[1].0 },
            "spread": transaction.spread,
            "loops": transaction.loops,
            "loop_bytes": transaction.loop_bytes.0,
            "work": work.collect::<Vec<_>>(),
            "work_spread": transaction.work_spread,
            "client_s": transaction.client.0,
            "origin": origin(view, &["transaction", &transaction.id]),
        })
    });
    each.collect()
}

fn populations(view: &View<'_>) -> Vec<Value> {
    let topology = view.topology;
    let each = topology.populations.iter().map(|population| {
        let (online, think, arrivals) = match population.crowd {
            Crowd::Online { users, think } => (Some(users), Some(think.0), None),
            Crowd::Arriving { rate } => (None, None, Some(rate.0)),
        };
        let mix = population
            .mix
            .iter()
            .map(|(at, part)| json!({ "transaction": topology[*at].id, "part": part }));
        let journeys = population
            .journeys
            .iter()
            .map(|(at, part)| json!({ "journey": topology[*at].id, "part": part }));
        json!({
            "id": population.id,
            "name": population.name,
            "online": online,
            "think_s": think,
            "arrivals_per_s": arrivals,
            "accounts": population.accounts,
            "profile": topology[population.profile].id,
            "session_s": population.session.map(|length| length.0),
            "mix": mix.collect::<Vec<_>>(),
            "journeys": journeys.collect::<Vec<_>>(),
            "class": population.class,
            "access_bit_s": population.access.0,
            "access_delay_s": population.access_delay.0,
            "window_bytes": population.window.map(|bytes| bytes.0),
            "client": population.client,
            "origin": origin(view, &["population", &population.id]),
        })
    });
    each.collect()
}

fn population_ids(view: &View<'_>, all: &[PopulationAt]) -> Vec<String> {
    all.iter().map(|at| view.topology[*at].id.clone()).collect()
}

fn units(view: &View<'_>) -> Vec<Value> {
    let each = view.topology.units.iter().map(|unit| {
        json!({
            "id": unit.id,
            "weight": unit.weight,
            "populations": population_ids(view, &unit.populations),
            "origin": origin(view, &["unit", &unit.id]),
        })
    });
    each.collect()
}

fn traffic(view: &View<'_>) -> Vec<Value> {
    let topology = view.topology;
    let each = topology.traffic.iter().map(|traffic| {
        let links = traffic.links.iter().map(|at| link_id(topology, *at));
        let rate = match &traffic.rate {
            TrafficRate::Shaped { peak, profile } => json!({
                "peak_bit_s": rates(*peak),
                "profile": topology[*profile].id,
            }),
            TrafficRate::Volume {
                volume,
                window,
                way,
            } => json!({ "volume_bytes": volume.0, "window": window, "way": way }),
        };
        json!({
            "id": traffic.id,
            "name": traffic.name,
            "links": links.collect::<Vec<_>>(),
            "class": traffic.class,
            "rate": rate,
            "grows": traffic.grows,
            "keep_days": traffic.keep_days,
            "origin": origin(view, &["traffic", &traffic.id]),
        })
    });
    each.collect()
}

fn observations(view: &View<'_>) -> Vec<Value> {
    let topology = view.topology;
    let each = topology.observations.iter().map(|observation| {
        let of_class = |of: &str, link: LinkAt, class: usize, rate: f64| {
            let policy = topology[link].policy;
            let class = policy.and_then(|at| topology[at].classes.get(class));
            json!({
                "of": of,
                "link": link_id(topology, link),
                "class": class.map(|class| &class.id),
                "rate_bit_s": rate,
            })
        };
        let seen = match observation.seen {
            Seen::BusyDown(link, class, rate) => of_class("busy-down", link, class, rate.0),
            Seen::PeakDown(link, class, rate) => of_class("peak-down", link, class, rate.0),
            Seen::Sessions(node, count) => {
                json!({ "of": "sessions", "node": node_id(topology, node), "count": count })
            }
            Seen::Online(count) => json!({ "of": "online", "count": count }),
        };
        json!({
            "id": observation.id,
            "name": observation.name,
            "seen": seen,
            "tolerance": observation.tolerance.0,
            "origin": origin(view, &["observation", &observation.id]),
        })
    });
    each.collect()
}

fn thresholds(view: &View<'_>) -> Vec<Value> {
    let each = view.topology.thresholds.iter().map(|threshold| {
        let watched = match threshold.watched {
            Watched::Sessions(node) => json!({ "node": node_id(view.topology, node) }),
            Watched::Load(link) => json!({ "link": link_id(view.topology, link) }),
        };
        json!({
            "id": threshold.id,
            "watched": watched,
            "at": threshold.at.0,
            "action": threshold.action,
            "origin": origin(view, &["threshold", &threshold.id]),
        })
    });
    each.collect()
}

fn services(view: &View<'_>) -> Vec<Value> {
    let each = view.topology.services.iter().map(|service| {
        json!({
            "id": service.id,
            "name": service.name,
            "journey": view.topology[service.journey].id,
            "availability": service.availability.0,
            "recovery_time_s": service.recovery_time.map(|time| time.0),
            "recovery_point_s": service.recovery_point.map(|time| time.0),
            "interruptions": service.interruptions,
            "priority": service.priority,
            "origin": origin(view, &["service", &service.id]),
        })
    });
    each.collect()
}

fn requirements(view: &View<'_>) -> Vec<Value> {
    let each = view.topology.requirements.iter().map(|requirement| {
        json!({
            "id": requirement.id,
            "name": requirement.name,
            "from": node_id(view.topology, requirement.from),
            "to": node_id(view.topology, requirement.to),
            "both_ways": requirement.both_ways,
            "note": requirement.note,
        })
    });
    each.collect()
}

fn stages(view: &View<'_>) -> Vec<Value> {
    let stages = &view.topology.stages;
    let each = stages.iter().map(|stage| {
        let after = stage.after.iter().filter_map(|&at| stages.get(at));
        json!({
            "id": stage.id,
            "name": stage.name,
            "length_s": stage.length.0,
            "done": stage.done,
            "after": after.map(|stage| &stage.id).collect::<Vec<_>>(),
            "origin": origin(view, &["stage", &stage.id]),
        })
    });
    each.collect()
}

fn transport(view: &View<'_>) -> Value {
    let transport = &view.topology.transport;
    json!({
        "segment_bytes": transport.segment.0,
        "initial_window_bytes": transport.initial_window.0,
        "control": transport.control,
        "timeout_s": transport.timeout.0,
        "full_queue_s": transport.full_queue.0,
        "origin": origin(view, &["transport"]),
    })
}

fn peak(view: &View<'_>) -> Value {
    let peak = &view.topology.peak;
    json!({
        "window_s": peak.window.0,
        "exceeded": peak.exceeded.0,
        "background_spread": peak.background_spread,
        "origin": origin(view, &["peak"]),
    })
}

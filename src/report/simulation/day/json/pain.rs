//! Events of pain as data.

use serde_json::{Value as Json, json};

use super::{list, mbit, place};
use crate::scenario::answer::{Lane, Resource};
use crate::scenario::simulated::outcome::{Hit, Level, Obstacle, Pain};
use crate::scenario::simulated::{Shown, words};
use crate::topology::Topology;

/// What was in the way by its kind, its id and its name.
pub(super) fn named(topology: &Topology, obstacle: Obstacle) -> Json {
    let (kind, id) = obstacle_id(topology, obstacle);
    json!({ "kind": kind, "id": id, "name": words::obstacle(topology, obstacle) })
}

pub(in super::super) fn obstacle_id(
    topology: &Topology,
    obstacle: Obstacle,
) -> (&'static str, String) {
    let resource = match obstacle {
        Obstacle::Resource(resource) => resource,
        Obstacle::Bursts(link) => return ("bursts", topology[link].id.clone()),
    };
    match resource {
        Resource::Class(lane) => {
            let (link, way, class) = place(topology, lane);
            (
                "class",
                format!("{link}.{way}.{}", class.unwrap_or_default()),
            )
        }
        Resource::Line(link, way) => {
            let lane = Lane {
                link,
                way,
                class: 0,
            };
            let (link, way, _) = place(topology, lane);
            ("line", format!("{link}.{way}"))
        }
        Resource::Servers(node) => ("servers", topology[node].id.clone()),
        Resource::Sessions(node) => ("sessions", topology[node].id.clone()),
    }
}

pub(super) fn pain(shown: &Shown<'_>, own: &Pain) -> Json {
    let topology = shown.topology();
    let owner = &topology[own.owner];
    json!({
        "from_s": own.from,
        "to_s": own.until,
        "minutes": own.minutes,
        "obstacle": named(topology, own.obstacle),
        "owner": { "id": owner.id, "name": owner.name, "action": owner.action },
        "level": level(&own.level),
        "why": words::level(&own.level, own.minutes),
        "users": own.users,
        "lost_s": own.lost(),
        "hit": list(&own.hit, |own| hit(shown, own)),
    })
}

/// The numbers of what was in the way; those of other kinds of things are `null`.
fn level(own: &Level) -> Json {
    let (mut full, mut carried, mut waiting, mut count) = (None, None, None, None);
    let (mut attempts, mut refusals, mut drops) = (None, None, None);
    match *own {
        Level::Full {
            seconds,
            carried: rate,
        } => (full, carried) = (Some(seconds), Some(mbit(rate))),
        Level::Waiting { jobs, workers } => (waiting, count) = (Some(jobs), Some(workers)),
        Level::Refused {
            attempts: tried,
            refused,
        } => (attempts, refusals) = (Some(tried), Some(refused)),
        Level::Dropped { sessions } => drops = Some(sessions),
    }
    json!({
        "full_s": full,
        "carried_mbit": carried,
        "waiting": waiting,
        "workers": count,
        "attempts": attempts,
        "refused": refusals,
        "dropped": drops,
    })
}

fn hit(shown: &Shown<'_>, own: &Hit) -> Json {
    let (population, transaction) = shown.simulated.laid.labels[own.label];
    let topology = shown.topology();
    json!({
        "population": topology[population].id,
        "transaction": topology[transaction].id,
        "acts": own.acts,
        "mean_s": own.mean,
        "usual_s": own.usual,
        "usual_is_alone": own.alone,
    })
}

//! What binds: every resource with the worst load that it sees in a day.

use super::figures::Hour;
use super::lanes::Lane;
use crate::topology::{LinkAt, NodeAt, Topology, Way};

/// Something that can run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// What a policy lets one class have.
    Class(Lane),
    /// A line, all classes together.
    Line(LinkAt, Way),
    /// Workers of a node.
    Servers(NodeAt),
    /// Sessions of a node.
    Sessions(NodeAt),
}

/// A resource and the worst load it sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pressure {
    /// What.
    pub resource: Resource,
    /// Offered load over capacity; above 1 it does not suffice.
    pub utilisation: f64,
    /// The hour of it.
    pub hour: usize,
}

/// Offered load of `resource` over its capacity in one hour; 0 where nobody asks for it.
pub fn level(topology: &Topology, hour: &Hour, resource: Resource) -> f64 {
    match resource {
        Resource::Class(lane) => {
            let own = hour.lanes.iter().find(|load| load.lane == lane);
            own.map_or(0.0, |load| load.utilisation())
        }
        Resource::Line(link, way) => {
            let on = |lane: Lane| (lane.link, lane.way) == (link, way);
            let own = hour.lanes.iter().filter(|load| on(load.lane));
            own.map(|load| load.offered.0).sum::<f64>() / topology[link].capacity[way.at()].0
        }
        Resource::Servers(node) => {
            let own = hour.servers.iter().find(|load| load.node == node);
            own.map_or(0.0, |load| load.utilisation())
        }
        Resource::Sessions(node) => {
            let own = hour.sessions.iter().find(|load| load.node == node);
            own.map_or(0.0, |load| load.utilisation())
        }
    }
}

/// Every resource that somebody asks for in a day.
fn resources(topology: &Topology, hours: &[Hour]) -> Vec<Resource> {
    let mut all: Vec<Resource> = Vec::new();
    for hour in hours {
        let lanes = hour.lanes.iter().flat_map(|load| {
            let Lane { link, way, .. } = load.lane;
            // Without a policy the class is the line.
            let class = topology[link].policy.map(|_| Resource::Class(load.lane));
            class.into_iter().chain([Resource::Line(link, way)])
        });
        let servers = hour.servers.iter().map(|load| Resource::Servers(load.node));
        let sessions = hour
            .sessions
            .iter()
            .map(|load| Resource::Sessions(load.node));
        for resource in lanes.chain(servers).chain(sessions) {
            if !all.contains(&resource) {
                all.push(resource);
            }
        }
    }
    all
}

/// Every resource with its worst hour, the fullest first.
pub fn pressures(topology: &Topology, hours: &[Hour]) -> Vec<Pressure> {
    let worst = resources(topology, hours).into_iter().map(|resource| {
        let levels = hours
            .iter()
            .map(|hour| level(topology, hour, resource))
            .enumerate();
        let (hour, utilisation) = levels.fold(
            (0, 0.0),
            |best, now| if now.1 > best.1 { now } else { best },
        );
        Pressure {
            resource,
            utilisation,
            hour,
        }
    });
    let mut worst: Vec<Pressure> = worst.collect();
    worst.sort_by(|a, b| b.utilisation.total_cmp(&a.utilisation));
    worst
}

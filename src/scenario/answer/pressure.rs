//! What binds: every resource with the worst load that it sees in a day.

use super::hour::Hour;
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

/// Every resource with its worst hour, the fullest first.
pub(super) fn pressures(topology: &Topology, hours: &[Hour]) -> Vec<Pressure> {
    let mut worst: Vec<Pressure> = Vec::new();
    let mut note = |resource: Resource, utilisation: f64, hour: usize| match worst
        .iter_mut()
        .find(|pressure| pressure.resource == resource)
    {
        Some(pressure) if pressure.utilisation >= utilisation => {}
        Some(pressure) => {
            pressure.utilisation = utilisation;
            pressure.hour = hour;
        }
        None => worst.push(Pressure {
            resource,
            utilisation,
            hour,
        }),
    };
    for (hour, answer) in hours.iter().enumerate() {
        let mut lines: Vec<(LinkAt, Way, f64)> = Vec::new();
        for load in &answer.lanes {
            let Lane { link, way, .. } = load.lane;
            // Without a policy the class is the line.
            if topology[link].policy.is_some() {
                note(Resource::Class(load.lane), load.utilisation(), hour);
            }
            match lines
                .iter_mut()
                .find(|(at, own, _)| (*at, *own) == (link, way))
            {
                Some((_, _, sum)) => *sum += load.offered.0,
                None => lines.push((link, way, load.offered.0)),
            }
        }
        for (link, way, sum) in lines {
            note(
                Resource::Line(link, way),
                sum / topology[link].capacity[way.at()].0,
                hour,
            );
        }
        for load in &answer.servers {
            note(Resource::Servers(load.node), load.utilisation(), hour);
        }
        for load in &answer.sessions {
            note(
                Resource::Sessions(load.node),
                load.offered / load.limit,
                hour,
            );
        }
    }
    worst.sort_by(|a, b| b.utilisation.total_cmp(&a.utilisation));
    worst
}

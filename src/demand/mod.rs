//! Who asks for what at an hour of a day: populations by the journey they take, and the traffic of
//! others, scaled by growth.
//!
//! Layer 2. Nothing here knows how a line is shared or how long anything takes.

use crate::topology::{
    Crowd, JourneyAt, LinkAt, Population, PopulationAt, Topology, TrafficRate, TransactionAt, Way,
};
use crate::units::{BitRate, Bytes};

/// How much larger than at the start: 1 and 1 at the start itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Accounts over accounts at the start.
    pub accounts: f64,
    /// Devices of one person over those at the start.
    pub devices: f64,
}

impl Scale {
    /// The start.
    pub const ONE: Scale = Scale {
        accounts: 1.0,
        devices: 1.0,
    };

    /// Users are devices: both factors together.
    pub fn users(self) -> f64 {
        self.accounts * self.devices
    }
}

/// The users of one population who are on one journey.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// The population.
    pub population: PopulationAt,
    /// The journey that they take: the one they ask for, or its fallback; `None`: they are cut off.
    pub journey: Option<JourneyAt>,
    /// Part of the population.
    pub part: f64,
}

/// Every population on every journey of it, with broken journeys replaced by their fallbacks.
/// `usable` says whether a journey works.
pub fn groups(topology: &Topology, usable: impl Fn(JourneyAt) -> bool) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (position, population) in topology.populations.iter().enumerate() {
        for &(asked, part) in &population.journeys {
            let group = Group {
                population: PopulationAt(position),
                journey: working(topology, asked, &usable),
                part,
            };
            // Two journeys that fall back to one are one group.
            let same = |other: &&mut Group| {
                other.population == group.population && other.journey == group.journey
            };
            match groups.iter_mut().find(same) {
                Some(other) => other.part += part,
                None => groups.push(group),
            }
        }
    }
    groups.retain(|group| group.part > 0.0);
    groups
}

/// The journey itself when it works, else the first of its fallbacks that does.
fn working(
    topology: &Topology,
    asked: JourneyAt,
    usable: &impl Fn(JourneyAt) -> bool,
) -> Option<JourneyAt> {
    let mut at = asked;
    // A ring of fallbacks that are all broken ends after each was tried.
    for _ in 0..topology.journeys.len() {
        if usable(at) {
            return Some(at);
        }
        at = topology[at].fallback?;
    }
    None
}

/// The crowd of a population at `hour` (0 to 23): users online, or arrivals.
pub fn crowd(topology: &Topology, population: &Population, hour: usize, scale: Scale) -> Crowd {
    let part = topology[population.profile].hours[hour] * scale.users();
    match population.crowd {
        Crowd::Online { users, think } => Crowd::Online {
            users: users * part,
            think,
        },
        Crowd::Arriving { rate } => Crowd::Arriving { rate: rate * part },
    }
}

/// A rate of others on a link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Background<'t> {
    /// The link.
    pub link: LinkAt,
    /// Which way.
    pub way: Way,
    /// Kind of traffic.
    pub class: &'t str,
    /// Its mean rate over the hour.
    pub rate: BitRate,
}

/// The traffic of others at `hour`, link by link; a link that is out of service carries none.
pub fn background(topology: &Topology, hour: usize, scale: Scale) -> Vec<Background<'_>> {
    let mut all = Vec::new();
    for traffic in &topology.traffic {
        let factor = if traffic.grows { scale.accounts } else { 1.0 };
        for way in Way::BOTH {
            let rate = match &traffic.rate {
                TrafficRate::Shaped { peak, profile } => {
                    peak[way.at()] * (topology[*profile].hours[hour] * factor)
                }
                TrafficRate::Volume {
                    volume,
                    window,
                    way: own,
                } if *own == way => {
                    let seconds = f64::from(window.minutes()) * 60.0;
                    BitRate(volume.bits() / seconds) * (window.cover(hour) * factor)
                }
                TrafficRate::Volume { .. } => BitRate::ZERO,
            };
            if rate.0 > 0.0 {
                let links = traffic.links.iter();
                let working = links.filter(|link| !topology[**link].failed);
                all.extend(working.map(|&link| Background {
                    link,
                    way,
                    class: &traffic.class,
                    rate,
                }));
            }
        }
    }
    all
}

/// The mean of `of` over the transactions of a population, weighed by how often each is done.
pub fn mean_over_mix(population: &Population, of: impl Fn(TransactionAt) -> f64) -> f64 {
    population.mix.iter().map(|&(at, part)| part * of(at)).sum()
}

/// Bytes that one transaction sends over each step of a journey: up before the turning point, down
/// after it, and the loops' own bytes on the side loops that it takes.
pub fn bytes_on_steps(
    topology: &Topology,
    transaction: TransactionAt,
    journey: JourneyAt,
) -> Vec<(LinkAt, Way, Bytes)> {
    let walk = &topology[journey];
    let transaction = &topology[transaction];
    let mut bytes = Vec::new();
    for (position, step) in walk.steps.iter().enumerate() {
        let Some((link, way)) = step.via else {
            continue;
        };
        let amount = match walk.loop_at(position) {
            Some(number) => match transaction.loops.contains(&number) {
                true => transaction.loop_bytes,
                false => Bytes::ZERO,
            },
            None if position <= walk.turn => transaction.bytes[0],
            None => transaction.bytes[1],
        };
        if amount.0 > 0.0 {
            bytes.push((link, way, amount));
        }
    }
    bytes
}

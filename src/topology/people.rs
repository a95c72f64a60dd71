//! What users and machines ask for, resolved.

use super::{ControlName, JourneyAt, LinkAt, NodeAt, PopulationAt, ProfileAt, TransactionAt, Way};
use crate::lang::Text;
use crate::units::{BitRate, Bytes, ClockRange, EventRate, Fraction, Seconds};

/// A day as parts of its peak.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// Part of the peak by hour.
    pub hours: [f64; 24],
}

impl Profile {
    /// The hour with the largest part; the first of equals.
    pub fn busiest(&self) -> usize {
        let mut best = 0;
        for (hour, part) in self.hours.iter().enumerate() {
            if *part > self.hours[best] {
                best = hour;
            }
        }
        best
    }
}

/// What a user does once.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// Round trips before anything is asked.
    pub handshakes: u32,
    /// Requests with their answers, one after another.
    pub exchanges: u32,
    /// Bytes each way, `[up, down]`.
    pub bytes: [Bytes; 2],
    /// Standard deviation of the bytes over their mean.
    pub spread: f64,
    /// Side loops taken, from 1.
    pub loops: Vec<u32>,
    /// Bytes each way on a side loop.
    pub loop_bytes: Bytes,
    /// Mean service time at nodes.
    pub work: Vec<(NodeAt, Seconds)>,
    /// Standard deviation of one node's service time over its mean; the law is gamma.
    pub work_spread: f64,
    /// Time on the user's machine.
    pub client: Seconds,
}

/// How many of a population there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crowd {
    /// Users who think, act and wait: how many are online at the peak, and their mean pause.
    Online {
        /// Users at the peak of the profile.
        users: f64,
        /// Mean pause between two transactions.
        think: Seconds,
    },
    /// Users who come, are served and go: arrivals at the peak.
    Arriving {
        /// Arrivals at the peak of the profile.
        rate: EventRate,
    },
}

/// A group of users.
#[derive(Debug, Clone)]
pub struct Population {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// How many.
    pub crowd: Crowd,
    /// Accounts that they belong to.
    pub accounts: Option<u32>,
    /// Shape of their day.
    pub profile: ProfileAt,
    /// Mean length of a session.
    pub session: Option<Seconds>,
    /// Transactions with their relative frequency, adding up to 1.
    pub mix: Vec<(TransactionAt, f64)>,
    /// Journeys with the part of the users, adding up to 1.
    pub journeys: Vec<(JourneyAt, f64)>,
    /// Kind of traffic.
    pub class: String,
    /// Rate of one user's own access.
    pub access: BitRate,
    /// Round-trip time of the user's own access.
    pub access_delay: Seconds,
    /// Receive window of a connection; `None`: no limit.
    pub window: Option<Bytes>,
    /// Factor on time on the user's machine.
    pub client: f64,
}

/// Traffic that is nobody's journey, `[up, down]`.
#[derive(Debug, Clone)]
pub struct Traffic {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// Links that it loads.
    pub links: Vec<LinkAt>,
    /// Kind of traffic.
    pub class: String,
    /// Its rate by hour.
    pub rate: TrafficRate,
    /// Whether it grows with the accounts.
    pub grows: bool,
    /// Days that a copy is kept.
    pub keep_days: Option<u32>,
}

/// How the rate of traffic goes over a day.
#[derive(Debug, Clone)]
pub enum TrafficRate {
    /// A peak rate `[up, down]` in the shape of a day.
    Shaped {
        /// Rates at the peak.
        peak: [BitRate; 2],
        /// Shape of the day.
        profile: ProfileAt,
    },
    /// A volume that is spread evenly over a stretch of the day.
    Volume {
        /// Bytes a day.
        volume: Bytes,
        /// The stretch.
        window: ClockRange,
        /// Which way.
        way: Way,
    },
}

/// An organisation.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its name in the file.
    pub id: String,
    /// Its weight.
    pub weight: f64,
    /// Populations of its users.
    pub populations: Vec<PopulationAt>,
}

/// Assumptions on the transport protocol.
#[derive(Debug, Clone, Copy)]
pub struct Transport {
    /// Bytes of data in a full packet.
    pub segment: Bytes,
    /// Bytes sent in the first round trip.
    pub initial_window: Bytes,
    /// Congestion control.
    pub control: ControlName,
    /// Retransmission timeout.
    pub timeout: Seconds,
    /// Queueing delay of a class that is full.
    pub full_queue: Seconds,
}

/// How a peak is told from an average.
#[derive(Debug, Clone, Copy)]
pub struct Peak {
    /// Length over which a rate is averaged.
    pub window: Seconds,
    /// Part of the windows above what is called the peak.
    pub exceeded: Fraction,
    /// Standard deviation over mean of traffic known only by its mean.
    pub background_spread: f64,
}

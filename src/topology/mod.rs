//! What a topology file means: names resolved to positions, walks resolved to links, checked.
//!
//! Layer 1. [`file`] is what is written, [`resolve`] the step from there to here, [`walk`] the
//! journeys. Everything above works on [`Topology`] and never sees a file again.

use std::net::IpAddr;

use crate::lang::Text;
use crate::units::{BitRate, Bytes, ClockRange, EventRate, Fraction, Money, Seconds};

pub mod file;
pub mod load;
pub mod origin;
pub mod passage;
mod policy;
mod resolve;
mod walk;
mod words;

pub use file::{ControlName, NodeKind, Observed, OversubscriptionName, PresetName, ShareName};
pub use load::{Loaded, load};

macro_rules! positions {
    ($($(#[$doc:meta])* $name:ident => $list:ident: $item:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(pub usize);

            impl std::ops::Index<$name> for Topology {
                type Output = $item;
                fn index(&self, at: $name) -> &$item { &self.$list[at.0] }
            }
        )*
    };
}

positions! {
    /// Position of a node in [`Topology::nodes`].
    NodeAt => nodes: Node;
    /// Position of a link in [`Topology::links`].
    LinkAt => links: Link;
    /// Position of an owner in [`Topology::owners`].
    OwnerAt => owners: Owner;
    /// Position of a policy in [`Topology::policies`].
    PolicyAt => policies: Policy;
    /// Position of a journey in [`Topology::journeys`].
    JourneyAt => journeys: Journey;
    /// Position of a profile in [`Topology::profiles`].
    ProfileAt => profiles: Profile;
    /// Position of a transaction in [`Topology::transactions`].
    TransactionAt => transactions: Transaction;
    /// Position of a population in [`Topology::populations`].
    PopulationAt => populations: Population;
}

/// A network, its users and what is known of both.
#[derive(Debug, Clone)]
pub struct Topology {
    /// What it is called.
    pub name: Text,
    /// The documents that stated values come from.
    pub source: Option<Text>,
    /// Who repairs what.
    pub owners: Vec<Owner>,
    /// Named elements.
    pub nodes: Vec<Node>,
    /// Lines between two nodes.
    pub links: Vec<Link>,
    /// Bandwidth policies.
    pub policies: Vec<Policy>,
    /// Walks.
    pub journeys: Vec<Journey>,
    /// Shapes of a day.
    pub profiles: Vec<Profile>,
    /// What is done.
    pub transactions: Vec<Transaction>,
    /// Groups of users.
    pub populations: Vec<Population>,
    /// Traffic of others and of machines.
    pub traffic: Vec<Traffic>,
    /// Organisations with their weights.
    pub units: Vec<Unit>,
    /// What was seen.
    pub observations: Vec<Observation>,
    /// Limits with actions.
    pub thresholds: Vec<Threshold>,
    /// Promised services.
    pub services: Vec<Service>,
    /// Connections that must be open.
    pub requirements: Vec<Requirement>,
    /// Stages of a project.
    pub stages: Vec<Stage>,
    /// Assumptions on the transport protocol.
    pub transport: Transport,
    /// How a peak is told from an average.
    pub peak: Peak,
}

/// Who must repair something.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Id in the file.
    pub id: String,
    /// What the owner is called.
    pub name: Text,
    /// What to do when a fault is theirs.
    pub action: Option<Text>,
}

/// A named element.
#[derive(Debug, Clone)]
pub struct Node {
    /// Id in the file.
    pub id: String,
    /// Number in the plan's figure.
    pub number: Option<u32>,
    /// What it is.
    pub kind: NodeKind,
    /// What it is called.
    pub name: Text,
    /// Who repairs it.
    pub owner: OwnerAt,
    /// Column of the drawing.
    pub tier: Option<u32>,
    /// Addresses that traces see.
    pub addresses: Vec<IpAddr>,
    /// Whether it leaves probes unanswered.
    pub silent: bool,
    /// TCP port of its service.
    pub port: Option<u16>,
    /// URL of its service.
    pub url: Option<String>,
    /// DNS name of its service.
    pub dns: Option<String>,
    /// Machines side by side.
    pub instances: u32,
    /// Machines out of service.
    pub failed: u32,
    /// Machines that must work.
    pub needs: u32,
    /// Requests one machine works on at once; `None`: work here is delay without a queue.
    pub workers: Option<u32>,
    /// Sessions it holds at once.
    pub sessions: Option<u32>,
    /// Part of the time that one machine works; `None`: not stated.
    pub availability: Option<Fraction>,
    /// Anything a reader should know.
    pub note: Option<Text>,
}

impl Node {
    /// Machines in service.
    pub fn working(&self) -> u32 {
        self.instances.saturating_sub(self.failed)
    }
}

/// Which way a link is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// From `from` to `to`: away from the users.
    Up,
    /// From `to` to `from`: towards the users.
    Down,
}

impl Way {
    /// Both ways.
    pub const BOTH: [Way; 2] = [Way::Up, Way::Down];

    /// Position in a pair `[up, down]`.
    pub fn at(self) -> usize {
        match self {
            Way::Up => 0,
            Way::Down => 1,
        }
    }
}

/// A line between two nodes. Pairs are `[up, down]`.
#[derive(Debug, Clone)]
pub struct Link {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// End nearer the users.
    pub from: NodeAt,
    /// End nearer the servers.
    pub to: NodeAt,
    /// Capacity each way.
    pub capacity: [BitRate; 2],
    /// One-way delay without load.
    pub delay: Seconds,
    /// One-way spread of the delay.
    pub jitter: Seconds,
    /// Packets lost, one way.
    pub loss: Fraction,
    /// Who repairs it.
    pub owner: OwnerAt,
    /// The carrier that provides it.
    pub carrier: Option<String>,
    /// The policy on it.
    pub policy: Option<PolicyAt>,
    /// Part of the time that it works; `None`: not stated.
    pub availability: Option<Fraction>,
    /// Its price.
    pub price: Option<Money>,
    /// Whether it is out of service.
    pub failed: bool,
}

/// A bandwidth policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// Whose rule it follows.
    pub preset: PresetName,
    /// How excess is split, where it differs from the preset.
    pub share: Option<ShareName>,
    /// What happens to guarantees above the line, where it differs from the preset.
    pub oversubscription: Option<OversubscriptionName>,
    /// Total that the page reckons with.
    pub root: Option<BitRate>,
    /// The classes. Exactly one takes what no other claims.
    pub classes: Vec<Class>,
}

/// A class of a policy. Pairs are `[up, down]`.
#[derive(Debug, Clone)]
pub struct Class {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// Kinds of traffic it holds; empty: all the rest.
    pub applies_to: Vec<String>,
    /// Applications it is limited to, as the page says.
    pub application: Option<Text>,
    /// Networks it is limited to, as the page says.
    pub target: Option<Text>,
    /// Line it is set on, as the page says.
    pub line: Option<Text>,
    /// When it is in force; `None`: all day.
    pub active: Option<ClockRange>,
    /// Guaranteed each way.
    pub guarantee: [BitRate; 2],
    /// At most each way; `None`: the line's capacity.
    pub ceiling: [Option<BitRate>; 2],
    /// At most one user each way; `None`: no limit.
    pub per_user: Option<BitRate>,
    /// 0 is served first.
    pub priority: u32,
    /// Weight for excess in bytes; `None`: the kernel's rule.
    pub quantum: Option<u32>,
    /// Whether it is switched on.
    pub enabled: bool,
}

impl Policy {
    /// The rule in force: how excess is split and what happens to guarantees above the line, as
    /// the policy says or else as its preset does.
    pub fn rule(&self) -> (ShareName, OversubscriptionName) {
        let (share, oversubscription) = match self.preset {
            PresetName::LinuxHtb => (ShareName::LinuxHtb, OversubscriptionName::Leak),
            PresetName::Sangfor => (ShareName::Proportional, OversubscriptionName::Scale),
            PresetName::Fortigate => (ShareName::Proportional, OversubscriptionName::Reject),
        };
        (
            self.share.unwrap_or(share),
            self.oversubscription.unwrap_or(oversubscription),
        )
    }

    /// The class that traffic of kind `tag` falls in.
    pub fn class_of(&self, tag: &str) -> usize {
        let enabled = |class: &&Class| class.enabled;
        let position = |wanted: &dyn Fn(&Class) -> bool| {
            self.classes
                .iter()
                .position(|class| enabled(&class) && wanted(class))
        };
        position(&|class| class.applies_to.iter().any(|own| own == tag))
            .or_else(|| position(&|class| class.applies_to.is_empty()))
            .unwrap_or(0)
    }
}

/// One step of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The node reached.
    pub node: NodeAt,
    /// The link taken to reach it; `None` at the start.
    pub via: Option<(LinkAt, Way)>,
}

/// A closed walk: out to the turning point and back.
#[derive(Debug, Clone)]
pub struct Journey {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// Every step, the start first and last.
    pub steps: Vec<Step>,
    /// Position of the turning point in `steps`.
    pub turn: usize,
    /// Side loops in walking order: positions in `steps` from the node where the loop leaves the
    /// trunk to the same node again, both included.
    pub loops: Vec<std::ops::RangeInclusive<usize>>,
    /// First link on it that is out of service.
    pub broken: Option<LinkAt>,
    /// What its users take then.
    pub fallback: Option<JourneyAt>,
}

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

/// Something that was seen.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// What was seen of what.
    pub seen: Seen,
    /// How far the model may be off.
    pub tolerance: Fraction,
}

/// An observed figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen {
    /// Carried rate down in the busiest hour.
    BusyDown(LinkAt, usize, BitRate),
    /// Highest rate down.
    PeakDown(LinkAt, usize, BitRate),
    /// Sessions at the peak.
    Sessions(NodeAt, f64),
    /// Users online at the peak.
    Online(f64),
}

/// What a threshold watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// Sessions of a node against its limit.
    Sessions(NodeAt),
    /// Load of a link against its capacity.
    Load(LinkAt),
}

/// A limit of use with what to do there.
#[derive(Debug, Clone)]
pub struct Threshold {
    /// Id in the file.
    pub id: String,
    /// What is watched.
    pub watched: Watched,
    /// Part of the capacity.
    pub at: Fraction,
    /// What to do.
    pub action: Text,
}

/// A promised service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// The journey that must work.
    pub journey: JourneyAt,
    /// Promised part of a month.
    pub availability: Fraction,
    /// Longest time to recovery.
    pub recovery_time: Option<Seconds>,
    /// Most data lost, as time.
    pub recovery_point: Option<Seconds>,
    /// Interruptions allowed in a month.
    pub interruptions: Option<u32>,
    /// 1 is restored first.
    pub priority: Option<u32>,
}

/// A connection that must be open.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// Id in the file.
    pub id: String,
    /// What it is for.
    pub name: Text,
    /// Who asks.
    pub from: NodeAt,
    /// Who answers.
    pub to: NodeAt,
    /// Whether both open connections.
    pub both_ways: bool,
    /// Anything a reader should know.
    pub note: Option<Text>,
}

/// A stage of a project.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// How long it takes.
    pub length: Seconds,
    /// What shows that it is done.
    pub done: Text,
    /// Positions of the stages before it.
    pub after: Vec<usize>,
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

impl Topology {
    /// The journey with this id.
    pub fn journey(&self, id: &str) -> Option<JourneyAt> {
        self.journeys
            .iter()
            .position(|journey| journey.id == id)
            .map(JourneyAt)
    }
}

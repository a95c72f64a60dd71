//! What a topology file means: names resolved to positions, walks resolved to links, checked.
//!
//! Layer 1. [`mod@file`] is what is written, `resolve` the step from there to here, `walk` the
//! journeys. Everything above works on [`Topology`] and never sees a file again.

use crate::lang::Text;
use crate::prefix::Table;

pub mod file;
pub mod load;
mod network;
pub mod origin;
pub mod passage;
mod people;
mod policy;
mod promises;
mod resolve;
mod walk;
mod words;

pub use file::{
    ControlName, NodeKind, Observed, OrderName, OversubscriptionName, PresetName, ShareName,
};
pub use load::{Loaded, load};
pub use network::{Burst, Class, Journey, KeepAlive, Link, Node, Owner, Policy, Step, Way};
pub use people::{
    Crowd, Peak, Population, Profile, Traffic, TrafficRate, Transaction, Transport, Unit,
};
pub use promises::{Observation, Requirement, Seen, Service, Stage, Threshold, Watched};

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

impl Topology {
    /// Whose an address is: the node that has it, else the one with the longest network that holds it.
    pub fn holders(&self) -> Table<NodeAt> {
        let all = self.nodes.iter().enumerate();
        let own = all.flat_map(|(at, node)| node.prefixes().map(move |own| (own, NodeAt(at))));
        Table::new(own.collect())
    }

    /// The journey with this id.
    pub fn journey(&self, id: &str) -> Option<JourneyAt> {
        self.journeys
            .iter()
            .position(|journey| journey.id == id)
            .map(JourneyAt)
    }
}

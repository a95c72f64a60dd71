//! Owners, nodes, links, policies and journeys, resolved.

use std::net::IpAddr;

use super::{
    JourneyAt, LinkAt, NodeAt, NodeKind, OrderName, OversubscriptionName, OwnerAt, PolicyAt,
    PresetName, ShareName,
};
use crate::lang::Text;
use crate::prefix::Prefix;
use crate::units::{BitRate, ClockRange, Fraction, Money, Seconds};

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

/// A session is dropped when so many keep-alives in a row are lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeepAlive {
    /// Time between two.
    pub every: Seconds,
    /// Lost in a row, 1 or more.
    pub lost: u32,
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
    /// Networks of which every address is its own, unless a longer one says otherwise.
    pub networks: Vec<Prefix>,
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
    /// How the workers take their requests.
    pub order: OrderName,
    /// Sessions it holds at once.
    pub sessions: Option<u32>,
    /// How the sessions are watched; `None`: not stated, and none is dropped.
    pub keep_alive: Option<KeepAlive>,
    /// Part of the time that one machine works; `None`: not stated.
    pub availability: Option<Fraction>,
    /// Anything a reader should know.
    pub note: Option<Text>,
}

impl Node {
    /// All addresses and networks that are its own.
    pub fn prefixes(&self) -> impl Iterator<Item = Prefix> + '_ {
        let single = self.addresses.iter().copied().map(Prefix::from);
        single.chain(self.networks.iter().copied())
    }

    /// Machines in service.
    pub fn working(&self) -> u32 {
        self.instances.saturating_sub(self.failed)
    }

    /// Requests that the machines in service work on at once; one each where nothing is stated.
    pub fn workers_working(&self) -> u64 {
        u64::from(self.working()) * u64::from(self.workers.unwrap_or(1))
    }

    /// Sessions that the machines in service hold at once; `None` where nothing limits them.
    pub fn sessions_working(&self) -> Option<f64> {
        let whole = f64::from(self.sessions?) * f64::from(self.working());
        Some(whole / f64::from(self.instances))
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

/// Losses that come in bursts (Gilbert 1960, Elliott 1963): a link is good, and loses nothing, or
/// bad, for times that are exponential.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// Mean length of a bad stretch.
    pub length: Seconds,
    /// Part of the packets lost in it, one way.
    pub loss: Fraction,
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
    /// Packets lost, one way, in the long run.
    pub loss: Fraction,
    /// How they come in bursts; `None`: singly.
    pub burst: Option<Burst>,
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

impl Link {
    /// Mean length of a good stretch, between two bursts of loss; `None`: its losses are single, or
    /// there are none.
    pub fn good(&self) -> Option<Seconds> {
        let burst = self.burst.filter(|_| self.loss.0 > 0.0)?;
        Some(Seconds(burst.length.0 * (burst.loss.0 / self.loss.0 - 1.0)))
    }
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

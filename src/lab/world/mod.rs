//! What a world is: nodes in a row, lines between them, and what each does to packets.
//!
//! A world is read from a file of its own ([`World::load`]) or follows a topology's journey
//! ([`World::along`]). Forward is away from the client, return is towards it.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::Deserialize;

use super::namespace::Block;
use crate::lang::Text;
use crate::packet::mpls::Label;
use crate::units::{BitRate, Fraction, Seconds};

mod file;
mod journey;
mod path;
mod resolve;
#[cfg(test)]
mod tests;

pub use journey::Made;

/// Bytes that a line takes where nothing else is said: Ethernet's.
pub const USUAL_MTU: u32 = 1500;

/// A whole world.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// What it is called.
    pub name: Text,
    /// Of everything that is drawn: the same packets at the same moments meet the same fate.
    pub seed: u64,
    /// The client first, the server last, the routers between in the order of the file.
    pub nodes: Vec<Node>,
    /// Blocks of addresses that are the server's beside its own.
    pub blocks: Vec<Block>,
    /// What can be talked to.
    pub services: Vec<Service>,
    /// One-way lines.
    pub lines: Vec<Line>,
    /// What the path is, and what it becomes; the first holds from the start.
    pub routes: Vec<Route>,
}

/// A client, router or server.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Id in the file.
    pub id: String,
    /// Number in the plan's figure.
    pub number: Option<u32>,
    /// What it is called; its id where nothing is said.
    pub name: Text,
    /// What programs may call it: its id, and names of its service.
    pub names: Vec<String>,
    /// Its addresses. A router without one in a packet's family does not answer it.
    pub addresses: Vec<IpAddr>,
    /// What it does beside forwarding.
    pub manners: Manners,
}

/// An open TCP port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Whose it is: index into [`World::nodes`].
    pub node: usize,
    /// The port.
    pub port: u16,
    /// Whether it speaks HTTP; else it takes connections and listens.
    pub http: bool,
}

/// What a node does to packets and how it answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Manners {
    /// It answers nothing.
    pub silent: bool,
    /// It answers from these instead of from its own addresses, each in its family.
    pub answers_from: Vec<IpAddr>,
    /// It takes so long to make an answer.
    pub answer_delay: Seconds,
    /// It sends each answer so many times.
    pub copies: u32,
    /// Bytes behind the IP header that its errors quote; `None` for as many as fit.
    pub quote: Option<u16>,
    /// MPLS labels that its errors tell.
    pub labels: Vec<Label>,
    /// Bounds on its errors; one goes out if all of them allow it.
    pub limits: Vec<Limit>,
    /// By what it chooses among branches behind it.
    pub balance: Balance,
    /// It writes this class of service (DSCP) into what it forwards away from the client.
    pub class: Option<u8>,
    /// Its filter: the first rule that fits decides, what none fits passes.
    pub rules: Vec<Rule>,
    /// It translates sources.
    pub nat: Option<Nat>,
    /// It has these addresses for the server's and translates destinations.
    pub public: Vec<IpAddr>,
    /// Answers it makes up for packets that come to it.
    pub forgeries: Vec<Forgery>,
}

impl Default for Manners {
    fn default() -> Manners {
        Manners {
            silent: false,
            answers_from: Vec::new(),
            answer_delay: Seconds::ZERO,
            copies: 1,
            quote: None,
            labels: Vec::new(),
            limits: Vec::new(),
            balance: Balance::Flow,
            class: None,
            rules: Vec::new(),
            nat: None,
            public: Vec::new(),
            forgeries: Vec::new(),
        }
    }
}

/// A token bucket for ICMP errors. Linux has one for each address that it answers, of 6 and one
/// more every second (`icmp_ratelimit`), and one for all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Errors that may go out at once.
    pub burst: u32,
    /// The time after which there may be one more.
    pub every: Seconds,
    /// Whose errors it counts.
    pub per: Per,
}

/// Whose errors a limit counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// One bucket for each address that is answered.
    #[default]
    Source,
    /// One bucket for all.
    All,
}

/// By what a router chooses among branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// Addresses, protocol and ports; of ICMP the addresses alone, as Linux does.
    #[default]
    Flow,
    /// Addresses, protocol and the first four bytes behind the IP header: ports, or ICMP type, code
    /// and checksum (Augustin et al., "Avoiding traceroute anomalies with Paris traceroute", 2006).
    FirstBytes,
    /// The two addresses.
    Destination,
    /// Nothing: by lot, packet by packet.
    Packet,
}

/// Which way a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Away from the client.
    #[default]
    Forward,
    /// Towards the client.
    Return,
}

/// A rule of a filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// For packets that go this way.
    pub way: Way,
    /// For these packets.
    pub traffic: Traffic,
    /// What becomes of them.
    pub then: Then,
}

/// Which packets a rule means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// What they carry.
    pub kind: Kind,
    /// The server's port, where they have ports.
    pub ports: RangeInclusive<u16>,
}

/// What a packet carries, as filters tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Any,
    /// ICMP of any kind.
    Icmp,
    /// ICMP echo and its reply.
    Echo,
    /// ICMP errors.
    Error,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// What becomes of a packet that a rule means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// It goes on.
    Pass,
    /// It is gone, and nothing is said.
    Drop,
    /// A TCP reset in the name of the one it was for.
    Reset,
    /// ICMP network unreachable (code 0; IPv6 no route).
    NoRoute,
    /// ICMP host unreachable (code 1; IPv6 address unreachable).
    NoHost,
    /// ICMP port unreachable (code 3).
    NoPort,
    /// ICMP network administratively prohibited (code 9).
    NetProhibited,
    /// ICMP host administratively prohibited (code 10).
    HostProhibited,
    /// ICMP communication administratively prohibited (code 13; IPv6 code 1).
    AdminProhibited,
}

/// Source translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nat {
    /// What the source becomes, by family.
    pub addresses: Vec<IpAddr>,
    /// Whether ports and echo identifiers change too.
    pub ports: bool,
    /// Whether quotes in ICMP errors are turned back on their way to the client (RFC 5508, 4.2).
    pub restores: bool,
}

/// An answer that nobody should believe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgery {
    /// What is wrong with it.
    pub flaw: Flaw,
    /// What it says.
    pub says: Says,
    /// Whom it pretends to be, by family; the router itself where that is empty.
    pub from: Vec<IpAddr>,
}

/// What is wrong with a made-up answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// Right addresses and ports; every byte of the quoted payload turned over, of TCP the
    /// sequence number.
    WrongTag,
    /// It quotes another source port or echo identifier.
    WrongPort,
    /// It quotes four bytes behind the IP header.
    Truncated,
    /// Its own checksum is wrong.
    WrongChecksum,
}

/// What a made-up answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// ICMP time exceeded.
    #[default]
    TimeExceeded,
    /// ICMP port unreachable.
    NoPort,
}

/// One direction of a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Where it begins: index into [`World::nodes`].
    pub from: usize,
    /// Where it ends: index into [`World::nodes`].
    pub to: usize,
    /// What it does to packets.
    pub traits: Traits,
}

/// What a line does to packets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traits {
    /// What every packet takes.
    pub delay: Seconds,
    /// What a packet may take more, spread evenly from zero to this, each for itself: packets
    /// closer together than this may overtake each other.
    pub jitter: Seconds,
    /// Packets that are lost.
    pub loss: Fraction,
    /// Bits per second; `None` for a line that is never full.
    pub rate: Option<BitRate>,
    /// How long a packet may wait for its turn; one that would wait longer is dropped.
    pub queue: Seconds,
    /// Bytes of the longest packet.
    pub mtu: u32,
    /// Whether longer packets vanish without a word.
    pub black_hole: bool,
    /// Packets that come twice.
    pub duplicate: Fraction,
    /// Packets that are held up, so that others overtake them.
    pub held: Fraction,
    /// For how long those are held up.
    pub held_for: Seconds,
}

impl Default for Traits {
    fn default() -> Traits {
        Traits {
            delay: Seconds::ZERO,
            jitter: Seconds::ZERO,
            loss: Fraction::ZERO,
            rate: None,
            queue: Seconds(0.1),
            mtu: USUAL_MTU,
            black_hole: false,
            duplicate: Fraction::ZERO,
            held: Fraction::ZERO,
            held_for: Seconds::ZERO,
        }
    }
}

/// The path from one moment on.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Since when, after the client's first packet.
    pub since: Seconds,
    /// Where it forks, from the client on.
    pub forks: Vec<Fork>,
    /// Every way through the forks; the last fork's branches change fastest.
    pub ways: Vec<Vec<Hop>>,
}

/// A place where a path forks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fork {
    /// The router that chooses: index into [`World::nodes`].
    pub at: usize,
    /// How many branches it chooses from.
    pub branches: usize,
}

/// One step of a way: the line to a node, the node, and the line back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hop {
    /// Index into [`World::nodes`].
    pub node: usize,
    /// Index into [`World::lines`]: the line to it.
    pub forward: usize,
    /// Index into [`World::lines`]: the line back from it.
    pub back: usize,
}

impl World {
    /// The client's index.
    pub const CLIENT: usize = 0;

    /// The server's index.
    pub fn server(&self) -> usize {
        self.nodes.len() - 1
    }

    /// The node with this id.
    pub fn node(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == id)
    }

    /// Whether a node has any port open.
    pub(super) fn is_served(&self, node: usize) -> bool {
        self.services.iter().any(|own| own.node == node)
    }

    /// Whether a node has this port open.
    pub(super) fn serves(&self, node: usize, port: u16) -> bool {
        let is = |own: &Service| (own.node, own.port) == (node, port);
        self.services.iter().any(is)
    }

    /// The line from one node to the next, by their ids.
    pub fn line(&self, from: &str, to: &str) -> Option<usize> {
        let (from, to) = (self.node(from)?, self.node(to)?);
        let joins = |line: &Line| line.from == from && line.to == to;
        self.lines.iter().position(joins)
    }

    /// The address by which the client reaches the server: its own, or the one that a router has
    /// for it.
    pub fn target(&self, ipv6: bool) -> Option<IpAddr> {
        let public = self.nodes.iter().flat_map(|node| &node.manners.public);
        let own = &self.nodes[self.server()].addresses;
        let mut all = public.chain(own).copied();
        all.find(|address| address.is_ipv6() == ipv6)
    }

    /// The nodes at distance 1, 2, … of the first path, where it does not fork; the first branch
    /// where it does.
    pub fn hops(&self) -> impl Iterator<Item = &Node> {
        let way = self.routes.first().and_then(|route| route.ways.first());
        way.into_iter().flatten().map(|hop| &self.nodes[hop.node])
    }

    /// What a packet takes at least from the client to each of [`hops`](World::hops) and back.
    pub fn round_trips(&self) -> Vec<Seconds> {
        let way = self.routes.first().and_then(|route| route.ways.first());
        let mut sum = Seconds::ZERO;
        let both = |hop: &Hop| {
            let [forward, back] = [hop.forward, hop.back].map(|at| self.lines[at].traits.delay);
            sum += forward + back;
            sum
        };
        way.into_iter().flatten().map(both).collect()
    }

    /// The longest packet that the line of an end takes.
    pub(super) fn mtu_of_end(&self, node: usize) -> u32 {
        let own = self.lines.iter().filter(|line| line.from == node);
        let longest = own.map(|line| line.traits.mtu).max();
        longest.unwrap_or(USUAL_MTU)
    }
}

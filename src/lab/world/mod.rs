//! What a world is: nodes in a row, lines between them, and what each does to packets.
//!
//! A world is read from a file of its own ([`World::load`]) or follows a topology's journey
//! ([`World::along`]). Forward is away from the client, return is towards it.

use std::net::IpAddr;

use super::namespace::Block;
use crate::lang::Text;
use crate::units::{BitRate, Fraction, Seconds};

mod file;
mod journey;
mod manners;
mod path;
mod resolve;
#[cfg(test)]
mod tests;

pub use journey::Made;
pub use manners::*;
pub use resolve::schema;

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

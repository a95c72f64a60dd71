//! Packets on their way through a world, without devices and without a clock: packets and moments
//! go in, packets and moments come out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::bucket::Buckets;
use super::flow;
use super::ledger::Ledger;
use super::line::{AtWork, Crossing};
use super::packet::edit::set_source;
use super::packet::{Head, head};
use super::translate::Translator;
use super::world::{Hop, Node, World};
use crate::packet::protocol::TCP;
use crate::units::Moment;

mod router;

/// An end of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Client,
    Server,
}

/// A packet somewhere on a way.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Passage {
    /// Which route, and which of its ways.
    way: (usize, usize),
    /// Where: 0 is the client, 1 the first hop.
    at: usize,
    /// Whether it goes away from the client.
    forward: bool,
    /// Whether it stands before the line there, or has yet to be dealt with.
    leaves: bool,
    packet: Vec<u8>,
}

/// A world at work.
#[derive(Debug)]
pub(super) struct Transit {
    world: Arc<World>,
    lines: Vec<AtWork>,
    limits: Vec<Vec<Buckets>>,
    translators: Vec<Option<Translator>>,
    ledger: Ledger,
    /// Soonest first; those of one moment in the order in which they were put there.
    coming: BinaryHeap<Reverse<(Moment, u64, Passage)>>,
    count: u64,
    /// When the client sent its first packet.
    begun: Option<Moment>,
    random: ChaCha8Rng,
}

impl Transit {
    pub(super) fn new(world: Arc<World>) -> Transit {
        let lines = world.lines.iter().enumerate();
        let lines = lines.map(|(at, line)| AtWork::new(line.traits, world.seed, at));
        let manners = || world.nodes.iter().map(|node| &node.manners);
        let buckets = |limits: &Vec<_>| limits.iter().copied().map(Buckets::new).collect();
        let mut random = ChaCha8Rng::seed_from_u64(world.seed);
        // A stream that no line has.
        random.set_stream(u64::MAX);
        Transit {
            lines: lines.collect(),
            limits: manners().map(|manners| buckets(&manners.limits)).collect(),
            translators: manners()
                .map(|manners| manners.nat.clone().map(Translator::new))
                .collect(),
            ledger: Ledger::new(&world),
            coming: BinaryHeap::new(),
            count: 0,
            begun: None,
            random,
            world,
        }
    }

    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Takes what an end sent. What is for nobody on the path is gone: router solicitations of the
    /// kernel and the like.
    pub(super) fn enter(&mut self, now: Moment, end: End, mut packet: Vec<u8>) {
        let Some(head) = head(&packet).filter(|head| self.carries(end, head.to)) else {
            return;
        };
        if end == End::Client {
            self.begun.get_or_insert(now);
        } else if head.protocol != TCP {
            let server = &self.world.nodes[self.world.server()];
            let instead = super::translate::of_family(&server.manners.answers_from, head.to);
            if let Some(source) = instead {
                set_source(&mut packet, source);
            }
        }
        // What runs behind the server's device may speak for a node on the way.
        let mut routers = self.world.nodes.iter().take(self.world.server()).skip(1);
        let speaks = |node: &Node| end == End::Server && node.addresses.contains(&head.from);
        let speaks = routers.any(speaks);
        let over = if speaks { head.from } else { head.to };
        let Some(way) = self.choose(now, over, &packet) else {
            return;
        };
        let passage = Passage {
            way,
            at: match (end, self.place(way, over)) {
                (End::Client, _) => 0,
                (End::Server, Some(place)) if speaks => place,
                (End::Server, _) => self.hops(way),
            },
            forward: end == End::Client,
            leaves: true,
            packet,
        };
        self.leave(now, passage);
    }

    /// When something happens next.
    pub(super) fn next(&self) -> Option<Moment> {
        self.coming.peek().map(|Reverse((moment, ..))| *moment)
    }

    /// The next packet that has come to an end by `now`.
    pub(super) fn arrival(&mut self, now: Moment) -> Option<(Moment, End, Vec<u8>)> {
        while self.next().is_some_and(|next| next <= now) {
            let Reverse((moment, _, passage)) = self.coming.pop()?;
            match (passage.leaves, passage.forward, passage.at) {
                (true, ..) => self.leave(moment, passage),
                (_, false, 0) => return Some((moment, End::Client, passage.packet)),
                (_, true, at) if at == self.hops(passage.way) => {
                    return Some((moment, End::Server, passage.packet));
                }
                _ if self.is_for_service(&passage) => {
                    return Some((moment, End::Server, passage.packet));
                }
                _ => self.pass(moment, passage),
            }
        }
        None
    }

    /// Whether the path carries what an end sends to this address.
    fn carries(&self, end: End, to: IpAddr) -> bool {
        let (server, world) = (self.world.server(), &self.world);
        let routers = || world.nodes.iter().take(server).skip(1);
        if routers().any(|router| router.addresses.contains(&to)) {
            return true;
        }
        let outside = || routers().filter_map(|router| router.manners.nat.as_ref());
        if end == End::Server {
            let translated = outside().any(|nat| nat.addresses.contains(&to));
            return translated || world.nodes[World::CLIENT].addresses.contains(&to);
        }
        // Behind a public address the server has no other.
        let mut public = routers().flat_map(|router| &router.manners.public);
        if public
            .clone()
            .any(|public| public.is_ipv4() == to.is_ipv4())
        {
            return public.any(|public| *public == to);
        }
        let within = |(block, length): &(IpAddr, u8)| same_block(*block, to, *length);
        world.nodes[server].addresses.contains(&to) || world.blocks.iter().any(within)
    }

    /// The way that a packet takes, of those that are there now; one over the node that has the
    /// address `over`, if any has.
    fn choose(&mut self, now: Moment, over: IpAddr, packet: &[u8]) -> Option<(usize, usize)> {
        let world = Arc::clone(&self.world);
        let since = self
            .begun
            .map_or_else(Default::default, |begun| now - begun);
        let mut routes = world.routes.iter();
        let route = routes.rposition(|route| since >= Duration::from(route.since))?;
        let (forks, ways) = (&world.routes[route].forks, &world.routes[route].ways);
        let mut chosen = 0;
        for fork in forks {
            let balance = world.nodes[fork.at].manners.balance;
            let lot = || self.random.next_u64();
            let place = (world.seed, fork.at);
            let branch = flow::branch(balance, packet, place, fork.branches, lot);
            chosen = chosen * fork.branches + branch;
        }
        let has = |way: &usize| self.place((route, *way), over).is_some();
        let another = (0..ways.len()).find(has).filter(|_| !has(&chosen));
        Some((route, another.unwrap_or(chosen)))
    }

    /// Where on a way the node with an address stands first.
    fn place(&self, (route, way): (usize, usize), address: IpAddr) -> Option<usize> {
        let mut hops = self.world.routes[route].ways[way].iter();
        let has = |hop: &Hop| self.world.nodes[hop.node].addresses.contains(&address);
        Some(hops.position(has)? + 1)
    }

    /// Whether a packet has come to a node on the way that has its port open.
    fn is_for_service(&self, passage: &Passage) -> bool {
        let node = self.node(passage.way, passage.at);
        let has = |head: &Head| self.world.nodes[node].addresses.contains(&head.to);
        let head = head(&passage.packet).filter(|head| head.protocol == TCP && has(head));
        let ports = head.and_then(|head| head.ports(&passage.packet));
        ports.is_some_and(|(_, port)| self.world.serves(node, port))
    }

    /// How many hops a way has.
    fn hops(&self, (route, way): (usize, usize)) -> usize {
        self.world.routes[route].ways[way].len()
    }

    /// Which node stands at a place of a way.
    fn node(&self, (route, way): (usize, usize), at: usize) -> usize {
        match at.checked_sub(1) {
            Some(hop) => self.world.routes[route].ways[way][hop].node,
            None => World::CLIENT,
        }
    }

    /// Sends a packet over the line before it.
    fn leave(&mut self, now: Moment, mut passage: Passage) {
        let (route, way) = passage.way;
        let way = &self.world.routes[route].ways[way];
        let line = match passage.forward {
            true => way.get(passage.at).map(|hop| hop.forward),
            false => passage.at.checked_sub(1).map(|hop| way[hop].back),
        };
        let Some(line) = line else {
            return;
        };
        let traits = self.world.lines[line].traits;
        if passage.packet.len() > traits.mtu as usize {
            self.ledger.lines[line].too_long += 1;
            return self.shorten(now, passage, traits);
        }
        self.ledger.lines[line].entered += 1;
        match self.lines[line].cross(now, passage.packet.len()) {
            Crossing::Lost => self.ledger.lines[line].lost += 1,
            Crossing::Refused => self.ledger.lines[line].refused += 1,
            Crossing::Comes(comes, again) => {
                passage.at = if passage.forward {
                    passage.at + 1
                } else {
                    passage.at - 1
                };
                passage.leaves = false;
                if let Some(again) = again {
                    self.ledger.lines[line].doubled += 1;
                    let packet = passage.packet.clone();
                    self.put(again, Passage { packet, ..passage });
                }
                self.put(comes, passage);
            }
        }
    }

    fn put(&mut self, moment: Moment, passage: Passage) {
        self.count += 1;
        self.coming.push(Reverse((moment, self.count, passage)));
    }
}

/// Whether two addresses share their first `length` bits.
fn same_block(a: IpAddr, b: IpAddr, length: u8) -> bool {
    let differ = match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => u128::from(a.to_bits() ^ b.to_bits()) << 96,
        (IpAddr::V6(a), IpAddr::V6(b)) => a.to_bits() ^ b.to_bits(),
        _ => return false,
    };
    differ.leading_zeros() >= length.into()
}

#[cfg(test)]
mod tests;

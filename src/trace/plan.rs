//! The path as it is meant to be: the nodes of a journey, out to its turning point.
//!
//! A side loop on the way (5, 6, 7, 8, 9, 6, 5, 10) is walked as written, so a node may stand at
//! two distances. In the lab the network is the model itself and distance and node agree. On a real
//! network packets to the target need not walk the loop, a plan's nodes are not all routers, and a
//! hop is matched to a node by address, or by its place between two that are (see
//! [`named`](super::named)).

use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use crate::lang::Text;
use crate::prefix::{Prefix, Table};
use crate::probe::fake::{FakeHop, FakeLink, stand_in};
use crate::text;
use crate::topology::{JourneyAt, Node, NodeAt, Topology};
use crate::units::Fraction;

/// The outward part of a journey.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Id of the journey.
    pub journey: String,
    /// What it is called.
    pub name: Text,
    /// What stands at distance 1, 2, … of the walk.
    pub hops: Vec<Expected>,
    /// Side loops in walking order: places in `hops` behind the node where the loop leaves the way, up
    /// to its return there.
    pub loops: Vec<Range<usize>>,
    /// Whose addresses are, on the journey and off it.
    pub holders: Arc<Table<Holder>>,
}

/// A node that a journey passes.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Id in the topology file.
    pub id: String,
    /// Number in the plan's figure.
    pub number: Option<u32>,
    /// What it is called.
    pub name: Text,
    /// Who repairs it.
    pub owner: Text,
    /// Addresses that traces see.
    pub addresses: Vec<IpAddr>,
    /// Networks of which every address is its own.
    pub networks: Vec<Prefix>,
    /// Whether it leaves probes unanswered.
    pub silent: bool,
    /// TCP port of its service.
    pub port: Option<u16>,
    /// DNS name of its service.
    pub dns: Option<String>,
    /// The link to it, one direction; both are alike.
    pub link: FakeLink,
    /// Who repairs that link.
    pub link_owner: Text,
    /// The address it answers from in the lab.
    pub lab_address: IpAddr,
}

/// A node of the topology, as the one whose an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Id in the topology file.
    pub id: String,
    /// Number in the plan's figure.
    pub number: Option<u32>,
    /// What it is called.
    pub name: Text,
    /// Who repairs it.
    pub owner: Text,
}

/// A node that stands on a side loop only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aside<'a> {
    /// The node.
    pub node: &'a Expected,
    /// The node before it on the journey.
    pub before: &'a Expected,
}

impl Plan {
    /// The plan of `journey`, from the step after its start to its turning point. A link that is
    /// out of service loses everything.
    pub fn new(topology: &Topology, journey: JourneyAt) -> Plan {
        let journey = &topology[journey];
        let outward = journey.steps.iter().take(journey.turn + 1);
        let hops = outward.filter_map(|step| {
            let (link, _) = step.via?;
            let (node, link) = (&topology[step.node], &topology[link]);
            Some(Expected {
                id: node.id.clone(),
                number: node.number,
                name: node.name.clone(),
                owner: topology[node.owner].name.clone(),
                addresses: node.addresses.clone(),
                networks: node.networks.clone(),
                silent: node.silent,
                port: node.port,
                dns: node.dns.clone(),
                link: FakeLink {
                    delay: link.delay,
                    jitter: link.jitter,
                    loss: if link.failed {
                        Fraction(1.0)
                    } else {
                        link.loss
                    },
                },
                link_owner: topology[link.owner].name.clone(),
                lab_address: lab_address(step.node, node),
            })
        });
        // The start has a step and no place.
        let out = |range: &&std::ops::RangeInclusive<usize>| *range.end() <= journey.turn;
        let loops = journey.loops.iter().filter(out);
        let holder = |at: NodeAt| {
            let node = &topology[at];
            Holder {
                id: node.id.clone(),
                number: node.number,
                name: node.name.clone(),
                owner: topology[node.owner].name.clone(),
            }
        };
        Plan {
            journey: journey.id.clone(),
            name: journey.name.clone(),
            hops: hops.collect(),
            loops: loops.map(|range| *range.start()..*range.end()).collect(),
            holders: Arc::new(topology.holders().map(holder)),
        }
    }

    /// The same plan, ended at the first hop that `host` names by id, figure number or address. An
    /// unknown host is an error that lists the known ones.
    pub fn until(self, host: &str) -> Result<Plan, Error> {
        let address: Option<IpAddr> = host.parse().ok();
        let at = self.place(host).or_else(|| {
            let address = address?;
            let in_lab = |hop: &Expected| hop.lab_address == address;
            self.place_of(address)
                .or_else(|| self.hops.iter().position(in_lab))
        });
        let Some(at) = at else {
            let known: Vec<&str> = self.hops.iter().map(|hop| hop.id.as_str()).collect();
            let (journey, known) = (&self.journey, known.join(", "));
            return Err(Error::Argument(text!(
                "路径 {journey} 去程上没有 \"{host}\"；可用：{known}",
                "\"{host}\" is not on the way out of journey {journey}; known: {known}"
            )));
        };
        Ok(self.ended(at))
    }

    /// The same plan, ended at the node whose `target` is; all of it where that is no node of it.
    pub fn towards(self, target: IpAddr) -> Plan {
        match self.place_of(target) {
            Some(at) => self.ended(at),
            None => self,
        }
    }

    /// The same plan up to the hop at a place; a loop that is not closed by then is part of the way.
    fn ended(mut self, at: usize) -> Plan {
        self.hops.truncate(at + 1);
        self.loops.retain(|places| places.end <= self.hops.len());
        self
    }

    /// The model of the path: what answers probes in the lab.
    pub fn model(&self) -> Vec<FakeHop> {
        let hop = |hop: &Expected| FakeHop {
            responder: (!hop.silent).then_some(hop.lab_address),
            out: hop.link,
            back: hop.link,
        };
        self.hops.iter().map(hop).collect()
    }

    /// The place of the first hop with this id or figure number.
    fn place(&self, word: &str) -> Option<usize> {
        let number: Option<u32> = word.parse().ok();
        let named =
            |hop: &Expected| hop.id == word || (hop.number.is_some() && hop.number == number);
        self.hops.iter().position(named)
    }

    /// The node with this id or figure number: the first on the way.
    pub fn node(&self, word: &str) -> Option<&Expected> {
        self.hops.get(self.place(word)?)
    }

    /// The place of the first hop whose an address is.
    fn place_of(&self, address: IpAddr) -> Option<usize> {
        let holder = self.holders.get(address)?;
        self.hops.iter().position(|hop| hop.id == holder.id)
    }

    /// The node whose an address is: the first on the way.
    pub fn by_address(&self, address: IpAddr) -> Option<&Expected> {
        self.hops.get(self.place_of(address)?)
    }

    /// The node at a distance from 1, as the walk has it.
    pub fn by_distance(&self, distance: u8) -> Option<&Expected> {
        self.hops.get(usize::from(distance).checked_sub(1)?)
    }

    /// The nodes that a side loop passes and the way does not, each once.
    pub fn aside(&self, places: &Range<usize>) -> Vec<Aside<'_>> {
        let in_loop = |place: usize| self.loops.iter().any(|own| own.contains(&place));
        let way = (0..self.hops.len()).filter(|place| !in_loop(*place));
        // The node where it leaves is the one where it ends.
        let end = places.end.saturating_sub(1);
        let way: Vec<&str> = way.chain([end]).map(|place| self.id(place)).collect();
        let mut aside: Vec<Aside> = Vec::new();
        let mut before = self.hops.get(end);
        for node in self.hops.get(places.start..end).unwrap_or_default() {
            let known = aside.iter().any(|own| own.node.id == node.id);
            if let Some(before) = before.filter(|_| !known && !way.contains(&node.id.as_str())) {
                aside.push(Aside { node, before });
            }
            before = Some(node);
        }
        aside
    }

    fn id(&self, place: usize) -> &str {
        self.hops.get(place).map_or("", |hop| &hop.id)
    }
}

/// The address from which a node answers in the lab.
fn lab_address(at: NodeAt, node: &Node) -> IpAddr {
    let inside = || node.networks.first()?.hosts().next();
    let own = node.addresses.first().copied().or_else(inside);
    own.unwrap_or(stand_in(at.0))
}

impl Expected {
    /// Whether the file says by which addresses it is known.
    pub fn is_known(&self) -> bool {
        !(self.addresses.is_empty() && self.networks.is_empty())
    }

    /// The address to aim at, in one family or in any, IPv4 first, or why there is none.
    pub fn aim(&self, ipv6: Option<bool>) -> Result<IpAddr, Text> {
        let fits = |own: bool| ipv6.is_none_or(|ipv6| ipv6 == own);
        let own = self.addresses.iter().filter(|own| fits(own.is_ipv6()));
        if let Some(address) = own.min_by_key(|own| own.is_ipv6()) {
            return Ok(*address);
        }
        let networks = self.networks.iter().filter(|own| fits(own.is_ipv6()));
        let networks: Vec<String> = networks.map(Prefix::to_string).collect();
        let family = ipv6.filter(|_| self.is_known());
        Err(match (networks.join(", "), family) {
            (networks, _) if !networks.is_empty() => text!(
                "拓扑文件只写了它的网络 {networks}，没有可作目标的单个地址",
                "the topology file has a network of it ({networks}) and no single address to aim at"
            ),
            (_, Some(ipv6)) => {
                let family = if ipv6 { "IPv6" } else { "IPv4" };
                text!(
                    "拓扑文件没有写它的 {family} 地址",
                    "the topology file has no {family} address of it"
                )
            }
            (_, None) => Text::new(
                "拓扑文件没有写它的地址",
                "the topology file has no address of it",
            ),
        })
    }
}

#[cfg(test)]
mod tests;

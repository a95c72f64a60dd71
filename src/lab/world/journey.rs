//! A world that follows a journey of a topology: its nodes, its links, its turning point as server.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Hop, Line, Manners, Node, Route, Service, Traits, USUAL_MTU, World};
use crate::prefix::Table;
use crate::topology::{self, JourneyAt, Link, NodeAt, Topology, Way};
use crate::units::{Fraction, Seconds};

/// A world with what was made up for it.
#[derive(Debug, Clone)]
pub struct Made {
    /// The world.
    pub world: World,
    /// Addresses that no node had written: from the node's own networks, else from the ranges for
    /// documentation (RFC 5737, RFC 3849).
    pub addresses: HashSet<IpAddr>,
}

impl World {
    /// The way out of a journey, with the capacities, delays and losses of its links. Policies are
    /// not worked: every packet waits in the one queue of its line. Missing addresses are made up,
    /// so that every node can answer in both families. `None` for a journey without a step.
    pub fn along(topology: &Topology, journey: JourneyAt, seed: u64) -> Option<Made> {
        let journey = &topology[journey];
        let steps = journey.steps.get(..=journey.turn)?;
        let taken: HashSet<IpAddr> = topology
            .nodes
            .iter()
            .flat_map(|node| node.addresses.iter().copied())
            .collect();
        let mut free = Free::new(taken, topology.holders());
        let mut world = World {
            name: journey.name.clone(),
            seed,
            nodes: Vec::new(),
            blocks: Vec::new(),
            services: Vec::new(),
            lines: Vec::new(),
            routes: Vec::new(),
        };
        // A node that is passed twice is one router; the two ends are nobody else.
        let (start, end) = (steps.first()?.node, steps.last()?.node);
        let mut order = vec![start];
        for step in &steps[1..] {
            if step.node != end && !order.contains(&step.node) {
                order.push(step.node);
            }
        }
        order.push(end);
        world.nodes = order
            .iter()
            .map(|at| {
                let node = &topology[*at];
                Node {
                    id: node.id.clone(),
                    number: node.number,
                    name: node.name.clone(),
                    names: names(node),
                    addresses: free.complete(*at, node),
                    manners: Manners {
                        silent: node.silent,
                        ..Manners::default()
                    },
                }
            })
            .collect();
        let nodes = order.iter().enumerate();
        world.services = nodes
            .flat_map(|(at, node)| services(at, &topology[*node]))
            .collect();
        let index = |at| order.iter().position(|own| *own == at);
        let mut hops = Vec::new();
        for pair in steps.windows(2) {
            let (from, to) = (index(pair[0].node)?, index(pair[1].node)?);
            let (link, way) = pair[1].via?;
            let link = &topology[link];
            let queue = topology.transport.full_queue;
            let [forward, back] =
                [(from, to, way), (to, from, other(way))].map(|(from, to, way)| {
                    let line = Line {
                        from,
                        to,
                        traits: traits(link, way, queue),
                    };
                    let joins = |own: &Line| (own.from, own.to) == (from, to);
                    world.lines.iter().position(joins).unwrap_or_else(|| {
                        world.lines.push(line);
                        world.lines.len() - 1
                    })
                });
            hops.push(Hop {
                node: to,
                forward,
                back,
            });
        }
        world.routes = vec![Route {
            since: Seconds::ZERO,
            forks: Vec::new(),
            ways: vec![hops],
        }];
        (world.nodes.len() > 1).then_some(Made {
            world,
            addresses: free.given,
        })
    }
}

/// What programs may call a node: its id, its DNS name, the host of its URL.
fn names(node: &topology::Node) -> Vec<String> {
    let of_url = node.url.as_deref().and_then(Url::parse);
    let of_url = of_url
        .map(|url| url.host)
        .filter(|host| host.parse::<IpAddr>().is_err());
    let mut names = vec![node.id.clone()];
    for name in node.dns.clone().into_iter().chain(of_url) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The ports that a node's probes are meant for: its own, and the one of its URL. What needs more
/// than HTTP without encryption takes connections only.
fn services(at: usize, node: &topology::Node) -> Vec<Service> {
    let of_url = node.url.as_deref().and_then(Url::parse);
    let of_url = of_url.map(|url| (url.port, url.http));
    let own = node.port.map(|port| (port, false));
    let own = own.filter(|(port, _)| of_url.is_none_or(|(other, _)| other != *port));
    let service = |(port, http)| Service {
        node: at,
        port,
        http,
    };
    own.into_iter().chain(of_url).map(service).collect()
}

/// What a lab needs to know of an HTTP URL.
#[derive(Debug, PartialEq, Eq)]
struct Url {
    host: String,
    port: u16,
    http: bool,
}

impl Url {
    fn parse(url: &str) -> Option<Url> {
        let (scheme, rest) = url.split_once("://")?;
        let usual = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let authority = rest.split(['/', '?', '#']).next()?;
        // An IPv6 address stands in brackets, a port behind them.
        let (host, port) = match authority
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
        {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        Some(Url {
            host: host.to_string(),
            port: port.map_or(Some(usual), |port| port.parse().ok())?,
            http: scheme == "http",
        })
    }
}

fn other(way: Way) -> Way {
    match way {
        Way::Up => Way::Down,
        Way::Down => Way::Up,
    }
}

fn traits(link: &Link, way: Way, queue: Seconds) -> Traits {
    Traits {
        delay: link.delay,
        jitter: link.jitter,
        loss: match link.failed {
            true => Fraction(1.0),
            false => link.loss,
        },
        rate: Some(link.capacity[way.at()]),
        queue,
        mtu: USUAL_MTU,
        ..Traits::default()
    }
}

/// Addresses in a node's own networks that may be tried before one for documentation is given.
const TRIED: usize = 1 << 16;

/// Addresses that no node has: in the networks of one, or for documentation.
struct Free {
    taken: HashSet<IpAddr>,
    holders: Table<NodeAt>,
    v4: Box<dyn Iterator<Item = IpAddr>>,
    v6: Box<dyn Iterator<Item = IpAddr>>,
    given: HashSet<IpAddr>,
}

impl Free {
    fn new(taken: HashSet<IpAddr>, holders: Table<NodeAt>) -> Free {
        let blocks = [[192, 0, 2], [198, 51, 100], [203, 0, 113]].into_iter();
        let v4 = blocks
            .flat_map(|[a, b, c]| (1..255).map(move |d| IpAddr::from(Ipv4Addr::new(a, b, c, d))));
        let v6 = (1..=u16::MAX)
            .map(|last| IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, last)));
        Free {
            taken,
            holders,
            v4: Box::new(v4),
            v6: Box::new(v6),
            given: HashSet::new(),
        }
    }

    /// The addresses of a node with one more in each family that it has none in. A topology of more
    /// nodes than there are such addresses leaves the last without.
    fn complete(&mut self, at: NodeAt, node: &topology::Node) -> Vec<IpAddr> {
        let mut all = node.addresses.clone();
        for ipv6 in [false, true] {
            if node.addresses.iter().any(|own| own.is_ipv6() == ipv6) {
                continue;
            }
            let networks = node.networks.iter().filter(|own| own.is_ipv6() == ipv6);
            let mut inside = networks.flat_map(|own| own.hosts().take(TRIED));
            let (taken, holders) = (&self.taken, &self.holders);
            let own = |address: &IpAddr| {
                !taken.contains(address) && holders.get(*address).is_none_or(|own| *own == at)
            };
            let made = inside.find(own).or_else(|| match ipv6 {
                true => self.v6.find(own),
                false => self.v4.find(own),
            });
            self.taken.extend(made);
            self.given.extend(made);
            all.extend(made);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_its_port_or_has_the_usual_one() {
        let of = |url| Url::parse(url).map(|url| (url.host, url.port, url.http));
        let some = |host: &str, port, http| Some((host.to_string(), port, http));
        assert_eq!(of("http://a.example/b:9/"), some("a.example", 80, true));
        assert_eq!(of("http://a.example:8080/"), some("a.example", 8080, true));
        assert_eq!(of("https://a.example"), some("a.example", 443, false));
        assert_eq!(of("http://[2001:db8::1]/"), some("2001:db8::1", 80, true));
        assert_eq!(of("http://[2001:db8::1]:81"), some("2001:db8::1", 81, true));
        assert_eq!(of("http://a.example:x/"), None);
        assert_eq!(of("ftp://a.example/"), None);
    }
}

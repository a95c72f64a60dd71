//! The path as it is meant to be: the nodes of a journey, out to its turning point.
//!
//! A side loop on the way (5, 6, 7, 8, 9, 6, 5, 10) is walked as written, so a node may stand at
//! two distances. In the lab the network is the model itself and distance and node agree; on a real
//! network a plan's nodes are not all routers, and a responder is matched to a node by address only.

use std::net::IpAddr;

use crate::error::Error;
use crate::lang::Text;
use crate::probe::fake::{FakeHop, FakeLink, stand_in};
use crate::text;
use crate::topology::{JourneyAt, Topology};
use crate::units::Fraction;

/// The outward part of a journey.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Id of the journey.
    pub journey: String,
    /// What it is called.
    pub name: Text,
    /// What stands at distance 1, 2, …
    pub hops: Vec<Expected>,
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
    /// Whether it leaves probes unanswered.
    pub silent: bool,
    /// The link to it, one direction; both are alike.
    pub link: FakeLink,
    /// Who repairs that link.
    pub link_owner: Text,
    /// The address it answers from in the lab.
    pub lab_address: IpAddr,
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
                silent: node.silent,
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
                lab_address: node
                    .addresses
                    .first()
                    .copied()
                    .unwrap_or(stand_in(step.node.0)),
            })
        });
        Plan {
            journey: journey.id.clone(),
            name: journey.name.clone(),
            hops: hops.collect(),
        }
    }

    /// The same plan, ended at the first hop that `host` names by id, figure number or address. An
    /// unknown host is an error that lists the known ones.
    pub fn until(mut self, host: &str) -> Result<Plan, Error> {
        let address: Option<IpAddr> = host.parse().ok();
        let named = |hop: &Expected| {
            hop.id == host
                || hop.number.is_some_and(|number| number.to_string() == host)
                || address.is_some_and(|address| hop.answers_from(address))
        };
        let Some(at) = self.hops.iter().position(named) else {
            let known: Vec<&str> = self.hops.iter().map(|hop| hop.id.as_str()).collect();
            let (journey, known) = (&self.journey, known.join(", "));
            return Err(Error::Argument(text!(
                "路径 {journey} 去程上没有 \"{host}\"；可用：{known}",
                "\"{host}\" is not on the way out of journey {journey}; known: {known}"
            )));
        };
        self.hops.truncate(at + 1);
        Ok(self)
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

    /// The node with this address: the first on the way.
    pub fn by_address(&self, address: IpAddr) -> Option<&Expected> {
        self.hops.iter().find(|hop| hop.answers_from(address))
    }

    /// The node at a distance from 1, as the walk has it.
    pub fn by_distance(&self, distance: u8) -> Option<&Expected> {
        self.hops.get(usize::from(distance).checked_sub(1)?)
    }
}

impl Expected {
    /// Whether an address is this node's.
    pub fn answers_from(&self, address: IpAddr) -> bool {
        self.lab_address == address || self.addresses.contains(&address)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::topology::load;

    fn plan(journey: &str) -> Plan {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("topology/zhaozhengyi.toml");
        let topology = load(&file).unwrap().topology;
        Plan::new(&topology, topology.journey(journey).unwrap())
    }

    #[test]
    fn the_way_out_keeps_both_passes_of_a_side_loop() {
        let numbers: Vec<u32> = plan("internet")
            .hops
            .iter()
            .filter_map(|hop| hop.number)
            .collect();
        assert_eq!(numbers, [2, 3, 4, 5, 6, 7, 8, 9, 6, 5, 10, 11]);
        let plan = plan("extranet");
        assert_eq!(plan.by_distance(1).unwrap().number, Some(13));
        assert_eq!(plan.by_distance(0), None);
        assert_eq!(plan.by_distance(200), None);
    }

    #[test]
    fn a_host_is_an_id_a_number_or_an_address() {
        for host in ["gateway", "4", "192.0.2.4", "2001:db8::4"] {
            let plan = plan("internet").until(host).unwrap();
            assert_eq!(plan.hops.len(), 3, "{host}");
        }
        let error = plan("internet").until("gatway").unwrap_err().to_string();
        assert!(error.contains("gateway"), "{error}");
    }

    #[test]
    fn a_silent_node_is_silent_in_the_model() {
        let plan = plan("internet");
        let silent: Vec<bool> = plan.hops.iter().map(|hop| hop.silent).collect();
        let modelled = plan
            .model()
            .iter()
            .map(|hop| hop.responder.is_none())
            .collect::<Vec<_>>();
        assert_eq!(silent, modelled);
        assert!(silent[5] && !silent[4]);
    }
}

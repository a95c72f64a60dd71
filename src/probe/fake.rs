//! A network that is only a model: a chain of hops with delay, jitter and loss, in virtual time.
//!
//! Nothing is waited for: [`FakeNetwork::receive`] moves the clock to the next reply, so an hour of
//! probing takes as long as computing it. The same seed gives the same replies. Its figures are
//! simulated and whoever prints them must say so.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::{Future, ready};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Answer, Arrival, Network, Probe, Reply, Sequence, Stamp, Target, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::units::{Fraction, Moment, Seconds};

/// One step of the modelled way: the link to a node, and the node.
#[derive(Debug, Clone, PartialEq)]
pub struct FakeHop {
    /// Who answers at this distance; `None` for a node that lets probes pass and says nothing.
    pub responder: Option<IpAddr>,
    /// The link on the way out.
    pub out: FakeLink,
    /// The link on the way back.
    pub back: FakeLink,
}

/// One direction of a link.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FakeLink {
    /// What every packet takes.
    pub delay: Seconds,
    /// What a packet may take more, spread evenly from zero to this.
    pub jitter: Seconds,
    /// The part of packets that are lost.
    pub loss: Fraction,
}

/// A chain of hops to each target that answers probes; the last one is the target.
#[derive(Debug, Clone)]
pub struct FakeNetwork {
    chains: Vec<Vec<FakeHop>>,
    arrival: Arrival,
    now: Moment,
    /// Replies under way, soonest first; replies of one moment in the order of their probes.
    coming: BinaryHeap<Reverse<Coming>>,
    random: ChaCha8Rng,
}

/// A reply under way: when it comes, to which probe, from which hop, and whether of its service.
type Coming = (Moment, (Target, Sequence), usize, bool);

impl FakeNetwork {
    /// A chain whose last hop shows arrivals as `arrival`, and has a service to connect to.
    pub fn new(hops: Vec<FakeHop>, arrival: Arrival, seed: u64) -> FakeNetwork {
        FakeNetwork::several(vec![hops], arrival, seed)
    }

    /// The same with a chain for each of several targets.
    pub fn several(chains: Vec<Vec<FakeHop>>, arrival: Arrival, seed: u64) -> FakeNetwork {
        FakeNetwork {
            chains,
            arrival,
            now: Moment::default(),
            coming: BinaryHeap::new(),
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// What one packet takes over `link`; `None` when it is lost.
    fn cross(&mut self, link: FakeLink) -> Option<Duration> {
        let (fate, wait) = (self.unit(), self.unit());
        (fate >= link.loss.0).then(|| (link.delay + link.jitter * wait).into())
    }

    /// An even number from 0 to below 1, of 53 bits.
    fn unit(&mut self) -> f64 {
        (self.random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// What a probe to a target takes to hop number `hop` (from 0) and back; `None` when it or its
    /// reply is lost.
    fn round_trip(&mut self, target: Target, hop: usize) -> Option<Duration> {
        let passed = self.chains.get(target.0 as usize)?.get(..=hop)?;
        let way = passed.iter().map(|hop| hop.out);
        let links: Vec<FakeLink> = way.chain(passed.iter().rev().map(|hop| hop.back)).collect();
        // Every link draws, even past a loss: one link's loss must not move the numbers of others.
        let crossed: Vec<_> = links.into_iter().map(|link| self.cross(link)).collect();
        crossed.into_iter().sum()
    }
}

impl Network for FakeNetwork {
    fn now(&self) -> Moment {
        self.now
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        let chain = self.chains.get(probe.target.0 as usize);
        let last = chain.map_or(0, Vec::len).saturating_sub(1);
        let hop = usize::from(probe.distance.max(1) - 1).min(last);
        if let Some(took) = self.round_trip(probe.target, hop) {
            let coming = (self.now + took, probe.id(), hop, probe.service);
            self.coming.push(Reverse(coming));
        }
        Ok(self.now)
    }

    fn receive(&mut self, until: Moment) -> impl Future<Output = Result<Option<Reply>, Error>> {
        let due = |Reverse((moment, ..)): &Reverse<Coming>| *moment <= until;
        while self.coming.peek().is_some_and(due) {
            let Some(Reverse((received, probe, hop, service))) = self.coming.pop() else {
                break;
            };
            self.now = self.now.max(received);
            let chain = self.chains.get(probe.0.0 as usize);
            let last = chain.is_some_and(|chain| hop + 1 == chain.len());
            let responder = chain.and_then(|chain| chain.get(hop)?.responder);
            let Some(responder) = responder else {
                continue;
            };
            let answer = match (service, last) {
                (true, _) => Answer::Arrived(Arrival::Connected),
                (false, true) => Answer::Arrived(self.arrival),
                (false, false) => Answer::Passed,
            };
            let when = (received, Stamp::Model);
            return ready(Ok(Some(Reply::plain(Some(probe), responder, answer, when))));
        }
        self.now = self.now.max(until);
        ready(Ok(None))
    }

    fn troubles(&self) -> Troubles {
        Troubles::default()
    }
}

/// An address for a modelled node that has none written: from 100::/64, which RFC 6666 sets
/// aside for packets that go nowhere, so it cannot be taken for a real one.
pub fn stand_in(index: usize) -> IpAddr {
    let [.., a, b] = (index as u64 + 1).to_be_bytes().map(u16::from);
    Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, (a << 8) | b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn chain(loss: f64, jitter: f64) -> Vec<FakeHop> {
        let link = FakeLink {
            delay: Seconds(0.002),
            jitter: Seconds(jitter),
            loss: Fraction(loss),
        };
        let hop = |index| FakeHop {
            responder: Some(stand_in(index)),
            out: link,
            back: link,
        };
        (0..3).map(hop).collect()
    }

    /// The round trips in ns of `count` probes to the last hop, one a second.
    fn replies(hops: Vec<FakeHop>, seed: u64, count: u32) -> Vec<u64> {
        let mut network = FakeNetwork::new(hops, Arrival::Connected, seed);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut took = Vec::new();
        for number in 0..count {
            let sequence = Sequence(number);
            let sent = network.send(Probe::plain(sequence, 3)).unwrap();
            let until = sent + Duration::from_secs(1);
            if let Some(reply) = runtime.block_on(network.receive(until)).unwrap() {
                assert_eq!(reply.probe, Some((Target(0), sequence)));
                assert_eq!(reply.answer, Answer::Arrived(Arrival::Connected));
                took.push(reply.received.0 - sent.0);
            }
            runtime.block_on(network.receive(until)).unwrap();
            assert_eq!(network.now(), until);
        }
        took
    }

    #[test]
    fn a_round_trip_is_the_sum_of_its_links() {
        assert_eq!(replies(chain(0.0, 0.0), 1, 2), [12 * MS, 12 * MS]);
    }

    #[test]
    fn jitter_adds_up_to_itself_on_each_link() {
        let took = replies(chain(0.0, 0.001), 1, 2000);
        assert!(took.iter().all(|took| (12 * MS..18 * MS).contains(took)));
        // Six even spreads of 1 ms: mean 3 ms, deviation sqrt(6 / 12) ms; five standard errors.
        let mean = took.iter().sum::<u64>() as f64 / 2000.0 / MS as f64;
        assert!(
            (mean - 15.0).abs() < 5.0 * 0.5f64.sqrt() / 2000f64.sqrt(),
            "{mean}"
        );
    }

    #[test]
    fn loss_is_drawn_on_every_link() {
        // 5 % on six links: 0.95^6 = 73.5 % of 4000 come back, within five standard errors.
        let (back, n): (f64, f64) = (0.95f64.powi(6), 4000.0);
        let seen = replies(chain(0.05, 0.0), 1, 4000).len() as f64 / n;
        assert!(
            (seen - back).abs() < 5.0 * (back * (1.0 - back) / n).sqrt(),
            "{seen}"
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_replies() {
        let of = |seed| replies(chain(0.1, 0.001), seed, 50);
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }
}

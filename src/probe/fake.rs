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

use super::{Answer, Arrival, Network, Probe, Reply, Sequence, Stamp, Troubles};
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

/// A chain of hops that answers probes; the last one is the target.
#[derive(Debug, Clone)]
pub struct FakeNetwork {
    hops: Vec<FakeHop>,
    arrival: Arrival,
    now: Moment,
    /// Replies under way, soonest first; replies of one moment in the order of their probes.
    coming: BinaryHeap<Reverse<Coming>>,
    random: ChaCha8Rng,
}

/// A reply under way: when it comes, to which probe, and from which hop.
type Coming = (Moment, Sequence, usize);

impl FakeNetwork {
    /// A chain whose last hop shows arrivals as `arrival`.
    pub fn new(hops: Vec<FakeHop>, arrival: Arrival, seed: u64) -> FakeNetwork {
        FakeNetwork {
            hops,
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

    /// What a probe takes to hop number `hop` (from 0) and back; `None` when it or its reply is lost.
    fn round_trip(&mut self, hop: usize) -> Option<Duration> {
        let passed = self.hops.get(..=hop)?;
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
        let last = self.hops.len().saturating_sub(1);
        let hop = usize::from(probe.distance.max(1) - 1).min(last);
        if let Some(took) = self.round_trip(hop) {
            self.coming
                .push(Reverse((self.now + took, probe.sequence, hop)));
        }
        Ok(self.now)
    }

    fn receive(&mut self, until: Moment) -> impl Future<Output = Result<Option<Reply>, Error>> {
        let due = |Reverse((moment, ..)): &Reverse<Coming>| *moment <= until;
        while self.coming.peek().is_some_and(due) {
            let Some(Reverse((received, sequence, hop))) = self.coming.pop() else {
                break;
            };
            self.now = self.now.max(received);
            let last = hop + 1 == self.hops.len();
            let Some(responder) = self.hops.get(hop).and_then(|hop| hop.responder) else {
                continue;
            };
            return ready(Ok(Some(Reply {
                sequence: Some(sequence),
                responder,
                answer: if last {
                    Answer::Arrived(self.arrival)
                } else {
                    Answer::Passed
                },
                received,
                stamp: Stamp::Model,
            })));
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

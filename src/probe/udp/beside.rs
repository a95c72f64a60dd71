//! What a raw socket beside the sockets hears of the same errors, in full.
//!
//! The kernel gives an error to raw sockets first and then to the socket that caused it, so what the
//! error queue tells has been heard here before, and both wake us at once. What is still here a while
//! later, the kernel knew no socket for, because a translator on the way rewrote what is quoted; where
//! its payload has our tag, it is a reply all the same.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::super::errqueue::{self, News};
use super::super::manner::Ports;
use super::super::quotes::{self, Quotes, Sent};
use super::super::waiter::Waiter;
use super::super::{Answer, Detail, Reply, Sequence, Target};
use super::Ledger;
use crate::packet::Family;
use crate::packet::quote::Carried;
use crate::units::Moment;

/// What is heard both ways is heard so within this time.
const BOTH_WAYS: Duration = Duration::from_millis(2);

/// Batches that are taken at once, so that nobody else of the thread is kept waiting for long.
const BATCHES: usize = 32;

/// The token of the raw sockets; others count up from 0.
pub(super) const TOKEN: u64 = u64::MAX - 1;

/// The raw sockets, and what they have told.
#[derive(Debug)]
pub(super) struct Beside {
    quotes: Vec<Quotes>,
    /// Ports that are or were ours.
    own: BTreeSet<u16>,
    told: Vec<Told>,
}

/// An error about a packet of ours, as it is told in full.
#[derive(Debug)]
pub(super) struct Told {
    responder: IpAddr,
    answer: Answer,
    /// When the kernel took it in, wall clock, since 1970: the same on both ways.
    stamp: Option<Duration>,
    /// When that was by our clock.
    came: Moment,
    /// Whether the payload proves it ours; else at most the checksum says so.
    tagged: bool,
    /// Which probe it is about.
    pub(super) probe: Option<(Target, Sequence)>,
    pub(super) detail: Detail,
}

impl Beside {
    /// With a socket for each address family, or none at all.
    pub(super) fn new(quotes: Vec<Quotes>) -> Beside {
        Beside {
            quotes,
            own: BTreeSet::new(),
            told: Vec::new(),
        }
    }

    /// Has the sockets waited for, too.
    pub(super) fn watch(&self, waiter: &Waiter) -> io::Result<()> {
        let mut quotes = self.quotes.iter();
        quotes.try_for_each(|quotes| waiter.add(quotes, TOKEN))
    }

    /// Lets in errors about packets from these ports of ours in a family, beside what has our tag.
    pub(super) fn listen_for(&mut self, ipv6: bool, ports: &[u16]) {
        let family = if ipv6 { Family::V6 } else { Family::V4 };
        for quotes in self.quotes.iter().filter(|own| own.family() == family) {
            // If the kernel takes no other filter, errors that quote little are told less fully.
            let _ = quotes.listen_for(ports);
        }
        self.own.extend(ports);
    }

    /// Takes note that a port is ours.
    pub(super) fn own(&mut self, port: u16) {
        if !self.quotes.is_empty() {
            self.own.insert(port);
        }
    }
}

impl Ledger {
    /// What is told in full of an error that the error queue tells.
    pub(super) fn in_full(&mut self, heard: &errqueue::Heard<'_>) -> Option<Told> {
        let News::Icmp(answer, from, _) = heard.news else {
            return None;
        };
        let written = self.tag.read(heard.bytes);
        let written = written.map(|written| (written.target, written.sequence));
        let same = |told: &mut Told| {
            let probe = match written {
                Some(_) => told.tagged && told.probe == written,
                None => !told.tagged && told.stamp == heard.stamp,
            };
            probe && told.responder == from && told.answer == answer
        };
        loop {
            if let Some(told) = self.beside.told.extract_if(.., same).next() {
                return Some(told);
            }
            if !self.listen() {
                return None;
            }
        }
    }

    /// Takes what has come by the raw sockets.
    pub(super) fn listen_on(&mut self) {
        let mut batches = 0;
        while batches < BATCHES && self.listen() {
            batches += 1;
        }
    }

    /// When what has been told is a stray, if it still is.
    pub(super) fn next_stray(&self) -> Option<Moment> {
        let told = self.beside.told.iter().filter(|told| told.tagged);
        let first = told.map(|told| told.came).min();
        first.map(|first| first + BOTH_WAYS)
    }

    /// Makes replies of what is ours though no error queue told it; these have just been read.
    pub(super) fn hear_strays(&mut self) {
        if self.beside.told.is_empty() {
            return;
        }
        let now = self.clock.now();
        let old = |told: &mut Told| now.since(told.came) >= BOTH_WAYS;
        let strays: Vec<Told> = self.beside.told.extract_if(.., old).collect();
        for stray in strays.into_iter().filter(|stray| stray.tagged) {
            let left = stray.probe.and_then(|(target, sequence)| {
                let aim = self.aims.get_mut(target.0 as usize)?;
                aim.flights.answered(sequence)
            });
            let when = self.clock.received(stray.stamp);
            self.heard.push_back(Reply {
                sent: left,
                detail: Some(Box::new(stray.detail)),
                ..Reply::plain(stray.probe, stray.responder, stray.answer, when)
            });
        }
    }

    /// Takes a batch of what has come by a raw socket; says whether there was anything.
    fn listen(&mut self) -> bool {
        let mut quotes = std::mem::take(&mut self.beside.quotes);
        let mut told = std::mem::take(&mut self.beside.told);
        // What cannot be read here is told by the error queue, if less fully.
        let some = quotes.iter_mut().any(|quotes| {
            let taken = quotes.take(|heard| told.extend(self.read_in_full(&heard)));
            taken.unwrap_or(false)
        });
        self.beside.quotes = quotes;
        self.beside.told = told;
        some
    }

    /// What an error tells of a packet of ours. Its payload is believed first; then its checksum,
    /// unless that is one that the network card was to finish.
    fn read_in_full(&self, heard: &quotes::Heard<'_>) -> Option<Told> {
        let Some(Carried::Udp {
            source: Some(port),
            destination: Some(to),
            length,
            checksum,
            payload,
        }) = heard.quote.carried
        else {
            return None;
        };
        let to = SocketAddr::new(heard.quote.destination?, to);
        let written = self.tag.read(payload);
        let target = match written {
            Some(written) => written.target,
            None => self.only_aim_at(to)?,
        };
        let aim = self.aims.get(target.0 as usize)?;
        let own = self.beside.own.contains(&port);
        let source = SocketAddr::new(aim.source?, if own { port } else { 0 });
        let length = length.unwrap_or_default();
        // As long as it is not known which probe it was, nor is what its checksum was.
        let unknown = Sent::udp(source, to, length, checksum.unwrap_or_default());
        let by_sum = || {
            let sum = checksum.filter(|_| own && self.ports == Ports::Fixed);
            let sum = sum.filter(|sum| Some(*sum) != unknown.unfinished)?;
            aim.flights.find(quotes::remainder_of(sum)?)
        };
        let sequence = written.map(|written| written.sequence).or_else(by_sum);
        let sent = sequence.map_or(unknown, |sequence| {
            let to = aim.address(sequence, self.ports);
            Sent::udp(source, to, length, quotes::checksum_of(sequence))
        });
        Some(Told {
            responder: heard.responder,
            answer: heard.answer,
            stamp: heard.stamp,
            came: self.clock.clone().received(heard.stamp).0,
            tagged: written.is_some(),
            probe: sequence.map(|sequence| (target, sequence)),
            detail: heard.detail(&sent),
        })
    }

    /// The one target that packets to this address go to.
    fn only_aim_at(&self, to: SocketAddr) -> Option<Target> {
        let aims = self.aims.iter().zip(0..);
        let mut here = aims.filter(|(aim, _)| aim.is_at(to, self.ports));
        let (_, target) = here.next()?;
        here.next().is_none().then_some(Target(target))
    }
}

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

use super::aims::Aims;
use crate::packet::quote::Carried;
use crate::packet::{Family, protocol};
use crate::probe::errqueue::{self, News};
use crate::probe::ledger::{Ledger, Whose};
use crate::probe::manner::Manner;
use crate::probe::quotes::{self, Quotes, Sent};
use crate::probe::waiter::Waiter;
use crate::probe::way::{self, Means, Way};
use crate::probe::{Answer, Detail, privilege};
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
    /// When it was read here.
    came: Moment,
    /// Whether the payload proves it ours; else at most the checksum says so.
    tagged: bool,
    /// Which probe it is about.
    pub(super) probe: Whose,
    pub(super) detail: Detail,
}

impl Beside {
    /// With a socket for each address family among `targets`, or none at all; and which way that is.
    pub(super) fn open(targets: &[SocketAddr], manner: &Manner) -> (Beside, Way) {
        let (tag, interface) = (Some(manner.tag), manner.interface.as_deref());
        let open = || Quotes::open_each(targets, protocol::UDP, tag, interface);
        let (quotes, way) = match privilege::with_net_raw(open) {
            Ok(quotes) => (quotes, Way::only(Means::UdpRaw)),
            Err(error) => {
                let others = vec![(Means::UdpRaw, way::no_raw(&error))];
                let used = Means::Udp;
                (Vec::new(), Way { used, others })
            }
        };
        let beside = Beside {
            quotes,
            own: BTreeSet::new(),
            told: Vec::new(),
        };
        (beside, way)
    }

    /// Whether there are any sockets.
    pub(super) fn hears(&self) -> bool {
        !self.quotes.is_empty()
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
        if self.hears() {
            self.own.insert(port);
        }
    }

    /// What is told in full of an error that the error queue tells.
    pub(super) fn in_full(
        &mut self,
        heard: &errqueue::Heard<'_>,
        aims: &Aims,
        ledger: &Ledger,
    ) -> Option<Told> {
        let News::Icmp(answer, from, _) = heard.news else {
            return None;
        };
        let written = ledger.tag.read(heard.bytes);
        let written = written.map(|written| (written.target, written.sequence));
        let same = |told: &mut Told| {
            let probe = match written {
                Some(_) => told.tagged && told.probe == written,
                None => !told.tagged && told.stamp == heard.stamp,
            };
            probe && told.responder == from && told.answer == answer
        };
        loop {
            if let Some(told) = self.told.extract_if(.., same).next() {
                return Some(told);
            }
            if !self.listen(aims, ledger) {
                return None;
            }
        }
    }

    /// Takes what has come by the raw sockets.
    pub(super) fn listen_on(&mut self, aims: &Aims, ledger: &Ledger) {
        let mut batches = 0;
        while batches < BATCHES && self.listen(aims, ledger) {
            batches += 1;
        }
    }

    /// When what has been told is a stray, if it still is.
    pub(super) fn next_stray(&self) -> Option<Moment> {
        let told = self.told.iter().filter(|told| told.tagged);
        let first = told.map(|told| told.came).min();
        first.map(|first| first + BOTH_WAYS)
    }

    /// Makes replies of what is ours though no error queue told it; these have just been read.
    pub(super) fn hear_strays(&mut self, ledger: &mut Ledger) {
        if self.told.is_empty() {
            return;
        }
        let (now, look) = (ledger.clock.now(), ledger.clock.look());
        let old = |told: &mut Told| now.since(told.came) >= BOTH_WAYS;
        for stray in self.told.extract_if(.., old).filter(|stray| stray.tagged) {
            let who = (stray.answer, stray.responder);
            ledger.heard(Ok(stray.probe), who, stray.detail, (look, stray.stamp));
        }
    }

    /// Takes a batch of what has come by a raw socket; says whether there was anything.
    fn listen(&mut self, aims: &Aims, ledger: &Ledger) -> bool {
        let Beside { quotes, own, told } = self;
        // What cannot be read here is told by the error queue, if less fully.
        quotes.iter_mut().any(|quotes| {
            let taken = quotes.take(|heard| told.extend(read(&heard, own, aims, ledger)));
            taken.unwrap_or(false)
        })
    }
}

/// What an error tells of a packet from one of our `own` ports. Its payload is believed first; then
/// its checksum, unless that is one that the network card was to finish.
fn read(
    heard: &quotes::Heard<'_>,
    own: &BTreeSet<u16>,
    aims: &Aims,
    ledger: &Ledger,
) -> Option<Told> {
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
    let written = ledger.tag.read(payload);
    let target = match written {
        Some(written) => written.target,
        None => aims.only_at(to)?,
    };
    let own = own.contains(&port);
    let source = SocketAddr::new(aims.source(target)?, if own { port } else { 0 });
    let length = length.unwrap_or_default();
    // As long as it is not known which probe it was, nor is what its checksum was.
    let unknown = Sent::udp(source, to, length, checksum.unwrap_or_default());
    let by_sum = || {
        let sum = checksum.filter(|sum| own && Some(*sum) != unknown.unfinished)?;
        aims.with_sum(target, sum, ledger)
    };
    let sequence = written.map(|written| written.sequence).or_else(by_sum);
    let probe = sequence.map(|sequence| (target, sequence));
    let sent = probe.and_then(|probe| {
        let sum = quotes::checksum_of(probe.1);
        Some(Sent::udp(source, aims.address(probe)?, length, sum))
    });
    Some(Told {
        responder: heard.responder,
        answer: heard.answer,
        stamp: heard.stamp,
        came: ledger.clock.now(),
        tagged: written.is_some(),
        probe,
        detail: heard.detail(&sent.unwrap_or(unknown)),
    })
}

//! What comes in, matched with what was sent.

use std::collections::VecDeque;
use std::time::Duration;

use super::super::clock::Clock;
use super::super::listen::Packet;
use super::super::quotes::{self, Heard};
use super::super::tag::Tag;
use super::super::{Answer, Arrival, Detail, Reply, Stamp, Troubles};
use super::Aim;
use super::numbers::{Numbers, Sent};
use crate::packet::ip::Ip;
use crate::packet::quote::Carried;
use crate::packet::tcp::{ACK, RST, Tcp};

/// Bytes that a link's header has at most: Ethernet's with a VLAN tag.
const MOST_LINK_HEADER: usize = 18;

/// What has been sent, and what was heard of it and has not been told yet.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) clock: Clock,
    pub(super) numbers: Numbers,
    pub(super) heard: VecDeque<Reply>,
    pub(super) troubles: Troubles,
}

impl Ledger {
    /// Nothing sent yet.
    pub(super) fn new(tag: Tag, clock: Clock) -> Ledger {
        Ledger {
            clock,
            numbers: Numbers::new(tag),
            heard: VecDeque::new(),
            troubles: Troubles::default(),
        }
    }

    /// Takes note that a packet of ours has left, whatever link's header it has.
    pub(super) fn hear_left(&mut self, bytes: &[u8], stamp: Duration) {
        let (at, Stamp::Kernel) = self.clock.received(Some(stamp)) else {
            return;
        };
        for skip in 0..=MOST_LINK_HEADER.min(bytes.len()) {
            let upper = bytes
                .get(skip..)
                .and_then(Ip::parse)
                .and_then(|ip| ip.upper());
            if let Some(segment) = upper.and_then(|upper| Tcp::parse(upper.bytes)) {
                self.numbers.left(segment.sequence, segment.source, at);
            }
        }
    }

    /// Takes a segment that answers a SYN of ours, or passes for one.
    pub(super) fn hear_port(&mut self, packet: &Packet<'_>) {
        let Some(segment) = Tcp::parse(packet.bytes) else {
            return;
        };
        let number = segment.acknowledgement;
        let sent = self.numbers.find_before(number, segment.destination);
        let Some(sent) = sent.filter(|_| segment.flags & ACK != 0) else {
            self.troubles.spoofed += 1;
            return;
        };
        let arrival = match segment.flags & RST != 0 {
            true => Arrival::Refused,
            false => Arrival::Connected,
        };
        let (probe, left) = (Some(sent.probe), sent.left);
        let detail = Detail {
            ttl: packet.hops,
            ..Detail::default()
        };
        let when = self.clock.received(packet.stamp);
        self.heard.push_back(Reply {
            sent: left,
            detail: Some(Box::new(detail)),
            ..Reply::plain(probe, packet.from, Answer::Arrived(arrival), when)
        });
    }

    /// Takes an ICMP error about a segment of ours, or what passes for one.
    pub(super) fn hear_router(&mut self, heard: &Heard<'_>, aims: &[Aim]) {
        let Some(Carried::Tcp {
            source: Some(port),
            sequence,
            ..
        }) = heard.quote.carried
        else {
            return;
        };
        let sent = sequence.map(|sequence| (sequence, self.numbers.find(sequence, port)));
        let (probe, left, detail) = match sent {
            Some((_, Some(sent))) => (Some(sent.probe), sent.left, detail(heard, sent, aims)),
            // It is about our own kernel's reset, which says nothing of a probe.
            Some((number, None)) if self.numbers.find_before(number, port).is_some() => return,
            Some((_, None)) => {
                self.troubles.spoofed += 1;
                return;
            }
            None => {
                self.troubles.short_quotes += 1;
                (None, None, None)
            }
        };
        let when = self.clock.received(heard.stamp);
        self.heard.push_back(Reply {
            sent: left,
            detail: detail.map(Box::new),
            ..Reply::plain(probe, heard.responder, heard.answer, when)
        });
    }
}

/// What an error tells beside, and of what was `sent`.
fn detail(heard: &Heard<'_>, sent: &Sent, aims: &[Aim]) -> Option<Detail> {
    let aim = aims.get(usize::try_from(sent.probe.0.0).ok()?)?;
    let source = *aim.source.as_ref().ok()?;
    Some(heard.detail(&quotes::Sent {
        source: (source, sent.port).into(),
        destination: aim.to,
        checksum: sent.checksum,
        // We write the sum ourselves.
        unfinished: None,
    }))
}

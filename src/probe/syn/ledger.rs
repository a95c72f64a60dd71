//! What comes in, matched with what was sent.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use super::super::clock::Clock;
use super::super::listen::Packet;
use super::super::quotes::{self, Heard};
use super::super::tag::Tag;
use super::super::{Answer, Arrival, Detail, Reply, Stamp, Troubles};
use super::Aim;
use super::numbers::{Numbers, Sent};
use super::turns::{PATIENCE, Turns};
use crate::packet::ip::Ip;
use crate::packet::quote::Carried;
use crate::packet::tcp::{ACK, RST, SYN, Tcp};
use crate::units::Moment;

/// Bytes that a link's header has at most: Ethernet's with a VLAN tag.
const MOST_LINK_HEADER: usize = 18;

/// What has been sent, and what was heard of it and has not been told yet.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) clock: Clock,
    pub(super) numbers: Numbers,
    pub(super) turns: Turns,
    pub(super) heard: VecDeque<Reply>,
    pub(super) troubles: Troubles,
}

impl Ledger {
    /// Nothing sent yet.
    pub(super) fn new(tag: Tag, clock: Clock) -> Ledger {
        Ledger {
            clock,
            numbers: Numbers::new(tag),
            turns: Turns::default(),
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

    /// Takes note of a SYN that was sent.
    pub(super) fn sent(&mut self, sent: Sent) {
        self.numbers.add(sent);
        self.turns.sent(sent);
    }

    /// Takes a segment that answers a SYN of ours, or passes for one.
    pub(super) fn hear_port(&mut self, packet: &Packet<'_>) {
        let Some(segment) = Tcp::parse(packet.bytes) else {
            return;
        };
        let number = segment.acknowledgement;
        let sent = self.numbers.find_before(number, segment.destination);
        let Some(sent) = sent.copied().filter(|_| segment.flags & ACK != 0) else {
            self.troubles.spoofed += 1;
            return;
        };
        let when = self.clock.received(packet.stamp);
        let detail = Detail {
            ttl: packet.hops,
            ..Detail::default()
        };
        if segment.flags & RST != 0 {
            let answer = Answer::Arrived(Arrival::Refused);
            self.tell(&sent, packet.from, answer, when, Some(detail));
            return;
        }
        let sent = match segment.flags & SYN != 0 {
            true => Some(sent),
            // The port was half open: the SYN that it answers is not the one that it acknowledges.
            false => {
                self.turns.acknowledged(&sent, when.0);
                let waiting = self.turns.waiting_after(&sent);
                // As it is remembered, with its departure.
                waiting.and_then(|own| self.numbers.find(own.number, own.port).copied())
            }
        };
        let in_time = |sent: &Sent| when.0.since(sent.sent) <= PATIENCE;
        if let Some(sent) = sent.filter(in_time) {
            self.turns.connected(&sent, when.0.since(sent.sent));
            let answer = Answer::Arrived(Arrival::Connected);
            self.tell(&sent, packet.from, answer, when, Some(detail));
        }
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
        let when = self.clock.received(heard.stamp);
        let Some(sequence) = sequence else {
            self.troubles.short_quotes += 1;
            let reply = Reply::plain(None, heard.responder, heard.answer, when);
            self.heard.push_back(reply);
            return;
        };
        if let Some(sent) = self.numbers.find(sequence, port).copied() {
            let detail = detail(heard, &sent, aims);
            self.tell(&sent, heard.responder, heard.answer, when, detail);
        } else if self.numbers.find_before(sequence, port).is_none() {
            self.troubles.spoofed += 1;
        }
        // Otherwise it is about our own kernel's reset, which says nothing of a probe.
    }

    /// Tells of an answer to a SYN.
    fn tell(
        &mut self,
        sent: &Sent,
        from: IpAddr,
        answer: Answer,
        when: (Moment, Stamp),
        detail: Option<Detail>,
    ) {
        self.turns.answered(sent);
        self.heard.push_back(Reply {
            sent: sent.left,
            detail: detail.map(Box::new),
            ..Reply::plain(Some(sent.probe), from, answer, when)
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

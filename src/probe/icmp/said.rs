//! What came back for an echo request, and which it answers.

use std::net::IpAddr;

use super::packet::{self, Own};
use super::request;
use crate::probe::errqueue::{Heard, News};
use crate::probe::judge;
use crate::probe::ledger::{Ledger, Spoofed, Whose};
use crate::probe::{Answer, Detail, Quoted, Target};

/// An ICMP message, whichever queue it came by, and the echo in it as it came back.
pub(super) struct Said<'a> {
    pub(super) answer: Answer,
    pub(super) responder: IpAddr,
    pub(super) detail: Detail,
    /// From whom the request came, as far as it says.
    pub(super) source: Option<IpAddr>,
    /// To whom the request went, as far as it says.
    pub(super) to: Option<IpAddr>,
    pub(super) identifier: Option<u16>,
    pub(super) sequence: Option<u16>,
    pub(super) payload: &'a [u8],
}

/// One target, and the address that packets to it leave from, where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Aim {
    pub(super) to: IpAddr,
    pub(super) source: Option<IpAddr>,
}

impl<'a> Said<'a> {
    /// Reads a message; `None` when it is no answer to a request of ours. `own` tells our requests
    /// on a raw socket.
    pub(super) fn read(heard: &Heard<'a>, ipv6: bool, own: Option<Own>) -> Option<Said<'a>> {
        let from = heard.address.map(|address| address.ip());
        match (heard.news, own) {
            (News::Left | News::Local, _) => None,
            (News::Icmp(answer, responder, info), _) => Some(Said {
                answer,
                responder,
                detail: Detail {
                    ttl: heard.ttl,
                    mtu: judge::mtu(answer, ipv6, info),
                    ..Detail::behind(heard.extensions().as_ref())
                },
                source: None,
                to: from,
                identifier: None,
                sequence: request::sequence(heard.bytes),
                payload: heard.bytes.get(request::HEADER..).unwrap_or_default(),
            }),
            (News::Data, Some(own)) if ipv6 => packet::icmp_v6(heard.bytes, from?, heard.ttl, own),
            (News::Data, Some(own)) => packet::ip_v4(heard.bytes, own),
            (News::Data, None) => packet::reply(heard.bytes, from?, heard.ttl, ipv6),
        }
    }

    /// Which probe it answers.
    pub(super) fn whose(&self, aims: &[Aim], ledger: &Ledger) -> Result<Whose, Spoofed> {
        if let Some(written) = ledger.tag.read(self.payload) {
            return Ok(Some((written.target, written.sequence)));
        }
        if ledger.tag.contradicts(self.payload) {
            return Err(Spoofed);
        }
        let bits = self.sequence.ok_or(Spoofed)?;
        let to = self.to.unwrap_or(self.responder);
        let there = aims.iter().zip(0..).filter(|(own, _)| own.to == to);
        let mut found = there.filter_map(|(_, target)| {
            let target = Target(target);
            Some((target, ledger.in_flight(target, bits.into())?))
        });
        // Two that are one host have probes of the same number.
        match (found.next(), found.next()) {
            (Some(probe), None) => Ok(Some(probe)),
            _ => Ok(None),
        }
    }

    /// What it tells beside, where it answers the probe `whose`: also what was rewritten in the
    /// request on its way. A datagram socket is told no more of that than to whom it went.
    pub(super) fn detail(&self, whose: Whose, aims: &[Aim], own: Option<Own>) -> Detail {
        let told = self.detail.clone();
        let aim = whose.and_then(|(Target(target), _)| aims.get(target as usize));
        let (Some((_, sequence)), Some(aim)) = (whose, aim) else {
            return told;
        };
        let number = (sequence.0 & 0xffff) as u16;
        let renamed = own.is_some_and(|own| self.identifier.is_some_and(|id| id != own.identifier));
        let quoted = Quoted {
            source: self
                .source
                .filter(|from| aim.source.is_some_and(|own| own != *from)),
            destination: self.to.filter(|to| *to != aim.to),
            rewritten: renamed || self.sequence.is_some_and(|told| told != number),
            ..told.quoted.unwrap_or_default()
        };
        let says = told.quoted.is_some() || quoted != Quoted::default();
        Detail {
            quoted: says.then_some(quoted),
            ..told
        }
    }
}

//! What came back for an echo request, and which it answers.

use std::net::IpAddr;

use super::packet;
use super::request;
use crate::probe::errqueue::{self, Heard, News};
use crate::probe::ledger::{Ledger, Spoofed, Whose};
use crate::probe::{Answer, Detail, Target};

/// An ICMP message, whichever queue it came by.
pub(super) struct Said<'a> {
    pub(super) answer: Answer,
    pub(super) responder: IpAddr,
    pub(super) detail: Detail,
    /// To whom the request went, as far as it says.
    pub(super) to: Option<IpAddr>,
    /// Header and payload of the echo, as they came back.
    pub(super) echo: &'a [u8],
}

impl<'a> Said<'a> {
    /// Reads a message; `None` when it is no answer to a request of ours. `identifier` is that of our
    /// requests on a raw socket.
    pub(super) fn read(heard: &Heard<'a>, ipv6: bool, identifier: Option<u16>) -> Option<Said<'a>> {
        let from = heard.address.map(|address| address.ip());
        match (heard.news, identifier) {
            (News::Left | News::Local, _) => None,
            (News::Icmp(answer, responder, info), _) => Some(Said {
                answer,
                responder,
                detail: Detail {
                    ttl: heard.ttl,
                    mtu: errqueue::mtu(answer, ipv6, info),
                    ..Detail::default()
                },
                to: from,
                echo: heard.bytes,
            }),
            (News::Data, Some(identifier)) if ipv6 => {
                packet::icmp_v6(heard.bytes, from?, heard.ttl, identifier)
            }
            (News::Data, Some(identifier)) => packet::ip_v4(heard.bytes, identifier),
            (News::Data, None) => packet::reply(heard.bytes, from?, heard.ttl, ipv6),
        }
    }

    /// Which probe it answers.
    pub(super) fn whose(&self, targets: &[IpAddr], ledger: &Ledger) -> Result<Whose, Spoofed> {
        let payload = self.echo.get(request::HEADER..).unwrap_or_default();
        if let Some(written) = ledger.tag.read(payload) {
            return Ok(Some((written.target, written.sequence)));
        }
        if ledger.tag.contradicts(payload) {
            return Err(Spoofed);
        }
        let bits = request::sequence(self.echo).ok_or(Spoofed)?;
        let to = self.to.unwrap_or(self.responder);
        let there = targets.iter().zip(0..).filter(|(own, _)| **own == to);
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
}

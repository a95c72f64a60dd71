//! IP packets as the lab's routers pass them on. What they say is read, and answers are made, by
//! [`crate::packet`]; what is changed in passing is changed in place.

use std::net::IpAddr;

use crate::packet::quote::Quote;
use crate::packet::{Family, icmp, ip, protocol, u16_at};

pub(super) mod edit;
pub(super) mod errors;
pub(super) mod fragments;
#[cfg(test)]
pub(super) mod samples;

/// What a packet is to a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    /// Hops that it may still go.
    pub(super) hops: u8,
    /// The protocol of what it carries.
    pub(super) protocol: u8,
    /// Where that begins.
    pub(super) body: usize,
    /// Whether it is a fragment that does not begin with the carried protocol's header.
    pub(super) continued: bool,
}

/// Reads the head of an IPv4 or IPv6 packet, be it a quoted one that is cut short behind it; `None`
/// for anything else.
pub(super) fn head(packet: &[u8]) -> Option<Head> {
    let read = Quote::parse(ip::family(packet)?, packet);
    let upper = ip::upper(packet)?;
    Some(Head {
        from: read.source?,
        to: read.destination?,
        hops: read.hops?,
        protocol: upper.protocol,
        body: packet.len() - upper.bytes.len(),
        continued: upper.later_fragment,
    })
}

impl Head {
    /// Whether it is a TCP or UDP packet with ports to read.
    pub(super) fn has_ports(&self) -> bool {
        matches!(self.protocol, protocol::TCP | protocol::UDP) && !self.continued
    }

    /// Whether it carries ICMP of its family.
    pub(super) fn is_icmp(&self) -> bool {
        self.protocol == protocol::icmp(Family::of(self.to))
    }

    /// Whether it is an ICMP error, which quotes another packet.
    pub(super) fn is_error(&self, packet: &[u8]) -> bool {
        self.is_icmp_of(icmp::is_error, packet)
    }

    /// Whether it is an ICMP echo request or reply.
    pub(super) fn is_echo(&self, packet: &[u8]) -> bool {
        self.is_icmp_of(icmp::is_echo, packet)
    }

    fn is_icmp_of(&self, sort: fn(Family, u8) -> bool, packet: &[u8]) -> bool {
        let kind = packet.get(self.body);
        let is = kind.is_some_and(|kind| sort(Family::of(self.to), *kind));
        is && self.is_icmp() && !self.continued
    }

    /// Source and destination port.
    pub(super) fn ports(&self, packet: &[u8]) -> Option<(u16, u16)> {
        let port = |at| u16_at(packet, self.body + at);
        self.has_ports().then_some((port(0)?, port(2)?))
    }

    /// Where the checksum of the carried protocol stands.
    fn checksum_at(&self) -> Option<usize> {
        let at = match self.protocol {
            protocol::TCP => 16,
            protocol::UDP => 6,
            protocol::ICMP | protocol::ICMPV6 => 2,
            _ => return None,
        };
        (!self.continued).then_some(self.body + at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::samples::{addresses, udp};
    use super::*;
    use crate::packet::answer;

    #[test]
    fn a_head_says_what_was_written() {
        for ipv6 in [false, true] {
            let [from, to] = addresses(ipv6);
            let sent = udp([from, to], (4000, 53), b"payload");
            let head = head(&sent).unwrap();
            assert_eq!((head.from, head.to, head.hops), (from, to, 64));
            assert_eq!(head.ports(&sent), Some((4000, 53)));
            assert_eq!(&sent[head.body + 8..], b"payload");
            assert!(!head.is_icmp() && !head.is_error(&sent));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_wild_to_read(mut bytes in prop::collection::vec(any::<u8>(), 0..120), version in 0..3usize) {
            if let Some(first) = bytes.first_mut() {
                *first = [0x45, 0x60, *first][version];
            }
            if let Some(head) = head(&bytes) {
                head.ports(&bytes);
                head.is_error(&bytes);
                ip::set_hops(&mut bytes, 3);
                edit::set_class(&mut bytes, 46);
                edit::set_checksum(&mut bytes);
                edit::set_source(&mut bytes, head.to);
                edit::set_destination(&mut bytes, head.from);
                edit::set_port(&mut bytes, edit::Side::Source, 1);
                let [ours, _] = addresses(head.to.is_ipv6());
                let quote = errors::Quote::default();
                errors::error(&bytes, ours, errors::Reason::TimeExceeded, &quote);
                answer::echo(&bytes);
                answer::tcp(&bytes, None);
                fragments::cut(&bytes, 68);
            }
        }
    }
}

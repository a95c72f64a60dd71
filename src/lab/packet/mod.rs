//! IP packets as the lab's routers see and make them. Everything is read by `get`: a packet may say
//! anything about itself, and what it says beyond its end is not there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

mod checksum;
pub(super) mod edit;
pub(super) mod errors;
pub(super) mod fragments;
pub(super) mod replies;
#[cfg(test)]
pub(super) mod samples;

/// Protocol numbers (IANA): what follows the IP header.
pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMPV6: u8 = 58;

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
    /// Whether a router may cut it: IPv4 without "don't fragment".
    pub(super) may_be_cut: bool,
    /// Whether it is a fragment that does not begin with the carried protocol's header.
    pub(super) continued: bool,
}

/// Reads the head of an IPv4 or IPv6 packet; `None` for anything else.
pub(super) fn head(packet: &[u8]) -> Option<Head> {
    match packet.first()? >> 4 {
        4 => head_v4(packet),
        6 => head_v6(packet),
        _ => None,
    }
}

fn head_v4(packet: &[u8]) -> Option<Head> {
    let header: &[u8; 20] = packet.first_chunk()?;
    let body = usize::from(header[0] & 15) * 4;
    let flags = word(packet, 6)?;
    (body >= 20 && packet.len() >= body).then_some(Head {
        from: address_v4(packet, 12)?,
        to: address_v4(packet, 16)?,
        hops: header[8],
        protocol: header[9],
        body,
        may_be_cut: flags & 0x4000 == 0,
        continued: flags & 0x1fff != 0,
    })
}

fn head_v6(packet: &[u8]) -> Option<Head> {
    let header: &[u8; 40] = packet.first_chunk()?;
    let mut head = Head {
        from: address_v6(packet, 8)?,
        to: address_v6(packet, 24)?,
        hops: header[7],
        protocol: header[6],
        body: 40,
        may_be_cut: false,
        continued: false,
    };
    // Hop-by-hop, routing, fragment and destination headers (RFC 8200, 4): a packet ends, so does this.
    while let 0 | 43 | 44 | 60 = head.protocol {
        let length = *packet.get(head.body + 1)?;
        if head.protocol == 44 {
            head.continued = word(packet, head.body + 2)? & 0xfff8 != 0;
        }
        let units = if head.protocol == 44 { 0 } else { length };
        head.protocol = *packet.get(head.body)?;
        head.body += 8 + usize::from(units) * 8;
    }
    Some(head)
}

impl Head {
    /// Whether it is a TCP or UDP packet with ports to read.
    pub(super) fn has_ports(&self) -> bool {
        matches!(self.protocol, TCP | UDP) && !self.continued
    }

    /// Whether it carries ICMP of its family.
    pub(super) fn is_icmp(&self) -> bool {
        self.protocol == if self.to.is_ipv4() { ICMP } else { ICMPV6 }
    }

    /// Whether it is an ICMP error (RFC 1122, 3.2.2; RFC 4443, 2.1), which quotes another packet.
    pub(super) fn is_error(&self, packet: &[u8]) -> bool {
        let kind = packet.get(self.body).copied();
        self.is_icmp()
            && !self.continued
            && match self.to {
                IpAddr::V4(_) => matches!(kind, Some(3 | 4 | 5 | 11 | 12)),
                IpAddr::V6(_) => matches!(kind, Some(0..128)),
            }
    }

    /// Whether it is an ICMP echo request or reply.
    pub(super) fn is_echo(&self, packet: &[u8]) -> bool {
        let kind = packet.get(self.body).copied();
        self.is_icmp()
            && !self.continued
            && match self.to {
                IpAddr::V4(_) => matches!(kind, Some(0 | 8)),
                IpAddr::V6(_) => matches!(kind, Some(128 | 129)),
            }
    }

    /// Source and destination port.
    pub(super) fn ports(&self, packet: &[u8]) -> Option<(u16, u16)> {
        let port = |at| word(packet, self.body + at);
        self.has_ports().then_some((port(0)?, port(2)?))
    }

    /// Where the checksum of the carried protocol stands.
    fn checksum_at(&self) -> Option<usize> {
        let at = match self.protocol {
            TCP => 16,
            UDP => 6,
            ICMP | ICMPV6 => 2,
            _ => return None,
        };
        (!self.continued).then_some(self.body + at)
    }
}

/// The 16 bits at `at`.
fn word(packet: &[u8], at: usize) -> Option<u16> {
    let bytes = packet.get(at..)?.first_chunk()?;
    Some(u16::from_be_bytes(*bytes))
}

fn address_v4(packet: &[u8], at: usize) -> Option<IpAddr> {
    let bytes: &[u8; 4] = packet.get(at..)?.first_chunk()?;
    Some(Ipv4Addr::from(*bytes).into())
}

fn address_v6(packet: &[u8], at: usize) -> Option<IpAddr> {
    let bytes: &[u8; 16] = packet.get(at..)?.first_chunk()?;
    Some(Ipv6Addr::from(*bytes).into())
}

/// The bytes of an address.
pub(super) fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// A packet that carries `body`, with its checksum set; `None` when the families differ or the body
/// is longer than a packet can be.
fn packet(from: IpAddr, to: IpAddr, protocol: u8, body: &[u8]) -> Option<Vec<u8>> {
    let head = match (from, to) {
        (IpAddr::V4(_), IpAddr::V4(_)) => {
            let length = u16::try_from(20 + body.len()).ok()?.to_be_bytes();
            let mut head = vec![
                0x45, 0, length[0], length[1], 0, 0, 0x40, 0, 64, protocol, 0, 0,
            ];
            head.extend([octets(from), octets(to)].concat());
            let sum = checksum::of(&head);
            head[10..12].copy_from_slice(&sum.to_be_bytes());
            head
        }
        (IpAddr::V6(_), IpAddr::V6(_)) => {
            let length = u16::try_from(body.len()).ok()?.to_be_bytes();
            let mut head = vec![0x60, 0, 0, 0, length[0], length[1], protocol, 64];
            head.extend([octets(from), octets(to)].concat());
            head
        }
        _ => return None,
    };
    let mut made = [&head[..], body].concat();
    edit::set_checksum(&mut made);
    Some(made)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::samples::{addresses, udp};
    use super::*;

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
                edit::set_hops(&mut bytes, 3);
                edit::set_class(&mut bytes, 46);
                edit::set_checksum(&mut bytes);
                edit::set_source(&mut bytes, head.to);
                edit::set_destination(&mut bytes, head.from);
                edit::set_port(&mut bytes, edit::Side::Source, 1);
                let [ours, _] = addresses(head.to.is_ipv6());
                let quote = errors::Quote::default();
                errors::error(&bytes, ours, errors::Reason::TimeExceeded, &quote);
                replies::echo(&bytes);
                replies::reset(&bytes);
                fragments::cut(&bytes, 68);
            }
        }
    }
}

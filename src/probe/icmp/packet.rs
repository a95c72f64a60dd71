//! What an ICMP packet says that came as data.

use std::net::IpAddr;

use nix::libc;
use pnet_packet::ipv4::Ipv4Packet;

use super::said::Said;
use crate::packet::icmp::{Body, Icmp};
use crate::packet::quote::Carried;
use crate::packet::{Family, checksum};
use crate::probe::judge::judge;
use crate::probe::tag::Tag;
use crate::probe::{Answer, Arrival, Detail, Quoted};

/// What tells our own requests on a raw socket: their identifier, or their tag where that was
/// rewritten on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Own {
    pub(super) identifier: u16,
    pub(super) tag: Tag,
}

/// An IPv4 packet as a raw socket gives it, with its header; `None` when it is damaged or answers
/// no echo of ours. The kernel looks at the checksum after it has made the copy; of a packet that
/// is longer than what is kept, nobody does.
pub(super) fn ip_v4(bytes: &[u8], own: Own) -> Option<Said<'_>> {
    let ip = Ipv4Packet::new(bytes)?;
    let header = 4 * usize::from(ip.get_header_length());
    let whole = bytes.len() >= usize::from(ip.get_total_length());
    let icmp = bytes.get(header..)?;
    if whole && checksum::of(icmp) != 0 {
        return None;
    }
    let from = IpAddr::V4(ip.get_source());
    said(Family::V4, icmp, (from, Some(ip.get_ttl())), own)
}

/// An ICMPv6 packet as a raw socket gives it, without its IP header.
pub(super) fn icmp_v6(
    icmp: &[u8],
    responder: IpAddr,
    ttl: Option<u8>,
    own: Own,
) -> Option<Said<'_>> {
    said(Family::V6, icmp, (responder, ttl), own)
}

/// An echo reply as a datagram socket gives it: the kernel has matched the identifier.
pub(super) fn reply(
    icmp: &[u8],
    responder: IpAddr,
    ttl: Option<u8>,
    ipv6: bool,
) -> Option<Said<'_>> {
    let family = if ipv6 { Family::V6 } else { Family::V4 };
    let message = Icmp::parse(family, icmp)?;
    arrived(&message, (responder, ttl)).filter(|_| message.kind == echo_reply(family))
}

fn echo_reply(family: Family) -> u8 {
    match family {
        Family::V4 => 0,
        Family::V6 => 129,
    }
}

fn said(family: Family, icmp: &[u8], from: (IpAddr, Option<u8>), own: Own) -> Option<Said<'_>> {
    let message = Icmp::parse(family, icmp)?;
    if message.kind == echo_reply(family) {
        return arrived(&message, from).filter(|said| said.identifier == Some(own.identifier));
    }
    let (origin, request) = match family {
        Family::V4 => (libc::SO_EE_ORIGIN_ICMP, 8),
        Family::V6 => (libc::SO_EE_ORIGIN_ICMP6, 128),
    };
    let answer = judge(origin, message.kind, message.code)?;
    let quote = message.quote()?;
    let Some(Carried::Icmp {
        kind,
        identifier,
        sequence,
        payload,
        ..
    }) = quote.carried
    else {
        return None;
    };
    let ours = identifier? == own.identifier || own.tag.read(payload).is_some();
    (kind == Some(request) && ours).then(|| Said {
        answer,
        responder: from.0,
        detail: Detail {
            ttl: from.1,
            mtu: message.mtu(),
            quoted: Some(Quoted {
                tos: quote.tos,
                ttl: quote.hops,
                ..Quoted::default()
            }),
            ..Detail::behind(message.extensions())
        },
        source: quote.source,
        to: quote.destination,
        identifier,
        sequence,
        payload,
    })
}

/// An echo that came to its target and back.
fn arrived<'a>(message: &Icmp<'a>, (responder, ttl): (IpAddr, Option<u8>)) -> Option<Said<'a>> {
    let Body::Echo {
        identifier,
        sequence,
        payload,
    } = message.body
    else {
        return None;
    };
    Some(Said {
        answer: Answer::Arrived(Arrival::Echo),
        responder,
        detail: Detail {
            ttl,
            ..Detail::default()
        },
        source: None,
        to: None,
        identifier: Some(identifier),
        sequence: Some(sequence),
        payload,
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use proptest::prelude::*;

    use super::*;

    const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

    fn own(identifier: u16) -> Own {
        let tag = Tag(u64::MAX);
        Own { identifier, tag }
    }

    /// A time exceeded from 192.0.2.1 that quotes an echo request to 192.0.2.9 with identifier
    /// 0x1234 and sequence number 7, both with IP options of four bytes.
    fn time_exceeded() -> Vec<u8> {
        let ip = |source: u8, destination: u8, protocol: u8, length: u8| {
            let (from, to) = ([192, 0, 2, source], [192, 0, 2, destination]);
            let fixed = [0x46, 0xb8, 0, length, 0, 0, 0, 0, 61, protocol, 0, 0];
            [&fixed[..], &from, &to, &[1; 4]].concat()
        };
        let icmp = [11, 0, 0, 0, 0, 0, 0, 0];
        let request = [8, 0, 0, 0, 0x12, 0x34, 0, 7, 0xaa, 0xbb];
        let mut bytes = [
            ip(1, 5, 1, 66),
            icmp.to_vec(),
            ip(5, 9, 1, 34),
            request.to_vec(),
        ]
        .concat();
        let sum = pnet_packet::util::checksum(&bytes[24..], 1);
        bytes[26..28].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    #[test]
    fn headers_with_options_are_read_as_long_as_they_are() {
        let bytes = time_exceeded();
        let said = ip_v4(&bytes, own(0x1234)).unwrap();
        assert_eq!(said.answer, Answer::Passed);
        assert_eq!(said.responder, IpAddr::from([192, 0, 2, 1]));
        assert_eq!(said.source, Some(IpAddr::from([192, 0, 2, 5])));
        assert_eq!(said.to, Some(IpAddr::from([192, 0, 2, 9])));
        assert_eq!((said.sequence, said.payload), (Some(7), &[0xaa, 0xbb][..]));
        assert_eq!(said.detail.ttl, Some(61));
        let quoted = said.detail.quoted.unwrap();
        assert_eq!((quoted.tos, quoted.ttl), (Some(0xb8), Some(61)));
        assert!(ip_v4(&bytes, own(0x1235)).is_none());
        // Two headers of 24, one of 8 and the 6 up to the identifier are the least that says it all.
        for length in 0..bytes.len() {
            let told = ip_v4(&bytes[..length], own(0x1234)).is_some();
            assert_eq!(told, length >= 24 + 8 + 24 + 6, "{length}");
        }
    }

    #[test]
    fn a_damaged_packet_says_nothing() {
        for at in 24..66 {
            let mut bytes = time_exceeded();
            bytes[at] ^= 0x10;
            assert!(ip_v4(&bytes, own(0x1234)).is_none(), "{at}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(
            mut bytes in prop::collection::vec(any::<u8>(), 0..200),
            version in 0u8..16, identifier: u16, ipv6: bool,
        ) {
            if let Some(first) = bytes.first_mut() {
                *first = version << 4 | *first & 15;
            }
            let _ = ip_v4(&bytes, own(identifier));
            let _ = icmp_v6(&bytes, V6, None, own(identifier));
            let _ = reply(&bytes, V6, None, ipv6);
        }

        #[test]
        fn a_packet_with_some_bytes_changed_can_be_read(
            changes in prop::collection::vec((0usize..66, any::<u8>()), 0..6),
            length in 0usize..67,
        ) {
            let mut bytes = time_exceeded();
            for (at, byte) in changes {
                bytes[at] = byte;
            }
            let _ = ip_v4(&bytes[..length], own(0x1234));
        }
    }
}

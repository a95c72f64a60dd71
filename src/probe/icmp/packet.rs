//! What an ICMP packet says that came as data.

use std::net::IpAddr;

use nix::libc;
use pnet_packet::icmp::IcmpTypes;
use pnet_packet::icmpv6::Icmpv6Types;
use pnet_packet::ipv4::Ipv4Packet;
use pnet_packet::ipv6::Ipv6Packet;

use super::request::HEADER;
use super::said::Said;
use crate::probe::errqueue::{judge, mtu};
use crate::probe::{Answer, Arrival, Detail, Quoted};

/// An IPv4 packet as a raw socket gives it, with its header; `None` when it answers no echo with
/// our identifier.
pub(super) fn ip_v4(bytes: &[u8], identifier: u16) -> Option<Said<'_>> {
    let ip = Ipv4Packet::new(bytes)?;
    let icmp = bytes.get(header_v4(&ip)..)?;
    let (kind, code) = (*icmp.first()?, *icmp.get(1)?);
    let responder = IpAddr::V4(ip.get_source());
    let detail = Detail {
        ttl: Some(ip.get_ttl()),
        ..Detail::default()
    };
    if kind == IcmpTypes::EchoReply.0 {
        return echo(icmp, responder, detail, identifier);
    }
    let answer = judge(libc::SO_EE_ORIGIN_ICMP, kind, code)?;
    let quoted = icmp.get(HEADER..)?;
    let ip = Ipv4Packet::new(quoted)?;
    let request = quoted.get(header_v4(&ip)..)?;
    let told = u16::from_be_bytes(icmp.get(6..8)?.try_into().ok()?);
    let looks = Quoted {
        tos: Some(ip.get_dscp() << 2 | ip.get_ecn()),
        ttl: Some(ip.get_ttl()),
        ..Quoted::default()
    };
    is_ours(request, IcmpTypes::EchoRequest.0, identifier)?;
    Some(Said {
        answer,
        responder,
        detail: Detail {
            mtu: mtu(answer, false, told.into()),
            quoted: Some(looks),
            ..detail
        },
        to: Some(ip.get_destination().into()),
        echo: request,
    })
}

/// An ICMPv6 packet as a raw socket gives it, without its IP header.
pub(super) fn icmp_v6(
    icmp: &[u8],
    responder: IpAddr,
    ttl: Option<u8>,
    identifier: u16,
) -> Option<Said<'_>> {
    let (kind, code) = (*icmp.first()?, *icmp.get(1)?);
    let detail = Detail {
        ttl,
        ..Detail::default()
    };
    if kind == Icmpv6Types::EchoReply.0 {
        return echo(icmp, responder, detail, identifier);
    }
    let answer = judge(libc::SO_EE_ORIGIN_ICMP6, kind, code)?;
    let quoted = icmp.get(HEADER..)?;
    let ip = Ipv6Packet::new(quoted)?;
    let request = quoted.get(Ipv6Packet::minimum_packet_size()..)?;
    let told = u32::from_be_bytes(icmp.get(4..8)?.try_into().ok()?);
    let looks = Quoted {
        tos: Some(ip.get_traffic_class()),
        ttl: Some(ip.get_hop_limit()),
        ..Quoted::default()
    };
    is_ours(request, Icmpv6Types::EchoRequest.0, identifier)?;
    Some(Said {
        answer,
        responder,
        detail: Detail {
            mtu: mtu(answer, true, told),
            quoted: Some(looks),
            ..detail
        },
        to: Some(ip.get_destination().into()),
        echo: request,
    })
}

/// An echo reply as a datagram socket gives it: the kernel has matched the identifier.
pub(super) fn reply(
    icmp: &[u8],
    responder: IpAddr,
    ttl: Option<u8>,
    ipv6: bool,
) -> Option<Said<'_>> {
    let reply = if ipv6 {
        Icmpv6Types::EchoReply.0
    } else {
        IcmpTypes::EchoReply.0
    };
    let detail = Detail {
        ttl,
        ..Detail::default()
    };
    let is_reply = *icmp.first()? == reply;
    is_reply.then(|| arrived(icmp, responder, detail))
}

fn echo(icmp: &[u8], responder: IpAddr, detail: Detail, identifier: u16) -> Option<Said<'_>> {
    let kind = *icmp.first()?;
    is_ours(icmp, kind, identifier)?;
    Some(arrived(icmp, responder, detail))
}

fn arrived(icmp: &[u8], responder: IpAddr, detail: Detail) -> Said<'_> {
    Said {
        answer: Answer::Arrived(Arrival::Echo),
        responder,
        detail,
        to: None,
        echo: icmp,
    }
}

/// `Some` when an echo header is of this kind and has our identifier.
fn is_ours(echo: &[u8], kind: u8, identifier: u16) -> Option<()> {
    let theirs = u16::from_be_bytes(echo.get(4..6)?.try_into().ok()?);
    (*echo.first()? == kind && theirs == identifier).then_some(())
}

fn header_v4(ip: &Ipv4Packet<'_>) -> usize {
    4 * usize::from(ip.get_header_length())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use proptest::prelude::*;

    use super::*;

    const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

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
        [
            ip(1, 5, 1, 66),
            icmp.to_vec(),
            ip(5, 9, 1, 34),
            request.to_vec(),
        ]
        .concat()
    }

    #[test]
    fn headers_with_options_are_read_as_long_as_they_are() {
        let bytes = time_exceeded();
        let said = ip_v4(&bytes, 0x1234).unwrap();
        assert_eq!(said.answer, Answer::Passed);
        assert_eq!(said.responder, IpAddr::from([192, 0, 2, 1]));
        assert_eq!(said.to, Some(IpAddr::from([192, 0, 2, 9])));
        assert_eq!(said.echo[6..], [0, 7, 0xaa, 0xbb]);
        assert_eq!(said.detail.ttl, Some(61));
        let quoted = said.detail.quoted.unwrap();
        assert_eq!((quoted.tos, quoted.ttl), (Some(0xb8), Some(61)));
        assert!(ip_v4(&bytes, 0x1235).is_none());
        // Two headers of 24, one of 8 and the 8 of the request are the least that says it all.
        for length in 0..bytes.len() {
            let told = ip_v4(&bytes[..length], 0x1234).is_some();
            assert_eq!(told, length >= 24 + 8 + 24 + 6, "{length}");
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
            let _ = ip_v4(&bytes, identifier);
            let _ = icmp_v6(&bytes, V6, None, identifier);
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
            let _ = ip_v4(&bytes[..length], 0x1234);
        }
    }
}

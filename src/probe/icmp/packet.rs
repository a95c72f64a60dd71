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

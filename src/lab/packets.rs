//! The packets of the lab: read the addresses, count a hop, answer "time exceeded".

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use pnet_packet::icmp::time_exceeded::MutableTimeExceededPacket;
use pnet_packet::icmp::{IcmpCode, IcmpPacket, IcmpTypes, checksum as icmp_checksum};
use pnet_packet::icmpv6::{
    Icmpv6Code, Icmpv6Packet, Icmpv6Types, MutableIcmpv6Packet, checksum as icmpv6_checksum,
};
use pnet_packet::ip::IpNextHeaderProtocols;
use pnet_packet::ipv4::{Ipv4Packet, MutableIpv4Packet, checksum as ipv4_checksum};
use pnet_packet::ipv6::{Ipv6Packet, MutableIpv6Packet};

/// What a packet is to a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    /// Hops that it may still go.
    pub(super) hops: u8,
}

/// Reads the head of an IPv4 or IPv6 packet; `None` for anything else.
pub(super) fn head(packet: &[u8]) -> Option<Head> {
    match packet.first()? >> 4 {
        4 => {
            let packet = Ipv4Packet::new(packet)?;
            Some(Head {
                from: packet.get_source().into(),
                to: packet.get_destination().into(),
                hops: packet.get_ttl(),
            })
        }
        6 => {
            let packet = Ipv6Packet::new(packet)?;
            Some(Head {
                from: packet.get_source().into(),
                to: packet.get_destination().into(),
                hops: packet.get_hop_limit(),
            })
        }
        _ => None,
    }
}

/// Sets how many hops a packet may still go.
pub(super) fn set_hops(packet: &mut [u8], hops: u8) {
    match packet.first().map(|byte| byte >> 4) {
        Some(4) => {
            let mut packet = MutableIpv4Packet::new(packet).expect("a head was read");
            packet.set_ttl(hops);
            let checksum = ipv4_checksum(&packet.to_immutable());
            packet.set_checksum(checksum);
        }
        _ => MutableIpv6Packet::new(packet)
            .expect("a head was read")
            .set_hop_limit(hops),
    }
}

/// The answer of the router at `router` to `packet`, whose hops have run out: it quotes at most
/// `quoted` bytes of what followed the packet's IP header.
pub(super) fn time_exceeded(packet: &[u8], router: IpAddr, quoted: usize) -> Option<Vec<u8>> {
    match (head(packet)?.from, router) {
        (IpAddr::V4(to), IpAddr::V4(router)) => Some(time_exceeded_v4(packet, router, to, quoted)),
        (IpAddr::V6(to), IpAddr::V6(router)) => Some(time_exceeded_v6(packet, router, to, quoted)),
        _ => None,
    }
}

/// RFC 792, RFC 1812 4.3.2.3: header and as much as fits into 576 bytes.
fn time_exceeded_v4(packet: &[u8], router: Ipv4Addr, to: Ipv4Addr, quoted: usize) -> Vec<u8> {
    let quote = &packet[..packet.len().min(20 + quoted).min(576 - 28)];
    let mut out = vec![0; 20 + 8 + quote.len()];
    let mut icmp = MutableTimeExceededPacket::new(&mut out[20..]).expect("room for a header");
    icmp.set_icmp_type(IcmpTypes::TimeExceeded);
    icmp.set_icmp_code(IcmpCode(0));
    icmp.set_payload(quote);
    let sum = icmp_checksum(&IcmpPacket::new(&out[20..]).expect("room for a header"));
    MutableTimeExceededPacket::new(&mut out[20..])
        .expect("room for a header")
        .set_checksum(sum);
    let length = out.len() as u16;
    let mut ip = MutableIpv4Packet::new(&mut out).expect("room for a header");
    ip.set_version(4);
    ip.set_header_length(5);
    ip.set_total_length(length);
    ip.set_ttl(64);
    ip.set_next_level_protocol(IpNextHeaderProtocols::Icmp);
    ip.set_source(router);
    ip.set_destination(to);
    let sum = ipv4_checksum(&ip.to_immutable());
    ip.set_checksum(sum);
    out
}

/// RFC 4443 3.3: four unused bytes, then as much as fits into 1280.
fn time_exceeded_v6(packet: &[u8], router: Ipv6Addr, to: Ipv6Addr, quoted: usize) -> Vec<u8> {
    let quote = &packet[..packet.len().min(40 + quoted).min(1280 - 48)];
    let mut out = vec![0; 40 + 8 + quote.len()];
    out[48..].copy_from_slice(quote);
    let mut icmp = MutableIcmpv6Packet::new(&mut out[40..]).expect("room for a header");
    icmp.set_icmpv6_type(Icmpv6Types::TimeExceeded);
    icmp.set_icmpv6_code(Icmpv6Code(0));
    let view = Icmpv6Packet::new(&out[40..]).expect("room for a header");
    let sum = icmpv6_checksum(&view, &router, &to);
    MutableIcmpv6Packet::new(&mut out[40..])
        .expect("room for a header")
        .set_checksum(sum);
    let length = (out.len() - 40) as u16;
    let mut ip = MutableIpv6Packet::new(&mut out).expect("room for a header");
    ip.set_version(6);
    ip.set_payload_length(length);
    ip.set_next_header(IpNextHeaderProtocols::Icmpv6);
    ip.set_hop_limit(64);
    ip.set_source(router);
    ip.set_destination(to);
    out
}

//! Packets for tests, and whether a packet's checksums are right by another hand's reckoning.

use std::net::IpAddr;

use pnet_packet::icmp::IcmpPacket;
use pnet_packet::icmpv6::Icmpv6Packet;
use pnet_packet::ipv4::Ipv4Packet;
use pnet_packet::tcp::TcpPacket;
use pnet_packet::udp::UdpPacket;
use pnet_packet::{icmp, icmpv6, ipv4, tcp, udp};

use super::{ICMP, ICMPV6, TCP, UDP, head, packet};

/// A client's and a server's address.
pub(in crate::lab) fn addresses(ipv6: bool) -> [IpAddr; 2] {
    let written = match ipv6 {
        false => ["192.0.2.1", "198.51.100.9"],
        true => ["2001:db8::1", "2001:db8:9::9"],
    };
    written.map(|address| address.parse().unwrap())
}

pub(in crate::lab) fn udp([from, to]: [IpAddr; 2], ports: (u16, u16), data: &[u8]) -> Vec<u8> {
    let length = 8 + data.len() as u16;
    let mut body = [ports.0, ports.1, length, 0].map(u16::to_be_bytes).concat();
    body.extend(data);
    packet(from, to, UDP, &body).unwrap()
}

/// A TCP packet whose sequence number is 1000.
pub(in crate::lab) fn tcp(
    [from, to]: [IpAddr; 2],
    ports: (u16, u16),
    flags: u8,
    data: &[u8],
) -> Vec<u8> {
    let mut body = [ports.0, ports.1].map(u16::to_be_bytes).concat();
    body.extend([1000u32, 0].map(u32::to_be_bytes).concat());
    body.extend([5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
    body.extend(data);
    packet(from, to, TCP, &body).unwrap()
}

pub(in crate::lab) fn echo([from, to]: [IpAddr; 2], id: u16, number: u16, data: &[u8]) -> Vec<u8> {
    let (kind, protocol) = if from.is_ipv4() {
        (8, ICMP)
    } else {
        (128, ICMPV6)
    };
    let mut body = vec![kind, 0, 0, 0];
    body.extend([id, number].map(u16::to_be_bytes).concat());
    body.extend(data);
    packet(from, to, protocol, &body).unwrap()
}

/// Whether every checksum is what pnet reckons.
pub(in crate::lab) fn is_sound(sent: &[u8]) -> bool {
    let head = head(sent).unwrap();
    let body = &sent[head.body..];
    let own = match (head.protocol, head.from, head.to) {
        (ICMP, ..) => {
            let view = IcmpPacket::new(body).unwrap();
            view.get_checksum() == icmp::checksum(&view)
        }
        (ICMPV6, IpAddr::V6(from), IpAddr::V6(to)) => {
            let view = Icmpv6Packet::new(body).unwrap();
            view.get_checksum() == icmpv6::checksum(&view, &from, &to)
        }
        (UDP, IpAddr::V4(from), IpAddr::V4(to)) => {
            let view = UdpPacket::new(body).unwrap();
            view.get_checksum() == udp::ipv4_checksum(&view, &from, &to)
        }
        (UDP, IpAddr::V6(from), IpAddr::V6(to)) => {
            let view = UdpPacket::new(body).unwrap();
            view.get_checksum() == udp::ipv6_checksum(&view, &from, &to)
        }
        (TCP, IpAddr::V4(from), IpAddr::V4(to)) => {
            let view = TcpPacket::new(body).unwrap();
            view.get_checksum() == tcp::ipv4_checksum(&view, &from, &to)
        }
        (TCP, IpAddr::V6(from), IpAddr::V6(to)) => {
            let view = TcpPacket::new(body).unwrap();
            view.get_checksum() == tcp::ipv6_checksum(&view, &from, &to)
        }
        _ => false,
    };
    let outer = Ipv4Packet::new(sent)
        .filter(|_| head.from.is_ipv4())
        .is_none_or(|view| view.get_checksum() == ipv4::checksum(&view));
    own && outer
}

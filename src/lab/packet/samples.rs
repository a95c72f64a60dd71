//! Packets for tests, and whether a packet's checksums are right.

use std::net::IpAddr;

use super::head;
use crate::packet::icmp::Icmp;
use crate::packet::ip::Ip;
use crate::packet::protocol::{ICMP, TCP, UDP, icmp};
use crate::packet::tcp::Tcp;
use crate::packet::udp::Udp;
use crate::packet::{Family, checksum};

/// A client's and a server's address.
pub(in crate::lab) fn addresses(ipv6: bool) -> [IpAddr; 2] {
    let written = match ipv6 {
        false => ["192.0.2.1", "198.51.100.9"],
        true => ["2001:db8::1", "2001:db8:9::9"],
    };
    written.map(|address| address.parse().unwrap())
}

pub(in crate::lab) fn udp(ends: [IpAddr; 2], ports: (u16, u16), data: &[u8]) -> Vec<u8> {
    let datagram = Udp {
        source: ports.0,
        destination: ports.1,
        payload: data,
    };
    packet(ends, UDP, &datagram.emit(ends[0], ends[1]))
}

/// A TCP packet whose sequence number is 1000.
pub(in crate::lab) fn tcp(ends: [IpAddr; 2], ports: (u16, u16), flags: u8, data: &[u8]) -> Vec<u8> {
    let segment = Tcp {
        flags,
        payload: data,
        ..Tcp::syn(ports.0, ports.1, 1000)
    };
    packet(ends, TCP, &segment.emit(ends[0], ends[1]))
}

pub(in crate::lab) fn echo(ends: [IpAddr; 2], id: u16, number: u16, data: &[u8]) -> Vec<u8> {
    let family = Family::of(ends[0]);
    let request = Icmp::request(family, id, number, data);
    packet(ends, icmp(family), &request.emit(ends[0], ends[1]))
}

fn packet([from, to]: [IpAddr; 2], protocol: u8, body: &[u8]) -> Vec<u8> {
    Ip::plain(from, to, protocol, body).unwrap().emit()
}

/// Whether every checksum is right.
pub(in crate::lab) fn is_sound(sent: &[u8]) -> bool {
    let head = head(sent).unwrap();
    let body = &sent[head.body..];
    let own = match head.protocol {
        ICMP => checksum::of(body),
        protocol => checksum::with_addresses(body, protocol, head.from, head.to),
    };
    let outer = match Family::of(head.from) {
        Family::V4 => checksum::of(&sent[..head.body]),
        Family::V6 => 0,
    };
    (own, outer) == (0, 0)
}

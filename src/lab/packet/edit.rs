//! What routers and translators change in passing packets. Checksums are carried along by the
//! difference (RFC 1624), so a wrong one stays wrong and one that means something keeps its meaning.

use std::net::IpAddr;

use super::{Head, head};
use crate::packet::protocol::{ICMP, UDP};
use crate::packet::{checksum, octets, put_u16, u16_at};

/// Which of two ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lab) enum Side {
    Source,
    Destination,
}

/// Sets the class of service (DSCP, RFC 2474); the congestion bits stay.
pub(in crate::lab) fn set_class(packet: &mut [u8], class: u8) {
    let Some(first) = u16_at(packet, 0) else {
        return;
    };
    let (shift, sums) = match first >> 12 {
        4 => (2, [Some(10), None]),
        _ => (6, [None, None]),
    };
    let first = first & !(63 << shift) | u16::from(class & 63) << shift;
    patch(packet, 0, &first.to_be_bytes(), sums);
}

/// Sets where a packet is from.
pub(in crate::lab) fn set_source(packet: &mut [u8], source: IpAddr) {
    set_address(packet, source, [12, 8]);
}

/// Sets where a packet goes.
pub(in crate::lab) fn set_destination(packet: &mut [u8], destination: IpAddr) {
    set_address(packet, destination, [16, 24]);
}

/// Sets an address at its place in IPv4 or in IPv6; one of the other family changes nothing.
fn set_address(packet: &mut [u8], address: IpAddr, [v4, v6]: [usize; 2]) {
    let Some(head) = head(packet).filter(|head| head.to.is_ipv4() == address.is_ipv4()) else {
        return;
    };
    // ICMP for IPv4 alone does not sum up the addresses.
    let own = head.checksum_at().filter(|_| head.protocol != ICMP);
    let (at, sums) = match address {
        IpAddr::V4(_) => (v4, [Some(10), own]),
        IpAddr::V6(_) => (v6, [None, own]),
    };
    patch(packet, at, &octets(address), sums);
}

/// The port of a TCP or UDP packet, or the identifier of an ICMP echo, whose two sides share it.
pub(in crate::lab) fn port(packet: &[u8], side: Side) -> Option<u16> {
    u16_at(packet, port_at(packet, &head(packet)?, side)?)
}

/// Sets what [`port`] reads.
pub(in crate::lab) fn set_port(packet: &mut [u8], side: Side, port: u16) {
    let Some(head) = head(packet) else {
        return;
    };
    if let Some(at) = port_at(packet, &head, side) {
        patch(packet, at, &port.to_be_bytes(), [head.checksum_at(), None]);
    }
}

fn port_at(packet: &[u8], head: &Head, side: Side) -> Option<usize> {
    match side {
        _ if head.is_echo(packet) => Some(head.body + 4),
        Side::Source if head.has_ports() => Some(head.body),
        Side::Destination if head.has_ports() => Some(head.body + 2),
        _ => None,
    }
}

/// Changes the packet that an ICMP error quotes, and the error's checksum with it.
pub(in crate::lab) fn edit_quote(packet: &mut [u8], edit: impl FnOnce(&mut [u8])) {
    let Some(head) = head(packet).filter(|head| head.is_error(packet)) else {
        return;
    };
    let Some(quote) = packet.get_mut(head.body + 8..) else {
        return;
    };
    let before = quote.to_vec();
    edit(quote);
    let after = quote.to_vec();
    let field = head.body + 2;
    if let Some(sum) = u16_at(packet, field) {
        let sum = checksum::updated(sum, &before, &after);
        put_u16(packet, field, sum);
    }
}

/// Puts bytes in place of others and carries the checksums at `sums` along.
fn patch(packet: &mut [u8], at: usize, new: &[u8], sums: [Option<usize>; 2]) {
    let Some(place) = packet.get_mut(at..at + new.len()) else {
        return;
    };
    let old = place.to_vec();
    place.copy_from_slice(new);
    let datagram = head(packet).filter(|head| head.protocol == UDP);
    for field in sums.into_iter().flatten() {
        let Some(sum) = u16_at(packet, field) else {
            continue;
        };
        let updated = checksum::updated(sum, &old, new);
        match datagram.is_some_and(|head| head.checksum_at() == Some(field)) {
            // The datagram has none (RFC 768).
            true if sum == 0 => {}
            true => put_u16(packet, field, checksum::never_zero(updated)),
            false => put_u16(packet, field, updated),
        }
    }
}

/// Sets the checksum of the carried protocol, whatever it was.
pub(in crate::lab) fn set_checksum(packet: &mut [u8]) {
    let Some(head) = head(packet) else {
        return;
    };
    let Some(at) = head.checksum_at() else {
        return;
    };
    put_u16(packet, at, 0);
    let body = packet.get(head.body..).unwrap_or_default();
    let whole = |protocol| checksum::with_addresses(body, protocol, head.from, head.to);
    let sum = match head.protocol {
        ICMP => checksum::of(body),
        UDP => checksum::never_zero(whole(UDP)),
        protocol => whole(protocol),
    };
    put_u16(packet, at, sum);
}

#[cfg(test)]
mod tests {
    use super::super::errors::{Quote, Reason, error};
    use super::super::samples::{addresses, echo, is_sound, tcp, udp};
    use super::*;
    use crate::packet::ip::set_hops;

    #[test]
    fn what_is_changed_stays_sound() {
        for ipv6 in [false, true] {
            let [from, to] = addresses(ipv6);
            let packets = [
                udp([from, to], (4000, 53), b"odd"),
                tcp([from, to], (4000, 443), 2, b""),
                echo([from, to], 7, 1, b"even"),
            ];
            for mut packet in packets {
                assert!(is_sound(&packet));
                let bystander: IpAddr = match ipv6 {
                    false => "203.0.113.77".parse().unwrap(),
                    true => "2001:db8:77::77".parse().unwrap(),
                };
                set_hops(&mut packet, 3);
                set_class(&mut packet, 46);
                set_source(&mut packet, bystander);
                set_destination(&mut packet, from);
                set_port(&mut packet, Side::Source, 61000);
                assert!(is_sound(&packet), "{packet:x?}");
                let head = head(&packet).unwrap();
                assert_eq!((head.from, head.to, head.hops), (bystander, from, 3));
                assert_eq!(port(&packet, Side::Source), Some(61000));
            }
        }
    }

    #[test]
    fn the_class_changes_and_the_congestion_bits_do_not() {
        let mut v4 = udp(addresses(false), (1, 2), b"");
        v4[1] = 0b11;
        set_class(&mut v4, 46);
        assert_eq!(v4[1], 46 << 2 | 0b11);
        let mut v6 = udp(addresses(true), (1, 2), b"");
        v6[1] = 0x3f;
        set_class(&mut v6, 46);
        // Class and congestion bits lie across the first two bytes; the flow label stays.
        assert_eq!(u16::from_be_bytes([v6[0], v6[1]]), 0x6000 | 46 << 6 | 0x3f);
    }

    #[test]
    fn a_quote_is_changed_with_the_errors_checksum() {
        for ipv6 in [false, true] {
            let [from, to] = addresses(ipv6);
            let sent = udp([from, to], (4000, 53), b"payload");
            let mut answer = error(&sent, to, Reason::TimeExceeded, &Quote::default()).unwrap();
            edit_quote(&mut answer, |quote| set_port(quote, Side::Source, 9));
            assert!(is_sound(&answer));
            let quote = &answer[head(&answer).unwrap().body + 8..];
            assert_eq!(port(quote, Side::Source), Some(9));
        }
    }

    #[test]
    fn a_datagram_without_checksum_stays_without() {
        let mut packet = udp(addresses(false), (1, 2), b"x");
        packet[26..28].copy_from_slice(&[0, 0]);
        set_port(&mut packet, Side::Source, 5);
        assert_eq!(packet[26..28], [0, 0]);
    }
}

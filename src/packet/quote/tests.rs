use proptest::prelude::*;

use super::super::icmp::Icmp;
use super::super::ipv4::Ipv4;
use super::super::ipv6::Ipv6;
use super::super::tcp::{self, Tcp};
use super::super::udp::Udp;
use super::*;

/// `value` if `bytes`, cut after `cut`, still hold the field of that length at `at`.
fn held<T>(cut: usize, at: usize, length: usize, value: T) -> Option<T> {
    (at + length <= cut).then_some(value)
}

fn v4() -> (IpAddr, IpAddr) {
    ([192, 0, 2, 1].into(), [198, 51, 100, 2].into())
}

fn v6() -> (IpAddr, IpAddr) {
    (
        "2001:db8::1".parse().unwrap(),
        "2001:db8::2".parse().unwrap(),
    )
}

/// What should be found of a UDP datagram that begins at `at` of a packet cut after `cut`.
fn udp<'a>(datagram: &Udp<'a>, checksum: u16, at: usize, cut: usize) -> Option<Carried<'a>> {
    let there = cut.saturating_sub(at + 8).min(datagram.payload.len());
    (cut >= at).then(|| Carried::Udp {
        source: held(cut, at, 2, datagram.source),
        destination: held(cut, at + 2, 2, datagram.destination),
        length: held(cut, at + 4, 2, 8 + datagram.payload.len() as u16),
        checksum: held(cut, at + 6, 2, checksum),
        payload: &datagram.payload[..there],
    })
}

proptest! {
    #[test]
    fn an_ipv4_quote_says_what_it_holds_and_no_more(
        head in super::super::ipv4::tests::head(), source: u16, destination: u16,
        payload in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let (from, to) = v4();
        let datagram = Udp { source, destination, payload: &payload };
        let bytes = datagram.emit(from, to);
        let packet = Ipv4 { offset: 0, ..head.with(protocol::UDP, &bytes) };
        let whole = packet.emit();
        let at = whole.len() - bytes.len();
        for cut in 0..=whole.len() {
            let expected = Quote {
                tos: held(cut, 1, 1, packet.tos),
                length: held(cut, 2, 2, whole.len() as u32),
                identification: held(cut, 4, 2, packet.identification),
                hops: held(cut, 8, 1, packet.hops),
                source: held(cut, 12, 4, packet.source.into()),
                destination: held(cut, 16, 4, packet.destination.into()),
                carried: udp(&datagram, datagram.checksum(from, to), at, cut),
            };
            prop_assert_eq!(Quote::parse(Family::V4, &whole[..cut]), expected, "cut {}", cut);
        }
    }

    #[test]
    fn an_ipv6_quote_says_what_it_holds_and_no_more(
        head in super::super::ipv6::tests::head(), source: u16, destination: u16,
        kinds in super::super::ipv6::tests::kinds(3),
        payload in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let (from, to) = v6();
        let datagram = Udp { source, destination, payload: &payload };
        let bytes = datagram.emit(from, to);
        let (next_header, mut chain) = super::super::ipv6::tests::chain(&kinds, protocol::UDP);
        let at = 40 + chain.len();
        chain.extend(&bytes);
        let packet = Ipv6 { next_header, payload: &chain, ..head };
        let whole = packet.emit();
        for cut in 0..=whole.len() {
            let expected = Quote {
                tos: held(cut, 0, 2, packet.tos),
                length: held(cut, 4, 2, whole.len() as u32),
                identification: None,
                hops: held(cut, 7, 1, packet.hops),
                source: held(cut, 8, 16, packet.source.into()),
                destination: held(cut, 24, 16, packet.destination.into()),
                carried: udp(&datagram, datagram.checksum(from, to), at, cut),
            };
            prop_assert_eq!(Quote::parse(Family::V6, &whole[..cut]), expected, "cut {}", cut);
        }
    }

    #[test]
    fn eight_bytes_of_tcp_hold_ports_and_sequence(
        (segment, options) in tcp::tests::segment(), cut in 0usize..60,
    ) {
        let (from, to) = v4();
        let segment = Tcp { options: &options, ..segment };
        let bytes = segment.emit(from, to);
        let checksum = u16_at(&bytes, 16).unwrap();
        let whole = Ipv4::plain([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 6, &bytes).emit();
        let cut = cut.min(whole.len() - 20);
        let expected = Carried::Tcp {
            source: held(cut, 0, 2, segment.source),
            destination: held(cut, 2, 2, segment.destination),
            sequence: held(cut, 4, 4, segment.sequence),
            flags: held(cut, 13, 1, segment.flags),
            checksum: held(cut, 16, 2, checksum),
        };
        let quote = Quote::parse(Family::V4, &whole[..20 + cut]);
        prop_assert_eq!(quote.carried, Some(expected));
    }

    #[test]
    fn echoes_are_found_in_their_own_version_only(
        identifier: u16, sequence: u16, payload in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        for (family, (from, to)) in [(Family::V4, v4()), (Family::V6, v6())] {
            let message = Icmp::request(family, identifier, sequence, &payload).emit(from, to);
            let checksum = u16_at(&message, 2);
            let expected = Carried::Icmp {
                kind: message.first().copied(),
                checksum,
                identifier: Some(identifier),
                sequence: Some(sequence),
                payload: &payload,
            };
            for (protocol, ours) in [(1, family == Family::V4), (58, family == Family::V6)] {
                let packet = super::super::ip::Ip::plain(from, to, protocol, &message).unwrap().emit();
                let carried = Quote::parse(family, &packet).carried;
                let other = Carried::Other { protocol, bytes: &message };
                prop_assert_eq!(carried, Some(if ours { expected } else { other }));
            }
        }
    }

    #[test]
    fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..120), version: bool) {
        let (family, first) = if version { (Family::V4, 0x45) } else { (Family::V6, 0x60) };
        let likely = [&[first][..], &bytes].concat();
        for bytes in [&bytes, &likely] {
            Quote::parse(family, bytes);
            prop_assert!(bytes.starts_with(unpadded(family, bytes)));
        }
    }
}

#[test]
fn a_quoted_later_fragment_has_no_ports() {
    let packet = Ipv4 {
        offset: 1,
        ..Ipv4::plain(
            [10, 0, 0, 1].into(),
            [10, 0, 0, 2].into(),
            protocol::UDP,
            &[9; 8],
        )
    };
    let bytes = packet.emit();
    let other = Carried::Other {
        protocol: protocol::UDP,
        bytes: &[9; 8],
    };
    assert_eq!(Quote::parse(Family::V4, &bytes).carried, Some(other));
}

#[test]
fn a_header_that_says_to_be_shorter_than_one_carries_nothing() {
    let mut bytes = Ipv4::plain([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 17, &[9; 8]).emit();
    bytes[0] = 0x44;
    assert_eq!(Quote::parse(Family::V4, &bytes).carried, None);
    // Nor does a packet of the other version: this is an IPv4 error.
    bytes[0] = 0x65;
    assert_eq!(Quote::parse(Family::V4, &bytes).carried, None);
}

#[test]
fn zeros_at_the_end_may_be_padding_but_for_the_least_quote() {
    let whole = |payload: &[u8]| {
        Ipv4::plain([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 17, payload).emit()
    };
    let padded = |bytes: &[u8]| [bytes, &[0; 100]].concat();
    // The least quote of a longer packet; a packet that is shorter than that.
    let longer = whole(&[0; 60]);
    assert_eq!(unpadded(Family::V4, &padded(&longer)), &longer[..28]);
    assert_eq!(unpadded(Family::V4, &longer[..28]), &longer[..28]);
    let shorter = whole(&[0; 5]);
    assert_eq!(unpadded(Family::V4, &padded(&shorter)), shorter);
    assert_eq!(unpadded(Family::V4, &longer[..12]), &longer[..12]);
    // Zeros before the end are none.
    let mut other = padded(&longer);
    other[100] = 1;
    assert_eq!(unpadded(Family::V4, &other), &other[..101]);
    // IPv6 says its length without its header.
    let v6 = Ipv6::plain(1.into(), 2.into(), 17, &[0; 60]).emit();
    assert_eq!(unpadded(Family::V6, &padded(&v6)), &v6[..48]);
}

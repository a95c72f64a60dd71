use proptest::prelude::*;

use super::super::Probe;
use super::super::tag::Tag;
use super::*;
use crate::packet::answer::{self, Fault};
use crate::packet::extension::{Extensions, Object};
use crate::packet::ip::Ip;
use crate::packet::mpls::{self, Label};

const PORTS: (u16, u16) = (40_000, 33_434);

fn ends(family: Family) -> (SocketAddr, SocketAddr, IpAddr) {
    let [from, to, router] = match family {
        Family::V4 => ["192.0.2.1", "198.51.100.2", "203.0.113.3"],
        Family::V6 => ["2001:db8::1", "2001:db8::2", "2001:db8::3"],
    }
    .map(|address| address.parse::<IpAddr>().unwrap());
    ((from, PORTS.0).into(), (to, PORTS.1).into(), router)
}

/// A UDP packet, and what was sent of it.
fn packet(family: Family, payload: &[u8]) -> (Vec<u8>, Sent) {
    let (source, destination, _) = ends(family);
    let udp = Udp {
        source: source.port(),
        destination: destination.port(),
        payload,
    };
    let datagram = udp.emit(source.ip(), destination.ip());
    let ip = Ip::plain(source.ip(), destination.ip(), protocol::UDP, &datagram).unwrap();
    let (length, sum) = (
        datagram.len() as u16,
        udp.checksum(source.ip(), destination.ip()),
    );
    (ip.emit(), Sent::udp(source, destination, length, sum))
}

/// What is heard of an error about `packet`.
fn hear<T>(packet: &[u8], told: impl FnOnce(&Heard<'_>) -> T) -> Option<T> {
    let family = crate::packet::ip::family(packet).unwrap();
    let (_, _, router) = ends(family);
    let stack = mpls::emit(&[Label {
        label: 17,
        class: 0,
        bottom: true,
        ttl: 9,
    }]);
    let extensions = Extensions {
        announced: true,
        objects: vec![Object {
            class: mpls::CLASS,
            kind: mpls::INCOMING,
            payload: &stack,
        }],
    };
    let error = answer::error(packet, router, Fault::HopsExceeded, 64, Some(&extensions));
    let error = error.unwrap();
    let ip = Ip::parse(&error).unwrap();
    let bytes = ip.upper().unwrap().bytes;
    let packet = Packet {
        from: router,
        hops: Some(61),
        bytes,
        stamp: None,
    };
    read(family, &packet).as_ref().map(told)
}

#[test]
fn a_packet_that_was_left_alone_shows_no_change() {
    for family in [Family::V4, Family::V6] {
        let (packet, sent) = packet(family, &[3; 30]);
        let detail = hear(&packet, |heard| {
            assert_eq!(heard.answer, Answer::Passed);
            assert_eq!(heard.responder, ends(family).2);
            heard.detail(&sent)
        });
        let quoted = Quoted {
            tos: Some(0),
            ttl: Some(64),
            ..Quoted::default()
        };
        let label = Label {
            label: 17,
            class: 0,
            bottom: true,
            ttl: 9,
        };
        let expected = Detail {
            ttl: Some(61),
            quoted: Some(quoted),
            labels: vec![label],
            ..Detail::default()
        };
        assert_eq!(detail, Some(expected));
    }
}

#[test]
fn whatever_was_changed_shows() {
    let (packet, sent) = packet(Family::V4, &[3; 30]);
    let quoted = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut packet = packet.clone();
        change(&mut packet);
        hear(&packet, |heard| heard.detail(&sent).quoted)
            .unwrap()
            .unwrap()
    };
    assert_eq!(quoted(&|packet| packet[1] = 0xb8).tos, Some(0xb8));
    let source = quoted(&|packet| packet[15] = 77).source;
    assert_eq!(source, Some([192, 0, 2, 77].into()));
    let destination = quoted(&|packet| packet[16] = 10).destination;
    assert_eq!(destination, Some([10, 51, 100, 2].into()));
    for at in [20, 23, 27] {
        assert!(quoted(&|packet| packet[at] ^= 1).rewritten, "byte {at}");
    }
    // A sum that was left to the card is not finished on virtual links, and no change.
    let unfinished = sent.unfinished.unwrap().to_be_bytes();
    assert!(!quoted(&|packet| packet[26..28].copy_from_slice(&unfinished)).rewritten);
    // The payload is no part of the headers.
    assert!(!quoted(&|packet| packet[40] ^= 1).rewritten);
}

#[test]
fn a_damaged_error_is_not_heard() {
    let (packet, _) = packet(Family::V4, &[3; 30]);
    let (_, _, router) = ends(Family::V4);
    let error = answer::error(&packet, router, Fault::HopsExceeded, 64, None).unwrap();
    let heard = |bytes: &[u8]| {
        let packet = Packet {
            from: router,
            hops: None,
            bytes,
            stamp: None,
        };
        read(Family::V4, &packet).is_some()
    };
    assert!(heard(&error[20..]));
    for at in 20..error.len() {
        let mut error = error.clone();
        error[at] ^= 4;
        assert!(!heard(&error[20..]), "byte {at}");
    }
}

#[test]
fn a_checksum_tells_one_of_as_many_sequences_as_there_are() {
    for sequence in [0, 1, CHECKSUMS - 1, CHECKSUMS, 3 * CHECKSUMS + 7, u32::MAX] {
        let checksum = checksum_of(Sequence(sequence));
        assert!((1..0xffff).contains(&checksum));
        assert_eq!(remainder_of(checksum), Some(sequence % CHECKSUMS));
    }
    assert_eq!((remainder_of(0), remainder_of(0xffff)), (None, None));
}

proptest! {
    #[test]
    fn a_balanced_payload_has_its_checksum_and_its_tag(
        tag: u64, sequence: u32, distance: u8, length in LEAST_BALANCED..200,
    ) {
        let probe = Probe::plain(Sequence(sequence), distance);
        for family in [Family::V4, Family::V6] {
            let (source, destination, _) = ends(family);
            let mut payload = Tag(tag).write(probe, length);
            let written = Tag(tag).read(&payload);
            balance(&mut payload, source, destination, checksum_of(probe.sequence));
            prop_assert_eq!(Tag(tag).read(&payload), written);
            let (_, sent) = packet(family, &payload);
            prop_assert_eq!(sent.checksum, checksum_of(probe.sequence));
        }
    }

    #[test]
    fn any_payload_can_be_balanced(
        mut payload in prop::collection::vec(any::<u8>(), 0..9), wanted: u16,
    ) {
        let (source, destination, _) = ends(Family::V4);
        balance(&mut payload, source, destination, wanted);
    }
}

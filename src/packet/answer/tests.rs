use proptest::prelude::*;

use super::super::extension::Object;
use super::super::icmp::Body;
use super::super::ipv4::Ipv4;
use super::super::ipv6::Ipv6;
use super::super::quote::Carried;
use super::super::tcp::{ACK, RST};
use super::super::{checksum, udp::Udp};
use super::*;

fn ends(family: Family) -> [IpAddr; 3] {
    let all = match family {
        Family::V4 => ["192.0.2.1", "198.51.100.2", "203.0.113.3"],
        Family::V6 => ["2001:db8::1", "2001:db8::2", "2001:db8::3"],
    };
    all.map(|address| address.parse().unwrap())
}

/// A UDP packet from the first end to the second.
fn probe(family: Family, payload: &[u8]) -> Vec<u8> {
    let [from, to, _] = ends(family);
    let udp = Udp {
        source: 40_000,
        destination: 33_434,
        payload,
    }
    .emit(from, to);
    Ip::plain(from, to, protocol::UDP, &udp).unwrap().emit()
}

/// The ICMP message in a packet whose checksums are all right.
fn message(packet: &[u8]) -> Icmp<'_> {
    let ip = Ip::parse(packet).unwrap();
    let upper = ip.upper().unwrap();
    let (family, icmp, sum) = match ip {
        Ip::V4(_) => (Family::V4, protocol::ICMP, checksum::of(upper.bytes)),
        Ip::V6(_) => {
            let (from, to) = (ip.source(), ip.destination());
            let sum = checksum::with_addresses(upper.bytes, protocol::ICMPV6, from, to);
            (Family::V6, protocol::ICMPV6, sum)
        }
    };
    assert_eq!((upper.protocol, sum), (icmp, 0));
    Icmp::parse(family, upper.bytes).unwrap()
}

#[test]
fn every_fault_is_told_with_its_type_code_and_mtu() {
    let faults = [
        (Fault::HopsExceeded, (11, 0, None), (3, 0, None)),
        (Fault::ReassemblyExceeded, (11, 1, None), (3, 1, None)),
        (Fault::TooBig(1400), (3, 4, Some(1400)), (2, 0, Some(1400))),
        (
            Fault::TooBig(70_000),
            (3, 4, Some(65_535)),
            (2, 0, Some(70_000)),
        ),
    ];
    let unreachable = |code| (Fault::Unreachable(code), (3, code, None), (1, code, None));
    let unreachable = (0..16).map(unreachable);
    for (fault, v4, v6) in faults.into_iter().chain(unreachable) {
        for (family, expected) in [(Family::V4, v4), (Family::V6, v6)] {
            let [prober, target, router] = ends(family);
            let packet = probe(family, b"hello");
            let told = error(&packet, router, fault, usize::MAX, None).unwrap();
            let ip = Ip::parse(&told).unwrap();
            assert_eq!((ip.source(), ip.destination()), (router, prober));
            let message = message(&told);
            assert_eq!((message.kind, message.code, message.mtu()), expected);
            let quote = message.quote().unwrap();
            assert_eq!(
                (quote.source, quote.destination),
                (Some(prober), Some(target))
            );
            let Some(Carried::Udp { payload, .. }) = quote.carried else {
                panic!("{quote:?}")
            };
            assert_eq!(payload, b"hello");
        }
    }
}

#[test]
fn a_quote_is_as_long_as_asked_and_an_error_no_longer_than_allowed() {
    for (family, header, most) in [(Family::V4, 20, 576), (Family::V6, 40, 1280)] {
        let [_, _, router] = ends(family);
        let packet = probe(family, &[7; 1400]);
        for quoted in [0, 4, 8, 100, usize::MAX] {
            let told = error(&packet, router, Fault::HopsExceeded, quoted, None).unwrap();
            let whole = header + 8 + header + quoted.min(most);
            assert_eq!(told.len(), whole.min(most));
        }
        let object = Object {
            class: 1,
            kind: 1,
            payload: &[0, 1, 1, 1],
        };
        let extensions = Extensions {
            announced: true,
            objects: vec![object],
        };
        let told = error(
            &packet,
            router,
            Fault::HopsExceeded,
            usize::MAX,
            Some(&extensions),
        );
        let told = told.unwrap();
        assert!(
            told.len() <= most && told.len() > most - 8,
            "{}",
            told.len()
        );
        let Body::Error {
            extensions: read, ..
        } = message(&told).body
        else {
            panic!("an error")
        };
        assert_eq!(read, Some(extensions));
    }
}

#[test]
fn there_are_no_errors_about_errors_fragments_and_crowds() {
    for family in [Family::V4, Family::V6] {
        let [prober, target, router] = ends(family);
        let about = |packet: &[u8]| error(packet, router, Fault::HopsExceeded, usize::MAX, None);
        let packet = probe(family, b"hello");
        let first = about(&packet).unwrap();
        assert_eq!(about(&first), None);
        // But about echoes there are.
        let icmp = Ip::parse(&first).unwrap().upper().unwrap().protocol;
        let echo = Icmp::request(family, 1, 2, b"abc").emit(prober, target);
        assert!(about(&Ip::plain(prober, target, icmp, &echo).unwrap().emit()).is_some());
        let crowd: IpAddr = match family {
            Family::V4 => [224, 0, 0, 1].into(),
            Family::V6 => "ff02::1".parse().unwrap(),
        };
        let nobody: IpAddr = match family {
            Family::V4 => [0, 0, 0, 0].into(),
            Family::V6 => "::".parse().unwrap(),
        };
        for (from, to) in [
            (prober, crowd),
            (crowd, target),
            (nobody, target),
            (prober, nobody),
        ] {
            assert_eq!(
                about(&Ip::plain(from, to, 17, &[0; 8]).unwrap().emit()),
                None
            );
        }
        let [.., other] = ends(if family == Family::V4 {
            Family::V6
        } else {
            Family::V4
        });
        assert_eq!(error(&packet, other, Fault::HopsExceeded, 8, None), None);
    }
    // Errors of types that nobody has defined yet are errors (RFC 4443 2.1).
    let [prober, target, router] = ends(Family::V6);
    for (kind, answered) in [(100, false), (127, false), (200, true)] {
        let unheard = [kind, 0, 0, 0, 0, 0, 0, 0];
        let packet = Ip::plain(prober, target, protocol::ICMPV6, &unheard).unwrap();
        let told = error(&packet.emit(), router, Fault::HopsExceeded, 8, None);
        assert_eq!(told.is_some(), answered, "{kind}");
    }
    let fragment = Ipv4 {
        offset: 1,
        ..Ipv4::plain([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 17, &[0; 8])
    };
    let router = [10, 0, 0, 3].into();
    assert_eq!(
        error(&fragment.emit(), router, Fault::HopsExceeded, 8, None),
        None
    );
}

#[test]
fn ports_answer_as_they_are() {
    for family in [Family::V4, Family::V6] {
        let [prober, target, _] = ends(family);
        let syn = Tcp {
            payload: b"abc",
            ..Tcp::syn(40_000, 443, 100)
        };
        let syn = syn.emit(prober, target);
        let packet = Ip::plain(prober, target, protocol::TCP, &syn)
            .unwrap()
            .emit();
        let answered = |open, expected: (u32, u32, u8)| {
            let packet = tcp(&packet, open).unwrap();
            let ip = Ip::parse(&packet).unwrap();
            assert_eq!((ip.source(), ip.destination()), (target, prober));
            let upper = ip.upper().unwrap();
            let sum = checksum::with_addresses(upper.bytes, protocol::TCP, target, prober);
            assert_eq!(sum, 0);
            let answer = Tcp::parse(upper.bytes).unwrap();
            assert_eq!((answer.source, answer.destination), (443, 40_000));
            assert_eq!(
                (answer.sequence, answer.acknowledgement, answer.flags),
                expected
            );
            packet.clone()
        };
        // 100 + 1; with three bytes of payload 104.
        let open = answered(Some(9), (9, 101, SYN | ACK));
        let closed = answered(None, (0, 104, RST | ACK));
        assert_eq!(tcp(&open, Some(1)), None);
        assert_eq!(tcp(&closed, None), None);
        assert_eq!(tcp(&probe(family, b""), None), None);
    }
}

proptest! {
    #[test]
    fn an_echo_comes_back_as_it_went(identifier: u16, sequence: u16, payload: [u8; 20]) {
        for (family, icmp) in [(Family::V4, protocol::ICMP), (Family::V6, protocol::ICMPV6)] {
            let [prober, target, _] = ends(family);
            let request = Icmp::request(family, identifier, sequence, &payload);
            let packet = Ip::plain(prober, target, icmp, &request.emit(prober, target)).unwrap().emit();
            let reply = echo(&packet).unwrap();
            prop_assert_eq!(message(&reply), request.reply().unwrap());
            prop_assert_eq!(Ip::parse(&reply).unwrap().source(), target);
            prop_assert_eq!(echo(&reply), None);
        }
    }

    #[test]
    fn any_bytes_can_be_answered(
        bytes in prop::collection::vec(any::<u8>(), 0..90), next: u8, quoted: usize,
    ) {
        let v4 = Ipv4::plain([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), next, &bytes).emit();
        let (from, to) = ("fd00::1".parse().unwrap(), "fd00::2".parse().unwrap());
        let v6 = Ipv6::plain(from, to, next, &bytes).emit();
        for packet in [bytes, v4, v6] {
            for router in ["192.0.2.9", "2001:db8::9"] {
                let router = router.parse().unwrap();
                error(&packet, router, Fault::HopsExceeded, quoted, Some(&Extensions::default()));
            }
            echo(&packet);
            tcp(&packet, Some(1));
            tcp(&packet, None);
        }
    }
}

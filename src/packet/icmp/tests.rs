use pnet_packet::{icmp, icmpv6};
use proptest::prelude::*;

use super::super::{extension, ip::Ip, ipv4, ipv6, udp::Udp};
use super::*;

const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

fn ends(family: Family) -> (IpAddr, IpAddr) {
    match family {
        Family::V4 => ([192, 0, 2, 1].into(), [198, 51, 100, 2].into()),
        Family::V6 => (
            "2001:db8::1".parse().unwrap(),
            "2001:db8::2".parse().unwrap(),
        ),
    }
}

fn emit(message: &Icmp<'_>) -> Vec<u8> {
    let (source, destination) = ends(message.family);
    message.emit(source, destination)
}

fn family() -> impl Strategy<Value = Family> {
    prop::sample::select(FAMILIES.to_vec())
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

/// A packet that an error could be about, with any head.
fn packet() -> impl Strategy<Value = Vec<u8>> {
    let any_payload = prop::collection::vec(any::<u8>(), 0..300);
    (
        family(),
        ipv4::tests::head(),
        ipv6::tests::head(),
        any_payload,
    )
        .prop_map(|(family, v4, v6, payload)| {
            let (from, to) = ends(family);
            let udp = Udp {
                source: 1,
                destination: 2,
                payload: &payload,
            }
            .emit(from, to);
            match family {
                Family::V4 => Ip::V4(v4.with(17, &udp)).emit(),
                Family::V6 => Ip::V6(ipv6::Ipv6 {
                    next_header: 17,
                    payload: &udp,
                    ..v6
                })
                .emit(),
            }
        })
}

/// Types whose errors have a quote with a length.
fn extensible(family: Family) -> Vec<u8> {
    match family {
        Family::V4 => vec![3, 11, 12],
        Family::V6 => vec![1, 3],
    }
}

/// A parameter as wide as the type takes.
fn parameter(family: Family, kind: u8, parameter: u32) -> u32 {
    match (family, kind) {
        (Family::V4, 3) => parameter & 0xffff,
        (Family::V4, 12) => parameter & 0xff,
        (Family::V4, 5) | (Family::V6, 2 | 4) => parameter,
        _ => 0,
    }
}

fn an_error(kind: u8, quote: &[u8], extensions: Option<Extensions<'_>>) -> Vec<u8> {
    let family = Family::V4;
    let body = Body::Error {
        parameter: 0,
        quote,
        extensions,
    };
    emit(&Icmp {
        family,
        kind,
        code: 0,
        body,
    })
}

#[test]
fn an_unreachable_with_an_mtu_byte_by_byte() {
    let (from, to) = ends(Family::V4);
    let quoted = Ip::plain(to, from, 17, &[0x11; 8]).unwrap().emit();
    let message = Icmp {
        family: Family::V4,
        kind: 3,
        code: 4,
        body: Body::Error {
            parameter: 1400,
            quote: &quoted,
            extensions: None,
        },
    };
    let bytes = emit(&message);
    // RFC 1191 4: type, code, checksum, two unused bytes, next-hop MTU, quote.
    assert_eq!(
        (&bytes[..2], &bytes[4..8]),
        (&[3, 4][..], &[0, 0, 0x05, 0x78][..])
    );
    assert_eq!(bytes[8..], quoted);
    assert_eq!(message.mtu(), Some(1400));
    assert!(message.is_error());
}

#[test]
fn a_message_with_extensions_byte_by_byte() {
    let (from, to) = ends(Family::V4);
    let quoted = Ip::plain(to, from, 17, &[0x11; 40]).unwrap().emit();
    let objects = || {
        vec![extension::Object {
            class: 1,
            kind: 1,
            payload: &[0, 1, 1, 1],
        }]
    };
    let with = |announced| {
        Some(Extensions {
            announced,
            objects: objects(),
        })
    };
    for (kind, announced) in [(3, true), (11, true), (12, true), (3, false), (11, false)] {
        let bytes = an_error(kind, &quoted, with(announced));
        // 32 words of quote, if it is said: 60 bytes and zeros to 128; then header and object.
        assert_eq!(bytes[5], if announced { 32 } else { 0 });
        assert_eq!(bytes[8..68], quoted);
        assert_eq!(bytes[68..136], [0; 68]);
        assert_eq!(bytes[136] >> 4, 2);
        assert_eq!(bytes[140..], [0, 8, 1, 1, 0, 1, 1, 1]);
    }
}

#[test]
fn extensions_are_found_where_the_length_leads_astray() {
    let (from, to) = ends(Family::V4);
    let quoted = Ip::plain(to, from, 17, &[0x11; 200]).unwrap().emit();
    let extensions = Extensions {
        announced: false,
        objects: Vec::new(),
    };
    let mut bytes = an_error(11, &quoted, Some(extensions));
    for length in [0, 17, 31, 33, 255] {
        bytes[5] = length;
        let Body::Error {
            quote, extensions, ..
        } = Icmp::parse(Family::V4, &bytes).unwrap().body
        else {
            panic!("time exceeded is an error");
        };
        assert_eq!(extensions.map(|found| found.announced), Some(false));
        assert_eq!(quote, &quoted[..128]);
    }
    // Without them, all is quote, whatever the length says.
    let mut bytes = an_error(11, &quoted, None);
    for length in [0, 17, 32, 55, 255] {
        bytes[5] = length;
        let message = Icmp::parse(Family::V4, &bytes).unwrap();
        assert_eq!(
            message.body,
            Body::Error {
                parameter: 0,
                quote: &quoted,
                extensions: None
            }
        );
    }
}

#[test]
fn a_reply_is_to_a_request_only() {
    for family in FAMILIES {
        let request = Icmp::request(family, 1, 2, b"abc");
        let reply = request.reply().unwrap();
        assert_eq!(reply.body, request.body);
        assert_eq!(reply.reply(), None);
        let expected = if family == Family::V4 {
            (8, 0)
        } else {
            (128, 129)
        };
        assert_eq!((request.kind, reply.kind), expected);
    }
}

proptest! {
    #[test]
    fn echoes_that_are_emitted_are_read(
        family in family(), identifier: u16, sequence: u16, payload in bytes(80),
    ) {
        let request = Icmp::request(family, identifier, sequence, &payload);
        for message in [request.clone(), request.reply().unwrap()] {
            let bytes = emit(&message);
            prop_assert_eq!(Icmp::parse(family, &bytes), Some(message));
            for length in 0..HEADER {
                prop_assert_eq!(Icmp::parse(family, &bytes[..length]), None);
            }
        }
    }

    #[test]
    fn errors_of_every_type_and_code_are_read(
        family in family(), code: u8, value: u32, quote in bytes(100),
    ) {
        let kinds: &[u8] = match family {
            Family::V4 => &[3, 4, 5, 11, 12],
            Family::V6 => &[1, 2, 3, 4],
        };
        for kind in kinds {
            let parameter = parameter(family, *kind, value);
            let body = Body::Error { parameter, quote: &quote, extensions: None };
            let message = Icmp { family, kind: *kind, code, body };
            let told = match (family, kind, code) {
                (Family::V4, 3, 4) | (Family::V6, 2, _) => Some(parameter).filter(|mtu| *mtu > 0),
                _ => None,
            };
            prop_assert_eq!(message.mtu(), told);
            let bytes = emit(&message);
            prop_assert_eq!(Icmp::parse(family, &bytes), Some(message));
        }
    }

    #[test]
    fn extensions_that_are_emitted_are_read(
        packet in packet(), words in prop::option::of(16usize..30), code: u8, value: u32,
        kind: prop::sample::Index, objects in extension::tests::objects(), announced: bool,
    ) {
        let family = super::super::ip::family(&packet).unwrap();
        // What is cut is cut at whole words, and unannounced at the one place.
        let end = if announced { words.map_or(packet.len(), |words| words * 8) } else { QUOTED };
        let mut quote = packet.get(..end).unwrap_or(&packet).to_vec();
        // Zeros at the end cannot be told from padding.
        *quote.last_mut().unwrap() |= 1;
        let quote = &quote[..];
        let kind = *kind.get(&extensible(family));
        let extensions = Some(extension::tests::extensions(&objects, announced));
        let parameter = parameter(family, kind, value);
        let message = Icmp { family, kind, code, body: Body::Error { parameter, quote, extensions } };
        let bytes = emit(&message);
        prop_assert_eq!(Icmp::parse(family, &bytes), Some(message));
        // Cut short, the quote is what is there, and no extension is made up.
        for length in 0..bytes.len() {
            let Some(read) = Icmp::parse(family, &bytes[..length]) else {
                prop_assert!(length < HEADER);
                continue;
            };
            let Body::Error { quote, extensions, .. } = read.body else { panic!("an error") };
            prop_assert!(bytes[HEADER..length].starts_with(quote));
            let found = extensions.map_or(0, |found| found.objects.len());
            prop_assert!(found <= objects.len());
        }
    }

    #[test]
    fn checksums_equal_another_implementation(quote in bytes(90), kind: u8, code: u8) {
        let body = || Body::Other(&quote);
        let v4 = emit(&Icmp { family: Family::V4, kind, code, body: body() });
        let view = icmp::IcmpPacket::new(&v4).unwrap();
        prop_assert_eq!(view.get_checksum(), icmp::checksum(&view));
        let v6 = emit(&Icmp { family: Family::V6, kind, code, body: body() });
        let view = icmpv6::Icmpv6Packet::new(&v6).unwrap();
        let (IpAddr::V6(source), IpAddr::V6(destination)) = ends(Family::V6) else { panic!() };
        prop_assert_eq!(view.get_checksum(), icmpv6::checksum(&view, &source, &destination));
    }

    #[test]
    fn any_bytes_can_be_read(
        family in family(), kind in 0u8..=130, mut bytes in bytes(200), packet in packet(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        if let Some(first) = bytes.first_mut() {
            *first = kind;
        }
        let objects = [(1, 1, vec![7; 8])];
        let extensions = Some(extension::tests::extensions(&objects, true));
        let mut mutated = an_error(11, &packet, extensions);
        for (at, value) in changes {
            let at = at.index(mutated.len());
            mutated[at] = value;
        }
        for bytes in [bytes, mutated] {
            let Some(message) = Icmp::parse(family, &bytes) else { continue };
            message.mtu();
            message.quote();
            if let Body::Error { quote, extensions, .. } = message.body {
                let behind = extensions.iter().flat_map(|found| &found.objects);
                let behind: usize = behind.map(|object| 4 + object.payload.len()).sum();
                prop_assert!(HEADER + quote.len() + behind <= bytes.len());
            }
        }
    }
}

//! ICMP errors in full, beside an ordinary UDP socket.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use hopcast::packet::answer::{self, Fault};
use hopcast::packet::ip::Ip;
use hopcast::packet::ipv4::Ipv4;
use hopcast::packet::quote::Carried;
use hopcast::packet::udp::Udp;
use hopcast::packet::{Family, protocol};
use hopcast::probe::quotes::{LEAST_BALANCED, Quotes, Sent, balance, checksum_of, remainder_of};
use hopcast::probe::tag::Tag;
use hopcast::probe::{Answer, Arrival, Detail, Probe, Quoted, Sequence};

use crate::forge::{self, Tap};
use crate::net::{World, client, not_run, router, server};

const PORT: u16 = 33_434;

/// What is kept of an error.
#[derive(Debug, Clone, PartialEq)]
struct Kept {
    responder: IpAddr,
    answer: Answer,
    detail: Detail,
    payload: Vec<u8>,
    checksum: Option<u16>,
}

/// A socket to the server, and what is sent by it with this payload.
fn socket(ipv6: bool, payload: &[u8]) -> (UdpSocket, Sent) {
    let socket = UdpSocket::bind((client(ipv6), 0)).unwrap();
    let destination = SocketAddr::new(server(ipv6), PORT);
    let source = socket.local_addr().unwrap();
    let datagram = Udp {
        source: source.port(),
        destination: destination.port(),
        payload,
    };
    let sum = datagram.checksum(source.ip(), destination.ip());
    let length = 8 + payload.len() as u16;
    (socket, Sent::udp(source, destination, length, sum))
}

/// What was sent, whole, with its sum finished.
fn finished(sent: &Sent, payload: &[u8]) -> Vec<u8> {
    let (from, to) = (sent.source.ip(), sent.destination.ip());
    let datagram = Udp {
        source: sent.source.port(),
        destination: sent.destination.port(),
        payload,
    };
    let datagram = datagram.emit(from, to);
    Ip::plain(from, to, protocol::UDP, &datagram)
        .unwrap()
        .emit()
}

/// A listener for packets from one port.
fn listen(family: Family, port: u16) -> Quotes {
    let quotes = Quotes::open(family, protocol::UDP, None, None).unwrap();
    quotes.listen_for(&[port]).unwrap();
    quotes
}

/// Errors until `count` have come, or none for a while.
fn hear(quotes: &mut Quotes, sent: &Sent, count: usize) -> Vec<Kept> {
    let mut kept = Vec::new();
    let begun = Instant::now();
    while kept.len() < count && begun.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(1));
        let keep = |heard: hopcast::probe::quotes::Heard<'_>| {
            assert!(heard.stamp.is_some());
            let Some(Carried::Udp {
                payload, checksum, ..
            }) = heard.quote.carried
            else {
                panic!("only UDP is let in: {heard:?}");
            };
            kept.push(Kept {
                responder: heard.responder,
                answer: heard.answer,
                detail: heard.detail(sent),
                payload: payload.to_vec(),
                checksum,
            });
        };
        quotes.take(keep).unwrap();
    }
    kept
}

fn family(ipv6: bool) -> Family {
    if ipv6 { Family::V6 } else { Family::V4 }
}

#[test]
fn a_router_and_a_host_show_our_packet_as_it_came_to_them() {
    let Some(world) = World::build() else { return };
    for ipv6 in [false, true] {
        world.client.run(|| {
            let (ours, sent) = socket(ipv6, b"hello, who is there?");
            let (others, _) = socket(ipv6, b"");
            let port = sent.source.port();
            let mut quotes = listen(family(ipv6), port);
            for hops in [1, 9] {
                let set = socket2::SockRef::from(&ours);
                match ipv6 {
                    false => set.set_ttl_v4(hops).unwrap(),
                    true => set.set_unicast_hops_v6(hops).unwrap(),
                }
                // What others cause does not come to us.
                others.send_to(b"others", sent.destination).unwrap();
                ours.send_to(b"hello, who is there?", sent.destination)
                    .unwrap();
            }
            let quoted = |ttl| {
                Some(Quoted {
                    tos: Some(0),
                    ttl: Some(ttl),
                    ..Quoted::default()
                })
            };
            let closed = Answer::Arrived(Arrival::PortClosed);
            // With 9 hops it comes to the server with 8 left, and its answer to us with 63 of 64.
            let expected = [
                (router(ipv6), Answer::Passed, 64, 1),
                (server(ipv6), closed, 63, 8),
            ];
            let heard = hear(&mut quotes, &sent, 2);
            assert_eq!(heard.len(), 2);
            for (heard, (responder, answer, ttl, left)) in heard.into_iter().zip(expected) {
                assert_eq!((heard.responder, heard.answer), (responder, answer));
                let detail = Detail {
                    ttl: Some(ttl),
                    quoted: quoted(left),
                    ..Detail::default()
                };
                assert_eq!(heard.detail, detail);
                assert_eq!(heard.payload, b"hello, who is there?");
            }
            assert_eq!(quotes.overflowed(), 0);
        });
    }
}

#[test]
fn a_dscp_changed_on_the_way_shows_and_a_translator_covers_its_tracks() {
    let Some(world) = World::build() else { return };
    // Expedited forwarding becomes class 1; who asks the port is sent to its neighbour.
    for rule in [
        "add table ip t",
        "add chain ip t early { type filter hook prerouting priority -150 ; }",
        "add rule ip t early ip dscp ef ip dscp set cs1",
        "add chain ip t late { type nat hook prerouting priority -100 ; }",
        "add rule ip t late udp dport 33434 dnat to 10.78.2.2:33435",
    ] {
        if let Err(error) = world.router.command("nft", rule) {
            not_run::<()>(&error.to_string());
            return;
        }
    }
    let tap = Tap::open(&world.server, protocol::UDP);
    world.client.run(|| {
        // The port is held by this socket; the packet is as a real card sends it, its sum finished.
        let (_ours, sent) = socket(false, b"hello");
        let port = sent.source.port();
        let mut quotes = listen(Family::V4, port);
        let whole = finished(&sent, b"hello");
        let Some(Ip::V4(packet)) = Ip::parse(&whole) else {
            panic!("IPv4")
        };
        forge::send(
            &world.client,
            &Ipv4 {
                tos: 0xb8,
                ..packet
            }
            .emit(),
        );
        let came = tap.next();
        let came = Ip::parse(&came).unwrap();
        let datagram = Udp::parse(came.upper().unwrap().bytes).unwrap();
        assert_eq!((came.tos(), datagram.destination), (0x20, 33_435));
        let [heard] = &hear(&mut quotes, &sent, 1)[..] else {
            panic!("one error")
        };
        assert_eq!(heard.responder, server(false));
        // Linux translates the quote back (RFC 5508 4.2), ports and checksum too.
        let quoted = Quoted {
            tos: Some(0x20),
            ttl: Some(63),
            ..Quoted::default()
        };
        assert_eq!(heard.detail.quoted, Some(quoted));
    });
}

#[test]
fn eight_bytes_of_quote_name_a_balanced_probe_and_show_a_clumsy_translator() {
    let Some(world) = World::build() else { return };
    world.client.run(|| {
        let sequence = Sequence(0x0001_2345);
        let mut payload = Tag(1).write(Probe::plain(sequence, 9), LEAST_BALANCED);
        let (ours, sent) = socket(false, &[]);
        let (source, destination) = (sent.source, sent.destination);
        balance(&mut payload, source, destination, checksum_of(sequence));
        let length = 8 + payload.len() as u16;
        let sent = Sent::udp(source, destination, length, checksum_of(sequence));
        let mut quotes = listen(Family::V4, source.port());
        // The closed port says so.
        ours.send_to(&payload, destination).unwrap();
        // Then a router speaks that quotes little, of the packet as a real card sends it.
        let hop: IpAddr = [203, 0, 113, 5].into();
        let packet = finished(&sent, &payload);
        let error = answer::error(&packet, hop, Fault::HopsExceeded, 8, None).unwrap();
        forge::send(&world.server, &error);
        // And one behind a translator that does not put back what it changed.
        let mut changed = packet.clone();
        changed[19] = 77;
        changed[26] ^= 1;
        let error = answer::error(&changed, hop, Fault::HopsExceeded, 8, None).unwrap();
        forge::send(&world.server, &error);
        let heard = hear(&mut quotes, &sent, 3);
        assert_eq!(heard.len(), 3);
        assert_eq!(heard[0].payload, payload);
        assert!(!heard[0].detail.quoted.unwrap().rewritten);
        assert!(heard[1].payload.is_empty());
        let told = heard[1].checksum.and_then(remainder_of);
        assert_eq!(told, Some(0x0001_2345 % 0xfffe));
        assert!(!heard[1].detail.quoted.unwrap().rewritten);
        let quoted = heard[2].detail.quoted.unwrap();
        assert!(quoted.rewritten);
        assert_eq!(quoted.destination, Some([10, 78, 2, 77].into()));
    });
}

//! What is asked for is on the wire: distance, class, length, addresses and ports of every packet, by
//! every method, in both address families. Nobody need answer.

use std::net::IpAddr;

use hopcast::packet::ip::Ip;
use hopcast::packet::tcp::Tcp;
use hopcast::packet::udp::Udp;
use hopcast::packet::{checksum, protocol};

use super::*;
use crate::world::capture::Capture;

/// Options that change the packets, and what is read off each of them.
struct Case {
    method: &'static [&'static str],
    protocol: [u8; 2],
    /// Length of the whole packet, by family, where we make it.
    length: [Option<usize>; 2],
    /// Ports from and to of the first packet and the second.
    ports: Option<[(u16, u16); 2]>,
}

const UDP: [u8; 2] = [protocol::UDP; 2];
const TCP: [u8; 2] = [protocol::TCP; 2];
const ICMP: [u8; 2] = [protocol::ICMP, protocol::ICMPV6];
const PORTS: [&str; 4] = ["-L", "40000", "-P", "7000"];

const CASES: [Case; 9] = [
    // Both ports fixed: one path whatever routers go by (Paris, and Dublin by its checksum).
    Case {
        method: &["-u", PORTS[0], PORTS[1], PORTS[2], PORTS[3], "-s", "100"],
        protocol: UDP,
        length: [Some(100), Some(100)],
        ports: Some([(40_000, 7_000), (40_000, 7_000)]),
    },
    // The source fixed, the destination counting up (classic).
    Case {
        method: &[
            "--ports", "classic", PORTS[0], PORTS[1], PORTS[2], PORTS[3], "-s", "1400",
        ],
        protocol: UDP,
        length: [Some(1400), Some(1400)],
        ports: Some([(40_000, 7_000), (40_000, 7_001)]),
    },
    // The smallest packet that still tells which probe it is: headers and the 17 bytes of the tag,
    // and two bytes in an even place that balance the checksum.
    Case {
        method: &["-u", "-s", "48"],
        protocol: UDP,
        length: [Some(48), Some(40 + 8 + 20)],
        ports: None,
    },
    Case {
        method: &["--method", "icmp", "-s", "100"],
        protocol: ICMP,
        length: [Some(100), Some(100)],
        ports: None,
    },
    Case {
        method: &["--method", "icmp", "-s", "48"],
        protocol: ICMP,
        length: [Some(48), Some(40 + 8 + 20)],
        ports: None,
    },
    // The kernel makes the SYN of a connection; each attempt has a port of its own.
    Case {
        method: &["-T", PORTS[0], PORTS[1], PORTS[2], PORTS[3]],
        protocol: TCP,
        length: [None, None],
        ports: Some([(40_000, 7_000), (40_001, 7_000)]),
    },
    Case {
        method: &[
            "--method", "syn", PORTS[0], PORTS[1], PORTS[2], PORTS[3], "-s", "100",
        ],
        protocol: TCP,
        length: [Some(100), Some(100)],
        ports: Some([(40_000, 7_000), (40_000, 7_000)]),
    },
    Case {
        method: &["--method", "syn", "-P", "7000", "-s", "48"],
        protocol: TCP,
        // A header of 20 with the option for the largest segment.
        length: [Some(48), Some(40 + 24)],
        ports: None,
    },
    // Another flow has another port.
    Case {
        method: &[
            "-u", "--flows", "2", "-c", "2", "-i", "0.01", "-f", "3", PORTS[0], PORTS[1], "-P",
            "7000",
        ],
        protocol: UDP,
        length: [Some(64), Some(40 + 8 + 20)],
        ports: None,
    },
];

/// Ports of a packet with them.
fn ports(packet: &Ip<'_>) -> Option<(u16, u16)> {
    let upper = packet.upper()?;
    match upper.protocol {
        protocol::UDP => Udp::parse(upper.bytes).map(|udp| (udp.source, udp.destination)),
        protocol::TCP => Tcp::parse(upper.bytes).map(|tcp| (tcp.source, tcp.destination)),
        _ => None,
    }
}

#[test]
fn packets_are_as_they_were_asked_for_by_every_method_in_both_families() {
    let Some(world) = built("chain") else { return };
    // Addresses of the client's that nothing leaves from unless it is told to.
    let own: [IpAddr; 2] = [
        "10.77.200.1".parse().unwrap(),
        "fd77:200::1".parse().unwrap(),
    ];
    for address in own {
        let block = (address, if address.is_ipv4() { 32 } else { 128 });
        world.client.address("lo", block).unwrap();
    }
    for case in &CASES {
        for (family, source) in own.into_iter().enumerate() {
            let (target, from) = (world.target(family == 1), source.to_string());
            let to = target.to_string();
            // 184 is 0xb8: expedited forwarding. Given first: the case's own come later.
            let usual = [
                "trace",
                &to,
                "-a",
                &from,
                "-Q",
                "184",
                "-M",
                "-m",
                "3",
                "-G",
                "0",
                "--no-service",
            ];
            let mut args = [&usual[..], case.method].concat();
            if !args.contains(&"-f") {
                args.extend(["-f", "2", "-c", "1"]);
            }
            let capture = Capture::start(&world.client);
            let output = world.hopcast_as_root(&args);
            let seen = capture.stop();
            let packets: Vec<Ip<'_>> = seen
                .iter()
                .filter_map(|captured| Ip::parse(&captured.packet))
                .filter(|packet| packet.source() == source && packet.destination() == target)
                .collect();
            let why = || format!("{args:?}: {packets:?} {}", said(&output));
            assert_eq!(packets.len(), 2, "{}", why());
            let hops: Vec<u8> = packets.iter().map(Ip::hops).collect();
            let flows = args.contains(&"--flows");
            assert_eq!(hops, if flows { [3, 3] } else { [2, 3] }, "{}", why());
            for packet in &packets {
                let upper = packet.upper().unwrap();
                assert_eq!(packet.tos(), 184, "{}", why());
                assert_eq!(upper.protocol, case.protocol[family], "{}", why());
                if let Some(length) = case.length[family] {
                    assert_eq!(packet.emit().len(), length, "{}", why());
                }
                if let Ip::V4(head) = packet {
                    assert!(head.dont_fragment, "{}", why());
                }
                // The kernel leaves the sums of its own segments to the card, which nobody has here.
                if case.method[0] == "--method" {
                    let whole = match (upper.protocol, family) {
                        (protocol::ICMP, _) => checksum::of(upper.bytes),
                        (own, _) => checksum::with_addresses(upper.bytes, own, source, target),
                    };
                    assert_eq!(whole, 0, "{}", why());
                }
            }
            let seen: Vec<_> = packets.iter().filter_map(ports).collect();
            if let Some(ports) = case.ports {
                assert_eq!(seen, ports, "{}", why());
            }
            if flows {
                assert_eq!((seen[0], seen[1].1), ((40_000, 7_000), 7_000), "{}", why());
                assert_ne!(seen[0].0, seen[1].0, "{}", why());
            }
        }
    }
}

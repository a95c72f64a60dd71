//! How exchanges leave this host, and several targets at a time.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hopcast::probe::clock::Clock;
use hopcast::probe::manner::Manner;
use hopcast::probe::names::Server;
use hopcast::probe::service::{Service, ServiceNetwork, Trust};
use hopcast::probe::{Answer, Arrival, Network, Probe, Sequence, Target};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use std::os::fd::AsRawFd;

use crate::dns_server::{at_localhost, over_udp};
use crate::{LOCALHOST, Setup, block_on, ms, patient, say, serve};

const DONE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A web server and the addresses of those who have asked it.
fn server() -> (SocketAddr, Arc<Mutex<Vec<SocketAddr>>>) {
    let peers = Arc::new(Mutex::new(Vec::new()));
    let told = peers.clone();
    let at = serve(LOCALHOST, move |stream: TcpStream| {
        told.lock().unwrap().push(stream.peer_addr().unwrap());
        say(stream, DONE);
    });
    (at, peers)
}

#[test]
fn source_address_and_ports_are_what_was_asked() {
    let (at, peers) = server();
    // A port that the system has just given out is free, and those above it most likely are.
    let first = crate::closed_port("127.0.0.9".parse().unwrap()).min(60_000);
    let setup = Setup {
        manner: Manner {
            source: Some("127.0.0.9".parse().unwrap()),
            source_port: Some(first),
            interface: Some("lo".to_string()),
            ..patient(ms(5000))
        },
        ..Setup::plain()
    };
    let service = Service::http(&format!("http://{at}/")).unwrap();
    let (exchanged, _) = setup.exchange(service, 5);
    assert!(exchanged.iter().all(Option::is_some));
    let expected = first..first + 5;
    let expected: Vec<SocketAddr> = expected.map(|port| ([127, 0, 0, 9], port).into()).collect();
    assert_eq!(*peers.lock().unwrap(), expected);
}

#[test]
fn distance_and_service_class_are_on_the_packet() {
    for address in [LOCALHOST, "::1".parse().unwrap()] {
        let socket = std::net::UdpSocket::bind((address, 0)).unwrap();
        if address.is_ipv4() {
            setsockopt(&socket, sockopt::Ipv4RecvTtl, &true).unwrap();
            setsockopt(&socket, sockopt::IpRecvTos, &true).unwrap();
        } else {
            setsockopt(&socket, sockopt::Ipv6RecvHopLimit, &true).unwrap();
            setsockopt(&socket, sockopt::Ipv6RecvTClass, &true).unwrap();
        }
        block_on(async {
            let at = socket.local_addr().unwrap();
            let service = Service::dns(at, "a.example", "A", false).unwrap();
            let manner = Manner {
                tos: 0xb8,
                ..patient(ms(10))
            };
            let (trust, clock) = (Trust::System, Clock::default());
            let opened = ServiceNetwork::open(vec![service], manner, &trust, Server::System, clock);
            opened.unwrap().send(Probe::plain(Sequence(0), 7)).unwrap();
        });
        let mut control = [0; 128];
        let message = recvmsg::<()>(
            socket.as_raw_fd(),
            &mut [],
            Some(&mut control),
            MsgFlags::MSG_DONTWAIT,
        );
        let (mut distance, mut class) = (None, None);
        for part in message.unwrap().cmsgs().unwrap() {
            match part {
                ControlMessageOwned::Ipv4Ttl(ttl) => distance = Some(ttl),
                ControlMessageOwned::Ipv6HopLimit(limit) => distance = Some(limit),
                ControlMessageOwned::Ipv4Tos(tos) => class = Some(i32::from(tos)),
                ControlMessageOwned::Ipv6TClass(tos) => class = Some(tos),
                _ => {}
            }
        }
        assert_eq!((distance, class), (Some(7), Some(0xb8)), "{address}");
    }
}

#[test]
fn what_this_host_cannot_do_is_an_unsent_probe() {
    let at: SocketAddr = ([127, 0, 0, 1], 9).into();
    let elsewhere = Manner {
        // TEST-NET-1 (RFC 5737) is nobody's.
        source: Some("192.0.2.1".parse().unwrap()),
        ..patient(ms(10))
    };
    let other_family = Manner {
        source: Some("::1".parse().unwrap()),
        ..patient(ms(10))
    };
    let no_interface = Manner {
        interface: Some("none0".to_string()),
        ..patient(ms(10))
    };
    let hosts_own = [
        (elsewhere, "192.0.2.1"),
        (other_family, "::1"),
        (no_interface, "none0"),
    ];
    for (manner, named) in hosts_own {
        for tcp in [false, true] {
            let service = Service::dns(at, "a.example", "A", tcp).unwrap();
            let (manner, trust) = (manner.clone(), Trust::System);
            block_on(async {
                let clock = Clock::default();
                let services = vec![service];
                let opened = ServiceNetwork::open(services, manner, &trust, Server::System, clock);
                let error = opened
                    .unwrap()
                    .send(Probe::plain(Sequence(0), 0))
                    .unwrap_err();
                assert!(error.en.contains(named), "{}", error.en);
            });
        }
    }
}

#[test]
fn a_fault_of_our_own_after_the_name_was_found_is_not_taken_for_loss() {
    let (names, _) = over_udp(LOCALHOST, at_localhost);
    let setup = Setup {
        manner: Manner {
            source: Some("192.0.2.1".parse().unwrap()),
            ..patient(ms(300))
        },
        server: Server::At(names),
        ..Setup::plain()
    };
    let (exchanged, troubles) = setup.exchange(Service::http("http://a.example/").unwrap(), 1);
    assert_eq!(exchanged, [None]);
    assert_eq!(troubles.abandoned, 1);
}

#[test]
fn exchanges_with_several_targets_go_on_at_the_same_time() {
    const TARGETS: u32 = 20;
    let mut services = Vec::new();
    for _ in 0..TARGETS / 2 {
        let web = serve(LOCALHOST, |stream| {
            std::thread::sleep(ms(100));
            say(stream, DONE);
        });
        services.push(Service::http(&format!("http://{web}/")).unwrap());
        let (names, _) = over_udp(LOCALHOST, |question| {
            std::thread::sleep(ms(100));
            at_localhost(question)
        });
        services.push(Service::dns(names, "a.example", "A", false).unwrap());
    }
    let took = block_on(async {
        let (trust, clock) = (Trust::System, Clock::default());
        let opened =
            ServiceNetwork::open(services, patient(ms(5000)), &trust, Server::System, clock);
        let mut network = opened.unwrap();
        let mut sent = Vec::new();
        for number in 0..TARGETS {
            let (target, sequence) = (Target(number), Sequence(number * 7));
            let probe = Probe {
                target,
                ..Probe::plain(sequence, 0)
            };
            sent.push(network.send(probe).unwrap());
        }
        let mut took = Vec::new();
        for _ in 0..TARGETS {
            let until = network.now() + ms(5000);
            let reply = network.receive(until).await.unwrap().unwrap();
            let (target, sequence) = reply.probe.unwrap();
            assert_eq!(sequence.0, target.0 * 7);
            let expected = match target.0 % 2 {
                0 => Arrival::Http(200),
                _ => Arrival::Dns(0),
            };
            assert_eq!(reply.answer, Answer::Arrived(expected));
            took.push((target, reply.received.since(sent[target.0 as usize])));
        }
        // Nothing is left to come, and there is no target behind the last.
        let until = network.now() + ms(20);
        assert_eq!(network.receive(until).await.unwrap(), None);
        let beyond = Probe {
            target: Target(TARGETS),
            ..Probe::plain(Sequence(0), 0)
        };
        assert!(network.send(beyond).is_err());
        took
    });
    let targets: BTreeSet<u32> = took.iter().map(|(target, _)| target.0).collect();
    assert_eq!(targets.len(), TARGETS as usize);
    assert!(took.iter().all(|(_, took)| *took >= ms(100)));
    // One after the other they would take 100 ms each.
    let all: Duration = took.iter().map(|(_, took)| *took).max().unwrap();
    assert!(all < ms(100) * TARGETS / 2, "{all:?}");
}

#[test]
fn receiving_can_be_broken_off_without_losing_a_reply() {
    let (names, _) = over_udp(LOCALHOST, |question| {
        std::thread::sleep(ms(50));
        at_localhost(question)
    });
    let service = Service::dns(names, "a.example", "A", false).unwrap();
    block_on(async {
        let (trust, clock) = (Trust::System, Clock::default());
        let opened = ServiceNetwork::open(
            vec![service],
            patient(ms(5000)),
            &trust,
            Server::System,
            clock,
        );
        let mut network = opened.unwrap();
        let sent = network.send(Probe::plain(Sequence(3), 0)).unwrap();
        let mut broken = 0;
        let reply = loop {
            let until = network.now() + Duration::from_secs(5);
            match tokio::time::timeout(ms(1), network.receive(until)).await {
                Ok(reply) => break reply.unwrap().unwrap(),
                Err(_) => broken += 1,
            }
        };
        assert!(broken > 0);
        assert!(reply.received.since(sent) >= ms(50));
    });
}

//! TCP connection attempts.

use std::net::{SocketAddr, TcpListener};

use hopcast::probe::privilege;
use hopcast::probe::tcp::TcpNetwork;
use hopcast::probe::{Answer, Arrival, Stamp};

use super::*;

#[test]
fn several_targets_accept_or_refuse_each_its_own_attempts() {
    accept_or_refuse(true);
    accept_or_refuse(false);
}

/// What three targets answer, with the right to raw sockets or without.
fn accept_or_refuse(raw: bool) {
    alone(move || {
        if !raw {
            privilege::give_up().unwrap();
        }
        run(async {
            let open = TcpListener::bind("127.0.0.2:0").unwrap();
            let six = TcpListener::bind("[::1]:0").unwrap();
            let listening = [&open, &six].map(|open| open.local_addr().unwrap());
            let targets: Vec<SocketAddr> = listening.into_iter().chain([here(3, 9)]).collect();
            let mut network = TcpNetwork::open(&targets, &manner(), Clock::default()).unwrap();
            for sequence in 0..2 {
                for target in 0..3 {
                    network.send(probe(target, sequence)).unwrap();
                }
            }
            for _ in 0..6 {
                let reply = next(&mut network).await;
                let (Target(target), _) = reply.probe.unwrap();
                assert_eq!(reply.responder, targets[target as usize].ip());
                let (arrival, stamp) = match target {
                    // The kernel knows the round trip of a SYN that was accepted.
                    0 | 1 => (Arrival::Connected, Stamp::Kernel),
                    _ if raw => (Arrival::Refused, Stamp::Kernel),
                    _ => (Arrival::Refused, Stamp::User),
                };
                // A Linux host's own answers begin with 64, and loopback takes none off.
                let ttl = reply.detail.and_then(|detail| detail.ttl);
                assert_eq!(ttl, raw.then_some(64));
                let left = reply.sent.map(|left| left <= reply.received);
                assert_eq!(left, raw.then_some(true));
                assert_eq!(reply.answer, Answer::Arrived(arrival));
                assert_eq!(reply.stamp, stamp);
            }
        });
    });
}

#[test]
fn attempts_leave_from_the_ports_and_the_address_that_were_asked_for() {
    alone(|| {
        run(async {
            let listener = TcpListener::bind("127.0.0.2:0").unwrap();
            let manner = Manner {
                source: Some(ip(9)),
                source_port: Some(40_000),
                ..manner()
            };
            let target = [listener.local_addr().unwrap()];
            let mut network = TcpNetwork::open(&target, &manner, Clock::default()).unwrap();
            for sequence in 0..3 {
                network.send(probe(0, sequence)).unwrap();
                let (_, from) = listener.accept().unwrap();
                assert_eq!(from, here(9, 40_000 + sequence as u16));
                next(&mut network).await;
            }
        });
    });
}

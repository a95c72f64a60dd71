//! The kernel's own routers, and a capture as second opinion.

use std::net::UdpSocket;

use super::world::capture::Capture;
use super::world::kernel::{KernelChain, Lossy};
use super::*;

/// One datagram each from one socket to the server's closed port at some distances.
fn swept(chain: &KernelChain, plain: &Plain, distances: &[u32]) -> Vec<Heard> {
    for hops in distances {
        plain.send(chain.target(plain.ipv6), *hops, b"");
    }
    plain.heard(QUIET)
}

/// Lets both ends of every link learn of each other: the first IPv6 packet waits for that.
fn warmed(chain: &KernelChain, ipv6: bool) -> Plain {
    let plain = Plain::open(&chain.client, ipv6);
    let last = chain.routers.len() as u32 + 1;
    let deadline = Instant::now() + Duration::from_secs(10);
    while swept(chain, &plain, &[last]).is_empty() {
        assert!(
            Instant::now() < deadline,
            "the chain does not carry packets"
        );
    }
    plain
}

#[test]
fn a_new_chain_carries_its_first_packet() {
    for ipv6 in [false, true] {
        let Some(chain) = KernelChain::build(3) else {
            return;
        };
        // A neighbour that is not heard at once is asked for again after a second.
        let plain = Plain::open(&chain.client, ipv6);
        plain.send(chain.target(ipv6), 4, b"first");
        let heard = plain.next(Duration::from_millis(900));
        assert_eq!(heard.map(|heard| heard.from), Some(chain.target(ipv6)));
    }
}

#[test]
fn kernels_in_a_chain_answer_hop_by_hop_within_their_limits() {
    let Some(chain) = KernelChain::build(3) else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = warmed(&chain, ipv6);
        let heard = swept(&chain, &plain, &[1, 2, 3, 4]);
        let expected: Vec<IpAddr> = (1..=3)
            .map(|at| chain.address(at, ipv6))
            .chain([chain.target(ipv6)])
            .collect();
        assert_eq!(from(&heard), expected);
    }
    // Six at once and one a second to one address: one has gone out just now, which at most two
    // seconds may have given back.
    let plain = Plain::open(&chain.client, false);
    let heard = swept(&chain, &plain, &[2; 20]).len();
    assert!((5..=7).contains(&heard), "{heard}");
    chain.routers[1].answer_freely().unwrap();
    assert_eq!(swept(&chain, &plain, &[2; 20]).len(), 20);
}

#[test]
fn a_kernel_router_loses_one_way_only() {
    for way in [Lossy::Forward, Lossy::Return] {
        let Some(chain) = KernelChain::build(2) else {
            return;
        };
        for node in chain.routers.iter().chain([&chain.server]) {
            node.answer_freely().unwrap();
        }
        let plain = warmed(&chain, false);
        if !chain.lose(1, 20, way) {
            return;
        }
        let n = 500;
        let heard = swept(&chain, &plain, &vec![2; n]).len();
        plausible(n - heard, n, 0.2);
        // What ends at the router itself is not forwarded, so not lost.
        assert_eq!(swept(&chain, &plain, &[1; 50]).len(), 50);
    }
}

#[test]
fn a_capture_sees_both_ways_with_the_times_of_the_links() {
    let Some(world) = built("forward-loss") else {
        return;
    };
    let capture = Capture::start(&world.client);
    let server = run::inside(&world.server, || UdpSocket::bind(("::", 7)).unwrap());
    let plain = Plain::open(&world.client, false);
    for _ in 0..10 {
        plain.send(world.target(false), 2, b"");
    }
    assert_eq!(plain.heard(QUIET).len(), 10);
    let icmp = |packet: &[u8]| packet[9] == 1;
    let packets = capture.stop();
    let (back, out): (Vec<_>, Vec<_>) = packets
        .iter()
        .filter(|own| own.packet[0] >> 4 == 4)
        .partition(|own| icmp(&own.packet));
    assert_eq!((out.len(), back.len()), (10, 10));
    let mut pairs = out.iter().zip(&back);
    takes(4..9, || {
        let (sent, answer) = pairs.next().unwrap();
        // Answers quote their probes with identification and all.
        assert_eq!(answer.packet[28 + 4..28 + 6], sent.packet[4..6]);
        // The world may be at work on a packet before the capture has stamped it.
        answer.at - sent.at + Duration::from_micros(200)
    });
    drop(server);
}

#[test]
fn a_capture_reads_cables_too() {
    let Some(chain) = KernelChain::build(1) else {
        return;
    };
    let plain = warmed(&chain, false);
    let capture = Capture::start(&chain.client);
    plain.send(chain.target(false), 1, b"seen");
    let mut packets = capture.stop().into_iter();
    assert!(packets.any(|own| own.packet.ends_with(b"seen") && own.packet[0] == 0x45));
}

#[test]
fn a_client_has_its_addresses_as_soon_as_there_is_a_world() {
    for _ in 0..20 {
        let Some(world) = World::build("chain") else {
            return;
        };
        for own in &world.world.nodes[hopcast::lab::world::World::CLIENT].addresses {
            run::inside(&world.client, || {
                let socket = UdpSocket::bind((*own, 0)).unwrap();
                socket.set_read_timeout(Some(QUIET)).unwrap();
                let itself = socket.local_addr().unwrap();
                // What the kernel does not know to be its own goes out by the path, or nowhere.
                assert_eq!(socket.send_to(b"own", itself).unwrap(), 3);
                assert_eq!(socket.recv_from(&mut [0; 3]).unwrap(), (3, itself));
            });
        }
    }
}

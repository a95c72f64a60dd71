//! SYN probes: open and refused ports, a router on the way, forged answers.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use hopcast::packet::answer::{self, Fault};
use hopcast::packet::extension::{Extensions, Object};
use hopcast::packet::ip::Ip;
use hopcast::packet::mpls::{self, Label};
use hopcast::packet::protocol;
use hopcast::packet::tcp::{ACK, RST, SYN, Tcp};
use hopcast::probe::clock::Clock;
use hopcast::probe::manner::Manner;
use hopcast::probe::syn::SynNetwork;
use hopcast::probe::tag::Tag;
use hopcast::probe::{
    Answer, Arrival, Flow, Network, Probe, Quoted, Reply, Sequence, Stamp, Target, Troubles,
};

use crate::forge::{self, Tap};
use crate::net::{World, client, not_run, router, second, server};

const TAG: Tag = Tag(0x1234_5678_9abc_def0);
const PORT: u16 = 47_000;

const CONNECTED: Answer = Answer::Arrived(Arrival::Connected);
const REFUSED: Answer = Answer::Arrived(Arrival::Refused);

/// Long enough that nothing which comes at all comes later.
const PATIENCE: Duration = Duration::from_secs(5);
/// Long enough to see that nothing more comes.
const QUIET: Duration = Duration::from_millis(200);

/// Runs `work` in the client's namespace with an open network to `targets`.
fn run<T: Send>(
    world: &World,
    targets: &[SocketAddr],
    manner: &Manner,
    work: impl AsyncFnOnce(&mut SynNetwork) -> T + Send,
) -> T {
    world.client.run(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let network = SynNetwork::open(targets, manner, Clock::default());
            work(&mut network.unwrap_or_else(|error| panic!("{error:?}"))).await
        })
    })
}

/// Sends one probe and waits for its reply.
async fn ask(network: &mut SynNetwork, probe: Probe) -> Reply {
    let sent = network.send(probe).unwrap_or_else(|why| panic!("{why:?}"));
    let until = network.now() + PATIENCE;
    let reply = network.receive(until).await.unwrap().expect("an answer");
    assert_eq!(reply.probe, Some(probe.id()));
    // The kernel says when it left and when the answer came.
    let left = reply.sent.expect("a stamp of its departure");
    assert!(sent <= left && left <= reply.received && reply.received <= network.now());
    assert_eq!(reply.stamp, Stamp::Kernel);
    reply
}

/// All that comes until it is quiet.
async fn rest(network: &mut SynNetwork) -> Vec<Reply> {
    let mut replies = Vec::new();
    loop {
        let until = network.now() + QUIET;
        match network.receive(until).await.unwrap() {
            Some(reply) => replies.push(reply),
            None => return replies,
        }
    }
}

fn to(target: u32, sequence: u32, distance: u8) -> Probe {
    Probe {
        target: Target(target),
        ..Probe::plain(Sequence(sequence), distance)
    }
}

#[test]
fn a_router_an_open_port_and_a_refused_one_in_both_families() {
    let Some(world) = World::build() else { return };
    let listeners = [world.listen(false), world.listen(true)];
    let open = listeners
        .each_ref()
        .map(|listener| listener.local_addr().unwrap());
    let targets = [
        open[0],
        open[1],
        (server(false), 9).into(),
        (server(true), 9).into(),
    ];
    let manner = Manner {
        tos: 0x28,
        ..Manner::plain(TAG)
    };
    let troubles = run(&world, &targets, &manner, async |network| {
        for (at, target) in targets.iter().enumerate() {
            let (target, ipv6) = (target.ip(), target.is_ipv6());
            let at = at as u32;
            for turn in 0..3 {
                let hop = ask(network, to(at, 2 * turn, 1)).await;
                assert_eq!((hop.answer, hop.responder), (Answer::Passed, router(ipv6)));
                let detail = hop.detail.unwrap();
                // A Linux router's own packets begin with 64, and nobody is in between.
                assert_eq!(detail.ttl, Some(64));
                let quoted = Quoted {
                    tos: Some(0x28),
                    ttl: Some(1),
                    ..Quoted::default()
                };
                assert_eq!(detail.quoted, Some(quoted));
                let end = ask(network, to(at, 2 * turn + 1, 2)).await;
                let expected = if at < 2 { CONNECTED } else { REFUSED };
                assert_eq!((end.answer, end.responder), (expected, target));
                assert_eq!(end.detail.unwrap().ttl, Some(63));
            }
        }
        assert_eq!(rest(network).await, []);
        network.troubles()
    });
    assert_eq!(troubles, Troubles::default());
    // Our kernel has reset what the server had half open (state 03 of /proc/net/tcp).
    let began = Instant::now();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let half_open = || {
            let table = world.server.run(|| std::fs::read_to_string(table).unwrap());
            let state = |line: &str| line.split_whitespace().nth(3).map(str::to_string);
            table
                .lines()
                .filter(|line| state(line).as_deref() == Some("03"))
                .count()
        };
        // Without a reset the server would keep it for over a minute.
        while half_open() > 0 {
            assert!(began.elapsed() < Duration::from_secs(10), "{table}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn a_burst_to_a_closed_port_is_answered_probe_by_probe() {
    let Some(world) = World::build() else { return };
    let targets = [
        SocketAddr::new(server(false), 9),
        SocketAddr::new(server(true), 9),
    ];
    let count = 500;
    run(&world, &targets, &Manner::plain(TAG), async |network| {
        for sequence in 0..count {
            for target in [0, 1] {
                network.send(to(target, sequence, 2)).unwrap();
            }
        }
        let mut answers = HashMap::new();
        for reply in rest(network).await {
            assert_eq!(reply.answer, REFUSED);
            *answers.entry(reply.probe.unwrap()).or_insert(0) += 1;
        }
        assert_eq!(answers.len(), 2 * count as usize);
        assert!(answers.values().all(|times| *times == 1));
        assert_eq!(network.troubles(), Troubles::default());
    });
}

#[test]
fn a_port_that_is_half_open_answers_one_syn_at_a_time_and_none_is_lost_for_it() {
    let Some(world) = World::build() else { return };
    let listener = world.listen(false);
    let targets = [listener.local_addr().unwrap()];
    run(&world, &targets, &Manner::plain(TAG), async |network| {
        assert_eq!(ask(network, to(0, 0, 2)).await.answer, CONNECTED);
        // From now on our kernel's resets are lost, so the port stays half open.
        for rule in [
            "add table ip t",
            "add chain ip t out { type filter hook output priority 0 ; }",
            "add rule ip t out tcp flags & rst == rst drop",
        ] {
            if let Err(error) = world.client.command("nft", rule) {
                return not_run(&error.to_string()).unwrap_or(());
            }
        }
        assert_eq!(ask(network, to(0, 1, 2)).await.answer, CONNECTED);
        // It answers this one by acknowledging the one before; nothing is taken for forged.
        assert_eq!(ask(network, to(0, 2, 2)).await.answer, CONNECTED);
        // The next would not be answered: Linux says so twice a second at most. Until it may, no other
        // is sent, and that is no loss; what does not reach the port is not kept back.
        let answered = network.now();
        let kept_back = [3, 4].map(|sequence| network.send(to(0, sequence, 2)).is_err());
        // Where nobody has put us aside so long.
        let in_time = network.now().since(answered) < Duration::from_millis(500);
        assert!(kept_back == [true; 2] || !in_time);
        assert_eq!(ask(network, to(0, 6, 1)).await.answer, Answer::Passed);
        assert_eq!(rest(network).await, []);
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(ask(network, to(0, 7, 2)).await.answer, CONNECTED);
        assert_eq!(rest(network).await, []);
        assert_eq!(network.troubles(), Troubles::default());
    });
}

/// What the server sees of one probe, whole.
fn seen(tap: &Tap) -> (Vec<u8>, Tcp<'static>) {
    let packet = tap.next();
    let ip = Ip::parse(&packet).unwrap();
    let segment = Tcp::parse(ip.upper().unwrap().bytes).unwrap();
    let segment = Tcp {
        options: &[],
        payload: &[],
        ..segment
    };
    (packet, segment)
}

#[test]
fn a_flow_keeps_its_port_and_a_probe_its_size() {
    let Some(world) = World::build() else { return };
    let tap = Tap::open(&world.server, protocol::TCP);
    let manner = Manner {
        source: Some(second()),
        source_port: Some(PORT),
        tos: 0xb8,
        ..Manner::plain(TAG)
    };
    let targets = [SocketAddr::new(server(false), 9)];
    run(&world, &targets, &manner, async |network| {
        let mut sequences = Vec::new();
        for (turn, (flow, size)) in [(0, 0), (3, 100), (0, 1500), (3, 20)]
            .into_iter()
            .enumerate()
        {
            let probe = Probe {
                flow: Flow(flow),
                size,
                ..to(0, turn as u32, 9)
            };
            // The reset acknowledges what the SYN carried as well.
            assert_eq!(ask(network, probe).await.answer, REFUSED);
            let (packet, segment) = seen(&tap);
            // 20 bytes of IP, 20 of TCP and one option are the least.
            assert_eq!(packet.len(), usize::from(size).max(44));
            assert_eq!((segment.source, segment.flags), (PORT + flow, SYN));
            let ip = Ip::parse(&packet).unwrap();
            assert_eq!((ip.source(), ip.tos()), (second(), 0xb8));
            sequences.push(segment.sequence);
        }
        sequences.dedup();
        assert_eq!(sequences.len(), 4);
    });
}

#[test]
fn eight_bytes_of_quote_are_enough_and_labels_are_heard() {
    let Some(world) = World::build() else { return };
    let tap = Tap::open(&world.server, protocol::TCP);
    let targets = [SocketAddr::new(server(false), 9)];
    run(&world, &targets, &Manner::plain(TAG), async |network| {
        ask(network, to(0, 7, 9)).await;
        let (packet, _) = seen(&tap);
        let hop: IpAddr = [203, 0, 113, 5].into();
        let stack = [Label {
            label: 16_001,
            class: 2,
            bottom: true,
            ttl: 1,
        }];
        let payload = mpls::emit(&stack);
        let object = Object {
            class: mpls::CLASS,
            kind: mpls::INCOMING,
            payload: &payload,
        };
        let extensions = Extensions {
            announced: true,
            objects: vec![object],
        };
        for (quoted, extensions) in [(8, None), (8, Some(&extensions)), (500, Some(&extensions))] {
            let error = answer::error(&packet, hop, Fault::HopsExceeded, quoted, extensions);
            forge::send(&world.server, &error.unwrap());
            let [reply] = &rest(network).await[..] else {
                panic!("one reply")
            };
            assert_eq!((reply.answer, reply.responder), (Answer::Passed, hop));
            assert_eq!(reply.probe, Some((Target(0), Sequence(7))));
            let detail = reply.detail.as_ref().unwrap();
            assert_eq!(
                detail.labels,
                if extensions.is_some() {
                    &stack[..]
                } else {
                    &[]
                }
            );
            // The server saw it with 8 hops left of 9, the first router having taken one.
            let quoted = Quoted {
                tos: Some(0),
                ttl: Some(8),
                ..Quoted::default()
            };
            assert_eq!(detail.quoted, Some(quoted));
        }
        // Ports without a number: an answer to some probe of ours, nobody knows which.
        let error = answer::error(&packet, hop, Fault::Unreachable(13), 7, None);
        forge::send(&world.server, &error.unwrap());
        let [reply] = &rest(network).await[..] else {
            panic!("one reply")
        };
        assert_eq!(
            (reply.probe, reply.answer),
            (None, Answer::Barred { kind: 3, code: 13 })
        );
        let expected = Troubles {
            short_quotes: 1,
            ..Troubles::default()
        };
        assert_eq!(network.troubles(), expected);
    });
}

#[test]
fn arrival_is_judged_by_number_and_type_and_never_by_address() {
    let Some(world) = World::build() else { return };
    let tap = Tap::open(&world.server, protocol::TCP);
    let targets = [SocketAddr::new(server(false), 9)];
    run(&world, &targets, &Manner::plain(TAG), async |network| {
        ask(network, to(0, 7, 9)).await;
        let (packet, syn) = seen(&tap);
        let stranger: IpAddr = [203, 0, 113, 5].into();
        let forged = |segment: Tcp<'_>, from: IpAddr| {
            let segment = segment.emit(from, client(false));
            forge::send(
                &world.server,
                &forge::with_segment(from, client(false), &segment),
            );
        };
        // The right number from elsewhere: a translator in between, or another address of its.
        for (segment, expected) in [(syn.syn_ack(1), CONNECTED), (syn.reset().unwrap(), REFUSED)] {
            forged(segment, stranger);
            let [reply] = &rest(network).await[..] else {
                panic!("one reply")
            };
            assert_eq!((reply.answer, reply.responder), (expected, stranger));
            assert_eq!(reply.probe, Some((Target(0), Sequence(7))));
        }
        assert_eq!(network.troubles(), Troubles::default());
        // The right ports from the right address with a wrong number, or with none.
        let right = syn.syn_ack(1);
        let wrong = right.acknowledgement.wrapping_add(1);
        forged(
            Tcp {
                acknowledgement: wrong,
                ..right
            },
            server(false),
        );
        forged(
            Tcp {
                acknowledgement: wrong,
                flags: RST | ACK,
                ..right
            },
            server(false),
        );
        forged(
            Tcp {
                flags: RST,
                ..right
            },
            server(false),
        );
        // An error that quotes a number that we have not sent.
        let mut quoted = packet.clone();
        quoted[27] ^= 1;
        let error = answer::error(&quoted, stranger, Fault::HopsExceeded, 8, None).unwrap();
        forge::send(&world.server, &error);
        // What is for other ports, damaged, or about our own kernel's reset is none of ours.
        forged(
            Tcp {
                destination: right.destination ^ 1,
                ..right
            },
            server(false),
        );
        let mut damaged = error.clone();
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        forge::send(&world.server, &damaged);
        let reset = right.reset().unwrap().emit(client(false), server(false));
        let reset = forge::with_segment(client(false), server(false), &reset);
        let error = answer::error(&reset, stranger, Fault::Unreachable(1), 8, None).unwrap();
        forge::send(&world.server, &error);
        // Nor is an answer that the target had to send twice.
        tokio::time::sleep(Duration::from_secs(1)).await;
        forged(right, server(false));
        assert_eq!(rest(network).await, []);
        let expected = Troubles {
            spoofed: 4,
            ..Troubles::default()
        };
        assert_eq!(network.troubles(), expected);
    });
}

#[test]
fn who_may_not_open_raw_sockets_is_told_what_grants_it() {
    let told = std::thread::spawn(|| {
        use caps::{CapSet, Capability};
        for set in [CapSet::Effective, CapSet::Permitted] {
            let _ = caps::drop(None, set, Capability::CAP_NET_RAW);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            let targets = [SocketAddr::from(([127, 0, 0, 1], 9))];
            SynNetwork::open(&targets, &Manner::plain(TAG), Clock::default()).err()
        })
    });
    let told = format!("{:?}", told.join().unwrap().expect("it is refused"));
    assert!(told.contains("setcap cap_net_raw"), "{told}");
}

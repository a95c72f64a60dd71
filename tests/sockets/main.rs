//! The networks that send real packets, each in a network namespace of the test's own, with nobody
//! in it but the test: what the kernel would answer it can leave unanswered, and forge instead.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::future::Future;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use hopcast::lang::Text;
use hopcast::probe::clock::Clock;
use hopcast::probe::icmp::{IcmpNetwork, Kind};
use hopcast::probe::manner::Manner;
use hopcast::probe::tag::Tag;
use hopcast::probe::{Network, Probe, Reply, Sequence, Target};
use hopcast::units::Moment;
use nix::sched::{CloneFlags, unshare};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

mod forged;
mod icmp;
mod rights;
mod tcp;
mod udp;
mod wraps;

/// The tag of the runs under test.
const TAG: Tag = Tag(0x0123_4567_89ab_cdef);

/// The IPv6 loopback.
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// Long enough for anything on loopback, however busy the machine is.
const SOON: Duration = Duration::from_secs(5);

/// How long is listened for what must not come.
const WHILE: Duration = Duration::from_millis(100);

/// Does `work` in a new network namespace with its loopback up. Where the system does not allow one,
/// says what was not run; with `CI` set, that is a failure.
fn alone<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let test = std::thread::current()
        .name()
        .unwrap_or("a test")
        .to_string();
    let inside = move || {
        let made = unshare(CloneFlags::CLONE_NEWNET).map_err(std::io::Error::from);
        let up = || {
            Command::new("ip")
                .args(["link", "set", "lo", "up"])
                .status()
        };
        match made.and_then(|()| up()) {
            Ok(status) if status.success() => Some(work()),
            why if std::env::var_os("CI").is_some() => panic!("no namespace in CI: {why:?}"),
            why => {
                // Written past the harness, which hides what a passing test says by `eprintln!`.
                let said = format!("{test} NOT RUN: no namespace ({why:?}); run as root\n");
                let _ = std::io::stderr().write_all(said.as_bytes());
                None
            }
        }
    };
    let thread = std::thread::spawn(inside);
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Sets a kernel switch of this thread's namespace.
fn set(switch: &str, value: &str) {
    std::fs::write(format!("/proc/sys/net/{switch}"), value).unwrap();
}

/// Lets the group of root, which tests run as, open ping sockets.
fn allow_ping_sockets() {
    set("ipv4/ping_group_range", "0 0");
}

/// Leaves echo requests to the test.
fn answer_no_echo() {
    set("ipv4/icmp_echo_ignore_all", "1");
    set("ipv6/icmp/echo_ignore_all", "1");
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(work)
}

fn manner() -> Manner {
    Manner::plain(TAG)
}

fn probe(target: u32, sequence: u32) -> Probe {
    Probe {
        target: Target(target),
        ..Probe::plain(Sequence(sequence), 64)
    }
}

fn ip(last: u8) -> IpAddr {
    Ipv4Addr::new(127, 0, 0, last).into()
}

fn here(last: u8, port: u16) -> SocketAddr {
    SocketAddr::new(ip(last), port)
}

/// A network that echoes in one of the two ways.
fn echoing(targets: &[IpAddr], manner: &Manner, kind: Kind) -> IcmpNetwork {
    IcmpNetwork::open(targets, manner, Clock::default(), Some(kind)).unwrap()
}

/// The next reply, which must come.
async fn next(network: &mut impl Network) -> Reply {
    let until = network.now() + SOON;
    network.receive(until).await.unwrap().expect("a reply")
}

/// Listens for a while in which no reply may come.
async fn nothing(network: &mut impl Network) {
    let until: Moment = network.now() + WHILE;
    assert_eq!(network.receive(until).await.unwrap(), None);
}

/// What is refused, in English.
fn refused<T>(result: Result<T, Text>) -> String {
    match result {
        Ok(_) => panic!("it was not refused"),
        Err(why) => why.en,
    }
}

/// A raw ICMP socket of the test's: it hears every ICMP packet that comes to `at`, and forges what
/// is to seem from there.
fn forger(at: IpAddr) -> Socket {
    let (domain, protocol) = match at {
        IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
        IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
    };
    let socket = Socket::new(domain, Type::RAW, Some(protocol)).unwrap();
    socket
        .bind(&SockAddr::from(SocketAddr::new(at, 0)))
        .unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    socket
}

/// The next packet of this ICMP type that `socket` hears, with its IP header where it has one.
fn heard(socket: &Socket, kind: u8) -> Vec<u8> {
    loop {
        let mut bytes = [0; 2048];
        let count = std::io::Read::read(&mut &*socket, &mut bytes).unwrap();
        let packet = &bytes[..count];
        let icmp = if socket.domain().unwrap() == Domain::IPV4 {
            &packet[20..]
        } else {
            packet
        };
        if icmp[0] == kind {
            return packet.to_vec();
        }
    }
}

/// Sends an ICMP message; over IPv6 the kernel puts the checksum in.
fn forge(socket: &Socket, to: IpAddr, mut icmp: Vec<u8>) {
    let sum = pnet_packet::util::checksum(&icmp, 1);
    icmp[2..4].copy_from_slice(&sum.to_be_bytes());
    let to = SockAddr::from(SocketAddr::new(to, 0));
    socket.send_to(&icmp, &to).unwrap();
}

/// An ICMP error that quotes `packet`; `told` is the number that some types carry.
fn error(kind: u8, code: u8, told: u32, packet: &[u8]) -> Vec<u8> {
    let mut icmp = vec![kind, code, 0, 0];
    icmp.extend(told.to_be_bytes());
    icmp.extend(packet);
    icmp
}

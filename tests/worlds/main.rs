//! Each world of `tests/worlds` does what its file says, by plain sockets and arithmetic: what the
//! tracer is held to is itself held to something.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use world::plain::{Heard, Plain, echo_server, echoed, port_unreachable, time_exceeded};
use world::{World, described, run, takes};

#[path = "../world/mod.rs"]
mod world;

mod answers;
mod kernel;
mod loss;
mod middleboxes;
mod routes;
mod sizes;

const QUIET: Duration = Duration::from_millis(300);

/// The world of a file with a server that answers as often as it is asked.
fn built(name: &str) -> Option<World> {
    let world = World::build(name)?;
    world.server.answer_freely().unwrap();
    Some(world)
}

/// One datagram to the target at each of some distances, and what is heard.
fn swept(world: &World, plain: &Plain, distances: std::ops::RangeInclusive<u32>) -> Vec<Heard> {
    for hops in distances {
        plain.send(world.target(plain.ipv6), hops, b"sixteen bytes...");
    }
    let mut heard = plain.heard(QUIET);
    heard.sort_by_key(|own| own.at);
    heard
}

fn from(heard: &[Heard]) -> Vec<IpAddr> {
    heard.iter().map(|own| own.from).collect()
}

/// Seen `k` of `n` is what a part of `p` may be, within five standard errors.
fn plausible(k: usize, n: usize, p: f64) {
    let error = 5.0 * (p * (1.0 - p) / n as f64).sqrt();
    assert!(
        (k as f64 / n as f64 - p).abs() < error,
        "{k} of {n}, not {p}"
    );
}

#[test]
fn every_file_is_right_and_tells_what_it_is_in_both_languages() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|entry| entry.unwrap().path());
    for path in paths.filter(|path| path.extension().unwrap() == "toml") {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# "), "{}", path.display());
        let world = described(path.file_stem().unwrap().to_str().unwrap());
        assert_ne!(world.name.zh, world.name.en);
        for ipv6 in [false, true] {
            assert!(world.target(ipv6).is_some(), "{}", path.display());
        }
    }
}

/// Whether a TCP connection is made, and how long that or the refusal took.
fn connected(world: &World, address: IpAddr, port: u16) -> (std::io::Result<()>, Duration) {
    run::inside(&world.client, || {
        let start = Instant::now();
        let to = SocketAddr::new(address, port);
        let made = TcpStream::connect_timeout(&to, Duration::from_millis(500));
        (made.map(drop), start.elapsed())
    })
}

fn listening(world: &World, port: u16) -> TcpListener {
    run::inside(&world.server, || TcpListener::bind(("::", port)).unwrap())
}

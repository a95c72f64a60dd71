//! Small internets for tests: a client and a server, each in a network namespace of its own, and the
//! path between them that a file of `tests/worlds` describes (see `hopcast::lab`), or a chain of
//! kernels that route ([`kernel::KernelChain`]).
//!
//! Real packets of real programs go over them. They need the right to make namespaces and TUN
//! devices: root, or `unshare -Ur` where `/dev/net/tun` is open to all. Elsewhere the tests say
//! what they did not run; with `CI` set, that is a failure.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;
use std::{env, io};

use hopcast::lab::Lab;
use hopcast::lab::ledger::{Crossings, Deeds};
use hopcast::lab::world::World as Description;
use hopcast::topology;

pub mod capture;
pub mod kernel;
pub mod plain;
pub mod run;

/// A running world. It is a [`Lab`]: `client` and `server` are its namespaces, `world` what the
/// file says, `ledger()` what truly happened.
pub struct World {
    lab: Lab,
}

impl Deref for World {
    type Target = Lab;

    fn deref(&self) -> &Lab {
        &self.lab
    }
}

impl World {
    /// Builds the world of `tests/worlds/<name>.toml`: a world file, or a topology whose journey
    /// "there" is followed. `None`, with a line that says why, where the system does not allow it.
    pub fn build(name: &str) -> Option<World> {
        World::with(name, |_| {})
    }

    /// The same with something changed: the seed, a loss.
    pub fn with(name: &str, change: impl FnOnce(&mut Description)) -> Option<World> {
        let mut world = described(name);
        change(&mut world);
        allowed(Lab::start(world)).map(|lab| World { lab })
    }

    /// The address by which the client knows the server.
    pub fn target(&self, ipv6: bool) -> IpAddr {
        let target = self.world.target(ipv6);
        target.expect("every world has both families")
    }

    /// So many addresses of the server's first block in a family, from its second on.
    pub fn targets(&self, count: u32, ipv6: bool) -> Vec<IpAddr> {
        let mut blocks = self.world.blocks.iter();
        let block = blocks.find(|(block, _)| block.is_ipv6() == ipv6);
        let nth = |at: u32| match block.expect("the world has a block in this family").0 {
            IpAddr::V4(first) => IpAddr::from(Ipv4Addr::from_bits(first.to_bits() + at)),
            IpAddr::V6(first) => Ipv6Addr::from_bits(first.to_bits() + u128::from(at)).into(),
        };
        (1..=count).map(nth).collect()
    }

    /// The address of a router.
    pub fn address(&self, id: &str, ipv6: bool) -> IpAddr {
        let node = &self.world.nodes[self.world.node(id).expect("a node of the world")];
        let mut own = node.addresses.iter();
        *own.find(|own| own.is_ipv6() == ipv6)
            .expect("every router has both families")
    }

    /// What truly happened on the line from one node to the next.
    pub fn line(&self, from: &str, to: &str) -> Crossings {
        self.ledger().lines[self.world.line(from, to).expect("a line of the world")]
    }

    /// What a node truly did.
    pub fn deeds(&self, id: &str) -> Deeds {
        self.ledger().nodes[self.world.node(id).expect("a node of the world")]
    }

    /// Runs hopcast in the client's namespace as a user without rights.
    pub fn hopcast(&self, args: &[&str]) -> Output {
        run::inside(&self.client, || run::hopcast(args))
    }

    /// Runs hopcast in the client's namespace with every right over it.
    pub fn hopcast_as_root(&self, args: &[&str]) -> Output {
        run::inside(&self.client, || run::hopcast_as_root(args))
    }

    /// Runs another program in the client's namespace as a user without rights.
    pub fn program_as_nobody(&self, program: &str, args: &[&str]) -> Output {
        run::inside(&self.client, || {
            run::program(Path::new(program), args, run::may_become_nobody())
        })
    }

    /// Runs another program in the client's namespace with every right over it.
    pub fn program(&self, program: &str, args: &[&str]) -> Output {
        run::inside(&self.client, || {
            run::program(Path::new(program), args, false)
        })
    }
}

/// What the file of a world says.
pub fn described(name: &str) -> Description {
    let path = file(name);
    let right = "the world's file is right";
    if Description::is_in(&path).expect(right) {
        return Description::load(&path).expect(right);
    }
    let topology = topology::load(&path).expect(right).topology;
    let journey = topology.journey("there");
    let journey = journey.expect("a topology for tests has the journey \"there\"");
    let made = Description::along(&topology, journey, 1);
    made.expect("the journey has a step").world
}

/// The file of a world.
pub fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds");
    folder.join(name).with_extension("toml")
}

/// What takes so many ms never takes less, and at least one try of forty is in time: the machine may
/// be busy for a while.
pub fn takes(ms: Range<u64>, mut take: impl FnMut() -> Duration) {
    let in_time = (0..40).any(|_| {
        let took = take();
        assert!(
            took >= Duration::from_millis(ms.start),
            "{took:?} of {ms:?}"
        );
        took < Duration::from_millis(ms.end)
    });
    assert!(in_time, "never within {ms:?} ms");
}

/// What was built, or `None` with a line that says why nothing was.
pub fn allowed<T>(built: Result<T, impl Display>) -> Option<T> {
    match built {
        Ok(built) => Some(built),
        Err(error) if env::var_os("CI").is_some() => panic!("no test world in CI: {error}"),
        Err(error) => {
            not_run(&format!(
                "no test world could be built ({error}); run as root"
            ));
            None
        }
    }
}

/// Says that a test, or a part of it, is not run: past the harness, which hides what a passing test
/// says by `eprintln!`.
pub fn not_run(why: &str) {
    let test = std::thread::current()
        .name()
        .unwrap_or("a test")
        .to_string();
    let said = format!("{test} NOT RUN: {why}\n");
    let _ = io::Write::write_all(&mut io::stderr(), said.as_bytes());
}

//! A small internet for tests: a client and a server, each in a network namespace of its own, and a
//! path between them that is described by a topology file (see `chain.toml`).
//!
//! Real packets of real programs go over it. It needs the right to make namespaces and TUN devices:
//! root, or `unshare -Ur` where `/dev/net/tun` is open to all. Elsewhere the tests say what they
//! did not run; with `CI` set, that is a failure.

use std::net::IpAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use hopcast::lab::emulator::Emulator;
pub use hopcast::lab::emulator::Manners;
use hopcast::lab::namespace::{EVERYWHERE, Namespace, alone};
use hopcast::topology;
use hopcast::trace::plan::Plan;

/// As a network should behave.
pub const PLAIN: Manners = Manners {
    quoted: 1500,
    twice: false,
    seed: 1,
};

/// A user without any right: the one called nobody.
const NOBODY: u32 = 65534;

/// A running world.
pub struct World {
    pub client: Namespace,
    pub server: Namespace,
    /// The way out, as the file describes it.
    pub plan: Plan,
    // Stops before the namespaces go.
    _emulator: Emulator,
}

impl World {
    /// Builds the world of `tests/worlds/<name>.toml`. `None`, with a line that says why, where the
    /// system does not allow it.
    pub fn build(name: &str, manners: Manners) -> Option<World> {
        match World::try_build(name, manners) {
            Ok(world) => Some(world),
            Err(error) if env::var_os("CI").is_some() => panic!("no test world in CI: {error}"),
            Err(error) => {
                // Written past the harness, which hides what a passing test says by `eprintln!`.
                let test = std::thread::current()
                    .name()
                    .unwrap_or("a test")
                    .to_string();
                let said = format!(
                    "{test} NOT RUN: no test world could be built ({error}); run as root\n"
                );
                let _ = io::Write::write_all(&mut io::stderr(), said.as_bytes());
                None
            }
        }
    }

    fn try_build(name: &str, manners: Manners) -> io::Result<World> {
        let loaded = topology::load(&file(name)).expect("the world's file is right");
        let topology = loaded.topology;
        let journey = topology
            .journey("there")
            .expect("every world has this journey");
        let start = &topology[topology[journey].steps[0].node];
        let plan = Plan::new(&topology, journey);
        let target = plan.hops.last().expect("a path has hops");
        let (client, server) = (Namespace::new()?, Namespace::new()?);
        let near = end(&client, &start.addresses)?;
        let far = end(&server, &target.addresses)?;
        let emulator = Emulator::start(plan.clone(), manners, near, far);
        Ok(World {
            client,
            server,
            plan,
            _emulator: emulator,
        })
    }

    /// The target's address.
    pub fn target(&self, ipv6: bool) -> IpAddr {
        let target = self.plan.hops.last().expect("a path has hops");
        let mut addresses = target.addresses.iter();
        *addresses
            .find(|own| own.is_ipv6() == ipv6)
            .expect("both families are written")
    }

    /// Runs hopcast in the client's namespace as a user without rights.
    pub fn hopcast(&self, args: &[&str]) -> Output {
        let inside = self.client.run(|| hopcast(args));
        inside.expect("a namespace that was made can be entered")
    }
}

/// An end of the path: a device with these addresses and everything else behind it.
fn end(namespace: &Namespace, addresses: &[IpAddr]) -> io::Result<fs::File> {
    let device = namespace.tun("tun0", 1500)?;
    for address in addresses {
        namespace.address("tun0", alone(*address))?;
    }
    for everywhere in EVERYWHERE {
        namespace.route(everywhere, "tun0", None)?;
    }
    Ok(device)
}

/// The file of a world.
pub fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds");
    folder.join(name).with_extension("toml")
}

/// Runs hopcast where this thread is, as a user without rights, for a minute at most. A test that
/// is not run by root has no rights to give up and runs it as it is.
pub fn hopcast(args: &[&str]) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_hopcast"));
    let mut command = Command::new(binary);
    let _copy;
    if may_become_nobody() {
        // The build folder may be closed to others, as /root is: they get a copy.
        let folder = tempfile::tempdir().expect("a folder for the copy");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(folder.path(), open).expect("our own folder");
        let copy = folder.path().join("hopcast");
        if fs::hard_link(binary, &copy).is_err() {
            fs::copy(binary, &copy).expect("a copy of the binary");
        }
        command = Command::new(copy);
        // With the user, every capability goes.
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        _copy = folder;
    }
    command.args(args).env_clear().env("LC_ALL", "C");
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("hopcast starts");
    let deadline = Instant::now() + Duration::from_secs(60);
    while child
        .try_wait()
        .expect("a child can be waited for")
        .is_none()
    {
        if Instant::now() > deadline {
            child.kill().expect("our own child can be ended");
            panic!("hopcast {args:?} took more than a minute");
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().expect("its output is there")
}

/// Whether this process is root and knows the user nobody (in a user namespace it may not).
fn may_become_nobody() -> bool {
    let root = nix::unistd::Uid::effective().is_root();
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    root && map
        .split_whitespace()
        .nth(2)
        .and_then(|count| count.parse::<u64>().ok())
        > Some(NOBODY.into())
}

//! A client, a router and a server of the true kernel, each in a network namespace that vanishes with
//! the test. It needs root; elsewhere the tests say what they did not do, and fail where `CI` is set.

use std::fs::File;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, setns, unshare};

/// A network namespace that lives as long as this handle.
pub struct Namespace(File);

impl Namespace {
    fn new() -> io::Result<Namespace> {
        let made = thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            // Addresses are usable at once, without looking for duplicates first.
            for setting in ["accept_dad", "dad_transmits"] {
                std::fs::write(format!("/proc/sys/net/ipv6/conf/default/{setting}"), "0")?;
            }
            File::open("/proc/thread-self/ns/net").map(Namespace)
        });
        let made = made.join().expect("the thread does not panic")?;
        made.ip("link set lo up")?;
        Ok(made)
    }

    /// Runs `work` on a thread inside: sockets and child processes made in it live there.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let inside = || {
            setns(&self.0, CloneFlags::CLONE_NEWNET).expect("what was made can be entered");
            work()
        };
        thread::scope(|scope| scope.spawn(inside).join().expect("the work does not panic"))
    }

    /// Runs a program inside; its words have no blanks.
    pub fn command(&self, program: &str, words: &str) -> io::Result<()> {
        let output = self.run(|| Command::new(program).args(words.split(' ')).output())?;
        match output.status.success() {
            true => Ok(()),
            false => {
                let why = String::from_utf8_lossy(&output.stderr);
                Err(io::Error::other(format!("{program} {words}: {why}")))
            }
        }
    }

    fn ip(&self, words: &str) -> io::Result<()> {
        self.command("ip", words)
    }

    fn set(&self, name: &str, value: &str) -> io::Result<()> {
        self.run(|| std::fs::write(format!("/proc/sys/net/{name}"), value))
    }
}

/// client 10.78.1.2 — 10.78.1.1 router 10.78.2.1 — 10.78.2.2 server, and the like in IPv6.
pub struct World {
    pub client: Namespace,
    pub router: Namespace,
    pub server: Namespace,
}

/// The router as the client sees it.
pub fn router(ipv6: bool) -> IpAddr {
    address(if ipv6 { "fd00:78:1::1" } else { "10.78.1.1" })
}

pub fn server(ipv6: bool) -> IpAddr {
    address(if ipv6 { "fd00:78:2::2" } else { "10.78.2.2" })
}

pub fn client(ipv6: bool) -> IpAddr {
    address(if ipv6 { "fd00:78:1::2" } else { "10.78.1.2" })
}

/// Another address of the client's, from which nothing leaves that is not told to.
pub fn second() -> IpAddr {
    address("10.78.1.3")
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

impl World {
    /// `None`, with a line that says why, where the system does not allow it.
    pub fn build() -> Option<World> {
        match World::try_build() {
            Ok(world) => Some(world),
            Err(error) => not_run(&error.to_string()),
        }
    }

    fn try_build() -> io::Result<World> {
        let world = World {
            client: Namespace::new()?,
            router: Namespace::new()?,
            server: Namespace::new()?,
        };
        let World {
            client,
            router,
            server,
        } = &world;
        for (name, end, net) in [("one", client, 1), ("two", server, 2)] {
            let (pid, fd) = (std::process::id(), end.0.as_raw_fd());
            let there = format!("/proc/{pid}/fd/{fd}");
            router.ip(&format!(
                "link add {name} type veth peer name uplink netns {there}"
            ))?;
            for (namespace, device, last) in [(router, name, 1), (end, "uplink", 2)] {
                namespace.ip(&format!("link set {device} up"))?;
                namespace.ip(&format!("addr add 10.78.{net}.{last}/24 dev {device}"))?;
                namespace.ip(&format!(
                    "addr add fd00:78:{net}::{last}/64 dev {device} nodad"
                ))?;
            }
            end.ip(&format!("route add default via 10.78.{net}.1"))?;
            end.ip(&format!("-6 route add default via fd00:78:{net}::1"))?;
        }
        client.ip(&format!("addr add {}/24 dev uplink", second()))?;
        router.set("ipv4/ip_forward", "1")?;
        router.set("ipv6/conf/all/forwarding", "1")?;
        for namespace in [client, router, server] {
            // As many ICMP errors as are asked for, and packets from anywhere.
            namespace.set("ipv4/icmp_ratelimit", "0")?;
            namespace.set("ipv6/icmp/ratelimit", "0")?;
            for conf in ["all", "default"] {
                namespace.set(&format!("ipv4/conf/{conf}/rp_filter"), "0")?;
            }
        }
        for ipv6 in [false, true] {
            world.warm_up((self::server(ipv6), 9).into())?;
        }
        Ok(world)
    }

    /// Waits until the server refuses a connection: all neighbours know each other then.
    fn warm_up(&self, to: SocketAddr) -> io::Result<()> {
        let began = Instant::now();
        loop {
            let tried = self
                .client
                .run(|| TcpStream::connect_timeout(&to, Duration::from_secs(1)));
            match tried {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(()),
                Err(error) if began.elapsed() > Duration::from_secs(10) => return Err(error),
                _ => thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// A port of the server that is open while the listener lives.
    pub fn listen(&self, ipv6: bool) -> TcpListener {
        let at = SocketAddr::new(server(ipv6), 0);
        self.server
            .run(|| TcpListener::bind(at).expect("the server has this address"))
    }
}

/// Says that a test did not run, past the harness, which hides what a passing test says.
pub fn not_run<T>(why: &str) -> Option<T> {
    assert!(
        std::env::var_os("CI").is_none(),
        "no test world in CI: {why}"
    );
    let test = thread::current().name().unwrap_or("a test").to_string();
    let said = format!("{test} NOT RUN: {why}; run as root\n");
    let _ = io::Write::write_all(&mut io::stderr(), said.as_bytes());
    None
}

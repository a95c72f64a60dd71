//! A chain of kernels that route: real namespaces joined by cables, for what only the kernel does in
//! just its own way, above all its limits of ICMP errors.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Output;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use hopcast::lab::namespace::{Block, EVERYWHERE, Namespace};

use super::{allowed, not_run, run};

/// Which way a kernel chain loses packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lossy {
    Forward,
    Return,
}

/// A client, routers and a server. Link `k` joins the nodes at distance `k` and `k + 1` of the
/// client; its ends are 10.90.k.1 and 10.90.k.2, fd90:0:0:k::1 and fd90:0:0:k::2.
pub struct KernelChain {
    pub client: Namespace,
    pub routers: Vec<Namespace>,
    pub server: Namespace,
}

/// The device of a node towards the server, and towards the client.
pub const OUT: &str = "out0";
pub const BACK: &str = "back0";

impl KernelChain {
    /// A chain of `n` routers with the limits that Linux has when nobody sets them. `None`, with a
    /// line that says why, where the system does not allow it.
    pub fn build(n: usize) -> Option<KernelChain> {
        allowed(KernelChain::try_build(n))
    }

    fn try_build(n: usize) -> io::Result<KernelChain> {
        let mut nodes = (0..n + 2)
            .map(|_| Namespace::new())
            .collect::<io::Result<Vec<_>>>()?;
        for (k, pair) in nodes.windows(2).enumerate() {
            let [near, far] = pair else { continue };
            near.cable(OUT, far, BACK)?;
            for (node, device, end) in [(near, OUT, 1), (far, BACK, 2)] {
                for ipv6 in [false, true] {
                    node.address(device, end_of(k, end, ipv6))?;
                }
            }
        }
        let last = nodes.len() - 1;
        for (k, node) in nodes.iter().enumerate() {
            if (1..last).contains(&k) {
                node.set("net/ipv4/ip_forward", "1")?;
                node.set("net/ipv6/conf/all/forwarding", "1")?;
            }
            for (everywhere, ipv6) in EVERYWHERE.into_iter().zip([false, true]) {
                if k < last {
                    node.route(everywhere, OUT, Some(end_of(k, 2, ipv6).0))?;
                } else {
                    node.route(everywhere, BACK, Some(end_of(k - 1, 1, ipv6).0))?;
                }
                if (2..last).contains(&k) {
                    // What is nearer the client than the neighbour: the client's own link is enough.
                    let client = network(0, ipv6);
                    node.route(client, BACK, Some(end_of(k - 1, 1, ipv6).0))?;
                }
            }
        }
        for (k, pair) in nodes.windows(2).enumerate() {
            for (node, device, end) in [(&pair[0], OUT, 1), (&pair[1], BACK, 2)] {
                listening(node, device, end_of(k, end, true).0)?;
            }
        }
        let server = nodes.pop().expect("a chain has two ends");
        let client = nodes.remove(0);
        Ok(KernelChain {
            client,
            routers: nodes,
            server,
        })
    }

    /// Lets router `at` (from 1) lose a part of the packets that it forwards one way, by lot.
    /// Whether it does: without nft it says that it does not.
    pub fn lose(&self, at: usize, percent: u32, way: Lossy) -> bool {
        let device = match way {
            Lossy::Forward => OUT,
            Lossy::Return => BACK,
        };
        // nft ends a statement by a line's end.
        let rules = format!(
            "table inet lossy {{\nchain forward {{\n\
             type filter hook forward priority 0; policy accept;\n\
             oifname \"{device}\" numgen random mod 100 < {percent} drop\n}}\n}}\n"
        );
        let router = &self.routers[at - 1];
        let nft = std::process::Command::new("nft").arg("--version").output();
        if nft.is_err() {
            not_run("nft is not installed: no kernel router loses packets");
            return false;
        }
        let path = std::path::Path::new("nft");
        let output = run::inside(router, || run::program(path, &[&rules], false));
        assert!(output.status.success(), "{output:?}");
        true
    }

    /// The server's address.
    pub fn target(&self, ipv6: bool) -> IpAddr {
        end_of(self.routers.len(), 2, ipv6).0
    }

    /// The address that router `at` (from 1) answers the client from.
    pub fn address(&self, at: usize, ipv6: bool) -> IpAddr {
        end_of(at - 1, 2, ipv6).0
    }

    /// Runs hopcast in the client's namespace as a user without rights.
    pub fn hopcast(&self, args: &[&str]) -> Output {
        run::inside(&self.client, || run::hopcast(args))
    }

    /// Runs hopcast in the client's namespace with every right over it.
    pub fn hopcast_as_root(&self, args: &[&str]) -> Output {
        run::inside(&self.client, || run::hopcast_as_root(args))
    }
}

/// Waits until neighbours who ask for an IPv6 address are heard. Linux joins the group that they ask
/// (RFC 4291, 2.7.1) in the background, on a busy machine after hundreds of milliseconds; a question
/// before that is repeated after a second only.
fn listening(node: &Namespace, device: &str, address: IpAddr) -> io::Result<()> {
    let IpAddr::V6(address) = address else {
        return Ok(());
    };
    let group = format!(
        "ff0200000000000000000001ff{:06x}",
        address.to_bits() & 0xff_ffff
    );
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let groups = run::inside(node, || fs::read_to_string("/proc/thread-self/net/igmp6"))?;
        let mut lines = groups.lines().map(str::split_whitespace);
        if lines.any(|mut words| words.nth(1) == Some(device) && words.next() == Some(&group)) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The addresses of link `k`.
fn network(k: usize, ipv6: bool) -> Block {
    match ipv6 {
        false => (Ipv4Addr::new(10, 90, k as u8, 0).into(), 24),
        true => (Ipv6Addr::new(0xfd90, 0, 0, k as u16, 0, 0, 0, 0).into(), 64),
    }
}

/// End 1 or 2 of link `k`.
fn end_of(k: usize, end: u8, ipv6: bool) -> Block {
    match network(k, ipv6) {
        (IpAddr::V4(network), length) => {
            let [a, b, c, _] = network.octets();
            (Ipv4Addr::new(a, b, c, end).into(), length)
        }
        (IpAddr::V6(network), length) => {
            let bits = network.to_bits() | u128::from(end);
            (Ipv6Addr::from_bits(bits).into(), length)
        }
    }
}

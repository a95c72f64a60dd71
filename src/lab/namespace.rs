//! Nameless network namespaces: they vanish with their handle, whatever happens to the process.

use std::fs::{self, File};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::thread;

use nix::sched::{CloneFlags, setns, unshare};

pub use super::netlink::Block;
use super::{netlink, tun};

/// All IPv4 addresses, and all IPv6 addresses.
pub const EVERYWHERE: [Block; 2] = [
    (IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
    (IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0),
];

/// The block of one address alone.
pub fn alone(address: IpAddr) -> Block {
    (address, if address.is_ipv4() { 32 } else { 128 })
}

/// A network namespace that lives as long as this handle and what runs in it.
#[derive(Debug)]
pub struct Namespace {
    fd: OwnedFd,
}

/// Waits for a thread; a panic in it goes on in here.
fn joined<T>(result: thread::Result<T>) -> T {
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl Namespace {
    /// A new, empty namespace with its loopback up. Fails without the right to make one.
    pub fn new() -> io::Result<Namespace> {
        let made = thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            netlink::up("lo")?;
            // Nobody else is here who could have a device's link-local address: without waiting for
            // him, neighbours can be asked for at once. A kernel without IPv6 has no such switch.
            let _ = fs::write("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
            Ok(Namespace {
                fd: File::open("/proc/thread-self/ns/net")?.into(),
            })
        });
        joined(made.join())
    }

    /// Runs `work` on a thread inside the namespace: sockets and child processes made in it live
    /// there. Fails only where the right to enter was lost since the namespace was made.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        let inside = || -> io::Result<T> {
            setns(&self.fd, CloneFlags::CLONE_NEWNET)?;
            Ok(work())
        };
        thread::scope(|scope| joined(scope.spawn(inside).join()))
    }

    /// Makes a TUN device that takes packets of up to `mtu` bytes and puts it into service. What
    /// the namespace sends over it is read from the file, what is written to the file it receives.
    pub fn tun(&self, name: &str, mtu: u32) -> io::Result<File> {
        self.run(|| {
            let device = tun::open(name)?;
            netlink::size(name, mtu)?;
            netlink::up(name)?;
            Ok(device)
        })?
    }

    /// Makes a cable from here to another namespace, with a device of its own at each end.
    pub fn cable(&self, name: &str, other: &Namespace, peer: &str) -> io::Result<()> {
        self.run(|| netlink::cable(name, peer, other.fd.as_fd()))??;
        self.run(|| netlink::up(name))??;
        other.run(|| netlink::up(peer))?
    }

    /// Gives a device an address; the block around it is reached over that device directly.
    pub fn address(&self, device: &str, address: Block) -> io::Result<()> {
        self.run(|| netlink::address(device, address))??;
        // Linux makes an IPv6 address its own in the background, on a busy machine after hundreds of
        // milliseconds, and drops what comes for it before.
        match address.0 {
            IpAddr::V6(_) => self.claim(alone(address.0)),
            IpAddr::V4(_) => Ok(()),
        }
    }

    /// Sends what is for `to` over a device, to the neighbour `via` where there is one.
    pub fn route(&self, to: Block, device: &str, via: Option<IpAddr>) -> io::Result<()> {
        self.run(|| netlink::route(to, device, via))?
    }

    /// Takes every address of a block as this namespace's own.
    pub fn claim(&self, block: Block) -> io::Result<()> {
        self.run(|| netlink::claim(block))?
    }

    /// Sets a variable of this namespace's kernel, `net/ipv4/ip_forward` for example.
    pub fn set(&self, variable: &str, value: &str) -> io::Result<()> {
        let path = Path::new("/proc/sys").join(variable);
        self.run(|| fs::write(path, value))?
    }

    /// Lets the kernel of this namespace answer with as many ICMP errors as it is asked for.
    pub fn answer_freely(&self) -> io::Result<()> {
        self.set("net/ipv4/icmp_ratelimit", "0")?;
        self.set("net/ipv6/icmp/ratelimit", "0")?;
        // The bound on all IPv4 answers together. Older kernels have it for the whole host, and
        // no namespace of ours can change it there.
        for variable in ["icmp_msgs_per_sec", "icmp_msgs_burst"] {
            let set = self.set(&format!("net/ipv4/{variable}"), "1000000000");
            set.or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })?;
        }
        Ok(())
    }

    /// Lets every user of this namespace open ICMP echo sockets; a new one lets nobody.
    pub fn allow_echo_sockets(&self) -> io::Result<()> {
        let all = self.set("net/ipv4/ping_group_range", "0 2147483647");
        // A user namespace may know one group only.
        all.or_else(|_| self.set("net/ipv4/ping_group_range", "0 0"))
    }
}

//! Nameless network namespaces with a TUN device each: they vanish with the process, whatever happens.

use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::thread;

use nix::sched::{CloneFlags, setns, unshare};

use super::device;

/// A network namespace that lives as long as this handle.
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
            device::up("lo")?;
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

    /// Makes a TUN device with these addresses and the default routes over it.
    pub fn tun(&self, addresses: &[IpAddr]) -> io::Result<File> {
        self.run(|| {
            let tun = device::tun("tun0")?;
            device::up("tun0")?;
            for address in addresses {
                device::give("tun0", *address)?;
            }
            device::route("tun0")?;
            Ok(tun)
        })?
    }

    /// Lets the kernel of this namespace answer with as many ICMP errors as it is asked for.
    pub fn answer_freely(&self) -> io::Result<()> {
        self.run(|| {
            std::fs::write("/proc/sys/net/ipv4/icmp_ratelimit", "0")?;
            std::fs::write("/proc/sys/net/ipv6/icmp/ratelimit", "0")
        })?
    }
}

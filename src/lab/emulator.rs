//! A path between two TUN devices, in user space: links with delay, jitter and loss, routers that
//! count hops and answer "time exceeded" or keep silent. What it does to packets is written in a
//! topology file, so the world and the model are one description.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{Read, Write};
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::trace::plan::{Expected, Plan};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::prctl;
use nix::sys::time::TimeSpec;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::packets;

/// What the world does beyond what its file says.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// Bytes behind the IP header that routers quote: 8 is RFC 792, many is RFC 1812.
    pub quoted: usize,
    /// Whether routers send each answer twice.
    pub twice: bool,
    /// Of everything that is drawn.
    pub seed: u64,
}

/// A packet under way: when it arrives, its number, whether it goes to the client, its bytes.
type Coming = (Instant, u64, bool, Vec<u8>);

/// The running path; it stops when dropped.
#[derive(Debug)]
pub struct Emulator {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Emulator {
    /// Starts a path whose last hop is what stands behind the `server` device.
    pub fn start(plan: Plan, manners: Manners, client: File, server: File) -> Emulator {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let mut path = Path {
            hops: plan.hops,
            manners,
            random: ChaCha8Rng::seed_from_u64(manners.seed),
            coming: BinaryHeap::new(),
            count: 0,
        };
        let thread = thread::spawn(move || {
            // Without it the kernel wakes this thread 50 µs late; it would still work.
            let _ = prctl::set_timerslack(1000);
            while !stopped.load(Ordering::Relaxed) {
                path.turn(&client, &server);
            }
        });
        Emulator {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Path {
    hops: Vec<Expected>,
    manners: Manners,
    random: ChaCha8Rng,
    coming: BinaryHeap<Reverse<Coming>>,
    count: u64,
}

impl Path {
    /// Delivers what is due, waits for the next thing to happen, and takes in what was sent.
    fn turn(&mut self, mut client: &File, mut server: &File) {
        let now = Instant::now();
        while self
            .coming
            .peek()
            .is_some_and(|Reverse(next)| next.0 <= now)
        {
            let Some(Reverse((_, _, to_client, packet))) = self.coming.pop() else {
                break;
            };
            let mut device = if to_client { client } else { server };
            // A device that is going away takes nothing more; the test is over then.
            let _ = device.write(&packet);
        }
        let idle = Duration::from_millis(50);
        let next = self
            .coming
            .peek()
            .map(|Reverse(next)| next.0.saturating_duration_since(now));
        wait([client, server], next.map_or(idle, |next| next.min(idle)));
        let mut buffer = [0; 65536];
        while let Ok(length) = client.read(&mut buffer) {
            self.walk_out(&mut buffer[..length]);
        }
        while let Ok(length) = server.read(&mut buffer) {
            let back = self.cross(0..self.hops.len());
            self.send(back, true, buffer[..length].to_vec());
        }
    }

    /// Walks a packet of the client along the path until its hops run out or it is there.
    fn walk_out(&mut self, packet: &mut [u8]) {
        let Some(head) = packets::head(packet) else {
            return;
        };
        let Some(last) = self.hops.len().checked_sub(1) else {
            return;
        };
        if !self.hops[last].addresses.contains(&head.to) {
            // Router solicitations and the like of the kernel: nobody is there.
            return;
        }
        let at = usize::from(head.hops).clamp(1, self.hops.len()) - 1;
        let out = self.cross(0..at + 1);
        if at == last {
            packets::set_hops(packet, head.hops - at as u8);
            self.send(out, false, packet.to_vec());
            return;
        }
        let back = self.cross(0..at + 1);
        let router = &self.hops[at];
        let address = router
            .addresses
            .iter()
            .find(|own| same_family(**own, head.to));
        let Some(address) = address.filter(|_| !router.silent) else {
            return;
        };
        packets::set_hops(packet, 1);
        let Some(answer) = packets::time_exceeded(packet, *address, self.manners.quoted) else {
            return;
        };
        let took = out.zip(back).map(|(out, back)| out + back);
        if self.manners.twice {
            self.send(took, true, answer.clone());
        }
        self.send(took, true, answer);
    }

    /// What it takes to cross these links, one way; `None` when one of them loses the packet.
    fn cross(&mut self, links: std::ops::Range<usize>) -> Option<Duration> {
        let crossed: Vec<Option<Duration>> = links
            .map(|at| {
                let link = self.hops[at].link;
                let [fate, wait] = [self.unit(), self.unit()];
                (fate >= link.loss.0).then(|| (link.delay + link.jitter * wait).into())
            })
            .collect();
        crossed.into_iter().sum()
    }

    fn unit(&mut self) -> f64 {
        (self.random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn send(&mut self, after: Option<Duration>, to_client: bool, packet: Vec<u8>) {
        if let Some(after) = after {
            self.count += 1;
            let coming = (Instant::now() + after, self.count, to_client, packet);
            self.coming.push(Reverse(coming));
        }
    }
}

fn same_family(a: IpAddr, b: IpAddr) -> bool {
    a.is_ipv4() == b.is_ipv4()
}

/// Waits until a device can be read, at most so long.
fn wait(devices: [&File; 2], at_most: Duration) {
    let mut polled = devices.map(|device| PollFd::new(device.as_fd(), PollFlags::POLLIN));
    // An interruption is only a shorter wait.
    let _ = ppoll(&mut polled, Some(TimeSpec::from_duration(at_most)), None);
}

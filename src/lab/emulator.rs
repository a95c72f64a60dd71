//! A world at work between two devices, in a thread of its own and in real time.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::prctl;
use nix::sys::time::TimeSpec;

use super::ledger::Ledger;
use super::transit::{End, Transit};
use super::world::World;
use crate::units::Moment;

/// Packets taken in from a device before what is due is delivered: a flood must not hold that up.
const AT_ONCE: usize = 64;

/// Longest wait before looking whether to stop.
const GLANCE: Duration = Duration::from_millis(50);

/// The running path; it stops when dropped.
#[derive(Debug)]
pub struct Emulator {
    stop: Arc<AtomicBool>,
    transit: Arc<Mutex<Transit>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Emulator {
    /// Starts the path between the devices of its two ends.
    pub fn start(world: Arc<World>, client: File, server: File) -> io::Result<Emulator> {
        let stop = Arc::new(AtomicBool::new(false));
        let transit = Arc::new(Mutex::new(Transit::new(world)));
        let mut worker = Worker {
            stop: Arc::clone(&stop),
            transit: Arc::clone(&transit),
            start: Instant::now(),
            devices: [client, server],
        };
        let thread = thread::Builder::new().name("path".to_string());
        let thread = thread.spawn(move || worker.work())?;
        Ok(Emulator {
            stop,
            transit,
            thread: Some(thread),
        })
    }

    /// What has happened so far.
    pub fn ledger(&self) -> Ledger {
        held(&self.transit).ledger().clone()
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

/// The transit, even if a thread that held it has panicked: its counts still tell what happened.
fn held(transit: &Mutex<Transit>) -> MutexGuard<'_, Transit> {
    transit.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Worker {
    stop: Arc<AtomicBool>,
    transit: Arc<Mutex<Transit>>,
    start: Instant,
    /// The client's and the server's.
    devices: [File; 2],
}

impl Worker {
    fn work(&mut self) {
        // Without it the kernel wakes this thread 50 µs late; it would still work.
        let _ = prctl::set_timerslack(1000);
        let mut buffer = vec![0; 65_536];
        while !self.stop.load(Ordering::Relaxed) {
            let next = self.turn(&mut buffer);
            let wait = next.map_or(GLANCE, |next| next.since(self.now()).min(GLANCE));
            self.wait(wait);
        }
    }

    fn now(&self) -> Moment {
        Moment::default() + self.start.elapsed()
    }

    /// Takes in what was sent, delivers what is due, and says when the next thing happens.
    fn turn(&self, buffer: &mut [u8]) -> Option<Moment> {
        let [mut client, mut server] = self.devices.each_ref();
        let mut transit = held(&self.transit);
        for (end, mut device) in [(End::Client, client), (End::Server, server)] {
            for _ in 0..AT_ONCE {
                let Ok(length) = device.read(buffer) else {
                    break;
                };
                transit.enter(self.now(), end, buffer[..length].to_vec());
            }
        }
        while let Some((_, end, packet)) = transit.arrival(self.now()) {
            let device = match end {
                End::Client => &mut client,
                End::Server => &mut server,
            };
            // A device that is going away takes nothing more; the world ends then.
            let _ = device.write(&packet);
        }
        transit.next()
    }

    /// Waits until a device can be read, at most so long.
    fn wait(&self, at_most: Duration) {
        let devices = self.devices.each_ref();
        let mut polled = devices.map(|device| PollFd::new(device.as_fd(), PollFlags::POLLIN));
        // An interruption is only a shorter wait.
        let _ = ppoll(&mut polled, Some(TimeSpec::from_duration(at_most)), None);
    }
}

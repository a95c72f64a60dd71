//! Waiting for many sockets, or for a moment, with one wake-up for each thing that happens.
//!
//! The sockets and a timer are watched by an `epoll` of our own, and that alone is shown to the
//! runtime. The runtime's own way would wake us for each packet that *left*, too, twice for each
//! timer, and up to a millisecond late; a run that sends 254 probes a second spends a third of its
//! time so.

use std::future::poll_fn;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::net::unix::pipe;

use super::clock::Clock;
use crate::units::Moment;

/// Sockets that are told of at once.
const EVENTS: usize = 32;

/// The timer's token.
const TIMER: u64 = u64::MAX;

/// The longest that the timer is set to; further moments are waited for in several pieces.
const LONGEST: Duration = Duration::from_secs(3600);

/// Something to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ready {
    /// What its socket was added as.
    pub(super) token: u64,
    /// Whether there is something on the error queue.
    pub(super) errors: bool,
    /// Whether there is ordinary data.
    pub(super) data: bool,
}

/// Waits for sockets and for a moment.
#[derive(Debug)]
pub(super) struct Waiter {
    epoll: Epoll,
    /// The same `epoll`, as the runtime knows it. The runtime has no type for it; of a pipe it asks
    /// what we need, whether there is something to be had, and nothing else.
    shown: pipe::Receiver,
    timer: TimerFd,
    /// What the timer is set to.
    set_to: Option<Moment>,
    /// Whether more is ready than could be told of.
    more: bool,
}

impl Waiter {
    /// Watches nothing as yet. Must be called inside a tokio runtime.
    pub(super) fn new() -> io::Result<Waiter> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let flags = TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        epoll.add(&timer, EpollEvent::new(EpollFlags::EPOLLIN, TIMER))?;
        let shown = pipe::Receiver::from_owned_fd_unchecked(epoll.0.try_clone()?)?;
        Ok(Waiter {
            epoll,
            shown,
            timer,
            set_to: None,
            more: false,
        })
    }

    /// Watches `socket`, too, until it is closed. `token` is what it will be told of as, any number
    /// but the greatest.
    pub(super) fn add(&self, socket: &impl AsFd, token: u64) -> io::Result<()> {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, token);
        Ok(self.epoll.add(socket, event)?)
    }

    /// Waits until there is something to read or `until` has come, and gives what there is to read
    /// to `each`. What is not read will be told of again. Dropped while it waits, it forgets nothing.
    pub(super) async fn wait(
        &mut self,
        until: Moment,
        clock: &Clock,
        mut each: impl FnMut(Ready),
    ) -> io::Result<()> {
        if !self.more {
            self.set(until, clock)?;
            poll_fn(|context| self.shown.poll_read_ready(context)).await?;
        }
        // Taken back before looking: what comes after the look announces itself anew.
        let _ = self
            .shown
            .try_io(|| Err::<(), _>(io::ErrorKind::WouldBlock.into()));
        let mut events = [EpollEvent::empty(); EVENTS];
        let count = self.epoll.wait(&mut events, EpollTimeout::ZERO)?;
        self.more = count == EVENTS;
        for event in events
            .iter()
            .take(count)
            .filter(|event| event.data() != TIMER)
        {
            each(Ready {
                token: event.data(),
                errors: event.events().contains(EpollFlags::EPOLLERR),
                data: event.events().contains(EpollFlags::EPOLLIN),
            });
        }
        Ok(())
    }

    /// Sets the timer. One that has gone off is announced until it is set again.
    fn set(&mut self, until: Moment, clock: &Clock) -> io::Result<()> {
        let now = clock.now();
        if self.set_to == Some(until) && now < until {
            return Ok(());
        }
        // A length of nothing would stop the timer.
        let length = until.since(now).clamp(Duration::from_nanos(1), LONGEST);
        let once = Expiration::OneShot(TimeSpec::from_duration(length));
        self.timer.set(once, TimerSetTimeFlags::empty())?;
        self.set_to = (length < LONGEST).then_some(until);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_io().build().unwrap().block_on(work)
    }

    async fn wait(waiter: &mut Waiter, clock: &Clock, until: Moment) -> Vec<Ready> {
        let mut ready = Vec::new();
        let told = waiter.wait(until, clock, |one| ready.push(one)).await;
        told.unwrap();
        ready
    }

    fn pair() -> (UdpSocket, UdpSocket) {
        let (a, b) = ("127.0.0.1:0", "127.0.0.1:0");
        let (a, b) = (UdpSocket::bind(a).unwrap(), UdpSocket::bind(b).unwrap());
        a.connect(b.local_addr().unwrap()).unwrap();
        (a, b)
    }

    #[test]
    fn a_moment_is_waited_for_and_not_longer_than_it_takes() {
        run(async {
            let (mut waiter, clock) = (Waiter::new().unwrap(), Clock::default());
            let mut soonest = Duration::MAX;
            // A timer of milliseconds, rounded up, would be late by 0.7 each time; a busy machine lets
            // some of the tries be late.
            for _ in 0..500 {
                let until = clock.now() + Duration::from_micros(300);
                assert_eq!(wait(&mut waiter, &clock, until).await, []);
                assert!(clock.now() >= until);
                soonest = soonest.min(clock.now().since(until));
                if soonest < Duration::from_micros(300) {
                    break;
                }
            }
            assert!(soonest < Duration::from_micros(300), "{soonest:?} late");
        });
    }

    #[test]
    fn every_socket_that_has_something_is_told_of_until_it_is_read() {
        run(async {
            let (mut waiter, clock) = (Waiter::new().unwrap(), Clock::default());
            let pairs: Vec<_> = (0..2 * EVENTS).map(|_| pair()).collect();
            for (token, (_, to)) in pairs.iter().enumerate() {
                waiter.add(to, token as u64).unwrap();
            }
            for (from, _) in &pairs {
                from.send(b"x").unwrap();
            }
            let far = clock.now() + Duration::from_secs(60);
            let mut told = vec![0; pairs.len()];
            while told.contains(&0) {
                for ready in wait(&mut waiter, &clock, far).await {
                    assert!(ready.data && !ready.errors);
                    told[ready.token as usize] += 1;
                    if told[ready.token as usize] == 2 {
                        pairs[ready.token as usize].1.recv(&mut [0]).unwrap();
                    }
                }
            }
        });
    }

    #[test]
    fn a_wait_that_is_dropped_forgets_nothing() {
        run(async {
            let (mut waiter, clock) = (Waiter::new().unwrap(), Clock::default());
            let (from, to) = pair();
            waiter.add(&to, 7).unwrap();
            let far = clock.now() + Duration::from_secs(60);
            for _ in 0..3 {
                let waiting = std::pin::pin!(wait(&mut waiter, &clock, far));
                let mut context = std::task::Context::from_waker(std::task::Waker::noop());
                assert!(waiting.poll(&mut context).is_pending());
            }
            from.send(b"x").unwrap();
            let ready = wait(&mut waiter, &clock, far).await;
            assert_eq!(ready.iter().map(|one| one.token).collect::<Vec<_>>(), [7]);
        });
    }
}

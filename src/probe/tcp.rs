//! TCP probes on Linux, without privilege: a connection attempt per probe, limited in its hops.
//!
//! While a connection is being attempted, an ICMP error ends it and is kept on the socket's error
//! queue; that tells the routers. The target tells itself by accepting or refusing. This is the
//! method for paths on which only the service's own port is let through.
//!
//! **Times.** The kernel stamps no SYN that leaves, nor what comes back for it. Of an accepted attempt
//! it knows the round trip as its TCP saw it (`TCP_INFO`), longer by the way through the IP layer out
//! and in; of a refusal it keeps no time at all, so that is taken when we hear of it. An ICMP error is
//! stamped, the attempt that it ends is taken to have left when we asked for it. Where `CAP_NET_RAW`
//! is permitted, a packet socket stands beside and tells when each SYN left the device and when
//! its answer came in, and a raw socket reads ICMP errors with their quoted headers in full.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinSet;

use super::clock::Clock;
use super::manner::{self, Manner};
use super::socket::{self, Stamping};
use super::waiter::Waiter;
use super::way::Way;
use super::{Network, Probe, Reply, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;
use beside::Beside;

mod attempt;
mod beside;
mod wire;

/// The kernel sends the SYN again after one second (RFC 6298, 2.1); an answer after that could be to
/// either, so no attempt is waited for that long.
pub const PATIENCE: Duration = Duration::from_millis(950);

/// Connection attempts to one port each of some hosts.
#[derive(Debug)]
pub struct TcpNetwork {
    targets: Vec<SocketAddr>,
    manner: Manner,
    clock: Clock,
    attempts: JoinSet<Option<(Reply, u64)>>,
    clock_steps: u64,
    waiter: Waiter,
    beside: Option<Beside>,
    way: Way,
    _stamping: Stamping,
}

impl TcpNetwork {
    /// Attempts to connect to `targets`. A size that probes ask for is not heeded: a SYN has its own.
    /// Must be used inside a tokio runtime.
    pub fn open(
        targets: &[SocketAddr],
        manner: &Manner,
        clock: Clock,
    ) -> Result<TcpNetwork, Error> {
        let waiter = Waiter::new().map_err(|error| socket::not_heard(&error))?;
        let (beside, way) = Beside::open(targets, manner, &waiter, &clock);
        Ok(TcpNetwork {
            targets: targets.to_vec(),
            manner: Manner {
                patience: manner.patience.min(PATIENCE),
                // A connection attempt sends more than one packet, and what is stamped is a stream.
                exact: false,
                ..manner.clone()
            },
            clock,
            attempts: JoinSet::new(),
            clock_steps: 0,
            waiter,
            beside,
            way,
            _stamping: Stamping::start().map_err(Error::System)?,
        })
    }

    /// Which way the sockets are had.
    pub fn way(&self) -> &Way {
        &self.way
    }
}

impl Network for TcpNetwork {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        let target = self.targets.get(probe.target.0 as usize);
        let target = *target.ok_or_else(|| manner::unknown_target(probe.target))?;
        let socket = attempt::open(target, &self.manner, probe)?;
        // A clock that has just been looked at can tell a step of the wall clock from slewing.
        let mut clock = self.clock.clone();
        clock.look();
        let sent = clock.now();
        let connected = attempt::connect(socket, target);
        let (stream, from) = connected.map_err(|error| socket::not_sent(target, &error))?;
        if let Some(beside) = &mut self.beside {
            beside.sent(probe.id(), from, target, sent);
        }
        let patience = self.manner.patience;
        let attempt = attempt::attempt(probe, stream, target.ip(), patience, sent, clock);
        self.attempts.spawn(attempt);
        Ok(sent)
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        loop {
            let stray = self.beside.as_mut().and_then(Beside::stray);
            if stray.is_some() {
                return Ok(stray);
            }
            tokio::select! {
                Some(ended) = self.attempts.join_next() => {
                    if let Ok(Some((mut reply, steps))) = ended {
                        self.clock_steps += steps;
                        if let Some(beside) = &mut self.beside {
                            beside.complete(&mut reply);
                        }
                        return Ok(Some(reply));
                    }
                }
                waited = self.waiter.wait(until, &self.clock, |_| ()) => {
                    waited.map_err(|error| socket::not_heard(&error))?;
                    if let Some(beside) = &mut self.beside {
                        beside.listen();
                    }
                    if self.clock.now() >= until {
                        return Ok(self.beside.as_mut().and_then(Beside::stray));
                    }
                }
            }
        }
    }

    fn troubles(&self) -> Troubles {
        Troubles {
            clock_steps: self.clock_steps,
            ..Troubles::default()
        }
    }
}

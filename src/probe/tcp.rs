//! TCP probes on Linux, without privilege: a connection attempt per probe, limited in its hops.
//!
//! While a connection is being attempted, an ICMP error ends it and is kept on the socket's error
//! queue; that tells the routers. The target tells itself by accepting or refusing. This is the
//! method for paths on which only the service's own port is let through.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::clock::Clock;
use super::errqueue::{self, Queue, Stamping};
use super::{Answer, Arrival, Network, Probe, Reply, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;

/// The kernel sends the SYN again after one second (RFC 6298, 2.1); an answer after that could be to
/// either, so no attempt is waited for that long.
pub const PATIENCE: Duration = Duration::from_millis(950);

/// Connection attempts to one port of one host.
#[derive(Debug)]
pub struct TcpNetwork {
    target: SocketAddr,
    clock: Clock,
    attempts: JoinSet<Option<(Reply, u64)>>,
    clock_steps: u64,
    _stamping: Stamping,
}

impl TcpNetwork {
    /// Attempts to connect to `target`. Must be used inside a tokio runtime.
    pub fn open(target: SocketAddr) -> Result<TcpNetwork, Error> {
        let stamping = Stamping::start();
        let stamping =
            stamping.map_err(|error| Error::System(errqueue::refused(target, &error)))?;
        Ok(TcpNetwork {
            target,
            clock: Clock::default(),
            attempts: JoinSet::new(),
            clock_steps: 0,
            _stamping: stamping,
        })
    }
}

/// Starts a connection that may go `distance` hops; `None` when it was refused at once, as this
/// very host may do.
fn start(target: SocketAddr, distance: u8) -> io::Result<Option<TcpStream>> {
    let domain = Domain::for_address(target);
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    match target {
        SocketAddr::V4(_) => socket.set_ttl_v4(distance.into())?,
        SocketAddr::V6(_) => socket.set_unicast_hops_v6(distance.into())?,
    }
    errqueue::ask_for(&socket, target.is_ipv6())?;
    match socket.connect(&SockAddr::from(target)) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(None),
        Err(error) if error.raw_os_error() != Some(nix::libc::EINPROGRESS) => return Err(error),
        _ => {}
    }
    TcpStream::from_std(socket.into()).map(Some)
}

/// What an attempt ended with: the answer, who gave it, and the kernel's stamp of it.
type End = (Answer, IpAddr, Option<Duration>);

/// How the attempt has ended by now; `WouldBlock` while it goes on. Other errors are of our own
/// side: the network said nothing.
fn look(stream: &TcpStream, target: IpAddr) -> io::Result<End> {
    match errqueue::take(stream, Queue::Errors) {
        Ok(heard) => {
            let (answer, from) = heard.icmp.ok_or(io::ErrorKind::Other)?;
            return Ok((answer, from, heard.stamp));
        }
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
        Err(_) => {}
    }
    let arrival = match stream.take_error()? {
        Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => Arrival::Refused,
        Some(error) => return Err(error),
        None if stream.peer_addr().is_ok() => Arrival::Connected,
        None => return Err(io::ErrorKind::WouldBlock.into()),
    };
    Ok((Answer::Arrived(arrival), target, None))
}

/// Waits for the end of the attempt of `probe` and says when it came.
async fn attempt(
    probe: Probe,
    stream: Option<TcpStream>,
    target: IpAddr,
    mut clock: Clock,
) -> Option<(Reply, u64)> {
    let refused = (Answer::Arrived(Arrival::Refused), target, None);
    let (answer, responder, stamp) = match stream {
        None => refused,
        Some(stream) => {
            let end = stream.async_io(Interest::WRITABLE, || look(&stream, target));
            tokio::time::timeout(PATIENCE, end).await.ok()?.ok()?
        }
    };
    let when = clock.received(stamp);
    let reply = Reply::plain(Some(probe.id()), responder, answer, when);
    Some((reply, clock.steps()))
}

impl Network for TcpNetwork {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        // A clock that has just been looked at can tell a step of the wall clock from slewing.
        let mut clock = self.clock.clone();
        let (sent, _) = clock.received(None);
        let stream = start(self.target, probe.distance)
            .map_err(|error| errqueue::refused(self.target, &error))?;
        let target = self.target.ip();
        self.attempts.spawn(attempt(probe, stream, target, clock));
        Ok(sent)
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        let deadline = tokio::time::Instant::from_std(self.clock.instant(until));
        loop {
            tokio::select! {
                Some(ended) = self.attempts.join_next() => {
                    if let Ok(Some((reply, steps))) = ended {
                        self.clock_steps += steps;
                        return Ok(Some(reply));
                    }
                }
                () = tokio::time::sleep_until(deadline) => return Ok(None),
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

//! TCP probes on Linux, without privilege: a connection attempt per probe, limited in its hops.
//!
//! While a connection is being attempted, an ICMP error ends it and is kept on the socket's error
//! queue; that tells the routers. The target tells itself by accepting or refusing. This is the
//! method for paths on which only the service's own port is let through.
//!
//! The kernel stamps ICMP errors, and of an accepted attempt it knows the round trip of its SYN. Only
//! of a refusal it keeps no time; that is taken when we hear of it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use nix::sys::socket::getsockopt;
use socket2::{Protocol, SockAddr, Socket, Type};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::clock::Clock;
use super::errqueue::{Batch, News, Queue};
use super::judge;
use super::manner::{self, Manner};
use super::socket::{self, Stamping};
use super::sockopt::TcpInfo;
use super::way::{Means, Way};
use super::{Answer, Arrival, Detail, Network, Probe, Reply, Stamp, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;

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
            way: Way::only(Means::Connect),
            _stamping: Stamping::start().map_err(Error::System)?,
        })
    }

    /// Which way the sockets are had.
    pub fn way(&self) -> &Way {
        &self.way
    }
}

/// The port that an attempt leaves from; 0 leaves it to the system.
fn source_port(manner: &Manner, probe: Probe) -> u16 {
    let above = |first: u16| {
        let ports = 0x1_0000 - u32::from(first);
        first + (probe.sequence.0 % ports) as u16
    };
    manner.source_port.map_or(0, above)
}

/// Makes the socket of `probe`, whose packets may go as far as that says.
fn open(target: SocketAddr, manner: &Manner, probe: Probe) -> Result<Socket, Text> {
    let port = source_port(manner, probe);
    let socket = socket::open(target.is_ipv6(), Type::STREAM, Protocol::TCP, manner, port)?;
    let limit = || {
        socket.set_nonblocking(true)?;
        match target {
            SocketAddr::V4(_) => socket.set_ttl_v4(probe.distance.into()),
            SocketAddr::V6(_) => socket.set_unicast_hops_v6(probe.distance.into()),
        }
    };
    limit().map_err(|error| socket::not_sent(target, &error))?;
    Ok(socket)
}

/// Starts a connection; `None` when it was refused at once, as this very host may do.
fn connect(socket: Socket, target: SocketAddr) -> io::Result<Option<TcpStream>> {
    match socket.connect(&SockAddr::from(target)) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(None),
        Err(error) if error.raw_os_error() != Some(nix::libc::EINPROGRESS) => return Err(error),
        _ => {}
    }
    TcpStream::from_std(socket.into()).map(Some)
}

/// What an attempt ended with.
struct End {
    answer: Answer,
    responder: IpAddr,
    detail: Option<Detail>,
    when: When,
}

/// What the kernel tells of the time of an end.
enum When {
    /// When the packet came in, wall clock, since 1970.
    Stamped(Option<Duration>),
    /// How long after the SYN left.
    After(Duration),
}

/// How the attempt has ended by now; `WouldBlock` while it goes on. Other errors are of our own
/// side: the network said nothing.
fn look(stream: &TcpStream, target: IpAddr) -> io::Result<End> {
    let mut end = None;
    let errors = Batch::of(1).read(stream, Queue::Errors, |heard| {
        if let News::Icmp(answer, responder, info) = heard.news {
            let detail = Detail {
                ttl: heard.ttl,
                mtu: judge::mtu(answer, target.is_ipv6(), info),
                labels: heard.labels(),
                ..Detail::default()
            };
            end = Some(End {
                answer,
                responder,
                detail: Some(detail),
                when: When::Stamped(heard.stamp),
            });
        }
    });
    match errors {
        Ok(_) => return end.ok_or_else(|| io::ErrorKind::Other.into()),
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
        Err(_) => {}
    }
    let (arrival, when) = match stream.take_error()? {
        Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            (Arrival::Refused, When::Stamped(None))
        }
        Some(error) => return Err(error),
        None if stream.peer_addr().is_ok() => (Arrival::Connected, syn_round_trip(stream)),
        None => return Err(io::ErrorKind::WouldBlock.into()),
    };
    Ok(End {
        answer: Answer::Arrived(arrival),
        responder: target,
        detail: None,
        when,
    })
}

/// The round trip of an accepted attempt.
fn syn_round_trip(stream: &TcpStream) -> When {
    match getsockopt(stream, TcpInfo) {
        Ok([.., round_trip]) if round_trip > 0 => {
            When::After(Duration::from_micros(round_trip.into()))
        }
        _ => When::Stamped(None),
    }
}

/// Waits for the end of the attempt of `probe` and says when it came.
async fn attempt(
    probe: Probe,
    stream: Option<TcpStream>,
    target: IpAddr,
    patience: Duration,
    sent: Moment,
    mut clock: Clock,
) -> Option<(Reply, u64)> {
    let before = clock.steps();
    let end = match &stream {
        None => End {
            answer: Answer::Arrived(Arrival::Refused),
            responder: target,
            detail: None,
            when: When::Stamped(None),
        },
        Some(stream) => {
            let end = stream.async_io(Interest::WRITABLE, || look(stream, target));
            tokio::time::timeout(patience, end).await.ok()?.ok()?
        }
    };
    let when = match end.when {
        When::Stamped(stamp) => clock.received(stamp),
        When::After(round_trip) => (sent + round_trip, Stamp::Kernel),
    };
    let reply = Reply {
        detail: end.detail.map(Box::new),
        ..Reply::plain(Some(probe.id()), end.responder, end.answer, when)
    };
    Some((reply, clock.steps() - before))
}

impl Network for TcpNetwork {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        let target = self.targets.get(probe.target.0 as usize);
        let target = *target.ok_or_else(|| manner::unknown_target(probe.target))?;
        let socket = open(target, &self.manner, probe)?;
        // A clock that has just been looked at can tell a step of the wall clock from slewing.
        let mut clock = self.clock.clone();
        clock.look();
        let sent = clock.now();
        let stream = connect(socket, target);
        let stream = stream.map_err(|error| socket::not_sent(target, &error))?;
        let patience = self.manner.patience;
        let attempt = attempt(probe, stream, target.ip(), patience, sent, clock);
        self.attempts.spawn(attempt);
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

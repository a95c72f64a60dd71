//! One connection attempt: its socket, its end, and when that came.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{Protocol, SockAddr, Socket, Type};
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::lang::Text;
use crate::probe::clock::Clock;
use crate::probe::errqueue::{Batch, News, Queue};
use crate::probe::manner::Manner;
use crate::probe::{Answer, Arrival, Detail, Probe, Reply, Stamp, handshake, judge, socket};
use crate::units::Moment;

/// The port that an attempt leaves from; 0 leaves it to the system.
fn source_port(manner: &Manner, probe: Probe) -> u16 {
    let above = |first: u16| {
        let ports = 0x1_0000 - u32::from(first);
        first + (probe.sequence.0 % ports) as u16
    };
    manner.source_port.map_or(0, above)
}

/// Makes the socket of `probe`, whose packets may go as far as that says.
pub(super) fn open(target: SocketAddr, manner: &Manner, probe: Probe) -> Result<Socket, Text> {
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

/// Starts a connection and says where it leaves from; without a stream when it was refused at once,
/// as this very host may do.
pub(super) fn connect(
    socket: Socket,
    target: SocketAddr,
) -> io::Result<(Option<TcpStream>, SocketAddr)> {
    match socket.connect(&SockAddr::from(target)) {
        // The port is still told, the address no longer.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            return Ok((None, socket::local(&socket)?));
        }
        Err(error) if error.raw_os_error() != Some(nix::libc::EINPROGRESS) => return Err(error),
        _ => {}
    }
    let from = socket::local(&socket)?;
    Ok((Some(TcpStream::from_std(socket.into())?), from))
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
                ..Detail::behind(heard.extensions().as_ref())
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
        None if stream.peer_addr().is_ok() => {
            let took = handshake::round_trip(stream);
            (
                Arrival::Connected,
                took.map_or(When::Stamped(None), When::After),
            )
        }
        None => return Err(io::ErrorKind::WouldBlock.into()),
    };
    Ok(End {
        answer: Answer::Arrived(arrival),
        responder: target,
        detail: None,
        when,
    })
}

/// Waits for the end of the attempt of `probe` and says when it came.
pub(super) async fn attempt(
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

//! Sockets to services, opened in the manner of the run.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use nix::libc;
use socket2::{Protocol, SockAddr, Socket, Type};
use tokio::io::Interest;
use tokio::net::{TcpStream, UdpSocket};

use super::end::{End, Said};
use super::kernel;
use super::line::Line;
use crate::lang::Text;
use crate::probe::clock::Clock;
use crate::probe::manner::Manner;
use crate::probe::socket::{self, no_socket, not_sent};
use crate::probe::{Answer, Arrival, Probe, handshake};
use crate::units::Moment;

impl Manner {
    /// A socket for `probe` that has not been connected.
    fn exchange(&self, to: SocketAddr, probe: Probe, kind: Type) -> Result<Socket, Text> {
        let (ipv6, distance) = (to.is_ipv6(), u32::from(probe.distance));
        let protocol = match kind {
            Type::STREAM => Protocol::TCP,
            _ => Protocol::UDP,
        };
        // More than one packet leaves for an exchange: which one a stamp is of is not told.
        let manner = Manner {
            exact: false,
            ..self.clone()
        };
        let socket = socket::make(ipv6, kind, protocol).map_err(|error| no_socket(&error))?;
        let ready = || {
            socket.set_nonblocking(true)?;
            // A port of an earlier exchange may still be settling.
            socket.set_reuse_address(true)?;
            match ipv6 {
                _ if distance == 0 => Ok(()),
                true => socket.set_unicast_hops_v6(distance),
                false => socket.set_ttl_v4(distance),
            }
        };
        ready().map_err(|error| no_socket(&error))?;
        socket::dress(socket, ipv6, kind, &manner, self.port(probe))
    }

    /// The port that `probe` leaves from; 0 where the system may choose. Past the last port it goes
    /// on at the first.
    fn port(&self, probe: Probe) -> u16 {
        let Some(first) = self.source_port else {
            return 0;
        };
        let ports = u32::from(u16::MAX - first) + 1;
        let above = probe.sequence.0 % ports;
        first.saturating_add(u16::try_from(above).unwrap_or_default())
    }

    /// Starts a connection.
    pub(super) fn tcp(&self, to: SocketAddr, probe: Probe, clock: &Clock) -> Result<Attempt, Text> {
        let socket = self.exchange(to, probe, Type::STREAM)?;
        let nodelay = socket.set_tcp_nodelay(true);
        nodelay.map_err(|error| not_sent(to, &error))?;
        let began = clock.now();
        let stream = match socket.connect(&SockAddr::from(to)) {
            // This very host refuses at once.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(None),
            Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
            _ => TcpStream::from_std(socket.into()).map(Some),
        };
        let stream = stream.map_err(|error| not_sent(to, &error))?;
        Ok(Attempt { stream, to, began })
    }

    /// A socket that hears `to` only.
    pub(super) fn udp(&self, to: SocketAddr, probe: Probe) -> Result<UdpSocket, Text> {
        let socket = self.exchange(to, probe, Type::DGRAM)?;
        let start = || {
            socket.connect(&SockAddr::from(to))?;
            UdpSocket::from_std(socket.into())
        };
        start().map_err(|error| not_sent(to, &error))
    }
}

/// A connection that is being made.
#[derive(Debug)]
pub(super) struct Attempt {
    /// `None` when it has been refused already.
    stream: Option<TcpStream>,
    to: SocketAddr,
    pub(super) began: Moment,
}

impl Attempt {
    /// Waits until the connection is made and says how long that took.
    pub(super) async fn made(self, mut clock: Clock) -> Result<(Line, Duration), End> {
        let to = self.to;
        let mut said = |answer, from, stamp| End::Said(Said::now(answer, from, stamp, &mut clock));
        let refused = Answer::Arrived(Arrival::Refused);
        let Some(stream) = self.stream else {
            return Err(said(refused, to.ip(), None));
        };
        // Writable is a connection that is made, and one that has failed too.
        let made = stream.async_io(Interest::WRITABLE, || match stream.take_error()? {
            Some(error) => Err(error),
            None if stream.peer_addr().is_ok() => Ok(()),
            None => Err(io::ErrorKind::WouldBlock.into()),
        });
        let broken = match made.await.map_err(|error| error.kind()) {
            Ok(()) => false,
            // It was made, and has been broken before we looked.
            Err(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => true,
            Err(kind) => {
                return Err(match kernel::icmp(&stream) {
                    Some((answer, from, stamp)) => said(answer, from, stamp),
                    None if kind == io::ErrorKind::ConnectionRefused => {
                        said(refused, to.ip(), None)
                    }
                    // The system has given up by itself: no answer to any SYN, none of the next hop.
                    None => End::Silent,
                });
            }
        };
        let seen = clock.now().since(self.began);
        let took = handshake::round_trip(&stream).filter(|took| *took <= seen);
        let mut line = Line::new(stream, to, clock);
        if broken {
            line.break_off(Arrival::Reset);
        }
        Ok((line, took.unwrap_or(seen)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Sequence;
    use crate::probe::tag::Tag;

    #[test]
    fn each_exchange_has_a_port_of_its_own_as_long_as_there_are_any() {
        let from = |first, number| {
            let manner = Manner {
                source_port: Some(first),
                ..Manner::plain(Tag(1))
            };
            manner.port(Probe::plain(Sequence(number), 0))
        };
        assert_eq!([from(40_000, 0), from(40_000, 7)], [40_000, 40_007]);
        // From 65,530 there are six.
        assert_eq!([from(65_530, 5), from(65_530, 6)], [65_535, 65_530]);
        assert_eq!(from(u16::MAX, u32::MAX), u16::MAX);
        assert_eq!(Manner::plain(Tag(1)).port(Probe::plain(Sequence(9), 0)), 0);
    }
}

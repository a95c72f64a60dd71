//! Sockets to services, opened in the manner of the run.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use nix::libc;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use tokio::io::Interest;
use tokio::net::{TcpStream, UdpSocket};

use super::end::{End, Said};
use super::kernel;
use super::line::Line;
use crate::probe::clock::Clock;
use crate::probe::{Answer, Arrival, Probe, errqueue};
use crate::units::Moment;

/// How exchanges leave this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    /// Leave from this address of ours; `None` leaves the choice to the routing table.
    pub source: Option<IpAddr>,
    /// Exchange number n leaves from n ports above this one, as each keeps its port while it lasts
    /// and TCP for a while after that.
    pub source_port: Option<u16>,
    /// Leave by this interface, whatever the routing table says.
    pub interface: Option<String>,
    /// The byte of DSCP and ECN (RFC 2474, RFC 3168).
    pub tos: u8,
    /// How long a whole exchange is waited for.
    pub patience: Duration,
}

impl Default for Manner {
    /// From wherever the system likes, without a mark, with ten seconds of patience: room for a SYN
    /// that is sent again after one, two and four.
    fn default() -> Manner {
        Manner {
            source: None,
            source_port: None,
            interface: None,
            tos: 0,
            patience: Duration::from_secs(10),
        }
    }
}

impl Manner {
    /// A socket for `probe` that has not been connected.
    fn socket(&self, to: SocketAddr, probe: Probe, kind: Type) -> io::Result<Socket> {
        let ipv6 = to.is_ipv6();
        let protocol = match kind {
            Type::STREAM => Protocol::TCP,
            _ => Protocol::UDP,
        };
        let socket = Socket::new(Domain::for_address(to), kind, Some(protocol))?;
        socket.set_nonblocking(true)?;
        let distance = u32::from(probe.distance);
        match ipv6 {
            _ if distance == 0 => {}
            true => socket.set_unicast_hops_v6(distance)?,
            false => socket.set_ttl_v4(distance)?,
        }
        match ipv6 {
            _ if self.tos == 0 => {}
            true => socket.set_tclass_v6(self.tos.into())?,
            false => socket.set_tos_v4(self.tos.into())?,
        }
        if let Some(interface) = &self.interface {
            socket.bind_device(Some(interface.as_bytes()))?;
        }
        if self.source.is_some() || self.source_port.is_some() {
            let any = match ipv6 {
                true => Ipv6Addr::UNSPECIFIED.into(),
                false => Ipv4Addr::UNSPECIFIED.into(),
            };
            // A port of an earlier exchange may still be settling.
            socket.set_reuse_address(true)?;
            let from = SocketAddr::new(self.source.unwrap_or(any), self.port(probe));
            socket.bind(&SockAddr::from(from))?;
        }
        errqueue::ask_for(&socket, ipv6)?;
        Ok(socket)
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
    pub(super) fn tcp(&self, to: SocketAddr, probe: Probe, clock: &Clock) -> io::Result<Attempt> {
        let socket = self.socket(to, probe, Type::STREAM)?;
        socket.set_tcp_nodelay(true)?;
        let began = clock.now();
        let stream = match socket.connect(&SockAddr::from(to)) {
            // This very host refuses at once.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => None,
            Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => return Err(error),
            _ => Some(TcpStream::from_std(socket.into())?),
        };
        Ok(Attempt { stream, to, began })
    }

    /// A socket that hears `to` only.
    pub(super) fn udp(&self, to: SocketAddr, probe: Probe) -> io::Result<UdpSocket> {
        let socket = self.socket(to, probe, Type::DGRAM)?;
        socket.connect(&SockAddr::from(to))?;
        UdpSocket::from_std(socket.into())
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
        let took = kernel::handshake(&stream).filter(|took| *took <= seen);
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

    #[test]
    fn each_exchange_has_a_port_of_its_own_as_long_as_there_are_any() {
        let from = |first, number| {
            let manner = Manner {
                source_port: Some(first),
                ..Manner::default()
            };
            manner.port(Probe::plain(Sequence(number), 0))
        };
        assert_eq!([from(40_000, 0), from(40_000, 7)], [40_000, 40_007]);
        // From 65,530 there are six.
        assert_eq!([from(65_530, 5), from(65_530, 6)], [65_535, 65_530]);
        assert_eq!(from(u16::MAX, u32::MAX), u16::MAX);
        assert_eq!(Manner::default().port(Probe::plain(Sequence(9), 0)), 0);
    }
}

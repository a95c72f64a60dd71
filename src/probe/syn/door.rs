//! The sockets of one address family: raw ones to send by and to listen at, and the ports.

use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};

use nix::libc;
use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrStorage, sendmsg, setsockopt, sockopt};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::super::Flow;
use super::super::listen::Listener;
use super::super::manner::Manner;
use super::super::quotes::Quotes;
use super::super::socket;
use crate::packet::{Family, filter, protocol};

/// The sockets of one family.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) family: Family,
    /// Sends SYNs, hears what ports answer.
    pub(super) segments: Listener,
    /// Hears what routers answer.
    pub(super) quotes: Quotes,
    ports: Vec<Port>,
}

/// A port of a flow, ours while the socket lives. It is bound and does not listen, so nobody else is
/// given the port, and when a SYN-ACK comes the kernel knows no connection and resets it: the target
/// is left with nothing half open.
#[derive(Debug)]
struct Port {
    flow: Flow,
    number: u16,
    _socket: Socket,
}

impl Door {
    /// Opens the raw sockets. Nothing is let in until there are ports.
    pub(super) fn open(family: Family, manner: &Manner) -> io::Result<Door> {
        let interface = manner.interface.as_deref();
        let program = filter::syn_answers(family, &[]);
        let segments = Listener::open(family, protocol::TCP, &program, interface)?;
        let tos = i32::from(manner.tos);
        match family {
            Family::V4 => setsockopt(&segments, sockopt::Ipv4Tos, &tos)?,
            Family::V6 => setsockopt(&segments, sockopt::Ipv6TClass, &tos)?,
        }
        if manner.exact {
            segments.stamp_departures()?;
        }
        Ok(Door {
            family,
            segments,
            quotes: Quotes::open(family, protocol::TCP, None, interface)?,
            ports: Vec::new(),
        })
    }

    /// The port of a flow; taken when it is first asked for.
    pub(super) fn port(&mut self, flow: Flow, manner: &Manner) -> io::Result<u16> {
        if let Some(port) = self.ports.iter().find(|port| port.flow == flow) {
            return Ok(port.number);
        }
        if self.ports.len() == filter::MOST_PORTS {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let wanted = manner.source_port;
        let wanted = wanted.map_or(Some(0), |first| first.checked_add(flow.0));
        let port = reserve(
            self.family,
            manner,
            wanted.ok_or(io::ErrorKind::AddrNotAvailable)?,
        )?;
        let number = socket::local(&port)?.port();
        self.ports.push(Port {
            flow,
            number,
            _socket: port,
        });
        let numbers: Vec<u16> = self.ports.iter().map(|port| port.number).collect();
        self.segments
            .filter(&filter::syn_answers(self.family, &numbers))?;
        self.quotes.listen_for(&numbers)?;
        Ok(number)
    }

    /// Sends a segment that may pass `hops` hops. Its checksum counts in `source`, so that is where
    /// it leaves from, whatever the routing table says by now.
    pub(super) fn send(
        &self,
        segment: &[u8],
        source: IpAddr,
        to: SocketAddr,
        hops: u8,
    ) -> io::Result<()> {
        let (parts, flags) = ([IoSlice::new(segment)], MsgFlags::MSG_DONTWAIT);
        let socket = self.segments.as_fd().as_raw_fd();
        let limit = i32::from(hops);
        // A raw socket takes no port: the kernel would read it as a protocol.
        let sent = match (source, to) {
            (IpAddr::V4(source), SocketAddr::V4(to)) => {
                let to = SockaddrStorage::from(SocketAddrV4::new(*to.ip(), 0));
                let from = leave_from_v4(source);
                let control = [
                    ControlMessage::Ipv4Ttl(&limit),
                    ControlMessage::Ipv4PacketInfo(&from),
                ];
                sendmsg(socket, &parts, &control, flags, Some(&to))
            }
            (IpAddr::V6(source), SocketAddr::V6(to)) => {
                let from = leave_from_v6(source, to.scope_id());
                let to = SocketAddrV6::new(*to.ip(), 0, 0, to.scope_id());
                let to = SockaddrStorage::from(to);
                let control = [
                    ControlMessage::Ipv6HopLimit(&limit),
                    ControlMessage::Ipv6PacketInfo(&from),
                ];
                sendmsg(socket, &parts, &control, flags, Some(&to))
            }
            _ => return Err(io::ErrorKind::AddrNotAvailable.into()),
        };
        Ok(sent.map(drop)?)
    }
}

fn leave_from_v4(source: Ipv4Addr) -> libc::in_pktinfo {
    let address = |address: Ipv4Addr| libc::in_addr {
        s_addr: u32::from_ne_bytes(address.octets()),
    };
    libc::in_pktinfo {
        ipi_ifindex: 0,
        ipi_spec_dst: address(source),
        ipi_addr: address(Ipv4Addr::UNSPECIFIED),
    }
}

fn leave_from_v6(source: Ipv6Addr, interface: u32) -> libc::in6_pktinfo {
    libc::in6_pktinfo {
        ipi6_addr: libc::in6_addr {
            s6_addr: source.octets(),
        },
        ipi6_ifindex: interface,
    }
}

fn domain(family: Family) -> Domain {
    match family {
        Family::V4 => Domain::IPV4,
        Family::V6 => Domain::IPV6,
    }
}

/// A socket that holds `port`, or any when that is 0.
fn reserve(family: Family, manner: &Manner, port: u16) -> io::Result<Socket> {
    let socket = Socket::new(domain(family), Type::STREAM, Some(Protocol::TCP))?;
    if family == Family::V6 {
        socket.set_only_v6(true)?;
    }
    socket.bind(&SockAddr::from(SocketAddr::new(from(family, manner), port)))?;
    Ok(socket)
}

/// The address that the manner says to leave from, if it says one of this family.
fn from(family: Family, manner: &Manner) -> IpAddr {
    let any = match family {
        Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
        Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
    };
    let source = manner.source;
    source
        .filter(|source| Family::of(*source) == family)
        .unwrap_or(any)
}

//! When segments pass this host's network devices: a packet socket, as a capture has one. It needs
//! `CAP_NET_RAW`.
//!
//! It is the only place where the kernel stamps a SYN that leaves and what comes back for it. What
//! does not open or reset a connection with one of a few ports, a filter in the kernel keeps out.

use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

use nix::libc;
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};

use crate::packet::filter;
use crate::packet::ip::Ip;
use crate::probe::errqueue::{Batch, Queue};
use crate::probe::{listen, socket};

/// The packet socket.
#[derive(Debug)]
pub(super) struct Wire {
    socket: Socket,
    batch: Batch,
}

/// A packet that passed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed<'a> {
    pub(super) packet: Ip<'a>,
    /// Whether it left; else it came in.
    pub(super) outgoing: bool,
    /// When, wall clock, since 1970.
    pub(super) stamp: Option<Duration>,
}

impl Wire {
    /// Sees what opens or resets connections with `ports`, of whichever host.
    pub(super) fn open(ports: &[u16]) -> io::Result<Wire> {
        if ports.len() > filter::MOST_PORTS_BOTH_WAYS {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        // Every protocol, in the byte order of the network (packet(7)): others are not told of
        // packets that leave.
        let every = (libc::ETH_P_ALL as u16).to_be();
        let every = Protocol::from(i32::from(every));
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(every))?;
        listen::attach(&socket, &filter::handshakes(ports))?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        socket::widen(&socket);
        socket.set_nonblocking(true)?;
        // What came before the filter did is not for us.
        while socket.recv(&mut [MaybeUninit::uninit()]).is_ok() {}
        Ok(Wire {
            socket,
            batch: Batch::default(),
        })
    }

    /// Takes what has passed, at most one batch, by one system call, and gives it to `each` in order.
    /// Says whether there was anything.
    pub(super) fn take(&mut self, mut each: impl FnMut(Passed<'_>)) -> io::Result<bool> {
        let read = self.batch.read(&self.socket, Queue::Data, |heard| {
            if let Some(packet) = Ip::parse(heard.bytes) {
                each(Passed {
                    packet,
                    outgoing: heard.outgoing,
                    stamp: heard.stamp,
                });
            }
        });
        listen::some(read)
    }
}

//! Raw sockets that listen to what a filter in the kernel lets in. They need `CAP_NET_RAW`.
//!
//! Such a socket gets IPv4 packets whole and, in IPv6, what comes behind the headers; who sent it and
//! how many hops it had left are told beside. The kernel looks at checksums after it has made the
//! copy for an IPv4 socket, so who reads an ICMP message there must look himself.

use std::io;
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use nix::sys::socket::{TimestampingFlag, setsockopt, sockopt};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};

use super::errqueue::{Batch, Heard, Queue};
use super::socket;
use crate::packet::Family;
use crate::packet::filter::Instruction;
use crate::packet::ip::Ip;

/// A raw socket with its filter.
#[derive(Debug)]
pub(super) struct Listener {
    socket: Socket,
    family: Family,
    batch: Batch,
    overflowed: u32,
}

/// One packet that was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    /// Who sent it.
    pub(super) from: IpAddr,
    /// Routers that it might still have passed.
    pub(super) hops: Option<u8>,
    /// What it carries, behind all IP headers.
    pub(super) bytes: &'a [u8],
    /// When the kernel took it in, wall clock, since 1970.
    pub(super) stamp: Option<Duration>,
}

impl Listener {
    /// Opens a socket that hears `protocol`, as far as `program` lets it in, by `interface` or any.
    pub(super) fn open(
        family: Family,
        protocol: u8,
        program: &[Instruction],
        interface: Option<&str>,
    ) -> io::Result<Listener> {
        let domain = match family {
            Family::V4 => Domain::IPV4,
            Family::V6 => Domain::IPV6,
        };
        let socket = Socket::new(domain, Type::RAW, Some(Protocol::from(i32::from(protocol))))?;
        attach(&socket, program)?;
        socket.bind_device(interface.map(str::as_bytes))?;
        if family == Family::V6 {
            setsockopt(&socket, sockopt::Ipv6RecvHopLimit, &true)?;
        }
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        setsockopt(&socket, sockopt::RxqOvfl, &1)?;
        socket::widen(&socket);
        socket.set_nonblocking(true)?;
        // What came before the filter did is not for us.
        while socket.recv(&mut [MaybeUninit::uninit()]).is_ok() {}
        Ok(Listener {
            socket,
            family,
            batch: Batch::default(),
            overflowed: 0,
        })
    }

    /// Of which version of IP it hears.
    pub(super) fn family(&self) -> Family {
        self.family
    }

    /// Lets in what `program` says from now on.
    pub(super) fn filter(&self, program: &[Instruction]) -> io::Result<()> {
        attach(&self.socket, program)
    }

    /// Packets that this socket has had no room for since it was opened.
    pub(super) fn overflowed(&self) -> u64 {
        self.overflowed.into()
    }

    /// Takes what has come, at most one batch, by one system call, and gives it to `each` in order.
    /// Says whether there was anything.
    pub(super) fn take(&mut self, mut each: impl FnMut(Packet<'_>)) -> io::Result<bool> {
        let Listener {
            socket,
            family,
            batch,
            overflowed,
        } = self;
        some(batch.read(socket, Queue::Data, |heard| {
            *overflowed = heard.lost.max(*overflowed);
            packet(&heard, *family).into_iter().for_each(&mut each);
        }))
    }

    /// Asks the kernel to say when packets leave. It hands each of them back, on a queue of its own
    /// that shares the buffer's room: who asks must take them.
    pub(super) fn stamp_departures(&self) -> io::Result<()> {
        let left = TimestampingFlag::SOF_TIMESTAMPING_TX_SOFTWARE;
        Ok(setsockopt(&self.socket, sockopt::Timestamping, &left)?)
    }

    /// Takes packets that have left, at most one batch, and gives each with its stamp to `each`: from
    /// the link's header on, of whatever length that is. Says whether there were any.
    pub(super) fn take_left(&mut self, mut each: impl FnMut(&[u8], Duration)) -> io::Result<bool> {
        some(self.batch.read(&self.socket, Queue::Errors, |heard| {
            if let Some(stamp) = heard.stamp {
                each(heard.bytes, stamp);
            }
        }))
    }
}

/// To send by, and to be waited for.
impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Whether something was read; that there is nothing is no error.
pub(super) fn some(read: io::Result<usize>) -> io::Result<bool> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        done => done.map(|_| true),
    }
}

/// Lets in what `program` says, and nothing else.
pub(super) fn attach(socket: &Socket, program: &[Instruction]) -> io::Result<()> {
    let filter =
        |step: &Instruction| SockFilter::new(step.code, step.then, step.otherwise, step.value);
    socket.attach_filter(&program.iter().map(filter).collect::<Vec<_>>())
}

/// The packet in a message; `None` when it could not be read.
fn packet<'a>(heard: &Heard<'a>, family: Family) -> Option<Packet<'a>> {
    let stamp = heard.stamp;
    Some(match family {
        Family::V4 => {
            let ip = Ip::parse(heard.bytes)?;
            let upper = ip.upper().filter(|upper| !upper.later_fragment)?;
            Packet {
                from: ip.source(),
                hops: Some(ip.hops()),
                bytes: upper.bytes,
                stamp,
            }
        }
        Family::V6 => Packet {
            from: heard.address?.ip(),
            hops: heard.ttl,
            bytes: heard.bytes,
            stamp,
        },
    })
}

//! Raw sockets that listen to what a filter in the kernel lets in. They need `CAP_NET_RAW`.
//!
//! Such a socket gets IPv4 packets whole and, in IPv6, what comes behind the headers; who sent it and
//! how many hops it had left are told beside. The kernel looks at checksums after it has made the
//! copy for an IPv4 socket, so who reads an ICMP message there must look himself.

use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::task::{Context, Poll};
use std::time::Duration;

use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrStorage, recvmmsg, setsockopt,
    sockopt,
};
use socket2::{Domain, Protocol, SockFilter, SockRef, Socket, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::packet::Family;
use crate::packet::filter::Instruction;
use crate::packet::ip::Ip;

/// Bytes that are kept of each packet. ICMP errors are to be no larger than 1280 (RFC 4443 2.4 c);
/// this is room for one as large as an Ethernet frame carries.
const KEPT: usize = 1536;

/// Packets that one call reads at most.
const BATCH: usize = 32;

/// Room for the control messages of one packet: a timespec, a hop count and a counter, with their
/// headers.
const CONTROL: usize = 128;

/// Receive buffer that we ask for (the system may grant less): a packet takes about 1 KiB of it, so
/// this holds some thousand that we have not come round to reading.
const RECEIVE_BUFFER: usize = 4 << 20;

/// A raw socket with its filter.
#[derive(Debug)]
pub(super) struct Listener {
    socket: UdpSocket,
    family: Family,
    /// Room for one batch.
    bytes: Box<[u8]>,
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
    /// Must be called inside a tokio runtime.
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
        // More room is a wish: the system's limit may be lower.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        socket.set_nonblocking(true)?;
        // What came before the filter did is not for us.
        while socket.recv(&mut [MaybeUninit::uninit()]).is_ok() {}
        // tokio knows no raw sockets, but waits for any that it is told is one of UDP.
        let socket = UdpSocket::from_std(socket.into())?;
        Ok(Listener {
            socket,
            family,
            bytes: vec![0; BATCH * KEPT].into(),
            overflowed: 0,
        })
    }

    /// Of which version of IP it hears.
    pub(super) fn family(&self) -> Family {
        self.family
    }

    /// The socket, to send by.
    pub(super) fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Lets in what `program` says from now on.
    pub(super) fn filter(&self, program: &[Instruction]) -> io::Result<()> {
        attach(&SockRef::from(&self.socket), program)
    }

    /// Whether there may be something to take; if not, the task is woken when there is.
    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_recv_ready(context)
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
            bytes,
            overflowed,
        } = self;
        let each = |(packet, count): (Option<Packet<'_>>, u32)| {
            *overflowed = count.max(*overflowed);
            packet.into_iter().for_each(&mut each);
        };
        let read = || read(&*socket, *family, bytes, each);
        match socket.try_io(Interest::READABLE, read) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            done => done.map(|()| true),
        }
    }
}

fn attach(socket: &Socket, program: &[Instruction]) -> io::Result<()> {
    let filter =
        |step: &Instruction| SockFilter::new(step.code, step.then, step.otherwise, step.value);
    socket.attach_filter(&program.iter().map(filter).collect::<Vec<_>>())
}

/// Reads a batch and gives `each` what is in every message, and how many packets were lost so far.
fn read(
    socket: &impl AsRawFd,
    family: Family,
    bytes: &mut [u8],
    each: impl FnMut((Option<Packet<'_>>, u32)),
) -> io::Result<()> {
    let parts = bytes.chunks_exact_mut(KEPT);
    let mut parts: Vec<_> = parts.map(|part| [IoSliceMut::new(part)]).collect();
    // Made anew for each call: a used one keeps the lengths of what it received last.
    let control = Some(Vec::with_capacity(CONTROL));
    let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(parts.len(), control);
    let flags = MsgFlags::MSG_DONTWAIT;
    let parts = parts.iter_mut();
    let read = recvmmsg(socket.as_raw_fd(), &mut headers, parts, flags, None)?;
    read.map(|message| heard(&message, family)).for_each(each);
    Ok(())
}

/// What is in a message: the packet, if it could be read, and how many were lost so far.
fn heard<'a>(
    message: &RecvMsg<'_, 'a, SockaddrStorage>,
    family: Family,
) -> (Option<Packet<'a>>, u32) {
    let (mut stamp, mut hops, mut lost) = (None, None, 0);
    for part in message.cmsgs().into_iter().flatten() {
        match part {
            ControlMessageOwned::ScmTimestampns(told) => stamp = Some(told.into()),
            ControlMessageOwned::Ipv6HopLimit(told) => hops = u8::try_from(told).ok(),
            ControlMessageOwned::RxqOvfl(count) => lost = count,
            _ => {}
        }
    }
    let bytes = message.iovs().next().unwrap_or_default();
    let packet = match family {
        Family::V4 => Ip::parse(bytes).and_then(|ip| {
            let upper = ip.upper().filter(|upper| !upper.later_fragment)?;
            Some(Packet {
                from: ip.source(),
                hops: Some(ip.hops()),
                bytes: upper.bytes,
                stamp,
            })
        }),
        Family::V6 => {
            let from = message
                .address
                .as_ref()
                .and_then(|from| from.as_sockaddr_in6());
            from.map(|from| Packet {
                from: from.ip().into(),
                hops,
                bytes,
                stamp,
            })
        }
    };
    (packet, lost)
}

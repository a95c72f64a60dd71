//! Raw sockets that listen to what a filter in the kernel lets in. They need `CAP_NET_RAW`.
//!
//! Such a socket gets IPv4 packets whole and, in IPv6, what comes behind the headers; who sent it and
//! how many hops it had left are told beside. The kernel looks at checksums after it has made the
//! copy for an IPv4 socket, so who reads an ICMP message there must look himself.

use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrStorage, TimestampingFlag,
    recvmmsg, setsockopt, sockopt,
};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};

use crate::packet::Family;
use crate::packet::filter::Instruction;
use crate::packet::ip::Ip;

/// Bytes that are kept of each packet. ICMP errors are to be no larger than 1280 (RFC 4443 2.4 c);
/// this is room for one as large as an Ethernet frame carries.
const KEPT: usize = 1536;

/// Packets that one call reads at most.
const BATCH: usize = 32;

/// Room for the control messages of one packet: a timespec, a hop count and a counter, or a
/// `sock_extended_err` with an IPv6 address, with their headers.
const CONTROL: usize = 160;

/// Receive buffer that we ask for (the system may grant less): a packet takes about 1 KiB of it, so
/// this holds some thousand that we have not come round to reading.
const RECEIVE_BUFFER: usize = 4 << 20;

/// A raw socket with its filter.
#[derive(Debug)]
pub(super) struct Listener {
    socket: Socket,
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
            bytes,
            overflowed,
        } = self;
        let each = |heard: Heard<'_>| {
            *overflowed = heard.lost.max(*overflowed);
            heard.packet(*family).into_iter().for_each(&mut each);
        };
        some(read(socket, bytes, MsgFlags::MSG_DONTWAIT, each))
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
        let each = |heard: Heard<'_>| {
            if let Some(stamp) = heard.stamp {
                each(heard.bytes, stamp);
            }
        };
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_ERRQUEUE;
        some(read(&self.socket, &mut self.bytes, flags, each))
    }
}

/// To send by, and to be waited for.
impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Whether something was read; that there is nothing is no error.
fn some(read: io::Result<()>) -> io::Result<bool> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        done => done.map(|()| true),
    }
}

fn attach(socket: &Socket, program: &[Instruction]) -> io::Result<()> {
    let filter =
        |step: &Instruction| SockFilter::new(step.code, step.then, step.otherwise, step.value);
    socket.attach_filter(&program.iter().map(filter).collect::<Vec<_>>())
}

/// One message of a socket.
#[derive(Debug)]
struct Heard<'a> {
    bytes: &'a [u8],
    from: Option<IpAddr>,
    hops: Option<u8>,
    stamp: Option<Duration>,
    /// Packets that the socket had no room for so far.
    lost: u32,
}

/// Reads a batch from one of a socket's queues.
fn read(
    socket: &impl AsRawFd,
    bytes: &mut [u8],
    flags: MsgFlags,
    each: impl FnMut(Heard<'_>),
) -> io::Result<()> {
    let parts = bytes.chunks_exact_mut(KEPT);
    let mut parts: Vec<_> = parts.map(|part| [IoSliceMut::new(part)]).collect();
    // Made anew for each call: a used one keeps the lengths of what it received last.
    let control = Some(Vec::with_capacity(CONTROL));
    let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(parts.len(), control);
    let parts = parts.iter_mut();
    let read = recvmmsg(socket.as_raw_fd(), &mut headers, parts, flags, None)?;
    read.map(|message| Heard::of(&message)).for_each(each);
    Ok(())
}

impl<'a> Heard<'a> {
    fn of(message: &RecvMsg<'_, 'a, SockaddrStorage>) -> Heard<'a> {
        let mut heard = Heard {
            bytes: message.iovs().next().unwrap_or_default(),
            from: None,
            hops: None,
            stamp: None,
            lost: 0,
        };
        let from = message.address.as_ref();
        let from = from.and_then(|from| from.as_sockaddr_in6());
        heard.from = from.map(|from| from.ip().into());
        for part in message.cmsgs().into_iter().flatten() {
            match part {
                ControlMessageOwned::ScmTimestampns(stamp) => heard.stamp = Some(stamp.into()),
                ControlMessageOwned::Ipv6HopLimit(hops) => heard.hops = u8::try_from(hops).ok(),
                ControlMessageOwned::RxqOvfl(count) => heard.lost = count,
                _ => {}
            }
        }
        heard
    }

    /// The packet in it; `None` when it could not be read.
    fn packet(self, family: Family) -> Option<Packet<'a>> {
        match family {
            Family::V4 => {
                let ip = Ip::parse(self.bytes)?;
                let upper = ip.upper().filter(|upper| !upper.later_fragment)?;
                Some(Packet {
                    from: ip.source(),
                    hops: Some(ip.hops()),
                    bytes: upper.bytes,
                    stamp: self.stamp,
                })
            }
            Family::V6 => Some(Packet {
                from: self.from?,
                hops: self.hops,
                bytes: self.bytes,
                stamp: self.stamp,
            }),
        }
    }
}

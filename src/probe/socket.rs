//! Opening, sending from and waiting for the sockets of a run, all in one [`Manner`].

use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessage, MsgFlags, SockaddrStorage, TimestampingFlag, getsockopt, sendmsg, setsockopt,
    sockopt,
};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::errqueue::{BATCH, Batch, Heard, Queue};
use super::manner::Manner;
use super::sockopt as own;
use crate::error::Error;
use crate::lang::Text;
use crate::text;

/// Receive buffer that we ask for (the system may grant less): a packet takes about 1 KiB of it, so
/// this holds some thousand replies that we have not come round to reading.
const RECEIVE_BUFFER: usize = 4 << 20;

/// A queued error fails one send or one receive. This many in a row are a fault of our own side.
pub(super) const TRIES: usize = 8;

/// What a message of an ordinary packet takes of the buffer at most, in bytes.
const LARGE_MESSAGE: u32 = 2304;

/// Batches that are read at once, so that nobody else of the thread is kept waiting for long.
const BATCHES: usize = 32;

/// How long the kernel may take to switch stamping on.
const STAMPING_STARTS: Duration = Duration::from_millis(1);

/// Keeps the kernel stamping what comes in, for as long as it lives.
///
/// Linux stamps packets only while some socket asks for it, and switches that on in the background:
/// a packet that comes before is stamped when it is *read*. A run therefore asks before its first
/// probe, and for all of its sockets, however short each of them lives.
#[derive(Debug)]
pub(super) struct Stamping {
    _socket: std::net::UdpSocket,
}

impl Stamping {
    /// Switches stamping on and waits until it is.
    pub(super) fn start() -> Result<Stamping, Text> {
        let start = || {
            let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
                .or_else(|_| std::net::UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)))?;
            setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
            Ok(Stamping { _socket: socket })
        };
        let started = start().map_err(|error: io::Error| no_socket(&error));
        std::thread::sleep(STAMPING_STARTS);
        started
    }
}

/// Makes a socket.
pub(super) fn make(ipv6: bool, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let domain = if ipv6 { Domain::IPV6 } else { Domain::IPV4 };
    Socket::new(domain, kind, Some(protocol))
}

/// Makes a socket that leaves and looks as `manner` says, from `port` of its own (0: any).
pub(super) fn open(
    ipv6: bool,
    kind: Type,
    protocol: Protocol,
    manner: &Manner,
    port: u16,
) -> Result<Socket, Text> {
    let socket = make(ipv6, kind, protocol).map_err(|error| no_socket(&error))?;
    dress(socket, ipv6, kind, manner, port)
}

/// Lets a socket leave and look as `manner` says, from `port` of its own (0: any).
pub(super) fn dress(
    socket: Socket,
    ipv6: bool,
    kind: Type,
    manner: &Manner,
    port: u16,
) -> Result<Socket, Text> {
    ask_for(&socket, ipv6, kind, manner).map_err(|error| no_socket(&error.into()))?;
    if let Some(interface) = &manner.interface {
        let bound = socket.bind_device(Some(interface.as_bytes()));
        bound.map_err(|error| {
            text!(
                "不能从接口 {interface} 发送：{error}",
                "cannot send by interface {interface}: {error}"
            )
        })?;
    }
    let source = source(ipv6, manner)?;
    if manner.source.is_some() || port != 0 {
        let from = SocketAddr::new(source, port);
        socket.bind(&SockAddr::from(from)).map_err(|error| {
            text!(
                "不能从 {from} 发送：{error}",
                "cannot send from {from}: {error}"
            )
        })?;
    }
    Ok(socket)
}

/// The address to send from in this family; unspecified when `manner` does not care.
fn source(ipv6: bool, manner: &Manner) -> Result<IpAddr, Text> {
    match manner.source {
        Some(source) if source.is_ipv6() != ipv6 => Err(text!(
            "源地址 {source} 与目标不是同一地址族",
            "source {source} is not of the target's address family"
        )),
        Some(source) => Ok(source),
        None if ipv6 => Ok(Ipv6Addr::UNSPECIFIED.into()),
        None => Ok(Ipv4Addr::UNSPECIFIED.into()),
    }
}

/// The address that packets to `to` leave from: the kernel says it for a connected socket.
pub(super) fn source_of(to: SocketAddr, manner: &Manner) -> Result<IpAddr, Text> {
    let socket = open(to.is_ipv6(), Type::DGRAM, Protocol::UDP, manner, 0)?;
    let connected = socket.connect(&SockAddr::from(to));
    let address = connected.and_then(|()| local(&socket));
    let address = address.map_err(|error| not_sent(to, &error))?;
    Ok(address.ip())
}

/// Where a socket leaves from.
pub(super) fn local(socket: &Socket) -> io::Result<SocketAddr> {
    let address = socket.local_addr()?.as_socket();
    address.ok_or(io::ErrorKind::AddrNotAvailable.into())
}

/// Asks the kernel to queue ICMP errors, to tell stamps and hop counts of what comes in, and to
/// give what goes out the looks of `manner`. A raw socket gets errors, and hop counts of IPv4, in the
/// packets themselves.
pub(super) fn ask_for(
    socket: &impl AsFd,
    ipv6: bool,
    kind: Type,
    manner: &Manner,
) -> nix::Result<()> {
    let raw = kind == Type::RAW;
    let discover = match manner.whole {
        true if kind == Type::STREAM => own::WHOLE_SEGMENTS,
        true => own::WHOLE,
        false => own::MAY_FRAGMENT,
    };
    let tos = i32::from(manner.tos);
    if ipv6 {
        if !raw {
            setsockopt(socket, sockopt::Ipv6V6Only, &true)?;
        }
        setsockopt(socket, sockopt::Ipv6RecvErr, &!raw)?;
        // An older kernel tells less.
        let _ = setsockopt(socket, own::Ipv6Extensions, &!raw);
        setsockopt(socket, sockopt::Ipv6RecvHopLimit, &true)?;
        setsockopt(socket, own::Ipv6MtuDiscover, &discover)?;
        setsockopt(socket, sockopt::Ipv6DontFrag, &manner.whole)?;
        setsockopt(socket, sockopt::Ipv6TClass, &tos)?;
    } else {
        setsockopt(socket, sockopt::Ipv4RecvErr, &!raw)?;
        let _ = setsockopt(socket, own::Ipv4Extensions, &!raw);
        setsockopt(socket, sockopt::Ipv4RecvTtl, &!raw)?;
        setsockopt(socket, own::Ipv4MtuDiscover, &discover)?;
        setsockopt(socket, sockopt::Ipv4Tos, &tos)?;
    }
    if manner.exact {
        // That they are told at all follows from the option below.
        let left = TimestampingFlag::SOF_TIMESTAMPING_TX_SOFTWARE;
        setsockopt(socket, sockopt::Timestamping, &left)?;
    }
    setsockopt(socket, sockopt::ReceiveTimestampns, &true)
}

/// Gives a socket room to receive.
pub(super) fn widen(socket: &Socket) {
    // More than the system's limit takes CAP_NET_ADMIN. That much is a wish, and so is the limit.
    if setsockopt(socket, sockopt::RcvBufForce, &RECEIVE_BUFFER).is_err() {
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
    }
}

/// Sends one packet that may live `hops` hops.
pub(super) fn send(
    socket: &impl AsRawFd,
    to: SocketAddr,
    hops: u8,
    payload: &[u8],
) -> io::Result<()> {
    let limit = i32::from(hops);
    let control = match to.is_ipv6() {
        true => [ControlMessage::Ipv6HopLimit(&limit)],
        false => [ControlMessage::Ipv4Ttl(&limit)],
    };
    let (to, parts) = (SockaddrStorage::from(to), [IoSlice::new(payload)]);
    let mut tries = TRIES;
    loop {
        let flags = MsgFlags::MSG_DONTWAIT;
        match sendmsg(socket.as_raw_fd(), &parts, &control, flags, Some(&to)) {
            Ok(_) => return Ok(()),
            // The buffer for sending is full, and trying again does not empty it.
            Err(error @ (Errno::EAGAIN | Errno::ENOBUFS)) => return Err(error.into()),
            Err(error) if tries == 0 => return Err(error.into()),
            // Most likely the error of an earlier probe; the queue still holds it for us to read.
            Err(_) => tries -= 1,
        }
    }
}

/// Reads a queue, a batch by each system call, until it is empty or `BATCHES` have been read; says
/// whether there may be more.
pub(super) fn read(
    socket: &Socket,
    queue: Queue,
    batch: &mut Batch,
    mut each: impl FnMut(Heard<'_>),
) -> Result<bool, Error> {
    let mut tries = TRIES;
    for _ in 0..BATCHES {
        match batch.read(socket, queue, &mut each) {
            Ok(count) if count == BATCH => {}
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            // The error of an earlier probe may be told here, for want of a send; it is on the error
            // queue as well and no news. When they come in faster than we read, each reading finds one.
            Err(error) if is_of_a_probe(&error) => {}
            Err(error) if tries == 0 => return Err(not_heard(&error)),
            Err(_) => tries -= 1,
        }
    }
    Ok(true)
}

/// Whether an error is what the kernel makes of an ICMP error (`icmp_err_convert`, and the same of
/// IPv6): a probe met with it, not the reading of a socket.
fn is_of_a_probe(error: &io::Error) -> bool {
    let raw = error.raw_os_error().map(Errno::from_raw);
    let of_icmp = [
        Errno::ENETUNREACH,
        Errno::EHOSTUNREACH,
        Errno::ENOPROTOOPT,
        Errno::ECONNREFUSED,
        Errno::EMSGSIZE,
        Errno::EOPNOTSUPP,
        Errno::EHOSTDOWN,
        Errno::ENONET,
        Errno::EPROTO,
        Errno::EACCES,
    ];
    raw.is_some_and(|raw| of_icmp.contains(&raw))
}

/// Packets that this socket has had no room for since it was opened. While there is none, the kernel
/// counts every packet of the socket's protocol, also what a filter would have kept out.
pub(super) fn overflowed(socket: &impl AsFd) -> u64 {
    let [.., dropped] = getsockopt(socket, own::MemInfo).unwrap_or_default();
    dropped.into()
}

/// Whether a socket has no room for another message. Of messages for its error queue that find none
/// the kernel keeps no count.
pub(super) fn is_full(socket: &impl AsFd) -> bool {
    let [held, room, ..] = getsockopt(socket, own::MemInfo).unwrap_or_default();
    held > 0 && held + LARGE_MESSAGE > room
}

/// Why there is no socket.
pub(super) fn no_socket(source: &io::Error) -> Text {
    text!("无法打开套接字：{source}", "cannot open a socket: {source}")
}

/// Why nothing can be heard any more.
pub(super) fn not_heard(source: &io::Error) -> Error {
    Error::System(text!(
        "无法接收回应：{source}",
        "cannot hear replies: {source}"
    ))
}

/// Why a packet could not be sent.
pub(super) fn not_sent(target: impl std::fmt::Display, source: &io::Error) -> Text {
    text!(
        "无法向 {target} 发送探测：{source}",
        "cannot send to {target}: {source}"
    )
}

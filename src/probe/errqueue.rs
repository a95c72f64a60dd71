//! A socket's two queues, read in batches: what came in, and the Linux error queue with the ICMP
//! errors about our own packets, which takes no privilege.
//!
//! A UDP or TCP socket with `IP_RECVERR` (`IPV6_RECVERR`) keeps the ICMP errors that its packets
//! cause: type, code, who sent them, to whom the packet went, as much of our payload as they
//! quote (ip(7), `IP_RECVERR`), and what stands behind that, as far as the error says where
//! (`IP_RECVERR_RFC4884`, Linux 5.9). A queued error also makes the next send on the socket fail once;
//! senders must expect that. The stamps of packets that left come by the same queue
//! (linux/Documentation/networking/timestamping.rst).

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::libc;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrStorage, recvmmsg,
};

use super::Answer;
use super::judge::judge;
use crate::packet::extension::Extensions;

/// Bytes that are kept of each message. ICMP errors are to be no larger than 1280 (RFC 4443, 2.4 c;
/// in IPv4 576, RFC 1812, 4.3.2.3), with all that they tell behind the packet that they quote; this
/// is room for one as large as an Ethernet frame carries.
pub(super) const KEPT: usize = 1536;

/// Messages that one call reads at most.
pub(super) const BATCH: usize = 32;

/// Room for the control messages of one message: `sock_extended_err` with an IPv6 address, a
/// timespec, a hop count and a counter, with their headers.
const CONTROL: usize = 192;

/// Which of a socket's two queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    /// ICMP errors, and stamps of packets that left.
    Errors,
    /// Ordinary data.
    Data,
}

/// What one message of the error queue is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// Ordinary data.
    Data,
    /// An ICMP error: what it means, who sent it, and the number that some types carry (the MTU).
    Icmp(Answer, IpAddr, u32),
    /// A packet of ours has left; it is looped back with all its headers.
    Left,
    /// An error of our own side.
    Local,
}

/// One message read from a socket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard<'a> {
    /// What kind it is.
    pub(super) news: News,
    /// The first bytes of the datagram, or of ours as the error quotes it.
    pub(super) bytes: &'a [u8],
    /// What stands behind the quote, where the error says that something does (RFC 4884).
    pub(super) behind: &'a [u8],
    /// Who sent the data, or to whom our packet went.
    pub(super) address: Option<SocketAddr>,
    /// When the kernel took it in, wall clock, since 1970.
    pub(super) stamp: Option<Duration>,
    /// The TTL or hop limit left in it.
    pub(super) ttl: Option<u8>,
    /// Packets that the socket has had no room for so far, where it was asked to count them.
    pub(super) lost: u32,
    /// Whether a packet socket saw it leave (packet(7), `PACKET_OUTGOING`).
    pub(super) outgoing: bool,
}

impl Heard<'_> {
    /// What an error tells behind the packet of ours that it quotes.
    pub(super) fn extensions(&self) -> Option<Extensions<'_>> {
        Extensions::parse(self.behind, true)
    }
}

/// Room for one batch of messages.
#[derive(Debug)]
pub(super) struct Batch {
    bytes: Box<[u8]>,
}

impl Default for Batch {
    fn default() -> Batch {
        Batch::of(BATCH)
    }
}

impl Batch {
    /// Room for `count` messages.
    pub(super) fn of(count: usize) -> Batch {
        Batch {
            bytes: vec![0; count * KEPT].into(),
        }
    }

    /// Takes what is on a queue, at most one batch, by one system call, and gives it to `each` in
    /// order. Says how many there were; `WouldBlock` when there was none.
    pub(super) fn read(
        &mut self,
        socket: &impl AsRawFd,
        queue: Queue,
        mut each: impl FnMut(Heard<'_>),
    ) -> io::Result<usize> {
        let flags = match queue {
            Queue::Errors => MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT,
            Queue::Data => MsgFlags::MSG_DONTWAIT,
        };
        let parts = self.bytes.chunks_exact_mut(KEPT);
        let mut parts: Vec<_> = parts.map(|part| [IoSliceMut::new(part)]).collect();
        // Made anew for each call: a used one keeps the lengths of what it received last.
        let control = Some(Vec::with_capacity(CONTROL));
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(parts.len(), control);
        let read = recvmmsg(
            socket.as_raw_fd(),
            &mut headers,
            parts.iter_mut(),
            flags,
            None,
        )?;
        let mut count = 0;
        for message in read {
            count += 1;
            each(heard(&message, queue));
        }
        Ok(count)
    }
}

/// What a message says.
fn heard<'a>(message: &RecvMsg<'_, 'a, SockaddrStorage>, queue: Queue) -> Heard<'a> {
    let mut heard = Heard {
        news: match queue {
            Queue::Data => News::Data,
            Queue::Errors => News::Local,
        },
        bytes: message.iovs().next().unwrap_or_default(),
        behind: &[],
        address: None,
        stamp: None,
        ttl: None,
        lost: 0,
        outgoing: false,
    };
    // Cut short they never are, see `CONTROL`; then they would tell nothing.
    for part in message.cmsgs().into_iter().flatten() {
        match part {
            ControlMessageOwned::Ipv4RecvErr(error, from) => {
                let from = from
                    .filter(|from| i32::from(from.sin_family) == libc::AF_INET)
                    .map(|from| Ipv4Addr::from(from.sin_addr.s_addr.to_ne_bytes()));
                heard.news = news(&error, from.map(IpAddr::V4));
                (heard.bytes, heard.behind) = parted(heard.bytes, &error);
            }
            ControlMessageOwned::Ipv6RecvErr(error, from) => {
                let from = from
                    .filter(|from| i32::from(from.sin6_family) == libc::AF_INET6)
                    .map(|from| Ipv6Addr::from(from.sin6_addr.s6_addr));
                heard.news = news(&error, from.map(IpAddr::V6));
                (heard.bytes, heard.behind) = parted(heard.bytes, &error);
            }
            ControlMessageOwned::ScmTimestampns(stamp) => heard.stamp = Some(stamp.into()),
            ControlMessageOwned::Ipv4Ttl(ttl) | ControlMessageOwned::Ipv6HopLimit(ttl) => {
                heard.ttl = u8::try_from(ttl).ok();
            }
            ControlMessageOwned::RxqOvfl(count) => heard.lost = count,
            _ => {}
        }
    }
    // With other news the kernel writes no address.
    if matches!(heard.news, News::Data | News::Icmp(..)) {
        heard.address = message.address.as_ref().and_then(socket_address);
    }
    let link = message
        .address
        .as_ref()
        .and_then(|from| from.as_link_addr());
    heard.outgoing = link.is_some_and(|link| link.pkttype() == libc::PACKET_OUTGOING);
    heard
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| SocketAddrV4::from(*v4));
    let v6 = address.as_sockaddr_in6().map(|v6| SocketAddrV6::from(*v6));
    v4.map(SocketAddr::V4).or(v6.map(SocketAddr::V6))
}

/// The quote of an error, and what stands behind it where the kernel says where that begins: in
/// the two bytes that other errors use for a number (linux/errqueue.h, `sock_ee_data_rfc4884`).
fn parted<'a>(bytes: &'a [u8], error: &libc::sock_extended_err) -> (&'a [u8], &'a [u8]) {
    let [first, second, ..] = error.ee_data.to_ne_bytes();
    let quoted = usize::from(u16::from_ne_bytes([first, second]));
    let icmp = [libc::SO_EE_ORIGIN_ICMP, libc::SO_EE_ORIGIN_ICMP6].contains(&error.ee_origin);
    let parted = bytes.split_at_checked(quoted);
    parted
        .filter(|_| icmp && quoted > 0)
        .unwrap_or((bytes, &[]))
}

/// What an entry of the error queue says.
fn news(error: &libc::sock_extended_err, from: Option<IpAddr>) -> News {
    if error.ee_origin == libc::SO_EE_ORIGIN_TIMESTAMPING {
        return News::Left;
    }
    let judged = judge(error.ee_origin, error.ee_type, error.ee_code);
    match judged.zip(from) {
        Some((answer, from)) => News::Icmp(answer, from, error.ee_info),
        None => News::Local,
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use socket2::Type;

    use super::super::Arrival;
    use super::super::manner::Manner;
    use super::super::socket;
    use super::super::tag::Tag;
    use super::*;

    fn hearing() -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let manner = Manner {
            exact: false,
            ..Manner::plain(Tag(0))
        };
        socket::ask_for(&socket, false, Type::DGRAM, &manner).unwrap();
        socket
    }

    #[test]
    fn a_queue_without_messages_would_block() {
        let socket = hearing();
        for queue in [Queue::Errors, Queue::Data] {
            let read = Batch::default().read(&socket, queue, |_| panic!("nothing was sent"));
            assert_eq!(read.unwrap_err().kind(), io::ErrorKind::WouldBlock);
        }
    }

    #[test]
    fn an_error_is_parted_where_it_says_and_nothing_else_is() {
        let error = |origin, told: [u8; 4]| libc::sock_extended_err {
            ee_errno: 0,
            ee_origin: origin,
            ee_type: 11,
            ee_code: 0,
            ee_pad: 0,
            ee_info: 0,
            ee_data: u32::from_ne_bytes(told),
        };
        let [first, second] = 3u16.to_ne_bytes();
        // The third byte is a flag of the kernel's.
        let (icmp, told) = (libc::SO_EE_ORIGIN_ICMP, [first, second, 1, 0]);
        let parts = |origin, told| parted(b"quotebehind", &error(origin, told));
        assert_eq!(parts(icmp, told), (&b"quo"[..], &b"tebehind"[..]));
        for (origin, told) in [
            (icmp, [0; 4]),
            (icmp, [0xff; 4]),
            (libc::SO_EE_ORIGIN_TIMESTAMPING, told),
        ] {
            assert_eq!(parts(origin, told), (&b"quotebehind"[..], &b""[..]));
        }
    }

    #[test]
    fn closed_ports_answer_with_our_payload_a_stamp_and_a_ttl_all_in_one_call() {
        let closed = UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = closed.local_addr().unwrap();
        drop(closed);
        let socket = hearing();
        let payloads: Vec<Vec<u8>> = (10..15).map(|length| vec![b'a'; length]).collect();
        for payload in &payloads {
            // The error of the packet before is told once instead of sending.
            let _ = socket
                .send_to(payload, to)
                .or_else(|_| socket.send_to(payload, to));
        }
        let mut seen = Vec::new();
        let read = Batch::default().read(&socket, Queue::Errors, |heard| {
            let answer = Answer::Arrived(Arrival::PortClosed);
            assert_eq!(heard.news, News::Icmp(answer, to.ip(), 0));
            assert_eq!(heard.address, Some(to));
            // A Linux host's own answers begin with 64.
            assert_eq!(heard.ttl, Some(64));
            assert!(heard.stamp.is_some());
            seen.push(heard.bytes.to_vec());
        });
        assert_eq!(read.unwrap(), payloads.len());
        assert_eq!(seen, payloads);
    }
}

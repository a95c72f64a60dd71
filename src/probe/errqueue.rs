//! The Linux socket error queue: ICMP errors about our own packets, without any privilege.
//!
//! A UDP or TCP socket with `IP_RECVERR` (`IPV6_RECVERR`) keeps the ICMP errors that its packets
//! cause: type, code, who sent them, and as much of our payload as they quote (ip(7), `IP_RECVERR`).
//! A queued error also makes the next send on the socket fail once; senders must expect that.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use nix::libc;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};

use super::{Answer, Arrival};
use crate::lang::Text;
use crate::text;

/// Bytes of a payload that are kept; [`super::tag::LENGTH`] must fit.
const KEPT: usize = 64;

/// One message read from a socket: from its error queue or its ordinary one.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    /// Where it was read from.
    pub(super) queue: Queue,
    payload: Vec<u8>,
    /// What ICMP said and who said it; `None` for data, and for errors of our own making.
    pub(super) icmp: Option<(Answer, IpAddr)>,
    /// When the kernel took it in, wall clock, since 1970.
    pub(super) stamp: Option<Duration>,
    /// Packets that this socket has had no room for since it was opened.
    pub(super) overflowed: Option<u32>,
}

impl Heard {
    /// The first bytes of the datagram, or of ours as the error quotes it.
    pub(super) fn payload(&self) -> &[u8] {
        &self.payload
    }
}

/// Asks the kernel to queue ICMP errors and to stamp what comes in.
pub(super) fn ask_for(socket: &impl AsFd, ipv6: bool) -> nix::Result<()> {
    if ipv6 {
        setsockopt(socket, sockopt::Ipv6RecvErr, &true)?;
    } else {
        setsockopt(socket, sockopt::Ipv4RecvErr, &true)?;
    }
    setsockopt(socket, sockopt::ReceiveTimestampns, &true)?;
    setsockopt(socket, sockopt::RxqOvfl, &1)
}

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
    pub(super) fn start() -> io::Result<Stamping> {
        let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
            .or_else(|_| std::net::UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)))?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        std::thread::sleep(STAMPING_STARTS);
        Ok(Stamping { _socket: socket })
    }
}

/// Which of a socket's two queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    /// ICMP errors.
    Errors,
    /// Ordinary data.
    Data,
}

/// Takes one message off a queue; `WouldBlock` when it is empty.
pub(super) fn take(socket: &impl AsRawFd, queue: Queue) -> io::Result<Heard> {
    let flags = match queue {
        Queue::Errors => MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT,
        Queue::Data => MsgFlags::MSG_DONTWAIT,
    };
    let mut payload = [0; KEPT];
    // Room for sock_extended_err with an IPv6 address, a timespec and a counter, with headers.
    let mut control = [0; 256];
    let mut parts = [IoSliceMut::new(&mut payload)];
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
    let mut heard = Heard {
        queue,
        payload: Vec::new(),
        icmp: None,
        stamp: None,
        overflowed: None,
    };
    for part in message.cmsgs()? {
        match part {
            ControlMessageOwned::Ipv4RecvErr(error, from) => {
                let from = from
                    .filter(|from| i32::from(from.sin_family) == libc::AF_INET)
                    .map(|from| Ipv4Addr::from(from.sin_addr.s_addr.to_ne_bytes()));
                heard.icmp =
                    judge(error.ee_origin, error.ee_type, error.ee_code).zip(from.map(IpAddr::V4));
            }
            ControlMessageOwned::Ipv6RecvErr(error, from) => {
                let from = from
                    .filter(|from| i32::from(from.sin6_family) == libc::AF_INET6)
                    .map(|from| Ipv6Addr::from(from.sin6_addr.s6_addr));
                heard.icmp =
                    judge(error.ee_origin, error.ee_type, error.ee_code).zip(from.map(IpAddr::V6));
            }
            ControlMessageOwned::ScmTimestampns(stamp) => heard.stamp = Some(stamp.into()),
            ControlMessageOwned::RxqOvfl(count) => heard.overflowed = Some(count),
            _ => {}
        }
    }
    let bytes = message.bytes;
    heard.payload = payload.get(..bytes.min(KEPT)).unwrap_or_default().to_vec();
    Ok(heard)
}

/// What an ICMP error means for the probe that caused it, by its origin (linux/errqueue.h), type
/// and code; `None` for an error that did not come over the network.
fn judge(origin: u8, kind: u8, code: u8) -> Option<Answer> {
    let answer = match (origin, kind, code) {
        // RFC 792, RFC 1812 5.2.7.1: 9 and 10 network and host prohibited, 13 filtered.
        (libc::SO_EE_ORIGIN_ICMP, 11, 0) => Answer::Passed,
        (libc::SO_EE_ORIGIN_ICMP, 3, 3) => Answer::Arrived(Arrival::PortClosed),
        (libc::SO_EE_ORIGIN_ICMP, 3, 9 | 10 | 13) => Answer::Barred { kind, code },
        // RFC 4443 3.1, 3.3: 1 prohibited, 5 failed policy, 6 reject route.
        (libc::SO_EE_ORIGIN_ICMP6, 3, 0) => Answer::Passed,
        (libc::SO_EE_ORIGIN_ICMP6, 1, 4) => Answer::Arrived(Arrival::PortClosed),
        (libc::SO_EE_ORIGIN_ICMP6, 1, 1 | 5 | 6) => Answer::Barred { kind, code },
        (libc::SO_EE_ORIGIN_ICMP | libc::SO_EE_ORIGIN_ICMP6, kind, code) => {
            Answer::Unreachable { kind, code }
        }
        _ => return None,
    };
    Some(answer)
}

/// Why a socket could not be had or a packet not be sent.
pub(super) fn refused(target: SocketAddr, source: &io::Error) -> Text {
    text!(
        "无法向 {target} 发送探测：{source}",
        "cannot send to {target}: {source}"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arrival_is_judged_by_type_and_code() {
        let port_closed = Some(Answer::Arrived(Arrival::PortClosed));
        assert_eq!(judge(2, 3, 3), port_closed);
        assert_eq!(judge(3, 1, 4), port_closed);
        assert_eq!(judge(2, 11, 0), Some(Answer::Passed));
        assert_eq!(judge(3, 3, 0), Some(Answer::Passed));
        let barred = |kind, code| Some(Answer::Barred { kind, code });
        assert_eq!(judge(2, 3, 13), barred(3, 13));
        assert_eq!(judge(3, 1, 1), barred(1, 1));
        // A fragment that was never put together again did arrive somewhere, but not as a probe.
        let reassembly = Answer::Unreachable { kind: 11, code: 1 };
        assert_eq!(judge(2, 11, 1), Some(reassembly));
    }

    proptest! {
        #[test]
        fn only_icmp_speaks_for_the_network(origin: u8, kind: u8, code: u8) {
            prop_assert_eq!(judge(origin, kind, code).is_some(), origin == 2 || origin == 3);
        }
    }

    #[test]
    fn an_error_queue_without_errors_would_block() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        ask_for(&socket, false).unwrap();
        for queue in [Queue::Errors, Queue::Data] {
            let error = take(&socket, queue).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        }
    }

    #[test]
    fn a_closed_port_answers_with_our_payload_and_a_stamp() {
        let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = closed.local_addr().unwrap();
        drop(closed);
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        ask_for(&socket, false).unwrap();
        socket.connect(port).unwrap();
        socket.send(b"0123456789abc").unwrap();
        let heard = take(&socket, Queue::Errors).unwrap();
        let answer = Answer::Arrived(Arrival::PortClosed);
        assert_eq!(heard.icmp, Some((answer, port.ip())));
        assert_eq!(heard.payload(), b"0123456789abc");
        assert!(heard.stamp.is_some());
    }
}

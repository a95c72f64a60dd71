//! ICMP errors in full, beside a socket that sends without privilege: how our packet looked where the
//! error arose, and what the router tells beside (RFC 4884). Needs `CAP_NET_RAW`.
//!
//! A socket's error queue hands out type, code and payload, and no more. Here the quoted headers are
//! seen as well, so a packet that was changed on its way shows it: another DSCP, another address or
//! port, another checksum. Address translators put quotes back as they were (RFC 5508 4.2); what
//! still differs was changed by one that does not, or lies between us and it.
//!
//! Routers that quote no more than the eight bytes of RFC 792 quote a UDP datagram's checksum and
//! none of its payload. [`balance`] makes that checksum say which probe it was, as Dublin traceroute
//! does with the IP identification.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use super::judge::judge;
use super::listen::{Listener, Packet};
use super::tag::{self, Tag};
use super::{Answer, Detail, Quoted, Sequence};
use crate::packet::icmp::Icmp;
use crate::packet::quote::{Carried, Quote};
use crate::packet::udp::Udp;
use crate::packet::{Family, checksum, filter, protocol};

/// Hears the ICMP errors about packets of one protocol from some of our ports.
#[derive(Debug)]
pub struct Quotes {
    listener: Listener,
    protocol: u8,
    tag: Option<Tag>,
}

/// One ICMP error about a packet of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard<'a> {
    /// Who sent it.
    pub responder: IpAddr,
    /// What it means.
    pub answer: Answer,
    /// Routers that it might still have passed.
    pub hops: Option<u8>,
    /// When the kernel took it in, wall clock, since 1970.
    pub stamp: Option<Duration>,
    /// All of it.
    pub message: Icmp<'a>,
    /// What it quotes.
    pub quote: Quote<'a>,
}

/// What was sent, to compare a quote with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// From where.
    pub source: SocketAddr,
    /// To where.
    pub destination: SocketAddr,
    /// The checksum of the datagram or segment.
    pub checksum: u16,
    /// What its field holds while the sum is left to the network card, where it is.
    pub unfinished: Option<u16>,
}

impl Quotes {
    /// Opens the socket for errors about packets of `protocol`, UDP or TCP, from ports that are
    /// [told later](Quotes::listen_for), and about datagrams whose payload begins with `tag`,
    /// whatever port they seem to be from; heard by `interface` or any.
    pub fn open(
        family: Family,
        protocol: u8,
        tag: Option<Tag>,
        interface: Option<&str>,
    ) -> io::Result<Quotes> {
        let program = filter::quotes(family, protocol, &[], tag.map(|Tag(mark)| mark));
        Ok(Quotes {
            listener: Listener::open(family, protocol::icmp(family), &program, interface)?,
            protocol,
            tag,
        })
    }

    /// Opens a socket so for each address family among `targets`.
    pub fn open_each(
        targets: &[SocketAddr],
        protocol: u8,
        tag: Option<Tag>,
        interface: Option<&str>,
    ) -> io::Result<Vec<Quotes>> {
        let asked = |family: &Family| targets.iter().any(|to| Family::of(to.ip()) == *family);
        let families = [Family::V4, Family::V6].into_iter().filter(asked);
        families
            .map(|family| Quotes::open(family, protocol, tag, interface))
            .collect()
    }

    /// Listens for all ports from now on.
    pub fn listen_for_all(&self) -> io::Result<()> {
        let program = filter::all_quotes(self.listener.family(), self.protocol);
        self.listener.filter(&program)
    }

    /// Listens for these ports from now on, at most [`filter::MOST_PORTS`].
    pub fn listen_for(&self, ports: &[u16]) -> io::Result<()> {
        let (family, mark) = (self.listener.family(), self.tag.map(|Tag(mark)| mark));
        let program = filter::quotes(family, self.protocol, ports, mark);
        self.listener.filter(&program)
    }

    /// Of which version of IP it hears.
    pub fn family(&self) -> Family {
        self.listener.family()
    }

    /// Takes what has come, at most one batch, by one system call, and gives it to `each` in order.
    /// Says whether there was anything.
    pub fn take(&mut self, mut each: impl FnMut(Heard<'_>)) -> io::Result<bool> {
        let family = self.listener.family();
        self.listener.take(|packet| {
            read(family, &packet).into_iter().for_each(&mut each);
        })
    }

    /// Packets that this socket has had no room for since it was opened.
    pub fn overflowed(&self) -> u64 {
        self.listener.overflowed()
    }
}

/// To be waited for.
impl AsFd for Quotes {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

/// The error in a packet; `None` when it is damaged or no error.
fn read<'a>(family: Family, packet: &Packet<'a>) -> Option<Heard<'a>> {
    let origin = match family {
        Family::V4 if checksum::of(packet.bytes) != 0 => return None,
        Family::V4 => nix::libc::SO_EE_ORIGIN_ICMP,
        Family::V6 => nix::libc::SO_EE_ORIGIN_ICMP6,
    };
    let message = Icmp::parse(family, packet.bytes)?;
    Some(Heard {
        responder: packet.from,
        answer: judge(origin, message.kind, message.code)?,
        hops: packet.hops,
        stamp: packet.stamp,
        quote: message.quote()?,
        message,
    })
}

impl Sent {
    /// A datagram of `length` with its header, sent by an ordinary socket with this checksum.
    pub fn udp(source: SocketAddr, destination: SocketAddr, length: u16, checksum: u16) -> Sent {
        let (from, to) = (source.ip(), destination.ip());
        Sent {
            source,
            destination,
            checksum,
            unfinished: Some(checksum::unfinished(length, protocol::UDP, from, to)),
        }
    }
}

impl Heard<'_> {
    /// What it tells of the packet that was `sent`, and beside.
    pub fn detail(&self, sent: &Sent) -> Detail {
        let other = |told: Option<IpAddr>, ours: SocketAddr| told.filter(|told| *told != ours.ip());
        let differs = |told: Option<u16>, ours: u16| told.is_some_and(|told| told != ours);
        let rewritten = match self.quote.carried {
            Some(
                Carried::Udp {
                    source,
                    destination,
                    checksum,
                    ..
                }
                | Carried::Tcp {
                    source,
                    destination,
                    checksum,
                    ..
                },
            ) => {
                differs(source, sent.source.port())
                    || differs(destination, sent.destination.port())
                    || differs(checksum, sent.checksum) && checksum != sent.unfinished
            }
            _ => false,
        };
        Detail {
            ttl: self.hops,
            mtu: self.message.mtu(),
            quoted: Some(Quoted {
                tos: self.quote.tos,
                ttl: self.quote.hops,
                source: other(self.quote.source, sent.source),
                destination: other(self.quote.destination, sent.destination),
                rewritten,
            }),
            ..Detail::behind(self.message.extensions())
        }
    }
}

/// How many checksums tell probes apart: 0 says that there is none, and 0xffff cannot be had.
pub const CHECKSUMS: u32 = 0xfffe;

/// The checksum of probe `sequence`, where its payload is balanced.
pub fn checksum_of(sequence: Sequence) -> u16 {
    (sequence.0 % CHECKSUMS) as u16 + 1
}

/// The remainder of the sequence, divided by [`CHECKSUMS`], that a quoted checksum tells. A quote that
/// holds the payload tells more, and for certain: routers on our own machine may quote a checksum
/// that is not finished.
pub fn remainder_of(checksum: u16) -> Option<u32> {
    u32::from(checksum)
        .checked_sub(1)
        .filter(|told| *told < CHECKSUMS)
}

/// Bytes that a payload must have for [`balance`] to leave what [`super::tag`] writes alone.
pub const LEAST_BALANCED: usize = (tag::LENGTH + 2).next_multiple_of(2);

/// Writes the last two bytes of a UDP payload that have an even number before them, so that the
/// datagram's checksum is `wanted`, neither 0 nor 0xffff.
pub fn balance(payload: &mut [u8], source: SocketAddr, destination: SocketAddr, wanted: u16) {
    let Some(last) = payload.len().checked_sub(2).map(|at| at / 2 * 2) else {
        return;
    };
    put(payload, last, 0);
    let datagram = Udp {
        source: source.port(),
        destination: destination.port(),
        payload,
    };
    let current = datagram.checksum(source.ip(), destination.ip());
    put(payload, last, checksum::filler(current, wanted));
}

fn put(payload: &mut [u8], at: usize, value: u16) {
    let room = payload.get_mut(at..).unwrap_or_default();
    for (to, from) in room.iter_mut().zip(value.to_be_bytes()) {
        *to = from;
    }
}

#[cfg(any(test, fuzzing))]
pub(super) mod fuzzed;
#[cfg(test)]
mod tests;

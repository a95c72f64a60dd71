//! The only sockets and the only real clock of the tracer, behind one narrow trait.
//!
//! A [`Probe`] goes out, a [`Reply`] comes in, and a [`Moment`] says when. What a reply means for
//! the path is decided elsewhere; here it is only said what came back, from whom, in answer to
//! which probe. Five networks speak the trait: `udp` and `tcp` (Linux, without privilege, by the
//! socket's error queue), `service` (Linux; DNS, TLS, HTTP), [`echo`] (the end host only,
//! everywhere), and [`fake`] (a model, in virtual time). [`joined`] makes one of two: the path and
//! the target's own service.

use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use crate::error::Error;
use crate::lang::Text;
use crate::packet::extension::Extensions;
use crate::packet::interface::Interface;
use crate::packet::mpls::Label;
use crate::units::Moment;

pub mod clock;
pub mod echo;
#[cfg(target_os = "linux")]
mod errqueue;
pub mod fake;
#[cfg(target_os = "linux")]
mod flight;
#[cfg(all(target_os = "linux", any(test, fuzzing)))]
pub(crate) mod fuzzed;
#[cfg(target_os = "linux")]
mod handshake;
#[cfg(target_os = "linux")]
mod hearing;
#[cfg(target_os = "linux")]
pub mod icmp;
pub mod joined;
#[cfg(target_os = "linux")]
mod judge;
#[cfg(target_os = "linux")]
mod ledger;
#[cfg(target_os = "linux")]
mod listen;
pub mod manner;
pub mod names;
pub mod opened;
#[cfg(target_os = "linux")]
pub mod privilege;
#[cfg(target_os = "linux")]
pub mod quotes;
#[cfg(target_os = "linux")]
pub mod service;
#[cfg(target_os = "linux")]
mod socket;
#[cfg(target_os = "linux")]
mod sockopt;
#[cfg(target_os = "linux")]
pub mod syn;
pub mod tag;
#[cfg(target_os = "linux")]
pub mod tcp;
#[cfg(target_os = "linux")]
pub mod udp;
#[cfg(target_os = "linux")]
mod waiter;
pub mod way;

/// Which probe: counted up from 0 within one run, over all distances and rounds. It does not wrap
/// within any run: 2^32 probes at 1000 a second last 49 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u32);

/// Which of a run's targets: an index into the list that its network was opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Target(pub u32);

/// Which of the flows to a target: what routers that spread load by addresses and ports keep on one
/// path. Flow 0 is the run's own; others differ from it by ports (UDP, TCP) or checksum (ICMP echo).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Flow(pub u16);

/// One packet or exchange to send. Target and sequence together are unique in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// To whom.
    pub target: Target,
    /// Which one to this target.
    pub sequence: Sequence,
    /// How many routers it may pass, plus one: the packet's TTL or hop limit.
    pub distance: u8,
    /// On which flow.
    pub flow: Flow,
    /// Bytes of the whole packet with its IP header; what a network cannot make so small is sent
    /// as small as it can be. 0 leaves it to the network.
    pub size: u16,
    /// Whether the target's own service is asked, instead of the way to it. A network that has one
    /// kind of probe only ignores it; [`Joined`](joined::Joined) goes by it.
    pub service: bool,
}

impl Probe {
    /// What a reply knows it by.
    pub fn id(&self) -> (Target, Sequence) {
        (self.target, self.sequence)
    }

    /// Probe `sequence` of the way to the first target, on the run's own flow, of the usual size.
    pub fn plain(sequence: Sequence, distance: u8) -> Probe {
        Probe {
            target: Target::default(),
            sequence,
            distance,
            flow: Flow::default(),
            size: 0,
            service: false,
        }
    }
}

/// What came back, judged by its type and never by who sent it: a gateway that rewrites addresses
/// answers "time exceeded" with the target's own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// ICMP time exceeded: the probe ended at a router on the way.
    Passed,
    /// The probe came to a host that takes it as its own.
    Arrived(Arrival),
    /// ICMP administratively prohibited (IPv4 codes 9, 10, 13; IPv6 codes 1, 5, 6): a firewall
    /// speaks. It is not an arrival.
    Barred {
        /// ICMP type.
        kind: u8,
        /// ICMP code.
        code: u8,
    },
    /// Any other ICMP error: its type and code.
    Unreachable {
        /// ICMP type.
        kind: u8,
        /// ICMP code.
        code: u8,
    },
}

/// How a host showed that the probe arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// ICMP port unreachable.
    PortClosed,
    /// ICMP echo reply.
    Echo,
    /// A UDP datagram came back.
    Datagram,
    /// TCP SYN-ACK: the port is open.
    Connected,
    /// TCP reset: the port is closed.
    Refused,
    /// A DNS server answered; its response code (RFC 1035, 4.1.1).
    Dns(u8),
    /// A TLS handshake was completed.
    Tls,
    /// An HTTP answer; its status.
    Http(u16),
    /// A TLS alert in place of a handshake; its code (RFC 8446, 6).
    Alert(u8),
    /// TCP reset after the connection was made, before the exchange was done.
    Reset,
    /// The connection was closed before the exchange was done.
    Closed,
    /// Something came back, but not in the protocol asked for, or in no version of it that we speak.
    Unintelligible,
}

/// Who took the time of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// The kernel, when the packet came in: right even when we read it late.
    Kernel,
    /// We, when we read it: late by however long we were busy.
    User,
    /// The model: exact.
    Model,
}

/// One answer from the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The probe that it answers; `None` when it quotes too little to tell.
    pub probe: Option<(Target, Sequence)>,
    /// Who sent it.
    pub responder: IpAddr,
    /// What it says.
    pub answer: Answer,
    /// When its probe left, where the kernel said so more exactly than [`Network::send`] could.
    pub sent: Option<Moment>,
    /// When it came in.
    pub received: Moment,
    /// Who took that time.
    pub stamp: Stamp,
    /// What it tells beside; `None` when that is nothing.
    pub detail: Option<Box<Detail>>,
}

impl Reply {
    /// A reply with nothing beside who, what and when.
    pub fn plain(
        probe: Option<(Target, Sequence)>,
        responder: IpAddr,
        answer: Answer,
        (received, stamp): (Moment, Stamp),
    ) -> Reply {
        Reply {
            probe,
            responder,
            answer,
            sent: None,
            received,
            stamp,
            detail: None,
        }
    }
}

/// What a reply tells beside who, when and what kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    /// The TTL or hop limit that was left in the reply: a hint at the length of the way back.
    pub ttl: Option<u8>,
    /// The largest packet, in bytes, that the next link takes (RFC 1191, RFC 8201 "too big").
    pub mtu: Option<u32>,
    /// How our own packet looked when it came to the responder, as far as that was quoted.
    pub quoted: Option<Quoted>,
    /// MPLS label stack entries, outermost first (RFC 4950).
    pub labels: Vec<Label>,
    /// Interfaces of the responder that our packet came in by or would have gone out by (RFC 5837).
    pub interfaces: Vec<Interface>,
    /// When the parts of an exchange with a service were done.
    pub phases: Option<Phases>,
    /// How much a service answered.
    pub content: Option<Content>,
    /// What a TLS server showed to be who it is.
    pub certificate: Option<Certificate>,
}

impl Detail {
    /// What an error tells behind the packet that it quotes, if it has anything there.
    fn behind(extensions: Option<&Extensions<'_>>) -> Detail {
        Detail {
            labels: extensions.map_or_else(Vec::new, Extensions::labels),
            interfaces: extensions.map_or_else(Vec::new, Extensions::interfaces),
            ..Detail::default()
        }
    }
}

/// Fields of our own packet as a responder quotes them. What differs from what was sent was changed
/// on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quoted {
    /// DSCP and ECN (the whole byte of RFC 2474, 3168).
    pub tos: Option<u8>,
    /// The TTL or hop limit left.
    pub ttl: Option<u8>,
    /// Where the packet was from, when that is not what we sent: rewritten on the way.
    pub source: Option<IpAddr>,
    /// Where the packet went, when that is not what we sent: rewritten on the way.
    pub destination: Option<IpAddr>,
    /// Whether ports, identifier or checksum are not what we sent.
    pub rewritten: bool,
}

/// When the parts of an exchange were done, each as the time that it took alone; `None` for a part
/// that the exchange does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Phases {
    /// Name to address.
    pub resolve: Option<Duration>,
    /// TCP connection.
    pub connect: Option<Duration>,
    /// TLS handshake.
    pub tls: Option<Duration>,
    /// From the request to the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// From the first byte to the last.
    pub rest: Option<Duration>,
}

/// How much a service answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Content {
    /// Bytes: of the DNS message, of the HTTP body.
    pub bytes: u64,
    /// Whether there was more than that: the DNS answer did not fit its datagram (the TC bit of
    /// RFC 1035, 4.1.1), the HTTP body was longer than it is read.
    pub cut: bool,
}

/// What a TLS server's certificate is worth. That it is worth nothing is a finding: the handshake
/// was made, and took its time, all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Why it is not trusted (RFC 5280, 6); `None` when it is.
    pub untrusted: Option<Text>,
    /// Whole days until it expires, negative afterwards, when that can be read off it.
    pub days_left: Option<i64>,
}

/// What went wrong on our own side, so that nobody takes it for loss on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Troubles {
    /// Packets that our receive buffer had no room for.
    pub overflowed: u64,
    /// Replies that quoted too little of the probe to tell which it was.
    pub short_quotes: u64,
    /// Replies whose kernel stamp was not used because the wall clock had been set.
    pub clock_steps: u64,
    /// Packets that pass for replies to a probe of ours in all but its random tag: stray or forged.
    pub spoofed: u64,
    /// Exchanges that could not go on for a fault of our own side. They have no reply, but not
    /// because the network lost anything.
    pub abandoned: u64,
}

impl Troubles {
    /// The troubles of both.
    pub fn plus(self, other: Troubles) -> Troubles {
        Troubles {
            overflowed: self.overflowed + other.overflowed,
            short_quotes: self.short_quotes + other.short_quotes,
            clock_steps: self.clock_steps + other.clock_steps,
            spoofed: self.spoofed + other.spoofed,
            abandoned: self.abandoned + other.abandoned,
        }
    }
}

/// What sends probes and hears replies.
pub trait Network {
    /// The present moment of this network's clock.
    fn now(&self) -> Moment;

    /// Sends one probe and says when it left. An error is a fault of our own side: such a probe
    /// never was on the network and cannot be lost there.
    fn send(&mut self, probe: Probe) -> Result<Moment, Text>;

    /// Waits for the next reply, at most until `until`; `None` when that moment has come. An error
    /// ends the run: nothing more can be heard. Dropped while it waits, it loses no reply.
    fn receive(&mut self, until: Moment) -> impl Future<Output = Result<Option<Reply>, Error>>;

    /// What went wrong on our own side so far.
    fn troubles(&self) -> Troubles;
}

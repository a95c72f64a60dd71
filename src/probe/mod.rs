//! The only sockets and the only real clock of the tracer, behind one narrow trait.
//!
//! A [`Probe`] goes out, a [`Reply`] comes in, and a [`Moment`] says when. What a reply means for
//! the path is decided elsewhere; here it is only said what came back, from whom, in answer to
//! which probe. Four networks speak the trait: `udp` and `tcp` (Linux, without privilege, by the
//! socket's error queue), [`echo`] (the end host only, everywhere), and [`fake`] (a model, in
//! virtual time).

use std::future::Future;
use std::net::IpAddr;

use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;

pub mod clock;
pub mod echo;
#[cfg(target_os = "linux")]
mod errqueue;
pub mod fake;
pub mod names;
pub mod tag;
#[cfg(target_os = "linux")]
pub mod tcp;
#[cfg(target_os = "linux")]
pub mod udp;

/// Which probe: counted up from 0 within one run, over all distances and rounds. It does not wrap
/// within any run: 2^32 probes at 1000 a second last 49 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u32);

/// One packet or exchange to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Which one.
    pub sequence: Sequence,
    /// How many routers it may pass, plus one: the packet's TTL or hop limit.
    pub distance: u8,
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
    Barred,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The probe that it answers; `None` when it quotes too little to tell.
    pub sequence: Option<Sequence>,
    /// Who sent it.
    pub responder: IpAddr,
    /// What it says.
    pub answer: Answer,
    /// When it came in.
    pub received: Moment,
    /// Who took that time.
    pub stamp: Stamp,
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
}

/// What sends probes and hears replies.
pub trait Network {
    /// The present moment of this network's clock.
    fn now(&self) -> Moment;

    /// Sends one probe and says when it left. An error is a fault of our own side: such a probe
    /// never was on the network and cannot be lost there.
    fn send(&mut self, probe: Probe) -> Result<Moment, Text>;

    /// Waits for the next reply, at most until `until`; `None` when that moment has come. An error
    /// ends the run: nothing more can be heard.
    fn receive(&mut self, until: Moment) -> impl Future<Output = Result<Option<Reply>, Error>>;

    /// What went wrong on our own side so far.
    fn troubles(&self) -> Troubles;
}

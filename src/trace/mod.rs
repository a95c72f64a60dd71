//! Tracing a path: which hops there are, how long each takes, and what is lost where.
//!
//! [`engine::Tracer`] decides for one target what to send and when to stop, without sockets and
//! without a clock; a [`Fleet`] of them shares one network, and [`run`] puts it together with a
//! [`Network`]. What happened is kept as facts, one [`Fate`] per
//! probe, and every figure is derived from them once, at the end, in [`stats`].

use std::net::IpAddr;
use std::time::Duration;

use crate::error::Error;
use crate::lang::Text;
use crate::probe::{Answer, Detail, Network, Probe, Reply, Stamp, Troubles};
use crate::units::Moment;

pub mod budget;
pub mod change;
pub mod ecmp;
pub mod engine;
pub mod fleet;
pub mod mtu;
pub mod named;
pub mod pain;
pub mod plan;
pub mod report;
pub mod segment;
pub mod side;
pub mod stats;
pub mod times;
pub mod verdict;
#[cfg(test)]
pub(crate) mod worlds;

use fleet::{Fleet, Seen};

/// How a probe ended. Every probe has exactly one fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// A reply came in time.
    Answered(Response),
    /// A reply came, but after the time that replies are waited for: the path is slow, not lossy.
    Late(Response),
    /// No reply came while we listened.
    Lost,
    /// It never left this host: a fault of our own side, not of the network.
    Unsent(Text),
}

/// A reply, as told of the probe that it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Who answered.
    pub responder: IpAddr,
    /// What it said.
    pub answer: Answer,
    /// From the sending of the probe to the receipt of the reply.
    pub round_trip: Duration,
    /// Who took the time of the reply.
    pub stamp: Stamp,
    /// What it told beside.
    pub detail: Option<Box<Detail>>,
}

/// A probe that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The probe.
    pub probe: Probe,
    /// Which sweep it belonged to, from 0.
    pub round: u32,
    /// When it left, if it did.
    pub sent: Option<Moment>,
    /// How it ended.
    pub fate: Fate,
    /// Replies to it after the first.
    pub duplicates: u32,
}

/// The facts of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Every probe of the rounds that are remembered, in the order of sending.
    pub ended: Vec<Ended>,
    /// Rounds at the beginning that are no longer remembered.
    pub forgotten: u32,
    /// The first distance that was probed.
    pub first: u8,
    /// The distance of the target, when it answered.
    pub reached: Option<u8>,
    /// How long after the start all hops were known, once.
    pub first_sweep: Option<Duration>,
    /// How long the run took.
    pub took: Duration,
    /// Replies that belong to none of our probes, or do not say to which.
    pub unmatched: u32,
    /// Of these, those that do not say, by who sent them: each leaves a probe unanswered that is not.
    pub untold: Vec<(IpAddr, u32)>,
    /// What went wrong on our own side.
    pub troubles: Troubles,
}

/// Whatever decides, probe by probe, what to send next: a question that a path is asked.
pub trait Machine {
    /// The next probe to send now, if any.
    fn poll_probe(&mut self, now: Moment) -> Option<Probe>;
    /// Takes note of when a probe left, or why it did not.
    fn handle_sent(&mut self, probe: &Probe, sent: Result<Moment, Text>);
    /// Takes note of a reply.
    fn handle_reply(&mut self, reply: &Reply);
    /// When to ask again if no reply comes before; `None` when there is nothing left to find out.
    fn poll_wake(&self, now: Moment) -> Option<Moment>;
}

/// Asks a path over `network` all that `machine` wants to know.
pub async fn ask<M: Machine, N: Network>(machine: &mut M, network: &mut N) -> Result<(), Error> {
    loop {
        while let Some(probe) = machine.poll_probe(network.now()) {
            let sent = network.send(probe);
            machine.handle_sent(&probe, sent);
        }
        let Some(wake) = machine.poll_wake(network.now()) else {
            return Ok(());
        };
        if let Some(reply) = network.receive(wake).await? {
            machine.handle_reply(&reply);
        }
    }
}

/// Runs `fleet` over `network` to its end; `seen` is told of everything as it happens. Fails when the
/// network can no longer be listened to. Dropped while it waits, it has lost nothing: the facts so
/// far are the fleet's.
pub async fn run<N: Network>(
    fleet: &mut Fleet,
    network: &mut N,
    mut seen: impl FnMut(Seen),
) -> Result<(), Error> {
    loop {
        fleet.send(network, &mut seen);
        let Some(wake) = fleet.poll_wake() else {
            return Ok(());
        };
        if let Some(reply) = network.receive(wake).await? {
            fleet.handle_reply(&reply, &mut seen);
        }
    }
}

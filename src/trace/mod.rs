//! Tracing a path: which hops there are, how long each takes, and what is lost where.
//!
//! [`engine::Tracer`] decides what to send and when to stop, without sockets and without a clock;
//! [`run`] puts it together with a [`Network`]. What happened is kept as facts, one [`Fate`] per
//! probe, and every figure is derived from them once, at the end, in [`stats`].

use std::net::IpAddr;
use std::time::Duration;

use crate::error::Error;
use crate::lang::Text;
use crate::probe::{Answer, Detail, Network, Probe, Stamp, Troubles};
use crate::units::Moment;

pub mod change;
pub mod engine;
pub mod pain;
pub mod plan;
pub mod report;
pub mod segment;
pub mod stats;
pub mod times;
pub mod verdict;
#[cfg(test)]
pub(crate) mod worlds;

use engine::Tracer;

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
    /// Every probe, in the order of sending.
    pub ended: Vec<Ended>,
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
    /// What went wrong on our own side.
    pub troubles: Troubles,
}

/// Runs `tracer` over `network` to its end. `sweep` is called once, as soon as the first sweep has
/// told all that it will tell. Fails when the network can no longer be listened to.
pub async fn run<N: Network>(
    mut tracer: Tracer,
    network: &mut N,
    mut sweep: impl FnMut(&Trace),
) -> Result<Trace, Error> {
    let mut swept = false;
    loop {
        while let Some(probe) = tracer.poll_probe(network.now()) {
            let sent = network.send(probe);
            tracer.handle_sent(probe.sequence, sent);
        }
        let now = network.now();
        if !swept && tracer.first_sweep(now).is_some() {
            swept = true;
            sweep(&tracer.trace(now, network.troubles()));
        }
        let Some(wake) = tracer.poll_wake(now) else {
            return Ok(tracer.trace(now, network.troubles()));
        };
        if let Some(reply) = network.receive(wake).await? {
            tracer.handle_reply(&reply);
        }
    }
}

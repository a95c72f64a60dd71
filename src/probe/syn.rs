//! Half-open TCP probes on Linux: one SYN each, of which nothing remains. Needs `CAP_NET_RAW`.
//!
//! All probes of a flow leave from one port, so routers that spread flows keep them on one path; the
//! sequence number tells them apart (`numbers`). An open port answers SYN-ACK, a closed one resets,
//! and both acknowledge the number; routers quote it. No answer is believed that does not name a
//! number of ours, and none for who sent it.
//!
//! Our kernel resets what an open port half opens, so nothing stays open there. Until it has, the
//! target answers no further SYN of that flow: `turns`.

use std::io;
use std::net::{IpAddr, SocketAddr};

use super::clock::Clock;
use super::manner::Manner;
use super::socket::{self, Stamping};
use super::waiter::Waiter;
use super::way::{self, Means, Way};
use super::{Network, Probe, Reply, Troubles, privilege};
use crate::error::Error;
use crate::lang::Text;
use crate::packet::tcp::{self, Tcp};
use crate::packet::{Family, ipv4, ipv6};
use crate::text;
use crate::units::Moment;
use door::Door;
use ledger::Ledger;
use numbers::Sent;

mod door;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzed;
mod ledger;
mod numbers;
mod turns;

/// What every SYN of an ordinary host says: the largest segment that it takes (RFC 9293 3.7.1), here
/// that of Ethernet. Some firewalls let no SYN pass that says nothing.
const SEGMENT_V4: [u8; 4] = [2, 4, 0x05, 0xb4];
const SEGMENT_V6: [u8; 4] = [2, 4, 0x05, 0xa0];

/// Departures that may lie in the receive buffer: they take the room of what comes.
const MOST_UNTAKEN: usize = 32;

/// SYN probes to one port each of some hosts.
#[derive(Debug)]
pub struct SynNetwork {
    manner: Manner,
    aims: Vec<Aim>,
    doors: Vec<Door>,
    waiter: Waiter,
    ledger: Ledger,
    /// SYNs that have been sent since their departures were last taken.
    untaken: usize,
    way: Way,
    _stamping: Stamping,
}

/// One target, and the address that packets to it leave from.
#[derive(Debug)]
struct Aim {
    to: SocketAddr,
    source: Result<IpAddr, Text>,
}

impl SynNetwork {
    /// Opens the sockets of each address family among `targets`; fails when there are none to be
    /// had. A flow's port is taken when the flow is first probed. Must be called inside a tokio
    /// runtime.
    pub fn open(
        targets: &[SocketAddr],
        manner: &Manner,
        clock: Clock,
    ) -> Result<SynNetwork, Error> {
        let stamping = Stamping::start().map_err(Error::System)?;
        let (mut doors, mut refused) = (Vec::new(), None);
        for family in [Family::V4, Family::V6] {
            if targets.iter().any(|to| Family::of(to.ip()) == family) {
                // The family that cannot be had fails its own probes, and nobody else's.
                match privilege::with_net_raw(|| Door::open(family, manner)) {
                    Ok(door) => doors.push(door),
                    Err(error) => refused = Some(error),
                }
            }
        }
        if let Some(error) = refused.filter(|_| doors.is_empty()) {
            return Err(Error::System(no_socket(&error)));
        }
        let waiter = Waiter::new().map_err(|error| socket::not_heard(&error))?;
        for door in &doors {
            let (segments, quotes) = (waiter.add(&door.segments, 0), waiter.add(&door.quotes, 1));
            let watched = segments.and(quotes);
            watched.map_err(|error| Error::System(socket::no_socket(&error)))?;
        }
        let aim = |to: &SocketAddr| Aim {
            to: *to,
            source: socket::source_of(*to, manner),
        };
        Ok(SynNetwork {
            manner: manner.clone(),
            aims: targets.iter().map(aim).collect(),
            doors,
            waiter,
            ledger: Ledger::new(manner.tag, clock),
            untaken: 0,
            way: Way::only(Means::RawSyn),
            _stamping: stamping,
        })
    }

    /// Which way the sockets were had.
    pub fn way(&self) -> &Way {
        &self.way
    }

    /// Takes what has come at all doors, at most one batch at each socket.
    fn take(&mut self) -> io::Result<()> {
        self.take_left()?;
        let SynNetwork {
            aims,
            doors,
            ledger,
            ..
        } = self;
        for door in doors {
            door.segments.take(|packet| ledger.hear_port(&packet))?;
            door.quotes.take(|heard| ledger.hear_router(&heard, aims))?;
        }
        Ok(())
    }

    /// Takes note of what has left, if the kernel is asked for it.
    fn take_left(&mut self) -> io::Result<()> {
        self.untaken = 0;
        let doors = self.doors.iter_mut().filter(|_| self.manner.exact);
        for door in doors {
            while door
                .segments
                .take_left(|bytes, stamp| self.ledger.hear_left(bytes, stamp))?
            {}
        }
        Ok(())
    }
}

impl Network for SynNetwork {
    fn now(&self) -> Moment {
        self.ledger.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        let at = usize::try_from(probe.target.0).unwrap_or(usize::MAX);
        let aim = self.aims.get(at).ok_or_else(|| no_target(probe))?;
        let to = aim.to;
        let source = aim.source.clone()?;
        let family = Family::of(to.ip());
        let doors = self.doors.iter_mut();
        let door = doors.into_iter().find(|door| door.family == family);
        let door = door.ok_or_else(|| no_socket(&io::ErrorKind::Unsupported.into()))?;
        let failed = |error: io::Error| socket::not_sent(to, &error);
        let port = door.port(probe.flow, &self.manner).map_err(failed)?;
        let (header, options) = match family {
            Family::V4 => (ipv4::HEADER, SEGMENT_V4),
            Family::V6 => (ipv6::HEADER, SEGMENT_V6),
        };
        let header = header + tcp::HEADER + options.len();
        // Only a probe that says so carries something: some firewalls let no such SYN pass.
        let payload = vec![0; usize::from(probe.size).saturating_sub(header)];
        let number = self.ledger.numbers.next();
        let segment = Tcp {
            options: &options,
            payload: &payload,
            ..Tcp::syn(port, to.port(), number)
        };
        let segment = segment.emit(source, to.ip());
        let sent = self.ledger.clock.now();
        if !self
            .ledger
            .turns
            .admit(probe.target, port, probe.distance, sent)
        {
            return Err(not_its_turn(to));
        }
        door.send(&segment, source, to, probe.distance)
            .map_err(failed)?;
        self.ledger.sent(Sent {
            number,
            probe: probe.id(),
            distance: probe.distance,
            port,
            length: payload.len() as u16,
            checksum: tcp::checksum(&segment),
            sent,
            left: None,
        });
        self.untaken += 1;
        if self.untaken == MOST_UNTAKEN {
            self.take_left().map_err(failed)?;
        }
        Ok(sent)
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        // Lets others of this thread have their turn now and then, however much there is to read.
        tokio::task::coop::consume_budget().await;
        let failed = |error: io::Error| socket::not_heard(&error);
        loop {
            if let Some(reply) = self.ledger.heard.pop_front() {
                return Ok(Some(reply));
            }
            // Departures are taken before waiting, so that they wake nobody.
            let over = self.now() >= until;
            self.take().map_err(failed)?;
            if self.ledger.heard.is_empty() {
                if over {
                    return Ok(None);
                }
                let wait = self.waiter.wait(until, &self.ledger.clock, |_| ());
                wait.await.map_err(failed)?;
            }
        }
    }

    fn troubles(&self) -> Troubles {
        let overflowed = |door: &Door| door.segments.overflowed() + door.quotes.overflowed();
        Troubles {
            overflowed: self.doors.iter().map(overflowed).sum(),
            clock_steps: self.ledger.clock.steps(),
            ..self.ledger.troubles
        }
    }
}

/// Why there is no such target.
fn no_target(probe: Probe) -> Text {
    let number = probe.target.0;
    text!("没有第 {number} 号目标", "there is no target {number}")
}

/// Why a probe is not sent yet.
fn not_its_turn(to: SocketAddr) -> Text {
    text!(
        "{to} 还未答复同一流的上一个 SYN；开放端口每个往返时间只能探测一次",
        "{to} has not answered this flow's last SYN; an open port can be asked once a round trip"
    )
}

/// Why there are no sockets, and what grants them.
fn no_socket(source: &io::Error) -> Text {
    match source.kind() {
        io::ErrorKind::PermissionDenied => way::no_raw(source),
        _ => socket::no_socket(source),
    }
}

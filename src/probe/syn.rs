//! Half-open TCP probes on Linux: one SYN each, of which nothing remains. Needs `CAP_NET_RAW`.
//!
//! All probes of a flow leave from one port, so routers that spread flows keep them on one path; the
//! sequence number tells them apart ([`numbers`]). An open port answers SYN-ACK, a closed one resets,
//! and both acknowledge the number; routers quote it. No answer is believed that does not name a
//! number of ours, and none for who sent it.
//!
//! Our kernel resets what an open port half opens, one round trip after it was asked. Until then the
//! target takes a further SYN of that flow for a stray and does not answer it as a new one
//! (RFC 9293 3.10.7.4): on one flow, an open port can be asked once a round trip.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::Poll;

use super::clock::Clock;
use super::listen::Packet;
use super::manner::Manner;
use super::privilege;
use super::quotes::{self, Heard};
use super::socket::{self, Stamping};
use super::way::{self, Means, Way};
use super::{Answer, Arrival, Detail, Network, Probe, Reply, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::packet::quote::Carried;
use crate::packet::tcp::{self, ACK, RST, Tcp};
use crate::packet::{Family, ipv4, ipv6};
use crate::text;
use crate::units::Moment;
use door::Door;
use numbers::{Numbers, Sent};

mod door;
mod numbers;

/// What every SYN of an ordinary host says: the largest segment that it takes (RFC 9293 3.7.1), here
/// that of Ethernet. Some firewalls let no SYN pass that says nothing.
const SEGMENT_V4: [u8; 4] = [2, 4, 0x05, 0xb4];
const SEGMENT_V6: [u8; 4] = [2, 4, 0x05, 0xa0];

/// SYN probes to one port each of some hosts.
#[derive(Debug)]
pub struct SynNetwork {
    manner: Manner,
    aims: Vec<Aim>,
    doors: Vec<Door>,
    ledger: Ledger,
    way: Way,
    _stamping: Stamping,
}

/// One target, and the address that packets to it leave from.
#[derive(Debug)]
struct Aim {
    to: SocketAddr,
    source: Result<IpAddr, Text>,
}

/// What has been sent, and what was heard of it.
#[derive(Debug)]
struct Ledger {
    clock: Clock,
    numbers: Numbers,
    /// What SYNs have carried, in bytes, other than nothing.
    lengths: Vec<u16>,
    heard: VecDeque<Reply>,
    troubles: Troubles,
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
        let aim = |to: &SocketAddr| Aim {
            to: *to,
            source: door::source(*to, manner).map_err(|error| socket::not_sent(*to, &error)),
        };
        Ok(SynNetwork {
            manner: manner.clone(),
            aims: targets.iter().map(aim).collect(),
            doors,
            ledger: Ledger {
                clock,
                numbers: Numbers::new(manner.tag),
                lengths: Vec::new(),
                heard: VecDeque::new(),
                troubles: Troubles::default(),
            },
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

    /// Waits until there may be something to take.
    async fn ready(&self) -> io::Result<()> {
        poll_fn(|context| {
            // All are asked, so that each of them wakes us.
            let mut ready = Poll::Pending;
            for door in &self.doors {
                for socket in [
                    door.segments.poll_ready(context),
                    door.quotes.poll_ready(context),
                ] {
                    if socket.is_ready() {
                        ready = socket;
                    }
                }
            }
            ready
        })
        .await
    }
}

impl Ledger {
    /// Takes note of a SYN that was sent.
    fn add(&mut self, probe: Probe, port: u16, segment: &[u8], payload: usize) {
        let length = payload as u16;
        if length != 0 && !self.lengths.contains(&length) {
            self.lengths.push(length);
        }
        self.numbers.add(Sent {
            probe: probe.id(),
            port,
            length,
            checksum: tcp::checksum(segment),
        });
    }

    /// Takes a segment that answers a SYN of ours, or passes for one.
    fn hear_port(&mut self, packet: &Packet<'_>) {
        let Some(segment) = Tcp::parse(packet.bytes) else {
            return;
        };
        let number = segment.acknowledgement;
        let sent = self
            .numbers
            .find_before(number, segment.destination, &self.lengths);
        let Some(sent) = sent.filter(|_| segment.flags & ACK != 0) else {
            self.troubles.spoofed += 1;
            return;
        };
        let arrival = match segment.flags & RST != 0 {
            true => Arrival::Refused,
            false => Arrival::Connected,
        };
        let probe = Some(sent.probe);
        let detail = Detail {
            ttl: packet.hops,
            ..Detail::default()
        };
        let when = self.clock.received(packet.stamp);
        self.heard.push_back(Reply {
            detail: Some(Box::new(detail)),
            ..Reply::plain(probe, packet.from, Answer::Arrived(arrival), when)
        });
    }

    /// Takes an ICMP error about a segment of ours, or what passes for one.
    fn hear_router(&mut self, heard: &Heard<'_>, aims: &[Aim]) {
        let Some(Carried::Tcp {
            source: Some(port),
            sequence,
            ..
        }) = heard.quote.carried
        else {
            return;
        };
        let sent = sequence.map(|sequence| (sequence, self.numbers.find(sequence, port)));
        let (probe, detail) = match sent {
            Some((_, Some(sent))) => (Some(sent.probe), detail(heard, sent, aims)),
            // It is about our own kernel's reset, which says nothing of a probe.
            Some((number, None))
                if self
                    .numbers
                    .find_before(number, port, &self.lengths)
                    .is_some() =>
            {
                return;
            }
            Some((_, None)) => {
                self.troubles.spoofed += 1;
                return;
            }
            None => {
                self.troubles.short_quotes += 1;
                (None, None)
            }
        };
        let when = self.clock.received(heard.stamp);
        self.heard.push_back(Reply {
            detail: detail.map(Box::new),
            ..Reply::plain(probe, heard.responder, heard.answer, when)
        });
    }
}

/// What an error tells beside, and of what was `sent`.
fn detail(heard: &Heard<'_>, sent: &Sent, aims: &[Aim]) -> Option<Detail> {
    let aim = aims.get(usize::try_from(sent.probe.0.0).ok()?)?;
    let source = *aim.source.as_ref().ok()?;
    Some(heard.detail(&quotes::Sent {
        source: (source, sent.port).into(),
        destination: aim.to,
        checksum: sent.checksum,
    }))
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
        let payload = vec![0; usize::from(self.manner.size_of(probe)).saturating_sub(header)];
        let segment = Tcp {
            options: &options,
            payload: &payload,
            ..Tcp::syn(port, to.port(), self.ledger.numbers.next())
        };
        let segment = segment.emit(source, to.ip());
        let sent = self.ledger.clock.now();
        door.send(&segment, source, to, probe.distance)
            .map_err(failed)?;
        self.ledger.add(probe, port, &segment, payload.len());
        Ok(sent)
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        let deadline = tokio::time::Instant::from_std(self.ledger.clock.instant(until));
        let failed = |error: io::Error| Error::System(no_socket(&error));
        loop {
            if let Some(reply) = self.ledger.heard.pop_front() {
                return Ok(Some(reply));
            }
            tokio::select! {
                biased;
                ready = self.ready() => ready.map_err(failed)?,
                () = tokio::time::sleep_until(deadline) => return Ok(None),
            }
            self.take().map_err(failed)?;
            // What is not for us must not keep us, however much there is of it.
            if self.ledger.heard.is_empty() && self.now() >= until {
                return Ok(None);
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

/// Why there are no sockets, and what grants them.
fn no_socket(source: &io::Error) -> Text {
    match source.kind() {
        io::ErrorKind::PermissionDenied => way::no_raw(source),
        _ => socket::no_socket(source),
    }
}

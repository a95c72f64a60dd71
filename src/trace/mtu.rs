//! The largest packet that goes the whole way unbroken, and where it stops being larger.
//!
//! Probes must not be fragmented ([`Manner::whole`](crate::probe::manner::Manner)). A router that
//! cannot pass one on says so and how much it could pass (RFC 1191, RFC 8201): that is believed when
//! a probe of that size arrives. Routers or firewalls that say nothing make a black hole; it is found
//! as RFC 8899 advises, by sizes that are answered while larger ones never are, and located by probes
//! of the smallest size that is lost, one for each distance: the last router that still answers stands
//! before the hole.
//!
//! A lost probe is not yet a packet too large: [`TRIES`] of one size must stay unanswered, each waited
//! for as long as three round trips, and the last sent when even a target that answers once a second, as
//! Linux does by ICMP errors, has an answer to give.

use std::net::IpAddr;
use std::time::Duration;

use super::Machine;
use crate::lang::Text;
use crate::probe::{Answer, Probe, Reply, Sequence, Target};
use crate::units::Moment;

/// Probes of one size that must stay unanswered before it counts as too large.
pub const TRIES: u32 = 3;

/// How long a probe is waited for before any round trip is known.
const WAIT: Duration = Duration::from_secs(1);

/// The least time that one is waited for; what takes a network's breath away for less is no limit of
/// size.
const LEAST_WAIT: Duration = Duration::from_millis(250);

/// After this time a Linux target has an answer for us again, whatever it answered before
/// (`icmp_ratelimit`, a second), with something for its clock's tick.
const EARNED: Duration = Duration::from_millis(1050);

/// As far as a packet can go.
const ALL_THE_WAY: u8 = u8::MAX;

/// Sizes that links are known to have, in bytes, largest first: RFC 1191 section 7, with jumbo frames
/// and the usual tunnels.
const PLATEAUS: [u16; 18] = [
    9216, 9000, 4352, 2002, 1500, 1492, 1480, 1472, 1460, 1450, 1440, 1420, 1400, 1380, 1280, 1006,
    576, 296,
];

/// Who said that a packet was too large, and what it said would pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooBig {
    /// Who said so.
    pub responder: IpAddr,
    /// The size that was too large, in bytes.
    pub size: u16,
    /// The size that it said would pass, if it said so.
    pub passes: Option<u16>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMtu {
    /// The largest size in bytes that was answered by the target; `None` when it answered nothing.
    pub mtu: Option<u16>,
    /// The smallest size that did not pass; `None` when the largest one asked for did.
    pub too_large: Option<u16>,
    /// Routers that said that a packet was too large, each once, in the order of their saying.
    pub told: Vec<TooBig>,
    /// Whether this very host refused a size: its own interface is the limit.
    pub own_limit: Option<Text>,
    /// A black hole: the last distance and router that answered a probe of the size that gets lost.
    /// `Some(None)` when not even the first router did.
    pub black_hole: Option<Option<(u8, IpAddr)>>,
    /// Probes that were sent.
    pub sent: u32,
}

/// What is being found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Whether this size passes.
    Size(u16),
    /// Which router is the last to answer a probe of this size: distances from 1.
    Hole {
        size: u16,
        distance: u8,
    },
    Done,
}

/// The search, as a state machine.
#[derive(Debug, Clone)]
pub struct MtuSearch {
    largest: u16,
    /// Distances to look for a black hole in.
    hops: u8,
    stage: Stage,
    /// Tries of the present question that have been sent.
    tries: u32,
    /// The probe that is waited for, and until when; `None` when one is to be sent.
    waiting: Option<(Sequence, Moment)>,
    /// When that left.
    left: Moment,
    /// The longest round trip.
    worst: Option<Duration>,
    /// When the last answer came.
    heard: Option<Moment>,
    sequence: u32,
    /// Whether nobody has said why the smallest size that does not pass did not.
    silent: bool,
    found: PathMtu,
}

impl MtuSearch {
    /// A search for sizes from `smallest` to `largest` bytes with IP header on a path of `hops`
    /// distances.
    pub fn new(smallest: u16, largest: u16, hops: u8) -> MtuSearch {
        MtuSearch {
            largest: largest.max(smallest),
            hops,
            stage: Stage::Size(smallest),
            tries: 0,
            waiting: None,
            left: Moment::default(),
            worst: None,
            heard: None,
            sequence: 0,
            silent: false,
            found: PathMtu {
                mtu: None,
                too_large: None,
                told: Vec::new(),
                own_limit: None,
                black_hole: None,
                sent: 0,
            },
        }
    }

    /// What was found so far.
    pub fn found(&self) -> &PathMtu {
        &self.found
    }

    fn ask(&mut self, stage: Stage) {
        self.stage = stage;
        self.tries = 0;
        self.waiting = None;
    }

    /// This size passes.
    fn passed(&mut self, size: u16) {
        self.found.mtu = self.found.mtu.max(Some(size));
        self.go_on();
    }

    /// This size does not pass; `silent` when nobody said so, `hint` is what somebody said would.
    fn failed(&mut self, size: u16, silent: bool, hint: Option<u16>) {
        if self.found.too_large.is_none_or(|known| size < known) {
            self.found.too_large = Some(size);
            self.silent = silent;
        }
        let low = self.found.mtu.unwrap_or(0);
        match hint.filter(|hint| *hint > low && *hint < size) {
            Some(hint) => self.ask(Stage::Size(hint)),
            None => self.go_on(),
        }
    }

    /// Asks for the next size between what passes and what does not, or ends.
    fn go_on(&mut self) {
        let Some(low) = self.found.mtu else {
            return self.ask(Stage::Done);
        };
        let Some(high) = self.found.too_large else {
            let next = match low < self.largest {
                true => Stage::Size(self.largest),
                false => Stage::Done,
            };
            return self.ask(next);
        };
        if high - low > 1 {
            let between = PLATEAUS.iter().filter(|size| low < **size && **size < high);
            let usual: Vec<u16> = between.copied().collect();
            let middle = usual.get(usual.len() / 2).copied();
            return self.ask(Stage::Size(middle.unwrap_or(low + (high - low) / 2)));
        }
        match self.silent && self.hops > 1 {
            true => {
                self.found.black_hole = Some(None);
                self.ask(Stage::Hole {
                    size: high,
                    distance: 1,
                });
            }
            false => self.ask(Stage::Done),
        }
    }

    /// The present question got no answer in all of its tries.
    fn unanswered(&mut self) {
        match self.stage {
            Stage::Size(size) => self.failed(size, true, None),
            Stage::Hole { .. } => self.next_distance(),
            Stage::Done => {}
        }
    }

    /// Until when a probe that leaves now is waited for. The last one of a question leaves when the
    /// target has earned an answer.
    fn wait(&self, now: Moment) -> Moment {
        let wait = self.worst.map_or(WAIT, |worst| (worst * 3).max(LEAST_WAIT));
        let until = now + wait;
        match self.heard.filter(|_| self.tries + 1 == TRIES) {
            Some(heard) => until.max(heard + EARNED),
            None => until,
        }
    }

    fn next_distance(&mut self) {
        if let Stage::Hole { size, distance } = self.stage {
            let next = match distance + 1 < self.hops {
                true => Stage::Hole {
                    size,
                    distance: distance + 1,
                },
                false => Stage::Done,
            };
            self.ask(next);
        }
    }
}

impl Machine for MtuSearch {
    fn poll_probe(&mut self, now: Moment) -> Option<Probe> {
        if let Some((_, until)) = self.waiting {
            if now < until {
                return None;
            }
            self.waiting = None;
            if self.tries >= TRIES {
                self.unanswered();
            }
        }
        let (size, distance) = match self.stage {
            Stage::Size(size) => (size, ALL_THE_WAY),
            Stage::Hole { size, distance } => (size, distance),
            Stage::Done => return None,
        };
        let sequence = Sequence(self.sequence);
        self.sequence += 1;
        self.tries += 1;
        self.waiting = Some((sequence, self.wait(now)));
        Some(Probe {
            size,
            ..Probe::plain(sequence, distance)
        })
    }

    fn handle_sent(&mut self, probe: &Probe, sent: Result<Moment, Text>) {
        match sent {
            Ok(left) => {
                self.found.sent += 1;
                self.left = left;
            }
            Err(why) if self.waiting.is_some_and(|(own, _)| own == probe.sequence) => {
                self.found.own_limit = Some(why);
                self.failed(probe.size, false, None);
            }
            Err(_) => {}
        }
    }

    fn handle_reply(&mut self, reply: &Reply) {
        // An answer to an earlier question is an answer too late.
        let asked = self.waiting.map(|(sequence, _)| (Target(0), sequence));
        if asked.is_none() || reply.probe != asked {
            return;
        }
        let took = reply.received.since(reply.sent.unwrap_or(self.left));
        self.worst = self.worst.max(Some(took));
        self.heard = Some(reply.received);
        let said = reply.detail.as_ref().and_then(|detail| detail.mtu);
        let said = said.and_then(|mtu| u16::try_from(mtu).ok());
        match (self.stage, reply.answer) {
            (Stage::Size(size), Answer::Arrived(_)) => self.passed(size),
            (
                Stage::Size(size),
                // "Fragmentation needed" and "packet too big".
                Answer::Unreachable { kind: 3, code: 4 } | Answer::Unreachable { kind: 2, code: 0 },
            ) => {
                let told = TooBig {
                    responder: reply.responder,
                    size,
                    passes: said.filter(|mtu| *mtu > 0),
                };
                let known = |other: &TooBig| other.responder == told.responder;
                if !self.found.told.iter().any(known) {
                    self.found.told.push(told);
                }
                self.failed(size, false, told.passes);
            }
            (Stage::Hole { distance, .. }, Answer::Passed) => {
                self.found.black_hole = Some(Some((distance, reply.responder)));
                self.next_distance();
            }
            (Stage::Hole { .. }, _) => self.next_distance(),
            // A firewall's word, or a loop's: the size is not what it is about.
            _ => {}
        }
    }

    fn poll_wake(&self, now: Moment) -> Option<Moment> {
        match (self.stage, self.waiting) {
            (Stage::Done, _) => None,
            (_, Some((_, until))) => Some(until),
            (_, None) => Some(now),
        }
    }
}

#[cfg(test)]
mod tests;

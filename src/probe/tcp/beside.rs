//! What raw sockets beside the attempts see of them: when SYNs leave and answers come in, and ICMP
//! errors with what they quote in full.
//!
//! An attempt still ends as its own socket says; here its times and details are found. Only where a
//! translator on the way rewrote what an error quotes, so that the kernel knows no socket for it, the
//! SYN's sequence number tells that it is a reply all the same.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::PATIENCE;
use super::wire::{Passed, Wire};
use crate::packet::quote::Carried;
use crate::packet::tcp::{self, ACK, RST, SYN, Tcp};
use crate::packet::{checksum, protocol};
use crate::probe::clock::{Clock, Look};
use crate::probe::manner::Manner;
use crate::probe::quotes::{self, Heard, Quotes};
use crate::probe::waiter::Waiter;
use crate::probe::way::{self, Means, Way};
use crate::probe::{Answer, Arrival, Detail, Reply, Sequence, Stamp, Target, privilege};
use crate::units::Moment;

/// How long an attempt is remembered: as long as it is waited for, and what a busy machine may be
/// behind.
const REMEMBERED: Duration = PATIENCE.saturating_mul(2);

/// Attempts after which what has passed is taken, though nobody waits for replies.
const TRAIN: u32 = 64;

/// Which probe.
type Id = (Target, Sequence);

/// Our port, and the address and port of a target: what tells an attempt from others.
type Ends = (u16, IpAddr, u16);

/// The raw sockets, and what they have told.
#[derive(Debug)]
pub(super) struct Beside {
    wire: Wire,
    quotes: Vec<Quotes>,
    clock: Clock,
    attempts: HashMap<Id, Attempt>,
    ids: HashMap<Ends, Id>,
    /// The same attempts in the order of sending.
    order: VecDeque<Id>,
    /// Attempts since what has passed was last taken.
    untaken: u32,
    strays: VecDeque<Reply>,
}

/// An attempt that is remembered.
#[derive(Debug)]
struct Attempt {
    ends: Ends,
    sent: Moment,
    syn: Option<Syn>,
    /// When a SYN-ACK or reset for it came in, and with how many hops left.
    came: Option<(Moment, u8)>,
    /// What an ICMP error about it told.
    told: Option<Detail>,
}

/// A SYN as it left.
#[derive(Debug, Clone, Copy)]
struct Syn {
    at: Moment,
    sequence: u32,
    sent: quotes::Sent,
}

impl Beside {
    /// Opens the sockets, or none at all where that is not permitted; and says which way that is. A
    /// flood, which is not to be exact, does without.
    pub(super) fn open(
        targets: &[SocketAddr],
        manner: &Manner,
        waiter: &Waiter,
        clock: &Clock,
    ) -> (Option<Beside>, Way) {
        if !manner.exact {
            return (None, Way::only(Means::Connect));
        }
        match privilege::with_net_raw(|| open(targets, manner, waiter)) {
            Ok((wire, quotes)) => {
                let beside = Beside {
                    wire,
                    quotes,
                    clock: clock.clone(),
                    attempts: HashMap::new(),
                    ids: HashMap::new(),
                    order: VecDeque::new(),
                    untaken: 0,
                    strays: VecDeque::new(),
                };
                (Some(beside), Way::only(Means::ConnectRaw))
            }
            Err(error) => {
                let others = vec![(Means::ConnectRaw, way::no_raw(&error))];
                let used = Means::Connect;
                (None, Way { used, others })
            }
        }
    }

    /// Takes note of an attempt that has been sent.
    pub(super) fn sent(&mut self, id: Id, from: SocketAddr, to: SocketAddr, at: Moment) {
        while let Some(oldest) = self.order.front()
            && self
                .attempts
                .get(oldest)
                .is_none_or(|own| at.since(own.sent) > REMEMBERED)
        {
            self.forget(*oldest);
        }
        let ends = (from.port(), to.ip(), to.port());
        self.ids.insert(ends, id);
        self.order.push_back(id);
        self.attempts.insert(
            id,
            Attempt {
                ends,
                sent: at,
                syn: None,
                came: None,
                told: None,
            },
        );
        self.untaken += 1;
        if self.untaken >= TRAIN {
            self.listen();
        }
    }

    fn forget(&mut self, id: Id) {
        self.order.pop_front();
        if let Some(attempt) = self.attempts.remove(&id)
            && self.ids.get(&attempt.ends) == Some(&id)
        {
            self.ids.remove(&attempt.ends);
        }
    }

    /// Takes all that has passed and all errors that have come. What cannot be read here is told by
    /// the attempts themselves, if less fully.
    pub(super) fn listen(&mut self) {
        self.untaken = 0;
        let Beside {
            wire,
            quotes,
            clock,
            attempts,
            ids,
            strays,
            ..
        } = self;
        let mut look = None;
        // A SYN is seen before the error about it.
        while let Ok(true) = wire.take(|passed| {
            let look = *look.get_or_insert_with(|| clock.look());
            pass(&passed, (clock, look), attempts, ids);
        }) {}
        for quotes in quotes {
            while let Ok(true) = quotes.take(|heard| {
                let stray = hear(&heard, clock, attempts, ids);
                strays.extend(stray);
            }) {}
        }
    }

    /// The next reply that no socket of an attempt will tell.
    pub(super) fn stray(&mut self) -> Option<Reply> {
        self.strays.pop_front()
    }

    /// Puts into a reply what has been seen of it here.
    pub(super) fn complete(&mut self, reply: &mut Reply) {
        self.listen();
        let attempt = reply.probe.and_then(|id| self.attempts.get_mut(&id));
        let Some(attempt) = attempt else {
            return;
        };
        let left = attempt.syn.map(|syn| syn.at);
        match (reply.answer, attempt.came) {
            // What the kernel knows of an accepted attempt is from its own sending on.
            (Answer::Arrived(Arrival::Connected), None) => return,
            (Answer::Arrived(Arrival::Connected), _) if left.is_none() => return,
            (Answer::Arrived(_), Some((came, hops))) => {
                (reply.received, reply.stamp) = (came, Stamp::Kernel);
                let detail = Detail {
                    ttl: Some(hops),
                    ..Detail::default()
                };
                reply.detail = Some(Box::new(detail));
            }
            _ => {}
        }
        reply.sent = left;
        if let Some(told) = attempt.told.take() {
            reply.detail = Some(Box::new(told));
        }
    }
}

/// The raw sockets for attempts to `targets`; `waiter` is to wait for errors, too.
fn open(
    targets: &[SocketAddr],
    manner: &Manner,
    waiter: &Waiter,
) -> io::Result<(Wire, Vec<Quotes>)> {
    let mut ports: Vec<u16> = targets.iter().map(SocketAddr::port).collect();
    ports.sort_unstable();
    ports.dedup();
    let wire = Wire::open(&ports)?;
    let interface = manner.interface.as_deref();
    let quotes = Quotes::open_each(targets, protocol::TCP, None, interface)?;
    for quotes in &quotes {
        quotes.listen_for_all()?;
        waiter.add(quotes, 0)?;
    }
    Ok((wire, quotes))
}

/// Takes note of a segment that passed: the first SYN of an attempt, or the first answer to it.
fn pass(
    passed: &Passed<'_>,
    (clock, look): (&mut Clock, Look),
    attempts: &mut HashMap<Id, Attempt>,
    ids: &HashMap<Ends, Id>,
) {
    let (from, to) = (passed.packet.source(), passed.packet.destination());
    let upper = passed.packet.upper();
    let upper = upper.filter(|upper| upper.protocol == protocol::TCP && !upper.later_fragment);
    let Some((bytes, segment)) =
        upper.and_then(|upper| Some((upper.bytes, Tcp::parse(upper.bytes)?)))
    else {
        return;
    };
    let ends = match passed.outgoing {
        true => (segment.source, to, segment.destination),
        false => (segment.destination, from, segment.source),
    };
    let Some(attempt) = ids.get(&ends).and_then(|id| attempts.get_mut(id)) else {
        return;
    };
    let (at, Stamp::Kernel) = clock.place(look, passed.stamp) else {
        return;
    };
    let flags = segment.flags & (SYN | ACK | RST);
    match (passed.outgoing, attempt.syn) {
        (true, None) if flags == SYN && at >= attempt.sent => {
            let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
            attempt.syn = Some(Syn {
                at,
                sequence: segment.sequence,
                sent: quotes::Sent {
                    source: (from, segment.source).into(),
                    destination: (to, segment.destination).into(),
                    checksum: tcp::checksum(&segment.emit(from, to)),
                    unfinished: Some(checksum::unfinished(length, protocol::TCP, from, to)),
                },
            });
        }
        (false, Some(syn)) if flags != SYN && flags & ACK != 0 => {
            let answers = segment.acknowledgement == syn.sequence.wrapping_add(1);
            if answers && attempt.came.is_none() {
                attempt.came = Some((at, passed.packet.hops()));
            }
        }
        _ => {}
    }
}

/// Takes note of an error about an attempt; gives the reply that it is where the kernel knows no
/// socket for what it quotes.
fn hear(
    heard: &Heard<'_>,
    clock: &mut Clock,
    attempts: &mut HashMap<Id, Attempt>,
    ids: &HashMap<Ends, Id>,
) -> Option<Reply> {
    let Some(Carried::Tcp {
        source: Some(port),
        destination: Some(to),
        sequence: Some(sequence),
        ..
    }) = heard.quote.carried
    else {
        return None;
    };
    let about = |own: &Attempt| own.syn.filter(|syn| syn.sequence == sequence);
    let ends = (port, heard.quote.destination?, to);
    if let Some(attempt) = ids.get(&ends).and_then(|id| attempts.get_mut(id))
        && let Some(syn) = about(attempt)
    {
        let detail = heard.detail(&syn.sent);
        if heard.quote.source == Some(syn.sent.source.ip()) {
            attempt.told = Some(detail);
            return None;
        }
    }
    let mut all = attempts.iter();
    let (id, syn) = all.find_map(|(id, own)| Some((*id, about(own)?)))?;
    Some(Reply {
        sent: Some(syn.at),
        detail: Some(Box::new(heard.detail(&syn.sent))),
        ..Reply::plain(
            Some(id),
            heard.responder,
            heard.answer,
            clock.received(heard.stamp),
        )
    })
}

//! What a router does with a packet that has come to it.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Passage, Transit};
use crate::lab::packet::errors::{Quote, Reason, error};
use crate::lab::packet::{Head, edit, fragments, head};
use crate::lab::translate::{from_public, of_family, to_server};
use crate::lab::world::{Direction, Node, Then, Traits};
use crate::lab::{filter, forge};
use crate::packet::protocol::UDP;
use crate::packet::{answer, ip};
use crate::units::Moment;

impl Transit {
    /// Deals with a packet that has come to a router.
    pub(super) fn pass(&mut self, now: Moment, mut passage: Passage) {
        let world = Arc::clone(&self.world);
        let at = self.node(passage.way, passage.at);
        let router = &world.nodes[at];
        let server = &world.nodes[world.server()].addresses;
        let manners = &router.manners;
        if !passage.forward {
            if let Some(nat) = &self.translators[at] {
                nat.come_back(&mut passage.packet);
            }
            from_public(&mut passage.packet, &manners.public, server);
        }
        let Some(head) = head(&passage.packet) else {
            return;
        };
        if passage.forward {
            self.forge(now, &passage, router, at, &head);
        }
        if router.addresses.contains(&head.to) {
            return self.receive(now, passage, router, at, &head);
        }
        if head.hops <= 1 {
            self.ledger.nodes[at].expired += 1;
            return self.complain(now, &passage, Reason::TimeExceeded);
        }
        ip::set_hops(&mut passage.packet, head.hops - 1);
        let direction = if passage.forward {
            Direction::Forward
        } else {
            Direction::Return
        };
        let then = filter::decision(&manners.rules, direction, &head, &passage.packet);
        if then != Then::Pass {
            self.ledger.nodes[at].stopped += 1;
            return self.stop(now, &passage, then);
        }
        if passage.forward {
            to_server(&mut passage.packet, &manners.public, server);
            if let Some(class) = manners.class {
                edit::set_class(&mut passage.packet, class);
            }
            if let Some(nat) = &mut self.translators[at] {
                nat.leave(&mut passage.packet);
            }
        }
        self.leave(now, passage);
    }

    /// Sends back what a router makes up about a packet.
    fn forge(&mut self, now: Moment, passage: &Passage, router: &Node, at: usize, head: &Head) {
        for forgery in &router.manners.forgeries {
            let from = [&forgery.from, &router.addresses];
            let from = from.into_iter().find_map(|all| of_family(all, head.to));
            let made = from.and_then(|from| forge::forged(&passage.packet, forgery, from));
            if let Some(made) = made {
                self.ledger.nodes[at].forged += 1;
                self.put(now, turned(passage, made));
            }
        }
    }

    /// Deals with a packet for the router itself: it has no service.
    fn receive(&mut self, now: Moment, passage: Passage, router: &Node, at: usize, head: &Head) {
        if router.manners.silent {
            return;
        }
        let packet = &passage.packet;
        match answer::echo(packet).or_else(|| answer::tcp(packet, None)) {
            Some(reply) => self.answer(now, &passage, at, reply),
            None if head.protocol == UDP => self.complain(now, &passage, Reason::NoPort),
            None => {}
        }
    }

    /// Does to a packet what the filter says.
    fn stop(&mut self, now: Moment, passage: &Passage, then: Then) {
        let reason = match then {
            Then::Pass | Then::Drop => return,
            Then::Reset => {
                if let Some(reset) = answer::tcp(&passage.packet, None) {
                    let at = self.node(passage.way, passage.at);
                    self.answer(now, passage, at, reset);
                }
                return;
            }
            Then::NoRoute => Reason::NoRoute,
            Then::NoHost => Reason::NoHost,
            Then::NoPort => Reason::NoPort,
            Then::NetProhibited => Reason::NetProhibited,
            Then::HostProhibited => Reason::HostProhibited,
            Then::AdminProhibited => Reason::Prohibited,
        };
        self.complain(now, passage, reason);
    }

    /// Deals with a packet that is longer than the line before it takes.
    pub(super) fn shorten(&mut self, now: Moment, passage: Passage, traits: Traits) {
        if traits.black_hole {
            return;
        }
        match fragments::cut(&passage.packet, traits.mtu as usize) {
            Some(pieces) => {
                for packet in pieces {
                    self.leave(now, Passage { packet, ..passage });
                }
            }
            None => self.complain(now, &passage, Reason::TooBig(traits.mtu)),
        }
    }

    /// Answers a packet with an ICMP error, if the router does that and may.
    fn complain(&mut self, now: Moment, passage: &Passage, reason: Reason) {
        let at = self.node(passage.way, passage.at);
        let world = Arc::clone(&self.world);
        let router = &world.nodes[at];
        let Some(head) = head(&passage.packet).filter(|_| !router.manners.silent) else {
            return;
        };
        let quote = Quote {
            bytes: router.manners.quote,
            labels: &router.manners.labels,
            interfaces: &router.manners.interfaces,
        };
        let from = speaker(router, head.to);
        let Some(made) = from.and_then(|from| error(&passage.packet, from, reason, &quote)) else {
            return;
        };
        if self.limits[at]
            .iter_mut()
            .all(|own| own.allows(now, head.from))
        {
            self.limits[at]
                .iter_mut()
                .for_each(|own| own.take(now, head.from));
            self.answer(now, passage, at, made);
        } else {
            self.ledger.nodes[at].limited += 1;
        }
    }

    /// Sends an answer the way its packet came; a translator turns it back as it does others'.
    fn answer(&mut self, now: Moment, passage: &Passage, at: usize, mut made: Vec<u8>) {
        self.ledger.nodes[at].answered += 1;
        let manners = &self.world.nodes[at].manners;
        if passage.forward {
            if let Some(nat) = &self.translators[at] {
                nat.come_back(&mut made);
            }
            let server = &self.world.nodes[self.world.server()].addresses;
            from_public(&mut made, &manners.public, server);
        }
        let (copies, leaves) = (manners.copies, now + manners.answer_delay.into());
        for _ in 0..copies {
            self.put(leaves, turned(passage, made.clone()));
        }
    }
}

/// A packet that goes back from where `passage` is.
fn turned(passage: &Passage, packet: Vec<u8>) -> Passage {
    Passage {
        way: passage.way,
        at: passage.at,
        forward: !passage.forward,
        leaves: true,
        packet,
    }
}

/// The address from which a router complains about a packet to `to`.
fn speaker(router: &Node, to: IpAddr) -> Option<IpAddr> {
    let all = [&router.manners.answers_from, &router.addresses];
    all.into_iter().find_map(|all| of_family(all, to))
}

//! Gateways that write other addresses into passing packets: of clients going out (source
//! translation) and of a server behind them (destination translation).

use std::collections::HashMap;
use std::net::IpAddr;

use super::packet::edit::{Side, edit_quote, port, set_destination, set_port, set_source};
use super::packet::{Head, head};
use super::world::Nat;

/// Where translated ports begin.
const FIRST_PORT: u16 = 40_000;

/// A source translator at work.
#[derive(Debug)]
pub(super) struct Translator {
    nat: Nat,
    /// From a protocol, address and port inside to the port outside.
    out: HashMap<(u8, IpAddr, u16), u16>,
    /// From a protocol, family and port outside to address and port inside.
    back: HashMap<(u8, bool, u16), (IpAddr, u16)>,
    next: u16,
}

impl Translator {
    /// A translator that has seen nothing.
    pub(super) fn new(nat: Nat) -> Translator {
        Translator {
            nat,
            out: HashMap::new(),
            back: HashMap::new(),
            next: FIRST_PORT,
        }
    }

    /// Writes the outside address, and port, into a packet that leaves.
    pub(super) fn leave(&mut self, packet: &mut [u8]) {
        let Some(head) = head(packet) else {
            return;
        };
        let Some(outside) = of_family(&self.nat.addresses, head.to) else {
            return;
        };
        if let Some(inside) = port(packet, Side::Source) {
            let outside = self.port(&head, inside);
            set_port(packet, Side::Source, outside);
        }
        set_source(packet, outside);
    }

    /// The port outside of a flow inside; the same one for the same flow.
    fn port(&mut self, head: &Head, inside: u16) -> u16 {
        let key = (head.protocol, head.from, inside);
        if let Some(outside) = self.out.get(&key) {
            return *outside;
        }
        let outside = match self.nat.ports {
            false => inside,
            true => {
                let outside = self.next;
                self.next = outside.checked_add(1).unwrap_or(FIRST_PORT);
                outside
            }
        };
        self.out.insert(key, outside);
        let family = head.from.is_ipv6();
        self.back
            .insert((head.protocol, family, outside), (head.from, inside));
        outside
    }

    /// Writes the inside address and port into a packet that comes back for one that left; into the
    /// quotes of errors only where this gateway does that.
    pub(super) fn come_back(&self, packet: &mut [u8]) {
        let Some(head) = head(packet).filter(|head| self.nat.addresses.contains(&head.to)) else {
            return;
        };
        if !head.is_error(packet) {
            let Some((address, inside)) = self.inside(packet, &head, Side::Destination) else {
                return;
            };
            set_port(packet, Side::Destination, inside);
            set_destination(packet, address);
            return;
        }
        let quoted = packet.get(head.body + 8..).unwrap_or_default();
        let Some((address, inside)) =
            super::packet::head(quoted).and_then(|head| self.inside(quoted, &head, Side::Source))
        else {
            return;
        };
        if self.nat.restores {
            edit_quote(packet, |quote| {
                set_port(quote, Side::Source, inside);
                set_source(quote, address);
            });
        }
        set_destination(packet, address);
    }

    fn inside(&self, packet: &[u8], head: &Head, side: Side) -> Option<(IpAddr, u16)> {
        let key = (head.protocol, head.to.is_ipv6(), port(packet, side)?);
        self.back.get(&key).copied()
    }
}

/// The address of the family of `other`.
pub(super) fn of_family(addresses: &[IpAddr], other: IpAddr) -> Option<IpAddr> {
    let mut all = addresses.iter().copied();
    all.find(|address| address.is_ipv4() == other.is_ipv4())
}

/// Sends what is for a public address on to the server.
pub(super) fn to_server(packet: &mut [u8], public: &[IpAddr], server: &[IpAddr]) {
    let Some(head) = head(packet).filter(|head| public.contains(&head.to)) else {
        return;
    };
    if let Some(server) = of_family(server, head.to) {
        set_destination(packet, server);
    }
}

/// Lets what the server sends come from its public address, and errors about what was for the
/// server, whoever makes them, with their quotes turned back: as Linux does.
pub(super) fn from_public(packet: &mut [u8], public: &[IpAddr], server: &[IpAddr]) {
    let Some(head) = head(packet) else {
        return;
    };
    let Some(public) = of_family(public, head.to) else {
        return;
    };
    let quoted = packet
        .get(head.body + 8..)
        .filter(|_| head.is_error(packet));
    let was_for = quoted.and_then(super::packet::head).map(|head| head.to);
    let about = was_for.is_some_and(|to| to == public || server.contains(&to));
    if about {
        edit_quote(packet, |quote| set_destination(quote, public));
    }
    if about || server.contains(&head.from) {
        set_source(packet, public);
    }
}

#[cfg(test)]
mod tests {
    use super::super::packet::errors::{Quote, Reason, error};
    use super::super::packet::samples::{addresses, echo, is_sound, udp};
    use super::*;
    use crate::packet::answer;

    fn outside(ipv6: bool) -> IpAddr {
        let written = if ipv6 { "2001:db8:5::5" } else { "203.0.113.5" };
        written.parse().unwrap()
    }

    fn translator(ports: bool, restores: bool) -> Translator {
        Translator::new(Nat {
            addresses: vec![outside(false), outside(true)],
            ports,
            restores,
        })
    }

    #[test]
    fn what_comes_back_is_for_the_one_who_sent_it() {
        for ipv6 in [false, true] {
            for ports in [false, true] {
                let mut nat = translator(ports, true);
                let [client, server] = addresses(ipv6);
                let mut there = udp([client, server], (4000, 53), b"q");
                nat.leave(&mut there);
                let at = head(&there).unwrap();
                assert_eq!(at.from, outside(ipv6));
                assert_eq!(
                    at.ports(&there),
                    Some((if ports { FIRST_PORT } else { 4000 }, 53))
                );
                let port = at.ports(&there).unwrap().0;
                let mut back = udp([server, at.from], (53, port), b"a");
                nat.come_back(&mut back);
                assert!(is_sound(&there) && is_sound(&back));
                assert_eq!(back, udp([server, client], (53, 4000), b"a"));
            }
        }
    }

    #[test]
    fn an_echo_keeps_its_two_sides_together() {
        let mut nat = translator(true, true);
        let ends = addresses(false);
        let sent = echo(ends, 7, 1, b"data");
        let mut there = sent.clone();
        nat.leave(&mut there);
        let mut back = answer::echo(&there).unwrap();
        nat.come_back(&mut back);
        assert_eq!(back, answer::echo(&sent).unwrap());
    }

    #[test]
    fn quotes_are_turned_back_or_left_as_asked() {
        for ipv6 in [false, true] {
            let [client, server] = addresses(ipv6);
            let sent = udp([client, server], (4000, 33434), b"payload");
            for restores in [false, true] {
                let mut nat = translator(true, restores);
                let mut there = sent.clone();
                nat.leave(&mut there);
                let router = outside(ipv6);
                let mut answer =
                    error(&there, router, Reason::TimeExceeded, &Quote::default()).unwrap();
                nat.come_back(&mut answer);
                assert!(is_sound(&answer));
                let at = head(&answer).unwrap();
                assert_eq!(at.to, client);
                let expected = if restores { &sent } else { &there };
                assert_eq!(&answer[at.body + 8..], expected);
            }
        }
    }

    #[test]
    fn behind_a_public_address_everybody_is_that_address() {
        for ipv6 in [false, true] {
            let [client, server] = addresses(ipv6);
            let public = outside(ipv6);
            let sent = udp([client, public], (4000, 33434), b"payload");
            let mut there = sent.clone();
            to_server(&mut there, &[public], &[server]);
            assert_eq!(there, udp([client, server], (4000, 33434), b"payload"));
            // Errors of the server itself and of a router on the way to it.
            let router = if ipv6 {
                "2001:db8:8::1"
            } else {
                "198.51.100.77"
            };
            for from in [server, router.parse().unwrap()] {
                let mut answer = error(&there, from, Reason::NoPort, &Quote::default()).unwrap();
                from_public(&mut answer, &[public], &[server]);
                let at = head(&answer).unwrap();
                assert!(is_sound(&answer));
                assert_eq!((at.from, &answer[at.body + 8..]), (public, &sent[..]));
            }
        }
    }
}

//! What a firewall does to a packet.

use super::packet::Head;
use super::world::{Direction, Kind, Rule, Then, Traffic};
use crate::packet::protocol::{TCP, UDP};

/// What the first rule that means this packet says; a packet that none means passes.
pub(super) fn decision(rules: &[Rule], direction: Direction, head: &Head, packet: &[u8]) -> Then {
    let meant =
        |rule: &&Rule| rule.direction == direction && means(&rule.traffic, direction, head, packet);
    rules
        .iter()
        .find(meant)
        .map_or(Then::Pass, |rule| rule.then)
}

fn means(traffic: &Traffic, direction: Direction, head: &Head, packet: &[u8]) -> bool {
    let of_kind = match traffic.kind {
        Kind::Any => true,
        Kind::Icmp => head.is_icmp(),
        Kind::Echo => head.is_echo(packet),
        Kind::Error => head.is_error(packet),
        Kind::Tcp => head.protocol == TCP,
        Kind::Udp => head.protocol == UDP,
    };
    let every_port = traffic.ports == (0..=u16::MAX);
    of_kind
        && (every_port
            || head.ports(packet).is_some_and(|(source, destination)| {
                let of_server = match direction {
                    Direction::Forward => destination,
                    Direction::Return => source,
                };
                traffic.ports.contains(&of_server)
            }))
}

#[cfg(test)]
mod tests {
    use super::super::packet::errors::{Quote, Reason, error};
    use super::super::packet::head;
    use super::super::packet::samples::{addresses, echo, tcp, udp};
    use super::*;

    fn rule(kind: Kind, ports: std::ops::RangeInclusive<u16>, then: Then) -> Rule {
        Rule {
            direction: Direction::Forward,
            traffic: Traffic { kind, ports },
            then,
        }
    }

    const ALL: std::ops::RangeInclusive<u16> = 0..=u16::MAX;

    fn decided(rules: &[Rule], packet: &[u8]) -> Then {
        decision(rules, Direction::Forward, &head(packet).unwrap(), packet)
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rules = [
            rule(Kind::Tcp, 443..=443, Then::Pass),
            rule(Kind::Tcp, ALL, Then::Reset),
            rule(Kind::Udp, 33434..=33534, Then::AdminProhibited),
            rule(Kind::Echo, ALL, Then::Drop),
        ];
        for ipv6 in [false, true] {
            let ends = addresses(ipv6);
            assert_eq!(decided(&rules, &tcp(ends, (1, 443), 2, b"")), Then::Pass);
            assert_eq!(decided(&rules, &tcp(ends, (443, 80), 2, b"")), Then::Reset);
            assert_eq!(
                decided(&rules, &udp(ends, (1, 33434), b"")),
                Then::AdminProhibited
            );
            assert_eq!(decided(&rules, &udp(ends, (1, 53), b"")), Then::Pass);
            assert_eq!(decided(&rules, &echo(ends, 1, 1, b"")), Then::Drop);
        }
    }

    #[test]
    fn on_the_way_back_the_servers_port_is_the_source() {
        let [client, server] = addresses(false);
        let back = Rule {
            direction: Direction::Return,
            ..rule(Kind::Udp, 53..=53, Then::Drop)
        };
        let sent = udp([server, client], (53, 4000), b"");
        let at = head(&sent).unwrap();
        assert_eq!(
            decision(std::slice::from_ref(&back), Direction::Return, &at, &sent),
            Then::Drop
        );
        assert_eq!(
            decision(&[back], Direction::Forward, &at, &sent),
            Then::Pass
        );
    }

    #[test]
    fn an_error_is_icmp_and_no_echo() {
        let [from, to] = addresses(true);
        let sent = udp([from, to], (1, 2), b"");
        let answer = error(&sent, to, Reason::NoPort, &Quote::default()).unwrap();
        for (kind, then) in [
            (Kind::Error, Then::Drop),
            (Kind::Icmp, Then::Drop),
            (Kind::Echo, Then::Pass),
        ] {
            assert_eq!(decided(&[rule(kind, ALL, Then::Drop)], &answer), then);
        }
    }
}

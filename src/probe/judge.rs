//! What an ICMP error means for the probe that caused it.

use nix::libc;

use super::{Answer, Arrival};

/// What an ICMP error means for the probe that caused it, by its origin (linux/errqueue.h), type
/// and code; `None` for an error that did not come over the network.
pub(super) fn judge(origin: u8, kind: u8, code: u8) -> Option<Answer> {
    let answer = match (origin, kind, code) {
        // RFC 792, RFC 1812 5.2.7.1: 9 and 10 network and host prohibited, 13 filtered.
        (libc::SO_EE_ORIGIN_ICMP, 11, 0) => Answer::Passed,
        (libc::SO_EE_ORIGIN_ICMP, 3, 3) => Answer::Arrived(Arrival::PortClosed),
        (libc::SO_EE_ORIGIN_ICMP, 3, 9 | 10 | 13) => Answer::Barred { kind, code },
        // RFC 4443 3.1, 3.3: 1 prohibited, 5 failed policy, 6 reject route.
        (libc::SO_EE_ORIGIN_ICMP6, 3, 0) => Answer::Passed,
        (libc::SO_EE_ORIGIN_ICMP6, 1, 4) => Answer::Arrived(Arrival::PortClosed),
        (libc::SO_EE_ORIGIN_ICMP6, 1, 1 | 5 | 6) => Answer::Barred { kind, code },
        (libc::SO_EE_ORIGIN_ICMP | libc::SO_EE_ORIGIN_ICMP6, kind, code) => {
            Answer::Unreachable { kind, code }
        }
        _ => return None,
    };
    Some(answer)
}

/// The MTU of the next link, when the error is one that carries it: RFC 1191 "fragmentation needed"
/// and RFC 4443 3.2 "packet too big". Old routers leave it 0.
pub(super) fn mtu(answer: Answer, ipv6: bool, info: u32) -> Option<u32> {
    let too_big = match answer {
        Answer::Unreachable { kind, code } if ipv6 => (kind, code) == (2, 0),
        Answer::Unreachable { kind, code } => (kind, code) == (3, 4),
        _ => false,
    };
    (too_big && info != 0).then_some(info)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arrival_is_judged_by_type_and_code() {
        let port_closed = Some(Answer::Arrived(Arrival::PortClosed));
        assert_eq!(judge(2, 3, 3), port_closed);
        assert_eq!(judge(3, 1, 4), port_closed);
        assert_eq!(judge(2, 11, 0), Some(Answer::Passed));
        assert_eq!(judge(3, 3, 0), Some(Answer::Passed));
        let barred = |kind, code| Some(Answer::Barred { kind, code });
        assert_eq!(judge(2, 3, 13), barred(3, 13));
        assert_eq!(judge(3, 1, 1), barred(1, 1));
        // A fragment that was never put together again did arrive somewhere, but not as a probe.
        let reassembly = Answer::Unreachable { kind: 11, code: 1 };
        assert_eq!(judge(2, 11, 1), Some(reassembly));
    }

    #[test]
    fn only_too_big_carries_an_mtu() {
        let (v4, v6) = ((3, 4), (2, 0));
        for (kind, code) in [v4, v6, (3, 2), (1, 4)] {
            let answer = Answer::Unreachable { kind, code };
            assert_eq!(mtu(answer, false, 1400).is_some(), (kind, code) == v4);
            assert_eq!(mtu(answer, true, 1400).is_some(), (kind, code) == v6);
            assert_eq!(mtu(answer, false, 0), None);
        }
        assert_eq!(mtu(Answer::Passed, false, 1400), None);
    }

    proptest! {
        #[test]
        fn only_icmp_speaks_for_the_network(origin: u8, kind: u8, code: u8) {
            prop_assert_eq!(judge(origin, kind, code).is_some(), origin == 2 || origin == 3);
        }
    }
}

//! Bounds on ICMP errors, reckoned as Linux does (`inet_peer_xrlim_allow`): credit grows with time up
//! to a burst, and each error costs one interval of it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::world::{Limit, Per};
use crate::units::Moment;

/// The buckets of one limit.
#[derive(Debug)]
pub(super) struct Buckets {
    limit: Limit,
    /// Credit in ns, and when it was reckoned, for each address answered or for all.
    credits: HashMap<Option<IpAddr>, (u64, Moment)>,
}

impl Buckets {
    /// Full buckets.
    pub(super) fn new(limit: Limit) -> Buckets {
        Buckets {
            limit,
            credits: HashMap::new(),
        }
    }

    /// Whether an error to `to` may go out; it is not yet taken.
    pub(super) fn allows(&mut self, now: Moment, to: IpAddr) -> bool {
        let (every, full) = (self.every(), self.full());
        let (credit, reckoned) = self.bucket(now, to);
        let elapsed = now.since(*reckoned).as_nanos() as u64;
        *credit = credit.saturating_add(elapsed).min(full);
        *reckoned = now;
        *credit >= every
    }

    /// Takes what one error to `to` costs.
    pub(super) fn take(&mut self, now: Moment, to: IpAddr) {
        let every = self.every();
        let (credit, _) = self.bucket(now, to);
        *credit = credit.saturating_sub(every);
    }

    fn bucket(&mut self, now: Moment, to: IpAddr) -> &mut (u64, Moment) {
        let key = match self.limit.per {
            Per::Source => Some(to),
            Per::All => None,
        };
        let full = self.full();
        self.credits.entry(key).or_insert((full, now))
    }

    fn every(&self) -> u64 {
        Duration::from(self.limit.every).as_nanos() as u64
    }

    fn full(&self) -> u64 {
        self.every().saturating_mul(self.limit.burst.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::packet::samples::addresses;
    use super::*;
    use crate::units::Seconds;

    const MS: u64 = 1_000_000;

    fn buckets(burst: u32, every: u64, per: Per) -> Buckets {
        Buckets::new(Limit {
            burst,
            every: Seconds(every as f64 / 1e9),
            per,
        })
    }

    fn asked(buckets: &mut Buckets, at: u64, to: IpAddr) -> bool {
        let allowed = buckets.allows(Moment(at), to);
        if allowed {
            buckets.take(Moment(at), to);
        }
        allowed
    }

    #[test]
    fn linux_lets_six_out_at_once_and_one_a_second() {
        let [to, other] = addresses(false);
        let mut own = buckets(6, 1000 * MS, Per::Source);
        // 100 asked for in 10 s, one every 100 ms: the six, then one at each whole second past
        // the first whose credit was spent at 0 s: the burst lasts 0.5 s, so 6 + 9.
        let out = (0..100)
            .filter(|at| asked(&mut own, at * 100 * MS, to))
            .count();
        assert_eq!(out, 6 + 9);
        assert!(asked(&mut own, 9950 * MS, other));
        let mut all = buckets(1, 1000 * MS, Per::All);
        assert!(asked(&mut all, 0, to) && !asked(&mut all, 0, other));
    }

    proptest! {
        /// The generic cell rate algorithm (ITU-T I.371) is the same rule told by times instead of
        /// by credit.
        #[test]
        fn a_bucket_is_the_generic_cell_rate_algorithm(
            burst in 1..8u32,
            every in 1..50u64,
            gaps in prop::collection::vec(0..60u64, 1..200),
        ) {
            let [to, _] = addresses(false);
            let every = every * MS;
            let mut own = buckets(burst, every, Per::Source);
            let tolerance = u64::from(burst - 1) * every;
            let (mut now, mut expected) = (0, 0u64);
            for gap in gaps {
                now += gap * MS;
                let conforms = expected <= now + tolerance;
                prop_assert_eq!(asked(&mut own, now, to), conforms);
                if conforms {
                    expected = expected.max(now) + every;
                }
            }
        }
    }
}

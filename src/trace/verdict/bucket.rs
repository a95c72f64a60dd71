//! Whether the probes that a router left unanswered are just those that a limit would leave out.
//!
//! Linux sends ICMP errors out of a token bucket for each address that asks: one answer is earned in
//! a second and six are saved up (`icmp_ratelimit`, `XRLIM_BURST_FACTOR` in net/ipv4/icmp.c; IPv6 has
//! a half, a quarter, an eighth and a sixteenth of the second for wider routes, net/ipv6/icmp.c).
//! Such a limit leaves no choice: replayed with the moments at which the router was asked, it says of
//! nearly every probe whether it is answered.
//!
//! **How telling that is.** All sequences with as many unanswered probes in as many runs are equally
//! likely under any loss that depends on the probe before only, so random and bursty loss alike:
//! C(k-1, r-1) C(a-1, g-1) of them for k unanswered probes in r runs and a answered in g. Where a
//! witness lost nothing at all, bursts on the way are ruled out and all C(n, k) count.
//!
//! The replay reads a sequence as a code would: it says the fate of each probe beforehand, except where
//! the moment is too close to call; there 9/10 stand for what is reckoned and 1/10 for the other. Which
//! c of n probes contradict it is one of C(n, c), with the weight 9/10 · 10^-c beforehand, and each limit
//! that is tried has its own weight. So every sequence has a weight, and all of them together at most 1
//! (Kraft's inequality): the weight of what was seen times the number of what is equally likely says how
//! many times likelier a limit makes it than loss does. Under loss that number is 1 at most on average,
//! though the best limit is chosen after the fact: an e-value (V. Vovk and R. Wang, Annals of Statistics
//! 49 (2021) 1736).

use std::time::Duration;

use crate::stats::chance::ln_choose;
use crate::units::Moment;

/// A limit of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    /// One answer is earned in this time.
    pub(super) every: Duration,
    /// So many are saved up.
    pub(super) burst: u32,
}

/// Limits that are tried, each with its prior weight; they add up to 1.
const LIMITS: [(Limit, f64); 8] = [
    (limit(1_000_000, 6), 0.5),
    (limit(500_000, 6), 0.1),
    (limit(250_000, 6), 0.1),
    (limit(125_000, 6), 0.06),
    (limit(62_500, 6), 0.06),
    (limit(100_000, 6), 0.06),
    (limit(1_000_000, 1), 0.06),
    (limit(500_000, 1), 0.06),
];

const fn limit(micros: u64, burst: u32) -> Limit {
    Limit {
        every: Duration::from_micros(micros),
        burst,
    }
}

/// How far the moment at which a router was asked may be from what we reckon: jitter on the way and
/// the tick of its clock.
const SLACK: Duration = Duration::from_millis(20);

/// The probability of what is reckoned where it is too close to call: a kernel's tick is much longer
/// than the jitter of a local network.
const LIKELY: f64 = 0.9;

/// What rounding may make of a whole answer.
const ROUNDING: f64 = 1e-6;

/// Prior weight of one more contradiction.
const CONTRADICTION: f64 = 0.1;

/// One probe that a router had to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ask {
    /// When it left.
    pub(super) at: Moment,
    /// Whether it was answered.
    pub(super) answered: bool,
    /// Whether it counts in the figures of the hop; probes that overshot a target do not.
    pub(super) own: bool,
}

/// How well a limit explains what was left unanswered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    pub(super) limit: Limit,
    /// Unanswered probes of the hop that the limit accounts for.
    pub(super) accounted: u64,
    /// Probes that contradict it.
    pub(super) against: u64,
    /// How many times likelier it makes what was seen than loss does.
    pub(super) times: f64,
}

/// The limit that fits best; `None` when everything was answered or nothing.
pub(super) fn fit(asks: &[Ask], bursts_possible: bool) -> Option<Fit> {
    let answered = asks.iter().filter(|ask| ask.answered).count() as u64;
    let lost = asks.len() as u64 - answered;
    if answered == 0 || lost == 0 {
        return None;
    }
    let ln_ways = match bursts_possible {
        true => {
            let runs = |of: bool| {
                asks.chunk_by(|a, b| a.answered == b.answered)
                    .filter(|run| run.first().is_some_and(|ask| ask.answered == of))
                    .count() as u64
            };
            ln_choose(lost - 1, runs(false) - 1) + ln_choose(answered - 1, runs(true) - 1)
        }
        false => ln_choose(lost + answered, lost),
    };
    let fits = LIMITS.iter().map(|(limit, weight)| {
        let replay = replay(asks, *limit);
        let ln_weight = weight.ln()
            + replay.ln_open
            + replay.against as f64 * CONTRADICTION.ln()
            + (1.0 - CONTRADICTION).ln()
            - ln_choose(asks.len() as u64, replay.against);
        Fit {
            limit: *limit,
            accounted: replay.accounted,
            against: replay.against,
            times: (ln_ways + ln_weight).exp(),
        }
    });
    fits.max_by(|a, b| a.times.total_cmp(&b.times))
}

/// What a limit says of a sequence.
struct Replay {
    accounted: u64,
    against: u64,
    /// ln of the weight of what happened where it was too close to call.
    ln_open: f64,
}

/// Replays `limit`. A contradiction of one kind (unanswered though it could be) spends its answer all
/// the same: the answer may have been lost on the way back; if not, the next contradiction of the
/// other kind sets the count right.
fn replay(asks: &[Ask], limit: Limit) -> Replay {
    let slack = SLACK.as_secs_f64() / limit.every.as_secs_f64();
    let full = f64::from(limit.burst);
    let mut tokens = full;
    let mut before: Option<Moment> = None;
    let mut replay = Replay {
        accounted: 0,
        against: 0,
        ln_open: 0.0,
    };
    for ask in asks {
        let passed = before.map_or(Duration::ZERO, |before| ask.at.since(before));
        before = Some(ask.at);
        tokens = full.min(tokens + passed.as_secs_f64() / limit.every.as_secs_f64());
        let (can, must) = (tokens >= 1.0 - slack, tokens >= 1.0 + slack);
        if can && !must {
            let as_reckoned = ask.answered == (tokens >= 1.0 - ROUNDING);
            replay.ln_open += if as_reckoned { LIKELY } else { 1.0 - LIKELY }.ln();
        }
        replay.against += u64::from(if ask.answered { !can } else { must });
        if ask.answered || must {
            tokens = (tokens - 1.0).max(0.0);
        } else {
            replay.accounted += u64::from(ask.own);
        }
    }
    replay
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` probes `gap` ms apart, answered as `limit` has it, reckoned in whole milliseconds.
    fn limited(count: u64, gap: u64, every: u64, burst: u64) -> Vec<Ask> {
        let (mut saved, mut last) = (burst * every, 0);
        let ask = |number| {
            let at = number * gap;
            saved = (burst * every).min(saved + at - last);
            last = at;
            let answered = saved >= every;
            saved -= if answered { every } else { 0 };
            Ask {
                at: Moment(at * 1_000_000),
                answered,
                own: true,
            }
        };
        (0..count).map(ask).collect()
    }

    fn pattern(answered: &str, gap: u64) -> Vec<Ask> {
        let ask = |(at, c)| Ask {
            at: Moment(at as u64 * gap * 1_000_000),
            answered: c == '1',
            own: true,
        };
        answered.chars().enumerate().map(ask).collect()
    }

    #[test]
    fn a_linux_router_is_known_by_what_it_leaves_out() {
        // Six at once, one earned while five are asked: 1111111000 then 10000 10000 …
        for (gap, lost) in [(200, 36), (500, 20), (300, 30)] {
            let asks = limited(50, gap, 1000, 6);
            let fit = fit(&asks, true).unwrap();
            let unanswered = asks.iter().filter(|ask| !ask.answered).count() as u64;
            assert_eq!(fit.limit, limit(1_000_000, 6), "{gap}");
            assert_eq!((fit.against, fit.accounted), (0, unanswered), "{gap}");
            assert!(unanswered.abs_diff(lost) <= 2, "{gap}: {unanswered}");
            assert!(fit.times > 1e4, "{gap}: {}", fit.times);
        }
    }

    #[test]
    fn other_limits_are_found_too() {
        let found = |asks: &[Ask]| fit(asks, true).unwrap();
        // A Linux router towards an IPv6 /64, asked twenty times a second.
        let fit = found(&limited(60, 50, 250, 6));
        assert_eq!(fit.limit, limit(250_000, 6));
        assert!(fit.times > 1e3, "{}", fit.times);
        let fit = found(&limited(60, 200, 500, 1));
        assert_eq!(fit.limit, limit(500_000, 1));
        assert!(fit.times > 1e3, "{}", fit.times);
    }

    #[test]
    fn the_number_is_counted_by_hand() {
        // Ten asks at 200 ms: 6 saved and 0.2 earned each leave the last three out. Without bursts on
        // the way one of C(10, 3) = 120; weights 1/2 and 9/10.
        let asks = limited(10, 200, 1000, 6);
        assert_eq!(asks, pattern("1111111000", 200));
        let times = |bursts| fit(&asks, bursts).unwrap().times;
        assert!((times(false) - 120.0 * 0.5 * 0.9).abs() < 1e-9);
        // An outage at the end looks the same, and is the only sequence of its kind.
        assert!((times(true) - 0.5 * 0.9).abs() < 1e-12);
    }

    #[test]
    fn loss_and_outages_are_no_limit() {
        for asks in [
            pattern("10111011111010111101111011", 1000),
            pattern("11111111111100000000000011111", 200),
            pattern("1111111111111111111111111", 200),
        ] {
            let times = fit(&asks, true).map_or(0.0, |fit| fit.times);
            assert!(times < 2.0, "{times}");
        }
    }

    #[test]
    fn one_loss_more_does_not_hide_a_limit() {
        let mut asks = limited(60, 200, 1000, 6);
        asks[3].answered = false;
        let fit = fit(&asks, true).unwrap();
        assert!(fit.against >= 1 && fit.times > 1e3, "{fit:?}");
    }

    #[test]
    fn under_loss_the_number_is_one_at_most_on_average() {
        // All 2^16 sequences of 16 probes at 300 ms, by how many were answered: within each group all are
        // equally likely under random loss.
        let mut sums = [(0.0, 0u32); 17];
        for bits in 0u32..1 << 16 {
            let answered = |at: u32| if (bits >> at) & 1 == 1 { '1' } else { '0' };
            let asks = pattern(&(0..16).map(answered).collect::<String>(), 300);
            let sum = &mut sums[bits.count_ones() as usize];
            sum.0 += fit(&asks, false).map_or(0.0, |fit| fit.times);
            sum.1 += 1;
        }
        for (answered, (sum, count)) in sums.into_iter().enumerate() {
            assert!(
                sum <= f64::from(count),
                "{answered} answered: {sum} of {count}"
            );
        }
    }
}

//! What the round trips of an exchange take: slow start and the queue that they wait in.
//!
//! `T = T_PS + rounds · (RTT + q)`. The time by processor sharing ([`sharing`](super::sharing)) knows
//! only how a line is shared; a small transfer waits for its round trips instead. What a round trip
//! waits, `q = P(full) · (full queue + RTT)`, has one rule for every size, load and distance:
//!
//! - Senders double their windows until the queue overflows, so a class that is held back finds its
//!   drop-tail queue empty or full rather than in between. Packet by packet (ns-3 3.37, CUBIC, RTT 2
//!   ms, queue 24 ms) the mean queue at the beginning of a transfer is 0.1, 0.2, 0.33, 0.42, 0.5, 0.57,
//!   0.63, 0.69, 0.74 of the full one while processor sharing has 1 to 9 transfers: each more leaves
//!   0.86 to 0.9 of the room, 6/7 here.
//! - A full queue drops, and a drop takes a round trip to repair (fast retransmit, RFC 5681 section
//!   3.2): who meets a full queue waits for it and goes once more.
//!
//! **Held to packets** (`tests/response.rs`): ratio to processor sharing, 500 Mbit/s, lognormal sizes of
//! mean 500 kB and sigma 1.5, IW of 10 segments, queue 24 ms; the model's error by size class:
//!
//! | bytes | RTT 2 ms, load 0.5 | RTT 2 ms, load 0.7 | RTT 40 ms, load 0.7 |
//! |---|---|---|---|
//! | below 20 k | +18 % | -20 % | -10 % |
//! | 20 k to 100 k | +15 % | -9 % | -17 % |
//! | 100 k to 500 k | +14 % | -4 % | -12 % |
//! | 0.5 M to 2 M | +10 % | +8 % | -21 % |
//! | above 2 M | +7 % | +12 % | -8 % |
//!
//! The packets' figures are one run of about 1,000 transfers each. On the same 4,000 transfers, run by run
//! (`benches/peer/packet_tcp.sh`): RTT 40 ms, queue 24 ms, -18 to +18 %; RTT 10 ms, queue 96 ms, +2 to
//! +24 %; RTT 10 ms, queue 24 ms, -28 to -3 %; RTT 2 ms mostly within 24 %, down to -47 % in a run where
//! a few transfers waited for one timeout after another. 400 users of 20 Mbit/s each on the same line:
//! load 0.9, RTT 10 ms, -12 to +31 %; load 1.3, RTT 40 ms, where the mean queue was 82 % of the full one,
//! -13 to +34 %.
//!
//! **Limits.** Means, not tails: the last packet lost costs a timeout, 200 ms and more, which the mean
//! contains and no single transfer shows. Loss-based congestion control and a drop-tail queue: BBR or
//! active queue management keep it shorter. A queue shorter than half the RTT loses more than is told
//! here (6 ms at RTT 10 ms: 37 to 59 % too low). Transfers on a connection in use begin with a larger
//! window and need fewer rounds.

use statrs::distribution::{ContinuousCDF, Normal};

use super::range::{between, not_negative, positive};
use super::sharing::SHARERS;
use super::{OutOfRange, erlang};
use crate::units::Bytes;

const LOAD: (&str, &str) = ("负载", "the load");

/// Part of the room in a queue that one more transfer leaves.
const LEFT: f64 = 6.0 / 7.0;

/// Round trips of one exchange of `bytes` after a connection stands: `0.5 + ceil(log2(x / IW + 1))`.
///
/// Slow start doubles from the initial window `IW` (RFC 6928, RFC 5681 section 3.1), so `k` rounds
/// carry `IW (2^k - 1)`; half a round trip more is the way of the request, or of the last packet.
/// Arguments are those that [`mean_rounds`] has let pass: a negative size is none.
pub fn rounds(bytes: f64, initial_window: f64) -> f64 {
    0.5 + doublings(bytes.max(0.0) / initial_window)
}

/// Least whole `k` with `windows <= 2^k - 1`; exact, and the same on every machine.
fn doublings(windows: f64) -> f64 {
    const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;
    let bits = (windows + 1.0).to_bits();
    let power = (bits >> FRACTION) as f64 - 1023.0;
    let above = bits & ((1 << FRACTION) - 1) != 0;
    power + f64::from(u8::from(above))
}

/// Mean of [`rounds`] over a lognormal law of sizes with mean `mean` and coefficient of variation
/// `spread`: each round is needed with the chance that the ones before it do not carry the whole,
/// `0.5 + Σ P(x > IW (2^k - 1))`.
///
/// `mean` and `spread` 0 or more, `initial_window` above 0.
pub fn mean_rounds(mean: Bytes, spread: f64, initial_window: Bytes) -> Result<f64, OutOfRange> {
    let mean = not_negative(("平均字节数", "the mean size in bytes"), mean.0)?;
    let window = ("初始窗口字节数", "the initial window in bytes");
    let window = positive(window, initial_window.0)?;
    let unequal = ("大小的变异系数", "the spread of sizes");
    let variance = not_negative(unequal, spread)?.powi(2).ln_1p();
    if mean == 0.0 || variance == 0.0 {
        return Ok(rounds(mean, window));
    }
    let (middle, deviation) = (mean.ln() - variance / 2.0, variance.sqrt());
    let standard = Normal::standard();
    let needed = |carried: f64| standard.sf((carried.ln() - middle) / deviation);
    // Past 64 rounds a size would be 10^19 windows.
    let more = (1..64).map(|k| needed(window * (f64::from(k).exp2() - 1.0)));
    Ok(1.5 + more.sum::<f64>())
}

/// Chance that a packet finds the queue of a class full, `1 - (6/7)^n`, while `n` transfers hold the
/// class back (`is_held`: together they would take more than there is). Inside that it has no queue;
/// held by many it sits at its full queue.
pub fn full(is_held: bool, transfers: usize) -> f64 {
    match is_held {
        true => 1.0 - libm::pow(LEFT, transfers as f64),
        false => 0.0,
    }
}

/// Mean of [`full`] at load `load` of a class that `sharers` transfers at their cap would fill:
/// `C(R, Rρ) (1 - (6/7)^R (1-ρ) / (1 - 6ρ/7))`, `C` Erlang's.
///
/// A Poisson arrival finds the class held with that chance, and then a geometric number of transfers
/// beyond the `R` (M/G/R processor sharing, any law of sizes). From a load of 1 on it is always full.
/// `sharers` from 1, `load` 0 or more.
pub fn mean_full(sharers: f64, load: f64) -> Result<f64, OutOfRange> {
    between(SHARERS, sharers, 1.0, erlang::MOST_SERVERS)?;
    let load = not_negative(LOAD, load)?;
    if load >= 1.0 {
        return Ok(1.0);
    }
    let held = erlang::waiting(sharers * load, sharers)?;
    Ok(held * (1.0 - LEFT.powf(sharers) * (1.0 - load) / (1.0 - LEFT * load)))
}

/// Seconds that a round trip takes beyond `rtt` when it finds the queue full with chance `full`: the
/// wait in it, `full_queue` seconds, and the round trip that repairs what a full queue drops.
pub fn queue(full: f64, full_queue: f64, rtt: f64) -> f64 {
    full * (full_queue + rtt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn round_trips_by_hand() {
        // One small exchange: log2(1.07) rounds up to 1; nothing at all is half a round trip.
        assert_eq!(rounds(1000.0, 14_000.0), 1.5);
        assert_eq!(rounds(0.0, 14_000.0), 0.5);
        // Windows of 1, 2, 4 are 7 initial windows: exactly three rounds, and a byte more a fourth.
        assert_eq!(rounds(98_000.0, 14_000.0), 3.5);
        assert_eq!(rounds(98_001.0, 14_000.0), 4.5);
    }

    proptest! {
        #[test]
        fn the_rounds_before_the_last_do_not_carry_it(windows in 1e-9..1e9f64) {
            let k = doublings(windows);
            prop_assert!(windows <= k.exp2() - 1.0 + windows * 1e-12);
            prop_assert!(windows >= (k - 1.0).exp2() - 1.0 - 1e-12);
        }

        #[test]
        fn the_mean_is_the_integral(mean in 1e2..1e8f64, spread in 0.05..5.0f64) {
            // The midpoint rule over the normal variable behind the lognormal, fine enough for steps.
            let variance = (spread * spread).ln_1p();
            let (steps, end) = (200_000, 9.0);
            let width = 2.0 * end / f64::from(steps);
            let sum: f64 = (0..steps).map(|i| {
                let z = (f64::from(i) + 0.5) * width - end;
                let size = (mean.ln() - variance / 2.0 + variance.sqrt() * z).exp();
                rounds(size, 14_000.0) * (-z * z / 2.0).exp()
            }).sum();
            let wanted = sum * width / (2.0 * std::f64::consts::PI).sqrt();
            let found = mean_rounds(Bytes(mean), spread, Bytes(14_000.0))?;
            prop_assert!((found / wanted - 1.0).abs() < 1e-4, "{found} {wanted}");
        }
    }

    #[test]
    fn a_law_without_spread_is_its_mean() {
        let found = |mean, spread| mean_rounds(Bytes(mean), spread, Bytes(14_000.0)).unwrap();
        assert_eq!(found(98_000.0, 0.0), 3.5);
        assert_eq!(found(0.0, 1.0), 0.5);
        // 60 kB are 4.29 windows, 2.5 deviations of 10 % from 3 and more from 7: three doublings.
        assert!((found(60_000.0, 0.05) - 3.5).abs() < 1e-6);
    }

    #[test]
    fn a_class_has_no_queue_inside_what_it_can_give_and_its_full_one_when_saturated() {
        assert_eq!(full(false, 100), 0.0);
        assert_eq!(full(true, 1), 1.0 - 6.0 / 7.0);
        assert!(full(true, 60) > 0.9999);
        // Twelve rounds of 30 ms that meet 100 ms every time, and are made twice.
        let wait = queue(1.0, 0.1, 0.03);
        assert!((12.0 * (0.03 + wait) - 12.0 * 0.16).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_mean_queue_is_the_sum_over_the_states(sharers in 1u32..60, load in 0.01..0.97f64) {
            // States of M/M/R by their ratios, far beyond where they matter.
            let offered = f64::from(sharers) * load;
            let (mut state, mut sum, mut found_full) = (1.0, 1.0, 0.0);
            for n in 1..4000u32 {
                state *= offered / f64::from(n.min(sharers));
                sum += state;
                found_full += state * full(n >= sharers, n as usize);
            }
            let found = mean_full(f64::from(sharers), load)?;
            prop_assert!((found - found_full / sum).abs() < 1e-9, "{found} {}", found_full / sum);
        }
    }

    #[test]
    fn plain_processor_sharing_has_the_short_form() {
        // ρ/(7 - 6ρ), and one or more is always full.
        for load in [0.0, 0.5, 0.7, 0.9] {
            let found = mean_full(1.0, load).unwrap();
            assert!((found - load / (7.0 - 6.0 * load)).abs() < 1e-12);
        }
        assert_eq!(mean_full(3.0, 1.0).unwrap(), 1.0);
        assert_eq!(mean_full(3.0, 7.0).unwrap(), 1.0);
    }

    #[test]
    fn arguments_outside_are_refused() {
        assert!(mean_full(0.9, 0.5).is_err());
        assert!(mean_full(2.0, -0.1).is_err());
        assert!(mean_full(2.0, f64::NAN).is_err());
        let found = |mean, spread, window| mean_rounds(Bytes(mean), spread, Bytes(window));
        assert!(found(-1.0, 1.0, 1.0).is_err());
        assert!(found(1.0, -1.0, 1.0).is_err());
        assert!(found(1.0, 1.0, 0.0).is_err());
        assert!(found(f64::NAN, 1.0, 1.0).is_err());
        assert!(found(1.0, f64::INFINITY, 1.0).is_err());
    }
}

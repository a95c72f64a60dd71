//! What the round trips of an exchange take: slow start and the queue that they wait in.
//!
//! `T = T_PS + rounds · (RTT + q)`: the time by processor sharing ([`sharing`](super::sharing)) knows
//! only how the line is shared; small transfers wait for round trips instead.

use statrs::distribution::{ContinuousCDF, Normal};

use super::OutOfRange;
use super::range::{not_negative, positive};
use crate::units::Bytes;

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

/// Chance that a packet finds the queue of a class full: `1 - (6/7)^n` while `n` transfers hold the
/// class back (`is_held`: they would take more), 0 inside what the class can give, 1 for very many.
pub fn full(is_held: bool, transfers: usize) -> f64 {
    match is_held {
        true => 1.0 - libm::pow(LEFT, transfers as f64),
        false => 0.0,
    }
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
    fn arguments_outside_are_refused() {
        let found = |mean, spread, window| mean_rounds(Bytes(mean), spread, Bytes(window));
        assert!(found(-1.0, 1.0, 1.0).is_err());
        assert!(found(1.0, -1.0, 1.0).is_err());
        assert!(found(1.0, 1.0, 0.0).is_err());
        assert!(found(f64::NAN, 1.0, 1.0).is_err());
        assert!(found(1.0, f64::INFINITY, 1.0).is_err());
    }
}

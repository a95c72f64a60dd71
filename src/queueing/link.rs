//! The capacity a link needs so that its fluctuation, not only its mean, fits.

use statrs::distribution::{ContinuousCDF, Normal};

use super::OutOfRange;
use super::range::{inside, not_negative, positive};
use crate::units::{BitRate, Bytes, Fraction, Seconds};

const MEAN: (&str, &str) = ("平均速率（bit/s）", "the mean rate in bit/s");
const OVERFLOW: (&str, &str) = ("允许的超限概率", "the allowed chance of overflow");

/// Capacity so that the rate averaged over the chosen time exceeds it with chance at most `overflow`:
/// `m + sd √(-2 ln ε)` (van den Berg, Mandjes and Pras 2006; the Chernoff bound of the normal law).
///
/// Holds where many independent users add up, so that the rate over that time is near normal: **an
/// approximation** otherwise. `deviation` is the standard deviation over the same averaging time.
pub fn gaussian(
    mean: BitRate,
    deviation: BitRate,
    overflow: Fraction,
) -> Result<BitRate, OutOfRange> {
    let mean = not_negative(MEAN, mean.0)?;
    let sd = not_negative(
        ("速率标准差（bit/s）", "the standard deviation in bit/s"),
        deviation.0,
    )?;
    let overflow = inside(OVERFLOW, overflow.0)?;
    Ok(BitRate(mean + sd * (-2.0 * overflow.ln()).sqrt()))
}

/// Self-similar traffic: amount in `t` seconds is `m t` plus noise of variance `a m t^{2H}`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FractionalTraffic {
    /// Mean rate `m`, above 0.
    pub mean: BitRate,
    /// Variance coefficient `a`: variance over one second divided by the mean rate, above 0.
    pub variance: Bytes,
    /// Hurst parameter `H`, from 0.5 (no memory) to below 1.
    pub hurst: f64,
}

impl FractionalTraffic {
    /// Capacity at which a buffer of `buffer` overflows with chance about `overflow`:
    /// `m + (κ√(-2 ln ε))^{1/H} a^{1/2H} B^{-(1-H)/H} m^{1/2H}`, `κ = H^H (1-H)^{1-H}` (Norros 1994).
    /// **An approximation**: the large-buffer form of fractional Brownian traffic.
    pub fn norros(&self, buffer: Bytes, overflow: Fraction) -> Result<BitRate, OutOfRange> {
        let mean = positive(MEAN, self.mean.0)?;
        let a = positive(
            ("方差系数（字节）", "the variance coefficient in bytes"),
            self.variance.0,
        )?;
        let buffer = positive(("缓冲区字节数", "the buffer in bytes"), buffer.0)?;
        let overflow = inside(OVERFLOW, overflow.0)?;
        let h = super::range::between(
            ("赫斯特参数", "the Hurst parameter"),
            self.hurst,
            0.5,
            0.999,
        )?;
        let kappa = h.powf(h) * (1.0 - h).powf(1.0 - h);
        let room = (kappa * (-2.0 * overflow.ln()).sqrt()).powf(1.0 / h)
            * (a * 8.0 * mean).powf(0.5 / h)
            * (buffer * 8.0).powf(-(1.0 - h) / h);
        Ok(BitRate(mean + room))
    }
}

/// Transfers that arrive as a Poisson stream, each at a constant rate until it ends (shot noise).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transfers {
    /// Mean rate of all together, 0 or more.
    pub mean: BitRate,
    /// Mean size of one, above 0.
    pub size: Bytes,
    /// Coefficient of variation of the size (lognormal), 0 or more.
    pub cv: f64,
    /// Rate of one while it lasts, above 0.
    pub each: BitRate,
}

impl Transfers {
    /// Standard deviation of the total rate averaged over a time `window`, 0 or more (0 is the rate at
    /// an instant).
    ///
    /// Derivation. Arrivals at rate `λ`; one transfer of size `B` is a pulse of height `r` and length
    /// `d = B/r`. In a window `[0, T]` a pulse that starts at `u` is `r·o(u)` long, `o` the overlap of
    /// `[u, u+d]` with the window, so by Campbell's theorem the variance of the average is
    /// `λ r²/T² E ∫ o(u)² du`. The overlap is a trapezoid of height `min(d, T)` and base `d + T`: two
    /// ramps of that length each and a plateau of `|T - d|`, hence
    ///
    /// `∫ o² = d²(T - d/3)` for `d ≤ T`, `T²(d - T/3)` for `d > T`.
    ///
    /// The two meet at `d = T`; `T → 0` gives `λ r² d`, the variance of M/G/∞. The mean over a lognormal
    /// `d` needs no quadrature: `E[dᵏ; d ≤ T] = E[dᵏ] Φ((ln T - μ)/σ - kσ)`.
    ///
    /// Holds while the transfers do not slow one another down, that is below the link's capacity.
    pub fn deviation(&self, window: Seconds) -> Result<BitRate, OutOfRange> {
        let mean = not_negative(MEAN, self.mean.0)?;
        let size = positive(
            ("传输字节数", "the size of a transfer in bytes"),
            self.size.0,
        )? * 8.0;
        let cv = not_negative(("大小的变异系数", "the variation of the size"), self.cv)?;
        let each = positive(
            ("单个传输速率（bit/s）", "the rate of one transfer in bit/s"),
            self.each.0,
        )?;
        let window = not_negative(
            ("平均窗口（s）", "the averaging window in seconds"),
            window.0,
        )?;
        let arrivals = mean / size;
        let length = size / each;
        // E[o²]/T², the mean square overlap as a part of the window, integrated over starts.
        let square = if window == 0.0 {
            length
        } else if cv == 0.0 {
            overlap_square(length, window)
        } else {
            lognormal_overlap_square(length, cv, window)
        };
        Ok(BitRate((arrivals * square).sqrt() * each))
    }
}

/// `∫ o² du / T²` for one pulse of length `d` and a window `T`.
fn overlap_square(d: f64, t: f64) -> f64 {
    if d <= t {
        d * d * (1.0 - d / (3.0 * t)) / t
    } else {
        d - t / 3.0
    }
}

/// The mean of [`overlap_square`] over lognormal lengths of mean `d` and coefficient of variation `cv`.
fn lognormal_overlap_square(d: f64, cv: f64, t: f64) -> f64 {
    let variance = (cv * cv).ln_1p();
    let sigma = variance.sqrt();
    let mu = d.ln() - variance / 2.0;
    let edge = (t.ln() - mu) / sigma;
    let standard = Normal::standard();
    let moment = |k: f64| (k * mu + k * k * variance / 2.0).exp();
    let below = |k: f64| moment(k) * standard.cdf(edge - k * sigma);
    let above = |k: f64| moment(k) * standard.sf(edge - k * sigma);
    (below(2.0) - below(3.0) / (3.0 * t)) / t + above(1.0) - above(0.0) * t / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn norros_has_the_known_value() {
        let traffic = FractionalTraffic {
            mean: BitRate::mbit(286.0),
            variance: Bytes(1.5e6 / 8.0),
            hurst: 0.8,
        };
        let need = traffic.norros(Bytes(25e6 / 8.0), Fraction(1e-3)).unwrap();
        assert!((need.as_mbit() / 340.5604103856332 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_instant_is_the_infinite_server_and_a_long_window_the_law_of_large_numbers() {
        // 100 arrivals a second, each 0.1 s at 1 Mbit/s: Poisson(10) at once.
        let transfers = Transfers {
            mean: BitRate::mbit(10.0),
            size: Bytes(12_500.0),
            cv: 0.0,
            each: BitRate::mbit(1.0),
        };
        let instant = transfers.deviation(Seconds(0.0)).unwrap().as_mbit();
        assert!((instant - 10f64.sqrt()).abs() < 1e-12);
        // Over a long window each pulse counts whole: sd = size √(λ/T) (and d/3T less variance).
        let long = transfers.deviation(Seconds(1e4)).unwrap().as_mbit();
        assert!((long - 0.1 * (100.0f64 / 1e4).sqrt()).abs() < 1e-5 * long);
    }

    #[test]
    fn arguments_outside_are_refused() {
        let mbit = BitRate::mbit(1.0);
        assert!(gaussian(mbit, mbit, Fraction(0.0)).is_err());
        assert!(gaussian(BitRate(f64::NAN), mbit, Fraction(0.1)).is_err());
        let transfers = Transfers {
            mean: mbit,
            size: Bytes(0.0),
            cv: 1.0,
            each: mbit,
        };
        assert!(transfers.deviation(Seconds(1.0)).is_err());
        let traffic = FractionalTraffic {
            mean: mbit,
            variance: Bytes(1.0),
            hurst: 1.0,
        };
        assert!(traffic.norros(Bytes(1.0), Fraction(0.1)).is_err());
    }

    proptest! {
        #[test]
        fn the_partial_moments_are_the_integral(d in 0.01..10.0f64, cv in 0.1..2.5f64, t in 0.01..10.0f64) {
            // Simpson over the normal variable behind the lognormal, split at the kink d = T.
            let variance: f64 = (cv * cv).ln_1p();
            let (sigma, mu) = (variance.sqrt(), d.ln() - variance / 2.0);
            let kink = ((t.ln() - mu) / sigma).clamp(-12.0, 16.0);
            let simpson = |low: f64, high: f64| {
                let steps = 4000;
                let width = (high - low) / f64::from(steps);
                (0..=steps).map(|i| {
                    let weight = if i == 0 || i == steps { 1.0 } else if i % 2 == 1 { 4.0 } else { 2.0 };
                    let z = low + f64::from(i) * width;
                    weight * overlap_square((mu + sigma * z).exp(), t) * (-z * z / 2.0).exp()
                }).sum::<f64>() * width / 3.0
            };
            let wanted = (simpson(-12.0, kink) + simpson(kink, 16.0)) / (2.0 * std::f64::consts::PI).sqrt();
            let found = lognormal_overlap_square(d, cv, t);
            prop_assert!((found / wanted - 1.0).abs() < 1e-8, "{found} {wanted}");
        }

        #[test]
        fn a_longer_window_smooths(cv in 0.0..3.0f64, window in 0.0..10.0f64, more in 0.001..5.0f64) {
            let transfers = Transfers {
                mean: BitRate::mbit(286.0), size: Bytes(5e5), cv, each: BitRate::mbit(10.0),
            };
            let here = transfers.deviation(Seconds(window))?;
            prop_assert!(transfers.deviation(Seconds(window + more))?.0 <= here.0 * (1.0 + 1e-9));
        }
    }
}

//! One link shared equally by all its transfers: processor sharing (PS), with or without a cap on what
//! one transfer can take.

use super::OutOfRange;
use super::erlang;
use super::range::{between, not_negative, positive, stable};
use crate::units::{BitRate, Seconds};

const ALONE: (&str, &str) = (
    "独占传输时间（s）",
    "the time the transfer takes alone, in seconds",
);

pub(super) const SHARERS: (&str, &str) = (
    "链路容量与单用户上限之比",
    "the link's capacity over the per-user cap",
);

/// A link at load `load` shared equally by Poisson transfers that take `mean` seconds each when alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SharedLink {
    load: f64,
    mean: f64,
}

impl SharedLink {
    /// `load` from 0 to below 1; `mean` above 0.
    pub fn new(load: f64, mean: Seconds) -> Result<SharedLink, OutOfRange> {
        Ok(SharedLink {
            load: stable(load)?,
            mean: positive(ALONE, mean.0)?,
        })
    }

    /// How many times longer than alone any transfer takes in the mean: `1/(1-ρ)`, whatever the law of
    /// sizes (Kleinrock 1967; Sakata, Noguchi and Oizumi 1969).
    pub fn slowdown(&self) -> f64 {
        1.0 / (1.0 - self.load)
    }

    /// Mean time of a transfer that takes `alone` by itself: `x/(1-ρ)`, any law of sizes.
    pub fn mean_given(&self, alone: Seconds) -> Result<Seconds, OutOfRange> {
        Ok(Seconds(not_negative(ALONE, alone.0)? * self.slowdown()))
    }

    /// Mean time over all transfers.
    pub fn mean(&self) -> Seconds {
        Seconds(self.mean * self.slowdown())
    }

    /// Variance (s²) of the time over all transfers when sizes are exponential:
    /// `s² (2+ρ) / ((2-ρ)(1-ρ)²)` (Coffman, Muntz and Trotter 1970).
    pub fn variance(&self) -> f64 {
        let free = 1.0 - self.load;
        self.mean * self.mean * (2.0 + self.load) / ((2.0 - self.load) * free * free)
    }

    /// Variance (s²) of the time of a transfer that takes `alone` by itself, among exponential sizes:
    /// `s² 2ρ/(1-ρ)³ (x - (1 - e^{-(1-ρ)x})/(1-ρ))`, `x` in mean sizes (Ott 1984; Yashkov 1987).
    pub fn variance_given(&self, alone: Seconds) -> Result<f64, OutOfRange> {
        let free = 1.0 - self.load;
        let y = free * not_negative(ALONE, alone.0)? / self.mean;
        // y - (1 - e^{-y}) cancels for a small transfer; its series does not.
        let excess = if y < 1e-2 {
            y * y / 2.0 * (1.0 - y / 3.0 * (1.0 - y / 4.0 * (1.0 - y / 5.0 * (1.0 - y / 6.0))))
        } else {
            y + (-y).exp_m1()
        };
        Ok(self.mean * self.mean * 2.0 * self.load / free.powi(4) * excess)
    }
}

/// How many transfers at their `cap` fill a link of `capacity`: `R`, 1 or more, for a cap above the
/// capacity is the capacity.
pub fn sharers(capacity: BitRate, cap: BitRate) -> Result<f64, OutOfRange> {
    let capacity = positive(("链路容量（bit/s）", "the capacity in bit/s"), capacity.0)?;
    let cap = positive(("单用户上限（bit/s）", "the per-user cap in bit/s"), cap.0)?;
    Ok(capacity / cap.min(capacity))
}

/// How many times longer than alone a transfer takes on a link that `sharers` transfers at their cap
/// would fill, at load `load`: `f = 1 + C(R, Rρ) / (R(1-ρ))`, `C` Erlang's (Lindberger 1999; Riedl et
/// al. 2000).
///
/// The operators' rule for elastic traffic. Exact for `R = 1` (then `1/(1-ρ)`) and for whole `R` with
/// equal caps (M/G/R-PS is insensitive to the size law); fractional `R` continues Erlang B. `sharers`
/// from 1: a cap above the link is the link.
pub fn capped_slowdown(sharers: f64, load: f64) -> Result<f64, OutOfRange> {
    between(SHARERS, sharers, 1.0, erlang::MOST_SERVERS)?;
    let load = stable(load)?;
    let waits = erlang::waiting(sharers * load, sharers)?;
    Ok(1.0 + waits / (sharers * (1.0 - load)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: f64, wanted: f64, relative: f64) {
        assert!(
            (found - wanted).abs() <= relative * wanted.abs(),
            "{found} is not {wanted}"
        );
    }

    /// Values to 17 digits from the formulas by an arbitrary-precision library.
    #[test]
    fn known_values() {
        let link = SharedLink::new(0.7, Seconds(1.0)).unwrap();
        close(
            link.variance_given(Seconds(2.0)).unwrap(),
            25.720529695263828,
            1e-12,
        );
        close(
            capped_slowdown(25.0, 0.9).unwrap(),
            1.2031692116831055,
            1e-12,
        );
        close(
            capped_slowdown(13.75, 0.85).unwrap(),
            1.2255659384900516,
            1e-12,
        );
    }

    proptest! {
        #[test]
        fn one_sharer_is_plain_processor_sharing(load in 0.0..0.999f64) {
            let link = SharedLink::new(load, Seconds(1.0))?;
            close(capped_slowdown(1.0, load)?, link.slowdown(), 1e-12);
        }

        #[test]
        fn a_lower_cap_is_felt_less(load in 0.05..0.98f64, sharers in 1.0..200.0f64) {
            prop_assert!(capped_slowdown(sharers * 1.1, load)? <= capped_slowdown(sharers, load)?);
        }

        #[test]
        fn the_variance_is_that_of_its_parts(load in 0.0..0.95f64) {
            // Var T = E Var[T|x] + Var E[T|x] over exponential sizes; Simpson over e^{-x}.
            let link = SharedLink::new(load, Seconds(1.0))?;
            let (steps, end) = (4000, 60.0);
            let width = end / f64::from(steps);
            let mut inner = 0.0;
            for i in 0..=steps {
                let weight = if i == 0 || i == steps { 1.0 } else if i % 2 == 1 { 4.0 } else { 2.0 };
                let x = f64::from(i) * width;
                inner += weight * (-x).exp() * link.variance_given(Seconds(x))?;
            }
            let whole = inner * width / 3.0 + link.slowdown().powi(2);
            close(whole, link.variance(), 1e-7);
        }

        #[test]
        fn the_series_for_small_transfers_joins_the_formula(load in 0.0..0.99f64) {
            let link = SharedLink::new(load, Seconds(1.0))?;
            let edge = 1e-2 / (1.0 - load);
            let below = link.variance_given(Seconds(edge * (1.0 - 1e-9)))?;
            let above = link.variance_given(Seconds(edge * (1.0 + 1e-9)))?;
            prop_assert!((above - below).abs() <= 1e-8 * above);
        }
    }
}

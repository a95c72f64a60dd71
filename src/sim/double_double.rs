//! A number kept as the unevaluated sum of two doubles: 106 bits where `f64` has 53.
//!
//! A simulated clock needs them. After 3 hours a double tells moments 2e-12 s apart, and a transfer
//! of 1 kB at 500 Mbit/s takes 1.6e-5 s: its duration would have seven digits. Clocks here are sums
//! of millions of small steps, so what each step loses must not be seen in the differences.
//!
//! Only additions and subtractions, which every machine rounds alike: T. J. Dekker, Numerische
//! Mathematik 18 (1971) 224; D. E. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B.

use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Sub};

/// `high + low`, where `high` is the double nearest to the sum.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DoubleDouble {
    high: f64,
    low: f64,
}

impl DoubleDouble {
    /// Zero.
    pub const ZERO: DoubleDouble = DoubleDouble {
        high: 0.0,
        low: 0.0,
    };

    /// Later than every moment. Ordered, never added to.
    pub const NEVER: DoubleDouble = DoubleDouble {
        high: f64::INFINITY,
        low: 0.0,
    };

    /// The double nearest to it.
    pub fn nearest(self) -> f64 {
        self.high
    }

    /// Whether it is a number, not [`DoubleDouble::NEVER`].
    pub fn is_finite(self) -> bool {
        self.high.is_finite()
    }
}

impl From<f64> for DoubleDouble {
    fn from(value: f64) -> DoubleDouble {
        DoubleDouble {
            high: value,
            low: 0.0,
        }
    }
}

/// The sum as a double, and exactly what that double leaves out.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

impl Add<f64> for DoubleDouble {
    type Output = DoubleDouble;

    fn add(self, step: f64) -> DoubleDouble {
        let (sum, left_out) = two_sum(self.high, step);
        let low = self.low + left_out;
        // `low` is below half a unit in the last place of `sum`, or nearly: one step renormalises.
        let high = sum + low;
        DoubleDouble {
            high,
            low: low - (high - sum),
        }
    }
}

impl AddAssign<f64> for DoubleDouble {
    fn add_assign(&mut self, step: f64) {
        *self = *self + step;
    }
}

impl Add for DoubleDouble {
    type Output = DoubleDouble;

    fn add(self, other: DoubleDouble) -> DoubleDouble {
        (self + other.high) + other.low
    }
}

/// How far apart two are, to the precision of a double however close they lie together.
impl Sub for DoubleDouble {
    type Output = f64;

    fn sub(self, other: DoubleDouble) -> f64 {
        let (difference, left_out) = two_sum(self.high, -other.high);
        difference + (left_out + (self.low - other.low))
    }
}

impl Eq for DoubleDouble {}

impl Ord for DoubleDouble {
    /// No part is ever NaN, and -0 is 0.
    fn cmp(&self, other: &DoubleDouble) -> Ordering {
        let order = |a: f64, b: f64| a.partial_cmp(&b).unwrap_or(Ordering::Equal);
        order(self.high, other.high).then_with(|| order(self.low, other.low))
    }
}

impl PartialOrd for DoubleDouble {
    fn partial_cmp(&self, other: &DoubleDouble) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_million_steps_that_a_double_would_lose_are_kept() {
        // 2^-60 added to 1 is lost in a double. A million of them are a million times 2^-60.
        let tiny = 2f64.powi(-60);
        let mut clock = DoubleDouble::from(1.0);
        for _ in 0..1_000_000 {
            clock += tiny;
        }
        assert_eq!(clock - DoubleDouble::from(1.0), 1e6 * tiny);
        assert_eq!(1.0 + tiny, 1.0);
    }

    proptest! {
        /// On whole numbers below 2^100 integer arithmetic is the exact second formula.
        #[test]
        fn sums_of_whole_numbers_are_exact(
            steps in prop::collection::vec(-(1i64 << 50)..1i64 << 50, 1..50), scale in 0u32..45,
        ) {
            let mut sum = DoubleDouble::from(2f64.powi(60));
            let mut exact = 1i128 << 60;
            for (at, step) in steps.iter().enumerate() {
                let shift = if at % 2 == 0 { scale } else { 0 };
                sum += *step as f64 * 2f64.powi(shift as i32);
                exact += i128::from(*step) << shift;
            }
            let high = sum.nearest() as i128;
            let rest = sum - DoubleDouble::from(sum.nearest());
            prop_assert_eq!(high + rest as i128, exact);
        }

        #[test]
        fn order_is_the_order_of_the_differences(a in -1e9..1e9f64, b in -1e-9..1e-9f64) {
            let (left, right) = (DoubleDouble::from(a) + b, DoubleDouble::from(a));
            prop_assert_eq!(Some(left.cmp(&right)), b.partial_cmp(&0.0));
            // 106 bits of 1e9 leave 1e-23.
            prop_assert!((left - right - b).abs() <= 1e-15 * b.abs() + 1e-23);
        }
    }
}

//! Student's t: how wide an interval from few batches must be.

use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};

use super::OutOfRange;
use super::range::{between, inside};

/// The `p` quantile of Student's t with `degrees` degrees of freedom; 20 batches have 19.
///
/// The library's inverse works to an absolute tolerance and fails in the far tail, its distribution
/// function does not: the inverse only starts Newton's steps here. `p` strictly between 0 and 1 and no
/// nearer to either than 1e-9, `degrees` from 1 to a million.
pub fn quantile(p: f64, degrees: f64) -> Result<f64, OutOfRange> {
    const P: (&str, &str) = ("分位概率", "the probability of the quantile");
    between(P, inside(P, p)?, 1e-9, 1.0 - 1e-9)?;
    let degrees = between(("自由度", "the degrees of freedom"), degrees, 1.0, 1e6)?;
    let Ok(law) = StudentsT::new(0.0, 1.0, degrees) else {
        return Err(OutOfRange::Unsettled { iterations: 0 });
    };
    // The law is symmetric: always work in the upper half, where `sf` keeps its digits.
    let above = p.min(1.0 - p);
    if above == 0.5 {
        return Ok(0.0);
    }
    let (mut low, mut high) = (0.0, 1.0);
    while law.sf(high) > above {
        (low, high) = (high, high * 2.0);
    }
    let mut t = (low + high) / 2.0;
    const MOST: usize = 200;
    for _ in 0..MOST {
        let excess = law.sf(t) - above;
        if excess > 0.0 {
            low = t;
        } else {
            high = t;
        }
        let step = t + excess / law.ln_pdf(t).exp();
        let next = if step > low && step < high {
            step
        } else {
            (low + high) / 2.0
        };
        // Newton's step squares the error: one this small leaves only the noise of `sf`, some 1e-12,
        // below which steps would wander for ever.
        if (next - t).abs() <= 1e-11 * t.max(0.1) {
            return Ok(if p < 0.5 { -next } else { next });
        }
        t = next;
    }
    Err(OutOfRange::Unsettled { iterations: MOST })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_degree_is_cauchy_and_two_have_a_closed_form() {
        for p in [1e-9, 0.001, 0.3, 0.5, 0.8, 0.975, 0.999_999] {
            let cauchy = -1.0 / (std::f64::consts::PI * p).tan();
            assert!(
                (quantile(p, 1.0).unwrap() - cauchy).abs() <= 1e-9 * cauchy.abs() + 1e-12,
                "{p}"
            );
            let two = (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt();
            assert!(
                (quantile(p, 2.0).unwrap() - two).abs() <= 1e-9 * two.abs() + 1e-12,
                "{p}"
            );
        }
    }

    #[test]
    fn arguments_outside_are_refused() {
        assert!(quantile(1.0, 5.0).is_err());
        assert!(quantile(f64::NAN, 5.0).is_err());
        assert!(quantile(0.5, 0.0).is_err());
    }

    proptest! {
        #[test]
        fn the_two_tails_mirror(p in 1e-6..0.5f64, degrees in 1.0..1e4f64) {
            let sum = quantile(p, degrees)? + quantile(1.0 - p, degrees)?;
            prop_assert!(sum.abs() < 1e-8);
        }
    }
}

//! How users and devices grow over a horizon: a curve of [`queueing::growth`](crate::queueing::growth)
//! held below a saturation, or a measured series.

use crate::queueing::OutOfRange;
use crate::queueing::growth::Growth as Curve;
use crate::units::YearMonth;

/// A law of growth, as a number over the months since the start.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// Nothing changes, and no number is given.
    Constant,
    /// A curve over years, added to `base` and never above `saturation`.
    Curve {
        /// The curve, with time in years.
        curve: Curve,
        /// Number that the curve is added to (Bass starts from nobody).
        base: f64,
        /// Highest number; infinite when there is none.
        saturation: f64,
    },
    /// Months since the start with their numbers, in order: straight lines between, flat outside.
    Series(Vec<(f64, f64)>),
}

/// Growth over a horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// First month, when it is known.
    pub from: Option<YearMonth>,
    /// Months to look ahead; 0: only the first.
    pub months: u32,
    /// Accounts.
    pub accounts: Law,
    /// Devices of one person.
    pub devices: Law,
}

impl Growth {
    /// Only now.
    pub fn none() -> Growth {
        Growth {
            from: None,
            months: 0,
            accounts: Law::Constant,
            devices: Law::Constant,
        }
    }
}

impl Law {
    /// The number at `months` after the start; `None` where nothing is known to grow.
    pub fn number(&self, months: f64) -> Result<Option<f64>, OutOfRange> {
        Ok(match self {
            Law::Constant => None,
            Law::Curve {
                curve,
                base,
                saturation,
            } => Some((base + curve.at(months / 12.0)?).min(*saturation)),
            Law::Series(points) => Some(along(points, months)),
        })
    }

    /// The number at `months` over the number at the start.
    pub fn factor(&self, months: f64) -> Result<f64, OutOfRange> {
        Ok(match (self.number(0.0)?, self.number(months)?) {
            (Some(start), Some(then)) if start > 0.0 => then / start,
            _ => 1.0,
        })
    }
}

/// Straight lines between points, flat before the first and after the last.
fn along(points: &[(f64, f64)], at: f64) -> f64 {
    let after = points.partition_point(|(month, _)| *month < at);
    match (
        after.checked_sub(1).and_then(|before| points.get(before)),
        points.get(after),
    ) {
        (Some((from, low)), Some((to, high))) => low + (high - low) * (at - from) / (to - from),
        (Some((_, only)), None) | (None, Some((_, only))) => *only,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_stops_at_saturation() {
        let law = Law::Curve {
            curve: Curve::Linear {
                now: 63_212.0,
                slope: 16_788.0,
            },
            base: 0.0,
            saturation: 80_000.0,
        };
        let number = |months: f64| law.number(months).unwrap().unwrap();
        assert_eq!(number(0.0), 63_212.0);
        assert!((number(6.0) - 71_606.0).abs() < 1e-6);
        assert!((number(12.0) - 80_000.0).abs() < 1e-6);
        assert_eq!(number(36.0), 80_000.0);
        assert!((law.factor(12.0).unwrap() - 80_000.0 / 63_212.0).abs() < 1e-12);
    }

    #[test]
    fn a_series_is_straight_between_and_flat_outside() {
        let law = Law::Series(vec![(0.0, 100.0), (12.0, 160.0), (24.0, 160.0)]);
        let number = |months: f64| law.number(months).unwrap().unwrap();
        assert_eq!(
            (number(3.0), number(12.0), number(99.0)),
            (115.0, 160.0, 160.0)
        );
        assert_eq!(Law::Constant.factor(9.0), Ok(1.0));
    }

    #[test]
    fn adoption_starts_from_those_who_have_it() {
        let law = Law::Curve {
            curve: Curve::Bass {
                market: 1000.0,
                innovation: 0.03,
                imitation: 0.38,
            },
            base: 500.0,
            saturation: 1500.0,
        };
        assert_eq!(law.number(0.0), Ok(Some(500.0)));
        // F(5) for p = 0.03, q = 0.38 (Bass 1969).
        let after = law.number(60.0).unwrap().unwrap();
        assert!((after - (500.0 + 1000.0 * 0.331_198_642_491_373_5)).abs() < 1e-6);
    }
}

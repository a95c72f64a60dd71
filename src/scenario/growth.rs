//! How users and devices grow over a horizon.

use crate::units::YearMonth;

/// A law of growth, as a number over the months since the start.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// Nothing changes.
    Constant,
    /// `start + add * years`, never above `saturation`.
    Linear {
        /// Number at the start.
        start: f64,
        /// How many more each year.
        add_per_year: f64,
        /// Highest number; infinite when there is none.
        saturation: f64,
    },
    /// `start * (1 + rate)^years`, never above `saturation`.
    Exponential {
        /// Number at the start.
        start: f64,
        /// Part more each year.
        per_year: f64,
        /// Highest number; infinite when there is none.
        saturation: f64,
    },
    /// Verhulst's curve.
    Logistic {
        /// Number at the start.
        start: f64,
        /// Rate a year.
        per_year: f64,
        /// Number that is approached.
        saturation: f64,
    },
    /// Bass's adoption, from `start` towards `saturation`.
    Bass {
        /// Number at the start.
        start: f64,
        /// Coefficient of innovation, a year.
        innovation: f64,
        /// Coefficient of imitation, a year.
        imitation: f64,
        /// Number that is approached.
        saturation: f64,
    },
    /// Months since the start with their numbers, in order.
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
    /// The number at `months` after the start; 1 for [`Law::Constant`].
    pub fn at(&self, months: f64) -> f64 {
        let years = months / 12.0;
        match self {
            Law::Constant => 1.0,
            Law::Linear {
                start,
                add_per_year,
                saturation,
            } => (start + add_per_year * years).min(*saturation).max(0.0),
            Law::Exponential {
                start,
                per_year,
                saturation,
            } => (start * (1.0 + per_year).powf(years)).min(*saturation),
            Law::Logistic {
                start,
                per_year,
                saturation,
            } => saturation / (1.0 + (saturation / start - 1.0) * (-per_year * years).exp()),
            Law::Bass {
                start,
                innovation,
                imitation,
                saturation,
            } => {
                let rate = innovation + imitation;
                let fall = (-rate * years).exp();
                let adopted = (1.0 - fall) / (1.0 + imitation / innovation * fall);
                start + (saturation - start) * adopted
            }
            Law::Series(points) => along(points, months),
        }
    }

    /// The number at `months` over the number at the start.
    pub fn factor(&self, months: f64) -> f64 {
        let start = self.at(0.0);
        match start > 0.0 {
            true => self.at(months) / start,
            false => 1.0,
        }
    }
}

/// Straight lines between points, flat before the first and after the last.
fn along(points: &[(f64, f64)], at: f64) -> f64 {
    let after = points.iter().position(|(month, _)| *month >= at);
    match (after, points.last()) {
        (_, None) => 1.0,
        (None, Some((_, last))) => *last,
        (Some(0), _) => points[0].1,
        (Some(after), _) => {
            let ((from, low), (to, high)) = (points[after - 1], points[after]);
            low + (high - low) * (at - from) / (to - from)
        }
    }
}

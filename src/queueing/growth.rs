//! A demand that grows: how large it is at a time, and when it reaches a level, which may be never.
//!
//! Time is in whatever unit the rate is per (years for a rate per year) and starts at 0, today.

use super::OutOfRange;
use super::range::{between, finite, not_negative, positive};

/// When a growing demand first reaches a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reach {
    /// It is there today.
    Already,
    /// After this time.
    After(f64),
    /// At no time.
    Never,
}

/// One path of growth; [`Growth::at`] and [`Growth::reaches`] are inverse to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Growth {
    /// `now + slope t`; a falling demand stops at 0.
    Linear {
        /// Demand today, 0 or more.
        now: f64,
        /// Change per unit of time.
        slope: f64,
    },
    /// `now (1 + rate)^t`.
    Exponential {
        /// Demand today, 0 or more.
        now: f64,
        /// Growth per unit of time: 0.25 is +25 %; above -1.
        rate: f64,
    },
    /// Verhulst's curve to saturation, `K / (1 + (K/now - 1) e^{-rt})` (1838).
    Logistic {
        /// Demand today, above 0.
        now: f64,
        /// Saturation `K`, above 0; below `now` the demand falls to it.
        saturation: f64,
        /// Rate `r`, 0 or more.
        rate: f64,
    },
    /// Adoption among `market` by own choice `p` and by imitation `q`, nobody at time 0:
    /// `m (1 - e^{-(p+q)t}) / (1 + q/p e^{-(p+q)t})` (Bass 1969).
    Bass {
        /// All who will ever adopt, above 0.
        market: f64,
        /// Coefficient of innovation `p`, above 0.
        innovation: f64,
        /// Coefficient of imitation `q`, 0 or more.
        imitation: f64,
    },
}

impl Growth {
    /// The demand at time `t`, 0 or later.
    pub fn at(&self, t: f64) -> Result<f64, OutOfRange> {
        self.check()?;
        let t = not_negative(("时间", "the time"), t)?;
        let value = match *self {
            Growth::Linear { now, slope } => (now + slope * t).max(0.0),
            Growth::Exponential { now, rate } => now * (rate.ln_1p() * t).exp(),
            Growth::Logistic {
                now,
                saturation,
                rate,
            } => saturation / (1.0 + (saturation / now - 1.0) * (-rate * t).exp()),
            Growth::Bass {
                market,
                innovation,
                imitation,
            } => {
                let left = (-(innovation + imitation) * t).exp();
                market * (1.0 - left) / (1.0 + imitation / innovation * left)
            }
        };
        finite(("该时刻的需求", "the demand at that time"), value)
    }

    /// The first time at which the demand is at least `level`.
    pub fn reaches(&self, level: f64) -> Result<Reach, OutOfRange> {
        self.check()?;
        let level = finite(("目标水平", "the level"), level)?;
        if self.at(0.0)? >= level {
            return Ok(Reach::Already);
        }
        // From here on the level is above today's demand, so only a rising path gets there.
        let time = match *self {
            Growth::Linear { now, slope } if slope > 0.0 => (level - now) / slope,
            Growth::Exponential { now, rate } if rate > 0.0 && now > 0.0 => {
                (level / now).ln() / rate.ln_1p()
            }
            Growth::Logistic {
                now,
                saturation,
                rate,
            } if rate > 0.0 && level < saturation => {
                ((saturation / now - 1.0) / (saturation / level - 1.0)).ln() / rate
            }
            Growth::Bass {
                market,
                innovation,
                imitation,
            } if level < market => {
                let part = level / market;
                ((1.0 + part * imitation / innovation) / (1.0 - part)).ln()
                    / (innovation + imitation)
            }
            _ => return Ok(Reach::Never),
        };
        // A slope too small for a double is not growth.
        Ok(if time.is_finite() {
            Reach::After(time)
        } else {
            Reach::Never
        })
    }

    fn check(&self) -> Result<(), OutOfRange> {
        const NOW: (&str, &str) = ("当前需求", "the demand today");
        match *self {
            Growth::Linear { now, slope } => {
                not_negative(NOW, now)?;
                finite(("斜率", "the slope"), slope)?;
            }
            Growth::Exponential { now, rate } => {
                not_negative(NOW, now)?;
                between(("增长率", "the growth rate"), rate, -0.999_999, 1e6)?;
            }
            Growth::Logistic {
                now,
                saturation,
                rate,
            } => {
                positive(NOW, now)?;
                positive(("饱和值", "the saturation"), saturation)?;
                not_negative(("增长率", "the growth rate"), rate)?;
            }
            Growth::Bass {
                market,
                innovation,
                imitation,
            } => {
                positive(("市场总量", "the market"), market)?;
                positive(
                    ("创新系数 p", "the coefficient of innovation p"),
                    innovation,
                )?;
                not_negative(("模仿系数 q", "the coefficient of imitation q"), imitation)?;
            }
        }
        Ok(())
    }
}

/// When Bass adoption is fastest: `ln(q/p)/(p+q)`, or at once when imitation does not exceed innovation.
pub fn bass_peak(innovation: f64, imitation: f64) -> Result<f64, OutOfRange> {
    let p = positive(
        ("创新系数 p", "the coefficient of innovation p"),
        innovation,
    )?;
    let q = not_negative(("模仿系数 q", "the coefficient of imitation q"), imitation)?;
    Ok(if q > p { (q / p).ln() / (p + q) } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        let logistic = Growth::Logistic {
            now: 63_000.0,
            saturation: 80_000.0,
            rate: 0.35,
        };
        match logistic.reaches(0.95 * 80_000.0).unwrap() {
            Reach::After(years) => assert!((years / 4.670050276660354 - 1.0).abs() < 1e-12),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn never_and_already_are_answers() {
        let logistic = Growth::Logistic {
            now: 63_000.0,
            saturation: 80_000.0,
            rate: 0.35,
        };
        assert_eq!(logistic.reaches(80_000.0), Ok(Reach::Never));
        assert_eq!(logistic.reaches(1.0), Ok(Reach::Already));
        let falling = Growth::Linear {
            now: 5.0,
            slope: -1.0,
        };
        assert_eq!(falling.reaches(6.0), Ok(Reach::Never));
        assert_eq!(falling.at(9.0), Ok(0.0));
        let still = Growth::Exponential {
            now: 0.0,
            rate: 0.5,
        };
        assert_eq!(still.reaches(1.0), Ok(Reach::Never));
        let bass = Growth::Bass {
            market: 1.0,
            innovation: 0.03,
            imitation: 0.0,
        };
        assert_eq!(bass.reaches(1.0), Ok(Reach::Never));
        assert_eq!(bass_peak(0.03, 0.0), Ok(0.0));
    }

    #[test]
    fn arguments_outside_are_refused() {
        assert!(
            Growth::Exponential {
                now: 1.0,
                rate: -1.0
            }
            .at(1.0)
            .is_err()
        );
        assert!(
            Growth::Exponential {
                now: 1.0,
                rate: 1e5
            }
            .at(1e5)
            .is_err()
        );
        assert!(
            Growth::Logistic {
                now: 0.0,
                saturation: 1.0,
                rate: 1.0
            }
            .at(1.0)
            .is_err()
        );
        assert!(
            Growth::Linear {
                now: 1.0,
                slope: 1.0
            }
            .at(-1.0)
            .is_err()
        );
        assert!(
            Growth::Linear {
                now: 1.0,
                slope: 1.0
            }
            .reaches(f64::NAN)
            .is_err()
        );
    }

    fn paths() -> impl Strategy<Value = Growth> {
        let positive = 0.01..100.0f64;
        prop_oneof![
            (positive.clone(), positive.clone())
                .prop_map(|(now, slope)| Growth::Linear { now, slope }),
            (positive.clone(), 0.01..2.0f64)
                .prop_map(|(now, rate)| Growth::Exponential { now, rate }),
            (positive.clone(), 1.1..9.0f64, 0.01..3.0f64).prop_map(|(now, times, rate)| {
                Growth::Logistic {
                    now,
                    saturation: now * times,
                    rate,
                }
            }),
            (positive, 0.001..0.2f64, 0.0..0.9f64).prop_map(|(market, innovation, imitation)| {
                Growth::Bass {
                    market,
                    innovation,
                    imitation,
                }
            }),
        ]
    }

    proptest! {
        #[test]
        fn the_time_of_a_level_is_the_inverse_of_the_level_at_a_time(path in paths(), t in 0.1..6.0f64) {
            let level = path.at(t)?;
            match path.reaches(level)? {
                // Near saturation many times share one double.
                Reach::After(found) => {
                    let back = path.at(found)?;
                    prop_assert!((back / level - 1.0).abs() < 1e-9, "{found} for {t}");
                }
                other => prop_assert!(level <= path.at(0.0)? || level == path.at(1e9)?, "{other:?}"),
            }
        }

        #[test]
        fn growth_grows(path in paths(), t in 0.0..6.0f64, more in 0.01..3.0f64) {
            prop_assert!(path.at(t + more)? >= path.at(t)?);
        }
    }
}

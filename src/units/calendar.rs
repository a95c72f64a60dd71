//! Months of a horizon and times of a working day, as planners write them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Quantity, UnitError};
use crate::lang::Text;
use crate::text;

/// A month of a year, e.g. `2021-12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth {
    /// Months since January of year 0.
    months: u32,
}

impl YearMonth {
    /// A month by its year (0 to 9999) and its number (1 to 12).
    pub fn new(year: u32, month: u32) -> Option<YearMonth> {
        ((1..=12).contains(&month) && year <= 9999).then_some(YearMonth {
            months: year * 12 + month - 1,
        })
    }

    /// The month `count` months later.
    pub fn plus(self, count: u32) -> YearMonth {
        YearMonth {
            months: self.months + count,
        }
    }

    /// Months from `earlier` to this one; negative when it is in fact later.
    pub fn since(self, earlier: YearMonth) -> i64 {
        i64::from(self.months) - i64::from(earlier.months)
    }
}

/// A time of day in minutes after midnight, 0 to 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock {
    /// Minutes after midnight.
    pub minutes: u16,
}

/// A daily stretch of time, e.g. `02:00-07:00`; one that ends before it begins passes midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockRange {
    /// First minute.
    pub from: Clock,
    /// First minute after it.
    pub to: Clock,
}

impl ClockRange {
    /// Length in minutes; equal ends mean the whole day.
    pub fn minutes(self) -> u16 {
        match (self.from.minutes, self.to.minutes) {
            (from, to) if from < to => to - from,
            (from, to) => 1440 - from + to,
        }
    }

    /// How much of the hour that begins at `hour` (0 to 23) lies inside, 0 to 1.
    pub fn cover(self, hour: usize) -> f64 {
        let inside = |minute: u16| match (self.from.minutes, self.to.minutes) {
            (from, to) if from < to => (from..to).contains(&minute),
            (from, to) => minute >= from || minute < to,
        };
        let first = hour as u16 * 60;
        f64::from((first..first + 60).filter(|&minute| inside(minute)).count() as u16) / 60.0
    }
}

impl Quantity for YearMonth {
    const FORMAT: &'static str = "year-month";
    const EXAMPLE: &'static str = "2021-12";
}

impl Quantity for ClockRange {
    const FORMAT: &'static str = "clock-range";
    const EXAMPLE: &'static str = "02:00-07:00";
}

impl FromStr for YearMonth {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<YearMonth, UnitError> {
        let parsed = text.split_once('-').and_then(|(year, month)| {
            if year.len() != 4 || month.len() != 2 {
                return None;
            }
            YearMonth::new(year.parse().ok()?, month.parse().ok()?)
        });
        parsed.ok_or_else(|| UnitError {
            code: "wrong-unit",
            message: text!("\"{text}\" 不是月份", "\"{text}\" is not a month"),
            allowed: Text::new(
                "应写成 年-月，例如 \"2021-12\"",
                "write year-month, for example \"2021-12\"",
            ),
        })
    }
}

impl FromStr for Clock {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Clock, UnitError> {
        let parsed = text.trim().split_once(':').and_then(|(hour, minute)| {
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            let minutes = hour.checked_mul(60)?.checked_add(minute)?;
            (minute < 60 && minutes <= 1440).then_some(Clock { minutes })
        });
        parsed.ok_or_else(|| UnitError {
            code: "wrong-unit",
            message: text!("\"{text}\" 不是时刻", "\"{text}\" is not a time of day"),
            allowed: Text::new("00:00 到 24:00", "00:00 to 24:00"),
        })
    }
}

impl FromStr for ClockRange {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<ClockRange, UnitError> {
        let Some((from, to)) = text.split_once('-') else {
            return Err(UnitError {
                code: "wrong-unit",
                message: text!(
                    "\"{text}\" 不是时段",
                    "\"{text}\" is not a stretch of the day"
                ),
                allowed: Text::new(
                    "应写成 起-止，例如 \"02:00-07:00\"",
                    "write from-to, for example \"02:00-07:00\"",
                ),
            });
        };
        Ok(ClockRange {
            from: from.parse()?,
            to: to.parse()?,
        })
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!(
            "{:04}-{:02}",
            self.months / 12,
            self.months % 12 + 1
        ))
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl fmt::Display for ClockRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

macro_rules! as_string {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                String::deserialize(from)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name::FORMAT.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string", "format": $name::FORMAT, "examples": [$name::EXAMPLE]
                })
            }
        }
    };
}

as_string!(YearMonth);
as_string!(ClockRange);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_count_over_year_ends() {
        let month: YearMonth = "2021-12".parse().unwrap();
        assert_eq!(month.plus(1).to_string(), "2022-01");
        assert_eq!(month.plus(13).since(month), 13);
        for wrong in ["2021-13", "2021-0", "21-12", "2021/12", "", "20211-2"] {
            assert!(wrong.parse::<YearMonth>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_stretch_may_pass_midnight() {
        let night: ClockRange = "23:30-01:00".parse().unwrap();
        assert_eq!(night.minutes(), 90);
        assert_eq!(night.cover(23), 0.5);
        assert_eq!(night.cover(0), 1.0);
        assert_eq!(night.cover(1), 0.0);
        let day: ClockRange = "00:00-24:00".parse().unwrap();
        assert_eq!((day.minutes(), day.cover(23)), (1440, 1.0));
        assert!("25:00-26:00".parse::<ClockRange>().is_err());
    }
}

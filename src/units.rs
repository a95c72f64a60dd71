//! Units are types, and a unit is written inside its value: `"250 Mbit/s"`, `"3 ms"`, `"0.1 %"`.
//!
//! Every quantity parses from what people write, prints what they read, and refuses what it cannot
//! be: no negative rate, no bare number without a unit, no unit of another quantity. A point in
//! time ([`Moment`]) is not a length of time ([`std::time::Duration`], [`Seconds`]).

use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Sub};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lang::Text;
use crate::text;

mod calendar;

pub use calendar::{Clock, ClockRange, YearMonth};

/// Why a text is not a quantity: what was found and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}; {}", .message.en, .allowed.en)]
pub struct UnitError {
    /// Stable name of the kind of problem: `wrong-unit`, `impossible-number`.
    pub code: &'static str,
    /// What was found.
    pub message: Text,
    /// What is allowed.
    pub allowed: Text,
}

/// A quantity that is written as a number with a unit.
pub trait Quantity: FromStr<Err = UnitError> + fmt::Display + Copy {
    /// Name of the quantity in schemas, e.g. `bit-rate`.
    const FORMAT: &'static str;
    /// A text that parses, for schemas and messages.
    const EXAMPLE: &'static str;
}

/// Splits `"250 Mbit/s"` into its number and its unit.
fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let mut end = text.len();
    let mut exponent = None;
    for (at, c) in text.char_indices() {
        let number = match c {
            '0'..='9' | '.' | '_' => true,
            '-' | '+' => at == 0 || exponent == Some(at),
            'e' | 'E' => {
                let rest = text[at + 1..].trim_start_matches(['-', '+']);
                exponent = Some(at + 1);
                rest.starts_with(|next: char| next.is_ascii_digit())
            }
            _ => false,
        };
        if !number {
            end = at;
            break;
        }
    }
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    Some((number, text[end..].trim()))
}

/// Reads a number and a unit out of `units` (names with their factor to the base unit).
fn parse(text: &str, what: &Text, units: &[(&str, f64)], example: &str) -> Result<f64, UnitError> {
    let listed = units
        .iter()
        .map(|(name, _)| if name.is_empty() { "(none)" } else { name })
        .collect::<Vec<_>>()
        .join(", ");
    let (zh, en) = (&what.zh, &what.en);
    let allowed = text!(
        "应写成数字加单位，例如 \"{example}\"；可用单位：{listed}",
        "write a number and a unit, for example \"{example}\"; units: {listed}"
    );
    let wrong = |message: Text| UnitError {
        code: "wrong-unit",
        message,
        allowed: allowed.clone(),
    };
    let Some((number, unit)) = split(text) else {
        return Err(wrong(text!(
            "\"{text}\" 不是{zh}",
            "\"{text}\" is not a {en}"
        )));
    };
    let factor = units.iter().find(|(name, _)| *name == unit);
    let Some((_, factor)) = factor else {
        return Err(wrong(if unit.is_empty() {
            text!("{zh} \"{text}\" 没有单位", "{en} \"{text}\" has no unit")
        } else {
            text!(
                "\"{unit}\" 不是{zh}的单位",
                "\"{unit}\" is not a unit of {en}"
            )
        }));
    };
    let value = number * factor;
    if !value.is_finite() || value < 0.0 {
        return Err(UnitError {
            code: "impossible-number",
            message: text!("{zh}不能是 {text}", "a {en} cannot be {text}"),
            allowed: text!("零或正的有限数", "zero or a positive finite number"),
        });
    }
    Ok(value)
}

/// Prints `value` with at most `digits` digits after the point and no trailing zeros.
pub fn trimmed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// Prints with three significant digits or more, in the largest unit whose number is at least 1.
fn scaled(value: f64, units: &[(&str, f64)]) -> String {
    let (name, factor) = units
        .iter()
        .find(|(_, factor)| value >= *factor)
        .or(units.last())
        .copied()
        .unwrap_or(("", 1.0));
    let number = value / factor;
    let digits = if number >= 1000.0 { 1 } else { 3 };
    format!("{} {name}", trimmed(number, digits))
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $format:literal, $example:literal, $zh:literal, $en:literal,
     read: [$($unit:literal = $factor:expr),* $(,)?], $(max: $max:expr,)? print: $print:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
        pub struct $name(pub f64);

        impl Quantity for $name {
            const FORMAT: &'static str = $format;
            const EXAMPLE: &'static str = $example;
        }

        impl $name {
            /// Nothing of it.
            pub const ZERO: $name = $name(0.0);

            /// The smaller of two.
            pub fn min(self, other: $name) -> $name { $name(self.0.min(other.0)) }

            /// The larger of two.
            pub fn max(self, other: $name) -> $name { $name(self.0.max(other.0)) }
        }

        impl FromStr for $name {
            type Err = UnitError;
            fn from_str(text: &str) -> Result<$name, UnitError> {
                let what = Text::new($zh, $en);
                let value = parse(text, &what, &[$(($unit, $factor)),*], $example)?;
                $(if value > $max {
                    return Err(UnitError {
                        code: "impossible-number",
                        message: Text::new(
                            format!("{}不能是 {text}", $zh),
                            format!("a {} cannot be {text}", $en),
                        ),
                        allowed: Text::new(
                            format!("最大 {}", $name($max)),
                            format!("at most {}", $name($max)),
                        ),
                    });
                })?
                Ok($name(value))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let print: fn(f64) -> String = $print;
                f.pad(&print(self.0))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool { true }
            fn schema_name() -> std::borrow::Cow<'static, str> { $format.into() }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "format": $format, "examples": [$example] })
            }
        }

        impl Add for $name {
            type Output = $name;
            fn add(self, other: $name) -> $name { $name(self.0 + other.0) }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: $name) { self.0 += other.0; }
        }

        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = $name>>(items: I) -> $name {
                items.fold($name::ZERO, Add::add)
            }
        }

        impl Mul<f64> for $name {
            type Output = $name;
            fn mul(self, by: f64) -> $name { $name(self.0 * by) }
        }
    };
}

quantity! {
    /// Bits per second, decimal prefixes (1 Mbit/s = 10^6 bit/s). Never bytes per second.
    BitRate, "bit-rate", "250 Mbit/s", "速率", "bit rate",
    read: [
        "bit/s" = 1.0, "kbit/s" = 1e3, "Mbit/s" = 1e6, "Gbit/s" = 1e9, "Tbit/s" = 1e12,
        "bps" = 1.0, "kbps" = 1e3, "Mbps" = 1e6, "Gbps" = 1e9, "Tbps" = 1e12,
        "k" = 1e3, "M" = 1e6, "G" = 1e9,
    ],
    // Planners say 1000 Mbit/s, not 1 Gbit/s, of a line that is compared with 500.
    print: |value| match value {
        v if v >= 1e10 => scaled(v, &[("Gbit/s", 1e9)]),
        v => scaled(v, &[("Mbit/s", 1e6), ("kbit/s", 1e3), ("bit/s", 1.0)]),
    }
}

quantity! {
    /// A number of bytes; `kB` is 1000, `KiB` is 1024.
    Bytes, "bytes", "1.5 MB", "字节数", "number of bytes",
    read: [
        "B" = 1.0, "kB" = 1e3, "KB" = 1e3, "MB" = 1e6, "GB" = 1e9, "TB" = 1e12,
        "KiB" = 1024.0, "MiB" = 1_048_576.0, "GiB" = 1_073_741_824.0,
    ],
    print: |value| scaled(value, &[("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1.0)])
}

quantity! {
    /// A length of time in seconds.
    Seconds, "duration", "20 ms", "时长", "duration",
    read: [
        "ns" = 1e-9, "us" = 1e-6, "µs" = 1e-6, "ms" = 1e-3, "s" = 1.0, "min" = 60.0, "h" = 3600.0,
        "d" = 86400.0,
    ],
    print: |value| match value {
        0.0 => "0 s".to_string(),
        v if v < 120.0 => scaled(v, &[("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)]),
        v if v < 7200.0 => format!("{} min", trimmed(v / 60.0, 1)),
        v if v < 172_800.0 => format!("{} h", trimmed(v / 3600.0, 1)),
        v => format!("{} d", trimmed(v / 86400.0, 1)),
    }
}

quantity! {
    /// A part of a whole, 0 to 1, written as a percentage.
    Fraction, "fraction", "0.1 %", "比例", "fraction",
    read: ["%" = 0.01, "‰" = 0.001],
    max: 1.0,
    print: |value| format!("{} %", trimmed(value * 100.0, 4))
}

quantity! {
    /// A ratio of two like quantities; may exceed 100 %, up to 100 times.
    Ratio, "ratio", "25 %", "比率", "ratio",
    read: ["%" = 0.01, "x" = 1.0, "倍" = 1.0],
    // A hundredfold: beyond it a growth, a spread or a factor is a slip of the pen.
    max: 100.0,
    print: |value| format!("{} %", trimmed(value * 100.0, 2))
}

quantity! {
    /// Events per second, written per hour, minute or second.
    EventRate, "event-rate", "1200 /h", "发生率", "event rate",
    read: ["/s" = 1.0, "/min" = 1.0 / 60.0, "/h" = 1.0 / 3600.0, "/d" = 1.0 / 86400.0],
    print: |value| format!("{} /h", trimmed(value * 3600.0, 3))
}

quantity! {
    /// Money a month.
    Money, "money", "30000 CNY/month", "月费", "monthly price",
    read: ["CNY/month" = 1.0, "元/月" = 1.0, "CNY/year" = 1.0 / 12.0, "元/年" = 1.0 / 12.0],
    print: |value| format!("{} CNY/month", trimmed(value, 2))
}

impl BitRate {
    /// A rate from a number of Mbit/s.
    pub fn mbit(mbit: f64) -> BitRate {
        BitRate(mbit * 1e6)
    }

    /// The rate in Mbit/s.
    pub fn as_mbit(self) -> f64 {
        self.0 / 1e6
    }
}

impl Bytes {
    /// The same amount in bits.
    pub fn bits(self) -> f64 {
        self.0 * 8.0
    }
}

impl Div<BitRate> for Bytes {
    type Output = Seconds;

    /// The time that `rate` takes to carry these bytes; infinite at rate 0.
    fn div(self, rate: BitRate) -> Seconds {
        Seconds(self.bits() / rate.0)
    }
}

impl Seconds {
    /// The length in milliseconds.
    pub fn as_ms(self) -> f64 {
        self.0 * 1e3
    }
}

impl From<Seconds> for Duration {
    fn from(seconds: Seconds) -> Duration {
        Duration::try_from_secs_f64(seconds.0).unwrap_or(Duration::MAX)
    }
}

impl From<Duration> for Seconds {
    fn from(duration: Duration) -> Seconds {
        Seconds(duration.as_secs_f64())
    }
}

/// A point on a monotonic clock, in nanoseconds since the run began. The difference of two moments
/// is a [`Duration`]; two moments cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub u64);

impl Moment {
    /// Time since `earlier`; zero when `earlier` is in fact later.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, length: Duration) -> Moment {
        let nanos = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        Moment(self.0.saturating_add(nanos))
    }
}

impl Sub for Moment {
    type Output = Duration;

    fn sub(self, earlier: Moment) -> Duration {
        self.since(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read() {
        let rate = |text: &str| text.parse::<BitRate>().map(|rate| rate.0);
        assert_eq!(rate("250 Mbit/s"), Ok(250e6));
        assert_eq!(rate("250M"), Ok(250e6));
        assert_eq!(rate("1.5 Gbps"), Ok(1.5e9));
        assert_eq!(rate("1e3 kbit/s"), Ok(1e6));
        assert_eq!(rate("2e-3 Gbit/s"), Ok(2e6));
        assert!(rate("2e Mbit/s").is_err() && rate("2-3 Mbit/s").is_err());
        assert_eq!("3 ms".parse(), Ok(Seconds(0.003)));
        assert_eq!("1 min".parse(), Ok(Seconds(60.0)));
        assert_eq!("0.1 %".parse(), Ok(Fraction(0.001)));
        assert_eq!("64 KiB".parse(), Ok(Bytes(65536.0)));
        assert_eq!("125 %".parse(), Ok(Ratio(1.25)));
        assert_eq!("3600/h".parse(), Ok(EventRate(1.0)));
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_kind() {
        let code = |text: &str| text.parse::<BitRate>().map_err(|error| error.code);
        assert_eq!(code("250"), Err("wrong-unit"));
        assert_eq!(code("250 MB"), Err("wrong-unit"));
        assert_eq!(code("fast"), Err("wrong-unit"));
        assert_eq!(code(""), Err("wrong-unit"));
        assert_eq!(code("-5 Mbit/s"), Err("impossible-number"));
        assert_eq!(code("1e999 Mbit/s"), Err("impossible-number"));
        let code = |text: &str| text.parse::<Fraction>().map_err(|error| error.code);
        assert_eq!(code("101 %"), Err("impossible-number"));
        assert_eq!(code("1"), Err("wrong-unit"));
    }

    #[test]
    fn printing_reads_back() {
        for text in [
            "250 Mbit/s",
            "1.5 kbit/s",
            "10 Gbit/s",
            "1000 Mbit/s",
            "0 bit/s",
        ] {
            let rate: BitRate = text.parse().unwrap();
            assert_eq!(rate.to_string(), text);
        }
        for text in ["3 ms", "50 µs", "1.5 s", "2.5 min", "3 h", "0 s", "15 d"] {
            let length: Seconds = text.parse().unwrap();
            assert_eq!(length.to_string(), text);
        }
        assert_eq!(Fraction(0.001).to_string(), "0.1 %");
        assert_eq!(Bytes(1.5e6).to_string(), "1.5 MB");
    }

    #[test]
    fn a_transfer_takes_its_bits_over_the_rate() {
        assert_eq!(Bytes(1e6) / BitRate::mbit(8.0), Seconds(1.0));
        assert_eq!(Moment(5) - Moment(2), Duration::from_nanos(3));
        assert_eq!(Moment(2) - Moment(5), Duration::ZERO);
    }
}

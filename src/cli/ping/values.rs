//! Values of options as fping takes them: bare milliseconds, bare seconds, hexadecimal bytes.

use std::time::Duration;

use crate::text;
use crate::units::UnitError;

fn refused(found: &str, allowed: crate::lang::Text) -> UnitError {
    UnitError {
        code: "impossible-number",
        message: text!(
            "\"{found}\" 不是允许的数",
            "\"{found}\" is not an allowed number"
        ),
        allowed,
    }
}

/// A number of `unit` seconds, at most a day.
fn length(found: &str, unit: f64, least: f64) -> Option<Duration> {
    let seconds = found.parse::<f64>().ok()? * unit;
    let allowed = (least..=86_400.0).contains(&seconds);
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|_| allowed)
}

/// Milliseconds, parts of one too.
pub(super) fn ms(found: &str) -> Result<Duration, UnitError> {
    length(found, 1e-3, 0.0).ok_or_else(|| {
        let allowed = text!(
            "应为毫秒数，0 到 86400000",
            "write milliseconds, 0 to 86400000"
        );
        refused(found, allowed)
    })
}

/// Seconds between two reports.
pub(super) fn seconds(found: &str) -> Result<Duration, UnitError> {
    length(found, 1.0, 0.1).ok_or_else(|| {
        let allowed = text!("应为秒数，0.1 到 86400", "write seconds, 0.1 to 86400");
        refused(found, allowed)
    })
}

/// A byte, decimal or hexadecimal.
pub(super) fn tos(found: &str) -> Result<u8, UnitError> {
    let hexadecimal = found
        .strip_prefix("0x")
        .or_else(|| found.strip_prefix("0X"));
    let byte = match hexadecimal {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => found.parse(),
    };
    byte.map_err(|_| {
        let allowed = text!(
            "应为 0 到 255，或 0x00 到 0xff",
            "write 0 to 255, or 0x00 to 0xff"
        );
        refused(found, allowed)
    })
}

/// A factor by which waiting grows.
pub(super) fn backoff(found: &str) -> Result<f64, UnitError> {
    let factor = found.parse().ok();
    factor
        .filter(|factor| (1.0..=5.0).contains(factor))
        .ok_or_else(|| refused(found, text!("应为 1 到 5", "write 1 to 5")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_bare_numbers() {
        assert_eq!(ms("0.25"), Ok(Duration::from_micros(250)));
        assert_eq!(ms("0"), Ok(Duration::ZERO));
        assert_eq!(seconds("2"), Ok(Duration::from_secs(2)));
        for wrong in ["-1", "nan", "inf", "10 ms", "", "1e300"] {
            assert!(ms(wrong).is_err() && seconds(wrong).is_err(), "{wrong}");
        }
        assert!(seconds("0").is_err());
    }

    #[test]
    fn a_type_of_service_is_decimal_or_hexadecimal() {
        assert_eq!(
            (tos("184"), tos("0xb8"), tos("0XB8")),
            (Ok(184), Ok(184), Ok(184))
        );
        assert!(tos("256").is_err() && tos("0x100").is_err() && tos("b8").is_err());
    }
}

//! From numbers to places: axes that end on round numbers, and numbers as people write them.

use super::spec::Across;
use crate::lang::Lang;
use crate::units::{YearMonth, trimmed};

/// A straight axis: values `low` to `high` (`low < high`) laid over places `start` to `end`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) start: f64,
    pub(super) end: f64,
    /// Values with their labels, rising.
    pub(super) ticks: Vec<(f64, String)>,
}

impl Scale {
    /// The place of `value`.
    pub(super) fn place(&self, value: f64) -> f64 {
        self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
    }

    /// The same axis laid over other places.
    pub(super) fn over(self, start: f64, end: f64) -> Scale {
        Scale { start, end, ..self }
    }

    /// An axis for values that contains all of them and 0, with about `count` ticks.
    pub(super) fn values(values: impl Iterator<Item = f64>, count: usize) -> Scale {
        let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let high = if high - low < 1e-9 { low + 1.0 } else { high };
        let step = Step::for_range(high - low, count);
        let (first, last) = (
            (low / step.size()).floor() as i64,
            (high / step.size() - 1e-9).ceil() as i64,
        );
        Scale {
            low: first as f64 * step.size(),
            high: last as f64 * step.size(),
            start: 0.0,
            end: 1.0,
            ticks: (first..=last).map(|at| step.tick(at)).collect(),
        }
    }

    /// The x axis of lines: as long as the data, ticks where round numbers, hours or months fall.
    pub(super) fn across(across: Across, xs: impl Iterator<Item = f64>, count: usize) -> Scale {
        let (mut low, mut high) = xs.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        });
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // A single x gets half a unit on each side; in a large number half a unit would vanish.
        let least = 1e-6 * low.abs().max(high.abs()).max(1.0);
        if high - low < least {
            let half = (low.abs() * 0.1).max(0.5);
            (low, high) = (low - half, high + half);
        }
        let ticks = match across {
            Across::Number => number_ticks(low, high, count),
            Across::Hours => hour_ticks(low, high, count),
            Across::Months { from } => month_ticks(from, low, high, count),
        };
        Scale {
            low,
            high,
            start: 0.0,
            end: 1.0,
            ticks,
        }
    }
}

/// A tick distance of 1, 2, 2.5 or 5 times a power of ten, kept as whole numbers so that labels are
/// exact.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// 10, 20, 25 or 50.
    tenths: i64,
    /// Power of ten that `tenths / 10` is multiplied with.
    power: i32,
}

impl Step {
    fn for_range(range: f64, count: usize) -> Step {
        let rough = range / count.max(1) as f64;
        let mut power = rough.log10().floor() as i32;
        // A logarithm may land on either side of an exact power.
        while 10f64.powi(power + 1) <= rough {
            power += 1;
        }
        while 10f64.powi(power) > rough {
            power -= 1;
        }
        let wanted = rough / 10f64.powi(power) * 10.0;
        let tenths = [10, 20, 25, 50]
            .into_iter()
            .find(|tenths| *tenths as f64 >= wanted * 0.999)
            .unwrap_or(100);
        Step { tenths, power }
    }

    fn size(self) -> f64 {
        let one_up = self.power - 1;
        if one_up >= 0 {
            self.tenths as f64 * 10f64.powi(one_up)
        } else {
            self.tenths as f64 / 10f64.powi(-one_up)
        }
    }

    fn tick(self, at: i64) -> (f64, String) {
        let value = at as f64 * self.size();
        let digits = usize::try_from(1 - self.power).unwrap_or(0);
        (value, grouped(&trimmed(value, digits)))
    }
}

fn number_ticks(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    let step = Step::for_range(high - low, count);
    let first = (low / step.size() - 1e-9).ceil() as i64;
    let last = (high / step.size() + 1e-9).floor() as i64;
    (first..=last).map(|at| step.tick(at)).collect()
}

fn hour_ticks(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    let steps = [1, 2, 3, 4, 6, 12];
    whole_ticks(low, high, count, &steps, 0)
        .map(|hour| (hour as f64, format!("{hour:02}:00")))
        .collect()
}

fn month_ticks(from: YearMonth, low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    // Months since January of year 0, so that ticks fall on January, April, July, October.
    let origin = YearMonth::new(0, 1).map_or(0, |zero| from.since(zero));
    let steps = [1, 2, 3, 6, 12, 24, 60, 120, 240];
    whole_ticks(low, high, count, &steps, origin)
        .filter_map(|at| Some((at as f64, from.plus(u32::try_from(at).ok()?).to_string())))
        .collect()
}

/// Whole numbers from `low` to `high`, a step of `steps` apart and at most `count`, such that
/// `origin` plus each is a multiple of the step.
fn whole_ticks(
    low: f64,
    high: f64,
    count: usize,
    steps: &[i64],
    origin: i64,
) -> impl Iterator<Item = i64> {
    let (first, last) = (low.ceil() as i64, high.floor() as i64);
    let most = i64::try_from(count.max(1)).unwrap_or(1);
    let step = steps
        .iter()
        .copied()
        .find(|step| (last - first) / step < most)
        .or(steps.last().copied())
        .unwrap_or(1);
    let start = first + (-(origin + first)).rem_euclid(step);
    (start..=last).step_by(usize::try_from(step).unwrap_or(1))
}

/// A number with two or three significant digits (whole above 100), no trailing zeros, thousands
/// parted.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    let digits = match size {
        _ if size >= 100.0 || size == 0.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 0.1 => 2,
        _ => 4,
    };
    let shown = grouped(&trimmed(value, digits));
    // Not zero must not read as zero.
    match (shown.as_str(), value > 0.0) {
        ("0" | "-0", true) => "<0.0001".to_string(),
        ("0" | "-0", false) if value < 0.0 => ">-0.0001".to_string(),
        ("-0", false) => "0".to_string(),
        _ => shown,
    }
}

/// `1234567.5` as `1,234,567.5`.
fn grouped(number: &str) -> String {
    let unsigned = number.trim_start_matches('-');
    let (whole, rest) = unsigned.split_at(unsigned.find('.').unwrap_or(unsigned.len()));
    let mut parted = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            parted.push(',');
        }
        parted.push(digit);
    }
    let zero = unsigned.chars().all(|c| c == '0' || c == '.');
    let sign = if number.starts_with('-') && !zero {
        "-"
    } else {
        ""
    };
    format!("{sign}{parted}{rest}")
}

/// What stands where a value is missing.
pub(super) fn no_data(lang: Lang) -> &'static str {
    lang.pick("无数据", "no data")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|tick| tick.1.as_str()).collect()
    }

    #[test]
    fn value_axes_end_on_round_numbers_and_contain_zero() {
        let scale = Scale::values([286.0, 223.0].into_iter(), 6);
        assert_eq!(
            labels(&scale),
            ["0", "50", "100", "150", "200", "250", "300"]
        );
        let scale = Scale::values([0.12].into_iter(), 5);
        assert_eq!(
            labels(&scale),
            ["0", "0.025", "0.05", "0.075", "0.1", "0.125"]
        );
        let scale = Scale::values([80_000.0].into_iter(), 4);
        assert_eq!(
            labels(&scale),
            ["0", "20,000", "40,000", "60,000", "80,000"]
        );
        let scale = Scale::values([-3.0, 4.0].into_iter(), 7);
        assert_eq!(labels(&scale), ["-3", "-2", "-1", "0", "1", "2", "3", "4"]);
        assert_eq!(
            labels(&Scale::values(std::iter::empty(), 5)).first(),
            Some(&"0")
        );
    }

    #[test]
    fn months_fall_on_the_quarters_of_the_year() {
        let from = YearMonth::new(2021, 12).unwrap();
        let scale = Scale::across(Across::Months { from }, [0.0, 24.0].into_iter(), 9);
        assert_eq!(
            labels(&scale),
            [
                "2022-01", "2022-04", "2022-07", "2022-10", "2023-01", "2023-04", "2023-07",
                "2023-10"
            ]
        );
        assert_eq!(scale.ticks[0].0, 1.0);
    }

    #[test]
    fn hours_read_as_clock_times() {
        let scale = Scale::across(Across::Hours, [0.0, 24.0].into_iter(), 9);
        assert_eq!(labels(&scale)[..3], ["00:00", "03:00", "06:00"]);
        assert_eq!(labels(&scale).last(), Some(&"24:00"));
    }

    #[test]
    fn numbers_have_no_idle_zeros_and_no_false_zero() {
        let cases = [
            (40.0, "40"),
            (0.0, "0"),
            (-0.0, "0"),
            (1234567.0, "1,234,567"),
            (99.96, "100"),
            (2.345, "2.35"),
            (0.05, "0.05"),
            (1e-7, "<0.0001"),
            (-1e-7, ">-0.0001"),
            (-1500.0, "-1,500"),
        ];
        for (value, shown) in cases {
            assert_eq!(number(value), shown, "{value}");
        }
    }

    #[test]
    fn a_single_x_still_has_an_axis() {
        for x in [0.0, 5.0, -1e12, 1e12] {
            let scale = Scale::across(Across::Number, [x].into_iter(), 6);
            assert!(scale.low < x && x < scale.high, "{x}");
            assert!(scale.ticks.len() < 20, "{x}");
        }
    }
}

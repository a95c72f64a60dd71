//! Hours of a day as people write them: `14-18`.

use std::ops::Range;
use std::str::FromStr;

use crate::lang::Text;
use crate::text;
use crate::units::UnitError;

/// Whole hours of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct HourRange {
    from: usize,
    to: usize,
}

impl HourRange {
    /// The working day, 8 to 18.
    pub(in super::super) const WORKING_DAY: HourRange = HourRange { from: 8, to: 18 };

    /// The hours.
    pub(in super::super) fn range(self) -> Range<usize> {
        self.from..self.to
    }
}

impl FromStr for HourRange {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<HourRange, UnitError> {
        let read = || {
            let (from, to) = text.split_once('-')?;
            let hour = |text: &str| text.trim().trim_end_matches(":00").parse::<usize>().ok();
            let (from, to) = (hour(from)?, hour(to)?);
            (from < to && to <= 24).then_some(HourRange { from, to })
        };
        read().ok_or_else(|| UnitError {
            code: "impossible-hours",
            message: text!(
                "\"{text}\" 不是时段",
                "\"{text}\" is not a stretch of hours"
            ),
            allowed: Text::new(
                "同一天内的整点，先小后大，例如 14-18",
                "whole hours of one day, the earlier first, for example 14-18",
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        let hours = |text: &str| text.parse::<HourRange>().map(HourRange::range).ok();
        assert_eq!(hours("14-18"), Some(14..18));
        assert_eq!(hours("08:00-18:00"), Some(8..18));
        assert_eq!(hours("0-24"), Some(0..24));
        for wrong in ["18-14", "14-14", "20-25", "14", "-18", "14-", "a-b", ""] {
            assert_eq!(hours(wrong), None, "{wrong}");
        }
    }
}

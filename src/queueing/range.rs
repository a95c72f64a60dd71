//! What a closed form cannot answer, said in both languages.

use crate::error::Error;
use crate::lang::Text;
use crate::text;

/// Why a closed form has no answer for these arguments.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OutOfRange {
    /// An argument outside the range in which the formula holds.
    #[error("{}", self.text().en)]
    Argument {
        /// The argument, as a person calls it.
        what: Text,
        /// What was found.
        found: f64,
        /// What is allowed.
        allowed: Text,
    },
    /// More work arrives than can be done, so no steady state exists.
    #[error("{}", self.text().en)]
    Overload {
        /// Offered load as a part of capacity, 1 or more.
        load: f64,
    },
    /// An iteration did not settle; its last value is not an answer.
    #[error("{}", self.text().en)]
    Unsettled {
        /// Iterations made.
        iterations: usize,
    },
}

impl OutOfRange {
    /// The whole sentence: what was found and what is allowed.
    pub fn text(&self) -> Text {
        match self {
            OutOfRange::Argument {
                what,
                found,
                allowed,
            } => Text::new(
                format!("{}为 {found}；应为{}", what.zh, allowed.zh),
                format!("{} is {found}; it must be {}", what.en, allowed.en),
            ),
            OutOfRange::Overload { load } => text!(
                "负载为容量的 {load} 倍；应小于 1，否则队列无限增长",
                "the load is {load} of capacity; it must be below 1, or the queue grows for ever"
            ),
            OutOfRange::Unsettled { iterations } => text!(
                "{iterations} 次迭代后仍未收敛，没有可信的结果",
                "no settled answer after {iterations} iterations"
            ),
        }
    }
}

impl From<OutOfRange> for Error {
    fn from(out: OutOfRange) -> Error {
        Error::Argument(out.text())
    }
}

/// The name of an argument in both languages.
pub(super) type Name = (&'static str, &'static str);

/// The words are made only when they are needed: the planner checks millions of arguments.
fn check(
    holds: bool,
    what: Name,
    found: f64,
    allowed: impl FnOnce() -> Text,
) -> Result<f64, OutOfRange> {
    if holds {
        return Ok(found);
    }
    Err(OutOfRange::Argument {
        what: Text::new(what.0, what.1),
        found,
        allowed: allowed(),
    })
}

/// Passes a finite number above 0.
pub(super) fn positive(what: Name, found: f64) -> Result<f64, OutOfRange> {
    let allowed = || Text::new("大于 0 的有限数", "a finite number above 0");
    check(found.is_finite() && found > 0.0, what, found, allowed)
}

/// Passes a finite number of 0 or more.
pub(super) fn not_negative(what: Name, found: f64) -> Result<f64, OutOfRange> {
    let allowed = || Text::new("不小于 0 的有限数", "a finite number of 0 or more");
    check(found.is_finite() && found >= 0.0, what, found, allowed)
}

/// Passes a finite number of either sign.
pub(super) fn finite(what: Name, found: f64) -> Result<f64, OutOfRange> {
    let allowed = || Text::new("有限数", "a finite number");
    check(found.is_finite(), what, found, allowed)
}

/// Passes a number strictly between 0 and 1.
pub(super) fn inside(what: Name, found: f64) -> Result<f64, OutOfRange> {
    let allowed = || {
        Text::new(
            "0 与 1 之间（不含两端）的数",
            "between 0 and 1, both excluded",
        )
    };
    check(found > 0.0 && found < 1.0, what, found, allowed)
}

/// Passes a number from `low` to `high`, both included.
pub(super) fn between(what: Name, found: f64, low: f64, high: f64) -> Result<f64, OutOfRange> {
    let allowed = || text!("{low} 至 {high}", "from {low} to {high}");
    check(found >= low && found <= high, what, found, allowed)
}

/// Passes a load from 0 to below 1; 1 and more is [`OutOfRange::Overload`].
pub(super) fn stable(load: f64) -> Result<f64, OutOfRange> {
    let load = not_negative(("负载", "the load"), load)?;
    if load < 1.0 {
        Ok(load)
    } else {
        Err(OutOfRange::Overload { load })
    }
}

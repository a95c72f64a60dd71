//! The analytic answer: every hour of a working day, every month of a horizon, in closed form.
//!
//! [`answer`] is the story: routes are laid once, each hour is solved by `hour`, months differ by
//! growth alone, and what binds first is lifted to see what binds next. Nothing is random.

mod availability;
mod drops;
mod figures;
mod horizon;
mod hour;
mod lanes;
mod network;
mod pressure;
mod route;
#[cfg(test)]
mod tests;
mod times;
mod worst;

pub(in crate::scenario) use drops::singly_an_hour;
pub use figures::{ActTime, Arrivals, Hour, LaneLoad, ServerLoad, SessionLoad};
pub use horizon::{Alert, Answer, Day, Narrow, Queue, SeenCheck, answer, answer_hour, answer_one};
pub(in crate::scenario) use horizon::{Plan, scale};
pub use lanes::Lane;
pub(in crate::scenario) use lanes::{Lifted, Sharing};
pub use pressure::{Pressure, Resource, level, pressures};
pub use route::{Act, Bound, Route, usable};

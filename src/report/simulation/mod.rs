//! Views on simulations: a replay in figures, a simulated day.

pub mod compared;
pub mod day;
pub mod replay;

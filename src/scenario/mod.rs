//! What-ifs: a scenario changes a topology and its demand; a case is one scenario at one date.

mod change;
pub mod file;
pub mod growth;
pub mod load;
mod plan;

pub use plan::{Aim, Objective, Scenario};

//! What-ifs: a scenario changes a topology and its demand; its answer is compared with others.
//!
//! Layer 5. [`load`] reads files to a [`Scenario`] and the topology that it changed, [`answer`]
//! computes every hour and month of it, [`metric`] and [`objective`] read named numbers off the
//! answer, [`compare`] sets scenarios side by side.

pub mod answer;
mod change;
pub mod compare;
pub mod file;
pub mod growth;
pub mod load;
pub mod metric;
pub mod objective;
mod plan;
pub mod simulated;

pub use plan::{Aim, Objective, Scenario};

//! The simulated answer: the same topology, demand and policies as [`answer`](super::answer), lived
//! through act by act.
//!
//! [`lay_out`] writes a topology at a month down as a [`Spec`], which knows positions and plain
//! numbers only; [`Laid`] keeps what the positions mean.

pub mod compared;
mod layout;
pub mod outcome;
mod simulate;
pub mod words;

pub use simulate::{Shown, Simulated, simulate};

use std::ops::Range;

use super::Scenario;
use super::answer::{Lane, Lifted, Plan, scale};
use crate::demand::{Group, Scale};
use crate::queueing::OutOfRange;
use crate::sim::day::spec::Spec;
use crate::topology::{LinkAt, NodeAt, PopulationAt, Topology, TransactionAt};

/// A day laid out for simulation, and what its positions mean.
#[derive(Debug, Clone)]
pub struct Laid {
    /// The day in plain numbers.
    pub spec: Spec,
    /// By label: whose act it is, and what.
    pub labels: Vec<(PopulationAt, TransactionAt)>,
    /// By lane.
    pub lanes: Vec<Lane>,
    /// By station.
    pub stations: Vec<NodeAt>,
    /// By gate.
    pub gates: Vec<NodeAt>,
    /// By group.
    pub groups: Vec<Group>,
    /// By burst.
    pub bursts: Vec<LinkAt>,
    /// Users who can reach nothing: parts of their populations.
    pub cut_off: Vec<(PopulationAt, f64)>,
    /// Months since the start.
    pub month: u32,
    /// How much larger than at the start.
    pub scale: Scale,
}

/// Lays out `hours` (0 to 24) of a working day, `month` months after the start of `scenario`, on the
/// topology that it changed.
///
/// # Errors
/// As [`answer`](super::answer::answer): a number that the formulas for caps and growth do not take.
pub fn lay_out(
    topology: &Topology,
    scenario: &Scenario,
    month: u32,
    hours: Range<usize>,
) -> Result<Laid, OutOfRange> {
    let scale = scale(scenario, month)?;
    let plan = Plan::new(topology, Lifted::NOTHING)?;
    layout::Layout::new(topology, &plan, scale).lay_out(month, hours)
}

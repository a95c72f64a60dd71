//! From a scenario to its simulated day, with the analytic answer to the same month beside it.

use super::Laid;
use super::outcome::{Asked, Beside, Outcome, Trial, beside};
use crate::queueing::OutOfRange;
use crate::scenario::Scenario;
use crate::scenario::answer::{Day, answer_one};
use crate::scenario::load::LoadedScenario;
use crate::sim::day::run::{Watch, run};
use crate::sim::trials;
use crate::topology::Topology;

/// A simulated day.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// The day laid out.
    pub laid: Laid,
    /// What the trials came to.
    pub outcome: Outcome,
    /// The analytic answer to the same month.
    pub day: Day,
    /// The two, figure by figure.
    pub beside: Vec<Beside>,
}

/// Simulates `laid`, a day of `scenario` on the topology that it changed, as often as `asked`, on
/// rayon's threads. The result depends on nothing else: same seed, same bytes. When `watch` says
/// stop, it is what is known so far.
///
/// # Errors
/// As [`answer_one`].
pub fn simulate(
    topology: &Topology,
    scenario: &Scenario,
    laid: Laid,
    asked: Asked,
    watch: &Watch,
) -> Result<Simulated, OutOfRange> {
    let day = answer_one(topology, scenario, laid.month)?;
    let ran = trials::run(
        asked.wanted,
        &watch.stop,
        |replication| {
            let record = run(&laid.spec, asked.seed, replication, watch);
            Trial::new(&laid, &topology.peak, record)
        },
        |results| Outcome::watched(&laid, results),
    );
    let outcome = Outcome::new(topology, &laid, asked, ran);
    Ok(Simulated {
        beside: beside(topology, &laid, &day, &outcome),
        laid,
        outcome,
        day,
    })
}

/// A simulated day and the scenario that it is of: what views show.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'s> {
    /// The scenario.
    pub loaded: &'s LoadedScenario,
    /// Its day.
    pub simulated: &'s Simulated,
}

impl<'s> Shown<'s> {
    /// The topology that the scenario changed.
    pub fn topology(&self) -> &'s Topology {
        &self.loaded.loaded.topology
    }
}

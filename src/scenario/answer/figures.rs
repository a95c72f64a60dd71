//! What the answer says of an hour: figures of lanes, servers, sessions, times and arrivals.

use super::lanes::Lane;
use crate::topology::{NodeAt, PopulationAt, TransactionAt};
use crate::units::{BitRate, Fraction, Seconds};

/// What a lane is asked for and carries, over an hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneLoad {
    /// The lane.
    pub lane: Lane,
    /// What its users could get from it, given what the other classes ask.
    pub capacity: BitRate,
    /// What they would send if it had no queue.
    pub offered: BitRate,
    /// What it carries.
    pub carried: BitRate,
    /// Standard deviation of the offered rate over the peak's window.
    pub deviation: BitRate,
    /// Rate that the windows exceed only in the stated part of cases.
    pub peak: BitRate,
    /// Part of the hour in which the offered rate is above the capacity.
    pub congested: f64,
}

impl LaneLoad {
    /// Offered load over capacity; may exceed 1, and is infinite where other classes leave nothing.
    pub fn utilisation(&self) -> f64 {
        part(self.offered.0, self.capacity.0)
    }
}

/// What a node's workers are asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServerLoad {
    /// The node.
    pub node: NodeAt,
    /// Workers in service.
    pub workers: f64,
    /// Workers that would be busy if nobody waited.
    pub offered: f64,
    /// Workers that are busy.
    pub carried: f64,
}

impl ServerLoad {
    /// Offered load over capacity; may exceed 1, and is infinite on a node that is down.
    pub fn utilisation(&self) -> f64 {
        part(self.offered, self.workers)
    }
}

/// Sessions at a node that limits them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SessionLoad {
    /// The node.
    pub node: NodeAt,
    /// Its limit.
    pub limit: f64,
    /// Sessions wanted at once.
    pub offered: f64,
    /// Sessions held.
    pub held: f64,
    /// Part of the attempts that is refused (Erlang B).
    pub refused: Fraction,
    /// Attempts refused in an hour.
    pub refused_an_hour: f64,
    /// Sessions dropped in an hour because their keep-alives were lost.
    pub dropped_an_hour: f64,
}

impl SessionLoad {
    /// Sessions wanted over the limit; may exceed 1, and is infinite on a node that is down.
    pub fn utilisation(&self) -> f64 {
        part(self.offered, self.limit)
    }
}

/// `offered` over `capacity`; nothing asked of nothing is nothing.
fn part(offered: f64, capacity: f64) -> f64 {
    match offered > 0.0 {
        true => offered / capacity,
        false => 0.0,
    }
}

/// How long a transaction takes a population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActTime {
    /// The population.
    pub population: PopulationAt,
    /// The transaction.
    pub transaction: TransactionAt,
    /// Mean and 95th percentile; `None`: it never ends (an overloaded server with arrivals, or all
    /// of its users are cut off).
    pub time: Option<(Seconds, Seconds)>,
}

/// Everything about one hour.
#[derive(Debug, Clone, PartialEq)]
pub struct Hour {
    /// Users online who are not cut off and not refused; for arrivals, those in the system.
    pub online: f64,
    /// Users who can reach nothing: their journey is broken and has no fallback.
    pub cut_off: f64,
    /// Lanes that are asked for something.
    pub lanes: Vec<LaneLoad>,
    /// Nodes with workers.
    pub servers: Vec<ServerLoad>,
    /// Nodes with a session limit.
    pub sessions: Vec<SessionLoad>,
    /// Times by population and transaction.
    pub times: Vec<ActTime>,
    /// Nodes that people arrive at.
    pub arrivals: Vec<Arrivals>,
}

/// People who arrive at a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrivals {
    /// The node.
    pub node: NodeAt,
    /// Arrivals a second.
    pub rate: f64,
    /// What the node can serve a second.
    pub served: f64,
}

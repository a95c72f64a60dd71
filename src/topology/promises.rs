//! What was seen, what is promised and what must be open, resolved.

use super::{JourneyAt, LinkAt, NodeAt};
use crate::lang::Text;
use crate::units::{BitRate, Fraction, Seconds};

/// Something that was seen.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// What was seen of what.
    pub seen: Seen,
    /// How far the model may be off.
    pub tolerance: Fraction,
}

/// An observed figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen {
    /// Carried rate down in the busiest hour.
    BusyDown(LinkAt, usize, BitRate),
    /// Highest rate down.
    PeakDown(LinkAt, usize, BitRate),
    /// Sessions at the peak.
    Sessions(NodeAt, f64),
    /// Users online at the peak.
    Online(f64),
}

/// What a threshold watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// Sessions of a node against its limit.
    Sessions(NodeAt),
    /// Load of a link against its capacity.
    Load(LinkAt),
}

/// A limit of use with what to do there.
#[derive(Debug, Clone)]
pub struct Threshold {
    /// Id in the file.
    pub id: String,
    /// What is watched.
    pub watched: Watched,
    /// Part of the capacity.
    pub at: Fraction,
    /// What to do.
    pub action: Text,
}

/// A promised service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// The journey that must work.
    pub journey: JourneyAt,
    /// Promised part of a month.
    pub availability: Fraction,
    /// Longest time to recovery.
    pub recovery_time: Option<Seconds>,
    /// Most data lost, as time.
    pub recovery_point: Option<Seconds>,
    /// Interruptions allowed in a month.
    pub interruptions: Option<u32>,
    /// 1 is restored first.
    pub priority: Option<u32>,
}

/// A connection that must be open.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// Id in the file.
    pub id: String,
    /// What it is for.
    pub name: Text,
    /// Who asks.
    pub from: NodeAt,
    /// Who answers.
    pub to: NodeAt,
    /// Whether both open connections.
    pub both_ways: bool,
    /// Anything a reader should know.
    pub note: Option<Text>,
}

/// A stage of a project.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// How long it takes.
    pub length: Seconds,
    /// What shows that it is done.
    pub done: Text,
    /// Positions of the stages before it.
    pub after: Vec<usize>,
}

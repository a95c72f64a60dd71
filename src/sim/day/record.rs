//! What one trial leaves behind: facts, counted while it ran. Numbers are derived from them later.

use crate::sim::histogram::Histogram;

/// Parts of an act's time, in the order in which they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Round trips before anything is asked.
    Handshakes,
    /// Round trips of the exchanges, slow start included.
    Trips,
    /// What packets of the round trips waited in full classes, and the round trips that repaired what
    /// full classes dropped.
    Queue,
    /// Sharing lanes with others.
    Transfer,
    /// Being worked on.
    Service,
    /// Waiting for a worker.
    Wait,
    /// Side loops.
    Loops,
    /// The user's own machine, and work that nobody waits for.
    Client,
}

/// Number of [`Part`]s.
pub const PARTS: usize = 8;

impl Part {
    /// All, in their order.
    pub const ALL: [Part; PARTS] = [
        Part::Handshakes,
        Part::Trips,
        Part::Queue,
        Part::Transfer,
        Part::Service,
        Part::Wait,
        Part::Loops,
        Part::Client,
    ];
}

/// Seconds of a minute's record.
pub const MINUTE: f64 = 60.0;

/// The facts of one trial, from its first recorded hour on.
#[derive(Debug, Clone)]
pub struct Record {
    /// Seconds since midnight at which recording began.
    pub from: f64,
    /// Seconds since midnight up to which the trial ran: the end of its hours, or where it was broken
    /// off.
    pub until: f64,
    /// By label.
    pub acts: Vec<ActRecord>,
    /// By lane.
    pub lanes: Vec<LaneRecord>,
    /// By station.
    pub stations: Vec<StationRecord>,
    /// By gate.
    pub gates: Vec<GateRecord>,
    /// By burst, and by minute: sessions that it dropped.
    pub drops: Vec<Vec<u32>>,
    /// Users online at the end of each minute, by group.
    pub online: Vec<Vec<u32>>,
    /// Events that the simulation went through.
    pub events: u64,
}

/// Acts of one label.
#[derive(Debug, Clone, Default)]
pub struct ActRecord {
    /// Times of those that ended, each with its parts.
    pub times: Histogram<PARTS>,
    /// By minute of their end: how many ended, and the sum of their times in seconds.
    pub minutes: Vec<(u32, f64)>,
    /// Begun and not ended when the trial stopped.
    pub unfinished: u64,
    /// Broken off because the session was dropped.
    pub broken: u64,
}

/// One lane.
#[derive(Debug, Clone, Default)]
pub struct LaneRecord {
    /// Bits carried in each second, those of others included.
    pub seconds: Vec<f32>,
    /// By minute: seconds in which its transfers were held by it.
    pub full: Vec<f32>,
    /// Bits of others that were lost.
    pub lost: f64,
}

/// One station.
#[derive(Debug, Clone, Default)]
pub struct StationRecord {
    /// By minute: seconds of work done.
    pub work: Vec<f32>,
    /// By minute: integral of the jobs that waited, seconds.
    pub waiting: Vec<f32>,
    /// By minute: seconds in which all workers were busy.
    pub full: Vec<f32>,
}

/// One gate.
#[derive(Debug, Clone, Default)]
pub struct GateRecord {
    /// Sessions held at the end of each minute.
    pub held: Vec<u32>,
    /// By minute: attempts.
    pub attempts: Vec<u32>,
    /// By minute: attempts refused.
    pub refused: Vec<u32>,
    /// By minute: sessions dropped for want of keep-alives.
    pub dropped: Vec<u32>,
}

//! What a run is asked to do.

use std::time::Duration;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mode {
    /// To know of each target whether it replies at all.
    Alive {
        /// How often a target is asked again.
        retries: u32,
        /// By how much each further reply is waited for longer.
        backoff: f64,
    },
    /// To send so many probes to each target, one a period.
    Count(u32),
    /// To send one probe a period to each target until stopped.
    Loop,
}

/// How a run goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// What for.
    pub mode: Mode,
    /// Between two probes to one target.
    pub period: Duration,
    /// Between any two probes.
    pub gap: Duration,
    /// A reply after this long is late; in [`Mode::Alive`] the reply to a first probe.
    pub patience: Duration,
    /// TTL or hop limit of the probes.
    pub distance: u8,
    /// Whether every round trip is kept, or bins of them.
    pub keep: bool,
    /// How often interval figures are reported.
    pub report_every: Option<Duration>,
}

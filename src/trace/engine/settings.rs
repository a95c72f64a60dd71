//! What to trace, and how often.

use std::time::Duration;

/// What to trace, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// First distance, from 1.
    pub first: u8,
    /// Last distance, at least `first`.
    pub last: u8,
    /// Number of sweeps, at least 1.
    pub rounds: u32,
    /// Time between the starts of two sweeps.
    pub interval: Duration,
    /// A reply after this long is late.
    pub patience: Duration,
    /// How long replies are waited for after the last probe; `None` leaves it to the times seen.
    pub grace: Option<Duration>,
    /// The distance at which the target is expected, when there is a plan of the path.
    pub expected: Option<u8>,
    /// Whether the target answers by ICMP errors, which hosts send sparingly.
    pub sparing_target: bool,
    /// Which flows to take.
    pub flows: Flows,
    /// Bytes of a probe with its headers, as [`Probe::size`](crate::probe::Probe::size).
    pub size: u16,
    /// Whether the target's own service is asked too, once a round.
    pub service: bool,
    /// How many of the latest rounds to remember; `None` for all.
    pub keep: Option<u32>,
}

impl Default for Settings {
    /// Ten sweeps of at most 30 hops, one a second, on one flow.
    fn default() -> Settings {
        Settings {
            first: 1,
            last: 30,
            rounds: 10,
            interval: Duration::from_secs(1),
            patience: Duration::from_secs(3),
            grace: None,
            expected: None,
            sparing_target: true,
            flows: Flows::Turns(1),
            size: 0,
            service: false,
            keep: None,
        }
    }
}

/// Which flows a run takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flows {
    /// So many in turn, one a round; at least 1.
    Turns(u16),
    /// A new one in each round, until every hop has shown all of its branches and how it chooses among
    /// them ([`super::super::ecmp`]), or the rounds are over.
    Discover,
}

//! What users and machines ask for, as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bilingual, ById, Origins};
use crate::units::{BitRate, Bytes, ClockRange, EventRate, Fraction, Ratio, Seconds};

/// A day, hour by hour, as parts of its peak.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProfileFile {
    /// What it is called.
    pub name: Bilingual,
    /// 24 parts of the peak, from the hour that begins at midnight.
    #[schemars(length(min = 24, max = 24))]
    pub hours: Vec<Fraction>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// What a user does once, and what it costs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TransactionFile {
    /// What it is called.
    pub name: Bilingual,
    /// Round trips before anything is asked: connection and TLS.
    #[serde(default)]
    pub handshakes: u32,
    /// Requests with their answers, one after another.
    #[schemars(range(min = 1))]
    pub exchanges: u32,
    /// Bytes from the user, all exchanges together.
    pub up: Bytes,
    /// Bytes to the user, all exchanges together.
    pub down: Bytes,
    /// Standard deviation of the bytes over their mean.
    #[serde(default)]
    pub spread: Option<Ratio>,
    /// Side loops of the journey that it takes (numbered from 1 along the walk).
    #[serde(default)]
    pub loops: Vec<u32>,
    /// Bytes each way on each side loop.
    #[serde(default)]
    pub loop_bytes: Option<Bytes>,
    /// Work at nodes: mean service time by node id.
    #[serde(default)]
    pub work: ById<Seconds>,
    /// Standard deviation of a service time over its mean: 0 % constant, 100 % exponential
    /// (default 100 %).
    #[serde(default)]
    pub work_spread: Option<Ratio>,
    /// Time on the user's own machine.
    #[serde(default)]
    pub client: Option<Seconds>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// A group of users.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PopulationFile {
    /// What it is called.
    pub name: Bilingual,
    /// Users online at the peak of the profile, at the start of the horizon.
    #[serde(default)]
    pub online: Option<u32>,
    /// Arrivals at the peak of the profile, for users who come, are served and go.
    #[serde(default)]
    pub arrivals: Option<EventRate>,
    /// Accounts that they belong to, for a readable ratio.
    #[serde(default)]
    pub accounts: Option<u32>,
    /// Id of the day's shape.
    pub profile: String,
    /// Mean pause between two transactions.
    #[serde(default)]
    pub think: Option<Seconds>,
    /// Mean length of a session; a population that has one holds a session at every node of its
    /// journey that limits them.
    #[serde(default)]
    pub session: Option<Seconds>,
    /// Transactions by id with their relative frequency.
    pub mix: ById<Ratio>,
    /// Journeys by id with the part of the users on each.
    pub journeys: ById<Fraction>,
    /// Kind of traffic, for the classes of policies.
    pub class: String,
    /// Rate that one user's own access allows each way.
    pub access: BitRate,
    /// Round-trip time that the user's own access adds.
    #[serde(default)]
    pub access_delay: Option<Seconds>,
    /// Receive window of one connection.
    #[serde(default)]
    pub window: Option<Bytes>,
    /// Factor on the transactions' time on the user's own machine.
    #[serde(default)]
    pub client: Option<Ratio>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// Which way traffic goes on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WayName {
    /// From the users.
    Up,
    /// To the users.
    Down,
}

/// Traffic that is not a user's journey.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TrafficFile {
    /// What it is called.
    pub name: Bilingual,
    /// Ids of the links it loads.
    pub links: Vec<String>,
    /// Kind of traffic, for the classes of policies.
    pub class: String,
    /// Rate up at the peak of the profile.
    #[serde(default)]
    pub up: Option<BitRate>,
    /// Rate down at the peak of the profile.
    #[serde(default)]
    pub down: Option<BitRate>,
    /// Id of the day's shape (with `up` and `down`).
    #[serde(default)]
    pub profile: Option<String>,
    /// Bytes a day (with `window` and `way`): a backup.
    #[serde(default)]
    pub volume: Option<Bytes>,
    /// When the bytes must be through.
    #[serde(default)]
    pub window: Option<ClockRange>,
    /// Which way the bytes go.
    #[serde(default)]
    pub way: Option<WayName>,
    /// Whether it grows with the accounts.
    #[serde(default)]
    pub grows: bool,
    /// Days that a copy is kept.
    #[serde(default)]
    pub keep_days: Option<u32>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// An organisation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnitFile {
    /// What its demand is weighed by, e.g. documents handled.
    pub weight: f64,
    /// Populations that its users belong to.
    pub populations: Vec<String>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// What congestion control is assumed where packets are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ControlName {
    /// CUBIC (RFC 9438).
    Cubic,
    /// Reno: the Mathis formula below 1 % loss, PFTK above.
    Reno,
}

/// The transport protocol.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TransportFile {
    /// Bytes of data in a full packet.
    pub segment: Bytes,
    /// Bytes sent in the first round trip.
    pub initial_window: Bytes,
    /// Congestion control.
    pub control: ControlName,
    /// Retransmission timeout.
    pub timeout: Seconds,
    /// Queueing delay of a class that is full.
    pub full_queue: Seconds,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// How a peak is told from an average.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PeakFile {
    /// Length over which a rate is averaged when a peak is read.
    pub window: Seconds,
    /// Part of such windows that exceed what is called the peak.
    pub exceeded: Fraction,
    /// Standard deviation over mean of the windows of traffic that is only known by its mean.
    pub background_spread: Ratio,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

//! How one link's capacity is divided among classes: pure functions, no clock, no I/O.
//!
//! The rule is the one that Linux HTB keeps, as a fluid. Every leaf first sends
//! min(demand, guarantee), whatever its parent has. Then, upward from the leaves, each inner node
//! lends its spare (its own rate less the use of everything below it) to the leaves below that
//! still want more: strict priority first, inside a priority by weighted water-filling, never past
//! a ceiling on the way. What vendors do differently is a field of [`Rules`].
//!
//! Reading order: [`Rules`] and [`Preset`] (what differs), [`Class`] and [`Tree`] (what is written,
//! checked once), [`share`] and [`Sharer`] (the division), [`Why`] (the reason of each share),
//! [`Answer`] (number or range, behind a carrier's line too), [`over_bursts`] (on-off sources).
//!
//! Sources: M. Devera, "HTB user guide" and the tc-htb manual; the fluid form agrees with byte
//! counters of a Linux kernel within 0.2 % on average (`tests/share.rs`).

mod answer;
mod bursts;
mod fill;
#[cfg(test)]
mod lessons;
mod nested;
#[cfg(test)]
mod properties;
mod refusal;
mod rules;
mod tree;
mod why;

pub use answer::{Answer, Range, Undetermined, answer};
pub use bursts::{Burst, MAX_BURSTS, over_bursts};
pub use fill::{Demand, DemandError, Sharer, Shares, share};
pub use refusal::{Oversubscribed, TreeError};
pub use rules::{Basis, Excess, Origin, Oversubscription, Preset, Rules};
pub use tree::{Class, PerUser, Tree, default_quantum};
pub use why::Why;

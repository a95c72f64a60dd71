//! hopcast: one text file describes the whole link; hopcast measures it, models it, asks what-ifs
//! of it, and draws the answer.

#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub, missing_debug_implementations)]

#[cfg(feature = "plan")]
pub mod chart;
pub mod cli;
#[cfg(feature = "plan")]
pub mod demand;
pub mod document;
pub mod error;
pub mod files;
pub mod lang;
#[cfg(feature = "trace")]
pub mod probe;
#[cfg(feature = "plan")]
pub mod qos;
#[cfg(feature = "plan")]
pub mod queueing;
pub mod report;
#[cfg(feature = "plan")]
pub mod scenario;
pub mod stats;
pub mod topology;
#[cfg(feature = "trace")]
pub mod trace;
pub mod units;

//! hopcast: one text file describes the whole link; hopcast measures it, models it, asks what-ifs
//! of it, and draws the answer.

#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub, missing_debug_implementations)]

#[cfg(feature = "plan")]
pub mod chart;
pub mod cli;
pub mod document;
pub mod error;
pub mod files;
pub mod lang;
pub mod report;
pub mod scenario;
pub mod topology;
pub mod units;

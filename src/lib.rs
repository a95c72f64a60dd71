//! hopcast: one text file describes the whole link; hopcast measures it, models it, asks what-ifs
//! of it, and draws the answer.

#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub, missing_debug_implementations)]

pub mod cli;
pub mod document;
pub mod error;
pub mod files;
pub mod lang;
#[cfg(feature = "trace")]
pub mod probe;
pub mod scenario;
pub mod stats;
pub mod topology;
#[cfg(feature = "trace")]
pub mod trace;
pub mod units;

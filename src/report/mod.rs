//! Views on what the rooms below hold: terminal tables and plain data. A view computes no new
//! numbers; what it prints was computed in the room that owns the meaning.

#[cfg(feature = "plan")]
pub mod comparison;
#[cfg(feature = "plan")]
pub mod data;
#[cfg(all(feature = "trace", target_os = "linux"))]
pub mod lab;
#[cfg(feature = "trace")]
pub mod ping;
#[cfg(test)]
mod schema;
#[cfg(feature = "plan")]
pub mod simulation;
pub mod table;
#[cfg(feature = "plan")]
pub mod topology;
#[cfg(feature = "trace")]
pub mod trace;

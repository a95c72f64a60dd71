//! Views on what the rooms below hold: terminal tables and plain data. A view computes no new
//! numbers; what it prints was computed in the room that owns the meaning.

pub mod table;
pub mod topology;

//! A trace as people and programs read it: [`table`] in mtr's layout, [`data`] as JSON with mtr's
//! field names, ours beside them.

pub mod data;
mod notes;
pub mod probes;
pub mod table;

//! The live view of a trace: what stays open on a terminal while a path is watched.
//!
//! [`run`] drives a [`Fleet`](crate::trace::fleet::Fleet) over a network as
//! [`trace::run`](crate::trace::run) does, and beside it listens to keys and signals and keeps a
//! screen up to date. Apart from the terminal everything is pure: [`keys`] from bytes, [`state`]
//! from keys, [`figures`] and [`history`] from facts, [`draw`] from those. All that takes time, the
//! figures, the drawing and the writing to a terminal that may be slow, is done by `painter` on a
//! thread of its own, so that probes leave on time whatever the screen does.

pub mod draw;
pub mod figures;
pub mod history;
pub mod keys;
mod pace;
pub mod paced;
mod painter;
mod run;
pub mod state;
pub mod terminal;

pub use run::{Ended, Options, Subject, keep, run};

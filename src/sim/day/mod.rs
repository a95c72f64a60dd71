//! A day of users: who comes when, what each of them does, how long it takes, what gets in the way.
//!
//! [`spec`] is the day in plain numbers, [`record`] the facts that one trial leaves behind. A trial is
//! one day under one seed; numbers for people are derived from the records of several, once.

pub mod record;
pub mod run;
pub mod spec;

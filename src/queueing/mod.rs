//! How long people wait and how many are refused, in closed form: no random numbers, no clock.
//!
//! Every function is pure. Its comment gives the formula, where it comes from and where it holds; an
//! argument outside that range is an [`OutOfRange`] that says what was found and what is allowed, so
//! no NaN and no infinity ever leaves this room. Loads are dimensionless (erlangs, or a part of
//! capacity), times are [`Seconds`](crate::units::Seconds), rates [`BitRate`](crate::units::BitRate).
//!
//! | file | answers |
//! |---|---|
//! | [`erlang`] | sessions refused or made to wait, any number of servers, also fractional |
//! | [`finite`] | the same for few users (Engset) and for calls of several sizes (Kaufman-Roberts) |
//! | [`single`] | one server: M/M/1, M/D/1, M/G/1 |
//! | [`sharing`] | one link shared by all: processor sharing, with and without a per-user cap |
//! | [`multi`] | a pool of servers: M/M/c, Allen-Cunneen |
//! | [`response`] | round trips of an exchange, and the queue they wait in |
//! | [`tcp`] | the greatest rate of one TCP connection |
//! | [`link`] | the capacity a link needs for a mean and its fluctuation |
//! | [`keep_alive`] | sessions dropped by losses, single or in bursts |
//! | [`growth`] | a demand at a date, and the date of a demand; "never" is an answer |
//! | [`student`] | the quantile behind a confidence interval |
//! | [`closed`] | users who wait for their answer before they ask again: mean-value analysis |
//! | [`exact`] | the same without approximation, for small cases and to judge [`closed`] by |

pub mod closed;
pub mod erlang;
pub mod exact;
pub mod finite;
pub mod growth;
pub mod keep_alive;
pub mod link;
pub mod multi;
mod range;
pub mod response;
pub mod sharing;
pub mod single;
pub mod student;
pub mod tcp;

pub use range::OutOfRange;

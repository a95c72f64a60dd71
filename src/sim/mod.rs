//! Event simulation: what averages cannot tell. Same input, same bytes out, on any machine.
//!
//! Nothing here is packet by packet. What shares a rate is a fluid (a class of a link, the servers
//! of a station), so a run is exact for the model it states and its cost does not grow with the
//! number of bytes. Events happen in the order of (moment, number); a hash map is only asked, never
//! walked; and arithmetic that decides anything is additions, products and quotients of doubles,
//! which all machines round alike.
//!
//! | file | what it is |
//! |---|---|
//! | [`double_double`] | a clock of 106 bits |
//! | `lane` | jobs at one speed: virtual time and a heap |
//! | [`pool`] | jobs that share a rate, capped each or by user: processor sharing |
//! | `source` | a rate that waits for nobody, with a queue |
//! | [`link`] | classes that share a link by the [`qos`](crate::qos) rule |
//! | [`network`] | many transfers over several lines: max-min fair, classes by the same rule |
//! | [`replay`] | known transfers through one link |
//! | [`station`] | servers in the order of coming, shared servers, sessions with a limit |
//! | [`experiment`] | customers from outside, or users who think and wait, at one station |
//! | [`burst`] | stretches in which a link loses packets, and the sessions that they drop |
//! | [`measure`] | means and quantiles with the interval that the run gives them |
//! | [`outcome`] | a replay in figures |
//! | [`day`] | a day of users: who does what when, and what gets in the way |
//! | [`histogram`] | times in buckets, with what they consist of |
//! | [`trials`] | replications until the asked precision; values over trials |
//! | [`random`] | named streams of random numbers, and laws |

pub mod burst;
pub mod day;
pub mod double_double;
mod earliest;
pub mod experiment;
pub mod histogram;
mod lane;
pub mod link;
pub mod measure;
pub mod network;
pub mod outcome;
pub mod pool;
pub mod random;
#[cfg(test)]
mod reference;
pub mod replay;
mod source;
pub mod station;
#[cfg(test)]
mod theory;
pub mod trials;
mod users;

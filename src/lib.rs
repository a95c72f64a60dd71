//! hopcast: one text file describes the whole link; hopcast measures it, models it, asks what-ifs of
//! it, and draws the answer.
//!
//! # The house
//!
//! Rooms in reading order. A room imports only from rooms of a lower layer.
//!
//! | layer | room | what it is for |
//! |---|---|---|
//! | 0 | [`units`] | quantities with their units inside the value; a moment is not a duration |
//! | 0 | [`lang`] | every sentence in Chinese and English; cells that a hanzi takes |
//! | 0 | [`error`] | what went wrong, in which file, line and column, and what is allowed |
//! | 0 | [`files`] | whole files in, whole files out |
//! | 0 | [`document`] | a TOML file with a place for every value, checked against its schema |
//! | 0 | [`prefix`] | networks of addresses; the longest of many that holds an address |
//! | 0 | [`stats`] | one-pass summaries, quantiles, Wilson intervals |
//! | 1 | [`atlas`] | whose an address is, and where: from a file of the user's, asking nobody |
//! | 1 | [`topology`] | what is written → what it means: nodes, links, policies, journeys, people |
//! | 1 | [`packet`] | packets as bytes and as values: headers, ICMP errors and what they quote |
//! | 2 | [`demand`] | who asks for what at an hour of a day |
//! | 2 | [`probe`] | the only sockets and the only real clock, behind one trait; a network that answers from a topology |
//! | 3 | [`qos`] | who gets what of a line: pure functions, the kernel's rule and vendors' |
//! | 3 | [`queueing`] | closed forms, and mean-value analysis for users who wait |
//! | 3 | [`trace`] | the engine: a state machine fed moments; statistics per hop and responder; the named path and its side loops |
//! | 3 | [`ping`] | many targets at once: a state machine fed moments; counts, times, who is alive |
//! | 4 | `lab` | a network of our own, in namespaces, for programs to be tried against (Linux) |
//! | 4 | [`sim`] | event simulation: classes shared anew on change, processor sharing inside a class |
//! | 5 | [`scenario`] | what-ifs: changes, growth, the answer for every hour and month, comparison |
//! | 6 | [`chart`] | figures as SVG and PNG with a font of their own |
//! | 6 | [`live`] | a trace watched on a terminal (Unix), in the columns of [`report`] |
//! | 6 | [`report`] | terminal tables and data files |
//! | 7 | [`cli`] | what was typed in, an exit code out |
//!
//! # The two journeys of data
//!
//! *Trace*: arguments → `Settings` → [`trace::plan::Plan`] (the named hops expected) →
//! [`trace::engine::Tracer`] ⇄ [`probe::Network`] (probes out, replies and moments in) → one `Fate`
//! for each probe → hops → table or JSON.
//!
//! *Plan*: topology and scenario files → [`document::Value`] (every value with its place) → changes
//! → [`topology::Topology`] and [`scenario::Scenario`] → [`scenario::answer`] (24 hours for each
//! month) → metrics → [`scenario::compare::Comparison`] → table, data, figures.
//!
//! `trace` and `scenario` never import each other.

// Allowed in `lab::tun` alone, where no safe wrapper of the kernel's interface exists.
#![deny(unsafe_code)]
#![warn(missing_docs, unreachable_pub, missing_debug_implementations)]
#![cfg_attr(
    not(all(feature = "plan", feature = "trace")),
    allow(rustdoc::broken_intra_doc_links)
)]

#[cfg(feature = "trace")]
pub mod atlas;
#[cfg(feature = "plan")]
pub mod chart;
pub mod cli;
#[cfg(feature = "plan")]
pub mod demand;
pub mod document;
pub mod error;
pub mod files;
#[cfg(all(feature = "trace", target_os = "linux", any(test, fuzzing)))]
#[doc(hidden)]
pub mod fuzzed;
#[cfg(all(feature = "trace", target_os = "linux"))]
pub mod lab;
pub mod lang;
// Terminals, signals and stopped processes as POSIX has them.
#[cfg(all(feature = "trace", unix))]
pub mod live;
#[cfg(feature = "trace")]
pub mod packet;
#[cfg(feature = "trace")]
pub mod ping;
pub mod prefix;
#[cfg(feature = "trace")]
pub mod probe;
#[cfg(feature = "plan")]
pub mod qos;
#[cfg(feature = "plan")]
pub mod queueing;
pub mod report;
#[cfg(feature = "plan")]
pub mod scenario;
#[cfg(feature = "plan")]
pub mod sim;
pub mod stats;
pub mod topology;
#[cfg(feature = "trace")]
pub mod trace;
pub mod units;

//! Pings as fping's habits have them, for people and for the programs that read its lines, and as
//! JSON.
//!
//! [`lines`] tells what comes about, [`summary`] what it came to; both to the letter of fping, in
//! English whatever the language: they are read by SmokePing, Netdata and scripts. Only sentences
//! about our own side are in the language of the user.

pub mod data;
mod icmp;
pub mod lines;
pub mod netdata;
pub mod summary;

use std::fmt;

use crate::lang::Lang;
use crate::ping::about::About;

/// What is printed of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Language of sentences about our own side.
    pub lang: Lang,
    /// A line for each reply and each probe without one.
    pub each: bool,
    /// What is said of a target once it is known whether it is alive.
    pub verdicts: Verdicts,
    /// Neither ICMP errors nor faults of our own side are told.
    pub quiet: bool,
    /// The round trip behind `is alive`.
    pub elapsed: bool,
    /// The time of day in front of lines for each reply.
    pub timestamp: bool,
    /// For how long nothing came back, in summaries.
    pub outage: bool,
    /// Every round trip instead of a summary.
    pub list: bool,
}

/// What is said of a target once it is known whether it is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdicts {
    /// `is alive` or `is unreachable`.
    Sentences,
    /// Its name, if it is alive.
    Alive,
    /// Its name, if it is not.
    Unreachable,
    /// Nothing.
    Silent,
}

/// Text that is still to be printed, for the two streams.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
}

impl Output {
    fn out(&mut self, line: fmt::Arguments<'_>) {
        // A string takes whatever is written.
        let _ = fmt::write(&mut self.out, line);
    }

    fn err(&mut self, line: fmt::Arguments<'_>) {
        let _ = fmt::write(&mut self.err, line);
    }
}

/// A run as it is printed.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Whose run it is.
    pub about: &'a About,
    /// What is printed of it.
    pub style: Style,
    /// Cells that names take in lines one below the other.
    width: usize,
}

impl<'a> View<'a> {
    /// A view on a run.
    pub fn new(about: &'a About, style: Style) -> View<'a> {
        let widths = about
            .hosts
            .iter()
            .map(|host| crate::lang::width(&host.name));
        View {
            about,
            style,
            width: widths.max().unwrap_or(0),
        }
    }
}

/// Nanoseconds as fping prints milliseconds: three figures and more, never more than a microsecond.
struct Ms(f64);

impl fmt::Display for Ms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0 / 1e6;
        let decimals = match ms {
            _ if ms < 1.0 => 3,
            _ if ms < 10.0 => 2,
            _ if ms < 100.0 => 1,
            _ => 0,
        };
        write!(f, "{ms:.decimals$}")
    }
}

#[cfg(test)]
mod tests;

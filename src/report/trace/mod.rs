//! A trace as people and programs read it. [`Format`] lists the ways; each is a file of its own. The
//! table has mtr's layout, [`data`] mtr's field names with ours beside them (`SCHEMA.md` says what
//! each holds).

use clap::ValueEnum;

use crate::lang::Lang;
use crate::trace::report::Report;

mod cells;
mod csv;
pub mod data;
mod dot;
mod fields;
mod flows;
mod markdown;
mod notes;
mod pretty;
mod probes;
pub mod raw;
mod side;
mod size;
pub mod stream;
pub mod table;
mod verdict;

pub use cells::{node, owner};
pub use fields::{Field, Fields, Figure};
pub use verdict::{label, lines};

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// mtr's report, with verdicts.
    Table,
    /// Everything, with mtr's field names.
    Json,
    /// mtr's comma-separated report.
    Csv,
    /// mtr's raw lines, as they happen.
    Raw,
    /// A framed table.
    Pretty,
    /// A Markdown table.
    Markdown,
    /// A graph for Graphviz.
    Dot,
    /// The path of each flow.
    Flows,
    /// A line for each hop of each sweep, as they happen.
    Stream,
    /// A line of JSON for each probe.
    Probes,
}

impl Format {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Raw => "raw",
            Format::Pretty => "pretty",
            Format::Markdown => "markdown",
            Format::Dot => "dot",
            Format::Flows => "flows",
            Format::Stream => "stream",
            Format::Probes => "probes",
        }
    }
}

/// How a report is to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// In which language.
    pub lang: Lang,
    /// Whether no name is cut, and percentiles, jitter, the loss interval and the verdict are shown.
    pub wide: bool,
    /// The columns.
    pub fields: Fields,
    /// Whether addresses are shown by name.
    pub names: bool,
    /// Whether the network of an address is shown before it.
    pub networks: bool,
    /// Whether an address is shown beside its name.
    pub both: bool,
    /// Terminal cells of a framed table, if there is a bound.
    pub columns: Option<u16>,
}

impl Look {
    /// mtr's columns in `lang`.
    pub fn plain(lang: Lang) -> Look {
        Look {
            lang,
            wide: false,
            fields: Fields::default(),
            names: false,
            networks: false,
            both: false,
            columns: None,
        }
    }
}

/// `report` as `format` has it.
pub fn render(report: &Report, format: Format, look: &Look) -> String {
    match format {
        Format::Table => table::table(report, look),
        Format::Json => format!("{:#}\n", data::data(report)),
        Format::Csv => csv::csv(report, look),
        Format::Raw => raw::raw(report),
        Format::Pretty => pretty::pretty(report, look),
        Format::Markdown => markdown::markdown(report, look),
        Format::Dot => dot::dot(report, look),
        Format::Flows => flows::flows(report, look),
        Format::Stream => stream::stream(report, look.lang),
        Format::Probes => probes::probes(report.about.address, &report.trace),
    }
}

#[cfg(test)]
mod tests;

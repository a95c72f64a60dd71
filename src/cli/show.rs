//! `hopcast show`: what a file means once everything in it is resolved.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::Context;
use crate::chart::{Fonts, dot, mermaid, png, svg_outlined};
use crate::error::{Error, did_you_mean, draw};
use crate::files;
use crate::report::topology::{Marks, View, journey, json, overview, values};
use crate::scenario;
use crate::text;
use crate::topology::{JourneyAt, Topology};

mod map;

/// Show a topology, or the topology that a scenario makes: the path, every table, every origin.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// Topology or scenario file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// One journey hop by hop, there and back; in drawings it is highlighted with step numbers.
    #[arg(long, value_name = "ID")]
    journey: Option<String>,
    /// Every value with its origin, reason and place, and the defaults taken (tables only; JSON
    /// always has them).
    #[arg(long, conflicts_with = "journey")]
    values: bool,
    /// List every unit instead of sums.
    #[arg(long, conflicts_with_all = ["journey", "values"])]
    units: bool,
    /// How to show it.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// A font file for characters that the built-in font does not have (svg and png).
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables and a drawing for the terminal.
    Table,
    /// Data.
    Json,
    /// The map as Graphviz text.
    Dot,
    /// The map as Mermaid text.
    Mermaid,
    /// The map as a drawing.
    Svg,
    /// The map as a picture (needs --out).
    Png,
}

/// Pixels per unit of a drawing: fine enough for print.
const PNG_SCALE: f64 = 2.0;

/// Exit 0: shown (warnings go to standard error); 1: the file has errors; 2: no such journey.
pub(super) fn run(args: &ShowArgs, context: &Context) -> Result<ExitCode, Error> {
    let changed = scenario::load::is_scenario(&files::read(&args.file)?);
    let found = scenario::load::load(&args.file)?;
    let loaded = &found.loaded;
    for warning in &loaded.warnings {
        eprint!(
            "{}",
            draw(&loaded.sources, warning, context.lang, context.colour)
        );
    }
    let at = match &args.journey {
        Some(id) => Some(journey_at(&loaded.topology, id)?),
        None => None,
    };
    let marks = Marks::new(loaded);
    let view = View {
        topology: &loaded.topology,
        marks: &marks,
        scenario: changed.then_some(&found.scenario),
        lang: context.lang,
        // A file has no edge to keep within.
        columns: context.columns().filter(|_| args.out.is_none()),
    };
    let text = match args.format {
        Format::Json => format!("{:#}\n", json::answer(&view, &loaded.warnings, at)),
        Format::Table => match at {
            Some(at) => journey::draw(&view, at),
            None if args.values => values::draw(&view),
            None => overview(&view, args.units),
        },
        Format::Dot => dot(&map::map(&view, at)),
        Format::Mermaid => mermaid(&map::map(&view, at)),
        Format::Svg => svg_outlined(&map::map(&view, at), &Fonts::of(args.font.as_deref())?)?,
        Format::Png => return picture(args, &map::map(&view, at)),
    };
    match &args.out {
        Some(path) => files::write(path, text.as_bytes())?,
        None => context.print(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the map as PNG. A picture is bytes, and bytes do not belong in a terminal.
fn picture(args: &ShowArgs, map: &crate::chart::Map) -> Result<ExitCode, Error> {
    let Some(path) = &args.out else {
        return Err(Error::Argument(text!(
            "png 要写到文件：加 --out 路径",
            "a png goes to a file: add --out PATH"
        )));
    };
    files::write(
        path,
        &png(map, &Fonts::of(args.font.as_deref())?, PNG_SCALE)?,
    )?;
    Ok(ExitCode::SUCCESS)
}

fn journey_at(topology: &Topology, id: &str) -> Result<JourneyAt, Error> {
    topology.journey(id).ok_or_else(|| {
        let names = || topology.journeys.iter().map(|journey| journey.id.as_str());
        Error::Argument(match did_you_mean(id, names()) {
            Some(near) => text!(
                "没有路径 \"{id}\"；是不是 \"{near}\"？",
                "there is no journey \"{id}\"; did you mean \"{near}\"?"
            ),
            None => {
                let known = names().collect::<Vec<_>>().join(", ");
                text!(
                    "没有路径 \"{id}\"；可用：{known}",
                    "there is no journey \"{id}\"; known: {known}"
                )
            }
        })
    })
}

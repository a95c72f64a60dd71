//! `hopcast schema`: the JSON Schema of the files, for editors.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::Context;
use crate::error::Error;
use crate::{scenario, topology};

/// Print the JSON Schema of a kind of file, so that an editor completes and checks it.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// The kind of file.
    #[arg(value_enum)]
    kind: FileKind,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FileKind {
    /// A network and what its users ask of it.
    Topology,
    /// A named set of changes.
    Scenario,
    /// A client, a server and the path between them, for the lab.
    #[cfg(all(feature = "trace", target_os = "linux"))]
    World,
}

/// Prints the schema.
pub(super) fn run(args: &SchemaArgs, context: &Context) -> Result<ExitCode, Error> {
    let schema = match args.kind {
        FileKind::Topology => topology::load::schema(),
        FileKind::Scenario => scenario::load::schema(),
        #[cfg(all(feature = "trace", target_os = "linux"))]
        FileKind::World => crate::lab::world::schema(),
    };
    context.print(&format!("{schema:#}\n"))?;
    Ok(ExitCode::SUCCESS)
}

//! From a path to a [`Topology`], or to everything that is wrong with its file.

use std::path::Path;

use serde_json::Value as Json;

use super::Topology;
use super::file::TopologyFile;
use super::origin::{Origined, origins};
use super::resolve::resolve;
use crate::document::{self, Value, shape};
use crate::error::{Error, Problem, Severity, Sources};
use crate::files;
use crate::lang::Text;

/// A topology that can be used, and all that is known of its file.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What the file means.
    pub topology: Topology,
    /// Every quantity with its origin.
    pub origins: Vec<Origined>,
    /// Warnings: none of them an error.
    pub warnings: Vec<Problem>,
    /// The files read.
    pub sources: Sources,
}

/// The JSON Schema of topology files, generated from the types.
pub fn schema() -> Json {
    schemars::schema_for!(TopologyFile).to_value()
}

/// Reads and checks the topology file at `path`.
pub fn load(path: &Path) -> Result<Loaded, Error> {
    let mut sources = Sources::default();
    let text = files::read(path)?;
    let file = sources.add(path.to_path_buf(), text);
    let (root, problems) = document::parse(file, sources.text(file));
    build(root, sources, problems)
}

/// Checks a tree, whatever files it came from, and resolves it. `problems` were found before.
pub fn build(root: Value, sources: Sources, problems: Vec<Problem>) -> Result<Loaded, Error> {
    assemble(root, sources, problems).finish()
}

/// What became of a tree: perhaps a topology, and all that was found on the way.
pub(crate) struct Assembled {
    /// The topology; with errors in `problems` it is good only for looking up names.
    pub(crate) topology: Option<Topology>,
    /// Every quantity with its origin.
    pub(crate) origins: Vec<Origined>,
    /// All that was found.
    pub(crate) problems: Vec<Problem>,
    sources: Sources,
}

impl Assembled {
    /// The topology if nothing forbids to use it, else every problem in the order of the files.
    pub(crate) fn finish(self) -> Result<Loaded, Error> {
        let Assembled {
            topology,
            origins,
            mut problems,
            sources,
        } = self;
        let key = |problem: &Problem| {
            problem
                .place
                .as_ref()
                .map(|place| (place.file, place.span.start))
        };
        problems.sort_by_key(key);
        problems.dedup();
        let broken = problems
            .iter()
            .any(|problem| problem.severity == Severity::Error);
        match topology {
            Some(topology) if !broken => Ok(Loaded {
                topology,
                origins,
                warnings: problems,
                sources,
            }),
            _ => Err(Error::Problems { sources, problems }),
        }
    }
}

/// Checks a tree and resolves it as far as it goes.
pub(crate) fn assemble(mut root: Value, sources: Sources, mut problems: Vec<Problem>) -> Assembled {
    let schema = schema();
    let mut checked = shape::check(&mut root, &schema);
    document::drop_echoes(&mut checked.problems, &problems);
    let file = serde_json::from_value::<TopologyFile>(checked.to_json());
    let topology = match file {
        Ok(file) => Some(resolve(file, &mut checked)),
        Err(error) => {
            if checked.problems.is_empty() {
                let message = Text::same(error);
                checked
                    .problems
                    .push(Problem::error("shape", None, message));
            }
            None
        }
    };
    problems.append(&mut checked.problems);
    let healed = std::mem::take(&mut checked.healed);
    let (origins, mut marks) = origins(&root, &schema, &healed);
    problems.append(&mut marks);
    Assembled {
        topology,
        origins,
        problems,
        sources,
    }
}

//! From a path to a [`Scenario`], through every file that it extends.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::file::ScenarioFile;
use super::{Scenario, change, plan};
use crate::document::{self, Value, shape};
use crate::error::{Error, Problem, Severity, Sources};
use crate::files;
use crate::lang::Text;
use crate::text;
use crate::topology::load::{Loaded, build};

/// The JSON Schema of scenario files, generated from the types.
pub fn schema() -> Json {
    schemars::schema_for!(ScenarioFile).to_value()
}

/// A scenario that can be answered, and all that is known of its files.
#[derive(Debug, Clone)]
pub struct LoadedScenario {
    /// What the files mean.
    pub scenario: Scenario,
    /// The topology it changed, with origins, warnings and sources.
    pub loaded: Loaded,
}

/// Whether the text of a file is a scenario's (it extends something) and not a topology's.
pub fn is_scenario(text: &str) -> bool {
    let (root, _) = document::parse(crate::error::FileId(0), text);
    root.get("extends").is_some() || (root.get("node").is_none() && root.get("set").is_some())
}

/// Reads and checks the scenario at `path`. A topology file is a scenario that changes nothing.
pub fn load(path: &Path) -> Result<LoadedScenario, Error> {
    let mut chain = Chain {
        sources: Sources::default(),
        problems: Vec::new(),
        visited: Vec::new(),
        scenarios: Vec::new(),
    };
    let text = files::read(path)?;
    let Some(mut root) = chain.follow(path, text) else {
        return Err(chain.failed());
    };
    let mut merged: Option<Value> = None;
    // The chain was read from the leaf; changes apply from the root.
    for (name, tree) in chain.scenarios.iter().rev() {
        let mut found = change::apply(&mut root, tree, name);
        chain.problems.append(&mut found);
        merged = Some(match merged {
            None => tree.clone(),
            Some(base) => inherit(base, tree),
        });
    }
    let file = merged.and_then(|tree| {
        serde_json::from_value::<ScenarioFile>(tree.to_json())
            .ok()
            .zip(Some(tree))
    });
    let stopped = chain
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    let Chain {
        sources,
        problems,
        scenarios,
        ..
    } = chain;
    if scenarios.is_empty() || stopped {
        // Either a topology alone, or a chain whose problems are to be said with the topology's.
        let loaded = build(root, sources, problems)?;
        let scenario = plan::unchanged(&loaded.topology, path);
        return Ok(LoadedScenario { scenario, loaded });
    }
    let mut loaded = build(root, sources, problems)?;
    let Some((file, tree)) = file else {
        return Err(Error::Argument(text!(
            "方案无法读取",
            "the scenario cannot be read"
        )));
    };
    let (scenario, mut found) = plan::resolve(file, &tree, &loaded.topology, path);
    loaded.warnings.append(&mut found);
    let broken = loaded
        .warnings
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    match broken {
        true => Err(Error::Problems {
            sources: loaded.sources,
            problems: loaded.warnings,
        }),
        false => Ok(LoadedScenario { scenario, loaded }),
    }
}

/// What a scenario does not say again, it takes from the one that it extends: growth, objectives,
/// price, question. Its changes were applied already and are not inherited.
fn inherit(base: Value, tree: &Value) -> Value {
    let mut whole = tree.clone();
    let Some(table) = whole.table_mut() else {
        return whole;
    };
    for (key, entry) in base.table().into_iter().flatten() {
        match (key.as_str(), table.get_mut(key)) {
            ("growth" | "objective", Some(own)) => {
                let Some(own) = own.value.table_mut() else {
                    continue;
                };
                for (inner, value) in entry.value.table().into_iter().flatten() {
                    if !own.contains_key(inner) {
                        own.insert(inner.clone(), value.clone());
                    }
                }
            }
            ("growth" | "objective" | "price" | "question", None) => {
                table.insert(key.clone(), entry.clone());
            }
            _ => {}
        }
    }
    whole
}

struct Chain {
    sources: Sources,
    problems: Vec<Problem>,
    visited: Vec<PathBuf>,
    /// Name and tree of each scenario, the leaf first.
    scenarios: Vec<(String, Value)>,
}

impl Chain {
    fn failed(self) -> Error {
        Error::Problems {
            sources: self.sources,
            problems: self.problems,
        }
    }

    /// Reads `text` of `path` and everything it extends; gives the topology's tree.
    fn follow(&mut self, path: &Path, text: String) -> Option<Value> {
        let mut path = path.to_path_buf();
        let mut text = text;
        loop {
            let known = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            self.visited.push(known);
            let file = self.sources.add(path.clone(), text);
            let (mut tree, mut problems) = document::parse(file, self.sources.text(file));
            self.problems.append(&mut problems);
            if !is_scenario(self.sources.text(file)) {
                return Some(tree);
            }
            let schema = schema();
            let mut checked = shape::check(&mut tree, &schema);
            self.problems.append(&mut checked.problems);
            let name = path
                .file_stem()
                .map_or_else(String::new, |stem| stem.to_string_lossy().into());
            let extends = tree.get("extends").cloned();
            self.scenarios.push((name, tree));
            let (next, place) = match extends
                .as_ref()
                .and_then(|value| value.text().zip(Some(value)))
            {
                Some((next, value))
                    if value.place.file == file && !next.is_empty() && next != "-" =>
                {
                    (
                        path.parent().unwrap_or(Path::new("")).join(next),
                        value.place.clone(),
                    )
                }
                _ => return None,
            };
            let known = std::fs::canonicalize(&next).unwrap_or_else(|_| next.clone());
            if self.visited.contains(&known) {
                let shown = next.display();
                self.problems.push(
                    Problem::error(
                        "extends-cycle",
                        Some(place),
                        text!("extends 绕回了 {shown}", "extends comes back to {shown}"),
                    )
                    .help(Text::new(
                        "一串 extends 应止于一个拓扑文件",
                        "a chain of extends must end at a topology file",
                    )),
                );
                return None;
            }
            match std::fs::read_to_string(&next) {
                Ok(read) => text = read,
                Err(error) => {
                    let shown = next.display();
                    self.problems.push(
                        Problem::error(
                            "extends-unreadable",
                            Some(place),
                            text!("无法读取 {shown}：{error}", "cannot read {shown}: {error}"),
                        )
                        .help(Text::new(
                            "写相对于本文件的路径",
                            "write a path relative to this file",
                        )),
                    );
                    return None;
                }
            }
            path = next;
        }
    }
}

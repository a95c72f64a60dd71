//! From a path to a [`Scenario`], through every file that it extends.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::file::ScenarioFile;
use super::{Scenario, change, plan};
use crate::document::{self, Value, shape};
use crate::error::{Error, Problem, Sources};
use crate::files;
use crate::lang::Text;
use crate::text;
use crate::topology::load::{Loaded, assemble};
use crate::topology::origin::origins;

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

/// Whether the text of a file is a scenario's and not a topology's: it extends something, or it has
/// no nodes but something that only a scenario has.
pub fn is_scenario(text: &str) -> bool {
    let (root, _) = document::parse(crate::error::FileId(0), text);
    let own = ["set", "add", "remove", "fail", "growth", "objective"];
    root.get("extends").is_some()
        || (root.get("node").is_none() && own.iter().any(|key| root.get(key).is_some()))
}

/// Reads and checks the scenario at `path`. A topology file is a scenario that changes nothing.
pub fn load(path: &Path) -> Result<LoadedScenario, Error> {
    let mut chain = Chain {
        sources: Sources::default(),
        problems: Vec::new(),
        visited: Vec::new(),
        scenarios: Vec::new(),
        misshapen: false,
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
    let mut file = None;
    if let Some(tree) = merged {
        match serde_json::from_value::<ScenarioFile>(tree.to_json()) {
            Ok(read) => file = Some((read, tree)),
            Err(_) if !chain.problems.is_empty() => {}
            Err(error) => {
                let message = Text::same(error);
                chain.problems.push(Problem::error("shape", None, message));
            }
        }
    }
    let Chain {
        sources,
        problems,
        misshapen,
        ..
    } = chain;
    // Whatever is wrong with the topology, the plan's own problems are said with it.
    let mut assembled = assemble(root, sources, problems);
    let mut scenario = None;
    if let Some(((file, tree), topology)) = file.zip(assembled.topology.as_ref()) {
        let (mut own, mut marks) = origins(&tree, &schema(), &[]);
        if !misshapen {
            let (resolved, mut found) = plan::resolve(file, &tree, topology, path);
            assembled.problems.append(&mut found);
            scenario = Some(resolved);
        }
        assembled.problems.append(&mut marks);
        assembled.origins.append(&mut own);
    }
    let loaded = assembled.finish()?;
    let scenario = scenario.unwrap_or_else(|| plan::unchanged(&loaded.topology, path));
    Ok(LoadedScenario { scenario, loaded })
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
    /// Whether one of them does not fit its schema: its values cannot be held against each other.
    misshapen: bool,
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
            if !is_scenario(self.sources.text(file)) {
                self.problems.append(&mut problems);
                return Some(tree);
            }
            let schema = schema();
            let mut checked = shape::check(&mut tree, &schema);
            self.misshapen |= !problems.is_empty() || !checked.problems.is_empty();
            document::drop_echoes(&mut checked.problems, &problems);
            self.problems.append(&mut problems);
            let said = !checked.doubtful(&["extends"]);
            self.problems.append(&mut checked.problems);
            let name = path
                .file_stem()
                .map_or_else(String::new, |stem| stem.to_string_lossy().into());
            let extends = tree.get("extends").cloned();
            self.scenarios.push((name, tree));
            let extends = extends.as_ref().filter(|_| said);
            let (next, place) = match extends.and_then(|value| value.text().zip(Some(value))) {
                Some((next, value)) => (
                    path.parent().unwrap_or(Path::new("")).join(next),
                    value.place.clone(),
                ),
                None => return None,
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

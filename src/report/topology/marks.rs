//! Which values of a topology are stated, assumed, measured or taken by default, and the signs
//! that say so beside them.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::error::Sources;
use crate::lang::words::Word;
use crate::lang::{Lang, Text};
use crate::topology::Topology;
use crate::topology::load::Loaded;
use crate::topology::origin::{DEFAULTS, Origin, Origined};

/// The values of a topology by their path.
#[derive(Debug)]
pub struct Marks<'a> {
    /// Every value as the files have it, in file order.
    pub values: &'a [Origined],
    /// The files.
    pub sources: &'a Sources,
    by_path: HashMap<String, &'a Origined>,
}

/// Joins a path so that ids with dots in them stay apart.
fn key<'p>(path: impl Iterator<Item = &'p str>) -> String {
    path.collect::<Vec<_>>().join("\u{1f}")
}

/// The sign behind a value of this origin: nothing for what a document states.
pub(super) fn sign(origin: Origin) -> &'static str {
    match origin {
        Origin::Stated => "",
        Origin::Assumed => "*",
        Origin::Measured => "+",
        Origin::Unmarked => "?",
    }
}

/// The sign behind a value that no file says.
pub(super) const DEFAULT_SIGN: &str = "^";

/// What the signs mean.
pub(super) fn legend(lang: Lang) -> String {
    let assumed = Word::Assumed.get(lang);
    let measured = Word::Measured.get(lang);
    let default = Word::Default.get(lang);
    let unmarked = Word::Unmarked.get(lang);
    let stated = Word::Stated.get(lang);
    let origin = Word::Origin.get(lang);
    let more = lang.pick("各值的依据见 --values", "reasons: --values");
    format!(
        "{origin}: * {assumed}, + {measured}, ^ {default}, ? {unmarked}, {} {stated} ({more})\n",
        lang.pick("无记号", "no sign"),
    )
}

impl<'a> Marks<'a> {
    /// The marks of what was loaded.
    pub fn new(loaded: &'a Loaded) -> Marks<'a> {
        let by_path = loaded
            .origins
            .iter()
            .map(|value| (key(value.path.iter().map(String::as_str)), value))
            .collect();
        Marks {
            values: &loaded.origins,
            sources: &loaded.sources,
            by_path,
        }
    }

    /// The written value of `field` of the record at `record`.
    pub fn find(&self, record: &[&str], field: &str) -> Option<&'a Origined> {
        let path = record.iter().copied().chain([field]);
        self.by_path.get(&key(path)).copied()
    }

    /// `value` with the sign of the first of `fields` that the record at `record` has; with the
    /// sign of a default when it has none of them.
    pub(super) fn cell(
        &self,
        record: &[&str],
        fields: &[&str],
        value: impl fmt::Display,
    ) -> String {
        let found = fields.iter().find_map(|field| self.find(record, field));
        let sign = found.map_or(DEFAULT_SIGN, |value| sign(value.origin));
        format!("{value}{sign}")
    }

    /// As [`Marks::cell`], and empty where there is no value.
    pub(super) fn maybe(
        &self,
        record: &[&str],
        field: &str,
        value: Option<impl fmt::Display>,
    ) -> String {
        value.map_or(String::new(), |value| self.cell(record, &[field], value))
    }

    /// What is taken where no file says anything, and which records take it.
    pub fn defaults(&self, topology: &Topology) -> Vec<Taken> {
        let mut taken = Vec::new();
        for (section, field, value) in DEFAULTS {
            let ids: Vec<&str> = match section {
                "node" => topology.nodes.iter().map(|node| node.id.as_str()).collect(),
                "link" => topology.links.iter().map(|link| link.id.as_str()).collect(),
                "transaction" => topology
                    .transactions
                    .iter()
                    .map(|t| t.id.as_str())
                    .collect(),
                "population" => topology.populations.iter().map(|p| p.id.as_str()).collect(),
                _ => Vec::new(),
            };
            let silent = |id: &&str| self.find(&[section, id], field).is_none();
            taken.push(Taken {
                field: format!("{section}.{field}"),
                value: Text::same(value),
                by: ids.into_iter().filter(silent).map(String::from).collect(),
            });
        }
        for (field, zh, en) in CLASS_DEFAULTS {
            let ways = ["", "-up", "-down"].map(|way| format!("{field}{way}"));
            let classes = topology.policies.iter().flat_map(|policy| {
                let classes = policy.classes.iter();
                classes.map(|class| (policy.id.as_str(), class.id.as_str()))
            });
            let silent = |(policy, class): &(&str, &str)| {
                let record = ["policy", policy, "class", class];
                let [both, up, down] = ways.each_ref().map(|way| self.find(&record, way).is_some());
                !(both || up && down)
            };
            taken.push(Taken {
                field: format!("class.{field}"),
                value: Text::new(zh, en),
                by: classes
                    .filter(silent)
                    .map(|(policy, class)| format!("{policy}.{class}"))
                    .collect(),
            });
        }
        taken.retain(|default| !default.by.is_empty());
        taken
    }
}

/// What a class of a policy takes where its line of the page is empty.
const CLASS_DEFAULTS: [(&str, &str, &str); 4] = [
    ("active", "全天", "all day"),
    ("guarantee", "0 Mbit/s", "0 Mbit/s"),
    ("ceiling", "线路容量", "the line's capacity"),
    ("per-user", "不限", "no limit"),
];

/// A default and who takes it.
#[derive(Debug, Clone, Serialize)]
pub struct Taken {
    /// Section and field: `link.jitter`.
    pub field: String,
    /// What is taken.
    pub value: Text,
    /// Ids of the records that say nothing.
    pub by: Vec<String>,
}

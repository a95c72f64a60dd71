//! What both file forms say, in one shape: cases (one class tree with its demands each), and where
//! in the text each class and field stands.

use std::collections::HashSet;

use crate::error::{FileId, Place, Problem, Sources};
use crate::lang::Text;
use crate::qos::{Burst, Class, Demand, PerUser, Preset, Rules, Tree, TreeError};
use crate::text;
use crate::units::{BitRate, Bytes};

/// A file, read.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) sources: Sources,
    pub(super) problems: Vec<Problem>,
    pub(super) preset: Preset,
    pub(super) rules: Rules,
    pub(super) cases: Vec<Case>,
    pub(super) table: Table,
}

/// The rows that the answer repeats.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) headers: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// One class tree with its demands, as written.
#[derive(Debug, Default)]
pub(super) struct Case {
    /// Repetition and mix, where the file has them.
    pub(super) rep: Option<String>,
    pub(super) mix: Option<String>,
    pub(super) link: Option<BitRate>,
    pub(super) line: Option<BitRate>,
    pub(super) classes: Vec<Class>,
    pub(super) demands: Vec<Demand>,
    pub(super) bursts: Vec<Burst>,
    /// Whether a value of it could not be read: its tree would have errors that nobody meant.
    pub(super) broken: bool,
    /// By class: row of the table.
    pub(super) rows: Vec<usize>,
    /// By class: where it stands.
    pub(super) places: Vec<ClassPlaces>,
}

/// Where a class and its fields stand in the text.
#[derive(Debug, Clone)]
pub(super) struct ClassPlaces {
    pub(super) name: Place,
    /// By the field's name in [`crate::qos`].
    pub(super) fields: Vec<(&'static str, Place)>,
}

impl ClassPlaces {
    /// Where `field` stands; the name where it is not written.
    pub(super) fn of(&self, field: &str) -> Place {
        let found = self.fields.iter().find(|(name, _)| *name == field);
        found.map_or(&self.name, |(_, place)| place).clone()
    }
}

/// The limit per user, which takes both a number of users and a rate.
pub(super) fn per_user(
    users: Option<f64>,
    limit: Option<BitRate>,
    places: &ClassPlaces,
    problems: &mut Vec<Problem>,
) -> Option<PerUser> {
    if users.is_some() != limit.is_some() {
        let place = places.of(if users.is_some() { "users" } else { "per_user" });
        let message = Text::new(
            "用户数与单用户限制必须同时给出",
            "a number of users and a limit per user need each other",
        );
        let help = Text::new(
            "TOML：users 与 per_user；CSV：users 与 per_user_mbit",
            "TOML: users and per_user; CSV: users and per_user_mbit",
        );
        problems.push(Problem::error("missing-field", Some(place), message).help(help));
    }
    let (users, limit) = users.zip(limit)?;
    Some(PerUser { users, limit })
}

/// What a source offers, as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Offered {
    Demand(Demand),
    /// On for half of the time, greedy while on.
    OnOff,
}

impl Case {
    /// Adds what class number `class` offers. `queue` in bytes and `period` replace the defaults of
    /// an on-off source.
    pub(super) fn offer(
        &mut self,
        class: usize,
        offered: Offered,
        queue: Option<Bytes>,
        period: Option<crate::units::Seconds>,
    ) {
        self.demands.push(match offered {
            Offered::Demand(demand) => demand,
            Offered::OnOff => {
                let half = Burst::half(class);
                self.bursts.push(Burst {
                    queue: queue.unwrap_or(half.queue),
                    period: period.unwrap_or(half.period),
                    ..half
                });
                Demand::Greedy
            }
        });
    }

    /// Names of the classes that are a parent.
    pub(super) fn parents(&self) -> HashSet<String> {
        let parents = self.classes.iter().filter_map(|class| class.parent.clone());
        parents.collect()
    }

    /// A place for what concerns no single class: the first of them.
    pub(super) fn whole(&self) -> Place {
        let first = self.places.first().map(|places| places.name.clone());
        first.unwrap_or(Place {
            file: FileId(0),
            span: 0..0,
        })
    }

    /// The tree of this case.
    pub(super) fn tree(&self, rules: Rules) -> Result<Tree, Vec<Problem>> {
        let whole = Some(self.whole());
        let Some(link) = self.link else {
            let name = self
                .name()
                .map(|name| format!(" {name}"))
                .unwrap_or_default();
            let message = text!("没有链路速率{name}", "no link rate{name}");
            return Err(vec![Problem::error("missing-field", whole, message).help(
                Text::new(
                    "--link 500M、CSV 的 link_mbit 列或 TOML 的 link = \"500 Mbit/s\"",
                    "--link 500M, a link_mbit column (CSV), or link = \"500 Mbit/s\" (TOML)",
                ),
            )]);
        };
        let tree = Tree::new(link, &self.classes, rules);
        tree.map_err(|errors| {
            let problems = errors.iter();
            problems
                .map(|error| self.problem(error, whole.clone()))
                .collect()
        })
    }

    /// A tree's error with the text that it speaks of.
    fn problem(&self, error: &TreeError, whole: Option<Place>) -> Problem {
        let field = match error {
            TreeError::UnknownParent { .. } | TreeError::Cycle { .. } => "parent",
            TreeError::Impossible { field, .. } => field,
            TreeError::CeilingBelowGuarantee { .. } => "ceiling",
            TreeError::Oversubscribed(_) => "guarantee",
            TreeError::Link(_) | TreeError::Empty | TreeError::Twice { .. } => "name",
        };
        let places = error.class().and_then(|class| self.places.get(class));
        let place = places.map(|places| places.of(field)).or(whole);
        let mut message = error.message();
        if let (None, Some(name)) = (error.class(), self.name()) {
            message = Text::new(
                format!("{name}：{}", message.zh),
                format!("{name}: {}", message.en),
            );
        }
        Problem::error(error.code(), place, message).help(error.allowed())
    }

    /// Repetition and mix as one label.
    pub(super) fn name(&self) -> Option<String> {
        match (&self.rep, &self.mix) {
            (Some(rep), Some(mix)) => Some(format!("{mix} ({rep})")),
            (None, Some(name)) | (Some(name), None) => Some(name.clone()),
            (None, None) => None,
        }
    }
}

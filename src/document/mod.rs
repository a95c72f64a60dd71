//! A TOML file with a place for every value, checked against a schema.
//!
//! Layer 0. [`parse`] keeps where each key and value stands; [`shape::check`] holds the tree to a
//! JSON Schema that is generated from the types (the same schema that `hopcast schema` prints, so
//! an editor and the program cannot disagree) and finds *every* problem of shape, not the first;
//! [`Checked`] is a tree that fits its schema, with which the meaning is checked by name.

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{FileId, Place, Problem};
use crate::lang::Text;
use crate::text;

pub mod cells;
pub mod shape;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The text of the value (of a table: of its header or braces).
    pub place: Place,
    /// What it is.
    pub kind: Kind,
}

/// What a value is. Dates are kept as their text.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Keys with values, in the order written.
    Table(Table),
    /// Values in order.
    Array(Vec<Value>),
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
}

/// The keys of a table.
pub type Table = IndexMap<String, Entry>;

/// A key's place and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The text of the key.
    pub key: Place,
    /// The value.
    pub value: Value,
}

impl Value {
    /// An empty table at `place`.
    pub fn empty(place: Place) -> Value {
        Value {
            place,
            kind: Kind::Table(Table::new()),
        }
    }

    /// The keys, when this is a table.
    pub fn table(&self) -> Option<&Table> {
        match &self.kind {
            Kind::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The keys to change, when this is a table.
    pub fn table_mut(&mut self) -> Option<&mut Table> {
        match &mut self.kind {
            Kind::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The string, when this is one.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value under `key`, when this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.table()?.get(key).map(|entry| &entry.value)
    }

    /// The entry at `path` (table keys and array positions), or the nearest one above it that
    /// exists: its key's place when it has a key, else its own.
    pub fn nearest(&self, path: &[&str]) -> Place {
        let mut place = self.place.clone();
        let mut value = self;
        for (depth, step) in path.iter().enumerate() {
            let last = depth + 1 == path.len();
            match &value.kind {
                Kind::Table(table) => match table.get(*step) {
                    // The value is what is wrong; of a whole table, its name says more.
                    Some(entry) => {
                        let whole = matches!(entry.value.kind, Kind::Table(_));
                        place = match last && !whole {
                            true => entry.value.place.clone(),
                            false => entry.key.clone(),
                        };
                        value = &entry.value;
                    }
                    None => return place,
                },
                Kind::Array(items) => match step.parse().ok().and_then(|at: usize| items.get(at)) {
                    Some(item) => {
                        place = item.place.clone();
                        value = item;
                    }
                    None => return place,
                },
                _ => return place,
            }
        }
        place
    }

    /// The same value without places.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Table(table) => serde_json::Value::Object(
                table
                    .iter()
                    .map(|(key, entry)| (key.clone(), entry.value.to_json()))
                    .collect(),
            ),
            Kind::Array(items) => items.iter().map(Value::to_json).collect(),
            Kind::Text(text) => text.as_str().into(),
            Kind::Integer(number) => (*number).into(),
            Kind::Float(number) => (*number).into(),
            Kind::Bool(truth) => (*truth).into(),
        }
    }
}

/// Reads TOML. The tree holds whatever could be read; every syntax error is in the list.
pub fn parse(file: FileId, text: &str) -> (Value, Vec<Problem>) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Problem> = Vec::new();
    // A table that stands twice has keys that stand twice: that follows and is not said.
    let mut second = 0..0;
    for error in errors {
        let problem = syntax_problem(file, text, &error);
        let at = problem.place.as_ref().map_or(0, |place| place.span.start);
        if problem.code == "duplicate-id" {
            if second.contains(&at) {
                continue;
            }
            if let Some(body) = table_headed_at(text, at) {
                second = body;
            }
        }
        problems.push(problem);
    }
    let place = Place { file, span: 0..0 };
    let mut value = Value {
        place,
        kind: Kind::Table(table(file, root.get_ref())),
    };
    value.place.span = 0..text.lines().next().map_or(0, str::len);
    (value, problems)
}

/// The bytes of the table whose header has byte `at` in it; `None` when that line is no header.
fn table_headed_at(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let line = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let body = text.get(line..)?;
    body.trim_start().starts_with('[').then(|| {
        let mut end = line;
        for (position, own) in body.split_inclusive('\n').enumerate() {
            if position > 0 && own.trim_start().starts_with('[') {
                break;
            }
            end += own.len();
        }
        at + 1..end
    })
}

/// Takes out of `found` what only follows from the syntax errors in `before`: half a tree says things
/// that its author did not write.
pub fn drop_echoes(found: &mut Vec<Problem>, before: &[Problem]) {
    let broken: Vec<&Place> = before
        .iter()
        .filter(|problem| problem.code == "syntax")
        .filter_map(|problem| problem.place.as_ref())
        .collect();
    if broken.is_empty() {
        return;
    }
    let touches = |place: &Place| {
        broken.iter().any(|other| {
            other.file == place.file
                && other.span.start <= place.span.end
                && place.span.start <= other.span.end
        })
    };
    found.retain(|problem| {
        problem.code != "missing-key" && !problem.place.as_ref().is_some_and(touches)
    });
}

fn syntax_problem(file: FileId, text: &str, error: &toml::de::Error) -> Problem {
    let span = error.span().unwrap_or(0..0);
    let end = span.end.min(text.len());
    let place = Place {
        file,
        span: span.start.min(end)..end,
    };
    let said = error.message();
    if said.contains("duplicate key") {
        let key = text.get(place.span.clone()).unwrap_or_default();
        return Problem::error(
            "duplicate-id",
            Some(place),
            text!("\"{key}\" 写了两次", "\"{key}\" is written twice"),
        )
        .help(Text::new(
            "同一张表里每个编号只能出现一次",
            "each id may stand once in its table",
        ));
    }
    Problem::error(
        "syntax",
        Some(place),
        text!("TOML 语法错误：{said}", "TOML syntax error: {said}"),
    )
    .help(Text::new(
        "一行一个 键 = 值；字符串和带单位的值都要加引号",
        "one key = value a line; strings and values with a unit stand in quotes",
    ))
}

fn table(file: FileId, from: &DeTable<'_>) -> Table {
    from.iter()
        .map(|(key, item)| {
            let place = Place {
                file,
                span: key.span(),
            };
            let entry = Entry {
                key: place,
                value: value(file, item),
            };
            (key.get_ref().to_string(), entry)
        })
        .collect()
}

fn value(file: FileId, from: &Spanned<DeValue<'_>>) -> Value {
    let kind = match from.get_ref() {
        DeValue::Table(inner) => Kind::Table(table(file, inner)),
        DeValue::Array(items) => Kind::Array(items.iter().map(|item| value(file, item)).collect()),
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Boolean(truth) => Kind::Bool(*truth),
        DeValue::Datetime(moment) => Kind::Text(moment.to_string()),
        // A whole number too large for 64 bits is still a number; the schema's bounds refuse it.
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Kind::Integer(number),
            Err(_) => Kind::Float(number.as_str().parse().unwrap_or(f64::MAX)),
        },
        DeValue::Float(number) => Kind::Float(number.as_str().parse().unwrap_or(f64::NAN)),
    };
    Value {
        place: Place {
            file,
            span: from.span(),
        },
        kind,
    }
}

/// A tree that fits its schema, with the list of what had to be put in to make it fit.
///
/// Where a value was wrong, an example of what belongs there stands in for it, so that the meaning
/// of the rest can still be checked; problems about a stand-in are not said a second time.
#[derive(Debug)]
pub struct Checked<'a> {
    root: &'a Value,
    /// Paths of the stand-ins, and of what was taken away.
    pub(crate) healed: Vec<Vec<String>>,
    /// All that was found so far.
    pub problems: Vec<Problem>,
}

impl Checked<'_> {
    /// The healed tree without places, ready to be deserialized.
    pub fn to_json(&self) -> serde_json::Value {
        self.root.to_json()
    }

    /// Adds a problem at `path`, unless what stands there is a stand-in. `make` gets the place.
    pub fn report(&mut self, path: &[&str], make: impl FnOnce(Option<Place>) -> Problem) {
        let within = |healed: &Vec<String>| {
            path.len() >= healed.len() && healed.iter().zip(path).all(|(a, b)| a == b)
        };
        if !self.healed.iter().any(within) {
            self.problems.push(make(Some(self.root.nearest(path))));
        }
    }

    /// Whether a stand-in is at `path`, above it or inside it: what follows from such a value is not
    /// worth saying.
    pub fn doubtful(&self, path: &[&str]) -> bool {
        let related = |healed: &Vec<String>| healed.iter().zip(path).all(|(a, b)| a == b);
        self.healed.iter().any(related)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_place() {
        let text = "a = 1\n[b.c]\nd = \"x\"\ne = [1, 2]\n";
        let (root, problems) = parse(FileId(0), text);
        assert!(problems.is_empty());
        let shown = |path: &[&str]| &text[root.nearest(path).span];
        assert_eq!(shown(&["a"]), "1");
        assert_eq!(shown(&["b", "c", "d"]), "\"x\"");
        assert_eq!(shown(&["b", "c", "e", "1"]), "2");
        assert_eq!(shown(&["b", "c"]), "c");
        assert_eq!(shown(&["b", "c", "missing", "deeper"]), "c");
    }

    #[test]
    fn all_syntax_errors_are_said_and_a_double_key_is_a_double_id() {
        let (_, problems) = parse(FileId(0), "a = \nb = 1\nb = 2\nc = [\n");
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert!(codes.contains(&"duplicate-id"), "{codes:?}");
        assert!(codes.contains(&"syntax"), "{codes:?}");
    }
}

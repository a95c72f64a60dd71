//! Where every value of a file comes from: stated in a document, assumed for a reason, measured.

use serde::Serialize;
use serde_json::Value as Json;

use crate::document::{Kind, Value, shape};
use crate::error::{Place, Problem, did_you_mean};
use crate::lang::Text;
use crate::text;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A document says so.
    Stated,
    /// Somebody's reading or guess, with its reason.
    Assumed,
    /// It was measured.
    Measured,
    /// The file does not say.
    Unmarked,
}

/// A value of a file with its origin.
#[derive(Debug, Clone)]
pub struct Origined {
    /// Keys from the top of the file: `["link", "vpn-line", "capacity"]`.
    pub path: Vec<String>,
    /// The value as it is written.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The document, reason or measurement.
    pub reason: String,
    /// Where it stands.
    pub place: Place,
}

/// Keys that number or address things and measure nothing.
const LABELS: [&str; 6] = ["format", "number", "tier", "port", "loops", "priority"];

/// What is taken where a file says nothing: section, field, value.
pub const DEFAULTS: [(&str, &str, &str); 10] = [
    ("link", "jitter", "0 ms"),
    ("link", "loss", "0 %"),
    ("node", "instances", "1"),
    ("node", "needs", "1"),
    ("transaction", "handshakes", "0"),
    ("transaction", "spread", "0 %"),
    ("transaction", "work-spread", "100 %"),
    ("transaction", "client", "0 s"),
    ("population", "access-delay", "0 ms"),
    ("population", "client", "1 x"),
];

/// Every quantity of `root` with its origin, in file order, and what is wrong with the marks. Values
/// at the paths in `healed` are not the author's and are passed over.
pub fn origins(
    root: &Value,
    schema: &Json,
    healed: &[Vec<String>],
) -> (Vec<Origined>, Vec<Problem>) {
    let mut reader = Reader {
        healed,
        definitions: schema.get("$defs").unwrap_or(&Json::Null),
        found: Vec::new(),
        problems: Vec::new(),
    };
    let sections = schema.get("properties").and_then(Json::as_object);
    for (name, entry) in root.table().into_iter().flatten() {
        let Some(section) = sections.and_then(|sections| sections.get(name)) else {
            continue;
        };
        reader.section(&entry.value, section, vec![name.clone()]);
    }
    (reader.found, reader.problems)
}

struct Reader<'s> {
    healed: &'s [Vec<String>],
    definitions: &'s Json,
    found: Vec<Origined>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    /// A table keyed by id, or a record by itself.
    fn section(&mut self, value: &Value, schema: &Json, path: Vec<String>) {
        let schema = shape::resolve(self.definitions, schema);
        let by_id = schema
            .get("additionalProperties")
            .filter(|inner| inner.is_object());
        match by_id {
            None => self.record(value, schema, path),
            Some(inner) => {
                let inner = shape::resolve(self.definitions, inner);
                for (id, entry) in value.table().into_iter().flatten() {
                    let mut path = path.clone();
                    path.push(id.clone());
                    self.record(&entry.value, inner, path);
                }
            }
        }
    }

    fn record(&mut self, value: &Value, schema: &Json, path: Vec<String>) {
        let fields = schema.get("properties").and_then(Json::as_object);
        let Some((table, fields)) = value.table().zip(fields) else {
            return;
        };
        if !fields.contains_key("origin") {
            return;
        }
        self.marks(value, &path, table.keys().map(String::as_str).collect());
        for (key, entry) in table {
            let Some(field) = fields.get(key) else {
                continue;
            };
            let field = shape::resolve(self.definitions, field);
            let mut path = path.clone();
            path.push(key.clone());
            if has_origin(self.definitions, field) {
                self.section(&entry.value, field, path);
            } else if self.is_quantity(field) && !LABELS.contains(&key.as_str()) {
                self.value(value, key, &entry.value, path);
            }
        }
    }

    /// A number or text with a unit, or a list, table or record of them.
    fn is_quantity(&self, field: &Json) -> bool {
        let field = shape::resolve(self.definitions, field);
        if let Some(fields) = field.get("properties").and_then(Json::as_object) {
            return fields.values().any(|inner| self.is_quantity(inner));
        }
        let named = |name: &str| field.get(name).filter(|inner| inner.is_object());
        if let Some(inner) = named("items").or(named("additionalProperties")) {
            return self.is_quantity(inner);
        }
        let format = field.get("format").and_then(Json::as_str).unwrap_or("");
        shape::quantity(format, "").is_some()
            || ["uint32", "uint16", "double", "year-month"].contains(&format)
    }

    fn value(&mut self, record: &Value, key: &str, value: &Value, path: Vec<String>) {
        if self.healed.iter().any(|healed| path.starts_with(healed)) {
            return;
        }
        let mark = record.get("origin").and_then(|marks| {
            let own = marks.get(key).or_else(|| marks.get("*"));
            own.and_then(Value::text)
        });
        let (origin, reason) = mark.and_then(read).unwrap_or((Origin::Unmarked, ""));
        if origin == Origin::Unmarked && mark.is_none() {
            self.problems.push(
                Problem::warning(
                    "no-origin",
                    Some(value.place.clone()),
                    text!("\"{key}\" 的来源没有写", "where \"{key}\" comes from is not said"),
                )
                .help(text!(
                    "写 origin.{key} = \"stated: 文件\"、\"assumed: 理由\" 或 \"measured: 何时如何\"",
                    "write origin.{key} = \"stated: document\", \"assumed: reason\" or \"measured: when and how\""
                )),
            );
        }
        self.found.push(Origined {
            path,
            value: shown(value),
            origin,
            reason: reason.to_string(),
            place: value.place.clone(),
        });
    }

    fn marks(&mut self, record: &Value, path: &[String], keys: Vec<&str>) {
        let marks = record.get("origin").and_then(Value::table);
        let healed = self.healed;
        let taken = |key: &String| {
            healed
                .iter()
                .any(|taken| taken[..] == [path, std::slice::from_ref(key)].concat())
        };
        for (key, mark) in marks.into_iter().flatten() {
            if key != "*" && !taken(key) && !keys.contains(&key.as_str()) {
                let near = did_you_mean(key, keys.iter().copied().filter(|key| *key != "origin"));
                let near = near.map_or(String::new(), |near| format!(" → \"{near}\"?"));
                self.problems.push(
                    Problem::error(
                        "origin-of-nothing",
                        Some(mark.key.clone()),
                        text!(
                            "这张表里没有 \"{key}\"{near}",
                            "this table has no \"{key}\"{near}"
                        ),
                    )
                    .help(Text::new(
                        "只能写本表里有的键，或 \"*\"",
                        "only keys of this table, or \"*\"",
                    )),
                );
            }
            if mark.value.text().is_some_and(|text| read(text).is_none()) {
                self.problems.push(
                    Problem::error(
                        "origin-form",
                        Some(mark.value.place.clone()),
                        Text::new("看不出来源", "this does not say an origin"),
                    )
                    .help(Text::new(
                        "以 \"stated:\"、\"assumed:\" 或 \"measured:\" 开头，后面写出处或理由",
                        "begin with \"stated:\", \"assumed:\" or \"measured:\" and say the source or reason",
                    )),
                );
            }
        }
    }
}

/// Whether `field` is a table by id of records that carry their own origins.
fn has_origin(definitions: &Json, field: &Json) -> bool {
    let inner = field
        .get("additionalProperties")
        .filter(|inner| inner.is_object());
    inner.is_some_and(|inner| {
        let inner = shape::resolve(definitions, inner);
        inner
            .get("properties")
            .and_then(|all| all.get("origin"))
            .is_some()
    })
}

/// Reads `"assumed: reason"`. The reason may not be empty.
fn read(mark: &str) -> Option<(Origin, &str)> {
    let (word, reason) = mark.split_once(':')?;
    let origin = match word.trim() {
        "stated" => Origin::Stated,
        "assumed" => Origin::Assumed,
        "measured" => Origin::Measured,
        _ => return None,
    };
    let reason = reason.trim();
    (!reason.is_empty()).then_some((origin, reason))
}

fn shown(value: &Value) -> String {
    match &value.kind {
        Kind::Text(text) => text.clone(),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => number.to_string(),
        Kind::Bool(truth) => truth.to_string(),
        Kind::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Kind::Table(table) => {
            let pairs = table
                .iter()
                .map(|(key, entry)| format!("{key} {}", shown(&entry.value)));
            pairs.collect::<Vec<_>>().join(", ")
        }
    }
}

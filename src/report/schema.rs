//! Real output against a `SCHEMA.md`: every field that comes is listed with its type, every field that is
//! listed comes. The file has a table for each shape, headed `## name`: field, type, meaning in English
//! and in Chinese.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Fields of each shape with their types.
pub(crate) type Shapes = BTreeMap<String, BTreeMap<String, String>>;

/// Fields that held something, by shape.
pub(crate) type Seen = BTreeSet<(String, String)>;

/// The tables of a schema.
pub(crate) fn shapes(schema: &str) -> Shapes {
    let mut shapes = Shapes::new();
    let mut shape = String::new();
    for line in schema.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            shape = name.to_string();
            shapes.insert(shape.clone(), BTreeMap::new());
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, field, kind, en, zh, _] = cells.as_slice()
            && let Some(field) = field.strip_prefix('`')
        {
            assert!(!en.is_empty() && !zh.is_empty(), "{line}");
            let field = field.trim_end_matches('`').to_string();
            let fields = shapes.get_mut(&shape).expect("a table has a heading");
            fields.insert(field, kind.to_string());
        }
    }
    shapes
}

/// Panics where `value` is not of `kind`, and notes which fields of which shapes held something.
pub(crate) fn check(shapes: &Shapes, value: &Value, kind: &str, at: &str, seen: &mut Seen) {
    if let Some(kind) = kind.strip_suffix('?') {
        if !value.is_null() {
            check(shapes, value, kind, at, seen);
        }
        return;
    }
    if let Some(item) = kind
        .strip_prefix('[')
        .and_then(|kind| kind.strip_suffix(']'))
    {
        let items = value.as_array();
        for value in items.unwrap_or_else(|| panic!("{at} is no list: {value}")) {
            check(shapes, value, item, at, seen);
        }
        return;
    }
    let side = |side: &str| value[side].as_str().is_some_and(|text| !text.is_empty());
    let holds = match kind {
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "text" => side("zh") && side("en"),
        shape => {
            let known = shapes
                .get(shape)
                .unwrap_or_else(|| panic!("no shape {shape}"));
            let fields = value.as_object();
            let fields = fields.unwrap_or_else(|| panic!("{at} is no {shape}: {value}"));
            let given: BTreeSet<&String> = fields.keys().collect();
            assert_eq!(given, known.keys().collect(), "{at}, {shape}");
            for (field, value) in fields {
                if !value.is_null() {
                    seen.insert((shape.to_string(), field.clone()));
                }
                check(shapes, value, &known[field], &format!("{at}.{field}"), seen);
            }
            true
        }
    };
    assert!(holds, "{at} is no {kind}: {value}");
}

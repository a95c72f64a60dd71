//! Real output against a `SCHEMA.md`: every field that comes is listed with its type, every field that is
//! listed comes. The file has a table for each shape, headed `## name`: field, type, meaning in English
//! and in Chinese.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

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
    let both = |value: &Value| {
        let text = |side: &str| value[side].as_str().is_some_and(|text| !text.is_empty());
        text("zh") && text("en") && value.as_object().is_some_and(|sides| sides.len() == 2)
    };
    let pair = |value: &Value| {
        let ends = value.as_array();
        ends.is_some_and(|ends| ends.len() == 2 && ends.iter().all(Value::is_number))
    };
    let holds = match kind {
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "text" => both(value),
        "pair" => pair(value),
        // Its name says which fields stand beside its text: the shape "fact name".
        "fact" => {
            let name = value["fact"]
                .as_str()
                .unwrap_or_else(|| panic!("{at}: {value}"));
            assert!(both(&value["text"]), "{at}: {value}");
            let mut rest = value.as_object().unwrap().clone();
            rest.retain(|field, _| field != "fact" && field != "text");
            shape(shapes, &rest, &format!("fact {name}"), at, seen);
            true
        }
        name => {
            let fields = value.as_object();
            let fields = fields.unwrap_or_else(|| panic!("{at} is no {name}: {value}"));
            shape(shapes, fields, name, at, seen);
            true
        }
    };
    assert!(holds, "{at} is no {kind}: {value}");
}

fn shape(shapes: &Shapes, fields: &Map<String, Value>, name: &str, at: &str, seen: &mut Seen) {
    let known = shapes
        .get(name)
        .unwrap_or_else(|| panic!("{at}: no shape {name}"));
    let given: BTreeSet<&String> = fields.keys().collect();
    assert_eq!(given, known.keys().collect(), "{at}, {name}");
    for (field, kind) in known {
        let value = &fields[field];
        if !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()) {
            seen.insert((name.to_string(), field.clone()));
        }
        check(shapes, value, kind, &format!("{at}.{field}"), seen);
    }
}

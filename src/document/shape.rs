//! Holds a tree to a JSON Schema and says everything that does not fit.
//!
//! Only the part of JSON Schema that the generator emits for our types is understood: `$ref`,
//! `type`, `properties`, `required`, `additionalProperties`, `items`, `enum`, `oneOf` of constants,
//! `anyOf` with null, `minimum`, `maximum`, `minItems`, `maxItems`, and `format` for quantities.

use serde_json::Value as Json;

use super::{Checked, Entry, Kind, Value};
use crate::error::{Place, Problem, did_you_mean};
use crate::lang::Text;
use crate::text;
use crate::units::{
    BitRate, Bytes, ClockRange, EventRate, Fraction, Money, Quantity, Ratio, Seconds, UnitError,
    YearMonth,
};

/// Checks `root` against `schema` and puts an example where a value does not fit, so that the
/// result always deserializes. Gives the tree with its problems.
pub fn check<'a>(root: &'a mut Value, schema: &Json) -> Checked<'a> {
    let mut checker = Checker {
        definitions: schema.get("$defs").unwrap_or(&Json::Null),
        path: Vec::new(),
        healed: Vec::new(),
        problems: Vec::new(),
    };
    let place = root.place.clone();
    checker.value(root, schema, &place);
    let Checker {
        healed, problems, ..
    } = checker;
    Checked {
        root,
        healed,
        problems,
    }
}

/// Whether `text` is the quantity that schema format `format` names; `None` for other formats.
pub fn quantity(format: &str, text: &str) -> Option<Result<(), UnitError>> {
    fn fits<Q: Quantity>(format: &str, text: &str) -> Option<Result<(), UnitError>> {
        (format == Q::FORMAT).then(|| text.parse::<Q>().map(|_| ()))
    }
    fits::<BitRate>(format, text)
        .or_else(|| fits::<Bytes>(format, text))
        .or_else(|| fits::<Seconds>(format, text))
        .or_else(|| fits::<Fraction>(format, text))
        .or_else(|| fits::<Ratio>(format, text))
        .or_else(|| fits::<EventRate>(format, text))
        .or_else(|| fits::<Money>(format, text))
        .or_else(|| fits::<YearMonth>(format, text))
        .or_else(|| fits::<ClockRange>(format, text))
}

/// The schema that `schema` stands for: references followed, "or null" stripped.
pub fn resolve<'s>(definitions: &'s Json, mut schema: &'s Json) -> &'s Json {
    // A chain of references in a generated schema is short; the bound only guards against a loop.
    for _ in 0..8 {
        if let Some(name) = schema.get("$ref").and_then(Json::as_str) {
            let name = name.rsplit('/').next().unwrap_or(name);
            match definitions.get(name) {
                Some(target) => schema = target,
                None => return schema,
            }
        } else if let Some(options) = schema.get("anyOf").and_then(Json::as_array) {
            let null = |option: &&Json| option.get("type").and_then(Json::as_str) == Some("null");
            match options.iter().find(|option| !null(option)) {
                Some(option) => schema = option,
                None => return schema,
            }
        } else {
            return schema;
        }
    }
    schema
}

struct Checker<'s> {
    definitions: &'s Json,
    path: Vec<String>,
    healed: Vec<Vec<String>>,
    problems: Vec<Problem>,
}

impl<'s> Checker<'s> {
    fn value(&mut self, value: &mut Value, schema: &'s Json, at: &Place) {
        let schema = resolve(self.definitions, schema);
        if let Some(allowed) = constants(schema) {
            return self.constant(value, &allowed, schema);
        }
        let fits = match (type_of(schema), &value.kind) {
            ("object", Kind::Table(_)) => return self.table(value, schema, at),
            ("array", Kind::Array(_)) => return self.array(value, schema, at),
            ("string", Kind::Text(_)) => return self.string(value, schema),
            ("integer", Kind::Integer(_)) | ("number", Kind::Integer(_) | Kind::Float(_)) => {
                return self.number(value, schema);
            }
            ("boolean", Kind::Bool(_)) | ("any", _) => true,
            _ => false,
        };
        if !fits {
            let found = kind_name(&value.kind);
            let wanted = wanted(schema);
            let (found_zh, found_en) = (&found.zh, &found.en);
            let (zh, en) = (&wanted.zh, &wanted.en);
            let problem = Problem::error(
                "wrong-type",
                Some(value.place.clone()),
                text!(
                    "这里是{found_zh}，应为{zh}",
                    "found {found_en}, expected {en}"
                ),
            );
            self.problems
                .push(problem.help(example_help(self.definitions, schema)));
            self.heal(value, schema);
        }
    }

    fn table(&mut self, value: &mut Value, schema: &'s Json, at: &Place) {
        let place = value.place.clone();
        let Some(table) = value.table_mut() else {
            return;
        };
        let properties = schema.get("properties").and_then(Json::as_object);
        let others = schema
            .get("additionalProperties")
            .filter(|others| others.is_object());
        // `true`: any key with any value; what it means is checked where it is put.
        let open = schema.get("additionalProperties") == Some(&Json::Bool(true));
        let mut unknown = Vec::new();
        for (key, entry) in table.iter_mut() {
            let known = properties.and_then(|properties| properties.get(key));
            match known.or(others) {
                Some(schema) => {
                    self.path.push(key.clone());
                    let key_place = entry.key.clone();
                    self.value(&mut entry.value, schema, &key_place);
                    self.path.pop();
                }
                None if open => {}
                None => {
                    unknown.push(key.clone());
                    let names = properties.into_iter().flat_map(|all| all.keys());
                    self.unknown(key, &entry.key, names.map(String::as_str).collect());
                }
            }
        }
        for key in unknown {
            table.shift_remove(&key);
            let mut path = self.path.clone();
            path.push(key);
            self.healed.push(path);
        }
        let required = schema.get("required").and_then(Json::as_array);
        for name in required.into_iter().flatten().filter_map(Json::as_str) {
            if table.contains_key(name) {
                continue;
            }
            let inner = properties.and_then(|properties| properties.get(name));
            let inner = resolve(self.definitions, inner.unwrap_or(&Json::Null));
            let problem = Problem::error(
                "missing-key",
                Some(at.clone()),
                text!("缺少 \"{name}\"", "\"{name}\" is missing"),
            );
            self.problems
                .push(problem.help(example_help(self.definitions, inner)));
            let mut stand_in = Value::empty(place.clone());
            self.path.push(name.to_string());
            self.heal(&mut stand_in, inner);
            self.path.pop();
            let entry = Entry {
                key: at.clone(),
                value: stand_in,
            };
            table.insert(name.to_string(), entry);
        }
    }

    fn unknown(&mut self, key: &str, place: &Place, names: Vec<&str>) {
        let problem = Problem::error(
            "unknown-key",
            Some(place.clone()),
            text!("没有 \"{key}\" 这个键", "there is no key \"{key}\" here"),
        );
        let listed = names.join(", ");
        let help = match did_you_mean(key, names.iter().copied()) {
            Some(near) => text!("是不是 \"{near}\"？", "did you mean \"{near}\"?"),
            None => text!("可用的键：{listed}", "keys: {listed}"),
        };
        self.problems.push(problem.help(help));
    }

    fn array(&mut self, value: &mut Value, schema: &'s Json, at: &Place) {
        let place = value.place.clone();
        let Kind::Array(items) = &mut value.kind else {
            return;
        };
        let bound = |name: &str| schema.get(name).and_then(Json::as_u64).map(|n| n as usize);
        let (least, most) = (
            bound("minItems").unwrap_or(0),
            bound("maxItems").unwrap_or(usize::MAX),
        );
        if !(least..=most).contains(&items.len()) {
            let found = items.len();
            let allowed = match most {
                usize::MAX => format!("≥ {least}"),
                _ if least == most => format!("{least}"),
                _ => format!("{least}…{most}"),
            };
            self.problems.push(
                Problem::error(
                    "wrong-length",
                    Some(place),
                    text!("列表有 {found} 项", "the list has {found} items"),
                )
                .help(text!("应有 {allowed} 项", "expected {allowed} items")),
            );
            self.healed.push(self.path.clone());
            let Some(inner) = schema.get("items") else {
                return;
            };
            items.truncate(most);
            while items.len() < least {
                let mut stand_in = Value::empty(at.clone());
                self.heal(&mut stand_in, inner);
                items.push(stand_in);
            }
        }
        let Some(inner) = schema.get("items") else {
            return;
        };
        for (position, item) in items.iter_mut().enumerate() {
            self.path.push(position.to_string());
            let place = item.place.clone();
            self.value(item, inner, &place);
            self.path.pop();
        }
    }

    fn string(&mut self, value: &mut Value, schema: &'s Json) {
        let format = schema.get("format").and_then(Json::as_str).unwrap_or("");
        let text = value.text().unwrap_or("");
        if let Some(Err(error)) = quantity(format, text) {
            let place = Some(value.place.clone());
            self.problems
                .push(Problem::error(error.code, place, error.message).help(error.allowed));
            self.heal(value, schema);
        }
    }

    fn number(&mut self, value: &mut Value, schema: &'s Json) {
        let number = match value.kind {
            Kind::Integer(number) => number as f64,
            Kind::Float(number) => number,
            _ => return,
        };
        let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
        let least = bound("minimum").unwrap_or(f64::MIN);
        let most = bound("maximum").unwrap_or(match schema.get("format").and_then(Json::as_str) {
            Some("uint32") => f64::from(u32::MAX),
            Some("uint16") => f64::from(u16::MAX),
            _ => f64::MAX,
        });
        if !(least..=most).contains(&number) {
            let allowed = match most == f64::MAX {
                true => format!("≥ {least}"),
                false => format!("{least} … {most}"),
            };
            self.problems.push(
                Problem::error(
                    "impossible-number",
                    Some(value.place.clone()),
                    text!("这里不能是 {number}", "this cannot be {number}"),
                )
                .help(text!("允许：{allowed}", "allowed: {allowed}")),
            );
            self.heal(value, schema);
        }
    }

    fn constant(&mut self, value: &mut Value, allowed: &[&str], schema: &'s Json) {
        let found = value.text().unwrap_or_default();
        if allowed.contains(&found) {
            return;
        }
        let problem = Problem::error(
            "unknown-word",
            Some(value.place.clone()),
            text!(
                "这里不能写 \"{found}\"",
                "\"{found}\" is not a word for this"
            ),
        );
        let listed = allowed.join(", ");
        let help = match did_you_mean(found, allowed.iter().copied()) {
            Some(near) => text!(
                "是不是 \"{near}\"？可用：{listed}",
                "did you mean \"{near}\"? allowed: {listed}"
            ),
            None => text!("可用：{listed}", "allowed: {listed}"),
        };
        self.problems.push(problem.help(help));
        self.heal(value, schema);
    }

    /// Puts an example of `schema` in the place of `value` and remembers that it stands there.
    fn heal(&mut self, value: &mut Value, schema: &Json) {
        self.healed.push(self.path.clone());
        value.kind = example(self.definitions, schema, &value.place, 0);
    }
}

/// A value that fits `schema`.
fn example(definitions: &Json, schema: &Json, place: &Place, depth: usize) -> Kind {
    let schema = resolve(definitions, schema);
    if let Some(first) = constants(schema).and_then(|all| all.first().map(|name| name.to_string()))
    {
        return Kind::Text(first);
    }
    let text = |json: Option<&Json>| json.and_then(Json::as_str).unwrap_or("-").to_string();
    let least = schema.get("minimum").and_then(Json::as_f64).unwrap_or(1.0);
    match type_of(schema) {
        "string" => Kind::Text(text(schema.get("examples").and_then(|all| all.get(0)))),
        "integer" => Kind::Integer(least.max(1.0) as i64),
        "number" => Kind::Float(least.max(1.0)),
        "boolean" => Kind::Bool(true),
        "array" => {
            let count = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0);
            let inner = schema.get("items").unwrap_or(&Json::Null);
            let item = || Value {
                place: place.clone(),
                kind: example(definitions, inner, place, depth + 1),
            };
            Kind::Array((0..count).map(|_| item()).collect())
        }
        _ => {
            let mut table = super::Table::new();
            let required = schema.get("required").and_then(Json::as_array);
            let names = required.into_iter().flatten().filter_map(Json::as_str);
            for name in names.take_while(|_| depth < 8) {
                let inner = schema.get("properties").and_then(|all| all.get(name));
                let value = Value {
                    place: place.clone(),
                    kind: example(definitions, inner.unwrap_or(&Json::Null), place, depth + 1),
                };
                let key = place.clone();
                table.insert(name.to_string(), Entry { key, value });
            }
            Kind::Table(table)
        }
    }
}

/// The words that `schema` allows, when it is a list of words.
fn constants(schema: &Json) -> Option<Vec<&str>> {
    if let Some(words) = schema.get("enum").and_then(Json::as_array) {
        return Some(words.iter().filter_map(Json::as_str).collect());
    }
    let options = schema.get("oneOf").and_then(Json::as_array)?;
    let words = options.iter().flat_map(|option| {
        constants(option).unwrap_or_else(|| {
            option
                .get("const")
                .and_then(Json::as_str)
                .into_iter()
                .collect()
        })
    });
    Some(words.collect())
}

fn type_of(schema: &Json) -> &str {
    match schema.get("type") {
        Some(Json::String(name)) => name,
        Some(Json::Array(names)) => names
            .iter()
            .filter_map(Json::as_str)
            .find(|name| *name != "null")
            .unwrap_or("any"),
        _ if schema.get("properties").is_some() => "object",
        _ => "any",
    }
}

fn kind_name(kind: &Kind) -> Text {
    match kind {
        Kind::Table(_) => Text::new("一张表", "a table"),
        Kind::Array(_) => Text::new("一个列表", "a list"),
        Kind::Text(_) => Text::new("一个字符串", "a string"),
        Kind::Integer(_) => Text::new("一个整数", "a whole number"),
        Kind::Float(_) => Text::new("一个小数", "a number"),
        Kind::Bool(_) => Text::new("真假值", "true or false"),
    }
}

fn wanted(schema: &Json) -> Text {
    match type_of(schema) {
        "object" => Text::new("一张表", "a table"),
        "array" => Text::new("一个列表", "a list"),
        "string" => match schema.get("format").is_some() {
            true => Text::new("带单位的字符串", "a string with a unit"),
            false => Text::new("一个字符串", "a string"),
        },
        "integer" => Text::new("一个整数", "a whole number"),
        "number" => Text::new("一个数", "a number"),
        "boolean" => Text::new("true 或 false", "true or false"),
        _ => Text::new("别的值", "another value"),
    }
}

fn example_help(definitions: &Json, schema: &Json) -> Text {
    let said = schema.get("description").and_then(Json::as_str);
    let nowhere = Place {
        file: crate::error::FileId(0),
        span: 0..0,
    };
    let example = match example(definitions, schema, &nowhere, 0) {
        Kind::Text(text) => format!("\"{text}\""),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => format!("{number:?}"),
        Kind::Bool(truth) => truth.to_string(),
        Kind::Array(_) => "[…]".to_string(),
        Kind::Table(_) => "{…}".to_string(),
    };
    let said = said.map(|said| format!(" ({said})")).unwrap_or_default();
    text!("例如 {example}", "for example {example}{said}")
}

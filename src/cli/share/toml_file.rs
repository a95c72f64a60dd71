//! The TOML form: one class tree, the unit inside each value.
//!
//! ```toml
//! link = "500 Mbit/s"
//! preset = "linux-htb"
//!
//! [class.oa]
//! guarantee = "250 Mbit/s"
//! ceiling = "300 Mbit/s"
//! demand = "greedy"
//! ```

use std::path::Path;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{FileId, Place, Problem, Sources, did_you_mean};
use crate::lang::Text;
use crate::qos::{Class, Demand, Preset};
use crate::text;
use crate::units::{BitRate, Bytes, Quantity, Seconds};

use super::written::{self, Case, ClassPlaces, Offered, Table, Written};

const FILE_KEYS: &[&str] = &[
    "link",
    "line",
    "preset",
    "excess",
    "oversubscription",
    "class",
];

const CLASS_KEYS: &[&str] = &[
    "parent",
    "guarantee",
    "ceiling",
    "priority",
    "quantum",
    "demand",
    "users",
    "per_user",
    "queue",
    "period",
];

/// Columns of the answer as CSV, as [`super::csv_file`] reads them.
const HEADERS: [&str; 12] = [
    "link_mbit",
    "tbf_mbit",
    "class",
    "parent",
    "kind",
    "offered",
    "guarantee",
    "ceil",
    "prio",
    "quantum",
    "users",
    "per_user_mbit",
];

/// Reads the text of a TOML file; what is wrong with it is among the problems. `asked` is the
/// preset of the command line, which wins over the file's.
pub(super) fn read(path: &Path, text: String, asked: Option<Preset>) -> Written {
    let mut sources = Sources::default();
    let file = sources.add(path.to_path_buf(), text);
    let mut reader = Reader {
        file,
        problems: Vec::new(),
    };
    let (table, errors) = DeTable::parse_recoverable(sources.text(file));
    for error in errors {
        let place = error.span().map(|span| Place { file, span });
        // The parser speaks English only; its sentence is kept, so that nothing it knows is lost.
        let said = error.message().to_string();
        let message = text!("TOML 语法错误：{said}", "TOML syntax: {said}");
        reader
            .problems
            .push(Problem::error("syntax", place, message));
    }
    let table = table.get_ref();
    reader.known_keys(table, FILE_KEYS);
    let written = reader.choice(table, "preset", Preset::ALL.map(Preset::name).as_slice());
    let preset = asked.or(written).unwrap_or_default();
    let mut rules = preset.rules();
    let names = ["quantum", "proportional", "equal"];
    rules.excess = reader
        .choice(table, "excess", &names)
        .unwrap_or(rules.excess);
    let names = ["leak", "scale", "reject"];
    let stated = reader.choice(table, "oversubscription", &names);
    rules.oversubscription = stated.unwrap_or(rules.oversubscription);
    let mut case = Case {
        link: reader.quantity(table, "link").map(|(rate, _)| rate),
        line: reader.quantity(table, "line").map(|(rate, _)| rate),
        ..Case::default()
    };
    reader.classes(table, &mut case);
    reader.inner_demands(table, &case);
    let problems = reader.problems;
    case.broken = !problems.is_empty();
    Written {
        table: rows(&case),
        sources,
        problems,
        preset,
        rules,
        cases: vec![case],
    }
}

struct Reader {
    file: FileId,
    problems: Vec<Problem>,
}

impl Reader {
    fn place<T>(&self, value: &Spanned<T>) -> Place {
        Place {
            file: self.file,
            span: value.span(),
        }
    }

    fn say(&mut self, code: &'static str, place: Place, message: Text, help: Text) {
        self.problems
            .push(Problem::error(code, Some(place), message).help(help));
    }

    fn known_keys(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let listed = known.join(", ");
            let help = match did_you_mean(name, known.iter().copied()) {
                Some(meant) => text!(
                    "是否想写 {meant}？可用：{listed}",
                    "did you mean {meant}? keys: {listed}"
                ),
                None => text!("可用：{listed}", "keys: {listed}"),
            };
            let message = text!("未知的键 {name}", "unknown key {name}");
            self.say("unknown-key", self.place(key), message, help);
        }
    }

    /// The text under `key`; a value that is no text is a problem.
    fn text<'t>(
        &mut self,
        table: &'t DeTable<'_>,
        key: &str,
        example: &str,
    ) -> Option<(&'t str, Place)> {
        let value = table.get(key)?;
        let place = self.place(value);
        if let Some(text) = value.get_ref().as_str() {
            return Some((text, place));
        }
        let kind = value.get_ref().type_str();
        let message = text!(
            "{key} 应是带引号的文字，不是 {kind}",
            "{key} must be a quoted text, not {kind}"
        );
        let help = text!(
            "例如 {key} = \"{example}\"",
            "for example {key} = \"{example}\""
        );
        self.say("wrong-type", place, message, help);
        None
    }

    fn quantity<Q: Quantity>(&mut self, table: &DeTable<'_>, key: &str) -> Option<(Q, Place)> {
        let (text, place) = self.text(table, key, Q::EXAMPLE)?;
        match text.parse() {
            Ok(quantity) => Some((quantity, place)),
            Err(error) => {
                self.say(error.code, place, error.message, error.allowed);
                None
            }
        }
    }

    fn choice<'de, T: Deserialize<'de>>(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        names: &[&str],
    ) -> Option<T> {
        let (text, place) = self.text(table, key, names.first().copied().unwrap_or_default())?;
        let text = text.to_string();
        let read: Result<T, serde::de::value::Error> =
            T::deserialize(text.clone().into_deserializer());
        if read.is_err() {
            let listed = names.join(", ");
            let message = text!("{key} 不能是 \"{text}\"", "{key} cannot be \"{text}\"");
            let help = text!("可用：{listed}", "one of: {listed}");
            self.say("unknown-name", place, message, help);
        }
        read.ok()
    }

    /// A whole number from 0 to the largest `u32`.
    fn whole(&mut self, table: &DeTable<'_>, key: &str) -> Option<(u32, Place)> {
        let value = table.get(key)?;
        let place = self.place(value);
        let read = value
            .get_ref()
            .as_integer()
            .and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
        if read.is_none() {
            let message = text!("{key} 不是可用的数字", "{key} is not a usable number");
            let help = Text::new("0、1、2……，不加引号", "0, 1, 2 ..., without quotes");
            self.say("wrong-type", place.clone(), message, help);
        }
        read.map(|number| (number, place))
    }

    fn classes(&mut self, table: &DeTable<'_>, case: &mut Case) {
        let Some(value) = table.get("class") else {
            return;
        };
        let Some(classes) = value.get_ref().as_table() else {
            let message = Text::new("class 应是一组表", "class must be a group of tables");
            let help = Text::new("例如 [class.oa]", "for example [class.oa]");
            return self.say("wrong-type", self.place(value), message, help);
        };
        for (name, value) in classes {
            match value.get_ref() {
                DeValue::Table(fields) => self.class(name, fields, case),
                _ => {
                    let name = name.get_ref();
                    let message = text!("class.{name} 应是一张表", "class.{name} must be a table");
                    let help = text!("例如 [class.{name}]", "for example [class.{name}]");
                    self.say("wrong-type", self.place(value), message, help);
                }
            }
        }
    }

    fn class(
        &mut self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        table: &DeTable<'_>,
        case: &mut Case,
    ) {
        self.known_keys(table, CLASS_KEYS);
        let mut places = ClassPlaces {
            name: self.place(name),
            fields: Vec::new(),
        };
        let parent = self.text(table, "parent", "office");
        let guarantee = self.quantity(table, "guarantee");
        let ceiling = self.quantity(table, "ceiling");
        let per_user = self.quantity(table, "per_user");
        let quantum = self.quantity(table, "quantum");
        let users = self.whole(table, "users");
        let priority = self.whole(table, "priority");
        let offered = self.offered(table);
        let queue = self.quantity::<Bytes>(table, "queue");
        let period = self.quantity::<Seconds>(table, "period");
        let written = [
            ("parent", parent.as_ref().map(|found| &found.1)),
            ("guarantee", guarantee.as_ref().map(|found| &found.1)),
            ("ceiling", ceiling.as_ref().map(|found| &found.1)),
            ("per_user", per_user.as_ref().map(|found| &found.1)),
            ("quantum", quantum.as_ref().map(|found| &found.1)),
            ("users", users.as_ref().map(|found| &found.1)),
        ];
        for (field, place) in written {
            places
                .fields
                .extend(place.map(|place| (field, place.clone())));
        }
        let per_user = written::per_user(
            users.as_ref().map(|found| f64::from(found.0)),
            per_user.map(|found| found.0),
            &places,
            &mut self.problems,
        );
        let of_bursts = [
            ("queue", queue.as_ref().map(|found| &found.1)),
            ("period", period.as_ref().map(|found| &found.1)),
        ];
        for (key, place) in of_bursts {
            if let Some(place) = place.filter(|_| offered != Offered::OnOff) {
                let message = text!("{key} 只用于 onoff 源", "{key} is of onoff sources only");
                let help = Text::new(
                    "demand = \"onoff\"，或删去",
                    "demand = \"onoff\", or nothing",
                );
                self.say("unused-key", place.clone(), message, help);
            }
        }
        let number = case.classes.len();
        case.offer(
            number,
            offered,
            queue.map(|found| found.0),
            period.map(|found| found.0),
        );
        case.classes.push(Class {
            name: name.get_ref().to_string(),
            parent: parent.map(|(parent, _)| parent.to_string()),
            guarantee: guarantee.map(|found| found.0),
            ceiling: ceiling.map(|found| found.0),
            priority: priority.map_or(0, |found| found.0),
            quantum: quantum.map(|found| found.0),
            per_user,
        });
        case.rows.push(number);
        case.places.push(places);
    }

    /// An inner class sends nothing of its own: a demand there would be ignored in silence.
    fn inner_demands(&mut self, table: &DeTable<'_>, case: &Case) {
        let parents = case.parents();
        let classes = table
            .get("class")
            .and_then(|value| value.get_ref().as_table());
        for (name, fields) in classes.into_iter().flatten() {
            let demand = fields
                .get_ref()
                .as_table()
                .and_then(|fields| fields.get("demand"));
            let name = name.get_ref().as_ref();
            if let Some(demand) = demand.filter(|_| parents.contains(name)) {
                let message = text!(
                    "{name} 是其他类的上级，自身不发送",
                    "{name} is the parent of others and sends nothing itself"
                );
                let help = Text::new("把 demand 写在下级上", "write demand at its leaves");
                self.say("no-leaf", self.place(demand), message, help);
            }
        }
    }

    fn offered(&mut self, table: &DeTable<'_>) -> Offered {
        let greedy = Offered::Demand(Demand::Greedy);
        let Some((text, place)) = self.text(table, "demand", "greedy") else {
            return greedy;
        };
        match text {
            "greedy" => greedy,
            "onoff" => Offered::OnOff,
            rate => match rate.parse() {
                Ok(rate) => Offered::Demand(Demand::Rate(rate)),
                Err(error) => {
                    let allowed = error.allowed;
                    let help = Text::new(
                        format!("greedy、onoff，或速率：{}", allowed.zh),
                        format!("greedy, onoff, or a rate: {}", allowed.en),
                    );
                    self.say(error.code, place, error.message, help);
                    greedy
                }
            },
        }
    }
}

/// The case as rows of a CSV file that says the same.
fn rows(case: &Case) -> Table {
    let mbit =
        |rate: Option<BitRate>| rate.map_or(String::new(), |rate| rate.as_mbit().to_string());
    let parents = case.parents();
    let row = |(number, class): (usize, &Class)| {
        let on_off = case.bursts.iter().any(|burst| burst.class == number);
        let inner = parents.contains(&class.name);
        let offered = match case.demands[number] {
            _ if inner => String::new(),
            _ if on_off => "onoff".to_string(),
            Demand::Greedy => "greedy".to_string(),
            Demand::Rate(rate) => rate.as_mbit().to_string(),
        };
        vec![
            mbit(case.link),
            mbit(case.line),
            class.name.clone(),
            class.parent.clone().unwrap_or_else(|| "root".to_string()),
            if inner { "inner" } else { "leaf" }.to_string(),
            offered,
            mbit(class.guarantee),
            mbit(class.ceiling),
            class.priority.to_string(),
            class
                .quantum
                .map_or(String::new(), |bytes| bytes.0.to_string()),
            class
                .per_user
                .map_or(String::new(), |each| each.users.to_string()),
            mbit(class.per_user.map(|each| each.limit)),
        ]
    };
    Table {
        headers: HEADERS.map(str::to_string).to_vec(),
        rows: case.classes.iter().enumerate().map(row).collect(),
    }
}

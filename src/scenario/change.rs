//! Changes to a topology's tree: take away, add, set, fail.
//!
//! Every value that a scenario puts in keeps its place in the scenario's file, so that a problem
//! with it is shown where somebody wrote it, and it is marked as the scenario's assumption.

use crate::document::{Entry, Kind, Table, Value};
use crate::error::{Place, Problem, choices, did_you_mean};
use crate::lang::Text;
use crate::text;

/// Applies the changes of scenario tree `scenario` (called `name`) to `base`.
pub(super) fn apply(base: &mut Value, scenario: &Value, name: &str) -> Vec<Problem> {
    let mut change = Change {
        name,
        problems: Vec::new(),
    };
    if let Some(Value {
        kind: Kind::Array(items),
        ..
    }) = scenario.get("remove")
    {
        for item in items {
            change.remove(base, item);
        }
    }
    if let Some(added) = scenario.get("add").and_then(Value::table) {
        change.add(base, added);
    }
    if let Some(set) = scenario.get("set").and_then(Value::table) {
        change.set(base, set);
    }
    if let Some(fail) = scenario.get("fail") {
        change.fail(base, fail);
    }
    change.problems
}

struct Change<'n> {
    name: &'n str,
    problems: Vec<Problem>,
}

/// Whether section `key` holds records by id, and is not one record.
fn keyed(key: &str) -> bool {
    !["name", "source", "transport", "peak", "format"].contains(&key)
}

/// Whether the records of section `key` say where their values come from.
fn marked(key: &str) -> bool {
    !["name", "source", "format", "owner", "journey"].contains(&key)
}

impl Change<'_> {
    fn unknown(&mut self, code: &'static str, key: &str, place: &Place, known: Vec<String>) {
        let problem = Problem::error(
            code,
            Some(place.clone()),
            text!(
                "原文件里没有 \"{key}\"",
                "the file that is changed has no \"{key}\""
            ),
        );
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut help = choices(key, &names);
        if code == "set-unknown" && did_you_mean(key, names).is_none() {
            help.zh.push_str("；新的写在 [add] 下");
            help.en.push_str("; new ones go under [add]");
        }
        self.problems.push(problem.help(help));
    }

    fn remove(&mut self, base: &mut Value, item: &Value) {
        let Some(path) = item.text() else {
            return;
        };
        let mut steps: Vec<&str> = path.split('.').map(str::trim).collect();
        let last = steps.pop().unwrap_or_default();
        let mut at = &mut *base;
        for step in steps {
            match self.there("remove-unknown", at, step, &item.place) {
                Some(inner) => at = inner,
                None => return,
            }
        }
        // A look first: it says what is there instead.
        if self
            .there("remove-unknown", at, last, &item.place)
            .is_none()
        {
            return;
        }
        if let Some(table) = at.table_mut() {
            table.shift_remove(last);
        }
    }

    fn add(&mut self, base: &mut Value, added: &Table) {
        let Some(table) = base.table_mut() else {
            return;
        };
        for (section, entry) in added {
            match (table.get_mut(section), entry.value.table()) {
                (Some(there), Some(records)) if keyed(section) => {
                    self.add_records(&mut there.value, records);
                }
                (Some(_), _) => self.exists(section, entry),
                (None, _) => {
                    table.insert(section.clone(), entry.clone());
                }
            }
        }
    }

    fn add_records(&mut self, base: &mut Value, records: &Table) {
        let Some(table) = base.table_mut() else {
            return;
        };
        for (id, entry) in records {
            let Some(there) = table.get_mut(id) else {
                table.insert(id.clone(), entry.clone());
                continue;
            };
            // A class may be added to a policy that is there.
            let own = entry.value.table().filter(|fields| fields.len() == 1);
            let classes = own.and_then(|fields| fields.get("class")?.value.table());
            let inside = there
                .value
                .table_mut()
                .and_then(|fields| fields.get_mut("class"));
            match (classes, inside) {
                (Some(classes), Some(inside)) => self.add_records(&mut inside.value, classes),
                _ => self.exists(id, entry),
            }
        }
    }

    fn exists(&mut self, key: &str, entry: &Entry) {
        let problem = Problem::error(
            "add-existing",
            Some(entry.key.clone()),
            text!("\"{key}\" 已经有了", "\"{key}\" is there already"),
        );
        self.problems.push(problem.help(Text::new(
            "要改已有的写在 [set] 下",
            "to change what is there write under [set]",
        )));
    }

    fn set(&mut self, base: &mut Value, set: &Table) {
        for (section, entry) in set {
            let Some(there) = self.there("set-unknown", base, section, &entry.key) else {
                continue;
            };
            match entry.value.table() {
                None => *there = entry.value.clone(),
                Some(records) if keyed(section) => {
                    self.set_records(there, records, marked(section))
                }
                Some(fields) => self.set_fields(there, fields, marked(section)),
            }
        }
    }

    /// What stands under `key`; an unknown key is said, as a problem of kind `code`.
    fn there<'b>(
        &mut self,
        code: &'static str,
        base: &'b mut Value,
        key: &str,
        place: &Place,
    ) -> Option<&'b mut Value> {
        let known: Vec<String> = base
            .table()
            .into_iter()
            .flat_map(Table::keys)
            .cloned()
            .collect();
        let found = base.table_mut().and_then(|table| table.get_mut(key));
        if found.is_none() {
            self.unknown(code, key, place, known);
        }
        found.map(|entry| &mut entry.value)
    }

    fn set_records(&mut self, base: &mut Value, records: &Table, marked: bool) {
        for (id, entry) in records {
            let Some(there) = self.there("set-unknown", base, id, &entry.key) else {
                continue;
            };
            match entry.value.table() {
                Some(fields) => self.set_fields(there, fields, marked),
                None => *there = entry.value.clone(),
            }
        }
    }

    fn set_fields(&mut self, record: &mut Value, fields: &Table, marked: bool) {
        for (key, entry) in fields {
            if key == "class" {
                let inner = entry.value.table();
                let there = record.table_mut().and_then(|table| table.get_mut(key));
                if let Some((inner, there)) = inner.zip(there) {
                    self.set_records(&mut there.value, inner, marked);
                    continue;
                }
            }
            if key == "origin" {
                continue;
            }
            if marked {
                let own = fields.get("origin").and_then(|origin| {
                    let marks = origin.value.table()?;
                    marks.get(key).or_else(|| marks.get("*"))
                });
                self.mark(record, key, own, &entry.key);
            }
            if let Some(table) = record.table_mut() {
                match table.get_mut(key) {
                    Some(there) => *there = entry.clone(),
                    None => {
                        table.insert(key.clone(), entry.clone());
                    }
                }
            }
        }
    }

    /// A value that a scenario sets is no longer what the document states: its mark is the
    /// scenario's own, or "assumed" with the scenario's name.
    fn mark(&self, record: &mut Value, key: &str, own: Option<&Entry>, place: &Place) {
        let mark = match own {
            Some(own) => own.clone(),
            None => Entry {
                key: place.clone(),
                value: Value {
                    place: place.clone(),
                    kind: Kind::Text(format!("assumed: what-if {}", self.name)),
                },
            },
        };
        let Some(table) = record.table_mut() else {
            return;
        };
        let marks = table.entry("origin".to_string()).or_insert_with(|| Entry {
            key: place.clone(),
            value: Value::empty(place.clone()),
        });
        if let Some(marks) = marks.value.table_mut() {
            marks.insert(key.to_string(), mark);
        }
    }

    fn fail(&mut self, base: &mut Value, fail: &Value) {
        if let Some(Value {
            kind: Kind::Array(items),
            ..
        }) = fail.get("links")
        {
            for item in items {
                let id = item.text().unwrap_or_default();
                let place = &item.place;
                self.out_of_service(base, "link", id, place, place, Kind::Bool(true));
            }
        }
        for (id, entry) in fail
            .get("nodes")
            .and_then(Value::table)
            .into_iter()
            .flatten()
        {
            let Kind::Integer(count) = entry.value.kind else {
                continue;
            };
            let value = &entry.value.place;
            self.out_of_service(base, "node", id, &entry.key, value, Kind::Integer(count));
        }
    }

    fn out_of_service(
        &mut self,
        base: &mut Value,
        section: &str,
        id: &str,
        named: &Place,
        place: &Place,
        how: Kind,
    ) {
        let sections = base.table_mut().and_then(|table| table.get_mut(section));
        let records = sections.and_then(|entry| entry.value.table_mut());
        let known = records.iter().flat_map(|all| all.keys()).cloned().collect();
        let record = records.and_then(|all| all.get_mut(id));
        let Some(record) = record.map(|entry| &mut entry.value) else {
            return self.unknown("fail-unknown", id, named, known);
        };
        self.mark(record, "failed", None, place);
        let entry = Entry {
            key: place.clone(),
            value: Value {
                place: place.clone(),
                kind: how,
            },
        };
        if let Some(record) = record.table_mut() {
            record.insert("failed".to_string(), entry);
        }
    }
}

//! Views on a day written by hand.

use std::path::Path;

use serde_json::Value;

use super::super::super::schema::{Seen, check, shapes};
use super::*;
use crate::lang::width;
use crate::scenario::answer::answer_one;
use crate::scenario::load::{LoadedScenario, load};
use crate::scenario::simulated::outcome::beside;
use crate::scenario::simulated::outcome::tests::{ended, idle, laid, line, outcome, with_bursts};
use crate::scenario::simulated::{Simulated, compared};

const TEXT: &str = include_str!("SCHEMA.md");

fn small() -> LoadedScenario {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/day/small.toml")).unwrap()
}

/// A day with every kind of pain in it, and acts enough for every quantile.
fn simulated(loaded: &LoadedScenario) -> Simulated {
    let topology = &loaded.loaded.topology;
    let mut laid = laid(topology, 10..11);
    with_bursts(topology, &mut laid);
    let line = line(topology, &laid);
    let records = [1.0, 1.1, 1.3].map(|time| {
        let mut record = idle(&laid);
        for label in 0..2 {
            for minute in 0..60 {
                ended(&mut record, label, minute, 10, time);
            }
        }
        record.lanes[line].seconds.fill(4e6);
        record.lanes[line].full[9] = 60.0;
        record.stations[0].full[20] = 60.0;
        record.stations[0].waiting[20] = 600.0;
        record.gates[0].attempts[40] = 3;
        record.gates[0].refused[40] = 2;
        record.drops[0][50] = 2;
        record
    });
    let outcome = outcome(topology, &laid, records.to_vec());
    let day = answer_one(topology, &loaded.scenario, 0).unwrap();
    Simulated {
        beside: beside(topology, &laid, &day, &outcome),
        laid,
        outcome,
        day,
    }
}

#[test]
fn output_and_schema_say_the_same() {
    let (shapes, mut seen) = (shapes(TEXT), Seen::new());
    let loaded = small();
    let mut simulated = simulated(&loaded);
    let data = json(&Shown {
        loaded: &loaded,
        simulated: &simulated,
    });
    assert_eq!(data["schema"], SCHEMA);
    assert!(TEXT.starts_with(&format!("# `{SCHEMA}`")));
    check(&shapes, &data, "day", "day", &mut seen);
    // What a whole day of a topology by itself does not have.
    simulated.outcome.partial = Some(39_000.0);
    simulated.outcome.settled = Some(false);
    simulated.outcome.wanted = Wanted::Until {
        precision: 0.05,
        most: 20,
    };
    simulated.day.date = crate::units::YearMonth::new(2022, 6);
    let mut loaded = loaded;
    loaded.scenario.question = Some(Text::new("问", "why"));
    loaded.loaded.topology.owners[1].action = Some(Text::new("报", "call"));
    let data = json(&Shown {
        loaded: &loaded,
        simulated: &simulated,
    });
    check(&shapes, &data, "day", "day", &mut seen);
    for (shape, fields) in &shapes {
        for field in fields.keys() {
            let known = seen.contains(&(shape.clone(), field.clone()));
            assert!(known, "no sample has {shape}.{field}");
        }
    }
}

#[test]
fn the_schema_finds_what_is_wrong() {
    let shapes = shapes(TEXT);
    let loaded = small();
    let simulated = simulated(&loaded);
    let shown = Shown {
        loaded: &loaded,
        simulated: &simulated,
    };
    let wrong = |spoil: fn(&mut Value)| {
        let mut data = json(&shown);
        spoil(&mut data);
        let checked = std::panic::catch_unwind(|| {
            check(&shapes, &data, "day", "day", &mut Seen::new());
        });
        checked.is_err()
    };
    assert!(wrong(|data| data["seed"] = "1".into()));
    assert!(wrong(|data| data["lanes"][0]["extra"] = 1.into()));
    assert!(wrong(|data| data["pain"]["events"][0]["why"] = Value::Null));
    assert!(!wrong(|_| ()));
}

#[test]
fn tables_line_up_and_speak_one_language() {
    let loaded = small();
    let mut simulated = simulated(&loaded);
    simulated.outcome.partial = Some(39_000.0);
    let shown = Shown {
        loaded: &loaded,
        simulated: &simulated,
    };
    for lang in [Lang::Zh, Lang::En] {
        let said = terminal(&shown, lang, Some(120));
        // Every stretch of table lines is as wide from end to end.
        let mut last: Option<usize> = None;
        for line in said.lines() {
            let table = line.starts_with(['┌', '├', '│', '└']);
            let cells = width(line);
            assert!(!table || last.is_none_or(|last| last == cells), "{said}");
            last = table.then_some(cells);
            assert!(!table || cells <= 120, "{said}");
        }
        let partial = lang.pick("未完成", "PARTIAL");
        assert!(said.contains(partial) && said.contains("10:50"), "{said}");
    }
    let wide = |c: char| matches!(c, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}' | '·');
    let found: String = terminal(&shown, Lang::En, None)
        .chars()
        .filter(|c| wide(*c))
        .collect();
    assert_eq!(found, "");
}

#[test]
fn a_day_that_was_broken_off_before_it_began_has_no_minutes_of_pain() {
    let loaded = small();
    let mut simulated = simulated(&loaded);
    let begin = simulated.outcome.hours.start as f64 * 3600.0;
    let mut pain = |until| {
        simulated.outcome.partial = until;
        let shown = Shown {
            loaded: &loaded,
            simulated: &simulated,
        };
        let rows = compared::rows(&[shown], true);
        rows.last().unwrap().cells[0].map(|own| own.simulated)
    };
    assert!(pain(Some(begin + 1.0)).is_some());
    assert_eq!(pain(Some(begin)), None);
}

//! The answer held to second formulas: small links written out here, and every shipped scenario.
//!
//! The small link of most tests: users, one line, one server. A test replaces what it asks about;
//! expected numbers come from arithmetic in the test or from closed forms of `queueing`.

mod people;
mod properties;
mod shares;
mod shipped;
mod waiting;

use std::path::Path;

use super::figures::{Hour, LaneLoad};
use super::horizon::{Plan, answer_hour, answer_one};
use super::lanes::Lifted;
use crate::demand::Scale;
use crate::document;
use crate::error::{Severity, Sources};
use crate::scenario::Scenario;
use crate::scenario::plan::unchanged;
use crate::topology::load::build;
use crate::topology::{Topology, Way};

/// Nothing but users, a line of 10 Mbit/s and a server; delays and work are for tests to add.
const SMALL: &str = r#"
format = 1
name = { zh = "小", en = "small" }
owner.o = { name = { zh = "我", en = "me" } }
[peak]
window = "1 s"
exceeded = "1 %"
background-spread = "0.0 %"
[transport]
segment = "1400 B"
initial-window = "14000 B"
control = "cubic"
timeout = "200 ms"
full-queue = "0 ms"
[node]
user = { kind = "terminal", name = { zh = "甲", en = "user" }, owner = "o" }
server = { kind = "app", name = { zh = "乙", en = "server" }, owner = "o", workers = 1000 }
[link.line]
from = "user"
to = "server"
capacity = "10 Mbit/s"
delay = "0 ms"
owner = "o"
[journey.there]
name = { zh = "去", en = "there" }
path = "user->server"
[profile.flat]
name = { zh = "平", en = "flat" }
hours = [
  "100 %", "100 %", "100 %", "100 %", "100 %", "100 %", "100 %", "100 %",
  "100 %", "100 %", "100 %", "100 %", "100 %", "100 %", "100 %", "100 %",
  "100 %", "100 %", "100 %", "100 %", "100 %", "100 %", "100 %", "100 %",
]
[transaction.get]
name = { zh = "取", en = "get" }
exchanges = 1
up = "0 B"
down = "1 MB"
spread = "0 %"
[population.people]
name = { zh = "人", en = "people" }
online = 1
think = "10 s"
profile = "flat"
mix = { get = "100 %" }
journeys = { there = "100 %" }
class = "work"
access = "10 Mbit/s"
"#;

/// Bits of one transaction of [`SMALL`].
const BITS: f64 = 8e6;

/// The topology of a text.
fn read(text: &str) -> Topology {
    let mut sources = Sources::default();
    let file = sources.add("small.toml".into(), text.into());
    let (root, problems) = document::parse(file, text);
    match build(root, sources, problems) {
        Ok(loaded) => loaded.topology,
        Err(crate::error::Error::Problems { problems, .. }) => {
            let errors = problems
                .iter()
                .filter(|one| one.severity == Severity::Error);
            panic!(
                "{:#?}",
                errors.map(|one| &one.message.en).collect::<Vec<_>>()
            )
        }
        Err(error) => panic!("{error:?}"),
    }
}

/// [`SMALL`] with lines replaced: each pair is a text that stands in it once, and what takes its place.
fn small(changes: &[(&str, &str)]) -> String {
    let mut text = SMALL.to_string();
    for (old, new) in changes {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text = text.replace(old, new);
    }
    text
}

fn nothing_changed(topology: &Topology) -> Scenario {
    unchanged(topology, Path::new("small.toml"))
}

/// One hour of the first day.
fn hour(topology: &Topology, hour: usize) -> Hour {
    answer_hour(topology, hour, Scale::ONE).unwrap()
}

fn noon(text: &str) -> Hour {
    hour(&read(text), 12)
}

/// Mean and 95th percentile of the only transaction of the only population.
fn time(hour: &Hour) -> (f64, f64) {
    let [one] = &hour.times[..] else {
        panic!("{:?}", hour.times);
    };
    let (mean, p95) = one.time.unwrap();
    (mean.0, p95.0)
}

fn lane(topology: &Topology, hour: &Hour, link: &str, way: Way, class: usize) -> LaneLoad {
    let found = hour.lanes.iter().find(|load| {
        topology[load.lane.link].id == link && (load.lane.way, load.lane.class) == (way, class)
    });
    *found.unwrap()
}

#[track_caller]
fn close(found: f64, wanted: f64, relative: f64) {
    assert!(
        (found - wanted).abs() <= relative * wanted.abs(),
        "{found} is not {wanted}"
    );
}

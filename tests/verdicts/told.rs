//! What a run has told, with the questions that tests ask of it.

use std::process::Output;

use serde_json::Value;

use super::world::World;

/// One report of `hopcast trace --json`.
#[derive(Clone)]
pub struct Told {
    /// All of it.
    pub report: Value,
    /// How hopcast ended.
    pub code: i32,
}

/// What it told of one hop.
#[derive(Clone, Copy)]
pub struct Hub<'a>(pub &'a Value);

/// Traces the server of a world as nobody.
pub fn trace(world: &World, args: &[&str]) -> Told {
    let target = world.target(false).to_string();
    Told::one(&world.hopcast(&with(&target, args)))
}

/// The arguments of a trace as data.
pub fn with<'a>(target: &'a str, args: &[&'a str]) -> Vec<&'a str> {
    [&["trace", target, "--json"], args].concat()
}

impl Told {
    /// The report of a run to one host.
    pub fn one(output: &Output) -> Told {
        let mut all = Told::all(output);
        assert_eq!(all.len(), 1, "{}", said(output));
        all.remove(0)
    }

    /// The reports of a run, one for each host.
    pub fn all(output: &Output) -> Vec<Told> {
        let code = output.status.code().expect("hopcast was not killed");
        let reports = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
        let reports = reports
            .map(|report| report.unwrap_or_else(|error| panic!("{error}: {}", said(output))));
        reports.map(|report| Told { report, code }).collect()
    }

    pub fn hubs(&self) -> Vec<Hub<'_>> {
        let hubs = self.report["report"]["hubs"].as_array();
        hubs.expect("hubs are a list").iter().map(Hub).collect()
    }

    /// The hop at a distance.
    pub fn hub(&self, distance: u8) -> Hub<'_> {
        let mut hubs = self.hubs().into_iter();
        let hub = hubs.find(|hub| hub.0["count"] == distance);
        hub.unwrap_or_else(|| panic!("no hop {distance}: {self}"))
    }

    /// The first responder of every hop, in order.
    pub fn hosts(&self) -> Vec<&str> {
        self.hubs().iter().map(|hub| hub.host()).collect()
    }

    /// The main finding of every hop, in order.
    pub fn kinds(&self) -> Vec<&str> {
        self.hubs().iter().map(|hub| hub.kind()).collect()
    }

    /// A count of the report as a whole.
    pub fn count(&self, name: &str) -> u64 {
        let count = self.report[name].as_u64();
        count.unwrap_or_else(|| panic!("no {name}: {self}"))
    }

    /// The sentence on top.
    pub fn sentence(&self) -> &str {
        let text = self.report["verdict"]["text"]["en"].as_str();
        text.expect("every report has one")
    }
}

impl<'a> Hub<'a> {
    pub fn host(&self) -> &'a str {
        self.0["host"].as_str().expect("a host or ???")
    }

    pub fn kind(&self) -> &'a str {
        let kind = self.0["verdict"]["kind"].as_str();
        kind.expect("every hop has a verdict")
    }

    /// The findings, the main one first.
    pub fn findings(&self) -> Vec<&'a Value> {
        let also = self.0["verdict"]["also"].as_array();
        let also = also.expect("a list, if only an empty one");
        std::iter::once(&self.0["verdict"]).chain(also).collect()
    }

    /// The finding of a kind, main or not.
    pub fn finding(&self, kind: &str) -> Option<&'a Value> {
        self.findings().into_iter().find(|own| own["kind"] == kind)
    }

    /// A fact that some finding rests on.
    pub fn fact(&self, name: &str) -> Option<&'a Value> {
        let all = self.findings();
        let mut facts = all
            .iter()
            .flat_map(|own| own["evidence"].as_array().expect("evidence is a list"));
        facts.find(|fact| fact["fact"] == name)
    }

    pub fn sent(&self) -> u64 {
        self.0["Snt"].as_u64().expect("a count")
    }

    /// How many probes ended so.
    pub fn fates(&self, name: &str) -> u64 {
        self.0["fates"][name].as_u64().expect("a count")
    }

    pub fn lost(&self) -> u64 {
        self.fates("lost")
    }

    /// A time in ms.
    pub fn ms(&self, name: &str) -> f64 {
        let time = self.0[name].as_f64();
        time.unwrap_or_else(|| panic!("no {name}: {:#}", self.0))
    }

    /// Every address that answered.
    pub fn addresses(&self) -> Vec<&'a str> {
        let all = self.0["responders"].as_array().expect("a list");
        let address = |own: &'a Value| own["address"].as_str().expect("an address");
        all.iter().map(address).collect()
    }
}

impl std::fmt::Display for Told {
    /// A line for each hop, for whoever must find out what went wrong.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let report = &self.report;
        writeln!(f, "{} (exit {})", self.sentence(), self.code)?;
        for name in [
            "reached",
            "unmatched",
            "short_quotes",
            "own_overflow",
            "spoofed",
        ] {
            write!(f, "{name} {} ", report[name])?;
        }
        writeln!(
            f,
            "\nchanges {}\nservice {}",
            report["changes"], report["service"]["fates"]
        )?;
        for hub in self.hubs() {
            write!(
                f,
                "{} {:?} {}",
                hub.0["count"],
                hub.addresses(),
                hub.0["fates"]
            )?;
            for own in hub.findings() {
                write!(f, " {} {}", own["kind"], own["confidence"])?;
                for fact in own["evidence"].as_array().into_iter().flatten() {
                    write!(f, " [{}]", fact["text"]["en"].as_str().unwrap_or("?"))?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Both streams of an ended program.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

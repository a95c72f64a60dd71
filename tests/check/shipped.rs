//! The files that ship: clean, and true to the plans that they state.

use hopcast::demand;
use hopcast::scenario::{self, growth::Law, load::LoadedScenario};
use hopcast::topology::{self, Crowd, JourneyAt, Topology};
use hopcast::units::Seconds;

use super::{hopcast, root, toml_files};

#[test]
fn all_shipped_files_are_clean() {
    let mut files = toml_files("topology");
    files.extend(toml_files("scenarios"));
    files.extend(toml_files("tests/wrong/good"));
    assert!(files.len() > 20);
    let names: Vec<&str> = files.iter().map(|path| path.to_str().unwrap()).collect();
    let output = hopcast(&[&["check"], names.as_slice()].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let count = files.len();
    assert_eq!(said, format!("{count} file(s): 0 error(s), 0 warning(s)\n"));
}

fn network(file: &str) -> Topology {
    topology::load(&root().join("topology").join(file))
        .unwrap()
        .topology
}

fn what_if(name: &str) -> LoadedScenario {
    let path = root().join("scenarios").join(format!("{name}.toml"));
    scenario::load::load(&path).unwrap()
}

fn online(topology: &Topology) -> f64 {
    let users = topology.populations.iter().map(|one| match one.crowd {
        Crowd::Online { users, .. } => users,
        Crowd::Arriving { .. } => 0.0,
    });
    users.sum()
}

#[test]
fn the_52_units_add_up_to_the_stated_documents() {
    let units = network("zhaozhengyi.toml").units;
    assert_eq!(units.len(), 52);
    assert_eq!(units.iter().map(|unit| unit.weight).sum::<f64>(), 909_872.0);
}

#[test]
fn every_what_if_of_the_office_platform_has_its_5732_users() {
    let mut seen = 0;
    for path in toml_files("scenarios") {
        let loaded = scenario::load::load(&path).unwrap();
        let topology = &loaded.loaded.topology;
        if topology.name.en == "Zhaozhengyi office platform" {
            assert_eq!(online(topology), 5732.0, "{}", path.display());
            assert!(loaded.scenario.question.is_some(), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 15, "{seen}");
}

#[test]
fn growth_is_said_once_and_inherited() {
    let growth = what_if("growth-80000").scenario.growth;
    assert_eq!(growth.months, 36);
    // 63,212 + 16,788 = 80,000 after a year, and never more.
    assert_eq!(number(&growth.accounts, 12.0), 80_000.0);
    assert_eq!(number(&growth.accounts, 36.0), 80_000.0);
    // Its own devices: 1.4 + 0.8 after a year, 3.0 from the second.
    assert!((number(&growth.devices, 12.0) - 2.2).abs() < 1e-12);
    assert_eq!(number(&growth.devices, 24.0), 3.0);
    assert_eq!(
        number(&what_if("qos-750").scenario.growth.devices, 36.0),
        2.0
    );
    let objectives = |name: &str| what_if(name).scenario.objectives.len();
    assert_eq!(objectives("three-carriers"), objectives("qos-250") + 2);
}

/// The number that a law gives so many months after the start.
fn number(law: &Law, months: f64) -> f64 {
    law.number(months)
        .expect("months in range")
        .expect("a law that grows")
}

/// Part of a population's users who have a way that works.
fn served(topology: &Topology, population: &str) -> f64 {
    let works = |at: JourneyAt| topology[at].broken.is_none();
    let found = topology.populations.iter().find(|one| one.id == population);
    let ways = found.unwrap().journeys.iter();
    ways.filter(|(at, _)| works(*at) || topology[*at].fallback.is_some_and(works))
        .map(|(_, part)| part)
        .sum()
}

#[test]
fn without_the_telecom_line_three_carriers_serve_all_and_one_serves_the_extranet() {
    for (name, vpn) in [("lose-telecom", 1.0), ("lose-telecom-today", 0.0)] {
        let topology = what_if(name).loaded.topology;
        for population in ["vpn-pc", "vpn-phone"] {
            assert!((served(&topology, population) - vpn).abs() < 1e-9, "{name}");
        }
        assert_eq!(served(&topology, "extranet-pc"), 1.0);
    }
}

#[test]
fn a_line_that_is_cut_carries_nobody_and_is_paid_for_all_the_same() {
    let cut = what_if("lose-telecom");
    // Three lines at 20,000 a month each, whether they work or not.
    assert_eq!(cut.scenario.price.unwrap().0, 3.0 * 20_000.0);
    let topology = &cut.loaded.topology;
    let mut links = topology.links.iter();
    assert!(links.any(|link| link.id == "vpn-line" && link.failed));
    let rates = |topology: &Topology| -> f64 {
        let all = demand::background(topology, 16, demand::Scale::ONE);
        let on = all.iter().filter(|one| topology[one.link].id == "vpn-line");
        on.map(|one| one.rate.as_mbit()).sum()
    };
    // The organs' other traffic at the peak: 60 up and 180 down on the whole line, none on the cut one.
    assert_eq!(rates(topology), 0.0);
    assert!((rates(&what_if("three-carriers").loaded.topology) - 240.0).abs() < 1e-9);
}

#[test]
fn only_the_standby_carries_ticketing_over_a_cut_wire() {
    let served = |name: &str| served(&what_if(name).loaded.topology, "visitors");
    assert_eq!(served("ticketing-4g"), 1.0);
    assert_eq!(served("ticketing-no-4g"), 0.0);
}

#[test]
fn the_hotline_has_500_800_and_950_users_at_9_10_and_11() {
    let topology = network("jiangsu-12345.toml");
    let cities = topology.populations.len() - 1;
    assert_eq!((cities, online(&topology)), (13, 950.0));
    let hours = topology[topology.populations[0].profile].hours;
    for (hour, users) in [(9, 500.0), (10, 800.0), (11, 950.0)] {
        assert!((950.0 * hours[hour] - users).abs() < 0.01, "{hour}");
    }
}

#[test]
fn the_new_interfaces_shorten_the_walk() {
    let topology = network("xinchuang-cloud.toml");
    let delay = |id: &str| -> f64 {
        let steps = &topology[topology.journey(id).unwrap()].steps;
        let links = steps.iter().filter_map(|step| step.via);
        let total: Seconds = links.map(|(link, _)| topology[link].delay).sum();
        total.as_ms()
    };
    // Out and back, by hand. Old: 6 + 2 + 0.1 + 0.1, 6 + 1 + 1 + 1 + 1 + 6 by the province, 0.1 + 0.1.
    assert!((delay("internet-old") - 2.0 * 24.4).abs() < 1e-9);
    // New: 6 + 2 + 0.1 + 0.3, 2 + 1 + 1 + 2 to Yuezhengyi, 0.1, WPS 0.1 + 0.1, 0.1.
    assert!((delay("internet-new") - 2.0 * 14.8).abs() < 1e-9);
}

//! How long answers take: `cargo bench --bench answers`.
//!
//! Files are read where a user would read them; nothing is drawn. One thread a benchmark, except
//! where the comparison itself uses one thread a scenario.

use std::path::{Path, PathBuf};

use divan::{Bencher, black_box};
use hopcast::demand::Scale;
use hopcast::qos::{Class, Demand, Preset, Sharer, Tree};
use hopcast::scenario::answer::{answer, answer_hour};
use hopcast::scenario::compare::compare;
use hopcast::scenario::load::{LoadedScenario, load};
use hopcast::units::BitRate;

fn main() {
    divan::main();
}

/// The four policies that people choose among, 36 months each.
const CHOICES: [&str; 4] = ["qos-250", "qos-500", "qos-750", "three-carriers"];

fn path(scenario: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{scenario}.toml"))
}

fn choices() -> Vec<LoadedScenario> {
    let loaded = CHOICES.iter().map(|name| load(&path(name)));
    loaded
        .collect::<Result<_, _>>()
        .expect("shipped scenarios load")
}

/// Reading four scenarios and answering them, each on its own thread.
#[divan::bench]
fn load_and_compare_four_scenarios() {
    black_box(compare(choices()).expect("they have an answer"));
}

/// Reading alone.
#[divan::bench]
fn load_four_scenarios() {
    black_box(choices());
}

/// 37 days of 24 hours for each of four scenarios, one after another.
#[divan::bench]
fn answer_36_months_of_four_scenarios(bencher: Bencher<'_, '_>) {
    let all = choices();
    bencher.bench_local(|| {
        for one in &all {
            black_box(answer(&one.loaded.topology, &one.scenario).expect("it has an answer"));
        }
    });
}

/// The busiest hour of today's policy: routes and class trees laid out, one network solved.
#[divan::bench]
fn one_hour(bencher: Bencher<'_, '_>) {
    let loaded = load(&path("qos-250")).expect("shipped scenarios load");
    bencher.bench_local(|| answer_hour(&loaded.loaded.topology, 16, Scale::ONE));
}

fn tree(leaves: usize) -> (Tree, Vec<Demand>) {
    let line = BitRate::mbit(500.0);
    let each = line.0 / leaves as f64;
    let classes: Vec<Class> = (0..leaves)
        .map(|leaf| Class {
            name: leaf.to_string(),
            // Guarantees of half the line, ceilings that some reach and some do not.
            guarantee: Some(BitRate(each * (0.25 + 0.5 * (leaf % 2) as f64))),
            ceiling: Some(BitRate(each * (1 + leaf % 7) as f64)),
            priority: (leaf % 3) as u32,
            ..Class::default()
        })
        .collect();
    let demands = (0..leaves)
        .map(|leaf| match leaf % 5 {
            0 => Demand::Greedy,
            part => Demand::Rate(BitRate(each * part as f64 / 2.0)),
        })
        .collect();
    let tree = Tree::new(line, &classes, Preset::Sangfor.rules()).expect("a sound tree");
    (tree, demands)
}

#[divan::bench(args = [4, 5_000])]
fn share_a_line_among_classes(bencher: Bencher<'_, '_>, leaves: usize) {
    let (tree, demands) = tree(leaves);
    let mut sharer = Sharer::default();
    bencher.bench_local(|| {
        let shares = sharer.share(&tree, &demands).expect("sound demands");
        black_box(shares.total())
    });
}

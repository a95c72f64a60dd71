//! What must hold whatever the numbers: more for a class is never worse for it.

use proptest::prelude::*;

use super::*;
use crate::topology::{Crowd, OversubscriptionName, PresetName};
use crate::units::{BitRate, Seconds};

/// A policy of two to four classes under users of the first, others' traffic in the rest.
#[derive(Debug, Clone)]
struct Case {
    preset: PresetName,
    line: f64,
    classes: Vec<Written>,
    users: f64,
    think: f64,
}

#[derive(Debug, Clone)]
struct Written {
    guarantee: f64,
    ceiling: Option<f64>,
    priority: u32,
    others: f64,
}

fn written() -> impl Strategy<Value = Written> {
    let ceiling = proptest::option::of(1.0..1.5f64);
    (0.0..40.0f64, ceiling, 0..3u32, 0.0..60.0f64).prop_map(
        |(guarantee, ceiling, priority, others)| Written {
            guarantee,
            ceiling: ceiling.map(|part| 5.0 + guarantee * part),
            priority,
            others,
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let preset = prop_oneof![Just(PresetName::LinuxHtb), Just(PresetName::Sangfor)];
    let classes = prop::collection::vec(written(), 2..5);
    (
        preset,
        60.0..200.0f64,
        classes,
        1.0..400.0f64,
        5.0..100.0f64,
    )
        .prop_map(|(preset, line, classes, users, think)| Case {
            preset,
            line,
            classes,
            users,
            think,
        })
}

/// One file with four classes; what is left of it is changed in place.
fn template() -> Topology {
    let mut text = small(&[
        (
            "capacity = \"10 Mbit/s\"",
            "capacity = \"100 Mbit/s\"\npolicy = \"p\"",
        ),
        ("class = \"work\"", "class = \"c0\""),
        ("full-queue = \"0 ms\"", "full-queue = \"100 ms\""),
        ("spread = \"0 %\"", "spread = \"100 %\""),
        ("up = \"0 B\"", "up = \"20 kB\""),
    ]);
    text += "[policy.p]\nname = { zh = \"策\", en = \"p\" }\npreset = \"linux-htb\"\n";
    for class in 0..4 {
        let applies = if class == 3 {
            String::new()
        } else {
            format!("applies-to = [\"c{class}\"]\n")
        };
        text += &format!(
            "[policy.p.class.c{class}]\npriority = 0\nname = {{ zh = \"类\", en = \"c{class}\" }}\n{applies}"
        );
        text += &format!(
            "[traffic.c{class}]\nname = {{ zh = \"别\", en = \"c{class}\" }}\nlinks = [\"line\"]\nclass = \"c{class}\"\nup = \"0 Mbit/s\"\ndown = \"1 Mbit/s\"\nprofile = \"flat\"\n"
        );
    }
    read(&text)
}

impl Case {
    fn topology(&self, template: &Topology) -> Topology {
        let mut topology = template.clone();
        topology.links[0].capacity = [BitRate::mbit(self.line); 2];
        topology.peak.background_spread = 0.25;
        let policy = &mut topology.policies[0];
        policy.preset = self.preset;
        policy.oversubscription = Some(OversubscriptionName::Scale);
        for (class, (to, from)) in policy.classes.iter_mut().zip(&self.classes).enumerate() {
            to.guarantee = [BitRate::mbit(from.guarantee); 2];
            to.ceiling = [from.ceiling.map(BitRate::mbit); 2];
            to.priority = from.priority;
            topology.traffic[class].rate = match class {
                // Users alone send in the first.
                0 => rate(0.0),
                _ => rate(from.others),
            };
        }
        for class in self.classes.len()..4 {
            topology.traffic[class].rate = rate(0.0);
        }
        topology.populations[0].crowd = Crowd::Online {
            users: self.users,
            think: Seconds(self.think),
        };
        // Below every ceiling and line, so that a user's own rate stays as it is.
        topology.populations[0].access = BitRate::mbit(4.0);
        topology
    }

    /// p95 (infinite where it never ends), minutes of congestion and obtainable rate of the users'
    /// class at noon.
    fn felt(&self, template: &Topology) -> [f64; 3] {
        let topology = self.topology(template);
        let hour = &hour(&topology, 12);
        let lane = lane(&topology, hour, "line", Way::Down, 0);
        let p95 = hour.times[0].time.map_or(f64::INFINITY, |(_, p95)| p95.0);
        [p95, lane.congested, -lane.capacity.0]
    }
}

fn rate(mbit: f64) -> crate::topology::TrafficRate {
    crate::topology::TrafficRate::Shaped {
        peak: [BitRate::ZERO, BitRate::mbit(mbit)],
        profile: crate::topology::ProfileAt(0),
    }
}

#[test]
fn more_for_a_class_is_never_worse_for_it() {
    let template = template();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        cases: 64,
        ..ProptestConfig::default()
    });
    runner
        .run(&(case(), 0.1..30.0f64), |(case, more)| {
            let before = case.felt(&template);
            let mut guaranteed = case.clone();
            let own = &mut guaranteed.classes[0];
            own.guarantee += more;
            own.ceiling = own.ceiling.map(|ceiling| ceiling + more);
            let mut raised = case.clone();
            raised.classes[0].ceiling = raised.classes[0].ceiling.map(|ceiling| ceiling + more);
            let mut fewer = case.clone();
            fewer.users /= 1.0 + more / 30.0;
            for (what, changed) in [
                ("guarantee", guaranteed),
                ("ceiling", raised),
                ("fewer users", fewer),
            ] {
                let after = changed.felt(&template);
                for (before, after) in before.into_iter().zip(after) {
                    let worse = after > before + 1e-6 * before.abs().max(1e-6);
                    prop_assert!(!worse, "{what}: {before} to {after}");
                }
            }
            Ok(())
        })
        .unwrap();
}

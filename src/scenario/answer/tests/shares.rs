//! What the sharing rule leaves a class, by hand; and what binds once a class is lifted.

use super::*;
use crate::scenario::answer::answer;
use crate::scenario::answer::lanes::Lane;
use crate::scenario::answer::pressure::{Resource, pressures};
use crate::topology::LinkAt;

/// A line of 100 Mbit/s whose classes are `a` (of the users), `b` and `rest`, with others' traffic of
/// `b` and `rest` down.
fn line(preset: &str, a: &str, b: &str, sent: [u32; 2]) -> String {
    let class = |id: &str, applies: &str, more: &str| {
        // Served first, if nothing else is said.
        let priority = if more.contains("priority") {
            ""
        } else {
            "priority = 0"
        };
        format!(
            "[policy.p.class.{id}]\nname = {{ zh = \"类\", en = \"{id}\" }}\n{applies}{priority}\n{more}\n"
        )
    };
    let traffic = |class: &str, rate: u32| {
        format!(
            "[traffic.{class}]\nname = {{ zh = \"别\", en = \"{class}\" }}\nlinks = [\"line\"]\nclass = \"{class}\"\nup = \"0 Mbit/s\"\ndown = \"{rate} Mbit/s\"\nprofile = \"flat\"\n"
        )
    };
    let text = small(&[
        (
            "capacity = \"10 Mbit/s\"",
            "capacity = \"100 Mbit/s\"\npolicy = \"p\"",
        ),
        ("class = \"work\"", "class = \"a\""),
    ]);
    let policy =
        format!("[policy.p]\nname = {{ zh = \"策\", en = \"p\" }}\npreset = \"{preset}\"\n");
    [
        text,
        policy,
        class("a", "applies-to = [\"a\"]\n", a),
        class("b", "applies-to = [\"b\"]\n", b),
        class("rest", "", ""),
        traffic("b", sent[0]),
        traffic("rest", sent[1]),
    ]
    .concat()
}

/// What class `a` could get down at noon, Mbit/s.
fn a_gets(text: &str) -> f64 {
    a_gets_at(text, 12)
}

fn a_gets_at(text: &str, at: usize) -> f64 {
    let topology = read(text);
    lane(&topology, &hour(&topology, at), "line", Way::Down, 0)
        .capacity
        .as_mbit()
}

const A: &str = "guarantee = \"30 Mbit/s\"";
const B: &str = "guarantee = \"20 Mbit/s\"";

#[test]
fn the_guarantee_first_and_then_a_part_of_the_rest() {
    // b asks for 60: 50 beyond the guarantees. Linux halves them (equal quanta above 16 Mbit/s);
    // Sangfor and FortiGate give 3 : 2.
    close(a_gets(&line("linux-htb", A, B, [60, 0])), 30.0 + 25.0, 1e-9);
    close(a_gets(&line("sangfor", A, B, [60, 0])), 30.0 + 30.0, 1e-9);
    close(a_gets(&line("fortigate", A, B, [60, 0])), 30.0 + 30.0, 1e-9);
    // b asks for 10: all but that is a's.
    for preset in ["linux-htb", "sangfor", "fortigate"] {
        close(a_gets(&line(preset, A, B, [10, 0])), 90.0, 1e-9);
    }
}

#[test]
fn a_ceiling_ends_it() {
    let ceiling = "guarantee = \"30 Mbit/s\"\nceiling = \"40 Mbit/s\"";
    for preset in ["linux-htb", "sangfor", "fortigate"] {
        close(a_gets(&line(preset, ceiling, B, [0, 0])), 40.0, 1e-9);
        close(a_gets(&line(preset, ceiling, B, [90, 90])), 40.0, 0.05);
    }
}

#[test]
fn others_that_ask_for_everything_leave_what_the_rule_says() {
    // b and the rest both ask for 200. FortiGate: the class without a guarantee comes last, so
    // 50 beyond the guarantees go 3 : 2.
    close(a_gets(&line("fortigate", A, B, [200, 200])), 60.0, 1e-9);
    // A higher priority takes all the excess.
    let first = "guarantee = \"20 Mbit/s\"\npriority = 0";
    let second = "guarantee = \"30 Mbit/s\"\npriority = 1";
    for preset in ["linux-htb", "sangfor", "fortigate"] {
        // The rest is of priority 0 too, if it is not said otherwise, and asks for nothing.
        close(a_gets(&line(preset, second, first, [200, 0])), 30.0, 1e-9);
    }
}

#[test]
fn out_of_its_hours_a_class_has_no_guarantee_and_no_ceiling() {
    let hours = "guarantee = \"30 Mbit/s\"\nceiling = \"50 Mbit/s\"\nactive = \"08:00-18:00\"";
    let text = line("sangfor", hours, B, [60, 0]);
    close(a_gets_at(&text, 12), 50.0, 1e-9);
    // At three b takes its 60 and what nobody wants is a's: a class without a guarantee comes last.
    close(a_gets_at(&text, 3), 40.0, 1e-9);
    close(
        a_gets_at(&line("sangfor", hours, B, [10, 0]), 3),
        90.0,
        1e-9,
    );
}

#[test]
fn guarantees_that_leak_still_end_at_the_line() {
    // 60 + 60 of 100: Linux sends 120, the line loses a sixth of each.
    let more = "guarantee = \"60 Mbit/s\"";
    let text = line("linux-htb", more, more, [200, 0]);
    close(a_gets(&text), 50.0, 1e-9);
    let hour = noon(&text);
    let carried: f64 = (0..3)
        .flat_map(|class| {
            let all = hour.lanes.iter();
            all.filter(move |load| (load.lane.way, load.lane.class) == (Way::Down, class))
        })
        .map(|load| load.carried.as_mbit())
        .sum();
    assert!(carried <= 100.0 + 1e-9, "{carried}");
    // Sangfor shrinks them.
    close(a_gets(&line("sangfor", more, more, [200, 0])), 50.0, 1e-9);
}

#[test]
fn a_guarantee_above_the_line_is_the_line() {
    let more = "guarantee = \"150 Mbit/s\"\nceiling = \"160 Mbit/s\"";
    for preset in ["linux-htb", "sangfor"] {
        close(a_gets(&line(preset, more, "", [0, 0])), 100.0, 1e-9);
        // And nobody else's: the others are not given a line of their own.
        let text = line(preset, more, "", [80, 0]);
        let topology = read(&text.replace("online = 1", "online = 100000"));
        let b = lane(&topology, &hour(&topology, 12), "line", Way::Down, 1);
        assert!(b.capacity.as_mbit() < 1.0, "{preset}: {:?}", b.capacity);
    }
}

#[test]
fn a_class_that_is_left_nothing_has_an_answer() {
    let starved = "priority = 3";
    let text = line("sangfor", starved, "guarantee = \"100 Mbit/s\"", [200, 0]);
    let hour = noon(&text);
    let topology = read(&text);
    let a = lane(&topology, &hour, "line", Way::Down, 0);
    assert_eq!((a.capacity.0, a.carried.0), (0.0, 0.0));
    assert_eq!(a.utilisation(), f64::INFINITY);
    assert_eq!(hour.times[0].time, None);
    assert!(!format!("{hour:?}").contains("NaN"));
}

#[test]
fn a_class_that_is_not_enabled_is_as_if_unwritten() {
    let off = "guarantee = \"30 Mbit/s\"\nenabled = false";
    // Users of a fall to the rest, which has no guarantee and comes after b.
    let topology = read(&line("sangfor", off, B, [60, 0]));
    let rest = lane(&topology, &hour(&topology, 12), "line", Way::Down, 2);
    close(rest.capacity.as_mbit(), 40.0, 1e-9);
}

#[test]
fn what_binds_next_is_what_binds_when_the_file_says_so() {
    let narrow = "guarantee = \"2 Mbit/s\"\nceiling = \"4 Mbit/s\"";
    let base = line("sangfor", narrow, B, [40, 0])
        .replace("workers = 1000", "workers = 2")
        .replace("online = 1\n", "online = 10\n")
        .replace(
            "spread = \"0 %\"",
            "spread = \"0 %\"\nwork = { server = \"1.2 s\" }",
        );
    let topology = read(&base);
    let found = answer(&topology, &nothing_changed(&topology))
        .unwrap()
        .narrow[0];
    let lane = |class| Lane {
        link: LinkAt(0),
        way: Way::Down,
        class,
    };
    assert_eq!(found.first.resource, Resource::Class(lane(0)));
    // By hand: a has no ceiling and is guaranteed the whole line, which the rule lets pass.
    let lifted = base.replace(narrow, "guarantee = \"100 Mbit/s\"").replace(
        "preset = \"sangfor\"",
        "preset = \"sangfor\"\noversubscription = \"leak\"",
    );
    let topology = read(&lifted);
    let all = pressures(&topology, &[hour(&topology, 12)]);
    let other = |resource| match resource {
        Resource::Class(lane) => lane.class != 0,
        _ => true,
    };
    let wanted = all
        .iter()
        .find(|pressure| other(pressure.resource))
        .unwrap();
    let next = found.next.unwrap();
    assert_eq!(next.resource, wanted.resource);
    close(next.utilisation, wanted.utilisation, 1e-9);
    // Ten users in a cycle of 10 + 0.8 + 1.2 s keep half of two workers busy.
    assert!(matches!(next.resource, Resource::Servers(_)));
    close(next.utilisation, 10.0 / 12.0 * 1.2 / 2.0, 1e-9);
}

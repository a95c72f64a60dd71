//! What measuring the kernel taught, one lesson a test: the system in words, then the numbers.
//! Rates in Mbit/s; g guarantee, c ceiling, p priority.

use super::*;
use crate::units::{BitRate, Bytes};

/// A class under `parent` ("" is the link).
fn class(name: &str, parent: &str, g: f64, c: f64, p: u32) -> Class {
    Class {
        name: name.to_string(),
        parent: (!parent.is_empty()).then(|| parent.to_string()),
        guarantee: Some(BitRate::mbit(g)),
        ceiling: Some(BitRate::mbit(c)),
        priority: p,
        ..Class::default()
    }
}

fn rate(mbit: f64) -> Demand {
    Demand::Rate(BitRate::mbit(mbit))
}

const GREEDY: Demand = Demand::Greedy;

fn tree(link: f64, classes: &[Class], preset: Preset) -> Tree {
    Tree::new(BitRate::mbit(link), classes, preset.rules()).unwrap()
}

#[track_caller]
fn expect(tree: &Tree, demands: &[Demand], expected: &[f64]) -> Vec<Why> {
    let shares = share(tree, demands).unwrap();
    let got: Vec<f64> = shares.iter().map(BitRate::as_mbit).collect();
    for (got_one, expected_one) in got.iter().zip(expected) {
        assert!(
            (got_one - expected_one).abs() < 1e-9,
            "{got:?}, not {expected:?}"
        );
    }
    assert_eq!(got.len(), expected.len());
    shares.why(tree, demands)
}

#[test]
fn quantum_is_clamped_so_big_guarantees_split_excess_equally() {
    // a: g 200, b: g 50, both up to 500; a + b <= 500. Quanta are both 200,000: of the 250 over,
    // 125 each. (Kernel: 324.9 and 175.0.)
    let big = [
        class("a", "", 200.0, 500.0, 1),
        class("b", "", 50.0, 500.0, 1),
    ];
    expect(
        &tree(500.0, &big, Preset::LinuxHtb),
        &[GREEDY; 2],
        &[325.0, 175.0],
    );
    // At a tenth of the rates only a is clamped, 200,000 to 62,500: 25 over is split 16 to 5.
    let small = [class("a", "", 20.0, 50.0, 1), class("b", "", 5.0, 50.0, 1)];
    let (a, b) = (20.0 + 25.0 * 16.0 / 21.0, 5.0 + 25.0 * 5.0 / 21.0);
    expect(&tree(50.0, &small, Preset::LinuxHtb), &[GREEDY; 2], &[a, b]);
    // In proportion to the guarantee it is 4 to 1 at both sizes.
    expect(
        &tree(500.0, &big, Preset::Fortigate),
        &[GREEDY; 2],
        &[400.0, 100.0],
    );
    assert_eq!(default_quantum(BitRate::mbit(16.0)), Bytes(200e3));
    assert_eq!(default_quantum(BitRate::mbit(0.001)), Bytes(1e3));
}

#[test]
fn oversubscribed_guarantees_leak_scale_or_are_refused() {
    // a: g 30, b: g 30 under 50, both greedy.
    let classes = [class("a", "", 30.0, 50.0, 0), class("b", "", 30.0, 50.0, 1)];
    let leak = tree(50.0, &classes, Preset::LinuxHtb);
    let whys = expect(&leak, &[GREEDY; 2], &[30.0, 30.0]);
    assert_eq!(whys, [Why::GuaranteeOnly; 2]);
    assert_eq!(leak.oversubscribed().len(), 1);
    let scale = tree(50.0, &classes, Preset::Sangfor);
    expect(&scale, &[GREEDY; 2], &[25.0, 25.0]);
    // Scaled guarantees still borrow what the other leaves: nothing idles.
    expect(&scale, &[GREEDY, rate(10.0)], &[40.0, 10.0]);
    let rules = Preset::Fortigate.rules();
    let refused = Tree::new(BitRate::mbit(50.0), &classes, rules).unwrap_err();
    assert!(matches!(refused[..], [TreeError::Oversubscribed(_)]));
}

#[test]
fn behind_a_carriers_line_only_a_range_is_true() {
    // a: g 30, b: g 30 under 50 send 60 into a line of 50: each has 20 to 30.
    // (Kernel: 29/21, 22/28, 21/29.)
    let classes = [class("a", "", 30.0, 50.0, 0), class("b", "", 30.0, 50.0, 1)];
    let leak = tree(50.0, &classes, Preset::LinuxHtb);
    let answer = |line: f64| answer(&leak, &[GREEDY; 2], Some(BitRate::mbit(line))).unwrap();
    let behind = answer(50.0);
    assert_eq!(behind.undetermined, Some(Undetermined::Line));
    for range in &behind.ranges {
        assert!((range.low.as_mbit() - 20.0).abs() < 1e-6, "{range:?}");
        assert!((range.high.as_mbit() - 30.0).abs() < 1e-6, "{range:?}");
    }
    // A line that carries the 60 leaves the tree's answer as it is.
    let wide = answer(60.0);
    assert_eq!(wide.undetermined, None);
    assert_eq!(wide.ranges[0].low, wide.ranges[0].high);
    // Behind 40, b alone could fill the line by borrowing: a may be left with nothing.
    assert_eq!(answer(40.0).ranges[0].low.as_mbit().round(), 0.0);
}

#[test]
fn guaranteeing_everybody_everything_divides_nothing() {
    // a: g 50 = c, b: g 50 = c under 50. (Kernel, one queue: 9.7 to 13.4 and the rest.)
    let classes = [class("a", "", 50.0, 50.0, 0), class("b", "", 50.0, 50.0, 0)];
    let one = tree(50.0, &classes, Preset::LinuxHtb);
    let both = answer(&one, &[GREEDY; 2], None).unwrap();
    assert_eq!(both.undetermined, Some(Undetermined::Undivided));
    assert_eq!(both.ranges[0].low, BitRate::ZERO);
    assert_eq!(both.ranges[0].high, BitRate::mbit(50.0));
    // Demands that fit are met whoever divides: 20 + 30 <= 50.
    let fitting = answer(&one, &[rate(20.0), rate(30.0)], None).unwrap();
    assert_eq!(fitting.undetermined, None);
    // A greedy flow leaves at least nothing to, and takes at most what, 20 do not use.
    let mixed = answer(&one, &[rate(20.0), GREEDY], None).unwrap();
    assert_eq!(mixed.ranges[0].high, BitRate::mbit(20.0));
    assert_eq!(mixed.ranges[1].low, BitRate::mbit(30.0));
}

#[test]
fn a_guarantee_holds_while_the_neighbour_floods_and_priority_buys_only_excess() {
    // a, b, d: g 10, c 50 under 50; p 0, 1, 2. Excess 20 goes to a alone: 30, 10, 10.
    let classes = [
        class("a", "", 10.0, 50.0, 0),
        class("b", "", 10.0, 50.0, 1),
        class("d", "", 10.0, 50.0, 2),
    ];
    let whys = expect(
        &tree(50.0, &classes, Preset::LinuxHtb),
        &[GREEDY; 3],
        &[30.0, 10.0, 10.0],
    );
    assert_eq!(whys[1..], [Why::Outranked; 2]);
    assert!(matches!(whys[0], Why::WaterLevel { lender: None, .. }));
    // Demands 12 and 18 and greedy: strict priority meets the first two, the third has the rest.
    let classes = [
        class("a", "", 5.0, 50.0, 0),
        class("b", "", 5.0, 50.0, 1),
        class("d", "", 5.0, 50.0, 2),
    ];
    let whys = expect(
        &tree(50.0, &classes, Preset::LinuxHtb),
        &[rate(12.0), rate(18.0), GREEDY],
        &[12.0, 18.0, 20.0],
    );
    assert_eq!(whys[..2], [Why::DemandMet; 2]);
}

#[test]
fn a_ceiling_wastes_what_nobody_else_asks_for() {
    // oa: g 25, c 30 under 50 while the other asks for nothing: 30, and 20 idle.
    let classes = [
        class("oa", "", 25.0, 30.0, 0),
        class("other", "", 25.0, 50.0, 1),
    ];
    let office = tree(50.0, &classes, Preset::LinuxHtb);
    let whys = expect(&office, &[GREEDY, rate(0.0)], &[30.0, 0.0]);
    assert_eq!(whys, [Why::Ceiling, Why::Idle]);
}

#[test]
fn the_own_parents_spare_comes_before_anybody_elses_priority() {
    // left: g 25 over l1, l2 (g 5, p 7); right: g 25, p 0. l2 idle: l1 takes left's spare 20, and
    // the link has none for right, though right is more urgent.
    let classes = [
        class("left", "", 25.0, 50.0, 0),
        class("l1", "left", 5.0, 50.0, 7),
        class("l2", "left", 5.0, 50.0, 7),
        class("right", "", 25.0, 50.0, 0),
    ];
    let demands = [GREEDY, GREEDY, rate(0.0), GREEDY];
    let borrow = tree(50.0, &classes, Preset::LinuxHtb);
    let whys = expect(&borrow, &demands, &[25.0, 25.0, 0.0, 25.0]);
    assert_eq!(whys[0], Why::Together);
    let borrowed = BitRate::mbit(20.0);
    assert_eq!(
        whys[1],
        Why::WaterLevel {
            lender: Some(0),
            borrowed
        }
    );
    assert_eq!(whys[3], Why::GuaranteeOnly);
}

#[test]
fn three_levels_lend_one_after_the_other() {
    // link 100 over top (g 60, c 80) and d (g 20); top over mid (g 30, c 50) and b (g 10); mid over
    // a (g 10). Quanta: a, b 125,000, d 200,000.
    // First a 10, b 10, d 20. mid lends a its spare 20: a 30. top has 60 - 40 = 20 for a and b,
    // equally: 40 and 20. The link has 100 - 80 = 20 for a, b, d as 5 : 5 : 8.
    let classes = [
        class("top", "", 60.0, 80.0, 0),
        class("mid", "top", 30.0, 50.0, 0),
        class("a", "mid", 10.0, 100.0, 0),
        class("b", "top", 10.0, 100.0, 0),
        class("d", "", 20.0, 100.0, 0),
    ];
    let three = tree(100.0, &classes, Preset::LinuxHtb);
    let (a, b, d) = (
        40.0 + 100.0 / 18.0,
        20.0 + 100.0 / 18.0,
        20.0 + 160.0 / 18.0,
    );
    expect(&three, &[GREEDY; 5], &[a + b, a, a, b, d]);
    // Without d the link has 40: a stops at mid's ceiling 50, then b takes top to its 80.
    let idle = rate(0.0);
    let whys = expect(
        &three,
        &[GREEDY, GREEDY, GREEDY, GREEDY, idle],
        &[80.0, 50.0, 50.0, 30.0, 0.0],
    );
    assert_eq!(whys[2], Why::CeilingAbove { class: 1 });
    assert_eq!(whys[3], Why::CeilingAbove { class: 0 });
}

#[test]
fn pooling_carries_what_separate_lines_cannot() {
    // Three of 20 each with demands greedy, 10, 5 carry 35; one pool of 60 carries 60.
    let names = ["c1", "c2", "c3"];
    let demands = [GREEDY, rate(10.0), rate(5.0)];
    let lines: Vec<Class> = names
        .iter()
        .map(|name| class(name, "", 20.0, 20.0, 0))
        .collect();
    expect(
        &tree(60.0, &lines, Preset::LinuxHtb),
        &demands,
        &[20.0, 10.0, 5.0],
    );
    let pool: Vec<Class> = names
        .iter()
        .map(|name| class(name, "", 20.0, 60.0, 0))
        .collect();
    expect(
        &tree(60.0, &pool, Preset::LinuxHtb),
        &demands,
        &[45.0, 10.0, 5.0],
    );
}

#[test]
fn a_limit_per_user_caps_the_class_even_below_its_guarantee() {
    // oa: g 25, 5 users of 4 each: 20, and the other has the rest.
    let mut oa = class("oa", "", 25.0, 50.0, 0);
    oa.per_user = Some(PerUser {
        users: 5.0,
        limit: BitRate::mbit(4.0),
    });
    let classes = [oa, class("other", "", 25.0, 50.0, 1)];
    let users = tree(50.0, &classes, Preset::LinuxHtb);
    let whys = expect(&users, &[GREEDY; 2], &[20.0, 30.0]);
    assert_eq!(whys[0], Why::PerUser);
}

#[test]
fn a_class_without_a_guarantee_takes_what_the_proportional_rule_leaves() {
    // a: g 10, b: g 0, same priority, link 50. By proportion b has weight 0: a first, up to its
    // ceiling 30, then b the rest.
    let classes = [class("a", "", 10.0, 30.0, 1), class("b", "", 0.0, 50.0, 1)];
    let vendor = tree(50.0, &classes, Preset::Fortigate);
    expect(&vendor, &[GREEDY; 2], &[30.0, 20.0]);
}

#[test]
fn what_cannot_be_a_tree_says_all_its_reasons() {
    let mut wrong = [
        class("a", "ghost", 1.0, 2.0, 0),
        class("b", "", 5.0, 3.0, 0),
        class("b", "", f64::NAN, 3.0, 0),
        class("d", "", -1.0, 3.0, 0),
    ];
    wrong[3].quantum = Some(Bytes(0.0));
    let errors = Tree::new(BitRate(0.0), &wrong, Rules::default()).unwrap_err();
    let codes: Vec<&str> = errors.iter().map(TreeError::code).collect();
    assert_eq!(
        codes
            .iter()
            .filter(|code| **code == "impossible-number")
            .count(),
        4
    );
    for code in ["unknown-name", "ceiling-below-guarantee", "name-twice"] {
        assert!(codes.contains(&code), "{codes:?}");
    }
    let mut beyond = [class("a", "", 0.0, 1e13, 0)];
    beyond[0].quantum = Some(Bytes(0.5));
    let errors = Tree::new(BitRate(2e18), &beyond, Rules::default()).unwrap_err();
    assert_eq!(errors.len(), 3, "{errors:?}");
    let ring = [class("a", "b", 0.0, 1.0, 0), class("b", "a", 0.0, 1.0, 0)];
    let errors = Tree::new(BitRate(1.0), &ring, Rules::default()).unwrap_err();
    assert_eq!(
        errors,
        [TreeError::Cycle { class: 0 }, TreeError::Cycle { class: 1 }]
    );
    let errors = Tree::new(BitRate(1.0), &[], Rules::default()).unwrap_err();
    assert_eq!(errors, [TreeError::Empty]);
}

#[test]
fn demands_that_cannot_be_are_refused() {
    let one = tree(50.0, &[class("a", "", 10.0, 50.0, 0)], Preset::LinuxHtb);
    let count = DemandError::Count {
        given: 0,
        classes: 1,
    };
    assert_eq!(share(&one, &[]), Err(count));
    for value in [-1.0, f64::NAN, f64::INFINITY] {
        let refused = share(&one, &[Demand::Rate(BitRate(value))]);
        assert!(matches!(
            refused,
            Err(DemandError::Impossible { class: 0, .. })
        ));
    }
}

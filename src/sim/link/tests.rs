use proptest::prelude::*;

use super::*;
use crate::qos::{PerUser, Preset};
use crate::sim::random::{Law, Stream};
use crate::sim::reference;
use crate::sim::replay::{End, Flow, replay};

/// `count` Poisson arrivals of mean 500 kB that load 500 Mbit/s by `load`.
fn flows(load: f64, law: Law, count: usize) -> Vec<Flow> {
    let mut gaps = Stream::new(4, 0, "arrivals");
    let mut sizes = Stream::new(4, 0, "sizes");
    let mut now = 0.0;
    let flow = |_| {
        now += gaps.exponential() * 4e6 / (500e6 * load);
        Flow {
            arrival: now,
            bits: law.draw(&mut sizes).min(2000.0) * 4e6,
            class: 0,
            limit: Limit::None,
        }
    };
    (0..count).map(flow).collect()
}

/// The greatest relative error of the durations against the reference.
fn worst(ends: &[End], durations: &[f64]) -> f64 {
    assert_eq!(ends.len(), durations.len());
    let error = |(end, reference): (&End, &f64)| match end.after == *reference {
        true => 0.0,
        false => (end.after - reference).abs() / reference,
    };
    ends.iter().zip(durations).map(error).fold(0.0, f64::max)
}

fn plain_tree() -> Tree {
    Link::plain(BitRate::mbit(500.0)).unwrap().tree
}

#[test]
fn every_duration_is_exact_processor_sharing_to_1e_9() {
    for law in [Law::Lognormal { sigma: 1.5 }, Law::Pareto { alpha: 1.5 }] {
        // Overload too: there the number of transfers only grows.
        for load in [0.5, 0.7, 0.9, 1.2] {
            let flows = flows(load, law, 3000);
            let mut link = Link::plain(BitRate::mbit(500.0)).unwrap();
            let ends = replay(&mut link, &flows).unwrap();
            let durations = reference::durations(&plain_tree(), f64::INFINITY, &flows);
            let worst = worst(&ends, &durations);
            assert!(worst < 1e-9, "{law:?} {load}: {worst:e}");
        }
    }
}

fn class(name: &str, guarantee: f64, ceiling: f64) -> Class {
    Class {
        name: name.to_string(),
        guarantee: Some(BitRate::mbit(guarantee)),
        ceiling: Some(BitRate::mbit(ceiling)),
        ..Class::default()
    }
}

/// A flow of `mbit` from `arrival` on.
fn flow(arrival: f64, mbit: f64, class: u32, limit: Limit) -> Flow {
    let bits = mbit * 1e6;
    Flow {
        arrival,
        bits,
        class,
        limit,
    }
}

fn after(link: &mut Link, flows: &[Flow]) -> Vec<f64> {
    let ends = replay(link, flows).unwrap();
    ends.iter().map(|end| end.after).collect()
}

fn assert_close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let near = (found - expected).abs() <= 1e-12 * expected.abs();
        assert!(near || found == expected, "{found:?} is not {expected:?}");
    }
}

#[test]
fn two_transfers_share_and_the_second_has_the_rest_alone() {
    // 100 Mbit/s. From 0: 100 Mbit; from 0.5: 100 Mbit. The first has 50 Mbit left at 0.5 and ends
    // 1 s later; the second has then 50 Mbit left and the whole link: 0.5 s more.
    let mut link = Link::plain(BitRate::mbit(100.0)).unwrap();
    let flows = [
        flow(0.5, 100.0, 0, Limit::None),
        flow(0.0, 100.0, 0, Limit::None),
    ];
    assert_close(&after(&mut link, &flows), &[1.5, 1.5]);
    // Nothing to carry: over at once, at a moment when the link is busy as well.
    let mut link = Link::plain(BitRate::mbit(100.0)).unwrap();
    let flows = [
        flow(1.0, 100.0, 0, Limit::None),
        flow(1.2, 0.0, 0, Limit::None),
    ];
    assert_close(&after(&mut link, &flows), &[1.0, 0.0]);
}

#[test]
fn what_must_end_together_ends_at_one_moment() {
    let mut link = Link::plain(BitRate::mbit(100.0)).unwrap();
    // A size that no rate divides evenly, and an eighth transfer that changes the speed on the way.
    for number in 0..8 {
        let (at, bits) = if number < 7 {
            (0.1, 1e6 / 3.0)
        } else {
            (0.113, 5e6)
        };
        link.arrive(DoubleDouble::from(at), number, 0, bits, Limit::None)
            .unwrap();
    }
    let ends: Vec<Ended> = std::iter::from_fn(|| link.next_end(DoubleDouble::NEVER)).collect();
    for (number, end) in (0..).zip(&ends[..7]) {
        assert_eq!((end.transfer, end.at), (number, ends[0].at));
    }
}

#[test]
fn a_class_borrows_what_another_leaves_and_gives_it_back() {
    // a 60..100, b 40..100 of 100. Alone, b carries 100 until a comes at 1 s; then 60 and 40.
    let classes = [class("a", 60.0, 100.0), class("b", 40.0, 100.0)];
    let mut link = Link::new(BitRate::mbit(100.0), &classes, Rules::default()).unwrap();
    let flows = [
        flow(0.0, 180.0, 1, Limit::None),
        flow(1.0, 60.0, 0, Limit::None),
    ];
    // b: 100 in the first second, 40 in the next while a ends, 40 more alone at 100: 2.4 s.
    assert_close(&after(&mut link, &flows), &[2.4, 1.0]);
    // Idle, b, both, b, idle: four divisions, one each time a class turns busy or idle.
    assert_eq!(link.divisions(), 4);
    // Further transfers of a busy class change no share.
    let mut link = Link::new(BitRate::mbit(100.0), &classes, Rules::default()).unwrap();
    let many: Vec<Flow> = (0..1000).map(|_| flow(0.0, 1.0, 0, Limit::None)).collect();
    after(&mut link, &many);
    assert_eq!(link.divisions(), 2);
}

#[test]
fn capped_transfers_leave_the_rest_to_others() {
    // 100: one capped at 10 and one free. 10 and 90; when the free one has ended, 10 alone.
    let mut link = Link::plain(BitRate::mbit(100.0)).unwrap();
    let flows = [
        flow(0.0, 20.0, 0, Limit::Rate(10e6)),
        flow(0.0, 90.0, 0, Limit::None),
    ];
    assert_close(&after(&mut link, &flows), &[2.0, 1.0]);
    // A capped class wants no more than its caps: the other class has the rest of the link.
    let classes = [class("a", 50.0, 100.0), class("b", 50.0, 100.0)];
    let mut link = Link::new(BitRate::mbit(100.0), &classes, Rules::default()).unwrap();
    let flows = [
        flow(0.0, 20.0, 0, Limit::Rate(20e6)),
        flow(0.0, 80.0, 1, Limit::None),
    ];
    assert_close(&after(&mut link, &flows), &[1.0, 1.0]);
}

#[test]
fn the_transfers_of_one_user_share_the_user_s_limit() {
    // 100, 30 a user. User 1 has two transfers of 15 each: 15 Mbit/s each, 1 s. User 2 has one of
    // 45 at 30: 1.5 s. One without a user has the other 40 for a second, then 70, then 100.
    let limited = Class {
        per_user: Some(PerUser {
            users: 1.0,
            limit: BitRate::mbit(30.0),
        }),
        ..class("a", 100.0, 100.0)
    };
    let mut link = Link::new(BitRate::mbit(100.0), &[limited], Rules::default()).unwrap();
    let flows = [
        flow(0.0, 15.0, 0, Limit::User(1)),
        flow(0.0, 15.0, 0, Limit::User(1)),
        flow(0.0, 45.0, 0, Limit::User(2)),
        flow(0.0, 40.0 + 35.0 + 50.0, 0, Limit::None),
    ];
    assert_close(&after(&mut link, &flows), &[1.0, 1.0, 1.5, 2.0]);
}

#[test]
fn a_class_that_is_never_granted_anything_never_ends() {
    let classes = [class("a", 0.0, 0.0), class("b", 0.0, 10.0)];
    let mut link = Link::new(BitRate::mbit(10.0), &classes, Rules::default()).unwrap();
    let flows = [
        flow(0.0, 1.0, 0, Limit::None),
        flow(0.0, 1.0, 1, Limit::None),
    ];
    assert_close(&after(&mut link, &flows), &[f64::INFINITY, 0.1]);
}

#[test]
fn what_cannot_be_is_refused() {
    let classes = [
        class("a", 1.0, 2.0),
        Class {
            parent: Some("a".to_string()),
            ..class("below", 1.0, 2.0)
        },
    ];
    let mut link = Link::new(BitRate::mbit(10.0), &classes, Rules::default()).unwrap();
    let at = DoubleDouble::from;
    assert_eq!(
        link.arrive(at(0.0), 0, 0, 1.0, Limit::None),
        Err(Refused::NoLeaf(0))
    );
    assert_eq!(
        link.arrive(at(0.0), 0, 9, 1.0, Limit::None),
        Err(Refused::NoLeaf(9))
    );
    let negative = link.arrive(at(0.0), 0, 1, -1.0, Limit::None);
    assert_eq!(negative, Err(Refused::Impossible(-1.0)));
    let stuck = link.arrive(at(0.0), 0, 1, 1.0, Limit::Rate(0.0));
    assert_eq!(stuck, Err(Refused::Impossible(0.0)));
    assert!(link.arrive(at(f64::NAN), 0, 1, 1.0, Limit::None).is_err());
    assert_eq!(link.arrive(at(5.0), 0, 1, 1.0, Limit::None), Ok(()));
    assert_eq!(
        link.arrive(at(4.0), 1, 1, 1.0, Limit::None),
        Err(Refused::Past(4.0))
    );
    // Its one bit is through after a microsecond and must be taken out before time goes on.
    assert_eq!(
        link.arrive(at(6.0), 1, 1, 1.0, Limit::None),
        Err(Refused::Past(6.0))
    );
    assert_eq!(
        link.send(at(5.0), 1, BitRate(1.0)),
        Err(Refused::FedOtherwise(1))
    );
    assert_eq!(
        link.feed_by_source(1, Bytes(1.0)),
        Err(Refused::FedOtherwise(1))
    );
}

/// A class tree of one or two levels with random rates in whole Mbit/s.
fn trees() -> impl Strategy<Value = Vec<Class>> {
    let leaf = (0u32..40, 0u32..60, 0u32..3, any::<bool>());
    prop::collection::vec(leaf, 1..6).prop_map(|leaves| {
        let mut classes = vec![class("inner", 40.0, 70.0)];
        for (number, (guarantee, more, priority, inner)) in leaves.into_iter().enumerate() {
            let guarantee = f64::from(guarantee);
            classes.push(Class {
                parent: inner.then(|| "inner".to_string()),
                priority,
                ..class(&number.to_string(), guarantee, guarantee + f64::from(more))
            });
        }
        classes
    })
}

type Written = (u32, u32, usize, u32, u32);

fn random_flows(leaves: &[usize], written: &[Written]) -> Vec<Flow> {
    let mut now = 0.0;
    let flow = |&(gap, size, class, kind, value): &Written| {
        // Whole tenths make many events fall on one moment.
        now += f64::from(gap) / 10.0;
        let limit = match kind {
            0 => Limit::None,
            1 => Limit::Rate(f64::from(value + 1) * 3e6),
            _ => Limit::User(value),
        };
        flow(
            now,
            f64::from(size),
            leaves[class % leaves.len()] as u32,
            limit,
        )
    };
    written.iter().map(flow).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Any tree, caps and users: as the slow formula has it, and bits and sojourns add up.
    #[test]
    fn random_links_are_what_the_slow_reference_says(
        classes in trees(),
        written in prop::collection::vec((0u32..8, 0u32..40, 0usize..6, 0u32..3, 0u32..4), 1..60),
        user_mbit in 5u32..40,
        preset in prop::sample::select(&[Preset::LinuxHtb, Preset::Sangfor][..]),
    ) {
        let line = BitRate::mbit(100.0);
        let tree = Tree::new(line, &classes, preset.rules()).unwrap();
        let leaves: Vec<usize> = tree.leaf_classes().collect();
        let flows = random_flows(&leaves, &written);
        let user_limit = BitRate::mbit(f64::from(user_mbit));
        let mut limited = classes.clone();
        for &leaf in &leaves {
            limited[leaf].per_user = Some(PerUser { users: 1e6, limit: user_limit });
        }
        let mut link = Link::new(line, &limited, preset.rules()).unwrap();
        // `replay` asserts conservation and Little's law in debug builds.
        let ends = replay(&mut link, &flows).unwrap();
        let durations = reference::durations(&tree, user_limit.0, &flows);
        let worst = worst(&ends, &durations);
        prop_assert!(worst < 1e-9, "{worst:e}");
        // The same again, bit for bit, whatever order a hash map would have.
        let mut link = Link::new(line, &limited, preset.rules()).unwrap();
        prop_assert_eq!(replay(&mut link, &flows).unwrap(), ends);
    }
}

//! Where it hurts and whose it is, on planned paths whose truth is known.

use std::time::Duration;

use super::*;
use crate::probe::Answer;
use crate::trace::report::{Report, ServiceAsked};
use crate::trace::worlds::{World, about, address, path};

fn segment_kinds(report: &Report) -> Vec<Kind> {
    report.segments.iter().map(|segment| segment.kind).collect()
}

/// Six planned hops; the second has another address and so belongs to the segment of the third.
fn world() -> World {
    let mut world = path(6, 100, 1000);
    world.service = true;
    world
}

#[test]
fn segments_add_up_to_the_path() {
    let report = world().planned();
    let ends: Vec<(u8, u8)> = report
        .segments
        .iter()
        .map(|segment| (segment.from.distance, segment.to.distance))
        .collect();
    assert_eq!(ends, [(0, 1), (1, 3), (3, 4), (4, 5), (5, 6)]);
    let whole: Duration = report
        .segments
        .iter()
        .filter_map(|segment| segment.rise)
        .sum();
    assert_eq!(whole, report.rows[5].hop.stats.times.unwrap().p50);
    // Two links of 1 ms and 0.1 ms of jitter, there and back.
    assert_eq!(report.segments[1].planned, Duration::from_micros(4400));
    for segment in &report.segments {
        let (rise, interval) = (segment.rise.unwrap(), segment.rise_interval.unwrap());
        let nanos = rise.as_nanos() as f64;
        assert!(
            interval.low <= nanos && nanos <= interval.high,
            "{segment:?}"
        );
        // Links take 2 ms, up to 0.1 more: the interval holds the true median of the difference.
        let links = f64::from(segment.to.distance - segment.from.distance);
        assert!(
            interval.low <= links * 2.1e6 && links * 2.0e6 <= interval.high,
            "{segment:?}"
        );
        assert_eq!(segment.loss, Some(0.0));
    }
    assert!(segment_kinds(&report).iter().all(|kind| *kind == Kind::Ok));
    assert_eq!(
        report
            .unseen
            .iter()
            .map(|node| node.id.as_str())
            .collect::<Vec<_>>(),
        ["n2"]
    );
    assert_eq!(report.pain.outcome, Outcome::NothingHurts);
    assert!(report.rows[1].unexpected && report.rows[1].node.is_none());
}

#[test]
fn loss_belongs_to_its_segment_and_its_owner() {
    let mut world = world();
    world.at(4).out = 0.2;
    let report = world.planned();
    assert_eq!(
        segment_kinds(&report),
        [Kind::Ok, Kind::Ok, Kind::Lossy, Kind::Ok, Kind::Ok]
    );
    let segment = &report.segments[2];
    let interval = segment.loss_interval.unwrap();
    assert!(interval.low < 0.2 && 0.2 < interval.high && interval.low > 0.0);
    let pain = &report.pain;
    assert_eq!(
        (pain.outcome, pain.kind),
        (Outcome::Hurts, Some(Kind::Lossy))
    );
    assert_eq!(pain.whose, [Text::new("d 方", "owner d")]);
    let said = pain.text();
    assert!(
        said.en
            .starts_with("Where it hurts: between node 3 and node 4, "),
        "{}",
        said.en
    );
    assert!(
        said.zh.starts_with("哪里有问题：节点3—节点4，"),
        "{}",
        said.zh
    );
    assert!(said.en.contains("out or back"));
}

#[test]
fn loss_that_cannot_be_placed_names_all_that_may_be_meant() {
    // A few probes lost of ten: that they are is sure, and hardly on which of two links.
    let mut world = world();
    world.rounds = 10;
    world.at(4).out = 0.3;
    let mut placed = 0;
    for seed in 0..40 {
        let report = World {
            seed,
            ..world.clone()
        }
        .planned();
        let suspects = report
            .segments
            .iter()
            .filter(|s| s.loss_begins.is_some_and(|b| b > 0.05));
        let suspects: Vec<_> = suspects.collect();
        if report.pain.kind == Some(Kind::Lossy) && suspects.len() > 1 {
            let place = report.pain.place.clone().unwrap();
            let first = suspects[0].from.node.as_ref().unwrap();
            assert!(place.en.contains(&first.name.en), "{place:?}");
            placed += 1;
        }
    }
    assert!(placed > 0);
}

#[test]
fn a_rise_above_the_plan_is_slow_even_where_it_is_small() {
    let mut world = world();
    let plan = world.plan();
    // 4 ms more each way where the plan has 1 ms: below a tenth of a second, far above the plan.
    world.at(3).delay = Duration::from_millis(5);
    let report = Report::new(about(address(6), 100), world.trace(), Some(plan));
    assert_eq!(
        segment_kinds(&report),
        [Kind::Ok, Kind::Slow, Kind::Ok, Kind::Ok, Kind::Ok]
    );
    assert_eq!(report.pain.kind, Some(Kind::Slow));
    assert_eq!(
        report.pain.whose,
        [Text::new("c 方", "owner c"), Text::new("a 方", "owner a")]
    );
}

#[test]
fn a_service_that_stays_silent_hurts_if_somebody_said_it_is_there() {
    let mut trace = world().trace();
    for ended in trace.ended.iter_mut().filter(|ended| ended.probe.service) {
        ended.fate = crate::trace::Fate::Lost;
    }
    let report = |named| {
        let service = Some(ServiceAsked { port: 443, named });
        let about = crate::trace::report::About {
            service,
            ..about(address(6), 100)
        };
        Report::new(about, trace.clone(), None)
    };
    assert_eq!(report(true).pain.kind, Some(Kind::NoAnswer));
    assert_eq!(report(false).pain.outcome, Outcome::NothingHurts);
}

#[test]
fn a_service_that_loses_alone_is_its_own_fault() {
    let mut trace = world().trace();
    let service = trace.ended.iter_mut().filter(|ended| ended.probe.service);
    for ended in service.step_by(4) {
        ended.fate = crate::trace::Fate::Lost;
    }
    let report = Report::new(about(address(6), 100), trace, None);
    assert_eq!(
        report.pain.place,
        Some(Text::new("目标的服务", "the target's service"))
    );
    assert!(report.pain.confidence.unwrap() > 0.95);
    assert!(report.rows.iter().all(|row| row.verdict.kind() == Kind::Ok));
}

#[test]
fn a_firewall_ends_the_path_and_is_named() {
    let mut world = path(9, 5, 1000);
    for distance in 4..=9 {
        world.at(distance).who = |_, _, _| 4;
        world.at(distance).answer = Answer::Barred { kind: 3, code: 10 };
    }
    let mut trace = world.trace();
    trace.reached = None;
    let report = Report::new(about(address(9), 5), trace, Some(world.plan()));
    assert_eq!(report.rows.len(), 4);
    assert_eq!(report.rows[3].verdict.kind(), Kind::Filtered);
    assert_eq!(
        (report.pain.kind, report.pain.distance),
        (Some(Kind::Filtered), Some(4))
    );
    assert!(
        report
            .pain
            .text()
            .en
            .contains("host administratively prohibited")
    );
    assert_eq!(report.pain.whose, [Text::new("c 方", "owner c")]);
}

#[test]
fn a_target_that_had_spent_its_answers_is_not_lossy() {
    // Once in 0.97 s, but twelve times at once in the first sweep: the second round comes too early.
    let mut world = path(3, 30, 970).linux_limits();
    world.overshoot = 11;
    let report = world.report();
    let target = &report.rows[2];
    assert_eq!(target.hop.stats.lost, 1);
    assert!(
        target.verdict.finding(Kind::Lossy).is_none(),
        "{:#?}",
        target.verdict
    );
    assert_ne!(report.pain.outcome, Outcome::Hurts);
}

#[test]
fn who_refuses_to_pass_a_request_on_is_not_the_service() {
    let mut world = path(9, 5, 1000);
    world.service = true;
    for distance in 4..=9 {
        world.at(distance).who = |_, _, _| 4;
        world.at(distance).answer = Answer::Unreachable { kind: 3, code: 0 };
    }
    let mut trace = world.trace();
    trace.reached = None;
    for ended in trace.ended.iter_mut().filter(|ended| ended.probe.service) {
        let crate::trace::Fate::Answered(response) = &mut ended.fate else {
            panic!("nothing is lost");
        };
        response.answer = Answer::Unreachable { kind: 3, code: 0 };
    }
    let report = Report::new(about(address(9), 5), trace, None);
    let service = report.service.as_ref().unwrap();
    assert_eq!((service.stopped, service.stats.sent), (5, 0));
    assert_eq!(
        (report.pain.outcome, report.pain.kind),
        (Outcome::Hurts, Some(Kind::Filtered))
    );
}

#[test]
fn a_loop_is_named_by_its_routers() {
    // 1, 2, 3, 4, 3, 4, ...
    let mut world = path(9, 5, 1000);
    for distance in [5, 7, 9] {
        world.at(distance).who = |_, _, _| 3;
    }
    for distance in [6, 8] {
        world.at(distance).who = |_, _, _| 4;
    }
    world.at(9).answer = Answer::Passed;
    let report = |last: u8| {
        let mut trace = world.trace();
        trace.reached = None;
        for ended in trace.ended.iter_mut() {
            let crate::trace::Fate::Answered(response) = &mut ended.fate else {
                panic!("nothing is lost");
            };
            response.answer = Answer::Passed;
        }
        trace.ended.retain(|ended| ended.probe.distance <= last);
        Report::new(about(address(9), 5), trace, None)
    };
    let looping = report(9).pain;
    assert_eq!(
        (looping.outcome, looping.distance),
        (Outcome::Hurts, Some(3))
    );
    assert!(looping.text().en.contains("192.0.2.3, 192.0.2.4"));
    // Twice at one router may be a way that changed; three times is no way at all.
    assert_eq!(report(6).pain.outcome, Outcome::CannotTell);
}

#[test]
fn a_target_that_never_answers_cannot_be_judged() {
    let mut world = path(4, 5, 1000);
    world.at(4).silent = true;
    let mut trace = world.trace();
    trace.reached = None;
    let report = Report::new(about(address(4), 5), trace, None);
    assert_eq!(report.pain.outcome, Outcome::CannotTell);
    assert!(report.pain.text().en.contains("hop 3"));
    assert!(!report.pain.text().zh.is_empty());
}

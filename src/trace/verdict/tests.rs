//! Verdicts on modelled paths whose truth is known, and how often they are wrong.

mod patterns;
mod study;

use super::*;
use crate::probe::Answer;
use crate::probe::{Detail, Quoted};
use crate::trace::report::Report;
use crate::trace::worlds::{World, address, path};

/// The main kinds of all hops.
fn kinds(report: &Report) -> Vec<Kind> {
    report.rows.iter().map(|row| row.verdict.kind()).collect()
}

/// The facts of the finding of a kind at a distance.
fn evidence(report: &Report, distance: usize, kind: Kind) -> &[Evidence] {
    let verdict = &report.rows[distance - 1].verdict;
    &verdict
        .finding(kind)
        .unwrap_or_else(|| panic!("{verdict:#?}"))
        .evidence
}

#[test]
fn names_are_unique_and_in_the_order_of_precedence() {
    let mut names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert!(Kind::ALL.is_sorted());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        assert_eq!(serde_json::json!(kind), kind.name());
    }
}

#[test]
fn nine_routers_with_linux_limits_are_never_lossy() {
    for interval in [1000, 500, 200] {
        for (rounds, service, target_limited) in [
            (30, true, true),
            (30, false, false),
            (60, false, true),
            (60, true, true),
        ] {
            let mut world = path(10, rounds, interval).linux_limits();
            world.service = service;
            world.target_limited = target_limited && interval < 1000;
            if !target_limited {
                // The target answers TCP or ICMP echo, which no limit touches.
                world.at(10).limit = None;
            }
            let report = world.report();
            for row in &report.rows {
                let expected = match row.hop.stats.lost {
                    0 => Kind::Ok,
                    _ => Kind::RateLimited,
                };
                assert_eq!(
                    row.verdict.kind(),
                    expected,
                    "{interval} {rounds} {:#?}",
                    row.verdict
                );
                // Six saved and one earned a second, of one asked per interval.
                let earned = (u64::from(rounds) - 1) * interval / 1000;
                let limited = row.hop.distance < 10 || target_limited;
                let answered = if limited {
                    (6 + earned).min(rounds.into())
                } else {
                    rounds.into()
                };
                assert!(
                    row.hop.stats.answered.abs_diff(answered) <= 1,
                    "{interval} {row:#?}"
                );
            }
            assert_eq!(
                report.pain.outcome,
                crate::trace::pain::Outcome::NothingHurts
            );
        }
    }
}

#[test]
fn an_overshooting_sweep_spends_the_targets_answers() {
    // Eight probes beyond the target take the six saved answers before the second round.
    let mut world = path(5, 40, 500).linux_limits();
    world.overshoot = 8;
    world.target_limited = true;
    let report = world.report();
    let target = &report.rows[4];
    assert!(target.hop.stats.lost > report.rows[0].hop.stats.lost);
    assert_eq!(
        target.verdict.kind(),
        Kind::RateLimited,
        "{:#?}",
        target.verdict
    );
}

#[test]
fn loss_is_lossy_from_its_link_on_whichever_way_it_happens() {
    for (out, back) in [(0.2, 0.0), (0.0, 0.2)] {
        let mut world = path(8, 100, 1000);
        world.service = true;
        (world.at(4).out, world.at(4).back) = (out, back);
        let report = world.report();
        let mut expected = vec![Kind::Ok; 3];
        expected.extend([Kind::Lossy; 5]);
        assert_eq!(kinds(&report), expected);
        for distance in 4..=8 {
            let facts = evidence(&report, distance, Kind::Lossy);
            assert!(facts.contains(&Evidence::DirectionUnknown));
            assert!(
                facts.contains(&Evidence::LossBegins {
                    after: Some(3),
                    by: 4
                }),
                "{facts:?}"
            );
            let covers = facts.iter().any(|fact| {
                matches!(fact, Evidence::Unanswered { low, high, .. } if *low < 0.2 && 0.2 < *high)
            });
            assert!(covers, "{facts:?}");
        }
        assert_eq!(
            (report.pain.kind, report.pain.distance),
            (Some(Kind::Lossy), Some(4))
        );
    }
}

#[test]
fn loss_and_limits_together_are_told_apart() {
    let mut world = path(8, 100, 500).linux_limits();
    (world.service, world.target_limited) = (true, true);
    world.at(6).out = 0.2;
    let report = world.report();
    for row in &report.rows[..5] {
        assert_eq!(row.verdict.kind(), Kind::RateLimited, "{:#?}", row.verdict);
        assert!(row.verdict.finding(Kind::Lossy).is_none());
    }
    // Behind the lossy link limits hide most of the loss; that it is there the service says.
    assert_eq!(
        (report.pain.kind, report.pain.distance),
        (Some(Kind::Lossy), Some(6))
    );
}

#[test]
fn without_a_witness_loss_is_left_open() {
    // UDP twice a second: the target answers sparingly, no service is asked, and random loss fits no
    // limit.
    let mut world = path(6, 60, 500);
    world.target_limited = true;
    world.at(3).out = 0.3;
    let report = world.report();
    let expected = [
        Kind::Ok,
        Kind::Ok,
        Kind::Unsure,
        Kind::Unsure,
        Kind::Unsure,
        Kind::Unsure,
    ];
    assert_eq!(kinds(&report), expected);
    let facts = evidence(&report, 3, Kind::Unsure);
    for how in [Advice::AskSlower, Advice::AskService] {
        assert!(facts.contains(&Evidence::WouldDecide { how }), "{facts:?}");
    }
    assert_eq!(report.pain.outcome, crate::trace::pain::Outcome::CannotTell);
    assert!(report.pain.text().en.contains("--service PORT"));
}

#[test]
fn silence_is_silence_only_when_something_behind_answers() {
    let mut world = path(5, 10, 1000);
    world.at(2).silent = true;
    assert_eq!(
        kinds(&world.report()),
        [Kind::Ok, Kind::Silent, Kind::Ok, Kind::Ok, Kind::Ok]
    );
    world.at(5).silent = true;
    let mut trace = world.trace();
    trace.reached = None;
    let about = crate::trace::worlds::about(address(5), 10);
    let report = Report::new(about.clone(), trace.clone(), None);
    assert_eq!(kinds(&report)[3..], [Kind::Ok, Kind::NoAnswer]);
    // The service answers behind it: packets pass.
    world.service = true;
    let mut trace = world.trace();
    trace.reached = None;
    let report = Report::new(about, trace, None);
    assert_eq!(kinds(&report)[3..], [Kind::Ok, Kind::Silent]);
    // Which it may be that does: the target. Of a hop with others behind it, that is not so.
    let by = Witness::Service;
    let facts = [Evidence::PassesTo { by }, Evidence::MayBeTarget];
    assert_eq!(evidence(&report, 5, Kind::Silent), facts);
    assert_eq!(evidence(&report, 2, Kind::Silent), &facts[..1]);
}

#[test]
fn a_changed_route_is_one_dated_event() {
    let mut world = path(6, 20, 1000);
    world.at(3).who = |_, round, _| if round < 12 { 3 } else { 103 };
    world.at(4).who = |_, round, _| if round < 12 { 4 } else { 104 };
    let report = world.report();
    let [change] = report.changes.as_slice() else {
        panic!("{:#?}", report.changes);
    };
    assert_eq!((change.round, change.length), (12, None));
    assert_eq!(change.at.as_deref(), Some("2026-11-27T12:00:12+0800"));
    let moved: Vec<_> = change
        .hops
        .iter()
        .map(|own| (own.distance, own.before, own.after))
        .collect();
    assert_eq!(
        moved,
        [(3, address(3), address(103)), (4, address(4), address(104))]
    );
    // 2 / C(20, 8) at each of two hops; two numbers have a product below x with the chance x (1 - ln x).
    let one: f64 = 2.0 / 125_970.0;
    let both = one * one * (1.0 - 2.0 * one.ln());
    assert!((1.0 - change.confidence - both).abs() < 1e-12);
    assert_eq!(kinds(&report)[2..4], [Kind::Changed, Kind::Changed]);
    // Each router keeps its own figures.
    let answered: Vec<u64> = report.rows[2]
        .hop
        .responders
        .iter()
        .map(|own| own.answered)
        .collect();
    assert_eq!(answered, [12, 8]);
}

#[test]
fn a_path_that_gets_shorter_says_so() {
    let mut world = path(6, 20, 1000);
    world.length = |round| Some(if round < 9 { 6 } else { 5 });
    let report = world.report();
    let [change] = report.changes.as_slice() else {
        panic!("{:#?}", report.changes);
    };
    assert_eq!((change.round, change.length), (9, Some((6, 5))));
    assert_eq!(change.hops[0].distance, 5);
    assert_eq!(report.rows.len(), 5);
}

#[test]
fn a_route_that_comes_back_is_two_events() {
    let mut world = path(4, 60, 1000);
    world.at(2).who = |_, round, _| if (20..40).contains(&round) { 102 } else { 2 };
    let report = world.report();
    let rounds: Vec<u32> = report.changes.iter().map(|change| change.round).collect();
    assert_eq!(rounds, [20, 40]);
    assert_eq!(report.rows[1].verdict.kind(), Kind::Changed);
}

#[test]
fn several_ways_are_told_by_flow_or_by_packet() {
    let mut world = path(5, 40, 1000);
    world.flows = 4;
    world.at(3).who = |flow, _, _| if flow % 2 == 0 { 3 } else { 103 };
    let report = world.report();
    assert_eq!(report.changes, []);
    let facts = evidence(&report, 3, Kind::LoadBalanced);
    assert!(
        matches!(
            facts,
            [Evidence::PerFlow {
                routers: 2,
                flows: 4,
                ..
            }]
        ),
        "{facts:?}"
    );

    world.flows = 1;
    world.at(3).who = |_, _, draw| if draw % 2 == 0 { 3 } else { 103 };
    let report = world.report();
    assert_eq!(report.changes, []);
    let facts = evidence(&report, 3, Kind::LoadBalanced);
    assert!(
        matches!(
            facts,
            [Evidence::PerPacket {
                routers: 2,
                of: 39,
                ..
            }]
        ),
        "{facts:?}"
    );

    // Nor do probes of one flow that do not look alike to the routers.
    let about = crate::trace::report::About {
        flows_kept: false,
        ..crate::trace::worlds::about(address(6), 40)
    };
    let alone = Report::new(about, world.trace(), None);
    let facts = evidence(&alone, 3, Kind::LoadBalanced);
    assert!(
        matches!(facts, [Evidence::SideBySide { of: 39, .. }]),
        "{facts:?}"
    );

    // A flow for each probe tells that there are two, not how they are chosen.
    world.flows = 40;
    let facts = world.report();
    let facts = evidence(&facts, 3, Kind::LoadBalanced);
    assert!(
        matches!(facts, [Evidence::SideBySide { routers: 2, .. }]),
        "{facts:?}"
    );

    // Two answers of two are too few.
    let mut short = path(3, 2, 1000);
    short.at(2).who = |_, round, _| if round == 0 { 2 } else { 102 };
    assert_eq!(kinds(&short.report()), [Kind::Ok, Kind::Unsure, Kind::Ok]);
}

#[test]
fn a_rise_counts_when_later_hops_carry_it() {
    let ms = std::time::Duration::from_millis;
    let mut world = path(6, 20, 1000);
    world.at(2).slow = ms(80);
    world.at(4).delay = ms(20);
    let report = world.report();
    let expected = [Kind::Ok, Kind::Ok, Kind::Ok, Kind::Slow, Kind::Ok, Kind::Ok];
    assert_eq!(kinds(&report), expected);
    let own = &report.rows[1].verdict.main.evidence;
    assert!(
        own.iter()
            .any(|fact| matches!(fact, Evidence::SlowToAnswer { .. })),
        "{own:?}"
    );
    let facts = evidence(&report, 4, Kind::Slow);
    let rise = facts.iter().find_map(|fact| match fact {
        Evidence::Rise { rise, .. } => Some(*rise),
        _ => None,
    });
    // 20 ms each way, and jitter of a tenth of one.
    assert!(rise.unwrap().abs_diff(ms(40)) < ms(1));
    assert_eq!(report.pain.kind, Some(Kind::Slow));
    // A way that is long everywhere is slow nowhere.
    let mut even = path(6, 20, 1000);
    even.stops.iter_mut().for_each(|stop| stop.delay = ms(10));
    assert!(kinds(&even.report()).iter().all(|kind| *kind == Kind::Ok));
}

#[test]
fn replies_that_say_it_outright_are_believed() {
    let mut world = path(5, 5, 1000);
    world.at(3).answer = Answer::Unreachable { kind: 3, code: 4 };
    world.at(3).detail = Some(Detail {
        mtu: Some(1400),
        ..Detail::default()
    });
    world.at(4).answer = Answer::Barred { kind: 3, code: 13 };
    let report = world.report();
    assert_eq!(
        kinds(&report),
        [Kind::Ok, Kind::Ok, Kind::Mtu, Kind::Filtered, Kind::Ok]
    );
    assert_eq!(
        evidence(&report, 3, Kind::Mtu),
        [Evidence::NextMtu { bytes: 1400 }]
    );
    let from = address(4);
    let (kind, code, count) = (3, 13, 5);
    let icmp = Evidence::Icmp {
        from,
        kind,
        code,
        count,
    };
    assert_eq!(
        evidence(&report, 4, Kind::Filtered),
        std::slice::from_ref(&icmp)
    );
    let said = icmp.text();
    assert!(said.en.contains("administratively prohibited") && said.zh.contains("管理禁止"));
}

#[test]
fn translation_is_said_where_it_begins() {
    let quoted = |source: u8| Detail {
        quoted: Some(Quoted {
            source: Some(address(source)),
            ..Quoted::default()
        }),
        ..Detail::default()
    };
    let mut world = path(5, 5, 1000);
    for distance in 3..=5 {
        world.at(distance).detail = Some(quoted(200));
    }
    // The target is asked at .5 and answers as .9; a gateway before it answers as .5 itself.
    world.at(5).who = |_, _, _| 9;
    world.at(4).who = |_, _, _| 5;
    let report = world.report();
    let translated = Kind::Translated;
    assert_eq!(
        kinds(&report),
        [Kind::Ok, Kind::Ok, translated, translated, translated]
    );
    let now = address(200);
    assert_eq!(
        evidence(&report, 3, translated),
        [Evidence::SourceRewritten { now }]
    );
    let (asked, answered) = (address(5), address(9));
    let in_the_way = Evidence::TargetInTheWay { address: asked };
    assert_eq!(evidence(&report, 4, translated), [in_the_way]);
    let from = Evidence::AnsweredFrom { asked, answered };
    assert_eq!(evidence(&report, 5, translated), [from]);
}

#[test]
fn every_fact_reads_in_both_languages_and_as_data() {
    let mut worlds: Vec<World> = Vec::new();
    let mut lossy = path(6, 60, 500).linux_limits();
    lossy.at(3).out = 0.2;
    worlds.push(lossy.clone());
    (lossy.service, lossy.target_limited) = (true, true);
    worlds.push(lossy);
    for world in worlds {
        for row in world.report().rows {
            for fact in row.verdict.findings().flat_map(|finding| &finding.evidence) {
                let data = serde_json::json!(fact);
                assert!(data["fact"].is_string(), "{data}");
                let text = fact.text();
                assert!(
                    !text.en.is_empty() && text.zh.chars().any(|c| c > '\u{2e80}'),
                    "{text:?}"
                );
            }
        }
    }
}

#[test]
fn an_answer_that_does_not_tell_its_probe_leaves_none_lost() {
    let mut trace = path(4, 10, 1000).trace();
    let first = trace
        .ended
        .iter_mut()
        .find(|ended| ended.probe.distance == 2);
    first.unwrap().fate = crate::trace::Fate::Lost;
    let about = || crate::trace::worlds::about(address(4), 10);
    let report = Report::new(about(), trace.clone(), None);
    assert_eq!(report.rows[1].verdict.kind(), Kind::Unsure);
    trace.untold = vec![(address(2), 1), (address(9), 7)];
    let report = Report::new(about(), trace, None);
    let row = &report.rows[1];
    assert_eq!((row.verdict.kind(), row.hop.stats.lost), (Kind::Ok, 1));
    let facts = evidence(&report, 2, Kind::Ok);
    assert!(
        matches!(
            facts,
            [
                Evidence::Unanswered {
                    lost: 0,
                    sent: 9,
                    ..
                },
                Evidence::QuotesTooLittle { count: 1 }
            ]
        ),
        "{facts:?}"
    );
    assert!(report.rows[0].verdict.main.evidence.len() == 1);
}

#[test]
fn what_this_host_dropped_is_nobodys_loss_and_nobodys_limit() {
    let mut lossy = path(5, 60, 1000);
    lossy.at(3).out = 0.3;
    let mut limited = path(5, 60, 200).linux_limits();
    (limited.service, limited.target_limited) = (true, true);
    for world in [lossy, limited] {
        let mut trace = world.trace();
        let found = kinds(&world.report());
        assert!(found.contains(&Kind::Lossy) || found.contains(&Kind::RateLimited));
        trace.troubles.overflowed = 1;
        let report = Report::new(crate::trace::worlds::about(address(5), 60), trace, None);
        for row in &report.rows {
            let expected = match row.hop.stats.lost {
                0 => Kind::Ok,
                _ => Kind::Unsure,
            };
            assert_eq!(row.verdict.kind(), expected);
        }
        assert_ne!(
            report.pain.outcome,
            crate::trace::pain::Outcome::Hurts,
            "{}",
            report.pain.text().en
        );
    }
}

#[test]
fn what_a_sparing_target_alone_leaves_unanswered_proves_nothing() {
    // Once a second, and no service: another program here may spend the answers that it gives.
    for nth in [0, 7, 14] {
        let mut trace = path(5, 15, 1000).trace();
        let mut at_target = trace.ended.iter_mut().filter(|e| e.probe.distance == 5);
        at_target.nth(nth).unwrap().fate = crate::trace::Fate::Lost;
        let about = || crate::trace::worlds::about(address(5), 15);
        let report = Report::new(about(), trace.clone(), None);
        assert_eq!(report.rows[4].verdict.kind(), Kind::Unsure, "{nth}");
        let pain = &report.pain;
        assert_eq!(pain.outcome, crate::trace::pain::Outcome::CannotTell);
        assert!(
            pain.text().en.contains("--service PORT"),
            "{}",
            pain.text().en
        );
        // An echo is no error: whoever answers it answers all.
        for ended in &mut trace.ended {
            if let crate::trace::Fate::Answered(response) = &mut ended.fate
                && ended.probe.distance == 5
            {
                response.answer = Answer::Arrived(crate::probe::Arrival::Echo);
            }
        }
        let report = Report::new(about(), trace, None);
        assert_eq!(report.rows[4].verdict.kind(), Kind::Lossy, "{nth}");
    }
}

#[test]
fn a_limit_that_another_program_shares_is_not_told_for_loss() {
    let (mut starved, mut wrong) = (0, 0);
    for seed in 0..100 {
        for others in [0.7, 1.0] {
            let mut world = path(10, 20, 1000).linux_limits();
            (world.seed, world.others) = (seed, others);
            let report = world.report();
            // More is asked than is earned, and nothing is lost.
            starved += u32::from(report.rows[9].hop.stats.lost > 0);
            wrong += u32::from(kinds(&report).contains(&Kind::Lossy));
        }
    }
    // 95 % is sure: one of twenty may be wrong.
    assert!(
        starved >= 50 && wrong * 20 <= starved,
        "{wrong} of {starved}"
    );
    // Asked as fast as they can answer all, routers before a link that loses answer all, and so tell.
    let mut told = 0;
    for seed in 0..40 {
        let mut world = path(10, 60, 1000).linux_limits();
        (world.seed, world.at(4).out) = (seed, 0.2);
        let report = world.report();
        told += u32::from(kinds(&report)[4..] == [Kind::Lossy; 6]);
    }
    assert!(told >= 36, "{told}");
}

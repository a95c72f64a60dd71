//! Single rounds as other tracers judge them, repeated: what is missing at which hops of a round says
//! whether the way loses or somebody does not answer.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;
use crate::lang::Text;
use crate::probe::Arrival;
use crate::trace::Fate;
use crate::trace::worlds::about;

/// A report of 100 rounds over four hops, three of ten of them as `pattern` says, by lot: `c` answered,
/// `a` unanswered, `f` not sent for a fault of this host, `n` not asked.
fn report(pattern: &str) -> Report {
    let rounds = 100;
    let mut world = path(4, rounds, 1000);
    world.seed = 8;
    // A target that answers as often as it is asked.
    world.at(4).answer = Answer::Arrived(Arrival::Echo);
    let mut trace = world.trace();
    let mut lots = ChaCha8Rng::seed_from_u64(56);
    let odd: Vec<bool> = (0..rounds).map(|_| lots.next_u32() % 10 < 3).collect();
    let kind = |distance: u8| pattern.as_bytes()[usize::from(distance) - 1];
    trace.ended.retain_mut(|ended| {
        if !odd[ended.round as usize] {
            return true;
        }
        match kind(ended.probe.distance) {
            b'a' => ended.fate = Fate::Lost,
            b'f' => ended.fate = Fate::Unsent(Text::same("no buffer")),
            b'n' => return false,
            _ => {}
        }
        true
    });
    Report::new(about(address(4), rounds), trace, None)
}

/// Where loss begins, if any is found: from there on all are lossy, and nobody before.
fn lossy_from(report: &Report) -> Option<usize> {
    let lossy = |row: &crate::trace::report::Row| row.verdict.finding(Kind::Lossy).is_some();
    let first = report.rows.iter().position(lossy)?;
    assert!(
        report.rows[first..].iter().all(lossy),
        "{:?}",
        kinds(report)
    );
    Some(first + 1)
}

#[test]
fn what_is_missing_to_the_end_is_loss_and_what_is_missing_alone_is_not() {
    for (pattern, from) in [
        ("cccc", None),
        ("aaaa", Some(1)),
        ("caaa", Some(2)),
        ("ccaa", Some(3)),
        ("ccca", Some(4)),
        // Something behind it answered in the very same rounds.
        ("accc", None),
        ("caac", None),
        ("acca", Some(4)),
        // One that does not answer, and loss behind it.
        ("acaa", Some(3)),
        // What never left is nobody's loss, whatever else is missing.
        ("fccc", None),
        ("ffff", None),
        ("acff", None),
        ("afcc", None),
        // What was not asked says nothing.
        ("ancc", None),
        ("nnaa", Some(3)),
        ("nnnn", None),
    ] {
        let report = report(pattern);
        assert_eq!(lossy_from(&report), from, "{pattern} {:?}", kinds(&report));
        for (row, kind) in report.rows.iter().zip(pattern.bytes()) {
            let stats = &row.hop.stats;
            assert_eq!(stats.lost > 0, kind == b'a', "{pattern}");
            let odd = 100 - stats.answered;
            assert_eq!(
                stats.sent,
                if b"ac".contains(&kind) {
                    100
                } else {
                    100 - odd
                },
                "{pattern}"
            );
        }
    }
}

/// The packet's source as each of three hops quotes it, if it is not ours, and where that is said:
/// once for each rewriting, where it shows first.
#[test]
fn a_translation_is_told_where_it_shows_first_and_not_again() {
    let (none, one, other) = (None, Some(200), Some(201));
    for (quoted, told, told_of_ports) in [
        ([none, none, none], [false; 3], [false; 3]),
        ([one, one, one], [true, false, false], [true, false, false]),
        ([none, one, one], [false, true, false], [false, true, false]),
        // Ports that were rewritten again look no different.
        (
            [none, one, other],
            [false, true, true],
            [false, true, false],
        ),
        // One whose quote was turned back stands between two that show it.
        ([one, none, one], [true, false, false], [true, false, false]),
    ] {
        for (ports, expected) in [(false, told), (true, told_of_ports)] {
            let mut world = path(4, 5, 1000);
            for (distance, source) in (1..).zip(quoted) {
                let looks = Quoted {
                    source: source.filter(|_| !ports).map(address),
                    rewritten: ports && source.is_some(),
                    ..Quoted::default()
                };
                world.at(distance).detail = Some(Detail {
                    quoted: Some(looks),
                    ..Detail::default()
                });
            }
            let mut found = Vec::new();
            for row in world.report().rows {
                found.push(row.verdict.finding(Kind::Translated).is_some());
            }
            assert_eq!(
                (&found[..3], found[3]),
                (&expected[..], false),
                "{quoted:?}"
            );
        }
    }
}

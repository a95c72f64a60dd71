//! Whether a router answers sparingly (RFC 1812, 4.3.2.8; RFC 4443, 2.4 f): then its unanswered probes
//! are no lost packets.
//!
//! Two findings count, and both have their chance under "packets are lost on the way here":
//!
//! 1. *Witnesses.* What is lost on the way to a hop is lost to everything behind it. Fisher's exact
//!    test, one side, compares the hop with the end of the path (target and service together) and
//!    with each later hop that answers; the least chance counts, multiplied for the choice: by two for
//!    the end, by two for each of the later hops together (by one where only one of the two is there).
//! 2. *Pattern.* Which probes went unanswered may be what a limit would leave out, many times likelier
//!    than by loss: see [`bucket`](super::bucket).
//!
//! The first depends on how many were lost, the second on which, given how many. The chance of both is
//! the first divided by ([`PLAIN`] + (1 - [`PLAIN`]) times the second): a p-value over an independent
//! e-value is a p-value again (Vovk and Wang, as there), and the mean with 1 keeps a limit that fits no
//! pattern of ours from being thrown out.

use super::bucket::{Ask, Fit, excused, fit};
use super::{Evidence, SURE, Witness, confidence};
use crate::stats::chance::fisher;
use crate::trace::stats::{Hop, PathStats};

/// The weight of the witnesses alone.
const PLAIN: f64 = 0.8;

/// Probes that tell a pattern; a long run has more, and no need of them.
const ENOUGH: usize = 1000;

/// From how many times likelier on a pattern is taken for what it says.
const TELLING: f64 = 1.0 / (1.0 - SURE);

/// Something behind a hop, and what was lost there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Behind {
    pub(super) by: Witness,
    pub(super) lost: u64,
    pub(super) sent: u64,
}

impl Behind {
    pub(super) fn new(by: Witness, stats: &PathStats) -> Behind {
        Behind {
            by,
            lost: stats.lost,
            sent: stats.sent,
        }
    }
}

/// What is found about a hop's limit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Limited {
    /// The chance of what was seen if the router answered everything and packets were lost.
    pub(super) chance: f64,
    /// The facts.
    pub(super) evidence: Vec<Evidence>,
    /// Unanswered probes that the limit accounts for, where the pattern alone is telling.
    pub(super) accounted: Option<u64>,
    /// Those that Linux' own limit may account for, telling or not.
    pub(super) excused: u64,
}

impl Limited {
    /// How sure it is that the router answers sparingly.
    pub(super) fn confidence(&self) -> f64 {
        confidence(self.chance)
    }

    /// Whether that is sure enough.
    pub(super) fn sure(&self) -> bool {
        self.confidence() >= SURE
    }
}

/// Judges a hop with unanswered probes. `ends` are the fair witnesses at the end of the path that lie
/// behind it, `later` the hops behind it that answer, `asks` what its router had to answer where that
/// is known.
pub(super) fn limited(hop: &Hop, ends: &[Behind], later: &[Behind], asks: &[Ask]) -> Limited {
    let stats = &hop.stats;
    let mut found = Limited {
        chance: 1.0,
        evidence: Vec::new(),
        accounted: None,
        excused: excused(asks.get(..ENOUGH).unwrap_or(asks)),
    };
    let against = |lost, sent| fisher(stats.lost, stats.sent, lost, sent);
    let fact = |behind: &Behind| Evidence::LostLess {
        by: behind.by,
        lost: behind.lost,
        sent: behind.sent,
        chance: against(behind.lost, behind.sent),
    };
    let share = match (ends.is_empty(), later.is_empty()) {
        (false, false) => 2.0,
        _ => 1.0,
    };
    let sum = |of: fn(&Behind) -> u64| ends.iter().map(of).sum::<u64>();
    let (lost, sent) = (sum(|end| end.lost), sum(|end| end.sent));
    let by_end = (sent > 0).then(|| share * against(lost, sent));
    let least = later
        .iter()
        .map(|behind| (against(behind.lost, behind.sent), behind))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let by_hop = least.map(|(chance, behind)| (share * later.len() as f64 * chance, behind));
    let by_witness = match (by_end, by_hop) {
        (Some(end), Some((hop, _))) if end <= hop => end,
        (_, Some((hop, behind))) => {
            found.evidence.push(fact(behind));
            hop
        }
        (Some(end), None) => end,
        (None, None) => 1.0,
    };
    found.evidence.extend(ends.iter().map(fact));
    found
        .evidence
        .retain(|fact| matches!(fact, Evidence::LostLess { chance, .. } if *chance < 0.5));
    let no_bursts = ends
        .iter()
        .any(|end| end.lost == 0 && end.sent >= stats.sent);
    let fit = fit(asks.get(..ENOUGH).unwrap_or(asks), !no_bursts);
    let times = fit.map_or(1.0, |fit| PLAIN + (1.0 - PLAIN) * fit.times);
    found.chance = (by_witness / times).min(1.0);
    if let Some(fit) = fit.filter(|fit| fit.times > TELLING) {
        found.evidence.push(pattern(fit));
        found.accounted = (asks.len() <= ENOUGH).then_some(fit.accounted);
    }
    found
}

fn pattern(fit: Fit) -> Evidence {
    Evidence::Bucket {
        every: fit.limit.every,
        burst: fit.limit.burst,
        accounted: fit.accounted,
        against: fit.against,
        times: fit.times,
    }
}

//! Where packets begin to be lost on the way.
//!
//! Nothing is lost on the way until packets are lost at its end: the target's service or, where it is a
//! fair witness, the target itself. Given that, one link is taken to be where loss begins; Bayes' rule
//! says which, by this model, whose constants are assumptions:
//!
//! - any link is the one, all alike beforehand; a stretch of hops that tell nothing counts its links;
//! - before it nothing is lost, from it on the part p of round trips, every p alike beforehand;
//! - each hop may lose answers of its own beside ([`OWN`]), any part of them alike beforehand, except the
//!   fair witnesses;
//! - what a limit accounts for is left out of a hop's figures before.
//!
//! Packets to a hop are lost with the probability that loss begins at it or before it. Loss of the
//! answer on its way back looks the same, from one end.
//!
//! Where the only witness at the end answers by ICMP errors, something else looks the same as well:
//! nothing is lost, but another program of this host asks the same routers, and what they will answer
//! to this host is spent by both ([`SHARED`]). No replay of a limit can tell, as nobody knows when the
//! other one asked. By this model, whose constants are assumptions too: with a half, every hop is so
//! limited and leaves the same part unanswered, any part alike beforehand; with a quarter, every hop
//! leaves a part of its own; with a quarter, one hop of two is limited.

use super::SUREST;
use crate::stats::chance::ln_beta;

/// The probability, beforehand, that a hop's answers are lost for reasons of its own, though no limit
/// was recognised.
const OWN: f64 = 0.02;

/// The odds, beforehand, that another program spends the answers of the whole path, against loss.
const SHARED: f64 = 0.1;

/// What was sent to one place and not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// The distance; the service stands one beyond the target.
    pub(super) distance: u8,
    /// Unanswered.
    pub(super) lost: u64,
    /// Sent.
    pub(super) sent: u64,
    /// Whether it answers everything that reaches it.
    pub(super) fair: bool,
}

impl Sample {
    fn answered(&self) -> u64 {
        self.sent - self.lost
    }

    /// ln of the chance of one such sequence where the part `p` of round trips is lost.
    fn ln_lost(&self, p: f64) -> f64 {
        self.lost as f64 * p.ln() + self.answered() as f64 * (-p).ln_1p()
    }

    /// The same behind the link where loss begins, at each p of `nodes`. A hop with reasons of its own
    /// loses a part v in all, any alike, or p where that is more.
    fn ln_behind(&self, nodes: &[f64]) -> Vec<f64> {
        let ln: Vec<f64> = nodes.iter().map(|p| self.ln_lost(*p)).collect();
        if self.fair {
            return ln;
        }
        let highest = ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // From each node to 1, by trapezoids from the last backwards.
        let mut above = 0.0;
        let mut after = (1.0, 0.0);
        let points = nodes.iter().zip(&ln).rev();
        let mut behind: Vec<f64> = points
            .map(|(p, ln)| {
                let here = (*p, (ln - highest).exp());
                above += (after.0 - here.0) * (after.1 + here.1) / 2.0;
                after = here;
                let own = ln_sum(highest + above.ln(), p.ln() + ln);
                ln_sum((1.0 - OWN).ln() + ln, OWN.ln() + own)
            })
            .collect();
        behind.reverse();
        behind
    }

    /// The same before loss begins.
    fn ln_before(&self) -> f64 {
        let clean = match self.lost {
            0 => 0.0,
            _ => f64::NEG_INFINITY,
        };
        let own = ln_beta(self.lost, self.answered());
        match self.fair {
            true => clean,
            false => ln_sum((1.0 - OWN).ln() + clean, OWN.ln() + own),
        }
    }
}

/// Where loss begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lossy {
    /// The probability, for each place, that it begins there or before.
    pub(super) until: Vec<f64>,
    /// The probability that nothing is lost, but a limit is shared with another program.
    pub(super) shared: f64,
}

/// Where loss begins, for each of `samples`, by rising distance; `None` when no fair witness lost
/// anything. `sparing`: whether the fair witnesses answer by ICMP errors.
pub(super) fn begun(samples: &[Sample], first: u8, sparing: bool) -> Option<Lossy> {
    samples
        .iter()
        .find(|sample| sample.fair && sample.lost > 0)?;
    let nodes = nodes(samples);
    // From the last sample backwards: ln of what lies behind, at each p.
    let mut behind = vec![0.0; nodes.len()];
    let mut ln_starts: Vec<f64> = Vec::with_capacity(samples.len());
    let mut all_links = 0.0;
    for (at, sample) in samples.iter().enumerate().rev() {
        for (sum, ln) in behind.iter_mut().zip(sample.ln_behind(&nodes)) {
            *sum += ln;
        }
        let before: f64 = samples.iter().take(at).map(Sample::ln_before).sum();
        let previous = match at.checked_sub(1).and_then(|at| samples.get(at)) {
            Some(previous) => previous.distance,
            None => first.saturating_sub(1),
        };
        let links = f64::from(sample.distance.saturating_sub(previous).max(1));
        all_links += links;
        ln_starts.push(links.ln() + before + ln_integral(&nodes, &behind));
    }
    ln_starts.reverse();
    let highest = ln_starts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = ln_starts.iter().map(|ln| (ln - highest).exp()).collect();
    let whole: f64 = weights.iter().sum();
    let ln_lost = highest + whole.ln() - f64::ln(all_links);
    let shared = match sparing {
        true => 1.0 / (1.0 + (ln_lost - SHARED.ln() - ln_shared(samples, &nodes)).exp()),
        false => 0.0,
    };
    let until = weights.iter().scan(0.0, |sum, weight| {
        *sum += weight / whole;
        Some(f64::min(*sum * (1.0 - shared), SUREST))
    });
    let until = until.collect();
    Some(Lossy { until, shared })
}

/// ln of the chance of `samples` if nothing is lost and a limit is shared.
fn ln_shared(samples: &[Sample], nodes: &[f64]) -> f64 {
    let at = |p: &f64| samples.iter().map(|sample| sample.ln_lost(*p)).sum();
    let alike: Vec<f64> = nodes.iter().map(at).collect();
    let own = |sample: &Sample| ln_beta(sample.lost, sample.answered());
    let half = |sample: &Sample| match sample.lost {
        0 => 0.5f64.ln() + ln_sum(0.0, own(sample)),
        _ => 0.5f64.ln() + own(sample),
    };
    let each = samples.iter().map(own).sum::<f64>();
    let some = samples.iter().map(half).sum::<f64>();
    let apart = 0.25f64.ln() + ln_sum(each, some);
    ln_sum(0.5f64.ln() + ln_integral(nodes, &alike), apart)
}

/// Where the integral over p is evaluated: close together around every loss that was seen.
fn nodes(samples: &[Sample]) -> Vec<f64> {
    let around = |sample: &Sample| {
        let trials = sample.sent as f64 + 2.0;
        let p = (sample.lost as f64 + 1.0) / trials;
        let deviation = (p * (1.0 - p) / trials).sqrt();
        (-12..=12).map(move |step| p + deviation * f64::from(step) / 2.0)
    };
    let even = (1..64).map(|at| f64::from(at) / 64.0);
    let pooled = samples.iter().fold((0, 0), |(lost, sent), sample| {
        (lost + sample.lost, sent + sample.sent)
    });
    let pooled = Sample {
        distance: 0,
        lost: pooled.0,
        sent: pooled.1,
        fair: true,
    };
    let mut nodes: Vec<f64> = samples
        .iter()
        .chain([&pooled])
        .flat_map(around)
        .chain(even)
        .map(|p| p.clamp(1e-9, 1.0 - 1e-9))
        .collect();
    nodes.sort_by(f64::total_cmp);
    nodes.dedup();
    nodes
}

/// ln of the integral of exp(`ln_values`) over `nodes`, by trapezoids.
fn ln_integral(nodes: &[f64], ln_values: &[f64]) -> f64 {
    let highest = ln_values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let values = ln_values.iter().map(|ln| (ln - highest).exp());
    let points: Vec<(f64, f64)> = nodes.iter().copied().zip(values).collect();
    let area = points.windows(2).filter_map(|pair| {
        let ((x0, y0), (x1, y1)) = (pair.first()?, pair.last()?);
        Some((x1 - x0) * (y0 + y1) / 2.0)
    });
    highest + area.sum::<f64>().ln()
}

/// The probability that loss begins at a distance or before it, where the samples are known to have
/// `begun` so. Between two samples any link is as likely as another.
pub(super) fn until(samples: &[Sample], begun: &[f64], first: u8, distance: u8) -> f64 {
    let mut before = (first.saturating_sub(1), 0.0);
    for (sample, begun) in samples.iter().zip(begun) {
        if distance < sample.distance {
            let links = f64::from(sample.distance - before.0);
            let part = f64::from(distance.saturating_sub(before.0)) / links;
            return before.1 + (begun - before.1) * part;
        }
        before = (sample.distance, *begun);
    }
    before.1
}

/// ln (exp a + exp b).
fn ln_sum(a: f64, b: f64) -> f64 {
    let (high, low) = (a.max(b), a.min(b));
    match high == f64::NEG_INFINITY {
        true => high,
        false => high + (low - high).exp().ln_1p(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(counts: &[(u64, u64)]) -> Vec<Sample> {
        let last = counts.len();
        let sample = |(at, (lost, sent)): (usize, &(u64, u64))| Sample {
            distance: at as u8 + 1,
            lost: *lost,
            sent: *sent,
            fair: at + 1 == last,
        };
        counts.iter().enumerate().map(sample).collect()
    }

    #[test]
    fn two_hops_by_hand() {
        // Hop 1 answers both probes, the target one of two. Either loss begins at the target:
        // hop 1 clean, or with any part lost of its own (1/3 on average), times ∫ p (1-p) = 1/6; or at
        // hop 1, which then loses p, or of its own any part v above p: a chance of (1-p)³/3, and of
        // p (1-p)² for v below; ∫ (1-p)³ p (1-p) = 1/30, ∫ p (1-p)² p (1-p) = 1/60.
        let clean = 1.0 - OWN;
        let at_target = (clean + OWN / 3.0) / 6.0;
        let at_first = clean / 20.0 + OWN * (1.0 / 90.0 + 1.0 / 60.0);
        let begun = begun(&samples(&[(0, 2), (1, 2)]), 1, false).unwrap().until;
        let expected = at_first / (at_first + at_target);
        assert!((begun[0] - expected).abs() < 1e-4, "{begun:?} {expected}");
        assert!((begun[1] - 1.0).abs() < 1e-8);
    }

    #[test]
    fn loss_is_found_where_it_begins() {
        let counts = [
            (0, 100),
            (0, 100),
            (21, 100),
            (17, 100),
            (24, 100),
            (20, 100),
        ];
        let begun = begun(&samples(&counts), 1, false).unwrap().until;
        // Hop 3 may have lost 21 of its own: OWN / 101 against a tenth or so.
        assert!(begun[1] < 1e-6 && begun[2] > 0.98, "{begun:?}");
    }

    #[test]
    fn nothing_lost_at_the_end_is_no_loss() {
        assert_eq!(begun(&samples(&[(30, 100), (0, 100)]), 1, false), None);
        assert_eq!(begun(&[], 1, true), None);
    }

    #[test]
    fn a_single_probe_lost_at_the_end_says_little_of_where() {
        let begun = begun(&samples(&[(0, 10), (0, 10), (0, 10), (1, 10)]), 1, false)
            .unwrap()
            .until;
        assert!(begun[2] < 0.9 && begun[0] > 0.005, "{begun:?}");
    }

    #[test]
    fn many_probes_keep_their_digits() {
        let counts = [(0, 100_000), (120, 100_000), (95, 100_000)];
        let begun = begun(&samples(&counts), 1, false).unwrap().until;
        assert!(begun[0] < 1e-9 && begun[1] > 0.99, "{begun:?}");
    }

    #[test]
    fn a_shared_limit_by_hand() {
        // Two probes each to one hop and the target, of which one of two is unanswered everywhere.
        // All alike: ∫ p² (1-p)² = 1/30; each apart: (∫ p (1-p))² = 1/36; one of two limited: a
        // quarter of that.
        let samples = samples(&[(1, 2), (1, 2)]);
        let nodes: Vec<f64> = (1..2000).map(|at| f64::from(at) / 2000.0).collect();
        let expected: f64 = 0.5 / 30.0 + 0.25 / 36.0 + 0.25 * 0.25 / 36.0;
        let shared = ln_shared(&samples, &nodes).exp();
        assert!(
            (shared / expected - 1.0).abs() < 1e-3,
            "{shared} {expected}"
        );
    }

    #[test]
    fn loss_from_the_first_hop_on_may_be_a_shared_limit_where_only_errors_witness() {
        let counts = [(21, 100), (17, 100), (24, 100), (20, 100), (19, 100)];
        let sure = begun(&samples(&counts), 1, false).unwrap();
        assert!(sure.shared == 0.0 && sure.until[0] > 0.99, "{sure:?}");
        let open = begun(&samples(&counts), 1, true).unwrap();
        // Odds of a tenth and a half against one link of five.
        assert!((open.shared - 0.2).abs() < 0.05, "{open:?}");
        assert!((open.until[4] + open.shared - 1.0).abs() < 1e-8);
        // Routers before that answer everything, asked alike, speak against it.
        let counts = [(0, 100), (0, 100), (24, 100), (20, 100), (19, 100)];
        let clean = begun(&samples(&counts), 1, true).unwrap();
        assert!(clean.shared < 1e-3 && clean.until[2] > 0.95, "{clean:?}");
    }
}

//! Whether the probes that a router left unanswered are just those that a limit would leave out.
//!
//! Linux sends ICMP errors out of a token bucket for each address that asks: one answer is earned in
//! a second and six are saved up (`icmp_ratelimit`, `XRLIM_BURST_FACTOR` in net/ipv4/icmp.c; IPv6 has
//! a half, a quarter, an eighth and a sixteenth of the second for wider routes, net/ipv6/icmp.c).
//! Such a limit leaves no choice: replayed with the moments at which the router was asked, it says of
//! nearly every probe whether it is answered.
//!
//! **How telling that is.** Under random loss all C(n, k) sequences with k of n unanswered are equally
//! likely; under loss in bursts those with fewer runs are likelier, as x^runs for some x below 1 (a
//! Markov chain in which loss follows loss): see [`ln_likeliest`]. Where a witness lost nothing at all,
//! bursts on the way are ruled out.
//!
//! The replay reads a sequence as a code would: it says the fate of each probe beforehand, except where
//! the moment is too close to call; there 9/10 stand for what is reckoned and 1/10 for the other. Which
//! c of n probes contradict it is one of C(n, c), with the weight 9/10 · 10^-c beforehand; each limit that
//! is tried has a weight, and each part of its savings that the router may have begun with. So every
//! sequence has a weight, and all of them together at most 1 (Kraft's inequality): the weight of what was
//! seen over the most that any such loss gives it says how many times likelier a limit makes it. Under
//! loss that is 1 at most on average, though the limit is chosen after the fact: an e-value (V. Vovk
//! and R. Wang, Annals of Statistics 49 (2021) 1736).

use std::time::Duration;

use crate::stats::chance::{ln_choose, ln_runs};
use crate::units::Moment;

/// A limit of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    /// One answer is earned in this time.
    pub(super) every: Duration,
    /// So many are saved up.
    pub(super) burst: u32,
}

/// Limits that are tried, each with its prior weight; they add up to 1.
const LIMITS: [(Limit, f64); 8] = [
    (limit(1_000_000, 6), 0.5),
    (limit(500_000, 6), 0.1),
    (limit(250_000, 6), 0.1),
    (limit(125_000, 6), 0.06),
    (limit(62_500, 6), 0.06),
    (limit(100_000, 6), 0.06),
    (limit(1_000_000, 1), 0.06),
    (limit(500_000, 1), 0.06),
];

const fn limit(micros: u64, burst: u32) -> Limit {
    Limit {
        every: Duration::from_micros(micros),
        burst,
    }
}

/// How far the moment at which a router was asked may be from what we reckon: jitter on the way and
/// the tick of its clock.
const SLACK: Duration = Duration::from_millis(20);

/// The probability of what is reckoned where it is too close to call: a kernel's tick is much longer
/// than the jitter of a local network.
const LIKELY: f64 = 0.9;

/// What rounding may make of a whole answer.
const ROUNDING: f64 = 1e-6;

/// How many parts of an answer, and of the rest of the savings, a router may have begun with.
const STARTS: u32 = 20;

/// Contradictions that a short sequence may hold and still be thought of.
const BEARABLE: u64 = 3;

/// Prior weight of one more contradiction.
const CONTRADICTION: f64 = 0.1;

/// One probe that a router had to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ask {
    /// When it left.
    pub(super) at: Moment,
    /// Whether it was answered.
    pub(super) answered: bool,
    /// Whether it counts in the figures of the hop; probes that overshot a target do not.
    pub(super) own: bool,
}

/// How well a limit explains what was left unanswered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    pub(super) limit: Limit,
    /// Unanswered probes of the hop that the limit accounts for.
    pub(super) accounted: u64,
    /// Probes that contradict it.
    pub(super) against: u64,
    /// How many times likelier it makes what was seen than loss does.
    pub(super) times: f64,
}

/// The limit that fits best; `None` when everything was answered or nothing.
pub(super) fn fit(asks: &[Ask], bursts_possible: bool) -> Option<Fit> {
    let answered = asks.iter().filter(|ask| ask.answered).count() as u64;
    let lost = asks.len() as u64 - answered;
    if answered == 0 || lost == 0 {
        return None;
    }
    let runs = asks.chunk_by(|a, b| a.answered == b.answered).count() as u64;
    let ln_loss = match bursts_possible {
        true => ln_likeliest(lost, answered, runs),
        false => -ln_choose(lost + answered, lost),
    };
    let fits = LIMITS.iter().filter_map(|(limit, weight)| {
        let starts = starts(limit.burst);
        let replays = starts.filter_map(|(tokens, start)| {
            let replay = replay(asks, *limit, tokens)?;
            let ln_weight = (weight * start).ln()
                + replay.ln_open
                + replay.against as f64 * CONTRADICTION.ln()
                + (1.0 - CONTRADICTION).ln()
                - ln_choose(asks.len() as u64, replay.against);
            Some((replay, (ln_weight - ln_loss).exp()))
        });
        let replays: Vec<(Replay, f64)> = replays.collect();
        let best = replays.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(Fit {
            limit: *limit,
            accounted: best.0.accounted,
            against: best.0.against,
            times: replays.iter().map(|(_, times)| times).sum(),
        })
    });
    fits.max_by(|a, b| a.times.total_cmp(&b.times))
}

/// Unanswered probes that Linux' own limit may account for, whatever the router had saved up: of the
/// replays with the least against them, the most that one accounts for.
pub(super) fn excused(asks: &[Ask]) -> u64 {
    let [(linux, _), ..] = LIMITS;
    let replays = starts(linux.burst).filter_map(|(saved, _)| replay(asks, linux, saved));
    let best = replays.min_by_key(|replay| (replay.against, u64::MAX - replay.accounted));
    best.map_or(0, |replay| replay.accounted)
}

/// What a router may have saved up when the run begins, with prior weights that add up to 1: half for
/// everything; a quarter for less than one answer, as one that was just being asked; a quarter for
/// anything between.
fn starts(burst: u32) -> impl Iterator<Item = (f64, f64)> {
    let most = f64::from(burst);
    let steps = (0..STARTS).map(|step| (f64::from(step) + 0.5) / f64::from(STARTS));
    let weight = 0.25 / f64::from(STARTS);
    let spent = steps.clone().map(move |part| (part, weight));
    let between = steps.map(move |part| (1.0 + part * (most - 1.0), weight));
    std::iter::once((most, 0.5)).chain(spent).chain(between)
}

/// ln of the most that random or bursty loss gives one sequence of `lost` and `answered` in `runs`
/// unbroken runs: the greatest x^runs / sum over j of N_j x^j for x from 0 to 1, where N_j is the number of
/// sequences with j runs. As a function of ln x its inverse is convex, so the search is by thirds.
fn ln_likeliest(lost: u64, answered: u64, runs: u64) -> f64 {
    let most = 2 * lost.min(answered) + 1;
    let ln_counts: Vec<(f64, f64)> = (2..=most)
        .map(|runs| (runs as f64, ln_runs(lost, answered, runs)))
        .collect();
    let ln_chance = |ln_x: f64| {
        let ln = |(runs, ln_count): &(f64, f64)| ln_count + runs * ln_x;
        let highest = ln_counts.iter().map(ln).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = ln_counts.iter().map(|own| (ln(own) - highest).exp()).sum();
        runs as f64 * ln_x - highest - sum.ln()
    };
    let (mut low, mut high) = (-30.0, 0.0);
    for _ in 0..25 {
        let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        match ln_chance(left) < ln_chance(right) {
            true => low = left,
            false => high = right,
        }
    }
    ln_chance(low).max(ln_chance(high)).max(ln_chance(0.0))
}

/// What a limit says of a sequence.
struct Replay {
    accounted: u64,
    against: u64,
    /// ln of the weight of what happened where it was too close to call.
    ln_open: f64,
}

/// Replays `limit` from what it had saved up; `None` as soon as too much is against it. A contradiction
/// of one kind (unanswered though it could be) spends its answer all the same: the answer may have been
/// lost on the way back; if not, the next contradiction of the other kind sets the count right.
fn replay(asks: &[Ask], limit: Limit, saved: f64) -> Option<Replay> {
    let slack = SLACK.as_secs_f64() / limit.every.as_secs_f64();
    let most = f64::from(limit.burst);
    let bearable = BEARABLE + asks.len() as u64 / 10;
    let mut tokens = saved;
    let mut before: Option<Moment> = None;
    let mut replay = Replay {
        accounted: 0,
        against: 0,
        ln_open: 0.0,
    };
    for ask in asks {
        let passed = before.map_or(Duration::ZERO, |before| ask.at.since(before));
        before = Some(ask.at);
        tokens = most.min(tokens + passed.as_secs_f64() / limit.every.as_secs_f64());
        let (can, must) = (tokens >= 1.0 - slack, tokens >= 1.0 + slack);
        if can && !must {
            let as_reckoned = ask.answered == (tokens >= 1.0 - ROUNDING);
            replay.ln_open += if as_reckoned { LIKELY } else { 1.0 - LIKELY }.ln();
        }
        replay.against += u64::from(if ask.answered { !can } else { must });
        if replay.against > bearable {
            return None;
        }
        if ask.answered || must {
            tokens = (tokens - 1.0).max(0.0);
        } else {
            replay.accounted += u64::from(ask.own);
        }
    }
    Some(replay)
}

#[cfg(test)]
mod tests;

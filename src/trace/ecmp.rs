//! When enough flows have been tried at a hop to have seen all of its branches.
//!
//! A router that spreads load by flow sends each flow one way. Having seen `k` branches, how many
//! flows must have been tried so that a further, equally likely branch would have shown itself? The
//! stopping rule of the Multipath Detection Algorithm (D. Veitch, B. Augustin, R. Teixeira, T.
//! Friedman, "Failure control in multipath route tracing", INFOCOM 2009), applied hop by hop: for
//! `K` equally likely branches the chance that `n` flows miss at least one is, by inclusion and
//! exclusion, `Σ (-1)^(i+1) C(K, i) (1 - i/K)^n` for `i` from 1 to `K - 1`.

//!
//! Whether branches are chosen *by flow or by packet*, flows that are asked once do not tell. Behind the
//! last new one, those that showed the branches are therefore asked again, in turn, until that none has
//! left its branch is too unlikely by chance ([`RISK`]), or that so many have if paths merely change now
//! and then (`FLAPPING`).

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::change::FLAPPING;
use crate::probe::Flow;
use crate::stats::chance::{at_least, ln_factorial};

/// The chance that a branch is missed at a hop, if the branches are equally likely.
pub const RISK: f64 = 0.05;

/// Branches beyond this are not told apart: a hop is then done.
const MOST: u32 = 16;

/// Answers of flows asked again after which a hop is done, told or not: some branches are too unequal.
const MOST_AGAIN: u64 = 16;

/// Rounds after which a hop that never answers is done.
const SILENT: u32 = 3;

/// The chance that `flows` flows miss at least one of `branches` equally likely branches.
fn missed(branches: u32, flows: u32) -> f64 {
    let all = f64::from(branches);
    let mut choose = 1.0;
    let mut sum = 0.0;
    for i in 1..branches {
        choose *= f64::from(branches - i + 1) / f64::from(i);
        let term = choose * (1.0 - f64::from(i) / all).powi(flows as i32);
        sum += if i % 2 == 1 { term } else { -term };
    }
    sum
}

/// How many flows must have been answered at a hop that has shown `branches` responders, so that
/// one more would have been seen with 95 %.
pub fn enough(branches: u32) -> u32 {
    let branches = branches.clamp(1, MOST) + 1;
    (branches..)
        .find(|flows| missed(branches, *flows) <= RISK)
        .unwrap_or(u32::MAX)
}

/// The chance, at most, that no flow is split if each of `answers` drew its router anew, whatever the
/// shares; 1 where one is split. Of n answers, n_1 .. n_r from r routers, all n! / (n_1! .. n_r!) orders
/// are equally likely then. R flows that were asked again and kept whole leave r^R choices, and the s
/// that were asked once no more orders than s of the most even counts have.
pub(super) fn whole_by_chance(answers: &[(Flow, IpAddr)]) -> f64 {
    let mut flows: HashMap<Flow, (IpAddr, u64)> = HashMap::new();
    let mut routers: HashMap<IpAddr, u64> = HashMap::new();
    for (flow, router) in answers {
        *routers.entry(*router).or_default() += 1;
        let (first, count) = flows.entry(*flow).or_insert((*router, 0));
        if first != router {
            return 1.0;
        }
        *count += 1;
    }
    let branches = routers.len() as u64;
    let (once, again): (Vec<u64>, Vec<u64>) = flows
        .values()
        .map(|(_, count)| *count)
        .partition(|count| *count == 1);
    let orders = |counts: &mut dyn Iterator<Item = u64>| {
        let (mut all, mut ln) = (0, 0.0);
        for count in counts {
            all += count;
            ln -= ln_factorial(count);
        }
        ln + ln_factorial(all)
    };
    let once = once.len() as u64;
    let even = |at: u64| once / branches + u64::from(at < once % branches);
    let kept = again.len() as f64 * (branches as f64).ln() + orders(&mut (0..branches).map(even));
    (kept - orders(&mut routers.into_values())).exp().min(1.0)
}

/// What has been seen at each distance.
#[derive(Debug, Clone, Default)]
pub(super) struct Discovery {
    hops: Vec<Seen>,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    answers: Vec<(Flow, IpAddr)>,
    asked: u32,
    arrived: bool,
}

impl Seen {
    /// The first answer of each responder.
    fn responders(&self) -> Vec<(Flow, IpAddr)> {
        let mut first: Vec<(Flow, IpAddr)> = Vec::new();
        for (flow, responder) in &self.answers {
            if first.iter().all(|(_, own)| own != responder) {
                first.push((*flow, *responder));
            }
        }
        first
    }

    /// How many flows have been answered.
    fn flows(&self) -> u32 {
        let flows: HashSet<Flow> = self.answers.iter().map(|(flow, _)| *flow).collect();
        flows.len() as u32
    }

    /// Whether its branches would all have shown.
    fn is_seen(&self) -> bool {
        let branches = self.responders().len() as u32;
        branches >= MOST || branches > 0 && self.flows() >= enough(branches)
    }

    /// Whether it is known that flows keep their branch, or that they do not, as far as it will be.
    fn is_told(&self) -> bool {
        let mut last: HashMap<Flow, IpAddr> = HashMap::new();
        let (mut switches, mut pairs) = (0, 0);
        for (flow, responder) in &self.answers {
            if let Some(before) = last.insert(*flow, *responder) {
                pairs += 1;
                switches += u64::from(before != *responder);
            }
        }
        let chance = match switches {
            0 => whole_by_chance(&self.answers),
            _ => at_least(switches, pairs, FLAPPING),
        };
        pairs >= MOST_AGAIN || chance <= RISK
    }
}

impl Discovery {
    fn hop(&mut self, distance: u8) -> Option<&mut Seen> {
        let at = usize::from(distance);
        if self.hops.len() <= at {
            self.hops.resize_with(at + 1, Seen::default);
        }
        self.hops.get_mut(at)
    }

    /// The flow to ask this distance on in a round: a new one, until its branches would have shown;
    /// then those again that showed them, in turn.
    pub(super) fn flow(&self, distance: u8, round: u16) -> Flow {
        let hop = self.hops.get(usize::from(distance));
        let branches = hop.filter(|hop| hop.is_seen()).map(Seen::responders);
        let branches = branches.unwrap_or_default();
        let turn = usize::from(round) % branches.len().max(1);
        branches.get(turn).map_or(Flow(round), |(flow, _)| *flow)
    }

    /// Takes note of a probe.
    pub(super) fn ask(&mut self, distance: u8) {
        if let Some(hop) = self.hop(distance) {
            hop.asked += 1;
        }
    }

    /// Takes note of an answer.
    pub(super) fn answer(&mut self, distance: u8, flow: Flow, responder: IpAddr, arrived: bool) {
        if let Some(hop) = self.hop(distance) {
            hop.answers.push((flow, responder));
            hop.arrived |= arrived;
        }
    }

    /// Whether enough is known of this distance. The target, which may answer sparingly, is asked no
    /// more than once where one way leads to it; where several do, one of them may be longer.
    pub(super) fn is_done(&self, distance: u8) -> bool {
        let Some(hop) = self.hops.get(usize::from(distance)) else {
            return false;
        };
        let before = usize::from(distance).checked_sub(1);
        let before = before.and_then(|before| self.hops.get(before));
        let one_way = before.is_none_or(|before| before.responders().len() < 2);
        match hop.responders().len() {
            0 => hop.asked >= SILENT,
            _ if hop.arrived && one_way => true,
            1 => hop.is_seen(),
            _ => hop.is_seen() && hop.is_told(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stopping_points_are_the_published_ones() {
        // Veitch et al., table 1, for a risk of 0.05.
        let published = [6, 11, 16, 21, 27, 33, 38, 44, 51, 57];
        let ours: Vec<u32> = (1..=10).map(enough).collect();
        assert_eq!(ours, published);
    }

    #[test]
    fn missing_one_of_two_is_all_heads_or_all_tails() {
        for flows in 1..20 {
            let tossed = 2.0 * 0.5f64.powi(flows as i32);
            assert!((missed(2, flows) - tossed).abs() < 1e-12);
        }
    }

    #[test]
    fn the_chance_agrees_with_counting_every_outcome() {
        // All 4^5 ways to throw five flows on four branches.
        let mut short = 0;
        for outcome in 0u32..1024 {
            let hit = (0..5).fold(0u32, |hit, at| hit | 1 << (outcome >> (2 * at) & 3));
            short += u32::from(hit != 0b1111);
        }
        assert!((missed(4, 5) - f64::from(short) / 1024.0).abs() < 1e-12);
    }

    fn router(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn a_hop_is_done_when_its_branches_would_have_shown() {
        let mut seen = Discovery::default();
        let mut flow = 0;
        let mut answer = |seen: &mut Discovery, distance, last, arrived| {
            flow += 1;
            seen.answer(distance, Flow(flow), router(last), arrived);
        };
        for _ in 0..5 {
            answer(&mut seen, 3, 1, false);
        }
        assert!(!seen.is_done(3));
        answer(&mut seen, 3, 2, false);
        // Six would have done for one branch; two ask for eleven.
        (0..4).for_each(|_| answer(&mut seen, 3, 1, false));
        assert_eq!(seen.flow(3, 77), Flow(77));
        answer(&mut seen, 3, 2, false);
        // Now the first flow of each branch is asked again, in turn.
        assert!(!seen.is_done(3) && !seen.is_done(4) && !seen.is_done(2));
        assert_eq!(
            [76, 77].map(|round| seen.flow(3, round)),
            [Flow(1), Flow(6)]
        );
        (0..SILENT).for_each(|_| seen.ask(4));
        assert!(seen.is_done(4));
        answer(&mut seen, 5, 1, true);
        assert!(seen.is_done(5));
        // Behind two branches the target may stand on one of them only.
        answer(&mut seen, 4, 2, true);
        assert!(!seen.is_done(4));
        (0..5).for_each(|_| answer(&mut seen, 4, 2, true));
        assert!(seen.is_done(4));
    }

    #[test]
    fn a_hop_is_told_when_a_flow_is_split_or_that_none_is_would_be_chance() {
        let mut seen = Discovery::default();
        for flow in 0..11 {
            seen.answer(2, Flow(flow), router((flow % 2) as u8), false);
        }
        assert!(!seen.is_done(2));
        // One in ten of a flow's next answers may come by a changed path: that two of two did is one
        // chance in a hundred.
        let mut split = seen.clone();
        split.answer(2, Flow(0), router(1), false);
        assert!(!split.is_done(2));
        split.answer(2, Flow(1), router(0), false);
        assert!(split.is_done(2));
        // Nine flows asked once have 9! / (5! 4!) = 126 orders, two asked again 4 choices; n answers,
        // half from each router, have n! / (n/2)!² orders.
        for again in 1..=7 {
            seen.answer(2, Flow(again % 2), router((again % 2) as u8), false);
            let n = 11 + again;
            let all = choose(n.into(), u64::from(n) / 2);
            let expected = 4.0 * 126.0 / all;
            let of = whole_by_chance(&seen.hops[2].answers);
            if again >= 2 {
                assert!(
                    (of / expected - 1.0).abs() < 1e-9,
                    "{again} {of} {expected}"
                );
            }
            assert_eq!(seen.is_done(2), expected <= RISK, "{again}");
        }
        assert!(seen.is_done(2));
    }

    fn choose(n: u64, k: u64) -> f64 {
        (1..=k).map(|i| (n - k + i) as f64 / i as f64).product()
    }

    #[test]
    fn the_bound_on_whole_flows_agrees_with_counting_every_order() {
        // Flows 0 and 1 three times each, flows 2 and 3 once: 8 answers, on two routers.
        let flows = [0, 0, 0, 1, 1, 1, 2, 3].map(Flow);
        for routes in 0u8..16 {
            let by = |flow: Flow| router(routes >> flow.0 & 1);
            let answers: Vec<(Flow, IpAddr)> =
                flows.iter().map(|flow| (*flow, by(*flow))).collect();
            let ones = answers.iter().filter(|(_, own)| *own == router(1)).count() as u32;
            let (mut all, mut whole) = (0.0, 0.0);
            for order in 0u32..256 {
                if order.count_ones() != ones {
                    continue;
                }
                all += 1.0;
                let triples = [order & 7, order >> 3 & 7];
                let kept = triples.iter().all(|own| *own == 0 || *own == 7);
                whole += f64::from(u8::from(kept));
            }
            let bound = whole_by_chance(&answers);
            assert!(
                bound >= whole / all - 1e-12,
                "{routes:b} {bound} {whole} {all}"
            );
            // At most 2² choices of the triples, and 2 orders of the others.
            assert!(bound <= (8.0 / all).min(1.0) + 1e-12, "{routes:b}");
        }
        assert_eq!(
            whole_by_chance(&[(Flow(0), router(1)), (Flow(0), router(2))]),
            1.0
        );
        assert_eq!(whole_by_chance(&[]), 1.0);
    }
}

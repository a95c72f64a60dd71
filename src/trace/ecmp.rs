//! When enough flows have been tried at a hop to have seen all of its branches.
//!
//! A router that spreads load by flow sends each flow one way. Having seen `k` branches, how many
//! flows must have been tried so that a further, equally likely branch would have shown itself? The
//! stopping rule of the Multipath Detection Algorithm (D. Veitch, B. Augustin, R. Teixeira, T.
//! Friedman, "Failure control in multipath route tracing", INFOCOM 2009), applied hop by hop: for
//! `K` equally likely branches the chance that `n` flows miss at least one is, by inclusion and
//! exclusion, `Σ (-1)^(i+1) C(K, i) (1 - i/K)^n` for `i` from 1 to `K - 1`.

use std::net::IpAddr;

/// The chance that a branch is missed at a hop, if the branches are equally likely.
pub const RISK: f64 = 0.05;

/// Branches beyond this are not told apart: a hop is then done.
const MOST: u32 = 16;

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

/// What has been seen at each distance.
#[derive(Debug, Clone, Default)]
pub(super) struct Discovery {
    hops: Vec<Seen>,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    responders: Vec<IpAddr>,
    asked: u32,
    answered: u32,
    arrived: bool,
}

impl Discovery {
    fn hop(&mut self, distance: u8) -> Option<&mut Seen> {
        let at = usize::from(distance);
        if self.hops.len() <= at {
            self.hops.resize_with(at + 1, Seen::default);
        }
        self.hops.get_mut(at)
    }

    /// Takes note of a probe.
    pub(super) fn ask(&mut self, distance: u8) {
        if let Some(hop) = self.hop(distance) {
            hop.asked += 1;
        }
    }

    /// Takes note of an answer.
    pub(super) fn answer(&mut self, distance: u8, responder: IpAddr, arrived: bool) {
        let Some(hop) = self.hop(distance) else {
            return;
        };
        hop.answered += 1;
        hop.arrived |= arrived;
        if !hop.responders.contains(&responder) {
            hop.responders.push(responder);
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
        let one_way = before.is_none_or(|before| before.responders.len() < 2);
        let branches = hop.responders.len() as u32;
        match branches {
            0 => hop.asked >= SILENT,
            _ if hop.arrived && one_way => true,
            _ => branches >= MOST || hop.answered >= enough(branches),
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

    #[test]
    fn a_hop_is_done_when_its_branches_would_have_shown() {
        let mut seen = Discovery::default();
        let [a, b] = [1, 2].map(|last| IpAddr::from([192, 0, 2, last]));
        for _ in 0..5 {
            seen.answer(3, a, false);
        }
        assert!(!seen.is_done(3));
        seen.answer(3, b, false);
        // Six would have done for one branch; two ask for eleven.
        (0..4).for_each(|_| seen.answer(3, a, false));
        assert!(!seen.is_done(3));
        seen.answer(3, b, false);
        assert!(seen.is_done(3) && !seen.is_done(4) && !seen.is_done(2));
        (0..SILENT).for_each(|_| seen.ask(4));
        assert!(seen.is_done(4));
        seen.answer(5, a, true);
        assert!(seen.is_done(5));
        // Behind two branches the target may stand on one of them only.
        seen.answer(4, b, true);
        assert!(!seen.is_done(4));
        (0..5).for_each(|_| seen.answer(4, b, true));
        assert!(seen.is_done(4));
    }
}

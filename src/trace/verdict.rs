//! What is concluded of each hop, and no more than the numbers carry.
//!
//! Routers answer only so many ICMP errors a second (RFC 1812, 4.3.2.8; RFC 4443, 2.4 f), so
//! unanswered probes at one hop are not lost packets: loss counts only when it carries on to the
//! hops behind. Whether a packet or its answer was lost cannot be told from one end.

use super::stats::Hop;
use crate::lang::Text;

/// What is concluded of one hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every probe was answered.
    Fine,
    /// Loss here, and every hop behind that answers shows loss that fits with it.
    LossCarriesOn,
    /// Unanswered here, but a hop behind shows less than this hop at the very least has: the router
    /// answers sparingly; packets pass.
    AnswersSparingly,
    /// Unanswered here, and the probes do not say which of the two.
    Unsure,
    /// Nothing was answered here, but hops behind answer: packets pass.
    Silent,
    /// Nothing was answered here nor behind.
    NoAnswer,
}

impl Verdict {
    /// The stable name, as in data.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Fine => "ok",
            Verdict::LossCarriesOn => "lossy",
            Verdict::AnswersSparingly => "rate-limited",
            Verdict::Unsure => "unsure",
            Verdict::Silent => "silent",
            Verdict::NoAnswer => "no-answer",
        }
    }

    /// In words, for a table.
    pub fn text(self) -> Text {
        match self {
            Verdict::Fine => Text::new("正常", "ok"),
            Verdict::LossCarriesOn => Text::new("丢包并延续", "loss carries on"),
            Verdict::AnswersSparingly => Text::new("疑似限速应答", "likely rate-limited"),
            Verdict::Unsure => Text::new("无法判定", "cannot tell"),
            Verdict::Silent => Text::new("不应答", "silent"),
            Verdict::NoAnswer => Text::new("无应答", "no answer"),
        }
    }
}

/// What else bears on the verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditions {
    /// Whether the last hop is the target.
    pub reached: bool,
    /// Whether the target answers by ICMP errors and is asked more than once a second. It then
    /// answers sparingly itself, as routers do, and its unanswered probes prove nothing.
    pub target_limited: bool,
}

/// The verdict on each of `hops`, in their order.
///
/// With intervals [low, high] at 95 %: a hop answers sparingly when some hop behind it has its high
/// below this hop's low. Loss carries on when every hop behind has lost too, up to the target.
/// Otherwise it is left open.
pub fn verdicts(hops: &[Hop], conditions: Conditions) -> Vec<Verdict> {
    let one = |(at, hop): (usize, &Hop)| {
        let behind = hops.get(at + 1..).unwrap_or_default();
        verdict(hop, behind, conditions)
    };
    hops.iter().enumerate().map(one).collect()
}

fn verdict(hop: &Hop, behind: &[Hop], conditions: Conditions) -> Verdict {
    let heard = |hop: &&Hop| hop.stats.answered + hop.stats.late > 0;
    let behind: Vec<&Hop> = behind.iter().filter(heard).collect();
    if !heard(&hop) {
        return match behind.is_empty() {
            true => Verdict::NoAnswer,
            false => Verdict::Silent,
        };
    }
    let Some(here) = hop.stats.loss_interval().filter(|_| hop.stats.lost > 0) else {
        return Verdict::Fine;
    };
    let mut theirs = behind.iter().filter_map(|hop| hop.stats.loss_interval());
    if theirs.any(|there| there.high < here.low) {
        return Verdict::AnswersSparingly;
    }
    let lost_too = behind.iter().all(|hop| hop.stats.lost > 0);
    match lost_too && conditions.reached && !conditions.target_limited {
        true => Verdict::LossCarriesOn,
        false => Verdict::Unsure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::stats::PathStats;

    fn hop(lost: u64, sent: u64) -> Hop {
        Hop {
            distance: 1,
            stats: PathStats {
                sent,
                answered: sent - lost,
                late: 0,
                lost,
                unsent: 0,
                duplicates: 0,
                times: None,
            },
            responders: Vec::new(),
        }
    }

    #[test]
    fn loss_counts_only_when_it_carries_on() {
        use Verdict::*;
        let told = |losses: &[(u64, u64)], reached, target_limited| {
            let hops: Vec<Hop> = losses
                .iter()
                .map(|(lost, sent)| hop(*lost, *sent))
                .collect();
            let conditions = Conditions {
                reached,
                target_limited,
            };
            verdicts(&hops, conditions)
        };
        // A router at one answer a second, asked twice a second, before a clean target.
        let sparing = told(&[(0, 100), (50, 100), (0, 100)], true, false);
        assert_eq!(sparing, [Fine, AnswersSparingly, Fine]);
        let losses = [(0, 100), (18, 100), (22, 100)];
        let lossy = told(&losses, true, false);
        assert_eq!(lossy, [Fine, LossCarriesOn, LossCarriesOn]);
        // The same, but nothing behind vouches for it, or the target is too polite to.
        assert_eq!(told(&losses, false, false), [Fine, Unsure, Unsure]);
        assert_eq!(told(&losses, true, true), [Fine, Unsure, Unsure]);
        // One of ten against none of ten: the intervals overlap widely.
        assert_eq!(told(&[(1, 10), (0, 10)], true, false), [Unsure, Fine]);
        assert_eq!(told(&[(10, 10), (0, 10)], true, false), [Silent, Fine]);
        assert_eq!(told(&[(0, 10), (10, 10)], false, false), [Fine, NoAnswer]);
    }
}

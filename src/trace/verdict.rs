//! What is concluded of each hop, with the facts that it rests on, and no more than they carry.
//!
//! Every finding has a kind, the confidence that it is true, and its evidence. 95 % decides
//! ([`SURE`]); below that a hop is [`Kind::Unsure`], with what would decide. A hop may have several
//! findings; the one that a reader must know first is its main one, in the order of [`Kind`].
//!
//! The rules, each in a file of its own: `limit` and `bucket` routers that answer sparingly, `loss`
//! packets lost on the way, [`slow`] time that later hops carry on, `paths` several ways and changed
//! ones, `told` what the replies themselves say; `judge` puts them together.

use serde::Serialize;

use crate::lang::Text;

mod bucket;
mod evidence;
mod facts;
mod judge;
mod limit;
mod loss;
mod paths;
pub mod slow;
mod told;
mod words;

pub use evidence::{Advice, Evidence, Witness};
pub use facts::Facts;
pub use judge::{Begins, Judged, judge};
pub use words::percent;

/// The confidence from which a finding counts.
pub const SURE: f64 = 0.95;

/// The most that is told of any confidence: beyond that the model itself is the doubt.
const SUREST: f64 = 1.0 - 1e-9;

/// The confidence that remains when something has `chance` of being otherwise.
pub(super) fn confidence(chance: f64) -> f64 {
    (1.0 - chance).min(SUREST)
}

/// What can be found of a hop. The first in this order is the main finding: first what hurts, then
/// what explains the figures, then what is merely so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A device refuses to pass the packets on, and says so with the ICMP code in evidence.
    Filtered,
    /// Packets to this hop are lost: the loss carries on to the hops behind and the target.
    Lossy,
    /// The way gets long here: the hops behind carry the rise.
    Slow,
    /// The next link takes smaller packets only.
    Mtu,
    /// Another router answers from some moment on.
    Changed,
    /// Nothing was answered here nor behind.
    NoAnswer,
    /// Some probes are unanswered, or two routers answered, and the facts do not say why.
    Unsure,
    /// The router answers sparingly; packets pass.
    RateLimited,
    /// Nothing was answered here, but something behind answers: packets pass.
    Silent,
    /// Addresses or ports are rewritten on the way.
    Translated,
    /// Several routers stand at this distance, side by side.
    LoadBalanced,
    /// Nothing to say.
    Ok,
}

impl Kind {
    /// All, in the order of precedence.
    pub const ALL: [Kind; 12] = [
        Kind::Filtered,
        Kind::Lossy,
        Kind::Slow,
        Kind::Mtu,
        Kind::Changed,
        Kind::NoAnswer,
        Kind::Unsure,
        Kind::RateLimited,
        Kind::Silent,
        Kind::Translated,
        Kind::LoadBalanced,
        Kind::Ok,
    ];

    /// The stable name, as in data.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Filtered => "filtered",
            Kind::Lossy => "lossy",
            Kind::Slow => "slow",
            Kind::Mtu => "mtu",
            Kind::Changed => "changed",
            Kind::NoAnswer => "no-answer",
            Kind::Unsure => "unsure",
            Kind::RateLimited => "rate-limited",
            Kind::Silent => "silent",
            Kind::Translated => "translated",
            Kind::LoadBalanced => "load-balanced",
            Kind::Ok => "ok",
        }
    }

    /// In words, for a table.
    pub fn text(self) -> Text {
        words::kind(self)
    }
}

/// One thing found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// The probability that it is so, 0 to 1; `None` where a reply says it outright.
    pub confidence: Option<f64>,
    /// The facts that it rests on.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// A finding that needs no inference.
    fn plain(kind: Kind, evidence: Vec<Evidence>) -> Finding {
        Finding {
            kind,
            confidence: None,
            evidence,
        }
    }
}

/// All that is found of one hop.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What a reader must know first.
    pub main: Finding,
    /// The rest, by precedence.
    pub also: Vec<Finding>,
}

impl Verdict {
    /// Of findings in any order; of none, that there is nothing to say.
    fn of(mut findings: Vec<Finding>) -> Verdict {
        findings.sort_by_key(|finding| finding.kind);
        let mut findings = findings.into_iter();
        let nothing = || Finding::plain(Kind::Ok, Vec::new());
        Verdict {
            main: findings.next().unwrap_or_else(nothing),
            also: findings.collect(),
        }
    }

    /// The kind of the main finding.
    pub fn kind(&self) -> Kind {
        self.main.kind
    }

    /// All findings, the main one first.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        std::iter::once(&self.main).chain(&self.also)
    }

    /// The finding of a kind, main or not.
    pub fn finding(&self, kind: Kind) -> Option<&Finding> {
        self.findings().find(|finding| finding.kind == kind)
    }
}

#[cfg(test)]
mod tests;

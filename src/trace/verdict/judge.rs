//! Puts the rules together: every hop's findings from the facts of the run.

use std::time::Duration;

use super::facts::Facts;
use super::limit::{Limited, limited};
use super::loss::{Lossy, Sample, begun, until};
use super::slow::{self, LEAST_RISE, Rise};
use super::{Advice, Evidence, Finding, Kind, SURE, Verdict, Witness, confidence, paths, told};
use crate::probe::{Answer, Arrival};
use crate::trace::Ended;
use crate::trace::stats::Hop;

/// Sends closer together than this ask a router for more than the usual answer a second.
const USUAL_GAP: Duration = Duration::from_millis(950);

/// Where loss begins on the way: a distance on either side, with the probability that it is on that
/// side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Begins {
    /// The last hop that is surely before it.
    pub after: Option<(u8, f64)>,
    /// The first hop that is surely behind it; `None`: the end of the path alone is.
    pub by: Option<(u8, f64)>,
}

/// What is concluded of a run, hop by hop.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The verdict on each hop.
    pub verdicts: Vec<Verdict>,
    /// For each hop, the probability that packets are lost on the way to it; `None` where the end
    /// of the path does not tell.
    pub lossy: Option<Vec<f64>>,
    /// Where loss begins, where packets are lost.
    pub begins: Option<Begins>,
    /// How the way gets longer, for each hop that was timed.
    pub rises: Vec<Rise>,
}

/// Judges a run. Probes that were answered, if nobody could tell which of them, are left out.
pub fn judge(facts: &Facts) -> Judged {
    let told: Vec<Hop> = facts
        .hops
        .iter()
        .map(|hop| {
            let mut hop = hop.clone();
            let untold = facts.untold(&hop);
            hop.stats.lost -= untold;
            hop.stats.sent -= untold;
            hop
        })
        .collect();
    let untold: Vec<u64> = facts.hops.iter().map(|hop| facts.untold(hop)).collect();
    let mut judged = judge_told(&Facts {
        hops: &told,
        ..*facts
    });
    for (verdict, count) in judged.verdicts.iter_mut().zip(untold) {
        if count > 0 {
            let fact = Evidence::QuotesTooLittle { count };
            verdict.main.evidence.push(fact);
        }
    }
    judged
}

/// Judges a run in which every answer says which probe it is to.
fn judge_told(facts: &Facts) -> Judged {
    let limits: Vec<Option<Limited>> = facts.hops.iter().map(|hop| facts.limited(hop)).collect();
    let lossy = facts.lossy(&limits);
    let rises = slow::rises(facts.trace, facts.hops, facts.planned);
    let verdicts = facts.hops.iter().enumerate().map(|(at, hop)| {
        let limited = limits.get(at).and_then(Option::as_ref);
        let rise = rises.iter().find(|rise| rise.distance == hop.distance);
        facts.verdict(at, hop, limited, lossy.as_ref(), rise)
    });
    let verdicts = verdicts.collect();
    let sure = lossy.as_ref().filter(|lossy| lossy.shared <= 1.0 - SURE);
    Judged {
        verdicts,
        begins: sure.map(|lossy| facts.begins(&lossy.until)),
        lossy: lossy.map(|lossy| lossy.until),
        rises,
    }
}

/// Whether a target shows arrivals by ICMP errors, of which hosts send only so many.
fn sends_errors(target: &Hop) -> bool {
    let mut answers = target.responders.iter().map(|own| own.answer);
    answers.any(|answer| answer == Answer::Arrived(Arrival::PortClosed))
}

impl Facts<'_> {
    /// Whether the only witness at the end of the path is a target that answers by ICMP errors. Others
    /// who ask from here spend its answers, as those of any router: what it alone leaves unanswered
    /// proves nothing.
    fn vouches_sparingly(&self) -> bool {
        let target = self.fair_target();
        let mut hops = self.hops.iter();
        let target = hops.find(|hop| Some(hop.distance) == target);
        target.is_some_and(sends_errors)
    }

    fn limited(&self, hop: &Hop) -> Option<Limited> {
        let asked = hop.stats.heard() && hop.stats.lost > 0 && !self.overflowed();
        asked.then(|| {
            let (end, later) = (self.end(hop.distance), self.later(hop.distance));
            limited(hop, end, &later, &self.asks(hop))
        })
    }

    /// Whether answers were lost here, so that nothing follows from those that are missing.
    fn overflowed(&self) -> bool {
        self.trace.troubles.overflowed > 0
    }

    /// The probability for each hop that packets are lost on the way to it.
    fn lossy(&self, limits: &[Option<Limited>]) -> Option<Lossy> {
        if self.overflowed() {
            return None;
        }
        let service = self.heard_service();
        let last = self.hops.last()?.distance;
        let hops = self
            .hops
            .iter()
            .zip(limits)
            .filter(|(hop, _)| hop.stats.heard());
        let samples = hops.filter_map(|(hop, limited)| {
            let target = Some(hop.distance) == self.trace.reached;
            let accounted = limited.as_ref().map_or(0, |limited| {
                let sure = limited.accounted.filter(|_| limited.sure());
                // A first sweep that overshot the target has spent its ICMP errors, or others had.
                let excuse = if target && sends_errors(hop) {
                    limited.excused
                } else {
                    0
                };
                sure.unwrap_or(excuse)
            });
            Some(Sample {
                distance: hop.distance,
                lost: hop.stats.lost.checked_sub(accounted)?,
                sent: hop.stats.sent.checked_sub(accounted)?,
                fair: Some(hop.distance) == self.fair_target(),
            })
        });
        let service = service.map(|service| Sample {
            distance: last.saturating_add(1),
            lost: service.stats.lost,
            sent: service.stats.sent,
            fair: true,
        });
        let samples: Vec<Sample> = samples.chain(service).collect();
        let alone = samples.iter().all(|sample| sample.fair || sample.lost == 0);
        if alone && self.vouches_sparingly() {
            return None;
        }
        let first = self.trace.first;
        let begun = begun(&samples, first, self.vouches_sparingly())?;
        let until = |hop: &Hop| until(&samples, &begun.until, first, hop.distance);
        Some(Lossy {
            until: self.hops.iter().map(until).collect(),
            ..begun
        })
    }

    fn verdict(
        &self,
        at: usize,
        hop: &Hop,
        limited: Option<&Limited>,
        lossy: Option<&Lossy>,
        rise: Option<&Rise>,
    ) -> Verdict {
        let stats = &hop.stats;
        let unanswered = stats.loss_interval().map(|interval| Evidence::Unanswered {
            lost: stats.lost,
            sent: stats.sent,
            low: interval.low,
            high: interval.high,
        });
        let unanswered: Vec<Evidence> = unanswered.into_iter().collect();
        if !stats.heard() {
            return Verdict::of(vec![self.unheard(hop, unanswered)]);
        }
        let before = self.hops.get(..at).unwrap_or_default();
        let reached = self.trace.reached;
        let mut findings = vec![
            told::filtered(self.trace, hop),
            told::mtu(hop),
            told::translated(hop, before, self.address, reached),
            told::remarked(hop, before, self.tos),
            paths::paths(self.trace, hop, self.changes, self.flows_kept),
            rise.and_then(Rise::finding),
        ];
        if let Some(limited) = limited {
            findings.extend(self.loss(at, hop, limited, lossy, &unanswered));
        }
        if self.overflowed() && stats.lost > 0 {
            let packets = self.trace.troubles.overflowed;
            let own = Evidence::OwnOverflow { packets };
            let evidence = unanswered.iter().cloned().chain([own]);
            findings.push(Some(Finding::plain(Kind::Unsure, evidence.collect())));
        }
        let mut findings: Vec<Finding> = findings.into_iter().flatten().collect();
        if findings.is_empty() {
            findings.push(Finding::plain(Kind::Ok, unanswered));
        }
        let mut verdict = Verdict::of(findings);
        let times = stats.times.as_ref();
        if let (Some(times), Some(rise)) = (times, rise)
            && times.p50.saturating_sub(rise.carried) >= LEAST_RISE
        {
            verdict.main.evidence.push(Evidence::SlowToAnswer {
                p50: times.p50,
                carried: rise.carried,
            });
        }
        verdict
    }

    /// What is said of a hop that never answered.
    fn unheard(&self, hop: &Hop, unanswered: Vec<Evidence>) -> Finding {
        if hop.stats.sent == 0 {
            let how = Advice::MoreProbes;
            return Finding::plain(Kind::Unsure, vec![Evidence::WouldDecide { how }]);
        }
        let end = self.end(hop.distance).into_iter();
        let behind = end.chain(self.later(hop.distance));
        let witnesses: Vec<Witness> = behind.map(|behind| behind.by).collect();
        let Some(by) = witnesses.first().copied() else {
            return Finding::plain(Kind::NoAnswer, unanswered);
        };
        let mut evidence = vec![Evidence::PassesTo { by }];
        if self.trace.reached.is_none() && witnesses == [Witness::Service] {
            evidence.push(Evidence::MayBeTarget);
        }
        Finding::plain(Kind::Silent, evidence)
    }

    /// What the unanswered probes of a hop that answers mean.
    fn loss(
        &self,
        at: usize,
        hop: &Hop,
        limited: &Limited,
        lossy: Option<&Lossy>,
        unanswered: &[Evidence],
    ) -> [Option<Finding>; 2] {
        let end = self.end(hop.distance).filter(|end| end.lost > 0);
        let shared = lossy.map_or(0.0, |lossy| lossy.shared);
        let lossy = lossy.map(|lossy| lossy.until.as_slice());
        let loss = lossy.and_then(|lossy| lossy.get(at)).copied();
        let loss = loss.unwrap_or(0.0);
        // Beside loss, a limit must be the surer of the two: one witness behind may have been lucky.
        let surer = loss < SURE || limited.accounted.is_some() || limited.confidence() >= loss;
        let limit = (limited.sure() && surer).then(|| Finding {
            kind: Kind::RateLimited,
            confidence: Some(limited.confidence()),
            evidence: [unanswered, &limited.evidence].concat(),
        });
        let lossy = lossy.filter(|_| loss >= SURE).map(|lossy| {
            let mut evidence = unanswered.to_vec();
            let begins = self.begins(lossy);
            evidence.push(Evidence::LossBegins {
                after: begins.after.map(|(distance, _)| distance),
                by: begins.by.map_or(hop.distance, |(distance, _)| distance),
            });
            evidence.extend(end.map(|end| Evidence::EndLoses {
                by: end.by,
                lost: end.lost,
                sent: end.sent,
            }));
            evidence.push(Evidence::DirectionUnknown);
            Finding {
                kind: Kind::Lossy,
                confidence: Some(loss),
                evidence,
            }
        });
        if limit.is_some() || lossy.is_some() {
            return [lossy, limit];
        }
        let mut evidence = unanswered.to_vec();
        evidence.extend(limited.evidence.iter().cloned());
        evidence.push(Evidence::Between {
            limit: limited.confidence(),
            loss,
        });
        if shared > 1.0 - SURE {
            evidence.push(Evidence::SharedLimit { chance: shared });
        }
        let advice = self.advice(hop).into_iter();
        evidence.extend(advice.map(|how| Evidence::WouldDecide { how }));
        [Some(Finding::plain(Kind::Unsure, evidence)), None]
    }

    /// Between which hops loss begins, with the confidence that counts on both sides.
    fn begins(&self, lossy: &[f64]) -> Begins {
        let hops = || self.hops.iter().zip(lossy);
        let mut before = hops().filter(|(hop, loss)| hop.stats.heard() && **loss < 1.0 - SURE);
        let mut behind = hops().filter(|(_, loss)| **loss >= SURE);
        Begins {
            after: before
                .next_back()
                .map(|(hop, loss)| (hop.distance, confidence(*loss))),
            by: behind.next().map(|(hop, loss)| (hop.distance, *loss)),
        }
    }

    /// What would decide about unanswered probes of a hop.
    fn advice(&self, hop: &Hop) -> Vec<Advice> {
        let own = |ended: &&Ended| ended.probe.distance == hop.distance && !ended.probe.service;
        let own = self.trace.ended.iter().filter(own);
        let sent: Vec<_> = own.filter_map(|ended| ended.sent).collect();
        let gaps = sent
            .windows(2)
            .filter_map(|pair| Some(pair.last()?.since(*pair.first()?)));
        let hurried = gaps.min().is_some_and(|gap| gap < USUAL_GAP);
        let fair = self.end(0).is_some();
        let service = self.heard_service().is_some();
        let all = [
            (
                self.trace.reached.is_none() && !service,
                Advice::ReachTarget,
            ),
            (hurried, Advice::AskSlower),
            (!service, Advice::AskService),
            (fair, Advice::MoreProbes),
        ];
        all.into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, how)| how)
            .collect()
    }
}

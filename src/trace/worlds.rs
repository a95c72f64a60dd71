//! Facts of modelled paths for tests: what a run would have seen, reckoned without engine or network.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::plan::{Expected, Holder, Plan};
use super::report::{About, MethodUsed, Report};
use super::{Answer, Ended, Fate, Response, Stamp, Trace};
use crate::lang::Text;
use crate::prefix::{Prefix, Table};
use crate::probe::fake::{FakeLink, stand_in};
use crate::probe::{Arrival, Detail, Flow, Probe, Sequence, Target, Troubles};
use crate::units::{Fraction, Moment, Seconds};

/// The address with this last part.
pub(crate) fn address(part: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, part])
}

/// One step of a path: a link and the router at its end.
#[derive(Clone)]
pub(crate) struct Stop {
    /// Who answers, by flow, round and a random number.
    pub(crate) who: fn(u16, u32, u64) -> u8,
    /// One way over the link, and up to how much more at random.
    pub(crate) delay: Duration,
    pub(crate) jitter: Duration,
    /// What the router itself takes to answer.
    pub(crate) slow: Duration,
    /// Lost on the link, on each way.
    pub(crate) out: f64,
    pub(crate) back: f64,
    /// Answers: one earned in so many ms, so many saved.
    pub(crate) limit: Option<(u64, u64)>,
    pub(crate) silent: bool,
    /// What it says; the target's arrival otherwise.
    pub(crate) answer: Answer,
    pub(crate) detail: Option<Detail>,
}

/// A path and how it is asked.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) stops: Vec<Stop>,
    pub(crate) rounds: u32,
    pub(crate) interval: Duration,
    pub(crate) flows: u16,
    /// Probes of the first round beyond the target.
    pub(crate) overshoot: u8,
    pub(crate) service: bool,
    pub(crate) target_limited: bool,
    /// How likely another program of this host asks a router between two of our probes.
    pub(crate) others: f64,
    /// The length in each round.
    pub(crate) length: fn(u32) -> Option<u8>,
    pub(crate) seed: u64,
}

/// A path of `length` hops at addresses 1, 2, …, 1 ms apart, asked `rounds` times, once in `ms`.
pub(crate) fn path(length: u8, rounds: u32, ms: u64) -> World {
    // A function pointer cannot hold the distance: addresses are put in by it.
    let stop = Stop {
        who: |_, _, _| 0,
        delay: Duration::from_millis(1),
        jitter: Duration::from_micros(100),
        slow: Duration::ZERO,
        out: 0.0,
        back: 0.0,
        limit: None,
        silent: false,
        answer: Answer::Passed,
        detail: None,
    };
    World {
        stops: vec![stop; length.into()],
        rounds,
        interval: Duration::from_millis(ms),
        flows: 1,
        overshoot: 0,
        service: false,
        target_limited: false,
        others: 0.0,
        length: |_| None,
        seed: 1,
    }
}

/// A token bucket in whole milliseconds.
#[derive(Clone, Copy)]
struct Bucket {
    saved: u64,
    last: u64,
}

/// From 0 to 1.
fn unit(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

impl Bucket {
    /// Whether it has an answer, which is spent then.
    fn ask(&mut self, now: u64, every: u64, burst: u64) -> bool {
        self.saved = (every * burst).min(self.saved + now - self.last);
        self.last = now;
        let answers = self.saved >= every;
        self.saved -= if answers { every } else { 0 };
        answers
    }
}

impl World {
    /// The hop at a distance from 1.
    pub(crate) fn at(&mut self, distance: u8) -> &mut Stop {
        &mut self.stops[usize::from(distance) - 1]
    }

    /// Lets every router answer as Linux does, target included.
    pub(crate) fn linux_limits(mut self) -> World {
        for stop in &mut self.stops {
            stop.limit = Some((1000, 6));
        }
        self
    }

    /// The facts of a run.
    pub(crate) fn trace(&self) -> Trace {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        // What another program draws moves no number of ours.
        let mut theirs = ChaCha8Rng::seed_from_u64(!self.seed);
        let mut buckets = self.buckets(&mut theirs);
        let mut ended = Vec::new();
        let whole = u8::try_from(self.stops.len()).unwrap();
        for round in 0..self.rounds {
            let start = u64::from(round) * u64::try_from(self.interval.as_millis()).unwrap();
            let length = (self.length)(round).unwrap_or(whole);
            let beyond = if round == 0 { self.overshoot } else { 0 };
            let service = self.service.then_some(u8::MAX);
            self.let_others_ask(start, &mut buckets, &mut theirs);
            for distance in (1..=length + beyond).chain(service) {
                let probe = Probe {
                    target: Target::default(),
                    sequence: Sequence(ended.len() as u32),
                    distance,
                    flow: Flow(u16::try_from(round % u32::from(self.flows)).unwrap()),
                    size: 0,
                    service: distance == u8::MAX,
                };
                let fate = self.fate(probe, round, start, length, &mut buckets, &mut random);
                ended.push(Ended {
                    probe,
                    round,
                    sent: Some(Moment(start * 1_000_000)),
                    fate,
                    duplicates: 0,
                });
            }
        }
        facts(ended, Some((self.length)(self.rounds - 1).unwrap_or(whole)))
    }

    /// What the routers have saved up, where another program has spent a part of it before.
    fn buckets(&self, theirs: &mut ChaCha8Rng) -> Vec<Option<Bucket>> {
        let spent = unit(theirs);
        let bucket = |stop: &Stop| {
            let (every, burst) = stop.limit.filter(|_| self.others > 0.0)?;
            let saved = every * burst - (spent * every as f64) as u64;
            Some(Bucket { saved, last: 0 })
        };
        self.stops.iter().map(bucket).collect()
    }

    /// Another program sweeps half an interval before `start`, as precisely as programs do.
    fn let_others_ask(&self, start: u64, buckets: &mut [Option<Bucket>], theirs: &mut ChaCha8Rng) {
        let half = u64::try_from(self.interval.as_millis()).unwrap() / 2;
        let Some(sweep) = start
            .checked_sub(half)
            .filter(|_| unit(theirs) < self.others)
        else {
            return;
        };
        for (stop, bucket) in self.stops.iter().zip(buckets) {
            if let (Some((every, burst)), Some(bucket)) = (stop.limit, bucket) {
                let at = sweep + (unit(theirs) * 8.0) as u64;
                bucket.ask(at, every, burst);
            }
        }
    }

    fn fate(
        &self,
        probe: Probe,
        round: u32,
        now: u64,
        length: u8,
        buckets: &mut [Option<Bucket>],
        random: &mut ChaCha8Rng,
    ) -> Fate {
        let mut unit = || unit(random);
        let distance = probe.distance.min(length);
        let at_target = distance == length;
        // A path that is shorter than the world ends in its last stop all the same.
        let last = usize::from(distance) - 1;
        let stop = match at_target {
            true => self.stops.last().unwrap(),
            false => &self.stops[last],
        };
        let passed = &self.stops[..=last];
        let mut took = stop.slow;
        let (mut arrives, mut returns) = (true, true);
        for link in passed {
            // Every link draws, so that one link's loss does not move the numbers of others.
            arrives &= unit() >= link.out;
            returns &= unit() >= link.back;
            took += link.delay * 2 + link.jitter.mul_f64(unit());
        }
        let draw = (unit() * f64::from(u32::MAX)) as u64;
        if !arrives || (stop.silent && !probe.service) {
            return Fate::Lost;
        }
        if let (Some((every, burst)), false) = (stop.limit, probe.service) {
            let at = if at_target {
                self.stops.len() - 1
            } else {
                last
            };
            let bucket = buckets[at].get_or_insert(Bucket {
                saved: every * burst,
                last: now,
            });
            if !bucket.ask(now, every, burst) {
                return Fate::Lost;
            }
        }
        if !returns {
            return Fate::Lost;
        }
        let who = match (stop.who)(probe.flow.0, round, draw) {
            0 if at_target => u8::try_from(self.stops.len()).unwrap(),
            0 => distance,
            who => who,
        };
        let answer = match (probe.service, at_target, stop.answer) {
            (true, ..) => Answer::Arrived(Arrival::Connected),
            (_, true, Answer::Passed) => Answer::Arrived(Arrival::PortClosed),
            (.., answer) => answer,
        };
        let responder = match probe.service {
            true => address(u8::try_from(self.stops.len()).unwrap()),
            false => address(who),
        };
        Fate::Answered(Response {
            responder,
            answer,
            round_trip: took,
            stamp: Stamp::Kernel,
            detail: stop.detail.clone().map(Box::new),
        })
    }

    /// The report of a run to the last stop.
    pub(crate) fn report(&self) -> Report {
        self.told(None)
    }

    /// The same, compared with a plan in which hop 2 has another address.
    pub(crate) fn planned(&self) -> Report {
        self.told(Some(self.plan()))
    }

    fn told(&self, plan: Option<Plan>) -> Report {
        let target = address(u8::try_from(self.stops.len()).unwrap());
        let about = About {
            target_limited: self.target_limited,
            ..about(target, self.rounds)
        };
        Report::new(about, self.trace(), plan)
    }

    /// The world as it is meant to be: nodes n1, n2, … of owners a and b, links of c and d.
    pub(crate) fn plan(&self) -> Plan {
        let node = |(at, stop): (usize, &Stop)| {
            let (number, half) = (at as u32 + 1, at * 2 < self.stops.len());
            let owner = |near: &str, far: &str| {
                let name = if half { near } else { far };
                Text::new(format!("{name} 方"), format!("owner {name}"))
            };
            Expected {
                id: format!("n{number}"),
                number: Some(number),
                name: Text::new(format!("节点{number}"), format!("node {number}")),
                owner: owner("a", "b"),
                addresses: vec![match at {
                    1 => address(202),
                    _ => address(at as u8 + 1),
                }],
                networks: Vec::new(),
                port: None,
                dns: None,
                silent: stop.silent,
                link: FakeLink {
                    delay: Seconds(stop.delay.as_secs_f64()),
                    jitter: Seconds(stop.jitter.as_secs_f64()),
                    loss: Fraction(0.0),
                },
                link_owner: owner("c", "d"),
                lab_address: stand_in(at),
            }
        };
        let hops = self.stops.iter().enumerate().map(node);
        plan(Text::new("去", "there"), hops.collect())
    }
}

/// The plan of these hops, without side loops and without anybody off it.
pub(crate) fn plan(name: Text, hops: Vec<Expected>) -> Plan {
    let holder = |node: &Expected| Holder {
        id: node.id.clone(),
        number: node.number,
        name: node.name.clone(),
        owner: node.owner.clone(),
    };
    let holders = hops.iter().flat_map(|node| {
        let single = node.addresses.iter().copied().map(Prefix::from);
        let all = single.chain(node.networks.iter().copied());
        all.map(move |own| (own, holder(node)))
    });
    Plan {
        journey: name.en.clone(),
        name,
        loops: Vec::new(),
        holders: Arc::new(Table::new(holders.collect())),
        hops,
    }
}

/// Facts of a run from its probes.
pub(crate) fn facts(ended: Vec<Ended>, reached: Option<u8>) -> Trace {
    Trace {
        forgotten: 0,
        ended,
        first: 1,
        reached,
        first_sweep: Some(Duration::from_millis(20)),
        took: Duration::from_secs(1),
        unmatched: 0,
        untold: Vec::new(),
        troubles: Troubles::default(),
    }
}

/// What is known of a test's run.
pub(crate) fn about(address: IpAddr, rounds: u32) -> About {
    About {
        source: "here".to_string(),
        target: address.to_string(),
        address,
        start: "2026-11-27T12:00:00+0800".to_string(),
        cycles: rounds,
        size: 64,
        tos: 0,
        method: MethodUsed {
            name: "udp",
            port: Some(33434),
            what: Text::same("udp"),
            others: Vec::new(),
            sees_hops: true,
            sees_quotes: false,
        },
        simulated: false,
        target_limited: false,
        flows_kept: true,
        service: None,
    }
}

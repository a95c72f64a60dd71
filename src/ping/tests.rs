//! Runs over a network of scripted targets, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::{pending, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::event::What;
use super::record::Standing;
use super::settings::{Mode, Settings};
use super::*;
use crate::lang::Text;
use crate::probe::{Answer, Arrival, Probe, Reply, Sequence, Stamp, Target, Troubles};
use crate::units::Moment;

mod counting;
mod turns;
mod waiting;

const ECHO: Answer = Answer::Arrived(Arrival::Echo);
const HOST_UNREACHABLE: Answer = Answer::Unreachable { kind: 3, code: 1 };

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn at(milliseconds: u64) -> Moment {
    Moment::default() + ms(milliseconds)
}

/// What a target does with a probe: after how long it says what. `None` keeps it from leaving.
type Script = dyn Fn(u32, u32) -> Option<Vec<(Duration, Answer)>>;

/// Answers by a script; notes what was sent when.
struct Scripted {
    script: Box<Script>,
    now: Moment,
    /// How long this process is put aside when it next waits after so many probes.
    stall: Duration,
    stall_after: usize,
    coming: BinaryHeap<Reverse<(Moment, u32, u32, bool)>>,
    sent: Vec<(Moment, u32)>,
}

fn network(script: impl Fn(u32, u32) -> Option<Vec<(Duration, Answer)>> + 'static) -> Scripted {
    Scripted {
        script: Box::new(script),
        now: Moment::default(),
        stall: Duration::ZERO,
        stall_after: 0,
        coming: BinaryHeap::new(),
        sent: Vec::new(),
    }
}

impl Network for Scripted {
    fn now(&self) -> Moment {
        self.now
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        let (Target(target), Sequence(sequence)) = probe.id();
        let said = (self.script)(target, sequence).ok_or(Text::same("no route"))?;
        for (delay, answer) in said {
            let reply = (self.now + delay, target, sequence, answer == ECHO);
            self.coming.push(Reverse(reply));
        }
        self.sent.push((self.now, target));
        Ok(self.now)
    }

    fn receive(&mut self, until: Moment) -> impl Future<Output = Result<Option<Reply>, Error>> {
        if self.sent.len() >= self.stall_after {
            self.now = self.now + std::mem::take(&mut self.stall);
        }
        let due = self.coming.peek().map(|Reverse(next)| next.0);
        if due.is_none_or(|due| due > until.max(self.now)) {
            self.now = self.now.max(until);
            return ready(Ok(None));
        }
        let reply = self
            .coming
            .pop()
            .map(|Reverse((when, target, sequence, echo))| {
                self.now = self.now.max(when);
                let answer = if echo { ECHO } else { HOST_UNREACHABLE };
                let probe = Some((Target(target), Sequence(sequence)));
                Reply::plain(probe, address(target), answer, (when, Stamp::Model))
            });
        ready(Ok(reply))
    }

    fn troubles(&self) -> Troubles {
        Troubles::default()
    }
}

fn address(target: u32) -> IpAddr {
    let [.., a, b] = target.to_be_bytes();
    Ipv4Addr::new(192, 0, a, b).into()
}

/// Notes what it sees.
#[derive(Default)]
struct Noted {
    events: Vec<Event>,
    /// Attempted and received of the first target in each interval.
    intervals: Vec<(u64, u64)>,
    /// How many events had come about when of every target something was known.
    known: Option<usize>,
    /// Stops the run when this many events have come about.
    enough: Option<usize>,
}

impl Watch for Noted {
    fn event(&mut self, _: &Pinger, event: &Event) {
        self.events.push(event.clone());
    }

    fn known(&mut self, _: &Pinger) {
        assert_eq!(self.known.replace(self.events.len()), None);
    }

    fn interval(&mut self, pinger: &Pinger) {
        let span = pinger.records()[0].interval();
        self.intervals.push((span.attempted, span.received));
    }

    fn status(&mut self, _: &Pinger) {}

    fn shown(&mut self) -> Result<(), Error> {
        Ok(())
    }

    async fn requested(&mut self) -> Request {
        match self.enough {
            Some(enough) if self.events.len() >= enough => Request::Stop,
            _ => pending().await,
        }
    }
}

fn counting(count: u32) -> Settings {
    Settings {
        mode: Mode::Count(count),
        period: ms(100),
        gap: ms(10),
        patience: ms(500),
        distance: 64,
        keep: true,
        report_every: None,
    }
}

fn asking(retries: u32) -> Settings {
    Settings {
        mode: Mode::Alive {
            retries,
            backoff: 1.5,
        },
        ..counting(0)
    }
}

fn watched(
    settings: Settings,
    targets: usize,
    network: &mut Scripted,
    noted: &mut Noted,
) -> Pinger {
    let mut pinger = Pinger::new(settings, vec![0; targets]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(run(&mut pinger, network, noted)).unwrap();
    pinger
}

fn ran(settings: Settings, targets: usize, network: &mut Scripted) -> (Pinger, Vec<Event>) {
    let mut noted = Noted::default();
    let pinger = watched(settings, targets, network, &mut noted);
    (pinger, noted.events)
}

fn after(delay: Duration) -> Option<Vec<(Duration, Answer)>> {
    Some(vec![(delay, ECHO)])
}

fn counts(pinger: &Pinger, target: usize) -> (u64, u64, u64, u64) {
    let total = pinger.records()[target].total;
    (total.answered, total.late, total.lost, total.unsent)
}

//! The loop: probes out, replies, keys and signals in, a picture now and then.

use std::future::pending;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Zoned};

use super::figures::settled;
use super::pace::Pace;
use super::painter::{Done, Job, Painter};
use super::state::{Action, Shape, State};
use super::terminal::{Asked, Keyboard, Screen, Signals};
use crate::error::Error;
use crate::lang::{Lang, Text};
use crate::probe::names::Server;
use crate::probe::{Network, Target};
use crate::text;
use crate::trace::fleet::Fleet;
use crate::trace::plan::Plan;
use crate::trace::report::{About, Report};
use crate::units::Moment;
use easel::{Easel, broken};
use names::Names;

mod easel;
mod names;

/// Rounds that are remembered of all targets together: half an hour of one path at one sweep a
/// second. Figures of many more would take over a hundredth of a processor, or be seconds out of date.
const ROUNDS: usize = 2000;

/// Rounds that are remembered of each target at the least.
const FEWEST: usize = 100;

/// Facts of targets that are not shown, after which the rest of them wait for the next picture.
const BATCH: usize = 5000;

/// How long nothing happens while the run is paused, unless something does.
const PAUSE: Duration = Duration::from_secs(3600);

/// `SIGHUP`: the terminal is gone.
const HANGUP: i32 = 1;

/// A target, as far as its facts do not tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// What is known of its run. When it began, how many cycles there were and whether the target was
    /// asked too often is reckoned anew, from what is remembered.
    pub about: About,
    /// The path as it is meant to be.
    pub plan: Option<Plan>,
    /// Whether it answers by ICMP errors, which hosts send sparingly.
    pub sparing: bool,
}

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The language of everything.
    pub lang: Lang,
    /// Whether colours are used.
    pub colour: bool,
    /// Whether name servers are asked for names from the start.
    pub names: bool,
    /// Who is asked for names.
    pub server: Server,
    /// Time between the starts of two sweeps.
    pub interval: Duration,
    /// How long a probe is not yet lost.
    pub patience: Duration,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// The report of each target, of the rounds that are remembered.
    pub reports: Vec<Report>,
    /// The signal that asked for the end, if it was not a key.
    pub signal: Option<i32>,
}

/// How many rounds a run of `targets` without end should remember
/// ([`Settings::keep`](crate::trace::engine::Settings::keep)).
pub fn keep(targets: usize) -> u32 {
    let rounds = (ROUNDS / targets.max(1)).max(FEWEST);
    u32::try_from(rounds).unwrap_or(u32::MAX)
}

/// Shows `fleet` at work over `network` until a key or a signal ends it, or it ends itself. Standard
/// input and output must be terminals; they are given back before it returns, whatever it returns.
/// Must be called inside a tokio runtime with all of its drivers. Signals that end a process
/// (interrupt, terminate, hangup) are the caller's to look at afterwards: they no longer do so.
pub async fn run<N: Network>(
    fleet: &mut Fleet,
    network: &mut N,
    subjects: Vec<Subject>,
    options: Options,
) -> Result<Ended, Error> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Error::Argument(Text::new(
            "实时视图要求标准输入和输出都是终端；要写入文件或管道，请用报告",
            "the live view needs terminals at standard input and output; for a file or a pipe, use \
             a report",
        )));
    }
    let simulated = subjects.iter().any(|subject| subject.about.simulated);
    let keyboard = Keyboard::listen().map_err(lost)?;
    let signals = Signals::listen().map_err(lost)?;
    let since_zero = SignedDuration::try_from(network.now() - Moment::default());
    let zero = Zoned::now();
    let zero = since_zero.map_or(zero.clone(), |length| zero.saturating_sub(length));
    let targets = subjects.len();
    let screen = Screen::take().map_err(lost)?;
    let painter = Painter::new(screen, subjects, zero, (options.lang, options.colour));
    let mut live = Live {
        state: State::new(options.interval, options.names),
        shape: Shape::default(),
        pace: Pace::new(Instant::now()),
        easel: Easel::Free(Box::new(painter)),
        targets,
        turn: 0,
        patience: options.patience,
        since: Moment::default(),
        fastest: options.interval,
        may_ask_names: !simulated,
        names: Names::of(options.server),
    };
    let ended = live.drive(fleet, network, keyboard, signals).await;
    let painter = live.easel.take().await;
    let (signal, painter) = (ended?, painter?);
    let now = network.now();
    let traces = fleet.traces(now, network.troubles()).into_iter();
    let traces = traces.map(|trace| settled(trace, live.patience, live.since, now));
    let reports = painter.reports(traces.collect(), live.fastest);
    Ok(Ended { reports, signal })
}

fn lost(source: io::Error) -> Error {
    Error::System(text!(
        "终端不可用：{source}",
        "the terminal cannot be used: {source}"
    ))
}

/// Everything of a run but its network.
struct Live {
    state: State,
    shape: Shape,
    pace: Pace,
    easel: Easel,
    targets: usize,
    /// The next of the targets that are not shown to have its figures reckoned.
    turn: usize,
    patience: Duration,
    /// Facts count from here on.
    since: Moment,
    fastest: Duration,
    may_ask_names: bool,
    names: Names,
}

impl Live {
    /// Runs until the end; by which signal, if by one.
    async fn drive<N: Network>(
        &mut self,
        fleet: &mut Fleet,
        network: &mut N,
        mut keyboard: Keyboard,
        mut signals: Signals,
    ) -> Result<Option<i32>, Error> {
        loop {
            let mut changed = false;
            let wake = if self.state.paused {
                network.now() + PAUSE
            } else {
                fleet.send(network, &mut |_| changed = true);
                match fleet.poll_wake() {
                    Some(wake) => wake,
                    None => return Ok(None),
                }
            };
            if changed {
                self.pace.changed(Instant::now());
            }
            let due = self.pace.due().filter(|_| self.easel.is_free());
            let mut actions = Vec::new();
            tokio::select! {
                reply = network.receive(wake) => {
                    if let Some(reply) = reply? {
                        fleet.handle_reply(&reply, &mut |_| ());
                        self.pace.changed(Instant::now());
                    }
                }
                keys = keyboard.next() => {
                    let Some(keys) = keys else {
                        return Ok(Some(HANGUP));
                    };
                    let (paused, target) = (self.state.paused, self.state.target);
                    for key in keys {
                        actions.extend(self.state.press(key, &self.shape));
                    }
                    if paused && !self.state.paused {
                        fleet.reschedule(self.state.interval, network.now());
                    }
                    match target == self.state.target {
                        true => self.pace.ask(),
                        false => self.pace.ask_figures(Instant::now()),
                    }
                }
                asked = signals.next() => match asked {
                    Asked::End(signal) => return Ok(Some(signal)),
                    Asked::Resize => self.pace.ask(),
                    Asked::Continue => {
                        self.with_screen(Screen::take_again).await?;
                        fleet.reschedule(self.state.interval, network.now());
                    }
                },
                () = until(due) => self.paint(fleet, network),
                done = self.easel.done() => {
                    let done = done.map_err(broken)?;
                    if self.settle(done).is_err() {
                        return Ok(Some(HANGUP));
                    }
                }
                () = self.names.come() => self.pace.ask(),
            }
            for action in actions {
                let now = network.now();
                match action {
                    Action::Quit => return Ok(None),
                    Action::Suspend => {
                        self.with_screen(Screen::suspend).await?;
                        fleet.reschedule(self.state.interval, network.now());
                    }
                    Action::Repaint => self.with_screen(Screen::repaint).await?,
                    Action::Reset => {
                        self.since = now;
                        self.fastest = self.state.interval;
                        self.pace.ask_figures(Instant::now());
                    }
                    Action::Interval(interval) => {
                        self.fastest = self.fastest.min(interval);
                        fleet.reschedule(interval, now);
                    }
                }
            }
        }
    }

    /// Begins a picture, with new figures if it is time for them.
    fn paint<N: Network>(&mut self, fleet: &Fleet, network: &N) {
        let begin = Instant::now();
        let mut facts = Vec::new();
        if self.pace.begin(begin) {
            let (now, troubles) = (network.now(), network.troubles());
            let facts_of = |at: usize| {
                let tracer = fleet.tracer(Target(u32::try_from(at).ok()?))?;
                let trace = tracer.trace(now, troubles);
                Some((at, settled(trace, self.patience, self.since, now)))
            };
            facts.extend(facts_of(self.state.target));
            // The others take turns, as many at once as is little work.
            let mut work = 0;
            for _ in 1..self.targets {
                self.turn = (self.turn + 1) % self.targets;
                if self.turn != self.state.target {
                    facts.extend(facts_of(self.turn));
                }
                work += facts.last().map_or(0, |(_, trace)| trace.ended.len());
                if work > BATCH {
                    break;
                }
            }
        }
        self.easel.begin(Job {
            facts,
            names: self.names.take(),
            fastest: self.fastest,
            state: self.state.clone(),
        });
    }

    /// Takes back the painter and what it has to tell.
    fn settle(&mut self, done: Done) -> io::Result<()> {
        self.easel = Easel::Free(Box::new(done.painter));
        self.shape = done.shape;
        if !done.took.is_zero() {
            self.pace.took(done.took, Instant::now());
        }
        if self.state.names && self.may_ask_names {
            self.names.ask(&done.addresses);
        }
        done.written
    }

    /// Does something to the screen, once the present job is done.
    async fn with_screen(
        &mut self,
        act: impl FnOnce(&mut Screen) -> io::Result<()>,
    ) -> Result<(), Error> {
        if !self.easel.is_free() {
            let done = self.easel.done().await.map_err(broken)?;
            self.settle(done).map_err(lost)?;
        }
        if let Easel::Free(painter) = &mut self.easel {
            act(&mut painter.screen).map_err(lost)?;
        }
        self.pace.ask();
        Ok(())
    }
}

/// Waits until a moment; for ever without one.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => pending().await,
    }
}

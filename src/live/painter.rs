//! Whoever reckons the figures, draws them and writes them to the terminal, away from the probing.

use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use jiff::Zoned;

use super::draw::{Scene, draw};
use super::figures::View;
use super::run::Subject;
use super::state::{Shape, State};
use super::terminal::Screen;
use crate::lang::Lang;
use crate::trace::Trace;
use crate::trace::report::{About, Report};
use crate::units::Moment;

/// Routers and hosts commonly send one ICMP error in this time.
const ICMP_GAP: Duration = Duration::from_secs(1);

/// The form of a local time with its offset, as reports have it.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%z";

/// What is to be drawn.
#[derive(Debug)]
pub(super) struct Job {
    /// New facts of targets.
    pub(super) facts: Vec<(usize, Trace)>,
    /// New names.
    pub(super) names: Vec<(IpAddr, String)>,
    /// The shortest interval of the sweeps that the facts are of.
    pub(super) fastest: Duration,
    /// What is shown.
    pub(super) state: State,
}

/// What became of it.
#[derive(Debug)]
pub(super) struct Done {
    /// For the next job.
    pub(super) painter: Painter,
    /// What keys move among.
    pub(super) shape: Shape,
    /// Addresses on the path shown.
    pub(super) addresses: Vec<IpAddr>,
    /// How long reckoning and drawing took; 0 without new facts.
    pub(super) took: Duration,
    /// Whether the terminal took it.
    pub(super) written: io::Result<()>,
}

/// The screen and what stands on it.
#[derive(Debug)]
pub(super) struct Painter {
    pub(super) screen: Screen,
    subjects: Vec<Subject>,
    views: Vec<View>,
    names: Vec<(IpAddr, String)>,
    zero: Zoned,
    lang: Lang,
    colour: bool,
}

impl Painter {
    /// Shows nothing yet. `zero` is the time of day of moment 0.
    pub(super) fn new(
        screen: Screen,
        subjects: Vec<Subject>,
        zero: Zoned,
        (lang, colour): (Lang, bool),
    ) -> Painter {
        let empty = |subject: &Subject| {
            let (about, plan) = (subject.about.clone(), subject.plan.clone());
            View::new(about, nothing(), plan, &[])
        };
        Painter {
            screen,
            views: subjects.iter().map(empty).collect(),
            subjects,
            names: Vec::new(),
            zero,
            lang,
            colour,
        }
    }

    /// Does a job. The terminal may keep it waiting.
    pub(super) fn paint(mut self, job: Job) -> Done {
        let begin = Instant::now();
        let reckoned = !job.facts.is_empty();
        if !job.names.is_empty() {
            self.names.extend(job.names);
            for view in &mut self.views {
                view.report.names.clone_from(&self.names);
            }
        }
        for (at, trace) in job.facts {
            let about = self
                .subjects
                .get(at)
                .map(|own| own.about(&trace, job.fastest, &self.zero));
            let plan = self.subjects.get(at).and_then(|own| own.plan.clone());
            if let Some((view, about)) = self.views.get_mut(at).zip(about) {
                *view = View::new(about, trace, plan, &self.names);
            }
        }
        let took = if reckoned {
            begin.elapsed()
        } else {
            Duration::ZERO
        };
        let scene = Scene {
            views: &self.views,
            zero: &self.zero,
            lang: self.lang,
            colour: self.colour,
        };
        let written = self
            .screen
            .draw(|area, buffer| draw(&job.state, &scene, area, buffer));
        let view = self.views.get(job.state.target);
        let rows = view.map_or(&[][..], |view| &view.report.rows);
        Done {
            shape: Shape {
                targets: self.views.len(),
                distances: rows.iter().map(|row| row.hop.distance).collect(),
                focus: view.and_then(View::focus),
            },
            addresses: view.map_or_else(Vec::new, |view| view.report.addresses()),
            took,
            written,
            painter: self,
        }
    }

    /// Gives the terminal back; what is left are the reports of `traces`.
    pub(super) fn reports(self, traces: Vec<Trace>, fastest: Duration) -> Vec<Report> {
        drop(self.screen);
        let report = |(subject, trace): (Subject, Trace)| {
            let about = subject.about(&trace, fastest, &self.zero);
            let mut report = Report::new(about, trace, subject.plan);
            report.names.clone_from(&self.names);
            report
        };
        self.subjects.into_iter().zip(traces).map(report).collect()
    }
}

impl Subject {
    /// What is known of a run whose sweeps were `fastest` apart, by what it remembers.
    fn about(&self, trace: &Trace, fastest: Duration, zero: &Zoned) -> About {
        let ends = trace.ended.first().zip(trace.ended.last());
        let first = trace.ended.iter().filter_map(|ended| ended.sent).min();
        let start = first.and_then(|first| {
            let length = first - Moment::default();
            zero.checked_add(length).ok()
        });
        let start = start.map(|start| start.strftime(TIME).to_string());
        About {
            start: start.unwrap_or_else(|| self.about.start.clone()),
            cycles: ends.map_or(0, |(first, last)| last.round - first.round + 1),
            target_limited: self.sparing && fastest < ICMP_GAP,
            ..self.about.clone()
        }
    }
}

/// The facts of a run before its first.
fn nothing() -> Trace {
    Trace {
        ended: Vec::new(),
        forgotten: 0,
        first: 1,
        reached: None,
        first_sweep: None,
        took: Duration::ZERO,
        unmatched: 0,
        untold: Vec::new(),
        troubles: Default::default(),
    }
}

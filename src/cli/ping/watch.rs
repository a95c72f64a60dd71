//! The keyboard and the screen of a run: signals in, lines out.

use std::io::{IsTerminal, Write};
use std::time::{Duration, SystemTime};

use super::super::Context;
use super::PingArgs;
use crate::error::Error;
use crate::ping::about::About;
use crate::ping::event::Event;
use crate::ping::pinger::Pinger;
use crate::ping::settings::Mode;
use crate::ping::{Request, Watch};
use crate::probe::Troubles;
use crate::report::ping::{Output, View, data, lines, netdata, summary};
use crate::units::Moment;

/// A run that someone watches.
pub(super) struct Watched<'a> {
    args: &'a PingArgs,
    context: &'a Context,
    view: View<'a>,
    output: Output,
    /// The wall clock at moment 0.
    epoch: Duration,
    /// Whether Netdata has been told of its charts.
    declared: bool,
    signals: Signals,
}

impl<'a> Watched<'a> {
    /// Watches from now on.
    pub(super) fn new(
        args: &'a PingArgs,
        context: &'a Context,
        about: &'a About,
        now: Moment,
    ) -> Result<Watched<'a>, Error> {
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Ok(Watched {
            args,
            context,
            view: View::new(about, args.style(context)),
            output: Output::default(),
            epoch: wall
                .unwrap_or_default()
                .saturating_sub(now.since(Moment::default())),
            declared: false,
            signals: Signals::listen()?,
        })
    }

    /// Tells what the run came to.
    pub(super) fn end(
        mut self,
        pinger: &Pinger,
        now: Moment,
        troubles: Troubles,
    ) -> Result<(), Error> {
        let took = pinger.took(now);
        let (args, view, output) = (self.args, &self.view, &mut self.output);
        if args.json {
            let data = data::total(view.about, pinger, took, troubles);
            output.out.push_str(&match self.args.squiet {
                Some(_) => format!("{data}\n"),
                None => format!("{data:#}\n"),
            });
        } else {
            if !matches!(pinger.settings().mode, Mode::Alive { .. }) {
                summary::end(view, pinger, output);
            }
            if args.stats {
                summary::overall(view, pinger, took, output);
            }
            if let Some(required) = args.reachable {
                summary::reachable(required, pinger.alive(), output);
            }
        }
        self.shown()
    }
}

fn clock() -> String {
    jiff::Zoned::now().strftime("%H:%M:%S").to_string()
}

impl Watch for Watched<'_> {
    fn event(&mut self, pinger: &Pinger, event: &Event) {
        let wall = self.epoch + event.at.since(Moment::default());
        lines::event(&self.view, pinger, event, wall, &mut self.output);
    }

    fn known(&mut self, pinger: &Pinger) {
        // Programs that read intervals count on their times; a person need not wait for the first.
        let watched = std::io::stderr().is_terminal() && !self.args.json && !self.args.netdata;
        if watched && self.args.squiet.is_some() {
            self.status(pinger);
        }
    }

    fn interval(&mut self, pinger: &Pinger) {
        let (view, output) = (&self.view, &mut self.output);
        if self.args.json {
            let data = data::interval(view.about, pinger, &crate::cli::local_time());
            output.out.push_str(&format!("{data}\n"));
        } else if self.args.netdata {
            netdata::interval(view, pinger, !self.declared, output);
            self.declared = true;
        } else {
            summary::clock(&clock(), output);
            summary::interval(view, pinger, output);
        }
    }

    fn status(&mut self, pinger: &Pinger) {
        if self.view.style.each {
            self.output.err.push('\n');
        }
        summary::clock(&clock(), &mut self.output);
        summary::total(&self.view, pinger, &mut self.output);
    }

    fn shown(&mut self) -> Result<(), Error> {
        if !self.output.out.is_empty() {
            self.context.print(&self.output.out)?;
            self.output.out.clear();
        }
        if !self.output.err.is_empty() {
            // Whoever closed standard error has the exit code.
            let _ = std::io::stderr().write_all(self.output.err.as_bytes());
            self.output.err.clear();
        }
        Ok(())
    }

    async fn requested(&mut self) -> Request {
        self.signals.next().await
    }
}

/// What a keyboard sends: interrupt ends the run, quit asks for the figures so far.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    quit: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Result<Signals, Error> {
        use tokio::signal::unix::{SignalKind, signal};
        let on =
            |kind| signal(kind).map_err(|source| Error::System(crate::lang::Text::same(source)));
        Ok(Signals {
            interrupt: on(SignalKind::interrupt())?,
            quit: on(SignalKind::quit())?,
        })
    }

    async fn next(&mut self) -> Request {
        tokio::select! {
            _ = self.interrupt.recv() => Request::Stop,
            _ = self.quit.recv() => Request::Status,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Result<Signals, Error> {
        Ok(Signals {})
    }

    async fn next(&mut self) -> Request {
        // Where it cannot be listened for, it ends the program as it does any.
        match tokio::signal::ctrl_c().await {
            Ok(()) => Request::Stop,
            Err(_) => std::future::pending().await,
        }
    }
}

//! Runs a fleet to its end, or until the user has seen enough, and tells what happens on the way.

use std::cell::Cell;
use std::future::poll_fn;
use std::io::{BufWriter, IsTerminal, Stdout, Write};
use std::task::Poll;

use super::args::TraceArgs;
use super::open::Doors;
use crate::error::Error;
use crate::lang::Lang;
use crate::probe::{Network, Troubles};
use crate::report::trace::raw::Raw;
use crate::report::trace::{Format, Look, stream, table};
use crate::trace::fleet::{Fleet, Seen};
use crate::trace::{self, Trace};

/// What is printed of things as they happen.
enum Telling {
    /// Nothing but the report at the end.
    Nothing,
    /// The first sweep of each host, to whoever waits at a terminal.
    Preview,
    /// mtr's raw lines; of one host, as they do not say whose they are.
    Raw(Raw),
    /// A line for each probe that has ended.
    Stream,
}

/// Looks on while a run goes on.
pub(super) struct Watch {
    telling: Telling,
    /// Targets from here on are asked beside the hosts, and nothing is told of them on the way.
    hosts: u32,
    lang: Lang,
    out: BufWriter<Stdout>,
    /// Why nothing more can be told.
    failed: Option<std::io::Error>,
}

impl Watch {
    pub(super) fn new(args: &TraceArgs, look: &Look, hosts: usize) -> Watch {
        let several = args.cycles != Some(1) && !args.lab;
        let telling = match args.format() {
            Some(Format::Raw) if hosts == 1 => Telling::Raw(Raw::default()),
            Some(Format::Stream) if hosts == 1 => Telling::Stream,
            _ if several && std::io::stderr().is_terminal() => Telling::Preview,
            _ => Telling::Nothing,
        };
        Watch {
            telling,
            hosts: u32::try_from(hosts).unwrap_or(u32::MAX),
            lang: look.lang,
            out: BufWriter::new(std::io::stdout()),
            failed: None,
        }
    }

    fn see(&mut self, seen: &Seen) {
        let target = match seen {
            Seen::Sent(probe) => probe.target,
            Seen::Ended(ended) => ended.probe.target,
            Seen::Swept(tracer, _) => tracer.target(),
        };
        if target.0 >= self.hosts {
            return;
        }
        let line = match (&mut self.telling, seen) {
            (Telling::Preview, Seen::Swept(tracer, now)) => {
                let trace = tracer.trace(*now, Troubles::default());
                let preview = table::preview(&trace, self.lang);
                // Whoever closed the terminal misses a preview, not the report.
                let _ = std::io::stderr().write_all(preview.as_bytes());
                return;
            }
            (Telling::Raw(raw), Seen::Sent(probe)) => raw.sent(probe),
            (Telling::Raw(raw), Seen::Ended(ended)) => raw.ended(ended, None),
            (Telling::Stream, Seen::Ended(ended)) => stream::line(ended, None, self.lang),
            _ => return,
        };
        let written = self.out.write_all(line.as_bytes());
        let flushed = written.and_then(|()| self.out.flush());
        self.failed = self.failed.take().or(flushed.err());
    }

    /// Whether all has been told; an error when it could not be.
    pub(super) fn end(self) -> Result<bool, Error> {
        match self.failed {
            Some(source) if source.kind() == std::io::ErrorKind::BrokenPipe => Err(Error::Closed),
            Some(source) => Err(Error::file("<stdout>", source)),
            None => Ok(matches!(self.telling, Telling::Raw(_) | Telling::Stream)),
        }
    }
}

/// Runs `fleet` over `network`. An interrupt (Ctrl-C) ends it early, with the facts so far, and so does
/// nobody being there any more to be told.
pub(super) async fn drive(
    fleet: &mut Fleet,
    network: &mut Doors,
    watch: &mut Watch,
) -> Result<Vec<Trace>, Error> {
    let alone = Cell::new(false);
    let see = |seen: Seen| {
        watch.see(&seen);
        alone.set(watch.failed.is_some());
    };
    tokio::select! {
        biased;
        ran = trace::run(fleet, network, see) => ran?,
        () = poll_fn(|_| if alone.get() { Poll::Ready(()) } else { Poll::Pending }) => {}
        signal = tokio::signal::ctrl_c() => {
            signal.map_err(|source| Error::file("<signal>", source))?;
        }
    }
    Ok(fleet.traces(network.now(), network.troubles()))
}

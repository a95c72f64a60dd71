//! Runs a fleet to its end, or until the user has seen enough.

use std::io::{IsTerminal, Write};

use super::open::Doors;
use crate::error::Error;
use crate::lang::Lang;
use crate::probe::{Network, Troubles};
use crate::report::trace::table;
use crate::trace::fleet::{Fleet, Seen};
use crate::trace::{self, Trace};

/// Runs `fleet` over `network`. An interrupt (Ctrl-C) ends it early with the facts so far; the second
/// value says so. On a terminal the first sweep is shown as soon as it is known.
pub(super) async fn drive(
    mut fleet: Fleet,
    network: &mut Doors,
    preview: bool,
    lang: Lang,
) -> Result<(Vec<Trace>, bool), Error> {
    let watched = preview && std::io::stderr().is_terminal();
    let look = |seen: Seen| {
        if let Seen::Swept(tracer, now) = seen
            && watched
        {
            let trace = tracer.trace(now, Troubles::default());
            // Whoever closed the terminal misses a preview, not the report.
            let _ = std::io::stderr().write_all(table::preview(&trace, lang).as_bytes());
        }
    };
    let interrupted = tokio::select! {
        ran = trace::run(&mut fleet, network, look) => ran.map(|()| false)?,
        signal = tokio::signal::ctrl_c() => signal.is_ok(),
    };
    let traces = fleet.traces(network.now(), network.troubles());
    Ok((traces, interrupted))
}

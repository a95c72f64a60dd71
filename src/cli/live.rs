//! The live view, as commands start it and end after it.

use std::process::ExitCode;
use std::time::Duration;

use super::Context;
use crate::error::Error;
use crate::live::{self, Ended, Options, Subject};
use crate::probe::Network;
use crate::probe::names::Server;
use crate::trace::engine::Settings;
use crate::trace::fleet::Fleet;

/// Watches `subjects`, each with these settings and every router asked once per `gap`, over `network`
/// until somebody ends it. Of the sweeps so many are remembered as there is room for. `names` says
/// whether names are asked for from the start, and whom.
pub(super) async fn watch<N: Network>(
    network: &mut N,
    subjects: Vec<Subject>,
    (settings, gap): (Settings, Duration),
    context: &Context,
    names: (bool, Server),
) -> Result<Ended, Error> {
    let settings = Settings {
        keep: Some(live::keep(subjects.len())),
        ..settings
    };
    let options = Options {
        lang: context.lang,
        colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        names: names.0,
        server: names.1,
        interval: settings.interval,
        patience: settings.patience,
    };
    let mut fleet = Fleet::new(subjects.iter().map(|_| settings), gap);
    live::run(&mut fleet, network, subjects, options).await
}

/// The exit code of a process that a signal ended, as shells tell it; `None` after an interrupt,
/// which is only another way to quit.
pub(super) fn ended_by(signal: i32) -> Option<ExitCode> {
    const INTERRUPT: i32 = 2;
    let code = u8::try_from(signal).ok().filter(|_| signal != INTERRUPT)?;
    Some(ExitCode::from(128u8.saturating_add(code)))
}

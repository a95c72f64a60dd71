//! The live view, as commands start it and end after it.

use std::process::ExitCode;

use super::Context;
use crate::error::Error;
use crate::live::{self, Ended, Options, Subject};
use crate::probe::Network;
use crate::trace::engine::Settings;
use crate::trace::fleet::Fleet;

/// Watches targets, each with its settings, over `network` until somebody ends it. Sweeps have no
/// end, and of those so many are remembered as there is room for.
pub(super) async fn watch<N: Network>(
    network: &mut N,
    targets: Vec<(Settings, Subject)>,
    context: &Context,
    names: bool,
) -> Result<Ended, Error> {
    let keep = live::keep(targets.len());
    let endless = |(settings, subject): (Settings, Subject)| {
        let settings = Settings {
            rounds: u32::MAX,
            keep: Some(keep),
            ..settings
        };
        (settings, subject)
    };
    let (settings, subjects): (Vec<Settings>, Vec<Subject>) =
        targets.into_iter().map(endless).unzip();
    let usual = settings.first().copied().unwrap_or_default();
    let options = Options {
        lang: context.lang,
        colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        names,
        interval: usual.interval,
        patience: usual.patience,
    };
    let mut fleet = Fleet::new(settings, usual.interval);
    live::run(&mut fleet, network, subjects, options).await
}

/// The exit code of a process that a signal ended, as shells tell it; `None` after an interrupt,
/// which is only another way to quit.
pub(super) fn ended_by(signal: i32) -> Option<ExitCode> {
    const INTERRUPT: i32 = 2;
    let code = u8::try_from(signal).ok().filter(|_| signal != INTERRUPT)?;
    Some(ExitCode::from(128u8.saturating_add(code)))
}

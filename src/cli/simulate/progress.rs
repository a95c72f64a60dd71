//! A run that people watch and may end: a bar on a terminal, Ctrl-C.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::Error;
use crate::lang::{Lang, Text};
use crate::sim::day::run::Watch;

/// How a shell reports a program that Ctrl-C ended: 128 and the number of the signal.
pub(in super::super) const INTERRUPTED: u8 = 130;

/// Work shorter than this shows no bar.
const LONG: Duration = Duration::from_secs(1);

/// Between two looks at the work.
const EVERY: Duration = Duration::from_millis(100);

/// Makes Ctrl-C (on Unix SIGTERM too) end the run of `watch` with what is known so far; a second one
/// ends the process.
///
/// # Errors
/// The system does not let a program listen.
pub(in super::super) fn listen(watch: &Arc<Watch>) -> Result<(), Error> {
    let watch = Arc::clone(watch);
    let heard = move || {
        if watch.stop.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
    };
    ctrlc::set_handler(heard).map_err(|reason| {
        Error::System(Text::new(
            format!("无法监听 Ctrl-C：{reason}"),
            format!("cannot listen for Ctrl-C: {reason}"),
        ))
    })
}

/// Does `work` while a bar on standard error says how far it is, of `whole` seconds at most that are to
/// be simulated. There is none where nobody looks, nor for short work.
pub(in super::super) fn watched<T: Send>(
    watch: &Watch,
    whole: u64,
    lang: Lang,
    work: impl FnOnce() -> T + Send,
) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| draw(watch, whole, lang, &done));
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    })
}

fn draw(watch: &Watch, whole: u64, lang: Lang, done: &AtomicBool) {
    let begun = Instant::now();
    let mut bar: Option<ProgressBar> = None;
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(EVERY);
        if begun.elapsed() < LONG {
            continue;
        }
        let bar = bar.get_or_insert_with(|| shown(whole));
        bar.set_position(watch.simulated.load(Ordering::Relaxed).min(whole));
        bar.set_message(match watch.stop.load(Ordering::Relaxed) {
            true => lang.pick("正在结束", "ending"),
            false => lang.pick(
                "仿真中；Ctrl-C 结束并给出已知结果",
                "simulating; Ctrl-C ends with what is known",
            ),
        });
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

fn shown(whole: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(whole), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:20} {percent:>3} % {elapsed} {wide_msg}");
    match style {
        Ok(style) => bar.with_style(style.progress_chars("█▌ ")),
        Err(_) => bar,
    }
}

//! Pinging many targets: which of them reply, how fast, and what is lost.
//!
//! [`pinger::Pinger`] decides what to send and when to stop, without sockets and without a clock;
//! [`run`] puts it together with a [`Network`]. Facts are kept as counts and, where a run has an end,
//! as the round trip of each probe; a run without an end keeps no more after days than after minutes.

use std::future::Future;

use crate::error::Error;
use crate::probe::Network;

pub mod about;
mod deadlines;
pub mod event;
pub mod exchange;
pub mod histogram;
pub mod pinger;
pub mod record;
mod schedule;
pub mod settings;
pub mod tally;
pub mod times;
mod window;

use event::Event;
use pinger::Pinger;

/// Probes that leave before replies are looked for again. More would fill a receive buffer of the
/// usual 208 KiB, which holds about 270 replies.
const BATCH: usize = 64;

/// What someone at the keyboard may ask for in mid-run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// The figures so far.
    Status,
    /// The end.
    Stop,
}

/// Who watches a run.
pub trait Watch {
    /// Something came about.
    fn event(&mut self, pinger: &Pinger, event: &Event);

    /// Of every target the first figures are known; told once.
    fn known(&mut self, pinger: &Pinger);

    /// The figures of an interval are due.
    fn interval(&mut self, pinger: &Pinger);

    /// [`Request::Status`] was asked for.
    fn status(&mut self, pinger: &Pinger);

    /// All that has come about so far was told: time to show it. An error ends the run.
    fn shown(&mut self) -> Result<(), Error>;

    /// The next request. Dropped while it waits, it loses none.
    fn requested(&mut self) -> impl Future<Output = Request>;
}

/// Runs `pinger` over `network` to its end. Fails when the network can no longer be listened to, or
/// when nobody sees any more what is shown.
pub async fn run<N: Network, W: Watch>(
    pinger: &mut Pinger,
    network: &mut N,
    watch: &mut W,
) -> Result<(), Error> {
    // Whether all replies that are there have been read.
    let mut drained = true;
    let mut known = false;
    loop {
        let mut now = network.now();
        for _ in 0..BATCH {
            let Some(probe) = pinger.poll_probe(now) else {
                break;
            };
            let sent = network.send(probe);
            now = sent.as_ref().map_or(now, |moment| *moment);
            if let Some(event) = pinger.handle_sent(probe, sent) {
                watch.event(pinger, &event);
            }
        }
        while drained && let Some(event) = pinger.poll_timeout(now) {
            watch.event(pinger, &event);
        }
        if !known && pinger.is_known() {
            known = true;
            watch.known(pinger);
        }
        if pinger.poll_report(now) {
            watch.interval(pinger);
            pinger.begin_interval();
        }
        watch.shown()?;
        let Some(wake) = pinger.poll_wake(now) else {
            return Ok(());
        };
        let mut heard = tokio::select! {
            // A flood of replies must not keep the keyboard waiting.
            biased;
            request = watch.requested() => {
                match request {
                    Request::Status => watch.status(pinger),
                    Request::Stop => pinger.stop(),
                }
                continue;
            }
            heard = network.receive(wake) => heard?,
        };
        // One reply seldom comes alone: take all that are there, but do not forget to send.
        let mut room = 2 * BATCH;
        drained = loop {
            let Some(reply) = heard else {
                break true;
            };
            if let Some(event) = pinger.handle_reply(&reply) {
                watch.event(pinger, &event);
            }
            room -= 1;
            if room == 0 {
                break false;
            }
            heard = network.receive(now).await?;
        };
    }
}

#[cfg(test)]
mod tests;

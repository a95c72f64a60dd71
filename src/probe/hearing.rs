//! Hearing replies: what the networks have in common that read sockets with two queues.

use super::errqueue::{Batch, Heard, Queue};
use super::ledger::Ledger;
use super::socket;
use super::waiter::{Ready, Waiter};
use super::{Probe, Reply};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;
use socket2::Socket;

/// Probes that leave before the sockets are read, whether or not somebody waits for replies: what
/// comes back meanwhile must find room in the smallest buffer that systems give, 208 KiB.
const TRAIN: u32 = 64;

/// A network that hears by sockets.
pub(super) trait Hears {
    /// How it hears, and what it has heard.
    fn parts(&mut self) -> (&mut Hearing, &mut Ledger);

    /// Reads what is ready on one socket.
    fn read(&mut self, ready: Ready) -> Result<(), Error>;

    /// Reads what may have come by any socket since it was last read.
    fn look(&mut self) -> Result<(), Error>;

    /// When it has something to say of which no socket will tell.
    fn due(&self) -> Option<Moment> {
        None
    }

    /// Makes replies of what is due, where all that was ready has been read.
    fn settle(&mut self) {}
}

/// What it takes to hear.
#[derive(Debug)]
pub(super) struct Hearing {
    pub(super) waiter: Waiter,
    batch: Batch,
    /// Probes sent since the sockets were last read, which may hold something then.
    unread: u32,
}

impl Hearing {
    /// Hears by no socket as yet. Must be called inside a tokio runtime.
    pub(super) fn new() -> Result<Hearing, Error> {
        Ok(Hearing {
            waiter: Waiter::new().map_err(|error| socket::not_heard(&error))?,
            batch: Batch::default(),
            unread: 0,
        })
    }

    /// Reads what is ready on `socket` and gives it to `each`.
    pub(super) fn read(
        &mut self,
        socket: &Socket,
        ready: Ready,
        mut each: impl FnMut(Heard<'_>),
    ) -> Result<(), Error> {
        // Departures come before the replies that they belong to.
        let errors = ready.errors.then_some(Queue::Errors);
        for queue in errors.into_iter().chain(ready.data.then_some(Queue::Data)) {
            let more = socket::read(socket, queue, &mut self.batch, &mut each)?;
            self.unread += u32::from(more);
        }
        Ok(())
    }
}

/// Sends `probe` by `transmit`, which says when it left, and takes note of it. Reads what has come when
/// many have been sent since the last reading.
pub(super) fn send<N: Hears>(
    network: &mut N,
    probe: Probe,
    transmit: impl FnOnce(&mut N) -> Result<Moment, Text>,
) -> Result<Moment, Text> {
    if network.parts().0.unread >= TRAIN {
        // What is wrong with hearing, whoever waits for replies will be told.
        let _ = look(network);
    }
    network.parts().1.admit(probe)?;
    let sent = transmit(network)?;
    let (hearing, ledger) = network.parts();
    ledger.sent(probe, sent);
    hearing.unread += 1;
    Ok(sent)
}

fn look(network: &mut impl Hears) -> Result<(), Error> {
    network.parts().0.unread = 0;
    network.look()
}

/// Waits for the next reply, as [`super::Network::receive`] does.
pub(super) async fn receive(
    network: &mut impl Hears,
    until: Moment,
) -> Result<Option<Reply>, Error> {
    // Lets others of this thread have their turn now and then, however much there is to read.
    tokio::task::coop::consume_budget().await;
    loop {
        let (hearing, ledger) = network.parts();
        if let Some(reply) = ledger.next() {
            return Ok(Some(reply));
        }
        let over = ledger.clock.now() >= until;
        if hearing.unread > 0 || over {
            look(network)?;
            let reply = network.parts().1.next();
            if over || reply.is_some() {
                return Ok(reply);
            }
            continue;
        }
        let wake = network.due().map_or(until, |due| due.min(until));
        let (hearing, ledger) = network.parts();
        let mut ready = Vec::new();
        let waiting = hearing
            .waiter
            .wait(wake, &ledger.clock, |one| ready.push(one));
        waiting.await.map_err(|error| socket::not_heard(&error))?;
        let nothing = ready.is_empty();
        for one in ready {
            network.read(one)?;
        }
        if network.parts().0.unread == 0 {
            network.settle();
        }
        let (_, ledger) = network.parts();
        if nothing && ledger.clock.now() >= until {
            return Ok(ledger.next());
        }
    }
}

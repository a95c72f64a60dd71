//! The model of a path in real time, so that the view can be watched without a network.

use std::time::Duration;

use crate::error::Error;
use crate::lang::Text;
use crate::probe::clock::Clock;
use crate::probe::fake::FakeNetwork;
use crate::probe::{Network, Probe, Reply, Troubles};
use crate::units::Moment;

/// How often the model is looked at: as late as this a reply may be handed over. Its time is the
/// model's, and exact.
const LOOK: Duration = Duration::from_millis(5);

/// A [`FakeNetwork`] whose clock goes as fast as ours.
#[derive(Debug)]
pub struct Paced {
    model: FakeNetwork,
    clock: Clock,
}

impl Paced {
    /// Sets the model going.
    pub fn new(model: FakeNetwork) -> Paced {
        Paced {
            model,
            clock: Clock::default(),
        }
    }
}

impl Network for Paced {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        self.model.send(probe)
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        loop {
            let now = self.clock.now();
            if let Some(reply) = self.model.receive(now.min(until)).await? {
                return Ok(Some(reply));
            }
            if now >= until {
                return Ok(None);
            }
            tokio::time::sleep((until - now).min(LOOK)).await;
        }
    }

    fn troubles(&self) -> Troubles {
        self.model.troubles()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::fake::{FakeHop, FakeLink, stand_in};
    use crate::probe::{Arrival, Sequence};
    use crate::units::Seconds;

    #[test]
    fn a_reply_comes_when_it_is_due_and_bears_the_time_of_the_model() {
        let link = FakeLink {
            delay: Seconds(0.010),
            ..FakeLink::default()
        };
        let hop = FakeHop {
            responder: Some(stand_in(0)),
            out: link,
            back: link,
        };
        let mut network = Paced::new(FakeNetwork::new(vec![hop], Arrival::PortClosed, 1));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let sent = network.send(Probe::plain(Sequence(0), 1)).unwrap();
            let soon = network.now() + Duration::from_millis(2);
            assert_eq!(network.receive(soon).await.unwrap(), None);
            let late = network.now() + Duration::from_secs(5);
            let reply = network.receive(late).await.unwrap().unwrap();
            assert_eq!(reply.received - sent, Duration::from_millis(20));
            assert!(network.now() >= reply.received);
        });
    }
}

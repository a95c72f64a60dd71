//! Two networks as one: the way to the targets, and the targets' own service.

use super::{Network, Probe, Reply, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;

/// Sends probes of the way by `path` and probes of the service by `service`. Both tell times by
/// copies of one [`Clock`](super::clock::Clock).
#[derive(Debug)]
pub struct Joined<P, S> {
    /// Takes probes whose [`Probe::service`] is false.
    pub path: P,
    /// Takes the others.
    pub service: S,
}

impl<P: Network, S: Network> Network for Joined<P, S> {
    fn now(&self) -> Moment {
        self.path.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        match probe.service {
            true => self.service.send(probe),
            false => self.path.send(probe),
        }
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        tokio::select! {
            reply = self.path.receive(until) => reply,
            reply = self.service.receive(until) => reply,
        }
    }

    fn troubles(&self) -> Troubles {
        self.path.troubles().plus(self.service.troubles())
    }
}

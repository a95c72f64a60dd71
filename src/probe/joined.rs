//! Two networks as one: the way to the targets, and the targets' own service.

use super::{Network, Probe, Reply, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;

/// Sends probes of the way by `path` and probes of the service by `service`, where there is one. Both
/// tell times by copies of one [`Clock`](super::clock::Clock).
#[derive(Debug)]
pub struct Joined<P, S> {
    /// Takes all probes that `service` does not.
    pub path: P,
    /// Takes probes with [`Probe::service`].
    pub service: Option<S>,
}

impl<P: Network, S: Network> Network for Joined<P, S> {
    fn now(&self) -> Moment {
        self.path.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        match &mut self.service {
            Some(service) if probe.service => service.send(probe),
            _ => self.path.send(probe),
        }
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        let Some(service) = &mut self.service else {
            return self.path.receive(until).await;
        };
        tokio::select! {
            reply = self.path.receive(until) => reply,
            reply = service.receive(until) => reply,
        }
    }

    fn troubles(&self) -> Troubles {
        let service = self.service.as_ref().map(Network::troubles);
        self.path.troubles().plus(service.unwrap_or_default())
    }
}

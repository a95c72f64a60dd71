//! Any of the networks, as one type: whoever drives one need not know which.

use super::echo::EchoNetwork;
use super::fake::FakeNetwork;
use super::{Network, Probe, Reply, Troubles};
#[cfg(target_os = "linux")]
use super::{
    icmp::IcmpNetwork, service::ServiceNetwork, syn::SynNetwork, tcp::TcpNetwork, udp::UdpNetwork,
};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;

/// A network that has been opened.
#[derive(Debug)]
pub enum Opened {
    /// UDP datagrams.
    #[cfg(target_os = "linux")]
    Udp(Box<UdpNetwork>),
    /// ICMP echo with hops on the way.
    #[cfg(target_os = "linux")]
    Icmp(Box<IcmpNetwork>),
    /// TCP connection attempts.
    #[cfg(target_os = "linux")]
    Tcp(Box<TcpNetwork>),
    /// TCP SYNs without a connection.
    #[cfg(target_os = "linux")]
    Syn(Box<SynNetwork>),
    /// Exchanges with a service.
    #[cfg(target_os = "linux")]
    Service(Box<ServiceNetwork>),
    /// ICMP echo of the end host.
    Echo(Box<EchoNetwork>),
    /// A model.
    Fake(Box<FakeNetwork>),
}

macro_rules! each {
    ($opened:expr, $network:ident => $does:expr) => {
        match $opened {
            #[cfg(target_os = "linux")]
            Opened::Udp($network) => $does,
            #[cfg(target_os = "linux")]
            Opened::Icmp($network) => $does,
            #[cfg(target_os = "linux")]
            Opened::Tcp($network) => $does,
            #[cfg(target_os = "linux")]
            Opened::Syn($network) => $does,
            #[cfg(target_os = "linux")]
            Opened::Service($network) => $does,
            Opened::Echo($network) => $does,
            Opened::Fake($network) => $does,
        }
    };
}

impl Network for Opened {
    fn now(&self) -> Moment {
        each!(self, network => network.now())
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        each!(self, network => network.send(probe))
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        each!(self, network => network.receive(until).await)
    }

    fn troubles(&self) -> Troubles {
        each!(self, network => network.troubles())
    }
}

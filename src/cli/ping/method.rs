//! The methods of `hopcast ping`, and the networks that speak them.

use std::net::{IpAddr, SocketAddr};

use clap::ValueEnum;

use super::super::Context;
use super::PingArgs;
use super::hosts::Found;
use super::watch::Watched;
use crate::error::Error;
use crate::lang::Text;
use crate::ping::about::{self, About, Kind};
use crate::ping::pinger::Pinger;
use crate::ping::{self};
use crate::probe::Network;
use crate::probe::clock::Clock;
#[cfg(not(target_os = "linux"))]
use crate::probe::echo::EchoNetwork;
use crate::probe::manner::Manner;
#[cfg(target_os = "linux")]
use crate::probe::way::Way;
#[cfg(target_os = "linux")]
use crate::probe::{icmp::IcmpNetwork, privilege, tcp::TcpNetwork, udp::UdpNetwork};

/// The port that UDP pings aim at: the first of the classic traceroute ports, closed by custom.
#[cfg(target_os = "linux")]
const UDP_PORT: u16 = 33434;

/// The least ping data: what knows a probe again, and what balances its checksum.
const LEAST_DATA: u16 = 20;

/// How to probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Method {
    /// ICMP echo.
    Icmp,
    /// UDP datagrams to a closed port; needs no privilege (Linux).
    Udp,
    /// TCP connection attempts to a port; needs no privilege (Linux).
    Tcp,
}

/// What is known of a network once it is open.
struct Opened {
    kind: Kind,
    port: Option<u16>,
    way: &'static str,
    others: Vec<(&'static str, Text)>,
}

#[cfg(target_os = "linux")]
impl Opened {
    fn new(kind: Kind, port: Option<u16>, way: &Way) -> Opened {
        let others = way.others.iter();
        Opened {
            kind,
            port,
            way: way.used.name(),
            others: others
                .map(|(means, why)| (means.name(), why.clone()))
                .collect(),
        }
    }
}

/// Opens the network and runs over it; gives the exit code.
pub(super) async fn run(args: &PingArgs, context: &Context, found: Found) -> Result<u8, Error> {
    let addresses: Vec<IpAddr> = found.hosts.iter().map(|host| host.address).collect();
    let settings = args.settings();
    let manner = args.manner(&settings, addresses.len());
    let run = Run {
        args,
        context,
        found,
        exact: manner.exact,
    };
    open(run, &addresses, manner).await
}

#[cfg(target_os = "linux")]
async fn open(run: Run<'_>, addresses: &[IpAddr], manner: Manner) -> Result<u8, Error> {
    let clock = Clock::default();
    let at = |port: u16| -> Vec<SocketAddr> {
        let of = |address: &IpAddr| SocketAddr::new(*address, port);
        addresses.iter().map(of).collect()
    };
    match run.args.method {
        Method::Icmp => {
            let network = IcmpNetwork::open(addresses, &manner, clock, None)?;
            let opened = Opened::new(about::ICMP, None, network.way());
            run.over(network, opened).await
        }
        Method::Udp => {
            let port = run.args.port.unwrap_or(UDP_PORT);
            let network = UdpNetwork::open(&at(port), &manner, clock)?;
            let opened = Opened::new(about::UDP, Some(port), network.way());
            run.over(network, opened).await
        }
        Method::Tcp => {
            let port = run.args.port.ok_or_else(|| {
                Error::Argument(Text::new(
                    "--method tcp 需要用 -P 写明端口，例如 -P 443",
                    "--method tcp needs a port: write it with -P, for example -P 443",
                ))
            })?;
            let manner = Manner {
                // An attempt that is given up can have no late reply.
                patience: manner.patience * 3,
                ..manner
            };
            let network = TcpNetwork::open(&at(port), &manner, clock)?;
            let opened = Opened::new(about::TCP, Some(port), network.way());
            run.over(network, opened).await
        }
    }
}

#[cfg(not(target_os = "linux"))]
async fn open(run: Run<'_>, addresses: &[IpAddr], manner: Manner) -> Result<u8, Error> {
    if run.args.method != Method::Icmp {
        return Err(Error::Argument(Text::new(
            "udp 与 tcp 方式只在 Linux 上可用；请用 --method icmp",
            "the udp and tcp methods work on Linux only; use --method icmp",
        )));
    }
    let network = EchoNetwork::open(addresses, &manner, Clock::default())?;
    let opened = Opened {
        kind: about::ICMP,
        port: None,
        way: "surge-ping",
        others: Vec::new(),
    };
    run.over(network, opened).await
}

/// A run that has its targets.
struct Run<'a> {
    args: &'a PingArgs,
    context: &'a Context,
    found: Found,
    exact: bool,
}

impl Run<'_> {
    async fn over<N: Network>(self, mut network: N, opened: Opened) -> Result<u8, Error> {
        #[cfg(target_os = "linux")]
        privilege::give_up()?;
        let data = self.args.size.max(LEAST_DATA);
        let sizes = self.found.hosts.iter().map(|host| match host.address {
            IpAddr::V4(_) => data.saturating_add(20 + 8),
            IpAddr::V6(_) => data.saturating_add(40 + 8),
        });
        let mut pinger = Pinger::new(self.args.settings(), sizes.collect());
        let about = About {
            bytes: (opened.kind == about::ICMP).then(|| data.saturating_add(8)),
            hosts: self.found.hosts,
            unknown: self.found.unknown,
            kind: opened.kind,
            port: opened.port,
            way: opened.way,
            others: opened.others,
            exact: self.exact,
            start: jiff::Zoned::now()
                .strftime("%Y-%m-%dT%H:%M:%S%z")
                .to_string(),
        };
        let mut watched = Watched::new(self.args, self.context, &about, network.now())?;
        ping::run(&mut pinger, &mut network, &mut watched).await?;
        watched.end(&pinger, network.now(), network.troubles())?;
        Ok(self.args.code(&about, pinger.alive()))
    }
}

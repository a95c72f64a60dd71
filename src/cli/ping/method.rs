//! The methods of `hopcast ping`, and the networks that speak them.

use std::net::IpAddr;
#[cfg(target_os = "linux")]
use std::net::SocketAddr;

use clap::ValueEnum;

use super::super::Context;
use super::PingArgs;
use super::hosts::Found;
use super::watch::Watched;
use crate::error::Error;
use crate::lang::Text;
use crate::ping;
use crate::ping::about::{self, About, Kind};
use crate::ping::pinger::Pinger;
use crate::probe::Network;
use crate::probe::clock::Clock;
#[cfg(not(target_os = "linux"))]
use crate::probe::echo::EchoNetwork;
use crate::probe::manner::Manner;
use crate::probe::opened::Opened;
#[cfg(target_os = "linux")]
use crate::probe::way::Way;
#[cfg(target_os = "linux")]
use crate::probe::{
    icmp::IcmpNetwork, privilege, syn::SynNetwork, tcp::TcpNetwork, udp::UdpNetwork,
};

#[cfg(target_os = "linux")]
mod service;

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
    /// TCP SYN without a connection; needs CAP_NET_RAW (Linux).
    Syn,
    /// DNS queries; the hosts are name servers; needs no privilege (Linux).
    Dns,
    /// TLS handshakes; needs no privilege (Linux).
    Tls,
    /// HTTP requests; needs no privilege (Linux).
    Http,
}

/// A network, and what is known of it once it is open.
struct Door {
    network: Opened,
    kind: Kind,
    port: Option<u16>,
    way: &'static str,
    others: Vec<(&'static str, Text)>,
}

#[cfg(target_os = "linux")]
impl Door {
    fn new(network: Opened, kind: Kind, port: Option<u16>, way: &Way) -> Door {
        let others = way.others.iter();
        Door {
            network,
            kind,
            port,
            way: way.used.name(),
            others: others
                .map(|(means, why)| (means.name(), why.clone()))
                .collect(),
        }
    }
}

/// The host of the URL to ask for, if there is one.
#[cfg(target_os = "linux")]
pub(super) fn host_of(args: &PingArgs) -> Result<Option<String>, Error> {
    service::host_of(args)
}

/// The same where no URL can be asked for.
#[cfg(not(target_os = "linux"))]
pub(super) fn host_of(_: &PingArgs) -> Result<Option<String>, Error> {
    Ok(None)
}

/// Opens the network and runs over it; gives the exit code.
pub(super) async fn run(args: &PingArgs, context: &Context, found: Found) -> Result<u8, Error> {
    args.check()?;
    let settings = args.settings();
    let manner = args.manner(&settings, found.hosts.len());
    let exact = manner.exact;
    let door = open(args, &found, manner)?;
    let run = Run {
        args,
        context,
        found,
        exact,
    };
    run.over(door).await
}

#[cfg(target_os = "linux")]
fn open(args: &PingArgs, found: &Found, manner: Manner) -> Result<Door, Error> {
    let clock = Clock::default();
    let addresses: Vec<IpAddr> = found.hosts.iter().map(|host| host.address).collect();
    let at = |port: u16| -> Vec<SocketAddr> {
        let of = |address: &IpAddr| SocketAddr::new(*address, port);
        addresses.iter().map(of).collect()
    };
    // An exchange that is given up can have no late reply.
    let patient = Manner {
        patience: manner.patience.saturating_mul(3),
        ..manner.clone()
    };
    Ok(match args.method {
        Method::Icmp => {
            let network = Box::new(IcmpNetwork::open(&addresses, &manner, clock, None)?);
            let way = network.way().clone();
            Door::new(Opened::Icmp(network), about::ICMP, None, &way)
        }
        Method::Udp => {
            let port = args.port.unwrap_or(UDP_PORT);
            let network = Box::new(UdpNetwork::open(&at(port), &manner, clock)?);
            let way = network.way().clone();
            Door::new(Opened::Udp(network), about::UDP, Some(port), &way)
        }
        Method::Tcp => {
            let port = args.needed_port()?;
            let network = Box::new(TcpNetwork::open(&at(port), &patient, clock)?);
            let way = network.way().clone();
            Door::new(Opened::Tcp(network), about::TCP, Some(port), &way)
        }
        Method::Syn => {
            let port = args.needed_port()?;
            let network = Box::new(SynNetwork::open(&at(port), &manner, clock)?);
            let way = network.way().clone();
            Door::new(Opened::Syn(network), about::SYN, Some(port), &way)
        }
        Method::Dns | Method::Tls | Method::Http => service::open(args, found, patient, clock)?,
    })
}

impl PingArgs {
    /// Whether what is to be asked fits the method.
    fn check(&self) -> Result<(), Error> {
        if self.port.is_some() && self.method == Method::Icmp {
            return Err(Error::Argument(Text::new(
                "--method icmp 没有端口；请去掉 -P，或选择另一种 --method",
                "--method icmp has no ports; leave out -P, or choose another --method",
            )));
        }
        let (dns, http) = (self.method == Method::Dns, self.method == Method::Http);
        let tls = http || self.method == Method::Tls;
        let misplaced = self.query.is_some() && !dns
            || self.url.is_some() && !http
            || self.trust.is_some() && !tls;
        match misplaced {
            false => Ok(()),
            true => Err(Error::Argument(Text::new(
                "--query 用于 --method dns，--url 用于 http，--trust 用于 tls 与 http",
                "--query goes with --method dns, --url with http, --trust with tls and http",
            ))),
        }
    }
}

#[cfg(target_os = "linux")]
impl PingArgs {
    /// The port, where none is usual.
    fn needed_port(&self) -> Result<u16, Error> {
        self.port.ok_or_else(|| {
            Error::Argument(Text::new(
                "--method tcp 与 syn 需要用 -P 写明端口，例如 -P 443",
                "--method tcp and syn need a port: write it with -P, for example -P 443",
            ))
        })
    }
}

#[cfg(not(target_os = "linux"))]
fn open(args: &PingArgs, found: &Found, manner: Manner) -> Result<Door, Error> {
    if args.method != Method::Icmp {
        return Err(Error::Argument(Text::new(
            "这个方式只在 Linux 上可用；请用 --method icmp",
            "this method works on Linux only; use --method icmp",
        )));
    }
    let addresses: Vec<IpAddr> = found.hosts.iter().map(|host| host.address).collect();
    let network = EchoNetwork::open(&addresses, &manner, Clock::default())?;
    Ok(Door {
        network: Opened::Echo(Box::new(network)),
        kind: about::ICMP,
        port: None,
        way: "surge-ping",
        others: Vec::new(),
    })
}

/// A run that has its targets.
struct Run<'a> {
    args: &'a PingArgs,
    context: &'a Context,
    found: Found,
    exact: bool,
}

impl Run<'_> {
    async fn over(self, door: Door) -> Result<u8, Error> {
        let mut network = door.network;
        #[cfg(target_os = "linux")]
        privilege::give_up()?;
        let data = self.args.size.max(LEAST_DATA);
        let has_data = matches!(self.args.method, Method::Icmp | Method::Udp);
        let sizes = self.found.hosts.iter().map(|host| match host.address {
            _ if !has_data => 0,
            IpAddr::V4(_) => data.saturating_add(20 + 8),
            IpAddr::V6(_) => data.saturating_add(40 + 8),
        });
        let mut pinger = Pinger::new(self.args.settings(), sizes.collect());
        let about = About {
            bytes: (door.kind == about::ICMP).then(|| data.saturating_add(8)),
            hosts: self.found.hosts,
            unknown: self.found.unknown,
            kind: door.kind,
            port: door.port,
            way: door.way,
            others: door.others,
            exact: self.exact,
            start: crate::cli::local_time(),
        };
        let mut watched = Watched::new(self.args, self.context, &about, network.now())?;
        ping::run(&mut pinger, &mut network, &mut watched).await?;
        watched.end(&pinger, network.now(), network.troubles())?;
        Ok(self.args.code(&about, pinger.alive()))
    }
}

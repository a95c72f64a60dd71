//! The network of a run by the method asked for, and what is told of it.

use std::net::IpAddr;
#[cfg(target_os = "linux")]
use std::net::SocketAddr;

use super::args::{Method, TraceArgs};
use super::settings::UNHURRIED;
use crate::error::Error;
use crate::lang::Text;
use crate::probe::clock::Clock;
use crate::probe::echo::EchoNetwork;
use crate::probe::joined::Joined;
use crate::probe::manner::Manner;
use crate::probe::opened::Opened;
#[cfg(target_os = "linux")]
use crate::probe::{
    icmp::IcmpNetwork, syn::SynNetwork, tcp::TcpNetwork, udp::UdpNetwork, way::Way,
};
#[cfg(target_os = "linux")]
use crate::text;
use crate::trace::engine::Settings;
use crate::trace::plan::Plan;
use crate::trace::report::{MethodUsed, ServiceAsked};

/// The port that UDP traces aim at: the first of the classic traceroute ports, closed by custom.
#[cfg(target_os = "linux")]
pub(super) const UDP_PORT: u16 = 33434;

/// A network with its targets' service beside it.
pub(super) type Doors = Joined<Opened, Opened>;

/// What is aimed at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aim {
    pub(super) address: IpAddr,
    /// The TCP port that is its own; `None`: the one that the run asks.
    pub(super) port: Option<u16>,
}

/// What a run is made with.
pub(super) struct Start {
    pub(super) network: Doors,
    /// The settings, with what the method knows better.
    pub(super) settings: Settings,
    pub(super) method: MethodUsed,
    /// The service that is asked beside the path.
    pub(super) service: Option<ServiceAsked>,
    /// Whether the targets answer by ICMP errors and are asked faster than they may send them.
    pub(super) target_limited: bool,
    /// Whether ports that are nodes' own are asked beside the path.
    pub(super) own_services: bool,
}

impl Start {
    /// Whether the service at this one's own port is asked beside the path.
    pub(super) fn asks_service(&self, aim: &Aim) -> bool {
        self.own_services && aim.port.is_some()
    }
}

/// Opens the network to the targets, those asked for first and those `beside` behind them. Must be
/// called inside a tokio runtime.
pub(super) fn open(
    args: &TraceArgs,
    settings: Settings,
    (targets, beside): (&[IpAddr], &[Aim]),
    plan: Option<&Plan>,
) -> Result<Start, Error> {
    let target = |plan: &Plan| {
        let known = targets.iter().find_map(|target| plan.by_address(*target));
        known.and_then(|node| node.port)
    };
    let written = plan.and_then(target);
    let (manner, clock) = (args.manner(&settings), Clock::default());
    let method = args.method();
    let asked_for = targets.iter().map(|address| Aim {
        address: *address,
        port: None,
    });
    let aims: Vec<Aim> = asked_for.chain(beside.iter().copied()).collect();
    let (path, used) = path(args, method, &aims, written, &manner, &clock)?;
    let sees_hops = method != Method::Echo;
    let service = args.service(written, &settings, targets.len());
    let service = service.filter(|_| sees_hops);
    // What connects to this very port asks it already.
    let asked = |port| method == Method::Tcp && used.port == Some(port);
    let service = service.filter(|service| !asked(service.port));
    let own_services = sees_hops && method != Method::Tcp && !args.no_service;
    let own = beside
        .iter()
        .find_map(|aim| aim.port)
        .filter(|_| own_services);
    let port = service.map(|service| service.port).or(own);
    let services = port.map(|port| services(&aims, port, &manner, &clock));
    Ok(Start {
        network: Joined {
            path,
            service: services.transpose()?.flatten(),
        },
        own_services,
        settings: Settings {
            first: if sees_hops { settings.first } else { 1 },
            last: if sees_hops { settings.last } else { 1 },
            sparing_target: method == Method::Udp,
            service: service.is_some(),
            ..settings
        },
        target_limited: method == Method::Udp && settings.interval < UNHURRIED,
        method: used,
        service,
    })
}

/// The same port of all.
#[cfg(target_os = "linux")]
fn to(aims: &[Aim], port: u16) -> Vec<SocketAddr> {
    aims.iter()
        .map(|aim| SocketAddr::new(aim.address, port))
        .collect()
}

/// The own port of each, or this one.
#[cfg(target_os = "linux")]
fn to_own(aims: &[Aim], port: u16) -> Vec<SocketAddr> {
    aims.iter()
        .map(|aim| SocketAddr::new(aim.address, aim.port.unwrap_or(port)))
        .collect()
}

fn addresses(aims: &[Aim]) -> Vec<IpAddr> {
    aims.iter().map(|aim| aim.address).collect()
}

/// The port that a connecting method aims at: the one typed, or written in the topology.
#[cfg(target_os = "linux")]
fn connect_port(args: &TraceArgs, written: Option<u16>) -> Result<u16, Error> {
    args.port.or(written).ok_or_else(|| {
        Error::Argument(Text::new(
            "--method tcp 和 syn 需要用 -P 写明端口，例如 -P 443",
            "--method tcp and syn need a port: write it with -P, for example -P 443",
        ))
    })
}

/// The network that asks the way.
#[cfg(target_os = "linux")]
fn path(
    args: &TraceArgs,
    method: Method,
    aims: &[Aim],
    written: Option<u16>,
    manner: &Manner,
    clock: &Clock,
) -> Result<(Opened, MethodUsed), Error> {
    let clock = clock.clone();
    Ok(match method {
        Method::Udp => {
            let port = args.port.unwrap_or(UDP_PORT);
            let network = UdpNetwork::open(&to(aims, port), manner, clock)?;
            let used = used(method, Some(port), network.way());
            (Opened::Udp(Box::new(network)), used)
        }
        Method::Icmp => {
            let network = IcmpNetwork::open(&addresses(aims), manner, clock, None)?;
            let used = used(method, None, network.way());
            (Opened::Icmp(Box::new(network)), used)
        }
        Method::Syn => {
            let port = connect_port(args, written)?;
            let network = SynNetwork::open(&to_own(aims, port), manner, clock)?;
            let used = used(method, Some(port), network.way());
            (Opened::Syn(Box::new(network)), used)
        }
        Method::Tcp => {
            let port = connect_port(args, written)?;
            let network = TcpNetwork::open(&to_own(aims, port), manner, clock)?;
            let used = used(method, Some(port), network.way());
            (Opened::Tcp(Box::new(network)), used)
        }
        Method::Echo => echo(aims, manner, clock)?,
    })
}

/// The same where only the end host can be asked.
#[cfg(not(target_os = "linux"))]
fn path(
    _: &TraceArgs,
    method: Method,
    aims: &[Aim],
    _: Option<u16>,
    manner: &Manner,
    clock: &Clock,
) -> Result<(Opened, MethodUsed), Error> {
    match method {
        Method::Echo => echo(aims, manner, clock.clone()),
        _ => Err(Error::Argument(Text::new(
            "这个方式只在 Linux 上可用；请用 --method echo",
            "this method works on Linux only; use --method echo",
        ))),
    }
}

fn echo(aims: &[Aim], manner: &Manner, clock: Clock) -> Result<(Opened, MethodUsed), Error> {
    let network = EchoNetwork::open(&addresses(aims), manner, clock)?;
    let used = MethodUsed {
        name: "echo",
        port: None,
        what: Text::new(
            "ICMP 回显，只探测目标；其用户态计时不如 icmp 精确",
            "ICMP echo to the end host only; its user-space clock is coarser than that of icmp",
        ),
        others: Vec::new(),
        sees_hops: false,
        sees_quotes: false,
    };
    Ok((Opened::Echo(Box::new(network)), used))
}

/// The network that asks services beside the way.
#[cfg(target_os = "linux")]
fn services(
    aims: &[Aim],
    port: u16,
    manner: &Manner,
    clock: &Clock,
) -> Result<Option<Opened>, Error> {
    // The port to leave from is the path's.
    let manner = Manner {
        source_port: None,
        ..manner.clone()
    };
    let network = TcpNetwork::open(&to_own(aims, port), &manner, clock.clone())?;
    Ok(Some(Opened::Tcp(Box::new(network))))
}

#[cfg(not(target_os = "linux"))]
fn services(_: &[Aim], _: u16, _: &Manner, _: &Clock) -> Result<Option<Opened>, Error> {
    Ok(None)
}

/// What is told of the way that a method was opened.
#[cfg(target_os = "linux")]
fn used(method: Method, port: Option<u16>, way: &Way) -> MethodUsed {
    use crate::probe::way::Means;
    let shown = port.unwrap_or_default();
    let what = match way.used {
        Means::Udp => text!(
            "UDP 端口 {shown}，经套接字错误队列，无需特权",
            "UDP to port {shown} by the socket's error queue, no privilege needed"
        ),
        Means::UdpRaw => text!(
            "UDP 端口 {shown}，经套接字错误队列；旁听原始套接字（CAP_NET_RAW），看得到引用的完整报头",
            "UDP to port {shown} by the socket's error queue, quoted headers in full by a raw socket \
             beside (CAP_NET_RAW)"
        ),
        Means::Connect => text!(
            "TCP 连接端口 {shown}，经套接字错误队列，无需特权",
            "TCP connections to port {shown} by the socket's error queue, no privilege needed"
        ),
        Means::ConnectRaw => text!(
            "TCP 连接端口 {shown}，经套接字错误队列；旁听原始套接字（CAP_NET_RAW），看得到引用的完整报头，\
             时刻取自网络设备",
            "TCP connections to port {shown} by the socket's error queue, quoted headers in full and \
             times of the network device by raw sockets beside (CAP_NET_RAW)"
        ),
        Means::RawSyn => text!(
            "TCP SYN 到端口 {shown}，不建立连接，经原始套接字（CAP_NET_RAW）",
            "TCP SYNs to port {shown} without a connection, by a raw socket (CAP_NET_RAW)"
        ),
        Means::RawEcho => Text::new(
            "ICMP 回显，经原始套接字（CAP_NET_RAW）",
            "ICMP echo by a raw socket (CAP_NET_RAW)",
        ),
        Means::PingSocket => Text::new(
            "ICMP 回显，经数据报套接字（ping_group_range）",
            "ICMP echo by a datagram socket (ping_group_range)",
        ),
    };
    let others = way.others.iter();
    MethodUsed {
        name: match method {
            Method::Udp => "udp",
            Method::Icmp => way.used.name(),
            Method::Tcp => "tcp",
            Method::Syn => "syn",
            Method::Echo => "echo",
        },
        port,
        what,
        others: others
            .map(|(means, why)| (means.name(), why.clone()))
            .collect(),
        sees_hops: true,
        sees_quotes: way.used.sees_quotes(),
    }
}

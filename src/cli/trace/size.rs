//! The search for the path MTU, after the trace has told how long the path is.

use std::net::IpAddr;

use super::Host;
use super::args::TraceArgs;
use crate::error::Error;
use crate::lang::Text;
use crate::probe::opened::Opened;
use crate::trace::ask;
use crate::trace::mtu::{MtuSearch, PathMtu};
use crate::trace::report::Report;

/// A network whose packets may not be broken, and the sizes to look between.
pub(super) struct Sizes {
    network: Opened,
    smallest: u16,
    largest: u16,
}

/// A network for the search to each host, where one is asked for. It must be had before privileges are
/// given up, so before the length of the path is known.
pub(super) fn open(args: &TraceArgs, hosts: &[Host]) -> Result<Vec<Sizes>, Error> {
    let Some(largest) = args.mtu.filter(|_| !args.lab) else {
        return Ok(Vec::new());
    };
    let open = |(_, address): &Host| {
        Ok(Sizes {
            network: network(args, *address)?,
            // An IPv6 link takes 1280 bytes at the least (RFC 8200, 5), an IPv4 link 68 (RFC 791).
            smallest: if address.is_ipv6() { 1280 } else { 68 },
            largest,
        })
    };
    hosts.iter().map(open).collect()
}

#[cfg(target_os = "linux")]
fn network(args: &TraceArgs, address: IpAddr) -> Result<Opened, Error> {
    use std::net::SocketAddr;

    use super::args::Method;
    use super::open::UDP_PORT;
    use crate::probe::clock::Clock;
    use crate::probe::manner::Manner;
    use crate::probe::{icmp::IcmpNetwork, udp::UdpNetwork};

    let settings = args.settings(false)?;
    let manner = Manner {
        whole: true,
        // A port that the trace holds cannot be had again.
        source_port: None,
        ..args.manner(&settings)
    };
    let clock = Clock::default();
    Ok(match args.method() {
        Method::Udp => {
            let to = SocketAddr::new(address, args.port.unwrap_or(UDP_PORT));
            Opened::Udp(Box::new(UdpNetwork::open(&[to], &manner, clock)?))
        }
        Method::Icmp => Opened::Icmp(Box::new(IcmpNetwork::open(
            &[address],
            &manner,
            clock,
            None,
        )?)),
        Method::Tcp | Method::Syn | Method::Echo => {
            return Err(Error::Argument(Text::new(
                "--mtu 只与 udp 或 icmp 方式一起使用：TCP 的首个报文没有大小可言",
                "--mtu goes with the methods udp and icmp: the first packet of TCP has no size to choose",
            )));
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn network(_: &TraceArgs, _: IpAddr) -> Result<Opened, Error> {
    Err(Error::Argument(Text::new(
        "--mtu 只在 Linux 上可用",
        "--mtu works on Linux only",
    )))
}

/// Looks for the path MTU on the path that `report` shows.
pub(super) async fn search(sizes: Sizes, report: &Report) -> Result<PathMtu, Error> {
    let hops = report.rows.last().map_or(1, |row| row.hop.distance);
    let mut search = MtuSearch::new(sizes.smallest, sizes.largest, hops);
    let mut network = sizes.network;
    ask(&mut search, &mut network).await?;
    Ok(search.found().clone())
}

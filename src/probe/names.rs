//! Host names to addresses and, only when asked, addresses to names.
//!
//! Literal addresses and `localhost` (RFC 6761, 6.3) are answered here and ask nobody. Everything
//! else goes to the [`Server`] that the user chose: by the system's configuration, its hosts file
//! first, or to one server alone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use tokio::task::JoinSet;

use crate::error::Error;
use crate::lang::Text;
use crate::text;

mod reverse;
mod server;

pub use reverse::{Names, names};
pub use server::Server;

/// Which address family to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Family {
    /// The first that the name has, IPv4 first.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl Family {
    /// Which addresses are asked for.
    fn strategy(self) -> LookupIpStrategy {
        match self {
            Family::Any => LookupIpStrategy::Ipv4AndIpv6,
            Family::V4 => LookupIpStrategy::Ipv4Only,
            Family::V6 => LookupIpStrategy::Ipv6Only,
        }
    }

    /// Whether an address is of this family.
    pub fn admits(self, address: IpAddr) -> bool {
        match self {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        }
    }
}

/// Hosts looked up at one time.
const AT_ONCE: usize = 32;

/// Addresses of one host, IPv4 first and at least one, or why there are none.
pub type Found = Result<Vec<IpAddr>, Error>;

/// The addresses of `host` in `family`, from `server` unless it is written out. Must be called inside
/// a tokio runtime.
pub async fn address(host: &str, family: Family, server: Server) -> Found {
    let host = host.trim();
    let known = literal(host);
    if known.is_empty() {
        return look_up(&server.resolver(family.strategy())?, host, family).await;
    }
    admitted(known, host, family)
}

/// The addresses of many hosts, each found or not for itself, in the order of `hosts`. Must be
/// called inside a tokio runtime.
pub async fn addresses(hosts: &[String], family: Family, server: Server) -> Vec<Found> {
    let missing = || {
        Err(Error::System(Text::new(
            "查询中断",
            "the look-up was broken off",
        )))
    };
    let mut found: Vec<Found> = hosts.iter().map(|_| missing()).collect();
    let mut asked = JoinSet::new();
    let mut waiting = Vec::new();
    for (at, (place, host)) in found.iter_mut().zip(hosts).enumerate() {
        // What is written out needs no task of its own.
        match literal(host.trim()).is_empty() {
            true => waiting.push((at, host.clone())),
            false => *place = address(host, family, server).await,
        }
    }
    let mut waiting = waiting.into_iter();
    loop {
        while asked.len() < AT_ONCE
            && let Some((at, host)) = waiting.next()
        {
            asked.spawn(async move { (at, address(&host, family, server).await) });
        }
        let Some(ended) = asked.join_next().await else {
            return found;
        };
        if let Ok((at, result)) = ended
            && let Some(place) = found.get_mut(at)
        {
            *place = result;
        }
    }
}

/// The addresses that `host` is, when nobody need be asked for them; else none.
pub(super) fn literal(host: &str) -> Vec<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Ok(address) = bare.unwrap_or(host).parse() {
        return vec![address];
    }
    match host.trim_end_matches('.').eq_ignore_ascii_case("localhost") {
        true => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        false => Vec::new(),
    }
}

async fn look_up(resolver: &TokioResolver, host: &str, family: Family) -> Found {
    let unknown = |source: &dyn std::fmt::Display| {
        Error::Argument(text!(
            "找不到主机 \"{host}\" 的地址（{source}）；请检查名称，或直接写 IP 地址",
            "no address found for host \"{host}\" ({source}); check the name, or write an IP address"
        ))
    };
    if host.is_empty() {
        return Err(unknown(&"\"\""));
    }
    let found = resolver.lookup_ip(host).await.map_err(|error| {
        match error.is_nx_domain() || error.is_no_records_found() {
            true => Error::Argument(text!(
                "没有名为 \"{host}\" 的主机；请检查名称，或直接写 IP 地址",
                "there is no host \"{host}\"; check the name, or write an IP address"
            )),
            false => unknown(&error),
        }
    })?;
    admitted(found.iter().collect(), host, family)
}

/// Those of `known` that are of `family`, IPv4 first.
fn admitted(mut known: Vec<IpAddr>, host: &str, family: Family) -> Found {
    known.retain(|address| family.admits(*address));
    known.sort_by_key(IpAddr::is_ipv6);
    match known.is_empty() {
        true => Err(wrong_family(host, family)),
        false => Ok(known),
    }
}

fn wrong_family(host: &str, family: Family) -> Error {
    let wanted = match family {
        Family::V6 => "IPv6",
        Family::Any | Family::V4 => "IPv4",
    };
    Error::Argument(text!(
        "\"{host}\" 没有 {wanted} 地址；请去掉 -4/-6，或换一个主机",
        "\"{host}\" has no {wanted} address; leave out -4/-6, or choose another host"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look_up(host: &str, family: Family) -> Found {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(address(host, family, Server::System))
    }

    #[test]
    fn literals_and_localhost_need_no_resolver() {
        // The runtime has neither timers nor sockets: asking anybody would panic.
        let found = |host, family| look_up(host, family).unwrap()[0].to_string();
        assert_eq!(found("192.0.2.7", Family::Any), "192.0.2.7");
        assert_eq!(found("[2001:db8::7]", Family::V6), "2001:db8::7");
        assert_eq!(found("LocalHost.", Family::Any), "127.0.0.1");
        assert_eq!(found("localhost", Family::V6), "::1");
    }

    #[test]
    fn a_literal_of_the_other_family_is_refused() {
        let error = look_up("192.0.2.7", Family::V6).unwrap_err();
        assert!(error.to_string().contains("IPv6"));
        assert!(
            look_up("::1", Family::V4)
                .unwrap_err()
                .to_string()
                .contains("IPv4")
        );
    }
}

//! Host names to addresses and, only when asked, addresses to names.
//!
//! Literal addresses and `localhost` (RFC 6761, 6.3) are answered here and ask nobody. Everything
//! else goes by the system's configuration, its hosts file first.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use hickory_resolver::proto::rr::RData;
use tokio::task::JoinSet;

use crate::error::Error;
use crate::text;

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
    /// Whether an address is of this family.
    pub fn admits(self, address: IpAddr) -> bool {
        match self {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        }
    }
}

/// The address of `host` in `family`. Must be called inside a tokio runtime.
pub async fn address(host: &str, family: Family) -> Result<IpAddr, Error> {
    let found = look_up(host, family, LookupIpStrategy::Ipv4thenIpv6).await?;
    let mut found = found.into_iter();
    found.next().ok_or_else(|| wrong_family(host, family))
}

/// All addresses of `host` in `family`, IPv4 first, at least one. Must be called inside a tokio
/// runtime.
pub async fn addresses(host: &str, family: Family) -> Result<Vec<IpAddr>, Error> {
    let mut found = look_up(host, family, LookupIpStrategy::Ipv4AndIpv6).await?;
    found.sort_by_key(IpAddr::is_ipv6);
    Ok(found)
}

/// Addresses of `host` in `family`, at least one; `any` is how to ask for those of any family.
async fn look_up(host: &str, family: Family, any: LookupIpStrategy) -> Result<Vec<IpAddr>, Error> {
    let host = host.trim();
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Ok(address) = bare.unwrap_or(host).parse::<IpAddr>() {
        return match family.admits(address) {
            true => Ok(vec![address]),
            false => Err(wrong_family(host, family)),
        };
    }
    if host.trim_end_matches('.').eq_ignore_ascii_case("localhost") {
        let known = [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Ipv6Addr::LOCALHOST.into(),
        ];
        let admitted = known.into_iter().filter(|address| family.admits(*address));
        return Ok(admitted.collect());
    }
    let unknown = |source: &dyn std::fmt::Display| {
        Error::Argument(text!(
            "找不到主机 \"{host}\" 的地址（{source}）；请检查名称，或直接写 IP 地址",
            "no address found for host \"{host}\" ({source}); check the name, or write an IP address"
        ))
    };
    if host.is_empty() {
        return Err(unknown(&"\"\""));
    }
    let resolver = resolver(family, any)?;
    let found = resolver.lookup_ip(host).await.map_err(|error| {
        match error.is_nx_domain() || error.is_no_records_found() {
            true => Error::Argument(text!(
                "没有名为 \"{host}\" 的主机；请检查名称，或直接写 IP 地址",
                "there is no host \"{host}\"; check the name, or write an IP address"
            )),
            false => unknown(&error),
        }
    })?;
    let admitted = found.iter().filter(|address| family.admits(*address));
    let admitted: Vec<IpAddr> = admitted.collect();
    match admitted.is_empty() {
        true => Err(wrong_family(host, family)),
        false => Ok(admitted),
    }
}

/// The names that the domain name system gives these addresses, as far as they are found `within`
/// that time. This asks a name server: whoever runs it learns which addresses are looked at.
pub async fn names(addresses: Vec<IpAddr>, within: Duration) -> Vec<(IpAddr, String)> {
    let Ok(resolver) = resolver(Family::Any, LookupIpStrategy::Ipv4thenIpv6) else {
        return Vec::new();
    };
    let mut asked = JoinSet::new();
    for address in addresses {
        let resolver = resolver.clone();
        asked.spawn(async move {
            let found = resolver.reverse_lookup(address).await.ok()?;
            let name = found
                .answers()
                .iter()
                .find_map(|record| match &record.data {
                    RData::PTR(name) => Some(name.to_string()),
                    _ => None,
                })?;
            Some((address, name.trim_end_matches('.').to_string()))
        });
    }
    let mut found = Vec::new();
    let deadline = tokio::time::Instant::now() + within;
    while let Ok(Some(ended)) = tokio::time::timeout_at(deadline, asked.join_next()).await {
        found.extend(ended.ok().flatten());
    }
    found
}

fn resolver(family: Family, any: LookupIpStrategy) -> Result<TokioResolver, Error> {
    let failed = |source: &dyn std::fmt::Display| {
        Error::System(text!(
            "无法读取系统的域名解析配置：{source}",
            "cannot read the system's name server configuration: {source}"
        ))
    };
    let mut builder = TokioResolver::builder_tokio().map_err(|error| failed(&error))?;
    builder.options_mut().ip_strategy = match family {
        Family::Any => any,
        Family::V4 => LookupIpStrategy::Ipv4Only,
        Family::V6 => LookupIpStrategy::Ipv6Only,
    };
    builder.build().map_err(|error| failed(&error))
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

    fn found<T>(asked: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(asked)
    }

    #[test]
    fn literals_and_localhost_need_no_resolver() {
        // The runtime has neither timers nor sockets: asking anybody would panic.
        let first = |host, family| found(address(host, family)).unwrap().to_string();
        assert_eq!(first("192.0.2.7", Family::Any), "192.0.2.7");
        assert_eq!(first("[2001:db8::7]", Family::V6), "2001:db8::7");
        assert_eq!(first("LocalHost.", Family::Any), "127.0.0.1");
        assert_eq!(first("localhost", Family::V6), "::1");
        let all = |family| found(addresses("localhost", family)).unwrap().len();
        assert_eq!([Family::Any, Family::V4, Family::V6].map(all), [2, 1, 1]);
    }

    #[test]
    fn a_literal_of_the_other_family_is_refused() {
        let refused = |host, family| found(address(host, family)).unwrap_err().to_string();
        assert!(refused("192.0.2.7", Family::V6).contains("IPv6"));
        assert!(refused("::1", Family::V4).contains("IPv4"));
    }
}

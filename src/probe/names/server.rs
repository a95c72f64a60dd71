//! Which name server is asked.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::system_conf::read_system_conf;

use crate::error::Error;
use crate::text;

/// The port of name servers (RFC 1035, 4.2).
const PORT: u16 = 53;

/// Which name server is asked; nobody else learns a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Server {
    /// Those of the system's configuration, its hosts file before them.
    #[default]
    System,
    /// This one alone. The hosts file is not looked at.
    At(SocketAddr),
}

impl FromStr for Server {
    type Err = Error;

    /// `system`, an address, or an address with a port: `192.0.2.1:5353`, `[2001:db8::1]:5353`.
    fn from_str(text: &str) -> Result<Server, Error> {
        if text.eq_ignore_ascii_case("system") {
            return Ok(Server::System);
        }
        let with_port = text.parse::<SocketAddr>().ok();
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        let address = || Some(SocketAddr::new(bare.parse::<IpAddr>().ok()?, PORT));
        with_port.or_else(address).map(Server::At).ok_or_else(|| {
            Error::Argument(text!(
                "\"{text}\" 不是域名服务器；应写 system、地址或“地址:端口”，例如 192.0.2.1:53",
                "\"{text}\" is no name server; write system, an address, or an address with a port, such as 192.0.2.1:53"
            ))
        })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Server::System => f.write_str("system"),
            Server::At(address) => address.fmt(f),
        }
    }
}

impl Server {
    /// Where it is; of the system's servers the first. Fails when the system has none.
    pub fn address(self) -> Result<SocketAddr, Error> {
        if let Server::At(address) = self {
            return Ok(address);
        }
        let (config, _) = read_system_conf().map_err(|error| unreadable(&error))?;
        let first = config.name_servers().first();
        let first = first.ok_or_else(|| unreadable(&"no nameserver"))?;
        let port = first.connections.first().map_or(PORT, |one| one.port);
        Ok(SocketAddr::new(first.ip, port))
    }

    /// What asks this server for addresses by `strategy`. It remembers nothing: whoever asks again
    /// wants to know anew.
    pub(in crate::probe) fn resolver(
        self,
        strategy: LookupIpStrategy,
    ) -> Result<TokioResolver, Error> {
        let mut builder = match self {
            Server::System => TokioResolver::builder_tokio().map_err(|error| unreadable(&error))?,
            Server::At(address) => {
                let provider = TokioRuntimeProvider::default();
                TokioResolver::builder_with_config(only(address), provider)
            }
        };
        let options = builder.options_mut();
        options.cache_size = 0;
        options.ip_strategy = strategy;
        if self != Server::System {
            options.use_hosts_file = ResolveHosts::Never;
        }
        builder.build().map_err(|error| unreadable(&error))
    }
}

/// The configuration that knows this one server, by UDP and, for long answers, by TCP.
fn only(address: SocketAddr) -> ResolverConfig {
    let mut ways = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for way in &mut ways {
        way.port = address.port();
    }
    ResolverConfig::from_name_servers(vec![NameServerConfig::new(address.ip(), true, ways)])
}

fn unreadable(source: &dyn fmt::Display) -> Error {
    Error::System(text!(
        "无法读取系统的域名解析配置：{source}",
        "cannot read the system's name server configuration: {source}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_written_with_or_without_its_port() {
        for (written, read) in [
            ("192.0.2.1", "192.0.2.1:53"),
            ("192.0.2.1:5353", "192.0.2.1:5353"),
            ("2001:db8::1", "[2001:db8::1]:53"),
            ("[2001:db8::1]", "[2001:db8::1]:53"),
            ("[2001:db8::1]:5353", "[2001:db8::1]:5353"),
            ("System", "system"),
        ] {
            assert_eq!(written.parse::<Server>().unwrap().to_string(), read);
        }
        for wrong in [
            "",
            "dns.example",
            "192.0.2.1:",
            "192.0.2.1:65536",
            "tls://192.0.2.1",
        ] {
            let error = wrong.parse::<Server>().unwrap_err();
            assert!(error.to_string().contains("system"), "{error}");
        }
    }
}

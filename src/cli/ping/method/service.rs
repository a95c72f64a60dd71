//! Services to ask in place of a host: name servers, TLS, HTTP.

use std::net::{IpAddr, SocketAddr};

use super::super::PingArgs;
use super::super::hosts::Found;
use super::{Door, Method};
use crate::error::Error;
use crate::lang::Text;
use crate::ping::about;
use crate::probe::clock::Clock;
use crate::probe::manner::Manner;
use crate::probe::names::Server;
use crate::probe::opened::Opened;
use crate::probe::service::{Service, ServiceNetwork, Trust};

/// Opens the network of the method that asks a service.
pub(super) fn open(
    args: &PingArgs,
    found: &Found,
    manner: Manner,
    clock: Clock,
) -> Result<Door, Error> {
    let hosts = found.named.iter().zip(&found.hosts);
    let services = hosts.map(|(named, host)| service(args, named, host.address));
    let services = services.collect::<Result<Vec<Service>, Error>>()?;
    let (kind, way) = match args.method {
        Method::Dns => (about::DNS, "udp"),
        Method::Tls => (about::TLS, "tcp"),
        _ => (about::HTTP, "tcp"),
    };
    let port = services.first().map(Service::port);
    let trust = args.trust.clone().map_or(Trust::System, Trust::File);
    let network = ServiceNetwork::open(services, manner, &trust, Server::System, clock)?;
    Ok(Door {
        network: Opened::Service(Box::new(network)),
        kind,
        port,
        way,
        others: Vec::new(),
    })
}

/// What one host is asked.
fn service(args: &PingArgs, named: &str, address: IpAddr) -> Result<Service, Error> {
    match args.method {
        Method::Dns => {
            let query = args.query.as_deref().ok_or_else(|| {
                Error::Argument(Text::new(
                    "--method dns 需要用 --query 写明查询内容，例如 --query example.org/AAAA",
                    "--method dns needs a question: write it with --query, for example \
                     --query example.org/AAAA",
                ))
            })?;
            let (name, kind) = query.split_once('/').unwrap_or((query, "A"));
            let server = SocketAddr::new(address, args.port.unwrap_or(53));
            Service::dns(server, name, kind, false)
        }
        Method::Tls => Ok(Service::tls(named, args.port.unwrap_or(443)).at(address)),
        _ => {
            let url = args.url.clone().unwrap_or_else(|| url(args, named));
            Ok(Service::http(&url)?.at(address))
        }
    }
}

/// The first page of a host.
fn url(args: &PingArgs, named: &str) -> String {
    let port = args.port.unwrap_or(80);
    let scheme = if port == 443 { "https" } else { "http" };
    match named.contains(':') {
        true => format!("{scheme}://[{named}]:{port}/"),
        false => format!("{scheme}://{named}:{port}/"),
    }
}

/// The host of the URL to ask for, if there is one.
pub(super) fn host_of(args: &PingArgs) -> Result<Option<String>, Error> {
    let url = args.url.as_deref();
    let service = url.map(Service::http).transpose()?;
    Ok(service.map(|service| service.host().to_string()))
}

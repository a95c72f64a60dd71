//! Whom to ping: what was typed, listed or generated, looked up.

use std::collections::HashMap;
use std::io::{IsTerminal, Read};
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use super::super::Context;
use super::{PingArgs, method, range};
use crate::error::Error;
use crate::files;
use crate::lang::Text;
use crate::ping::about::{Host, Unknown};
use crate::probe::names::{self, Family, Server};

/// How long the names of addresses are waited for.
const NAMES_WITHIN: Duration = Duration::from_secs(3);

/// The targets of a run.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) hosts: Vec<Host>,
    pub(super) unknown: Vec<Unknown>,
    /// Each host as it was named, whatever it is called.
    pub(super) named: Vec<String>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    name: String,
    label: Option<String>,
}

/// Finds the targets. A name without an address is said, unless the run is quiet, and remembered.
pub(super) async fn find(args: &PingArgs, context: &Context) -> Result<Found, Error> {
    let (wanted, looked_up) = if args.generate {
        let addresses = range::addresses(&args.hosts)?;
        let wanted = addresses.iter().map(|address| named(&address.to_string()));
        let wanted: Vec<Wanted> = wanted.collect();
        (
            wanted,
            addresses
                .into_iter()
                .map(|address| Ok(vec![address]))
                .collect(),
        )
    } else {
        let wanted = asked(args)?;
        let looked_up = look_up(&wanted, args.family()).await;
        (wanted, looked_up)
    };
    let mut found = Found::default();
    for (Wanted { name, label }, addresses) in wanted.into_iter().zip(looked_up) {
        match addresses {
            Ok(addresses) => {
                let some = if args.all { addresses.len() } else { 1 };
                for address in addresses.into_iter().take(some) {
                    let (name, label) = (name.clone(), label.clone());
                    found.named.push(name.clone());
                    found.hosts.push(Host {
                        name,
                        label,
                        address,
                    });
                }
            }
            Err(why) => {
                if !args.quiet {
                    eprintln!("{name}: {}", why.get(context.lang));
                }
                found.unknown.push(Unknown { name, label, why });
            }
        }
    }
    rename(args, &mut found.hosts).await;
    Ok(found)
}

fn named(name: &str) -> Wanted {
    Wanted {
        name: name.to_string(),
        label: None,
    }
}

/// What was typed; else what the file or standard input lists.
fn asked(args: &PingArgs) -> Result<Vec<Wanted>, Error> {
    let from_stdin = || {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|source| Error::file("<stdin>", source))?;
        Ok(listed(&text))
    };
    match &args.file {
        Some(path) if path == Path::new("-") => from_stdin(),
        Some(path) => Ok(listed(&files::read(path)?)),
        None if !args.hosts.is_empty() => Ok(args.hosts.iter().map(|host| named(host)).collect()),
        None if let Some(host) = method::host_of(args)? => Ok(vec![named(&host)]),
        None if std::io::stdin().is_terminal() => Err(Error::Argument(Text::new(
            "没有目标；请写出主机，或用 -f 给出列表，或用 -g 给出网段",
            "no host; name some, list them with -f, or give a network with -g",
        ))),
        None => from_stdin(),
    }
}

/// A list of hosts: one a line, a label after it; `#` begins a remark.
fn listed(text: &str) -> Vec<Wanted> {
    let line = |line: &str| {
        let line = line.trim();
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let label = rest.trim();
        let is_said = !label.is_empty() && !label.starts_with('#');
        (!name.is_empty() && !name.starts_with('#')).then(|| Wanted {
            label: is_said.then(|| label.to_string()),
            ..named(name)
        })
    };
    text.lines().filter_map(line).collect()
}

/// The addresses of each, in the same order, or why there are none.
async fn look_up(wanted: &[Wanted], family: Family) -> Vec<Result<Vec<IpAddr>, Text>> {
    let hosts: Vec<String> = wanted.iter().map(|wanted| wanted.name.clone()).collect();
    let found = names::addresses(&hosts, family, Server::System).await;
    let why = |error| match error {
        Error::Argument(why) | Error::System(why) => why,
        other => Text::same(other),
    };
    found.into_iter().map(|found| found.map_err(why)).collect()
}

/// Calls hosts by their addresses or by the names of these, as asked.
async fn rename(args: &PingArgs, hosts: &mut [Host]) {
    let is_address = |host: &Host| host.name.parse::<IpAddr>().is_ok();
    let by_name = |host: &Host| args.rdns || args.name && is_address(host);
    let mut names = HashMap::new();
    if args.name || args.rdns {
        let asked = hosts.iter().filter(|host| by_name(host));
        let addresses = asked.map(|host| host.address).collect();
        let found = names::names(addresses, NAMES_WITHIN, Server::System).await;
        names.extend(found);
    }
    for host in hosts {
        let address = host.address;
        let known = names.get(&address).filter(|_| by_name(host));
        if let Some(name) = known {
            host.name.clone_from(name);
        }
        let shows_name = (args.name || args.rdns) && !is_address(host);
        if args.addr && shows_name {
            host.name = format!("{} ({address})", host.name);
        } else if args.addr {
            host.name = address.to_string();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_hosts_labels_and_remarks() {
        let text =
            "# all of them\n192.0.2.1 电信 北京\n\n\t2001:db8::1\n#192.0.2.9\nhost#1  # none\n";
        let said: Vec<_> = listed(text)
            .into_iter()
            .map(|wanted| (wanted.name, wanted.label))
            .collect();
        let label = |text: &str| Some(text.to_string());
        let expected = [
            ("192.0.2.1", label("电信 北京")),
            ("2001:db8::1", None),
            ("host#1", None),
        ];
        assert_eq!(
            said,
            expected.map(|(name, label)| (name.to_string(), label))
        );
    }
}

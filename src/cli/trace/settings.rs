//! What was typed, as settings of the engine and of the sockets; what cannot be is refused.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use super::super::Context;
use super::args::{Method, PortsName, TraceArgs};
use crate::error::Error;
use crate::lang::Text;
use crate::probe::manner::{Manner, Ports};
use crate::probe::names::{Family, Server};
use crate::probe::tag::Tag;
use crate::report::trace::{Fields, Format, Look};
use crate::text;
use crate::trace::engine::{Flows, Settings};
use crate::trace::report::ServiceAsked;

/// Sweeps of a report that does not say.
pub(super) const SWEEPS: u32 = 10;

/// Sweeps of a search for branches at the most; each is a flow of its own.
const MOST_FLOWS: u32 = 64;

/// Port of a service where nothing says otherwise.
const SERVICE_PORT: u16 = 443;

/// The interval from which on hosts can be expected to answer every probe by an ICMP error.
pub(super) const UNHURRIED: Duration = Duration::from_secs(1);

/// A number of seconds that may stand behind `option`.
fn seconds(value: f64, option: &str, least: f64) -> Result<Duration, Error> {
    let length = Duration::try_from_secs_f64(value).ok();
    length
        .filter(|_| (least..=86_400.0).contains(&value))
        .ok_or_else(|| {
            Error::Argument(text!(
                "{option} 不能是 {value} 秒；允许 {least} 到 86400 秒",
                "{option} cannot be {value} seconds; allowed: {least} to 86400"
            ))
        })
}

impl TraceArgs {
    /// Settings of one target's run; the method adds what it knows better.
    pub(super) fn settings(&self, live: bool) -> Result<Settings, Error> {
        if self.first > self.max {
            let (first, max) = (self.first, self.max);
            return Err(Error::Argument(text!(
                "起始跳 {first} 大于最大跳 {max}；-f 不能大于 -m",
                "first distance {first} is beyond the last, {max}; -f must not exceed -m"
            )));
        }
        let has_port = self.port.is_some() || self.local_port.is_some();
        if has_port && matches!(self.method(), Method::Icmp | Method::Echo) {
            return Err(Error::Argument(Text::new(
                "ICMP 没有端口；请去掉 -P 与 -L，或改用 --method udp、tcp、syn",
                "ICMP has no ports; leave out -P and -L, or use --method udp, tcp or syn",
            )));
        }
        // How many of its sweeps a live view remembers is its own affair.
        let usual = match (live, self.ecmp) {
            (true, _) => u32::MAX,
            (false, true) => MOST_FLOWS,
            (false, false) => SWEEPS,
        };
        let rounds = self.cycles.unwrap_or(usual);
        let grace = self.grace.map(|grace| seconds(grace, "--grace", 0.0));
        Ok(Settings {
            first: self.first,
            last: self.max,
            rounds,
            interval: seconds(self.interval, "--interval", 0.01)?,
            patience: seconds(self.wait, "--wait", 0.01)?,
            grace: grace.transpose()?,
            flows: match self.ecmp {
                true => Flows::Discover,
                false => Flows::Turns(self.flows),
            },
            size: self.size,
            ..Settings::default()
        })
    }

    /// How probes leave and look.
    pub(super) fn manner(&self, settings: &Settings) -> Manner {
        // Random, so that two runs side by side do not take each other's replies for their own.
        let tag = Tag(RandomState::new().build_hasher().finish());
        Manner {
            source: self.address,
            source_port: self.local_port,
            interface: self.interface.clone(),
            tos: self.tos,
            whole: self.dont_fragment,
            ports: match self.ports {
                PortsName::Fixed => Ports::Fixed,
                PortsName::Classic => Ports::Classic,
            },
            size: self.size,
            patience: settings.patience,
            ..Manner::plain(tag)
        }
    }

    /// How long each router is left alone after it was asked, by all `targets` together.
    pub(super) fn gap(&self, settings: &Settings, targets: usize) -> Result<Duration, Error> {
        let Some(rate) = self.hop_rate else {
            // Whoever traces one host has said by the interval how often its hops may be asked.
            return Ok(match targets {
                0 | 1 => Duration::ZERO,
                _ => settings.interval.max(Duration::from_secs(1)),
            });
        };
        match (1e-3..=1e6).contains(&rate) {
            true => Ok(Duration::from_secs_f64(1.0 / rate)),
            false => Err(Error::Argument(text!(
                "--hop-rate 不能是每秒 {rate} 次；允许 0.001 到 1000000",
                "--hop-rate cannot be {rate} a second; allowed: 0.001 to 1000000"
            ))),
        }
    }

    /// The service to ask beside the path to some `targets`, if any: the one typed or written in the
    /// topology; with UDP, whose targets answer sparingly, the usual one. Another program that traces
    /// from here spends their answers too, so that holds of a run at leisure as well; but nobody's
    /// network is to be asked for it.
    pub(super) fn service(
        &self,
        written: Option<u16>,
        settings: &Settings,
        targets: usize,
    ) -> Option<ServiceAsked> {
        let wanted = settings.interval < UNHURRIED || targets == 1;
        let usual = (wanted && self.method() == Method::Udp).then_some(SERVICE_PORT);
        let named = self.service.or(written);
        let port = named.or(usual).filter(|_| !self.no_service)?;
        let named = named.is_some();
        Some(ServiceAsked { port, named })
    }

    pub(super) fn family(&self) -> Family {
        match (self.ipv4, self.ipv6) {
            (true, _) => Family::V4,
            (_, true) => Family::V6,
            _ => Family::Any,
        }
    }

    /// How a report is to look.
    pub(super) fn look(&self, context: &Context) -> Result<Look, Error> {
        let fields = self.order.as_deref().map(Fields::parse).transpose();
        Ok(Look {
            wide: self.wide,
            fields: fields.map_err(Error::Argument)?.unwrap_or_default(),
            names: self.names || self.both,
            networks: self.aslookup || self.atlas.is_some(),
            both: self.both,
            columns: context.columns(),
            ..Look::plain(context.lang)
        })
    }

    /// Who is asked for names.
    pub(super) fn server(&self) -> Result<Server, Error> {
        let typed = self.dns_server.as_deref();
        typed.map_or(Ok(Server::System), str::parse)
    }

    pub(super) fn method(&self) -> Method {
        let typed = match (self.udp, self.tcp) {
            (true, _) => Some(Method::Udp),
            (_, true) => Some(Method::Tcp),
            _ => self.method,
        };
        let usual = if cfg!(target_os = "linux") {
            Method::Udp
        } else {
            Method::Echo
        };
        typed.unwrap_or(usual)
    }

    /// Whether the probes of a flow look alike to routers on the way.
    pub(super) fn keeps_flows(&self) -> bool {
        match self.method() {
            Method::Udp => self.ports == PortsName::Fixed,
            Method::Tcp => false,
            Method::Icmp | Method::Syn | Method::Echo => true,
        }
    }

    /// How to print, where a letter or a name asks for it.
    pub(super) fn format(&self) -> Option<Format> {
        match (self.json, self.csv, self.raw) {
            (true, _, _) => Some(Format::Json),
            (_, true, _) => Some(Format::Csv),
            (_, _, true) => Some(Format::Raw),
            _ => self.format,
        }
    }
}

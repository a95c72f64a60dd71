//! ICMP echo on Linux: every hop, both address families, many targets over one socket each family.
//!
//! There are two ways. A *raw* socket needs `CAP_NET_RAW`. It gets a copy of all ICMP that comes to
//! this host, so a filter in the kernel lets in only replies to our own identifier and errors that
//! quote our own requests: other programs' packets, and on loopback our own requests, neither fill
//! its buffer nor wake us. A *datagram* ("ping") socket needs a group that
//! `net.ipv4.ping_group_range` names; the kernel chooses the identifier, and routers' errors come by
//! the error queue.

use std::net::{IpAddr, SocketAddr};

use super::clock::Clock;
use super::errqueue::{Heard, News};
use super::flight::Flights;
use super::hearing::{self, Hearing, Hears};
use super::ledger::Ledger;
use super::manner::{self, Manner};
use super::socket::{self, Stamping};
use super::waiter::Ready;
use super::way::Way;
use super::{Network, Probe, Reply, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;
pub use open::Kind;
use open::{EchoSocket, identifier, opened};
use packet::Own;
use request::Request;
use said::{Aim, Said};

#[cfg(any(test, fuzzing))]
pub(super) mod fuzzed;
mod open;
mod packet;
mod request;
mod said;

/// ICMP echo requests to some hosts.
#[derive(Debug)]
pub struct IcmpNetwork {
    aims: Vec<Aim>,
    manner: Manner,
    kind: Kind,
    /// What tells our requests, where we choose their identifier.
    own: Option<Own>,
    sockets: Vec<EchoSocket>,
    hearing: Hearing,
    ledger: Ledger,
    request: Request,
    way: Way,
    _stamping: Stamping,
}

impl IcmpNetwork {
    /// Opens one socket for each address family among `targets`: raw ones where `CAP_NET_RAW` is
    /// permitted, else datagram ones, or what `forced` says and nothing else. Fails when there is
    /// none to be had. Must be called inside a tokio runtime, before [`give_up`](super::privilege::give_up).
    pub fn open(
        targets: &[IpAddr],
        manner: &Manner,
        clock: Clock,
        forced: Option<Kind>,
    ) -> Result<IcmpNetwork, Error> {
        let identifier = identifier(manner.tag);
        let (kind, sockets, way) = opened(targets, manner, identifier, forced)?;
        let hearing = Hearing::new()?;
        for (open, token) in sockets.iter().zip(0..) {
            if let Ok(socket) = &open.socket {
                let added = hearing.waiter.add(socket, token);
                added.map_err(|error| socket::not_heard(&error))?;
            }
        }
        let flights = targets
            .iter()
            .map(|_| Flights::new(0x1_0000, manner.patience));
        let own = (kind == Kind::Raw).then_some(Own {
            identifier,
            tag: manner.tag,
        });
        let source = |to: IpAddr| socket::source_of(SocketAddr::new(to, 0), manner).ok();
        let aim = |to: &IpAddr| Aim {
            to: *to,
            source: own.and_then(|_| source(*to)),
        };
        Ok(IcmpNetwork {
            aims: targets.iter().map(aim).collect(),
            manner: manner.clone(),
            kind,
            own,
            sockets,
            hearing,
            ledger: Ledger::new(manner.tag, clock, flights.collect()),
            request: Request::new(manner, identifier),
            way,
            _stamping: Stamping::start().map_err(Error::System)?,
        })
    }

    /// Sends the request of `probe`; says when.
    fn transmit(&mut self, probe: Probe) -> Result<Moment, Text> {
        let unknown = || manner::unknown_target(probe.target);
        let aim = self.aims.get(probe.target.0 as usize);
        let to = aim.ok_or_else(unknown)?.to;
        let ipv6 = to.is_ipv6();
        let mut sockets = self.sockets.iter();
        let open = sockets.find(|open| open.ipv6 == ipv6);
        let socket = &open.ok_or_else(unknown)?.socket;
        let socket = socket.as_ref().map_err(Text::clone)?;
        let size = self.manner.size_of(probe);
        let request = self.request.write(probe, ipv6, size);
        let sent = self.ledger.clock.now();
        let done = socket::send(socket, SocketAddr::new(to, 0), probe.distance, request);
        done.map_err(|error| socket::not_sent(to, &error))?;
        Ok(sent)
    }

    /// Which way the sockets were had, and why the other was not.
    pub fn way(&self) -> &Way {
        &self.way
    }
}

impl Hears for IcmpNetwork {
    fn parts(&mut self) -> (&mut Hearing, &mut Ledger) {
        (&mut self.hearing, &mut self.ledger)
    }

    fn read(&mut self, ready: Ready) -> Result<(), Error> {
        let open = self.sockets.get(ready.token as usize);
        let Some(EchoSocket {
            socket: Ok(socket),
            ipv6,
        }) = open
        else {
            return Ok(());
        };
        let (ledger, aims, own) = (&mut self.ledger, &self.aims, self.own);
        if self.kind == Kind::Datagram && ready.errors && socket::is_full(socket) {
            ledger.troubles.overflowed += 1;
        }
        let mut look = None;
        self.hearing.read(socket, ready, |heard: Heard<'_>| {
            let look = *look.get_or_insert_with(|| ledger.clock.look());
            if heard.news == News::Left {
                return ledger.left(&heard, look);
            }
            if let Some(said) = Said::read(&heard, *ipv6, own) {
                let whose = said.whose(aims, ledger);
                let probe = whose.as_ref().ok().copied().flatten();
                let (who, when) = ((said.answer, said.responder), (look, heard.stamp));
                ledger.heard(whose, who, said.detail(probe, aims, own), when);
            }
        })
    }

    fn look(&mut self) -> Result<(), Error> {
        // A raw socket hears of errors as of all else; its error queue holds departures only.
        let errors = self.manner.exact || self.kind == Kind::Datagram;
        (0..self.sockets.len() as u64).try_for_each(|token| {
            self.read(Ready {
                token,
                errors,
                data: true,
            })
        })
    }
}

impl Network for IcmpNetwork {
    fn now(&self) -> Moment {
        self.ledger.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        hearing::send(self, probe, |network| network.transmit(probe))
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        hearing::receive(self, until).await
    }

    fn troubles(&self) -> Troubles {
        let sockets = self.sockets.iter();
        let sockets = sockets.filter_map(|open| open.socket.as_ref().ok());
        self.ledger.troubles(sockets.map(socket::overflowed).sum())
    }
}

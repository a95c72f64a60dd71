//! ICMP echo on Linux: every hop, both address families, many targets over one socket each family.
//!
//! There are two ways. A *raw* socket needs `CAP_NET_RAW`. It gets a copy of all ICMP that comes to
//! this host, so a filter in the kernel lets in only replies to our own identifier and errors that
//! quote our own requests: other programs' packets, and on loopback our own requests, neither fill
//! its buffer nor wake us. A *datagram* ("ping") socket needs a group that
//! `net.ipv4.ping_group_range` names; the kernel chooses the identifier, and routers' errors come by
//! the error queue.

use std::io;
use std::net::{IpAddr, SocketAddr};

use socket2::{Protocol, Socket, Type};

use super::clock::Clock;
use super::errqueue::{Heard, News};
use super::flight::Flights;
use super::hearing::{self, Hearing, Hears};
use super::ledger::Ledger;
use super::manner::{self, Manner};
use super::socket::{self, Stamping};
use super::tag::Tag;
use super::waiter::Ready;
use super::way::{self, Means, Way};
use super::{Network, Probe, Reply, Troubles, privilege};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;
use request::Request;
use said::Said;

mod filter;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzed;
mod packet;
mod request;
mod said;

/// The two ways to echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A raw socket.
    Raw,
    /// A datagram socket.
    Datagram,
}

impl Kind {
    fn means(self) -> Means {
        match self {
            Kind::Raw => Means::RawEcho,
            Kind::Datagram => Means::PingSocket,
        }
    }
}

/// ICMP echo requests to some hosts.
#[derive(Debug)]
pub struct IcmpNetwork {
    targets: Vec<IpAddr>,
    manner: Manner,
    kind: Kind,
    /// The identifier of our requests, where we choose it.
    identifier: Option<u16>,
    sockets: Vec<EchoSocket>,
    hearing: Hearing,
    ledger: Ledger,
    request: Request,
    way: Way,
    _stamping: Stamping,
}

/// The socket of one address family, or why there is none.
#[derive(Debug)]
struct EchoSocket {
    ipv6: bool,
    socket: Result<Socket, Text>,
}

impl IcmpNetwork {
    /// Opens one socket for each address family among `targets`: raw ones where `CAP_NET_RAW` is
    /// permitted, else datagram ones, or what `forced` says and nothing else. Fails when there is
    /// none to be had. Must be called inside a tokio runtime, before [`privilege::give_up`].
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
        Ok(IcmpNetwork {
            targets: targets.to_vec(),
            manner: manner.clone(),
            kind,
            identifier: (kind == Kind::Raw).then_some(identifier),
            sockets,
            hearing,
            ledger: Ledger::new(manner.tag, clock, flights.collect()),
            request: Request::new(manner, identifier),
            way,
            _stamping: Stamping::start().map_err(Error::System)?,
        })
    }

    /// Which way the sockets were had, and why the other was not.
    pub fn way(&self) -> &Way {
        &self.way
    }
}

/// Tries the ways in their order.
fn opened(
    targets: &[IpAddr],
    manner: &Manner,
    identifier: u16,
    forced: Option<Kind>,
) -> Result<(Kind, Vec<EchoSocket>, Way), Error> {
    let mut others = Vec::new();
    let mut refused = Vec::new();
    let mut had: Option<(Kind, Vec<EchoSocket>)> = None;
    for kind in [Kind::Raw, Kind::Datagram] {
        let means = kind.means();
        if forced.is_some_and(|forced| forced != kind) {
            others.push((means, Text::new("未选用", "another way was asked for")));
            continue;
        }
        if had.is_some() {
            let why = Text::new("不需要：有原始套接字", "not needed: there is a raw socket");
            others.push((means, why));
            continue;
        }
        match sockets(targets, manner, identifier, kind) {
            Ok(sockets) => had = Some((kind, sockets)),
            Err(why) => {
                others.push((means, why.clone()));
                refused.push(why);
            }
        }
    }
    let Some((kind, sockets)) = had else {
        let side = |pick: fn(&Text) -> &str| {
            let whys: Vec<&str> = refused.iter().map(pick).collect();
            whys.join("\n")
        };
        return Err(Error::System(Text::new(
            side(|why| &why.zh),
            side(|why| &why.en),
        )));
    };
    let used = kind.means();
    Ok((kind, sockets, Way { used, others }))
}

/// One socket for each address family among the targets; fails when none could be had.
fn sockets(
    targets: &[IpAddr],
    manner: &Manner,
    identifier: u16,
    kind: Kind,
) -> Result<Vec<EchoSocket>, Text> {
    let families = [false, true];
    let asked = families
        .into_iter()
        .filter(|ipv6| targets.iter().any(|target| target.is_ipv6() == *ipv6));
    let sockets: Vec<EchoSocket> = asked
        .map(|ipv6| EchoSocket {
            ipv6,
            socket: socket(ipv6, manner, identifier, kind),
        })
        .collect();
    let mut refused = None;
    for open in &sockets {
        match &open.socket {
            Ok(_) => return Ok(sockets),
            Err(why) => refused = Some(why.clone()),
        }
    }
    Err(refused.unwrap_or_else(|| Text::new("没有目标", "there is no target")))
}

fn socket(ipv6: bool, manner: &Manner, identifier: u16, kind: Kind) -> Result<Socket, Text> {
    let protocol = if ipv6 {
        Protocol::ICMPV6
    } else {
        Protocol::ICMPV4
    };
    let open = |sort, refused: fn(&io::Error) -> Text| {
        let made = socket::make(ipv6, sort, protocol).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => refused(&error),
            _ => socket::no_socket(&error),
        });
        socket::dress(made?, ipv6, sort, manner, 0)
    };
    let socket = match kind {
        Kind::Raw => {
            let socket = privilege::with_net_raw(|| open(Type::RAW, way::no_raw))?;
            let filtered = filter::attach(&socket, ipv6, identifier);
            filtered.map_err(|error| socket::no_socket(&error))?;
            socket
        }
        Kind::Datagram => open(Type::DGRAM, way::no_ping)?,
    };
    socket::widen(&socket);
    Ok(socket)
}

/// An identifier that another process is unlikely to have: the folded tag, which is random.
fn identifier(Tag(tag): Tag) -> u16 {
    let folded = tag ^ (tag >> 16) ^ (tag >> 32) ^ (tag >> 48);
    (folded & 0xffff) as u16
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
        let (ledger, targets, identifier) = (&mut self.ledger, &self.targets, self.identifier);
        if self.kind == Kind::Datagram && ready.errors && socket::is_full(socket) {
            ledger.troubles.overflowed += 1;
        }
        let mut look = None;
        self.hearing.read(socket, ready, |heard: Heard<'_>| {
            let look = *look.get_or_insert_with(|| ledger.clock.look());
            if heard.news == News::Left {
                return ledger.left(&heard, look);
            }
            if let Some(said) = Said::read(&heard, *ipv6, identifier) {
                let whose = said.whose(targets, ledger);
                let (who, when) = ((said.answer, said.responder), (look, heard.stamp));
                ledger.heard(whose, who, said.detail, when);
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
        hearing::before_sending(self);
        self.ledger.admit(probe)?;
        let unknown = || manner::unknown_target(probe.target);
        let to = self.targets.get(probe.target.0 as usize);
        let to = *to.ok_or_else(unknown)?;
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
        self.ledger.sent(probe, sent);
        self.hearing.sent();
        Ok(sent)
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

//! ICMP echo on Linux: every hop, both address families, many targets over one socket each family.
//!
//! There are two ways. A *raw* socket needs `CAP_NET_RAW`. It gets a copy of all ICMP that comes to
//! this host, so a filter in the kernel lets in only replies to our own identifier and errors that
//! quote our own requests: other programs' packets, and on loopback our own requests, neither fill
//! its buffer nor wake us. A *datagram* ("ping") socket needs a group that
//! `net.ipv4.ping_group_range` names; the kernel chooses the identifier, and routers' errors come by
//! the error queue.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};

use socket2::{Protocol, Socket, Type};

use super::clock::{Clock, Look};
use super::errqueue::{self, Batch, Heard, News, Queue};
use super::flight::Flights;
use super::manner::{self, Manner};
use super::socket::{self, Stamping};
use super::tag::Tag;
use super::waiter::{Ready, Waiter};
use super::way::{self, Means, Way};
use super::{Answer, Detail, Network, Probe, Reply, Sequence, Stamp, Target, Troubles, privilege};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;
use request::Request;

mod filter;
mod packet;
mod request;

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
    manner: Manner,
    kind: Kind,
    ledger: Ledger,
    sockets: Vec<EchoSocket>,
    waiter: Waiter,
    request: Request,
    batch: Batch,
    /// Probes sent since the sockets were last read; they may hold something then.
    unread: u32,
    way: Way,
    _stamping: Stamping,
}

/// The socket of one address family, or why there is none.
#[derive(Debug)]
struct EchoSocket {
    ipv6: bool,
    socket: Result<Socket, Text>,
}

/// One target.
#[derive(Debug)]
struct Aim {
    address: IpAddr,
    flights: Flights,
}

/// What has been sent, and what was heard of it.
#[derive(Debug)]
struct Ledger {
    tag: Tag,
    /// The identifier of our requests, where we choose it.
    identifier: Option<u16>,
    clock: Clock,
    aims: Vec<Aim>,
    heard: VecDeque<Reply>,
    troubles: Troubles,
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
        let aim = |address: &IpAddr| Aim {
            address: *address,
            flights: Flights::new(0x1_0000, manner.patience),
        };
        let waiter = Waiter::new().map_err(|error| socket::not_heard(&error))?;
        for (open, token) in sockets.iter().zip(0..) {
            if let Ok(socket) = &open.socket {
                waiter
                    .add(socket, token)
                    .map_err(|error| socket::not_heard(&error))?;
            }
        }
        Ok(IcmpNetwork {
            manner: manner.clone(),
            kind,
            ledger: Ledger {
                tag: manner.tag,
                identifier: (kind == Kind::Raw).then_some(identifier),
                clock,
                aims: targets.iter().map(aim).collect(),
                heard: VecDeque::new(),
                troubles: Troubles::default(),
            },
            sockets,
            waiter,
            request: Request::new(manner, identifier),
            batch: Batch::default(),
            unread: 0,
            way,
            _stamping: Stamping::start().map_err(Error::System)?,
        })
    }

    /// Which way the sockets were had, and why the other was not.
    pub fn way(&self) -> &Way {
        &self.way
    }

    /// Reads what may have come since the sockets were last read.
    fn look(&mut self) -> Result<(), Error> {
        self.unread = 0;
        // A raw socket hears of errors as of all else; its error queue holds departures only.
        let errors = self.manner.exact || self.kind == Kind::Datagram;
        for token in 0..self.sockets.len() as u64 {
            self.read(Ready {
                token,
                errors,
                data: true,
            })?;
        }
        Ok(())
    }

    /// Reads each queue that has something.
    fn read(&mut self, ready: Ready) -> Result<(), Error> {
        let open = self.sockets.get(ready.token as usize);
        let Some(EchoSocket {
            socket: Ok(socket),
            ipv6,
        }) = open
        else {
            return Ok(());
        };
        if ready.errors && self.kind == Kind::Datagram && socket::is_full(socket) {
            self.ledger.troubles.overflowed += 1;
        }
        // Departures come before the replies that they belong to.
        let errors = ready.errors.then_some(Queue::Errors);
        for queue in errors.into_iter().chain(ready.data.then_some(Queue::Data)) {
            let (ledger, mut look) = (&mut self.ledger, None);
            let each = |heard: Heard<'_>| {
                let look = *look.get_or_insert_with(|| ledger.clock.look());
                ledger.hear(&heard, *ipv6, look);
            };
            let more = socket::read(socket, queue, &mut self.batch, each)?;
            self.unread += u32::from(more);
        }
        Ok(())
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

/// What passes for a reply to a probe of ours and is none.
struct Spoofed;

/// An ICMP message, whichever queue it came by.
struct Said<'a> {
    answer: Answer,
    responder: IpAddr,
    detail: Detail,
    /// To whom the request went, as far as it says.
    to: Option<IpAddr>,
    /// Header and payload of the echo, as they came back.
    echo: &'a [u8],
}

impl Ledger {
    fn hear(&mut self, heard: &Heard<'_>, ipv6: bool, look: Look) {
        let said = match heard.news {
            News::Left => return self.left(heard, look),
            News::Local => return,
            News::Icmp(answer, responder, info) => Some(Said {
                answer,
                responder,
                detail: Detail {
                    ttl: heard.ttl,
                    mtu: errqueue::mtu(answer, ipv6, info),
                    ..Detail::default()
                },
                to: heard.address.map(|to| to.ip()),
                echo: heard.bytes,
            }),
            News::Data => self.packet(heard, ipv6),
        };
        let Some(said) = said else { return };
        let Ok(probe) = self.whose(&said) else {
            self.troubles.spoofed += 1;
            return;
        };
        let left = probe.and_then(|(target, sequence)| {
            let aim = self.aims.get_mut(target.0 as usize)?;
            aim.flights.answered(sequence)
        });
        let when = self.clock.place(look, heard.stamp);
        let detail = (said.detail != Detail::default()).then(|| Box::new(said.detail));
        self.heard.push_back(Reply {
            sent: left,
            detail,
            ..Reply::plain(probe, said.responder, said.answer, when)
        });
    }

    /// Reads a packet that came as data; `None` when it is no answer to an echo of ours.
    fn packet<'a>(&self, heard: &'a Heard<'_>, ipv6: bool) -> Option<Said<'a>> {
        let from = heard.address?.ip();
        match self.identifier {
            Some(identifier) if ipv6 => packet::icmp_v6(heard.bytes, from, heard.ttl, identifier),
            Some(identifier) => packet::ip_v4(heard.bytes, identifier),
            None => packet::reply(heard.bytes, from, heard.ttl, ipv6),
        }
    }

    /// Which probe a message answers; `None` when it tells too little.
    fn whose(&mut self, said: &Said<'_>) -> Result<Option<(Target, Sequence)>, Spoofed> {
        let payload = said.echo.get(request::HEADER..).unwrap_or_default();
        if let Some(written) = self.tag.read(payload) {
            return Ok(Some((written.target, written.sequence)));
        }
        if self.tag.contradicts(payload) {
            return Err(Spoofed);
        }
        let low = request::sequence(said.echo).ok_or(Spoofed)?;
        let to = said.to.unwrap_or(said.responder);
        let aims = self.aims.iter().zip(0..);
        let mut found = aims
            .filter(|(aim, _)| aim.address == to)
            .filter_map(|(aim, target)| Some((Target(target), aim.flights.find(low.into())?)));
        match (found.next(), found.next()) {
            (Some(probe), None) => Ok(Some(probe)),
            _ => {
                self.troubles.short_quotes += 1;
                Ok(None)
            }
        }
    }

    /// Takes note of when a packet left.
    fn left(&mut self, heard: &Heard<'_>, look: Look) {
        let Some(written) = self.tag.find(heard.bytes) else {
            return;
        };
        let (at, stamp) = self.clock.place(look, heard.stamp);
        let aim = self.aims.get_mut(written.target.0 as usize);
        if let Some(aim) = aim.filter(|_| stamp == Stamp::Kernel) {
            aim.flights.left(written.sequence, at);
        }
    }
}

impl Network for IcmpNetwork {
    fn now(&self) -> Moment {
        self.ledger.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        if self.unread >= socket::TRAIN {
            // What is wrong with hearing, whoever waits for replies will be told.
            let _ = self.look();
        }
        let sent = self.now();
        let aim = self.ledger.aims.get_mut(probe.target.0 as usize);
        let aim = aim.ok_or_else(|| manner::unknown_target(probe.target))?;
        aim.flights.admit(probe.sequence, sent)?;
        let (to, ipv6) = (aim.address, aim.address.is_ipv6());
        let mut sockets = self.sockets.iter();
        let open = sockets.find(|open| open.ipv6 == ipv6);
        let socket = open.map(|open| open.socket.as_ref().map_err(Text::clone));
        let socket = socket.unwrap_or_else(|| Err(manner::unknown_target(probe.target)))?;
        let size = self.manner.size_of(probe);
        let request = self.request.write(probe, ipv6, size);
        let sent = self.ledger.clock.now();
        let done = socket::send(socket, SocketAddr::new(to, 0), probe.distance, request);
        done.map_err(|error| socket::not_sent(to, &error))?;
        aim.flights.add(probe.sequence, sent);
        self.unread += 1;
        Ok(sent)
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        // Lets others of this thread have their turn now and then, however much there is to read.
        tokio::task::coop::consume_budget().await;
        loop {
            if let Some(reply) = self.ledger.heard.pop_front() {
                return Ok(Some(reply));
            }
            let over = self.now() >= until;
            if self.unread > 0 || over {
                self.look()?;
                match over && self.ledger.heard.is_empty() {
                    true => return Ok(None),
                    false => continue,
                }
            }
            let mut ready = Vec::new();
            let wait = self
                .waiter
                .wait(until, &self.ledger.clock, |one| ready.push(one));
            wait.await.map_err(|error| socket::not_heard(&error))?;
            for one in ready {
                self.read(one)?;
            }
        }
    }

    fn troubles(&self) -> Troubles {
        let sockets = self
            .sockets
            .iter()
            .filter_map(|open| open.socket.as_ref().ok());
        let counted: u64 = sockets.map(socket::overflowed).sum();
        Troubles {
            overflowed: self.ledger.troubles.overflowed + counted,
            clock_steps: self.ledger.clock.steps(),
            ..self.ledger.troubles
        }
    }
}

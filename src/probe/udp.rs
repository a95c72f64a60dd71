//! UDP probes on Linux, without privilege: every hop, both address families, many targets.
//!
//! All probes of a flow leave one socket for each address family, so ports never change and routers
//! that spread flows keep them on one path; each packet carries its own TTL as a control message
//! (setting it on the socket would race with the packet before). The socket is not connected: its
//! error queue tells to whom the packet went that an error is about. A router that quotes too little
//! to tell probes apart is, from then on, asked from a socket of its own per probe: the port then
//! tells which probe it was, at the price of another flow.
//!
//! Where `CAP_NET_RAW` is permitted, a raw socket stands [`beside`]: it hears the same errors with
//! their quoted headers in full, and by their checksums tells apart what was quoted so little.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Protocol, Socket, Type};

use super::clock::{Clock, Look};
use super::errqueue::{self, Batch, Heard, News, Queue};
use super::flight::Flights;
use super::manner::{self, Manner, Ports};
use super::quotes::{self, Quotes};
use super::socket::{self, Stamping};
use super::tag::Tag;
use super::waiter::{Ready, Waiter};
use super::way::{self, Means, Way};
use super::{
    Answer, Arrival, Detail, Flow, Network, Probe, Reply, Sequence, Stamp, Target, Troubles,
    privilege,
};
use crate::error::Error;
use crate::lang::Text;
use crate::packet::{Family, protocol};
use crate::units::Moment;
use beside::{Beside, Told};

mod beside;

/// UDP probes to one port each of some hosts.
#[derive(Debug)]
pub struct UdpNetwork {
    manner: Manner,
    ledger: Ledger,
    flows: Vec<FlowSocket>,
    /// Probes with a socket of their own, by token and so in the order of sending.
    alone: BTreeMap<u64, Alone>,
    waiter: Waiter,
    /// How many sockets there have been.
    opened: u64,
    payload: Vec<u8>,
    batch: Batch,
    /// Probes sent since the sockets were last read; they may hold something then.
    unread: u32,
    way: Way,
    _stamping: Stamping,
}

/// The socket of one flow in one address family.
#[derive(Debug)]
struct FlowSocket {
    flow: Flow,
    ipv6: bool,
    token: u64,
    port: u16,
    socket: Socket,
}

/// A probe that has a socket of its own.
#[derive(Debug)]
struct Alone {
    probe: (Target, Sequence),
    sent: Moment,
    socket: Socket,
}

/// One target.
#[derive(Debug)]
struct Aim {
    to: SocketAddr,
    /// The address that packets to it leave from, where that is asked for.
    source: Option<IpAddr>,
    flights: Flights,
    /// Distances that have been answered with enough of the probe to know it, a bit for each.
    known: [u64; 4],
    /// Whether something has come back that did not tell which probe it answers.
    mute: bool,
}

/// What has been sent, and what was heard of it.
#[derive(Debug)]
struct Ledger {
    tag: Tag,
    ports: Ports,
    clock: Clock,
    aims: Vec<Aim>,
    heard: VecDeque<Reply>,
    troubles: Troubles,
    beside: Beside,
}

impl UdpNetwork {
    /// Opens the sockets of the run's own flow, one for each address family among `targets`; fails
    /// when there is none to be had. Must be called inside a tokio runtime.
    pub fn open(
        targets: &[SocketAddr],
        manner: &Manner,
        clock: Clock,
    ) -> Result<UdpNetwork, Error> {
        let (quotes, way) = match listen(targets, manner) {
            Ok(quotes) => (quotes, Way::only(Means::UdpRaw)),
            Err(error) => {
                let others = vec![(Means::UdpRaw, way::no_raw(&error))];
                let used = Means::Udp;
                (Vec::new(), Way { used, others })
            }
        };
        let aim = |to: &SocketAddr| {
            let modulus = match manner.ports {
                Ports::Fixed if quotes.is_empty() => u32::MAX,
                Ports::Fixed => quotes::CHECKSUMS,
                Ports::Classic => classic_ports(*to),
            };
            let source = || socket::source_of(*to, manner).ok();
            Aim {
                to: *to,
                source: (!quotes.is_empty()).then(source).flatten(),
                flights: Flights::new(modulus, manner.patience),
                known: [0; 4],
                mute: false,
            }
        };
        let mut network = UdpNetwork {
            manner: manner.clone(),
            ledger: Ledger {
                tag: manner.tag,
                ports: manner.ports,
                clock,
                aims: targets.iter().map(aim).collect(),
                heard: VecDeque::new(),
                troubles: Troubles::default(),
                beside: Beside::new(quotes),
            },
            flows: Vec::new(),
            alone: BTreeMap::new(),
            waiter: Waiter::new().map_err(|error| socket::not_heard(&error))?,
            opened: 0,
            payload: Vec::new(),
            batch: Batch::default(),
            unread: 0,
            way,
            _stamping: Stamping::start().map_err(Error::System)?,
        };
        let watched = network.ledger.beside.watch(&network.waiter);
        watched.map_err(|error| Error::System(socket::no_socket(&error)))?;
        let mut refused = None;
        for ipv6 in [false, true] {
            if targets.iter().any(|to| to.is_ipv6() == ipv6) {
                // The family that cannot be had fails its own probes, and nobody else's.
                refused = network.flow(Flow::default(), ipv6).err().or(refused);
            }
        }
        match refused {
            Some(why) if network.flows.is_empty() => Err(Error::System(why)),
            _ => Ok(network),
        }
    }

    /// Which way the sockets were had.
    pub fn way(&self) -> &Way {
        &self.way
    }

    /// Where the socket of a flow is; opened when it is first asked for.
    fn flow(&mut self, flow: Flow, ipv6: bool) -> Result<usize, Text> {
        let mut flows = self.flows.iter();
        let known = flows.position(|open| open.flow == flow && open.ipv6 == ipv6);
        if let Some(at) = known {
            return Ok(at);
        }
        let port = self.manner.source_port.filter(|_| flow == Flow::default());
        let socket = open(ipv6, &self.manner, port.unwrap_or_default())?;
        socket::widen(&socket);
        let token = self.watch(&socket)?;
        let port = bound(&socket, ipv6).map_err(|error| socket::no_socket(&error))?;
        self.flows.push(FlowSocket {
            flow,
            ipv6,
            token,
            port,
            socket,
        });
        let own = self.flows.iter().filter(|open| open.ipv6 == ipv6);
        let ports: Vec<u16> = own.map(|open| open.port).collect();
        self.ledger.beside.listen_for(ipv6, &ports);
        Ok(self.flows.len() - 1)
    }

    /// Waits for a socket, too, from now on; gives its token.
    fn watch(&mut self, socket: &Socket) -> Result<u64, Text> {
        let token = self.opened;
        let added = self.waiter.add(socket, token);
        added.map_err(|error| socket::no_socket(&error))?;
        self.opened += 1;
        Ok(token)
    }

    /// Reads what may have come by the flows' sockets since they were last read.
    fn look(&mut self) -> Result<(), Error> {
        self.unread = 0;
        for at in 0..self.flows.len() {
            let token = self.flows[at].token;
            self.read(Ready {
                token,
                errors: true,
                data: true,
            })?;
        }
        Ok(())
    }

    /// Writes the payload of `probe`, to be sent from a port to an address.
    fn write(&mut self, probe: Probe, port: u16, to: SocketAddr) {
        let headers = if to.is_ipv6() { 40 + 8 } else { 20 + 8 };
        let length = usize::from(self.manner.size_of(probe)).saturating_sub(headers);
        let length = length.max(quotes::LEAST_BALANCED);
        self.payload.truncate(length);
        self.manner.fill_up(&mut self.payload, length);
        self.manner.tag.fill(probe, &mut self.payload);
        let aim = self.ledger.aims.get(probe.target.0 as usize);
        if let Some(source) = aim.and_then(|aim| aim.source) {
            let (from, sum) = (SocketAddr::new(source, port), probe.sequence);
            quotes::balance(&mut self.payload, from, to, quotes::checksum_of(sum));
        }
    }

    /// Reads each queue that has something.
    fn read(&mut self, ready: Ready) -> Result<(), Error> {
        let alone = self.alone.get(&ready.token);
        let flow = self.flows.iter().find(|flow| flow.token == ready.token);
        let socket = alone
            .map(|alone| &alone.socket)
            .or(flow.map(|flow| &flow.socket));
        let Some(socket) = socket else { return Ok(()) };
        let own = alone.map(|alone| alone.probe);
        if ready.errors && socket::is_full(socket) {
            self.ledger.troubles.overflowed += 1;
        }
        // Departures come before the replies that they belong to.
        let errors = ready.errors.then_some(Queue::Errors);
        for queue in errors.into_iter().chain(ready.data.then_some(Queue::Data)) {
            let (ledger, mut look) = (&mut self.ledger, None);
            let each = |heard: Heard<'_>| {
                let look = *look.get_or_insert_with(|| ledger.clock.look());
                ledger.hear(&heard, own, look);
            };
            let more = socket::read(socket, queue, &mut self.batch, each)?;
            self.unread += u32::from(more);
        }
        Ok(())
    }

    /// Closes sockets of probes that are no longer waited for.
    fn close_old(&mut self) {
        let (now, patience) = (self.now(), self.manner.patience);
        while let Some(oldest) = self.alone.first_entry()
            && now.since(oldest.get().sent) > patience
        {
            oldest.remove();
        }
    }
}

/// A UDP socket that leaves from `port`.
fn open(ipv6: bool, manner: &Manner, port: u16) -> Result<Socket, Text> {
    socket::open(ipv6, Type::DGRAM, Protocol::UDP, manner, port)
}

/// The port of a socket, which is bound to any if it has none yet.
fn bound(socket: &Socket, ipv6: bool) -> io::Result<u16> {
    let any = match ipv6 {
        true => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        false => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    if socket::local(socket)?.port() == 0 {
        socket.bind(&SocketAddr::new(any, 0).into())?;
    }
    Ok(socket::local(socket)?.port())
}

/// Raw sockets for the errors about packets to `targets`, one for each address family.
fn listen(targets: &[SocketAddr], manner: &Manner) -> io::Result<Vec<Quotes>> {
    let interface = manner.interface.as_deref();
    let open = |family| {
        let open = || Quotes::open(family, protocol::UDP, Some(manner.tag), interface);
        privilege::with_net_raw(open)
    };
    let asked = |family: &Family| targets.iter().any(|to| Family::of(to.ip()) == *family);
    let families = [Family::V4, Family::V6].into_iter().filter(asked);
    families.map(open).collect()
}

/// How many destination ports there are when they count up from that of `to`.
fn classic_ports(to: SocketAddr) -> u32 {
    0x1_0000 - u32::from(to.port())
}

impl Aim {
    fn knows(&self, distance: u8) -> bool {
        self.known[usize::from(distance / 64)] & (1 << (distance % 64)) != 0
    }

    /// Where a probe goes.
    fn address(&self, sequence: Sequence, ports: Ports) -> SocketAddr {
        let mut to = self.to;
        if ports == Ports::Classic {
            let above = sequence.0 % classic_ports(to);
            to.set_port(to.port() + above as u16);
        }
        to
    }

    /// Whether probes to this target go to `address`.
    fn is_at(&self, address: SocketAddr, ports: Ports) -> bool {
        let port = match ports {
            Ports::Fixed => address.port() == self.to.port(),
            Ports::Classic => address.port() >= self.to.port(),
        };
        port && address.ip() == self.to.ip()
    }
}

/// What passes for a reply to a probe of ours and is none.
struct Spoofed;

impl Ledger {
    /// Makes a reply of what was heard, if it came over the network; `own` is the probe whose own
    /// socket heard it.
    fn hear(&mut self, heard: &Heard<'_>, own: Option<(Target, Sequence)>, look: Look) {
        let (answer, responder, info) = match (heard.news, heard.address) {
            (News::Icmp(answer, from, info), _) => (answer, from, info),
            (News::Data, Some(from)) => (Answer::Arrived(Arrival::Datagram), from.ip(), 0),
            (News::Left, _) => return self.left(heard, look),
            (News::Data | News::Local, _) => return,
        };
        let told = self.in_full(heard);
        let Ok(probe) = self.whose(heard, own, told.as_ref()) else {
            self.troubles.spoofed += 1;
            return;
        };
        let detail = Detail {
            ttl: heard.ttl,
            mtu: errqueue::mtu(answer, responder.is_ipv6(), info),
            ..told.map(|told| told.detail).unwrap_or_default()
        };
        let left = probe.and_then(|(target, sequence)| {
            let aim = self.aims.get_mut(target.0 as usize);
            aim.and_then(|aim| aim.flights.answered(sequence))
        });
        let when = self.clock.place(look, heard.stamp);
        self.heard.push_back(Reply {
            sent: left,
            detail: Some(Box::new(detail)),
            ..Reply::plain(probe, responder, answer, when)
        });
    }

    /// Which probe a message answers; `None` when it tells too little.
    fn whose(
        &mut self,
        heard: &Heard<'_>,
        own: Option<(Target, Sequence)>,
        told: Option<&Told>,
    ) -> Result<Option<(Target, Sequence)>, Spoofed> {
        let address = heard.address.ok_or(Spoofed)?;
        let is_data = heard.news == News::Data;
        if let Some(written) = self.tag.read(heard.bytes) {
            let aim = self
                .aims
                .get_mut(written.target.0 as usize)
                .ok_or(Spoofed)?;
            // An error about our packet may quote it with an address that was rewritten on the way.
            if is_data && !aim.is_at(address, self.ports) {
                return Err(Spoofed);
            }
            if own.is_none() {
                let distance = written.distance;
                aim.known[usize::from(distance / 64)] |= 1 << (distance % 64);
            }
            return Ok(Some((written.target, written.sequence)));
        }
        if !is_data && self.tag.contradicts(heard.bytes) {
            return Err(Spoofed);
        }
        let ports = self.ports;
        let aims = self.aims.iter_mut().zip(0..);
        let mut here = aims.filter(|(aim, _)| aim.is_at(address, ports));
        let (aim, target) = here.next().ok_or(Spoofed)?;
        if own.is_some() {
            return Ok(own);
        }
        // The port tells one target's probes apart, but not those of two that are one host.
        if ports == Ports::Classic && here.next().is_none() {
            let above = address.port() - aim.to.port();
            if let Some(sequence) = aim.flights.find(above.into()) {
                return Ok(Some((Target(target), sequence)));
            }
        }
        if let Some(probe) = told.and_then(|told| told.probe) {
            return Ok(Some(probe));
        }
        aim.mute = true;
        self.troubles.short_quotes += 1;
        Ok(None)
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

impl Network for UdpNetwork {
    fn now(&self) -> Moment {
        self.ledger.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        if self.unread >= socket::TRAIN {
            // What is wrong with hearing, whoever waits for replies will be told.
            let _ = self.look();
        }
        let Ledger { aims, clock, .. } = &mut self.ledger;
        let aim = aims.get_mut(probe.target.0 as usize);
        let aim = aim.ok_or_else(|| manner::unknown_target(probe.target))?;
        aim.flights.admit(probe.sequence, clock.now())?;
        let ports = self.manner.ports;
        let to = aim.address(probe.sequence, ports);
        let alone = aim.mute && ports == Ports::Fixed && !aim.knows(probe.distance);
        let ipv6 = to.is_ipv6();
        let failed = |error| socket::not_sent(to, &error);
        let sent;
        if alone {
            self.close_old();
            let manner = Manner {
                exact: false,
                ..self.manner.clone()
            };
            let socket = open(ipv6, &manner, 0)?;
            // Connected, it hears of this target only.
            socket.connect(&to.into()).map_err(failed)?;
            let token = self.watch(&socket)?;
            let port = socket::local(&socket).map_err(failed)?.port();
            self.ledger.beside.own(port);
            self.write(probe, port, to);
            sent = self.now();
            socket::send(&socket, to, probe.distance, &self.payload).map_err(failed)?;
            let alone = Alone {
                probe: probe.id(),
                sent,
                socket,
            };
            self.alone.insert(token, alone);
        } else {
            let at = self.flow(probe.flow, ipv6)?;
            self.write(probe, self.flows[at].port, to);
            sent = self.now();
            let FlowSocket { socket, .. } = &self.flows[at];
            socket::send(socket, to, probe.distance, &self.payload).map_err(failed)?;
            self.unread += 1;
        }
        let aim = self.ledger.aims.get_mut(probe.target.0 as usize);
        if let Some(aim) = aim {
            aim.flights.add(probe.sequence, sent);
        }
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
            let stray = self.ledger.next_stray();
            let wake = stray.map_or(until, |stray| stray.min(until));
            let mut ready = Vec::new();
            let wait = self
                .waiter
                .wait(wake, &self.ledger.clock, |one| ready.push(one));
            wait.await.map_err(|error| socket::not_heard(&error))?;
            for one in ready {
                match one.token {
                    beside::TOKEN => self.ledger.listen_on(),
                    _ => self.read(one)?,
                }
            }
            // What is still on an error queue is no stray.
            if self.unread == 0 {
                self.ledger.hear_strays();
            }
        }
    }

    fn troubles(&self) -> Troubles {
        let sockets = self.flows.iter();
        let counted: u64 = sockets.map(|flow| socket::overflowed(&flow.socket)).sum();
        Troubles {
            overflowed: self.ledger.troubles.overflowed + counted,
            clock_steps: self.ledger.clock.steps(),
            ..self.ledger.troubles
        }
    }
}

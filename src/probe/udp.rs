//! UDP probes on Linux, without privilege: every hop, both address families, many targets.
//!
//! All probes of a flow leave one socket for each address family, so ports never change and routers
//! that spread flows keep them on one path; each packet carries its own TTL as a control message
//! (setting it on the socket would race with the packet before). The socket is not connected: its
//! error queue tells to whom the packet went that an error is about. A router that quotes too little
//! to tell probes apart is, from then on, asked from a socket of its own per probe: the port then
//! tells which probe it was, at the price of another flow.
//!
//! Where `CAP_NET_RAW` is permitted, a raw socket stands beside: it hears the same errors with
//! their quoted headers in full, and by their checksums tells apart what was quoted so little.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Protocol, Socket, Type};

use super::clock::Clock;
use super::errqueue::{Heard, News};
use super::hearing::{self, Hearing, Hears};
use super::judge;
use super::ledger::{Ledger, Whose};
use super::manner::{self, Manner};
use super::quotes;
use super::socket::{self, Stamping};
use super::waiter::Ready;
use super::way::Way;
use super::{Answer, Arrival, Detail, Flow, Network, Probe, Reply, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;
use aims::Aims;
use beside::Beside;

mod aims;
mod beside;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzed;

/// UDP probes to one port each of some hosts.
#[derive(Debug)]
pub struct UdpNetwork {
    aims: Aims,
    manner: Manner,
    flows: Vec<FlowSocket>,
    /// Probes with a socket of their own, by token and so in the order of sending.
    alone: BTreeMap<u64, Alone>,
    /// How many sockets there have been.
    opened: u64,
    hearing: Hearing,
    ledger: Ledger,
    beside: Beside,
    payload: Vec<u8>,
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
    probe: Whose,
    sent: Moment,
    socket: Socket,
}

impl UdpNetwork {
    /// Opens the sockets of the run's own flow, one for each address family among `targets`; fails
    /// when there is none to be had. Must be called inside a tokio runtime.
    pub fn open(
        targets: &[SocketAddr],
        manner: &Manner,
        clock: Clock,
    ) -> Result<UdpNetwork, Error> {
        let (beside, way) = Beside::open(targets, manner);
        let aims = Aims::new(targets, manner, beside.hears());
        let ledger = Ledger::new(manner.tag, clock, aims.flights(manner));
        let mut network = UdpNetwork {
            aims,
            manner: manner.clone(),
            flows: Vec::new(),
            alone: BTreeMap::new(),
            opened: 0,
            hearing: Hearing::new()?,
            ledger,
            beside,
            payload: Vec::new(),
            way,
            _stamping: Stamping::start().map_err(Error::System)?,
        };
        let watched = network.beside.watch(&network.hearing.waiter);
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
        self.beside.listen_for(ipv6, &ports);
        Ok(self.flows.len() - 1)
    }

    /// Waits for a socket, too, from now on; gives its token.
    fn watch(&mut self, socket: &Socket) -> Result<u64, Text> {
        let token = self.opened;
        let added = self.hearing.waiter.add(socket, token);
        added.map_err(|error| socket::no_socket(&error))?;
        self.opened += 1;
        Ok(token)
    }

    /// Writes the payload of `probe`, to be sent from a port to an address.
    fn write(&mut self, probe: Probe, port: u16, to: SocketAddr) {
        let headers = if to.is_ipv6() { 40 + 8 } else { 20 + 8 };
        let length = usize::from(self.manner.size_of(probe)).saturating_sub(headers);
        let length = length.max(quotes::LEAST_BALANCED);
        self.payload.truncate(length);
        self.manner.fill_up(&mut self.payload, length);
        self.manner.tag.fill(probe, &mut self.payload);
        if let Some(source) = self.aims.source(probe.target) {
            let (from, sum) = (SocketAddr::new(source, port), probe.sequence);
            quotes::balance(&mut self.payload, from, to, quotes::checksum_of(sum));
        }
    }

    /// Sends `probe` from the socket of its flow.
    fn send_by_flow(&mut self, probe: Probe, to: SocketAddr) -> Result<Moment, Text> {
        let at = self.flow(probe.flow, to.is_ipv6())?;
        self.write(probe, self.flows[at].port, to);
        let sent = self.now();
        let FlowSocket { socket, .. } = &self.flows[at];
        let done = socket::send(socket, to, probe.distance, &self.payload);
        done.map_err(|error| socket::not_sent(to, &error))?;
        Ok(sent)
    }

    /// Sends `probe` from a socket of its own.
    fn send_alone(&mut self, probe: Probe, to: SocketAddr) -> Result<Moment, Text> {
        self.close_old();
        let manner = Manner {
            exact: false,
            ..self.manner.clone()
        };
        let socket = open(to.is_ipv6(), &manner, 0)?;
        let failed = |error| socket::not_sent(to, &error);
        // Connected, it hears of this target only.
        socket.connect(&to.into()).map_err(failed)?;
        let token = self.watch(&socket)?;
        let port = socket::local(&socket).map_err(failed)?.port();
        self.beside.own(port);
        self.write(probe, port, to);
        let sent = self.now();
        socket::send(&socket, to, probe.distance, &self.payload).map_err(failed)?;
        let alone = Alone {
            probe: Some(probe.id()),
            sent,
            socket,
        };
        self.alone.insert(token, alone);
        Ok(sent)
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

impl Hears for UdpNetwork {
    fn parts(&mut self) -> (&mut Hearing, &mut Ledger) {
        (&mut self.hearing, &mut self.ledger)
    }

    fn read(&mut self, ready: Ready) -> Result<(), Error> {
        if ready.token == beside::TOKEN {
            self.beside.listen_on(&self.aims, &self.ledger);
            return Ok(());
        }
        let alone = self.alone.get(&ready.token);
        let mut flows = self.flows.iter();
        let flow = flows.find(|flow| flow.token == ready.token);
        let own = alone.and_then(|alone| alone.probe);
        let socket = alone.map(|alone| &alone.socket);
        let Some(socket) = socket.or(flow.map(|flow| &flow.socket)) else {
            return Ok(());
        };
        let (ledger, aims, beside) = (&mut self.ledger, &mut self.aims, &mut self.beside);
        if ready.errors && socket::is_full(socket) {
            ledger.troubles.overflowed += 1;
        }
        let mut look = None;
        self.hearing.read(socket, ready, |heard: Heard<'_>| {
            let look = *look.get_or_insert_with(|| ledger.clock.look());
            let (who, info) = match (heard.news, heard.address) {
                (News::Icmp(answer, from, info), _) => ((answer, from), info),
                (News::Data, Some(from)) => ((Answer::Arrived(Arrival::Datagram), from.ip()), 0),
                (News::Left, _) => return ledger.left(&heard, look),
                (News::Data | News::Local, _) => return,
            };
            let told = beside.in_full(&heard, aims, ledger);
            let by_sum = told.as_ref().and_then(|told| told.probe);
            let whose = aims.whose(&heard, own, by_sum, ledger);
            let probe = whose.as_ref().ok().copied().flatten();
            let plain = || Detail {
                quoted: aims.quoted(&heard, probe),
                ..Detail::behind(heard.extensions().as_ref())
            };
            let detail = Detail {
                ttl: heard.ttl,
                mtu: judge::mtu(who.0, who.1.is_ipv6(), info),
                ..told.map(|told| told.detail).unwrap_or_else(plain)
            };
            ledger.heard(whose, who, detail, (look, heard.stamp));
        })
    }

    fn look(&mut self) -> Result<(), Error> {
        let tokens: Vec<u64> = self.flows.iter().map(|flow| flow.token).collect();
        tokens.into_iter().try_for_each(|token| {
            self.read(Ready {
                token,
                errors: true,
                data: true,
            })
        })
    }

    fn due(&self) -> Option<Moment> {
        self.beside.next_stray()
    }

    fn settle(&mut self) {
        self.beside.hear_strays(&mut self.ledger);
    }
}

impl Network for UdpNetwork {
    fn now(&self) -> Moment {
        self.ledger.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        hearing::send(self, probe, |network| {
            let to = network.aims.address(probe.id());
            let to = to.ok_or_else(|| manner::unknown_target(probe.target))?;
            match network.aims.must_be_alone(probe) {
                true => network.send_alone(probe, to),
                false => network.send_by_flow(probe, to),
            }
        })
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        hearing::receive(self, until).await
    }

    fn troubles(&self) -> Troubles {
        let sockets = self.flows.iter();
        let counted = sockets.map(|flow| socket::overflowed(&flow.socket));
        self.ledger.troubles(counted.sum())
    }
}

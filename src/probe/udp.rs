//! UDP probes on Linux, without privilege: every hop, both address families.
//!
//! All probes of a run leave one connected socket, so addresses and ports never change and routers
//! that spread flows keep them on one path; each packet carries its own TTL as a control message
//! (setting it on the socket would race with the packet before). A router that quotes too little
//! to tell probes apart is, from then on, asked from a socket of its own per probe: the port then
//! tells which probe it was, at the price of another flow.

use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrStorage, sendmsg};
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use super::clock::Clock;
use super::errqueue::{self, Heard, Queue, Stamping};
use super::tag::{self, Tag};
use super::{Answer, Arrival, Network, Probe, Reply, Sequence, Target, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::units::Moment;

/// Receive buffer that we ask for (the system may grant less): a quoted packet takes about 1 KiB of
/// it, so this holds some thousand replies that we have not come round to reading.
const RECEIVE_BUFFER: usize = 4 << 20;

/// A queued error fails one send or one receive. This many in a row are a fault of our own side.
const TRIES: usize = 8;

/// UDP probes to one port of one host.
#[derive(Debug)]
pub struct UdpNetwork {
    target: SocketAddr,
    tag: Tag,
    /// Bytes of each payload.
    length: usize,
    /// How long a probe with a socket of its own is waited for.
    patience: Duration,
    clock: Clock,
    flow: UdpSocket,
    own: JoinSet<Option<(Heard, (Target, Sequence))>>,
    /// Distances that have been answered with enough of the probe to know it.
    known: [bool; 256],
    troubles: Troubles,
    _stamping: Stamping,
}

impl UdpNetwork {
    /// Opens the socket. `length` is the payload in bytes and at least [`tag::LENGTH`] is sent;
    /// `patience` is how long a reply is waited for. Must be called inside a tokio runtime.
    pub fn open(
        target: SocketAddr,
        tag: Tag,
        length: usize,
        patience: Duration,
    ) -> Result<UdpNetwork, Error> {
        let refused = |error| Error::System(errqueue::refused(target, &error));
        let flow = open(target).map_err(refused)?;
        Ok(UdpNetwork {
            target,
            tag,
            length: length.max(tag::LENGTH),
            patience,
            clock: Clock::default(),
            flow,
            own: JoinSet::new(),
            known: [false; 256],
            troubles: Troubles::default(),
            _stamping: Stamping::start().map_err(refused)?,
        })
    }

    /// Makes a reply of what was heard, if it came over the network; `own` is the probe whose
    /// own socket heard it.
    fn reply(&mut self, heard: &Heard, own: Option<(Target, Sequence)>) -> Option<Reply> {
        if let Some(count) = heard.overflowed {
            self.troubles.overflowed = self.troubles.overflowed.max(count.into());
        }
        let (answer, responder) = match heard.queue {
            Queue::Errors => heard.icmp?,
            Queue::Data => (Answer::Arrived(Arrival::Datagram), self.target.ip()),
        };
        let quoted = self.tag.read(heard.payload());
        if let Some(probe) = quoted.filter(|_| own.is_none()) {
            self.known[usize::from(probe.distance)] = true;
        }
        let probe = quoted.map(|probe| (probe.target, probe.sequence)).or(own);
        let short = heard.queue == Queue::Errors && heard.payload().len() < tag::LENGTH;
        if probe.is_none() && short {
            self.troubles.short_quotes += 1;
        }
        let when = self.clock.received(heard.stamp);
        Some(Reply::plain(probe, responder, answer, when))
    }
}

/// A socket of its own port, connected to `target`, with its error queue switched on.
fn open(target: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match target {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = std::net::UdpSocket::bind(any)?;
    errqueue::ask_for(&socket, target.is_ipv6())?;
    // More room is a wish: the system's limit may be lower.
    let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER);
    socket.connect(target)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

/// Sends one packet that may live `distance` hops.
fn send(socket: &UdpSocket, ipv6: bool, distance: u8, payload: &[u8]) -> io::Result<()> {
    let limit = i32::from(distance);
    let control = match ipv6 {
        true => [ControlMessage::Ipv6HopLimit(&limit)],
        false => [ControlMessage::Ipv4Ttl(&limit)],
    };
    let parts = [IoSlice::new(payload)];
    let mut tries = TRIES;
    loop {
        let flags = MsgFlags::MSG_DONTWAIT;
        let sent = sendmsg::<SockaddrStorage>(socket.as_raw_fd(), &parts, &control, flags, None);
        match sent {
            Ok(_) => return Ok(()),
            Err(error) if tries == 0 => return Err(error.into()),
            // Most likely the error of an earlier probe; the queue still holds it for us to read.
            Err(_) => tries -= 1,
        }
    }
}

/// Waits for the next message on either queue of `socket`.
async fn hear(socket: &UdpSocket) -> io::Result<Heard> {
    tokio::select! {
        biased;
        heard = socket.async_io(Interest::ERROR, || errqueue::take(socket, Queue::Errors)) => heard,
        heard = socket.async_io(Interest::READABLE, || take_data(socket)) => heard,
    }
}

/// Takes a datagram. The error of an earlier probe may be told here, for want of a send; it is on
/// the error queue as well and no news.
fn take_data(socket: &UdpSocket) -> io::Result<Heard> {
    let told = |taken: &io::Result<Heard>| match taken {
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        Ok(_) => true,
    };
    let mut taken = errqueue::take(socket, Queue::Data);
    for _ in 0..TRIES {
        if told(&taken) {
            break;
        }
        taken = errqueue::take(socket, Queue::Data);
    }
    taken
}

impl Network for UdpNetwork {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        let payload = self.tag.write(probe, self.length);
        let ipv6 = self.target.is_ipv6();
        let failed = |error| errqueue::refused(self.target, &error);
        let known = self.known[usize::from(probe.distance)];
        if known || self.troubles.short_quotes == 0 {
            let sent = self.clock.now();
            send(&self.flow, ipv6, probe.distance, &payload).map_err(failed)?;
            return Ok(sent);
        }
        let socket = open(self.target).map_err(failed)?;
        let sent = self.clock.now();
        send(&socket, ipv6, probe.distance, &payload).map_err(failed)?;
        let patience = self.patience;
        self.own.spawn(async move {
            let heard = tokio::time::timeout(patience, hear(&socket)).await;
            Some((heard.ok()?.ok()?, probe.id()))
        });
        Ok(sent)
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        let deadline = tokio::time::Instant::from_std(self.clock.instant(until));
        loop {
            let (heard, own) = tokio::select! {
                biased;
                heard = hear(&self.flow) => {
                    let lost = |error| Error::System(errqueue::refused(self.target, &error));
                    (heard.map_err(lost)?, None)
                }
                Some(ended) = self.own.join_next() => match ended {
                    Ok(Some((heard, probe))) => (heard, Some(probe)),
                    _ => continue,
                },
                () = tokio::time::sleep_until(deadline) => return Ok(None),
            };
            if let Some(reply) = self.reply(&heard, own) {
                return Ok(Some(reply));
            }
        }
    }

    fn troubles(&self) -> Troubles {
        Troubles {
            clock_steps: self.clock.steps(),
            ..self.troubles
        }
    }
}

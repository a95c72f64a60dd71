//! ICMP echo to the end host, by `surge-ping`: works on every system that lets us, sees no routers.
//!
//! Its clock starts after the packet has left and stops when the task that waits is run, so its
//! figures are those of a user-space tool. On Linux `udp` sees more and measures better.

use std::net::{IpAddr, SocketAddr};

use pnet_packet::icmp::{IcmpTypes, destination_unreachable::IcmpCodes};
use pnet_packet::icmpv6::Icmpv6Types;
use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, Pinger};
use tokio::task::JoinSet;

use super::clock::Clock;
use super::manner::{self, Manner};
use super::way;
use super::{Answer, Arrival, Network, Probe, Reply, Stamp, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::text;
use crate::units::Moment;

/// Echo requests to some hosts.
pub struct EchoNetwork {
    targets: Vec<IpAddr>,
    manner: Manner,
    clock: Clock,
    /// One client for each address family among the targets, or why there is none.
    v4: Option<Result<Client, Text>>,
    v6: Option<Result<Client, Text>>,
    pings: JoinSet<Option<Reply>>,
}

impl std::fmt::Debug for EchoNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EchoNetwork")
            .field("targets", &self.targets)
            .finish_non_exhaustive()
    }
}

impl EchoNetwork {
    /// Opens the sockets: datagram ICMP sockets where the system gives them, else raw ones. Of
    /// `manner`, source address and interface are kept, sizes, patience and tag; the rest the library
    /// has no door for. Must be called inside a tokio runtime.
    pub fn open(targets: &[IpAddr], manner: &Manner, clock: Clock) -> Result<EchoNetwork, Error> {
        let client = |kind: ICMP| {
            let ipv6 = kind == ICMP::V6;
            let asked = targets.iter().any(|target| target.is_ipv6() == ipv6);
            asked.then(|| client(kind, manner))
        };
        let (v4, v6) = (client(ICMP::V4), client(ICMP::V6));
        // The family that cannot be had fails its own probes, and nobody else's.
        match (&v4, &v6) {
            (Some(Err(why)), None | Some(Err(_))) | (None, Some(Err(why))) => {
                return Err(Error::System(why.clone()));
            }
            _ => {}
        }
        Ok(EchoNetwork {
            targets: targets.to_vec(),
            manner: manner.clone(),
            clock,
            v4,
            v6,
            pings: JoinSet::new(),
        })
    }
}

fn client(kind: ICMP, manner: &Manner) -> Result<Client, Text> {
    let mut config = Config::builder().kind(kind);
    if let Some(source) = manner.source {
        config = config.bind(SocketAddr::new(source, 0));
    }
    if let Some(interface) = &manner.interface {
        config = config.interface(interface);
    }
    Client::new(&config.build()).map_err(|source| {
        // The library's text is advice over several lines; its kind is the fact.
        let (why, grant) = (source.kind(), way::ping_grant());
        text!(
            "系统不允许 ICMP 回显（{why}）。Linux 上可由管理员执行 {grant}，或改用 --method udp",
            "the system does not allow ICMP echo ({why}). On Linux an administrator can run \
             {grant}, or use --method udp"
        )
    })
}

/// What a packet says and who sent it.
fn judge(packet: &IcmpPacket) -> (Answer, IpAddr) {
    match packet {
        IcmpPacket::V4(packet) => {
            let (kind, code) = (packet.get_icmp_type(), packet.get_icmp_code());
            let answer = match kind {
                IcmpTypes::EchoReply => Answer::Arrived(Arrival::Echo),
                IcmpTypes::TimeExceeded => Answer::Passed,
                IcmpTypes::DestinationUnreachable
                    if code == IcmpCodes::NetworkAdministrativelyProhibited
                        || code == IcmpCodes::HostAdministrativelyProhibited
                        || code == IcmpCodes::CommunicationAdministrativelyProhibited =>
                {
                    Answer::Barred {
                        kind: kind.0,
                        code: code.0,
                    }
                }
                _ => Answer::Unreachable {
                    kind: kind.0,
                    code: code.0,
                },
            };
            (answer, packet.get_source().into())
        }
        IcmpPacket::V6(packet) => {
            let (kind, code) = (packet.get_icmpv6_type(), packet.get_icmpv6_code());
            let answer = match kind {
                Icmpv6Types::EchoReply => Answer::Arrived(Arrival::Echo),
                Icmpv6Types::TimeExceeded => Answer::Passed,
                Icmpv6Types::DestinationUnreachable if matches!(code.0, 1 | 5 | 6) => {
                    Answer::Barred {
                        kind: kind.0,
                        code: code.0,
                    }
                }
                _ => Answer::Unreachable {
                    kind: kind.0,
                    code: code.0,
                },
            };
            (answer, packet.get_source().into())
        }
    }
}

/// Sends one echo request, asked for at `sent`, and waits for what it brings.
async fn ping(mut pinger: Pinger, probe: Probe, payload: Vec<u8>, sent: Moment) -> Option<Reply> {
    let number = PingSequence((probe.sequence.0 & 0xffff) as u16);
    let (packet, took) = pinger.ping(number, &payload).await.ok()?;
    let (answer, responder) = judge(&packet);
    let when = (sent + took, Stamp::User);
    Some(Reply::plain(Some(probe.id()), responder, answer, when))
}

impl Network for EchoNetwork {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        let sent = self.clock.now();
        let target = self.targets.get(probe.target.0 as usize).copied();
        let missing = || manner::unknown_target(probe.target);
        let target = target.ok_or_else(missing)?;
        let (client, headers) = match target {
            IpAddr::V4(_) => (&self.v4, 20 + 8),
            IpAddr::V6(_) => (&self.v6, 40 + 8),
        };
        let client = client.as_ref().ok_or_else(missing)?.clone()?;
        let size = usize::from(self.manner.size_of(probe));
        let payload = self.manner.tag.write(probe, size.saturating_sub(headers));
        let patience = self.manner.patience;
        // Identifier and sequence number together are as wide as our sequence.
        let random = self.manner.tag.0 as u16;
        let identifier = PingIdentifier((probe.sequence.0 >> 16) as u16 ^ random);
        self.pings.spawn(async move {
            let mut pinger = client.pinger(target, identifier).await;
            pinger.timeout(patience);
            ping(pinger, probe, payload, sent).await
        });
        Ok(sent)
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        let deadline = tokio::time::Instant::from_std(self.clock.instant(until));
        loop {
            tokio::select! {
                Some(ended) = self.pings.join_next() => {
                    if let Ok(Some(reply)) = ended {
                        return Ok(Some(reply));
                    }
                }
                () = tokio::time::sleep_until(deadline) => return Ok(None),
            }
        }
    }

    fn troubles(&self) -> Troubles {
        Troubles::default()
    }
}

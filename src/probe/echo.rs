//! ICMP echo to the end host, by `surge-ping`: works on every system that lets us, sees no routers.
//!
//! Its clock starts after the packet has left and stops when the task that waits is run, so its
//! figures are those of a user-space tool. On Linux `udp` sees more and measures better.

use std::net::IpAddr;
use std::time::Duration;

use pnet_packet::icmp::{IcmpTypes, destination_unreachable::IcmpCodes};
use pnet_packet::icmpv6::Icmpv6Types;
use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, Pinger};
use tokio::task::JoinSet;

use super::clock::Clock;
use super::tag::Tag;
use super::{Answer, Arrival, Network, Probe, Reply, Stamp, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::text;
use crate::units::Moment;

/// Echo requests to one host.
pub struct EchoNetwork {
    target: IpAddr,
    tag: Tag,
    length: usize,
    patience: Duration,
    clock: Clock,
    client: Client,
    pings: JoinSet<Option<Reply>>,
}

impl std::fmt::Debug for EchoNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EchoNetwork")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

impl EchoNetwork {
    /// Opens the socket: a datagram ICMP socket where the system gives one, else a raw one. Must
    /// be called inside a tokio runtime.
    pub fn open(
        target: IpAddr,
        tag: Tag,
        length: usize,
        patience: Duration,
    ) -> Result<EchoNetwork, Error> {
        let kind = match target {
            IpAddr::V4(_) => ICMP::V4,
            IpAddr::V6(_) => ICMP::V6,
        };
        let opened = Client::new(&Config::builder().kind(kind).build());
        let client = opened.map_err(|source| {
            // The library's text is advice over several lines; its kind is the fact.
            let why = source.kind();
            Error::System(text!(
                "系统不允许 ICMP 回显（{why}）。Linux 上可由管理员执行 \
                 sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"，或改用 --method udp",
                "the system does not allow ICMP echo ({why}). On Linux an administrator can run \
                 sysctl -w net.ipv4.ping_group_range=\"0 2147483647\", or use --method udp"
            ))
        })?;
        Ok(EchoNetwork {
            target,
            tag,
            length,
            patience,
            clock: Clock::default(),
            client,
            pings: JoinSet::new(),
        })
    }
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
        let payload = self.tag.write(probe, self.length);
        let (client, target, patience) = (self.client.clone(), self.target, self.patience);
        // Identifier and sequence number together are as wide as our sequence.
        let identifier = PingIdentifier((probe.sequence.0 >> 16) as u16 ^ self.tag.0 as u16);
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

//! Exchanges with the targets' own services: a DNS question, a TLS handshake, an HTTP request.
//!
//! Each probe is one exchange over sockets of its own, asked once: a failed one is told as it
//! failed, refused, reset, closed, or by a TLS alert, and one that nobody answers within the run's
//! patience has no reply. The round trip of a reply is the whole exchange; its parts are in
//! [`Phases`], each from what we did to the receipt of what it brought, by the
//! kernel's clock where that tells, so that a busy reader's time is in none of them.
//!
//! Nobody is contacted but the service, and the chosen name server where a service is known by its
//! name only.

use std::net::SocketAddr;
use std::sync::Arc;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use hickory_resolver::net::{DnsError, NetError};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use super::clock::Clock;
use super::manner::Manner;
use super::names::Server;
use super::socket::{Stamping, not_sent};
use super::{Answer, Arrival, Detail, Network, Phases, Probe, Reply, Troubles};
use crate::error::Error;
use crate::lang::Text;
use crate::text;
use crate::units::Moment;
use ask::Ask;
use dial::Attempt;
use end::{End, Said};
use tls::Tls;

mod ask;
mod dial;
mod dns;
mod end;
mod http;
mod kernel;
mod line;
mod tls;

#[cfg(any(test, fuzzing))]
pub(super) use dns::is_answer as dns;

pub use ask::{BODY, Service};
pub use tls::Trust;

/// The services of a run's targets.
#[derive(Debug)]
pub struct ServiceNetwork {
    services: Vec<Arc<Service>>,
    common: Arc<Common>,
    clock: Clock,
    exchanges: JoinSet<Ended>,
    troubles: Troubles,
    _stamping: Stamping,
}

/// What all exchanges of a run have in common.
#[derive(Debug)]
struct Common {
    manner: Manner,
    /// Where there is a service with TLS.
    tls: Option<Tls>,
    /// Where there is a service whose address is asked for, and the server that is asked.
    names: Option<(TokioResolver, SocketAddr)>,
}

/// How an exchange ended, and what went wrong on our own side.
#[derive(Debug)]
struct Ended {
    reply: Option<Reply>,
    troubles: Troubles,
}

/// An exchange that has been begun.
#[derive(Debug)]
enum Begun {
    /// A DNS question that has been sent.
    Asked(UdpSocket, Vec<u8>),
    /// A connection that is being made.
    Dialled(Attempt),
}

impl ServiceNetwork {
    /// Exchanges with `services`, one for each target, in their order. `server` is asked for the
    /// addresses of those that are known by name only. Must be used inside a tokio runtime.
    pub fn open(
        services: Vec<Service>,
        manner: Manner,
        trust: &Trust,
        server: Server,
        clock: Clock,
    ) -> Result<ServiceNetwork, Error> {
        let has_tls = services.iter().any(Service::has_tls);
        let tls = has_tls.then(|| Tls::new(trust)).transpose()?;
        let unknown = services.iter().any(|service| service.known().is_none());
        let names = match unknown {
            true => Some((
                server.resolver(LookupIpStrategy::Ipv4thenIpv6)?,
                server.address()?,
            )),
            false => None,
        };
        let stamping = Stamping::start().map_err(Error::System)?;
        Ok(ServiceNetwork {
            services: services.into_iter().map(Arc::new).collect(),
            common: Arc::new(Common { manner, tls, names }),
            clock,
            exchanges: JoinSet::new(),
            troubles: Troubles::default(),
            _stamping: stamping,
        })
    }
}

impl Common {
    /// Begins the exchange of `probe` with `service` at `to`, so far as that takes no waiting, and
    /// says when its first packet left.
    fn begin(
        &self,
        service: &Service,
        to: SocketAddr,
        probe: Probe,
        clock: &Clock,
    ) -> Result<(Moment, Begun), Text> {
        if let Ask::Dns(question) = &service.ask
            && !question.tcp
        {
            let message = dns::message(question).map_err(|error| not_sent(to, &error))?;
            let socket = self.manner.udp(to, probe)?;
            let sent = clock.now();
            // The socket is new: its queue has room, but tokio has not seen that yet.
            let asked = socket2::SockRef::from(&socket).send(&message);
            asked.map_err(|error| not_sent(to, &error))?;
            return Ok((sent, Begun::Asked(socket, message)));
        }
        let attempt = self.manner.tcp(to, probe, clock)?;
        Ok((attempt.began, Begun::Dialled(attempt)))
    }

    /// The address of `service`, and how long it took to ask for it.
    async fn resolve(&self, service: &Service, clock: &mut Clock) -> Result<SocketAddr, End> {
        let (resolver, server) = self.names.as_ref().ok_or(End::OurFault)?;
        let found = resolver.lookup_ip(service.host()).await;
        let address = found.as_ref().map(|found| found.iter().next());
        let code = match address {
            Ok(Some(address)) => return Ok(SocketAddr::new(address, service.port())),
            Ok(None) => 0,
            Err(error) => response_code(error).ok_or(End::Silent)?,
        };
        let answer = Answer::Arrived(Arrival::Dns(code));
        Err(End::Said(Said::now(answer, server.ip(), None, clock)))
    }

    /// Brings an exchange to its end. What was learnt before it failed is in `detail` too.
    async fn finish(
        &self,
        (service, probe): (&Service, Probe),
        begun: Option<Begun>,
        clock: &mut Clock,
        (detail, troubles): (&mut Detail, &mut Troubles),
    ) -> Result<Said, End> {
        let begun = match begun {
            Some(begun) => begun,
            None => {
                let start = clock.now();
                let to = self.resolve(service, clock).await?;
                phases(detail).resolve = Some(clock.now().since(start));
                let begun = self.begin(service, to, probe, clock);
                begun.map_err(|_| End::OurFault)?.1
            }
        };
        let attempt = match begun {
            Begun::Asked(socket, message) => {
                let stray = &mut troubles.spoofed;
                return dns::over_udp(socket, &message, clock, (detail, stray)).await;
            }
            Begun::Dialled(attempt) => attempt,
        };
        let (mut line, took) = attempt.made(clock.clone()).await?;
        phases(detail).connect = Some(took);
        let request = match &service.ask {
            Ask::Dns(question) => {
                let message = dns::message(question).map_err(|_| End::OurFault)?;
                return dns::over_tcp(&mut line, &message, detail).await;
            }
            Ask::Http(request) if !request.tls => return http::get(request, line, detail).await,
            Ask::Http(request) => Some(request),
            Ask::Tls => None,
        };
        let tls = self.tls.as_ref().ok_or(End::OurFault)?;
        let start = line.now();
        let stream = tls
            .handshake(line, service.host(), request.is_some())
            .await?;
        let line = stream.get_ref().0;
        phases(detail).tls = Some(line.heard().since(start));
        let said = line.done(Arrival::Tls);
        detail.certificate = tls.certificate(&stream, service.host());
        match request {
            Some(request) => http::get(request, stream, detail).await,
            None => Ok(said),
        }
    }
}

fn phases(detail: &mut Detail) -> &mut Phases {
    detail.phases.get_or_insert_default()
}

/// What a name server said that gave no address; `None` when it said nothing.
fn response_code(error: &NetError) -> Option<u8> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => Some(none.response_code.low()),
        NetError::Dns(DnsError::ResponseCode(code)) => Some(code.low()),
        _ => None,
    }
}

/// Brings the exchange of `probe` to its end, or to that of our patience.
async fn exchange(
    common: Arc<Common>,
    service: Arc<Service>,
    probe: Probe,
    begun: Option<Begun>,
    mut clock: Clock,
) -> Ended {
    let (mut detail, mut troubles) = (Detail::default(), Troubles::default());
    let kept = (&mut detail, &mut troubles);
    let finish = common.finish((&service, probe), begun, &mut clock, kept);
    let end = tokio::time::timeout(common.manner.patience, finish).await;
    let reply = match end {
        Ok(Ok(said) | Err(End::Said(said))) => {
            troubles.clock_steps += said.steps;
            Some(Reply {
                detail: (detail != Detail::default()).then(|| Box::new(detail)),
                ..Reply::plain(Some(probe.id()), said.responder, said.answer, said.when)
            })
        }
        Ok(Err(End::OurFault)) => {
            troubles.abandoned += 1;
            None
        }
        Ok(Err(End::Silent)) | Err(_) => None,
    };
    Ended { reply, troubles }
}

impl Network for ServiceNetwork {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        let number = probe.target.0;
        let service = usize::try_from(number).ok();
        let service = service.and_then(|at| self.services.get(at)).cloned();
        let service = service.ok_or_else(|| {
            text!(
                "没有第 {number} 个目标的服务",
                "target {number} has no service"
            )
        })?;
        // A clock that has just been looked at can tell a step of the wall clock from slewing.
        let mut clock = self.clock.clone();
        let (now, _) = clock.received(None);
        let common = self.common.clone();
        let (sent, begun) = match service.known() {
            Some(to) => {
                let (sent, begun) = common.begin(&service, to, probe, &clock)?;
                (sent, Some(begun))
            }
            None => (now, None),
        };
        self.exchanges
            .spawn(exchange(common, service, probe, begun, clock));
        Ok(sent)
    }

    async fn receive(&mut self, until: Moment) -> Result<Option<Reply>, Error> {
        let deadline = tokio::time::Instant::from_std(self.clock.instant(until));
        loop {
            tokio::select! {
                Some(ended) = self.exchanges.join_next() => {
                    let Ok(ended) = ended else { continue };
                    self.troubles = self.troubles.plus(ended.troubles);
                    if let Some(reply) = ended.reply {
                        return Ok(Some(reply));
                    }
                }
                () = tokio::time::sleep_until(deadline) => return Ok(None),
            }
        }
    }

    fn troubles(&self) -> Troubles {
        self.troubles
    }
}

//! A line for each thing that comes about.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use super::{Ms, Output, Verdicts, View, icmp};
use crate::lang::{Text, pad_right};
use crate::ping::about::Host;
use crate::ping::event::{Event, What};
use crate::ping::exchange;
use crate::ping::pinger::Pinger;
use crate::ping::record::Record;
use crate::ping::settings::Mode;
use crate::probe::{Answer, Arrival, Certificate, Phases};
use crate::text;

/// Days before its end from which a certificate is told of.
const SOON: i64 = 14;

/// Tells what came about; `wall` is when, since 1970.
pub fn event(view: &View<'_>, pinger: &Pinger, event: &Event, wall: Duration, to: &mut Output) {
    let host = view.about.host(event.target);
    let (Some(host), Some(record)) = (host, pinger.record(event.target)) else {
        return;
    };
    let line = Line {
        view,
        host,
        record,
        stamp: Stamp(view.style.timestamp.then_some(wall)),
    };
    let asked = matches!(pinger.settings().mode, Mode::Alive { .. });
    match &event.what {
        What::Answered {
            round_trip,
            late,
            responder,
            answer,
            phases,
            certificate,
        } => {
            if let Some(certificate) = certificate.as_ref().filter(|_| !view.style.quiet) {
                line.certificate(certificate, to);
            }
            let parts = Parts(phases.filter(|_| view.style.elapsed));
            let (from, took) = (line.from(*responder), nanos(*round_trip));
            if asked {
                // Once alive is enough.
                if record.total.received() == 1 {
                    line.alive(took, parts, from, to);
                }
            } else if view.style.each {
                let late = if *late { " [late]" } else { "" };
                let said = Said(view.about.bytes, *answer);
                let (average, number) = (line.average(), event.sequence.0);
                let trip = Ms(took);
                line.each(
                    format_args!("[{number}], {said}, {trip} ms {average}{parts}{from}{late}"),
                    to,
                );
            }
        }
        What::Duplicate {
            round_trip,
            responder,
        } if !view.style.each => {
            let (name, number, trip) = (&host.name, event.sequence.0, Ms(nanos(*round_trip)));
            let said = Said(view.about.bytes, Answer::Arrived(Arrival::Echo));
            let from = line.from(*responder);
            to.err(format_args!(
                "{name} : duplicate for [{number}], {said}, {trip} ms{from}\n"
            ));
        }
        What::TimedOut if view.style.each => {
            let (average, number) = (line.average(), event.sequence.0);
            line.each(format_args!("[{number}], timed out {average}"), to);
        }
        What::GivenUp => line.unreachable(to),
        What::Unsent(why) => {
            let everything = view.style.verdicts == Verdicts::Sentences;
            if view.style.each || asked && everything {
                let name = &host.name;
                let (zh, en) = (&why.zh, &why.en);
                let said = text!(
                    "{name}：发送探测时出错：{zh}",
                    "{name}: error while sending ping: {en}"
                );
                to.err(format_args!("{}\n", said.get(view.style.lang)));
            }
            if asked {
                line.unreachable(to);
            }
        }
        What::Error { responder, answer } if !view.style.quiet => {
            let (error, probe) = (icmp::name(*answer, *responder), view.about.kind.probe);
            let name = &host.name;
            to.err(format_args!(
                "{error} from {responder} for {probe} sent to {name}\n"
            ));
        }
        What::Duplicate { .. } | What::TimedOut | What::Error { .. } => {}
    }
}

fn nanos(length: Duration) -> f64 {
    length.as_nanos() as f64
}

/// What a line is about.
struct Line<'a> {
    view: &'a View<'a>,
    host: &'a Host,
    record: &'a Record,
    stamp: Stamp,
}

impl Line<'_> {
    /// Names the responder if it is not the target.
    fn from(&self, responder: IpAddr) -> From {
        From((responder != self.host.address).then_some(responder))
    }

    /// What it has come to so far.
    fn average(&self) -> Average {
        let span = self.record.total.span();
        Average {
            mean: span.times.mean(),
            loss: span.percent(span.missing()),
        }
    }

    fn each(&self, what: fmt::Arguments<'_>, to: &mut Output) {
        let (stamp, name) = (&self.stamp, pad_right(&self.host.name, self.view.width));
        to.out(format_args!("{stamp}{name} : {what}\n"));
    }

    fn alive(&self, took: f64, parts: Parts, from: From, to: &mut Output) {
        let verdict = match self.view.style.verdicts {
            Verdicts::Sentences => " is alive",
            Verdicts::Alive => "",
            Verdicts::Unreachable | Verdicts::Silent => return,
        };
        let (name, elapsed) = (&self.host.name, self.view.style.elapsed);
        to.out(format_args!("{name}{verdict}"));
        if elapsed {
            to.out(format_args!(" ({} ms){parts}", Ms(took)));
        }
        to.out(format_args!("{from}\n"));
    }

    /// Says what is wrong with a certificate, if anything is.
    fn certificate(&self, certificate: &Certificate, to: &mut Output) {
        let name = &self.host.name;
        let soon = certificate.days_left.filter(|days| *days < SOON);
        let said = match (&certificate.untrusted, soon) {
            (Some(Text { zh, en }), _) => text!(
                "{name}：证书不可信：{zh}",
                "{name}: certificate not trusted: {en}"
            ),
            (None, Some(days)) => text!(
                "{name}：证书将在 {days} 天后过期",
                "{name}: certificate expires in {days} days"
            ),
            (None, None) => return,
        };
        to.err(format_args!("{}\n", said.get(self.view.style.lang)));
    }

    fn unreachable(&self, to: &mut Output) {
        let verdict = match self.view.style.verdicts {
            Verdicts::Sentences => " is unreachable",
            Verdicts::Unreachable => "",
            Verdicts::Alive | Verdicts::Silent => return,
        };
        to.out(format_args!("{}{verdict}\n", self.host.name));
    }
}

/// `[1795795500.96803] `, or nothing.
struct Stamp(Option<Duration>);

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(wall) => write!(f, "[{:.5}] ", wall.as_secs_f64()),
            None => Ok(()),
        }
    }
}

/// ` [<- 192.0.2.1]`, or nothing.
struct From(Option<IpAddr>);

impl fmt::Display for From {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(responder) => write!(f, " [<- {responder}]"),
            None => Ok(()),
        }
    }
}

/// ` (connect 0.04, tls 1.21, first_byte 0.30, rest 0.01 ms)`, or nothing.
struct Parts(Option<Phases>);

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths = self.0.as_ref().map(exchange::parts).unwrap_or_default();
        let parts = exchange::PARTS.iter().zip(lengths);
        let parts = parts.filter_map(|(name, length)| Some((name, length?)));
        let mut before = " (";
        for (name, length) in parts {
            write!(f, "{before}{name} {}", Ms(nanos(length)))?;
            before = ", ";
        }
        match before {
            ", " => f.write_str(" ms)"),
            _ => Ok(()),
        }
    }
}

/// `(0.031 avg, 0% loss)`.
struct Average {
    mean: Option<f64>,
    loss: u64,
}

impl fmt::Display for Average {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mean {
            Some(mean) => write!(f, "({} avg, {}% loss)", Ms(mean), self.loss),
            None => write!(f, "(NaN avg, {}% loss)", self.loss),
        }
    }
}

/// `64 bytes`; where the size of a reply means nothing, what the reply said.
struct Said(Option<u16>, Answer);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Some(bytes), _) => write!(f, "{bytes} bytes"),
            (None, Answer::Arrived(Arrival::Connected)) => f.write_str("port open"),
            (None, Answer::Arrived(Arrival::Refused | Arrival::PortClosed)) => {
                f.write_str("port closed")
            }
            (None, Answer::Arrived(Arrival::Dns(code))) => write!(f, "dns code {code}"),
            (None, Answer::Arrived(Arrival::Http(status))) => write!(f, "http {status}"),
            (None, Answer::Arrived(Arrival::Tls)) => f.write_str("tls done"),
            (None, Answer::Arrived(Arrival::Alert(code))) => write!(f, "tls alert {code}"),
            (None, Answer::Arrived(Arrival::Reset)) => f.write_str("connection reset"),
            (None, Answer::Arrived(Arrival::Closed)) => f.write_str("connection closed"),
            (None, Answer::Arrived(Arrival::Unintelligible)) => f.write_str("not understood"),
            (None, _) => f.write_str("answered"),
        }
    }
}

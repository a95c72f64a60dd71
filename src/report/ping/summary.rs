//! What a run, or an interval of it, came to.

use std::time::Duration;

use super::{Ms, Output, View};
use crate::lang::pad_right;
use crate::ping::pinger::Pinger;
use crate::ping::record::Record;
use crate::ping::tally::Span;

/// `[16:05:02]`, which stands above the figures of an interval.
pub fn clock(time: &str, to: &mut Output) {
    to.err(format_args!("[{time}]\n"));
}

/// The figures of the interval, a line for each target.
pub fn interval(view: &View<'_>, pinger: &Pinger, to: &mut Output) {
    for (name, record) in named(view, pinger) {
        span(view, pinger, &name, &record.interval(), to);
    }
}

/// The figures so far, a line for each target.
pub fn total(view: &View<'_>, pinger: &Pinger, to: &mut Output) {
    for (name, record) in named(view, pinger) {
        span(view, pinger, &name, &record.total.span(), to);
    }
}

/// The end of a run that counts or loops: a line for each target, apart from the lines for each reply.
pub fn end(view: &View<'_>, pinger: &Pinger, to: &mut Output) {
    if view.style.each {
        to.err(format_args!("\n"));
    }
    match view.style.list {
        true => list(view, pinger, to),
        false => total(view, pinger, to),
    }
}

/// Every round trip, a line for each target; `-` where there was no reply.
fn list(view: &View<'_>, pinger: &Pinger, to: &mut Output) {
    for (name, record) in named(view, pinger) {
        to.err(format_args!("{name} :"));
        for trip in record.list().into_iter().flatten() {
            match trip {
                Some(trip) => to.err(format_args!(" {}", Ms(trip.as_nanos() as f64))),
                None => to.err(format_args!(" -")),
            }
        }
        to.err(format_args!("\n"));
    }
}

/// Targets by name, padded, with what is known of them.
fn named<'a>(
    view: &View<'a>,
    pinger: &'a Pinger,
) -> impl Iterator<Item = (String, &'a Record)> + use<'a> {
    let width = view.width;
    let names = view.about.hosts.iter();
    let names = names.map(move |host| pad_right(&host.name, width));
    names.zip(pinger.records())
}

fn span(view: &View<'_>, pinger: &Pinger, name: &str, span: &Span, to: &mut Output) {
    let (sent, received) = (span.attempted, span.received);
    // Replies to probes of the interval before may outnumber the probes of this one.
    let (what, part) = match received > sent {
        true => ("return", received),
        false => ("loss", span.missing()),
    };
    let percent = span.percent(part);
    to.err(format_args!(
        "{name} : xmt/rcv/%{what} = {sent}/{received}/{percent}%"
    ));
    if view.style.outage {
        let outage = span.outage(pinger.settings().period).as_millis();
        to.err(format_args!(", outage(ms) = {outage}"));
    }
    let times = &span.times;
    if let (Some(min), Some(mean), Some(max)) = (times.min(), times.mean(), times.max()) {
        let (min, mean, max) = (Ms(min), Ms(mean), Ms(max));
        to.err(format_args!(", min/avg/max = {min}/{mean}/{max}"));
    }
    to.err(format_args!("\n"));
}

/// Whether at least `required` targets replied.
pub fn reachable(required: u32, reachable: usize, to: &mut Output) {
    let whether = match reachable >= required as usize {
        true => "Enough",
        false => "Not enough",
    };
    to.out(format_args!(
        "{whether} hosts reachable (required: {required}, reachable: {reachable})\n"
    ));
}

/// Figures over all targets.
pub fn overall(view: &View<'_>, pinger: &Pinger, took: Duration, to: &mut Output) {
    let about = view.about;
    let (targets, alive, unknown) = (about.hosts.len(), pinger.alive(), about.unknown.len());
    let unreachable = targets.saturating_sub(alive);
    let (traffic, times) = (pinger.traffic(), pinger.overall());
    let (probes, replies) = (about.kind.probes, about.kind.replies);
    to.err(format_args!("\n"));
    for (number, what) in [
        (targets as u64, "targets"),
        (alive as u64, "alive"),
        (unreachable as u64, "unreachable"),
        (unknown as u64, "unknown addresses"),
    ] {
        to.err(format_args!(" {number:7} {what}\n"));
    }
    to.err(format_args!("\n"));
    let timeouts = traffic.timeouts;
    to.err(format_args!(
        " {timeouts:7} timeouts (waiting for response)\n"
    ));
    to.err(format_args!(" {:7} {probes} sent\n", traffic.sent));
    to.err(format_args!(" {:7} {replies} received\n", traffic.replies));
    to.err(format_args!(
        " {:7} other ICMP received\n\n",
        traffic.errors
    ));
    for (time, what) in [(times.min, "min"), (times.mean, "avg"), (times.max, "max")] {
        to.err(format_args!(" {} ms ({what} round trip time)\n", Ms(time)));
    }
    let took = took.as_secs_f64();
    to.err(format_args!(" {took:12.3} sec (elapsed real time)\n\n"));
}

//! The figures of intervals in the words that Netdata takes from its plugins.

use super::{Output, View};
use crate::ping::pinger::Pinger;
use crate::ping::tally::Span;

/// A chart of one target.
struct Chart {
    name: &'static str,
    title: &'static str,
    unit: &'static str,
    family: &'static str,
    shape: &'static str,
    priority: u32,
    dimensions: &'static [Dimension],
}

/// One line of a chart.
struct Dimension {
    name: &'static str,
    shown: &'static str,
    divisor: u32,
    value: fn(&Span) -> Option<u64>,
}

const PACKETS: Chart = Chart {
    name: "packets",
    title: "FPing Packets",
    unit: "packets",
    family: "fping.packets",
    shape: "line",
    priority: 110_020,
    dimensions: &[
        Dimension {
            name: "xmt",
            shown: "sent",
            divisor: 1,
            value: |span| Some(span.attempted),
        },
        Dimension {
            name: "rcv",
            shown: "received",
            divisor: 1,
            value: |span| Some(span.received),
        },
    ],
};

const QUALITY: Chart = Chart {
    name: "quality",
    title: "FPing Quality",
    unit: "percentage",
    family: "fping.quality",
    shape: "area",
    priority: 110_010,
    dimensions: &[Dimension {
        name: "returned",
        shown: "''",
        divisor: 1,
        value: |span| Some(span.percent(span.received)),
    }],
};

/// Nanoseconds, which Netdata divides to milliseconds.
const LATENCY: Chart = Chart {
    name: "latency",
    title: "FPing Latency",
    unit: "ms",
    family: "fping.latency",
    shape: "area",
    priority: 110_000,
    dimensions: &[
        Dimension {
            name: "min",
            shown: "minimum",
            divisor: 1_000_000,
            value: |span| span.times.min().map(|nanos| nanos as u64),
        },
        Dimension {
            name: "max",
            shown: "maximum",
            divisor: 1_000_000,
            value: |span| span.times.max().map(|nanos| nanos as u64),
        },
        Dimension {
            name: "avg",
            shown: "average",
            divisor: 1_000_000,
            value: |span| span.times.mean().map(|nanos| nanos as u64),
        },
    ],
};

/// The figures of the interval of every target; `declare` its charts first, once.
pub fn interval(view: &View<'_>, pinger: &Pinger, declare: bool, to: &mut Output) {
    let every = pinger.settings().report_every.unwrap_or_default();
    for (host, record) in view.about.hosts.iter().zip(pinger.records()) {
        let span = record.interval();
        for chart in [&PACKETS, &QUALITY, &LATENCY] {
            if declare {
                chart.declare(&host.name, every.as_secs_f64(), to);
            }
            let (id, name) = (identifier(&host.name), chart.name);
            to.out(format_args!("BEGIN fping.{id}_{name}\n"));
            chart.set(&span, to);
            to.out(format_args!("END\n"));
        }
    }
}

/// A name that Netdata takes as part of an identifier.
fn identifier(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.chars().map(plain).collect()
}

impl Chart {
    fn declare(&self, host: &str, every: f64, to: &mut Output) {
        let (id, name, title, unit) = (identifier(host), self.name, self.title, self.unit);
        let (family, shape, priority) = (self.family, self.shape, self.priority);
        to.out(format_args!(
            "CHART fping.{id}_{name} '' '{title} for host {host}' {unit} '{host}' \
             {family} {shape} {priority} {every:.0}\n"
        ));
        for dimension in self.dimensions {
            let (name, shown, divisor) = (dimension.name, dimension.shown, dimension.divisor);
            to.out(format_args!(
                "DIMENSION {name} {shown} absolute 1 {divisor}\n"
            ));
        }
    }

    fn set(&self, span: &Span, to: &mut Output) {
        for dimension in self.dimensions {
            if let Some(value) = (dimension.value)(span) {
                to.out(format_args!("SET {} = {value}\n", dimension.name));
            }
        }
    }
}

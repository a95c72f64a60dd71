//! Lines to the letter, as fping's manual and its users have them.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::lang::Text;
use crate::ping::about::{self, Host, Unknown};
use crate::ping::event::Event;
use crate::ping::pinger::Pinger;
use crate::ping::settings::{Mode, Settings};
use crate::probe::{Answer, Arrival, Reply, Stamp, Troubles};
use crate::units::Moment;

const ECHO: Answer = Answer::Arrived(Arrival::Echo);
const STYLE: Style = Style {
    lang: Lang::En,
    each: true,
    verdicts: Verdicts::Sentences,
    quiet: false,
    elapsed: false,
    timestamp: false,
    outage: false,
    list: false,
};
const COUNT: Mode = Mode::Count(4);
const ALIVE: Mode = Mode::Alive {
    retries: 0,
    backoff: 1.5,
};

fn about() -> About {
    let host = |name: &str, last: u8| Host {
        name: name.to_string(),
        label: None,
        address: Ipv4Addr::new(192, 0, 2, last).into(),
    };
    About {
        hosts: vec![host("192.0.2.1", 1), host("192.0.2.20", 20)],
        unknown: vec![Unknown {
            name: "nobody".to_string(),
            label: Some("备用".to_string()),
            why: Text::new("没有", "none"),
        }],
        kind: about::ICMP,
        bytes: Some(64),
        port: None,
        way: "model",
        others: Vec::new(),
        exact: false,
        start: "2026-01-01T00:00:00+0800".to_string(),
    }
}

/// A run of two targets told by hand: one millisecond passes from probe to probe.
struct Told {
    about: About,
    style: Style,
    pinger: Pinger,
    now: Moment,
    output: Output,
}

impl Told {
    fn new(mode: Mode, style: Style) -> Told {
        let settings = Settings {
            mode,
            period: Duration::from_millis(400),
            gap: Duration::ZERO,
            patience: Duration::from_millis(50),
            distance: 64,
            keep: true,
            report_every: Some(Duration::from_secs(1)),
        };
        Told {
            about: about(),
            style,
            pinger: Pinger::new(settings, vec![84, 84]),
            now: Moment::default(),
            output: Output::default(),
        }
    }

    fn tell(&mut self, event: Option<Event>) {
        let view = View::new(&self.about, self.style);
        if let Some(event) = event {
            let wall = Duration::new(1_795_795_500, 968_030_000);
            lines::event(&view, &self.pinger, &event, wall, &mut self.output);
        }
    }

    /// Sends what is due; each probe comes back after so many microseconds, saying so, from there.
    fn round(&mut self, replies: &[&[(u64, Answer, u8)]]) {
        for said in replies {
            let probe = self.pinger.poll_probe(self.now).expect("a probe is due");
            assert_eq!(self.pinger.handle_sent(probe, Ok(self.now)), None);
            for (micros, answer, from) in *said {
                let received = self.now + Duration::from_micros(*micros);
                let from = Ipv4Addr::new(192, 0, 2, *from).into();
                let when = (received, Stamp::Model);
                let reply = Reply::plain(Some(probe.id()), from, *answer, when);
                let event = self.pinger.handle_reply(&reply);
                self.tell(event);
            }
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now = self.now + Duration::from_millis(ms);
        while let Some(event) = self.pinger.poll_timeout(self.now) {
            self.tell(Some(event));
        }
    }

    fn view(&self) -> View<'_> {
        View::new(&self.about, self.style)
    }

    fn said(&self, what: impl Fn(&View<'_>, &Pinger, &mut Output)) -> Output {
        let mut output = Output::default();
        what(&self.view(), &self.pinger, &mut output);
        output
    }
}

/// One target replies in 1.234 ms, then late; the other not, then from elsewhere.
fn counted(style: Style) -> Told {
    let mut told = Told::new(COUNT, style);
    told.round(&[&[(1_234, ECHO, 1)], &[]]);
    told.pass(400);
    told.round(&[&[(60_000, ECHO, 1)], &[(31, ECHO, 9)]]);
    told
}

#[test]
fn each_reply_has_its_line_with_the_average_and_the_loss_so_far() {
    let told = counted(STYLE);
    assert_eq!(
        told.output.out,
        "192.0.2.1  : [0], 64 bytes, 1.23 ms (1.23 avg, 0% loss)\n\
         192.0.2.20 : [0], timed out (NaN avg, 100% loss)\n\
         192.0.2.1  : [1], 64 bytes, 60.0 ms (30.6 avg, 0% loss) [late]\n\
         192.0.2.20 : [1], 64 bytes, 0.031 ms (0.031 avg, 50% loss) [<- 192.0.2.9]\n"
    );
    assert_eq!(told.output.err, "");
}

#[test]
fn a_line_may_begin_with_the_time_and_may_be_left_out() {
    let told = counted(Style {
        timestamp: true,
        ..STYLE
    });
    let first = told.output.out.lines().next().unwrap();
    assert_eq!(
        first,
        "[1795795500.96803] 192.0.2.1  : [0], 64 bytes, 1.23 ms (1.23 avg, 0% loss)"
    );
    let told = counted(Style {
        each: false,
        ..STYLE
    });
    assert_eq!(told.output, Output::default());
}

#[test]
fn what_is_no_echo_says_what_it_was_instead_of_bytes() {
    for (arrival, words) in [
        (Arrival::Connected, "port open"),
        (Arrival::Refused, "port closed"),
        (Arrival::Dns(3), "dns code 3"),
        (Arrival::Http(204), "http 204"),
    ] {
        let mut told = Told::new(COUNT, STYLE);
        told.about.bytes = None;
        told.round(&[&[(1_000_000, Answer::Arrived(arrival), 1)]]);
        let line = format!("192.0.2.1  : [0], {words}, 1000 ms (1000 avg, 0% loss) [late]\n");
        assert_eq!(told.output.out, line);
    }
}

#[test]
fn whoever_replies_is_alive_and_whoever_does_not_is_unreachable() {
    let said = |style: Style| {
        let mut told = Told::new(ALIVE, style);
        told.round(&[&[(12, ECHO, 1), (20, ECHO, 1)], &[]]);
        told.pass(100);
        told.output
    };
    let usual = said(Style {
        each: false,
        ..STYLE
    });
    assert_eq!(usual.out, "192.0.2.1 is alive\n192.0.2.20 is unreachable\n");
    assert_eq!(
        usual.err,
        "192.0.2.1 : duplicate for [0], 64 bytes, 0.020 ms\n"
    );
    let elapsed = Style {
        elapsed: true,
        ..STYLE
    };
    assert_eq!(
        said(elapsed).out,
        "192.0.2.1 is alive (0.012 ms)\n192.0.2.20 is unreachable\n"
    );
    let only = |verdicts| {
        said(Style {
            verdicts,
            ..elapsed
        })
        .out
    };
    assert_eq!(only(Verdicts::Alive), "192.0.2.1 (0.012 ms)\n");
    assert_eq!(only(Verdicts::Unreachable), "192.0.2.20\n");
    assert_eq!(only(Verdicts::Silent), "");
}

#[test]
fn alive_is_said_once() {
    let mode = Mode::Alive {
        retries: 1,
        backoff: 1.5,
    };
    let mut told = Told::new(mode, STYLE);
    told.about.hosts.truncate(1);
    told.pinger = Pinger::new(*told.pinger.settings(), vec![84]);
    told.round(&[&[]]);
    told.pass(50);
    told.round(&[&[(12, ECHO, 1)]]);
    // The reply to the first request comes after the one to the second.
    let first = crate::probe::Probe::plain(crate::probe::Sequence(0), 64);
    let from = Ipv4Addr::new(192, 0, 2, 1).into();
    let when = (told.now + Duration::from_millis(9), Stamp::Model);
    let reply = Reply::plain(Some(first.id()), from, ECHO, when);
    let event = told.pinger.handle_reply(&reply);
    assert!(event.is_some());
    told.tell(event);
    assert_eq!(told.output.out, "192.0.2.1 is alive\n");
}

#[test]
fn icmp_errors_are_named_unless_quiet() {
    let said = |quiet, answer| {
        let mut told = Told::new(COUNT, Style { quiet, ..STYLE });
        told.round(&[&[(5, answer, 7)]]);
        told.output.err
    };
    for (answer, name) in [
        (Answer::Passed, "ICMP Time Exceeded"),
        (
            Answer::Unreachable { kind: 3, code: 1 },
            "ICMP Host Unreachable",
        ),
        (
            Answer::Barred { kind: 3, code: 13 },
            "ICMP Unreachable (Communication Administratively Prohibited)",
        ),
    ] {
        let line = format!("{name} from 192.0.2.7 for ICMP Echo sent to 192.0.2.1\n");
        assert_eq!(said(false, answer), line);
        assert_eq!(said(true, answer), "");
    }
}

#[test]
fn a_fault_of_our_own_side_is_told_in_the_language_of_the_user() {
    let said = |mode, style| {
        let mut told = Told::new(mode, style);
        let probe = told.pinger.poll_probe(told.now).unwrap();
        let why = Text::new("没有路由", "no route");
        let event = told.pinger.handle_sent(probe, Err(why));
        told.tell(event);
        told.output
    };
    let english = said(ALIVE, STYLE);
    assert_eq!(
        english.err,
        "192.0.2.1: error while sending ping: no route\n"
    );
    assert_eq!(english.out, "192.0.2.1 is unreachable\n");
    let chinese = Style {
        lang: Lang::Zh,
        ..STYLE
    };
    assert_eq!(
        said(COUNT, chinese).err,
        "192.0.2.1：发送探测时出错：没有路由\n"
    );
    assert_eq!(said(COUNT, chinese).out, "");
    let quiet = Style {
        each: false,
        verdicts: Verdicts::Silent,
        ..STYLE
    };
    assert_eq!(said(COUNT, quiet), Output::default());
}

#[test]
fn the_end_is_a_summary_or_a_list() {
    let quiet = Style {
        each: false,
        ..STYLE
    };
    let end = |style| counted(style).said(summary::end).err;
    // (1.234 + 60) / 2 = 30.617.
    let summary = "192.0.2.1  : xmt/rcv/%loss = 2/2/0%, min/avg/max = 1.23/30.6/60.0\n\
                   192.0.2.20 : xmt/rcv/%loss = 2/1/50%, min/avg/max = 0.031/0.031/0.031\n";
    assert_eq!(end(quiet), summary);
    assert_eq!(end(STYLE), format!("\n{summary}"));
    let outage = end(Style {
        outage: true,
        ..quiet
    });
    assert!(
        outage.contains("2/1/50%, outage(ms) = 400, min/avg/max"),
        "{outage}"
    );
    let list = Style {
        list: true,
        ..quiet
    };
    assert_eq!(end(list), "192.0.2.1  : 1.23 60.0\n192.0.2.20 : - 0.031\n");
}

#[test]
fn what_is_under_way_is_not_in_the_list() {
    let mut told = counted(Style {
        list: true,
        each: false,
        ..STYLE
    });
    told.pass(400);
    told.round(&[&[], &[(70, ECHO, 20)]]);
    let list = told.said(summary::end).err;
    assert_eq!(list, "192.0.2.1  : 1.23 60.0\n192.0.2.20 : - 0.031 0.070\n");
}

#[test]
fn an_interval_with_more_replies_than_probes_tells_what_returned() {
    let mut told = Told::new(
        COUNT,
        Style {
            each: false,
            ..STYLE
        },
    );
    told.round(&[&[], &[]]);
    told.pass(100);
    told.pinger.begin_interval();
    let probe = crate::probe::Probe::plain(crate::probe::Sequence(0), 64);
    let from = Ipv4Addr::new(192, 0, 2, 1).into();
    let when = (told.now, Stamp::Model);
    told.pinger
        .handle_reply(&Reply::plain(Some(probe.id()), from, ECHO, when));
    assert_eq!(
        told.said(summary::interval).err,
        "192.0.2.1  : xmt/rcv/%return = 0/1/0%, min/avg/max = 100/100/100\n\
         192.0.2.20 : xmt/rcv/%loss = 0/0/0%\n"
    );
    assert_eq!(
        told.said(summary::total).err,
        "192.0.2.1  : xmt/rcv/%loss = 1/1/0%, min/avg/max = 100/100/100\n\
         192.0.2.20 : xmt/rcv/%loss = 1/0/100%\n"
    );
}

#[test]
fn overall_figures_stand_in_their_columns() {
    let told = counted(STYLE);
    let said = told.said(|view, pinger, to| {
        summary::overall(view, pinger, Duration::from_millis(400), to);
    });
    // Mean of 1.234, 60 and 0.031 ms.
    assert_eq!(
        said.err,
        "\n       2 targets\n       2 alive\n       0 unreachable\n       1 unknown addresses\n\
         \n       1 timeouts (waiting for response)\n       4 ICMP Echos sent\n       \
         3 ICMP Echo Replies received\n       0 other ICMP received\n\
         \n 0.031 ms (min round trip time)\n 20.4 ms (avg round trip time)\n \
         60.0 ms (max round trip time)\n        0.400 sec (elapsed real time)\n\n"
    );
}

#[test]
fn enough_is_at_least_as_many_as_required() {
    let said = |required, reachable| {
        let mut output = Output::default();
        summary::reachable(required, reachable, &mut output);
        output.out
    };
    assert_eq!(
        said(2, 2),
        "Enough hosts reachable (required: 2, reachable: 2)\n"
    );
    assert_eq!(
        said(3, 2),
        "Not enough hosts reachable (required: 3, reachable: 2)\n"
    );
}

#[test]
fn netdata_gets_its_charts_once_and_nothing_for_times_that_are_not() {
    let mut told = Told::new(COUNT, STYLE);
    told.about.hosts.truncate(1);
    told.round(&[&[(25, ECHO, 1)]]);
    let said = |declare| {
        told.said(|view, pinger, to| netdata::interval(view, pinger, declare, to))
            .out
    };
    assert_eq!(
        said(true),
        "CHART fping.192_0_2_1_packets '' 'FPing Packets for host 192.0.2.1' packets '192.0.2.1' fping.packets line 110020 1\n\
         DIMENSION xmt sent absolute 1 1\n\
         DIMENSION rcv received absolute 1 1\n\
         BEGIN fping.192_0_2_1_packets\nSET xmt = 1\nSET rcv = 1\nEND\n\
         CHART fping.192_0_2_1_quality '' 'FPing Quality for host 192.0.2.1' percentage '192.0.2.1' fping.quality area 110010 1\n\
         DIMENSION returned '' absolute 1 1\n\
         BEGIN fping.192_0_2_1_quality\nSET returned = 100\nEND\n\
         CHART fping.192_0_2_1_latency '' 'FPing Latency for host 192.0.2.1' ms '192.0.2.1' fping.latency area 110000 1\n\
         DIMENSION min minimum absolute 1 1000000\n\
         DIMENSION max maximum absolute 1 1000000\n\
         DIMENSION avg average absolute 1 1000000\n\
         BEGIN fping.192_0_2_1_latency\nSET min = 25000\nSET max = 25000\nSET avg = 25000\nEND\n"
    );
    assert!(!said(false).contains("CHART"));
    let mut silent = Told::new(COUNT, STYLE);
    silent.round(&[&[], &[]]);
    silent.pass(100);
    let said = silent
        .said(|view, pinger, to| netdata::interval(view, pinger, false, to))
        .out;
    assert!(
        said.contains("SET returned = 0\nEND\nBEGIN fping.192_0_2_1_latency\nEND\n"),
        "{said}"
    );
}

fn total(told: &Told) -> Value {
    let took = Duration::from_millis(400);
    data::total(&told.about, &told.pinger, took, Troubles::default())
}

#[test]
fn data_has_numbers_for_what_is_and_null_for_what_is_not() {
    let told = counted(STYLE);
    let data = total(&told);
    assert_eq!(data["schema"], "hopcast.ping/1");
    assert_eq!(data["settings"]["count"], 4);
    assert_eq!(data["all"]["sent"], 4);
    let [first, second, unknown] = [0, 1, 2].map(|at: usize| &data["targets"][at]);
    assert_eq!(first["round_trips_ms"], json!([1.234, 60.0]));
    assert_eq!(
        (&first["answered"], &first["late"], &first["lost"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!(first["times"]["jitter_ms"], json!(58.766));
    assert_eq!(first["times"]["mean_ms"], json!(30.617));
    assert_eq!(second["loss_percent"], json!(50.0));
    assert_eq!(second["times"]["jitter_ms"], Value::Null);
    // Wilson for 1 of 2: symmetric about a half, (1 ± z / sqrt(2 + z²)) / 2.
    let z = 1.959_963_984_540_054_f64;
    let half = 50.0 * z / (2.0 + z * z).sqrt();
    let interval = &second["loss_interval_95"];
    for (end, expected) in [(0, 50.0 - half), (1, 50.0 + half)] {
        assert!(
            (interval[end].as_f64().unwrap() - expected).abs() < 1e-3,
            "{interval}"
        );
    }
    assert_eq!(
        (&unknown["state"], &unknown["label"]),
        (&json!("unknown"), &json!("备用"))
    );
    let silent = total(&Told::new(ALIVE, STYLE));
    assert_eq!(silent["targets"][0]["loss_percent"], Value::Null);
    assert_eq!(silent["targets"][0]["times"], Value::Null);
    assert_eq!(silent["all"]["best_ms"], Value::Null);
}

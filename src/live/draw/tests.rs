//! Screens, looked at cell by cell.

use std::net::IpAddr;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::lang::{Text, width};
use crate::live::keys::{self, Key};
use crate::live::state::Shape;
use crate::probe::fake::FakeLink;
use crate::probe::{Answer, Arrival, Probe, Sequence, Stamp};
use crate::trace::plan::{Expected, Plan};
use crate::trace::report::About;
use crate::trace::worlds::{self, address as router};
use crate::trace::{Ended, Fate, Response, Trace};

mod around;
mod hops;
mod sizes;

const MS: u64 = 1_000_000;
const SECOND: u64 = 1000 * MS;

fn about() -> About {
    About {
        target: "oa.example".into(),
        start: "2026-07-28T10:00:00+0800".into(),
        ..worlds::about(router(4), 10)
    }
}

/// A probe of the round that begins that many seconds after the start.
fn probe(round: u32, distance: u8, fate: Fate) -> Ended {
    Ended {
        probe: Probe::plain(Sequence(round * 8 + u32::from(distance)), distance),
        round,
        sent: Some(Moment(u64::from(round) * SECOND)),
        fate,
        duplicates: 0,
    }
}

fn answered(by: IpAddr, nanos: u64, answer: Answer) -> Fate {
    Fate::Answered(Response {
        responder: by,
        answer,
        round_trip: Duration::from_nanos(nanos),
        stamp: Stamp::Kernel,
        detail: None,
    })
}

fn trace(ended: Vec<Ended>, reached: Option<u8>) -> Trace {
    let rounds = ended.last().map_or(0, |ended| ended.round + 1);
    Trace {
        first_sweep: None,
        took: Duration::from_secs(rounds.into()),
        ..worlds::facts(ended, reached)
    }
}

/// Four hops for `rounds`: 1, 2, 3 and 4 ms, the third silent, the last losing every fifth probe.
fn path(rounds: u32) -> Trace {
    let fate = |round: u32, distance: u8| match (distance, round % 5) {
        (3, _) | (4, 4) => Fate::Lost,
        (4, _) => answered(router(4), 4 * MS, Answer::Arrived(Arrival::Echo)),
        _ => answered(router(distance), u64::from(distance) * MS, Answer::Passed),
    };
    let all = (0..rounds).flat_map(|round| (1..=4).map(move |distance| (round, distance)));
    let all = all.map(|(round, distance)| probe(round, distance, fate(round, distance)));
    trace(all.collect(), Some(4))
}

/// A plan with Chinese names for the first two hops and the last.
fn plan() -> Plan {
    let node = |number: u8, zh: &str, en: &str| Expected {
        id: en.to_string(),
        number: Some(number.into()),
        name: Text::new(zh, en),
        owner: Text::new("数据局", "Data Bureau"),
        link_owner: Text::new("电信", "Telecom"),
        addresses: vec![router(number)],
        networks: Vec::new(),
        port: None,
        dns: None,
        silent: false,
        link: FakeLink::default(),
        lab_address: router(number),
    };
    let hops = vec![
        node(1, "接入交换机", "access switch"),
        node(2, "网关", "gateway"),
        node(4, "负载均衡 Nginx", "load balancer"),
    ];
    worlds::plan(Text::same("internet"), hops)
}

fn view(trace: Trace, plan: Option<Plan>) -> View {
    View::new(about(), trace, plan, &[])
}

fn state() -> State {
    State::new(Duration::from_secs(1), false)
}

/// The rows of a screen of that size, each checked to fill it exactly.
fn rows(state: &State, views: &[View], lang: Lang, (width, height): (u16, u16)) -> Vec<String> {
    let zero = "2026-07-28T10:00:00+08:00[Asia/Shanghai]".parse().unwrap();
    let scene = Scene {
        views,
        zero: &zero,
        lang,
        colour: true,
    };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let draw = |frame: &mut ratatui::Frame| {
        let area = frame.area();
        let cursor = draw(state, &scene, area, frame.buffer_mut());
        assert!(cursor.is_none_or(|cursor| area.contains(cursor)));
    };
    terminal.draw(draw).unwrap();
    let buffer = terminal.backend().buffer();
    let row = |y| {
        let mut x = 0;
        let mut text = String::new();
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            text.push_str(symbol);
            x += symbol.width();
        }
        assert_eq!(x, width, "row {y} sticks out: {text}");
        text
    };
    (0..height).map(row).collect()
}

trait Width {
    fn width(&self) -> u16;
}

impl Width for str {
    fn width(&self) -> u16 {
        u16::try_from(width(self)).unwrap()
    }
}

/// The row that holds `text`, and the cell behind that.
fn find(rows: &[String], text: &str) -> (usize, usize) {
    let found = rows
        .iter()
        .enumerate()
        .find_map(|(y, row)| Some((y, width(&row[..row.find(text)?]) + width(text))));
    found.unwrap_or_else(|| panic!("no {text:?} on:\n{}", rows.join("\n")))
}

//! Response times of transfers on one line against TCP simulated packet by packet.

#![cfg(feature = "plan")]

use hopcast::queueing::response::{full, queue, rounds};
use hopcast::sim::link::Link;
use hopcast::sim::pool::Limit;
use hopcast::sim::random::{Law, Stream};
use hopcast::sim::replay::{Flow, replay};
use hopcast::units::BitRate;

const LINE: f64 = 500e6;
/// Seconds of the packets' drop-tail queue.
const FULL_QUEUE: f64 = 0.024;
/// Ten segments of 1,448 bytes.
const INITIAL_WINDOW: f64 = 14_480.0;

/// A line of the oracle: transfers of `from` to `to` bytes take `ratio` times what exact processor
/// sharing of the same transfers gives.
#[derive(serde::Deserialize)]
struct Cell {
    rtt_ms: f64,
    load: f64,
    from: f64,
    to: f64,
    ratio: f64,
}

/// A transfer in the event simulation.
struct Transfer {
    bytes: f64,
    /// Seconds by processor sharing.
    shared: f64,
    /// Those under way when it comes.
    met: usize,
}

/// Poisson arrivals of lognormal sizes (sigma 1.5, mean 500 kB) that load the line by `load`.
fn simulated(load: f64) -> Vec<Transfer> {
    const COUNT: usize = 300_000;
    const MEAN: f64 = 4e6;
    let mut gaps = Stream::new(1, 0, "arrivals");
    let mut sizes = Stream::new(1, 0, "sizes");
    let mut now = 0.0;
    let flow = |_| {
        now += gaps.exponential() * MEAN / (LINE * load);
        Flow {
            arrival: now,
            bits: Law::Lognormal { sigma: 1.5 }.draw(&mut sizes) * MEAN,
            class: 0,
            limit: Limit::None,
        }
    };
    let flows: Vec<Flow> = (0..COUNT).map(flow).collect();
    let mut line = Link::plain(BitRate(LINE)).unwrap();
    let ends = replay(&mut line, &flows).unwrap();
    let mut gone: Vec<f64> = ends.iter().map(|end| end.at).collect();
    gone.sort_by(f64::total_cmp);
    let transfer = |(number, (flow, end)): (usize, (&Flow, _))| {
        let end: &hopcast::sim::replay::End = end;
        Transfer {
            bytes: flow.bits / 8.0,
            shared: end.after,
            met: number - gone.partition_point(|at| *at <= flow.arrival),
        }
    };
    flows.iter().zip(&ends).enumerate().map(transfer).collect()
}

/// How many times longer than by processor sharing those of `from` to `to` bytes take.
fn ratio(transfers: &[Transfer], rtt: f64, from: f64, to: f64) -> f64 {
    let own = transfers.iter().filter(|t| t.bytes >= from && t.bytes < to);
    let (mut whole, mut shared) = (0.0, 0.0);
    for transfer in own {
        let wait = queue(full(transfer.met > 0, transfer.met), FULL_QUEUE, rtt);
        whole += transfer.shared + rounds(transfer.bytes, INITIAL_WINDOW) * (rtt + wait);
        shared += transfer.shared;
    }
    whole / shared
}

fn worst(oracle: &str) -> f64 {
    let mut simulations: Vec<(f64, Vec<Transfer>)> = Vec::new();
    let mut worst = 0.0f64;
    let mut cells = 0;
    for cell in csv::Reader::from_path(oracle).unwrap().deserialize() {
        let cell: Cell = cell.unwrap();
        if simulations.iter().all(|(load, _)| *load != cell.load) {
            simulations.push((cell.load, simulated(cell.load)));
        }
        let (_, transfers) = simulations
            .iter()
            .find(|(load, _)| *load == cell.load)
            .unwrap();
        let found = ratio(transfers, cell.rtt_ms / 1e3, cell.from, cell.to);
        let off = found / cell.ratio - 1.0;
        println!(
            "{} ms {} {:>9}: {:.2} for {:.2}, {:+.1} %",
            cell.rtt_ms,
            cell.load,
            cell.from,
            found,
            cell.ratio,
            100.0 * off
        );
        worst = worst.max(off.abs());
        cells += 1;
    }
    assert!(cells >= 15);
    worst
}

#[test]
fn every_size_class_is_within_a_quarter_of_the_packets() {
    assert!(worst("tests/oracles/packet_tcp_ratios.csv") <= 0.25);
}

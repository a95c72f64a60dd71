//! Response times of transfers on one line against TCP simulated packet by packet.

#![cfg(feature = "plan")]

use hopcast::queueing::response::{full, mean_full, queue, rounds};
use hopcast::sim::link::Link;
use hopcast::sim::pool::Limit;
use hopcast::sim::random::{Law, Stream};
use hopcast::sim::replay::{End, Flow, replay};
use hopcast::units::BitRate;

const LINE: f64 = 500e6;
/// Seconds of the packets' drop-tail queue.
const FULL_QUEUE: f64 = 0.024;
/// Ten segments of 1,448 bytes.
const INITIAL_WINDOW: f64 = 14_480.0;

/// A line of the oracle, one run of ns-3 3.37 of about 1,000 transfers for each RTT and load (CUBIC, 500
/// Mbit/s, IW 10, lognormal sizes as below; `benches/peer/packet_tcp.sh` makes more such runs): transfers of `from` to `to` bytes take `ratio` times what exact processor
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
    let transfer = |(number, (flow, end)): (usize, (&Flow, &End))| Transfer {
        bytes: flow.bits / 8.0,
        shared: end.after,
        met: number - gone.partition_point(|at| *at <= flow.arrival),
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

#[test]
fn every_size_class_is_within_a_quarter_of_the_packets() {
    let mut simulations: Vec<(f64, Vec<Transfer>)> = Vec::new();
    let oracle = csv::Reader::from_path("tests/oracles/packet_tcp_ratios.csv");
    let cells: Vec<Cell> = oracle.unwrap().deserialize().map(Result::unwrap).collect();
    assert_eq!(cells.len(), 15);
    for cell in cells {
        if simulations.iter().all(|(load, _)| *load != cell.load) {
            simulations.push((cell.load, simulated(cell.load)));
        }
        let own = simulations.iter().find(|(load, _)| *load == cell.load);
        let found = ratio(&own.unwrap().1, cell.rtt_ms / 1e3, cell.from, cell.to);
        let off = found / cell.ratio - 1.0;
        assert!(
            off.abs() <= 0.25,
            "{} ms, load {}, from {} bytes: {found:.2} for {}, {:+.1} %",
            cell.rtt_ms,
            cell.load,
            cell.from,
            cell.ratio,
            100.0 * off
        );
    }
}

#[test]
fn the_simulated_queue_is_the_closed_form() {
    for load in [0.5, 0.7] {
        let transfers = simulated(load);
        let sum: f64 = transfers.iter().map(|t| full(t.met > 0, t.met)).sum();
        let found = sum / transfers.len() as f64;
        let wanted = mean_full(1.0, load).unwrap();
        assert!((found / wanted - 1.0).abs() < 0.05, "{found} {wanted}");
    }
}

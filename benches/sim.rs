//! How fast the simulator is: `cargo bench --bench sim`. One thread; times are of the core alone,
//! with the flows in memory, as `hopcast simulate --flows` has them once the file is read.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use hopcast::sim::link::Link;
use hopcast::sim::pool::Limit;
use hopcast::sim::random::{Law, Stream};
use hopcast::sim::replay::{Flow, replay};
use hopcast::units::BitRate;

fn main() {
    divan::main();
}

/// Poisson arrivals of lognormal sizes (sigma 1.5, mean 500 kB) that load 500 Mbit/s by `load`.
fn flows(load: f64, count: usize) -> Vec<Flow> {
    let mut gaps = Stream::new(1, 0, "arrivals");
    let mut sizes = Stream::new(1, 0, "sizes");
    let mut now = 0.0;
    let flow = |_| {
        now += gaps.exponential() * 4e6 / (500e6 * load);
        Flow {
            arrival: now,
            bits: Law::Lognormal { sigma: 1.5 }.draw(&mut sizes) * 4e6,
            class: 0,
            limit: Limit::None,
        }
    };
    (0..count).map(flow).collect()
}

/// One bottleneck link of 500 Mbit/s, loaded by 50, 70 and 90 %.
#[divan::bench(consts = [10_000, 100_000, 1_000_000], args = [0.5, 0.7, 0.9])]
fn one_link<const COUNT: usize>(bencher: Bencher<'_, '_>, load: f64) {
    let flows = flows(load, COUNT);
    let plain = Link::plain(BitRate::mbit(500.0)).expect("a sound link");
    bencher
        .counter(ItemsCount::new(COUNT))
        .bench_local(|| black_box(replay(&mut plain.clone(), &flows).expect("sound flows")));
}

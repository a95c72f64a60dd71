//! How fast the simulator is: `cargo bench --bench sim`. One thread; times are of the core alone,
//! with the flows in memory, as `hopcast simulate --flows` has them once the file is read.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use hopcast::qos::{Class, PerUser, Rules, Tree};
use hopcast::sim::day::spec::{HOURS, Line, Path};
use hopcast::sim::double_double::DoubleDouble;
use hopcast::sim::experiment::{Time, open};
use hopcast::sim::link::Link;
use hopcast::sim::network::Network;
use hopcast::sim::pool::Limit;
use hopcast::sim::random::{Law, Stream};
use hopcast::sim::replay::{Flow, replay};
use hopcast::sim::station::Station;
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

/// The same on four classes that borrow from each other, the users of each limited to 40 Mbit/s: all
/// demands are finite, so that every arrival and ending divides the link anew.
#[divan::bench(args = [0.7, 0.9])]
fn four_classes_of_limited_users(bencher: Bencher<'_, '_>, load: f64) {
    const COUNT: usize = 100_000;
    let mut flows = flows(load, COUNT);
    for (at, flow) in (0u32..).zip(&mut flows) {
        flow.class = at % 4;
        flow.limit = Limit::User(at * 7 % 1000);
    }
    let class = |number: u32| Class {
        name: number.to_string(),
        guarantee: Some(BitRate::mbit(125.0)),
        ceiling: Some(BitRate::mbit(400.0)),
        priority: number % 2,
        per_user: Some(PerUser {
            users: 1000.0,
            limit: BitRate::mbit(40.0),
        }),
        ..Class::default()
    };
    let classes: Vec<Class> = (0..4).map(class).collect();
    let shaped = Link::new(BitRate::mbit(500.0), &classes, Rules::default()).expect("a sound link");
    bencher
        .counter(ItemsCount::new(COUNT))
        .bench_local(|| black_box(replay(&mut shaped.clone(), &flows).expect("sound flows")));
}

/// Customers of M/M/1 and M/M/10, their random numbers drawn as they come.
#[divan::bench(consts = [1, 10], args = [0.5, 0.7, 0.9])]
fn first_come<const SERVERS: usize>(bencher: Bencher<'_, '_>, load: f64) {
    customers(bencher, SERVERS, load, || {
        Station::first_come(SERVERS, usize::MAX)
    });
}

/// The same, all customers sharing the servers.
#[divan::bench(consts = [1, 10], args = [0.7])]
fn sharing<const SERVERS: usize>(bencher: Bencher<'_, '_>, load: f64) {
    customers(bencher, SERVERS, load, || Station::sharing(SERVERS));
}

fn customers(bencher: Bencher<'_, '_>, servers: usize, load: f64, station: impl Fn() -> Station) {
    const COUNT: u32 = 1_000_000;
    let exponential = |mean| Time {
        law: Law::Exponential,
        mean,
    };
    let gap = exponential(1.0 / (load * servers as f64));
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
        let visits = open(&mut station(), gap, exponential(1.0), COUNT, (1, 0));
        black_box(visits)
    });
}

/// Many transfers over several lines: 20 paths over 8 lanes, each across the lane of its class on a
/// line of 500 Mbit/s with 3 classes and across one of 5 lines of 10 Gbit/s. Items are arrivals and
/// endings. At load 0.1 nothing binds; at 0.7 the class of 8 paths has 70 % of what it may have; above
/// 1 the number of transfers grows.
#[divan::bench(args = [0.1, 0.7, 1.2])]
fn network(bencher: Bencher<'_, '_>, load: f64) {
    const COUNT: u32 = 100_000;
    const PATHS: usize = 20;
    // Of 20 paths the first 8 are in class 0, the next 6 in each of the others.
    let class_of = |path: usize| usize::from(path >= 8) + usize::from(path >= 14);
    let class = |number: u32| Class {
        name: number.to_string(),
        guarantee: Some(BitRate::mbit(100.0)),
        ceiling: Some(BitRate::mbit(250.0)),
        priority: number,
        ..Class::default()
    };
    let classes: Vec<Class> = (0..3).map(class).collect();
    let tree = Tree::new(BitRate::mbit(500.0), &classes, Rules::default()).expect("a sound tree");
    let wide = |lane: usize| Line {
        capacity: 10e9,
        lanes: lane..lane + 1,
        trees: Vec::new(),
        by_hour: [0; HOURS],
    };
    let mut lines = vec![Line {
        capacity: 500e6,
        lanes: 0..3,
        trees: vec![Some(tree)],
        by_hour: [0; HOURS],
    }];
    lines.extend((3..8).map(wide));
    let path = |path: usize| Path {
        lanes: vec![class_of(path), 3 + path % 5],
        cap: [20e6, 10e6][path % 2],
    };
    let paths: Vec<Path> = (0..PATHS).map(path).collect();
    // Class 0 has a ceiling of 250 Mbit/s; three of four transfers are its own.
    let mut gaps = Stream::new(1, 0, "arrivals");
    let mut sizes = Stream::new(1, 0, "sizes");
    let mut now = 0.0;
    let arrivals: Vec<(f64, usize, f64)> = (0..COUNT as usize)
        .map(|number| {
            now += gaps.exponential() * 4e6 * 0.75 / (250e6 * load);
            let path = match number % 4 {
                3 => 8 + number / 4 % 12,
                _ => number % 8,
            };
            let bits = Law::Lognormal { sigma: 1.5 }.draw(&mut sizes) * 4e6;
            (now, path, bits)
        })
        .collect();
    let idle = Network::new(&lines, &paths);
    bencher
        .counter(ItemsCount::new(2 * COUNT))
        .with_inputs(|| idle.clone())
        .bench_local_values(|mut network| {
            for (job, &(at, path, bits)) in (0..).zip(&arrivals) {
                let at = DoubleDouble::from(at);
                while network.due() <= at {
                    black_box(network.end(|_, _| false));
                }
                network.arrive(at, path, job, 0, bits);
            }
            while network.due().is_finite() {
                black_box(network.end(|_, _| false));
            }
        });
}

//! One population on one line: what is exact, what is approximate and by how much.

use super::*;
use crate::queueing::closed::{Closed, Station, Visit, solve};
use crate::queueing::exact::machine_repair;
use crate::queueing::response::mean_full;
use crate::queueing::sharing::capped_slowdown;

/// The time of a transaction of [`small`] with `online` users, and its line's carried bit/s.
fn crowd(online: u32, changes: &[(&str, &str)]) -> (f64, f64) {
    let online = format!("online = {online}");
    let text = small(&[&[("online = 1", online.as_str())], changes].concat());
    let topology = read(&text);
    let hour = noon(&text);
    let down = lane(&topology, &hour, "line", Way::Down, 0);
    (time(&hour).0, down.carried.0)
}

#[test]
fn alone_it_takes_round_trips_transfer_work_and_client() {
    let text = small(&[
        ("delay = \"0 ms\"", "delay = \"5 ms\""),
        ("capacity = \"10 Mbit/s\"", "capacity = \"10 Gbit/s\""),
        (
            "access = \"10 Mbit/s\"",
            "access = \"20 Mbit/s\"\naccess-delay = \"10 ms\"\nclient = \"150 %\"",
        ),
        (
            "exchanges = 1\nup = \"0 B\"\ndown = \"1 MB\"",
            "handshakes = 2\nexchanges = 3\nup = \"8 kB\"\ndown = \"180 kB\"\nwork = { server = \"80 ms\" }\nclient = \"0.4 s\"",
        ),
    ]);
    // 60 kB an exchange are 4.29 initial windows: three rounds of doubling and a half each, so
    // 2 + 3 * 3.5 = 12.5 round trips of 5 + 5 + 10 ms.
    let trips = 12.5 * 0.020;
    let transfer = (8_000.0 + 180_000.0) * 8.0 / 20e6;
    let wanted = trips + transfer + 0.080 + 0.4 * 1.5;
    let hour = noon(&text);
    close(time(&hour).0, wanted, 1e-9);
    // One user: a cycle is the pause and the transaction.
    let topology = read(&text);
    let down = lane(&topology, &hour, "line", Way::Down, 0);
    close(down.carried.0, 180_000.0 * 8.0 / (10.0 + wanted), 1e-9);
    close(down.offered.0, down.carried.0, 1e-9);
}

#[test]
fn users_of_one_line_are_the_closed_network() {
    for online in [1, 2, 5, 12, 40] {
        let (time, carried) = crowd(
            online,
            &[
                ("exchanges = 1", "exchanges = 2"),
                ("delay = \"0 ms\"", "delay = \"20 ms\""),
            ],
        );
        // 0.5 MB an exchange are 36 initial windows, log2(36.7) rounds up to 6: 13 trips of 40 ms,
        // and once more where they meet a full queue, be it of no length: one user never does.
        let alone = 10.0 + 13.0 * 0.040 + BITS / 10e6;
        let full = match online {
            1 => 0.0,
            _ => mean_full(1.0, f64::from(online) * BITS / alone / 10e6).unwrap(),
        };
        let chain = Closed {
            population: f64::from(online),
            think: 10.0 + 13.0 * 0.040 * (1.0 + full),
            visits: vec![Visit {
                station: 0,
                work: BITS,
                max_rate: 10e6,
            }],
        };
        let solution = solve(&[Station { capacity: 10e6 }], &[chain], &[]).unwrap();
        let throughput = solution.closed[0].throughput;
        close(carried, throughput * BITS, 1e-9);
        close(time, f64::from(online) / throughput - 10.0, 1e-9);
    }
}

#[test]
fn the_line_at_full_speed_is_the_machine_repair_model() {
    // One user can take the whole line, so it is one server: exact for any law of sizes. The
    // approximation inside is Schweitzer's, at most 6.5 % off (see `queueing::closed`).
    for online in [1, 2, 4, 8, 12, 16, 30, 100] {
        // 1 MB is 72.4 initial windows, so 7 rounds and a half, but of no length.
        let (time, carried) = crowd(online, &[]);
        let exact = machine_repair(1, BITS / 10e6, 10.0, u64::from(online)).unwrap();
        close(carried, exact.throughput * BITS, 0.065);
        close(time, f64::from(online) / (carried / BITS) - 10.0, 1e-9);
    }
}

#[test]
fn a_large_population_at_moderate_load_is_m_g_r_ps() {
    // 20 Mbit/s over 2 Mbit/s a user are ten servers; 4,000 users who pause for 20 minutes arrive
    // like a Poisson stream.
    for online in [1500, 2400, 2700] {
        let (time, carried) = crowd(
            online,
            &[
                ("capacity = \"10 Mbit/s\"", "capacity = \"20 Mbit/s\""),
                ("access = \"10 Mbit/s\"", "access = \"2 Mbit/s\""),
                ("think = \"10 s\"", "think = \"1200 s\""),
            ],
        );
        let slower = capped_slowdown(10.0, carried / 20e6).unwrap();
        assert!(slower > 1.0001, "{slower}");
        close(time, BITS / 2e6 * slower, 0.01);
    }
}

#[test]
fn past_saturation_the_line_carries_its_capacity_and_users_wait_for_the_rest() {
    let (time, carried) = crowd(1000, &[]);
    close(carried, 10e6, 1e-4);
    // 1.25 transactions a second: a cycle of 1000 / 1.25 s, ten of them the pause.
    close(time, 1000.0 / 1.25 - 10.0, 1e-4);
}

#[test]
fn a_transfer_over_two_narrow_lines_takes_its_time_once() {
    let second = "\n[link.next]\nfrom = \"server\"\nto = \"far\"\ncapacity = \"10 Mbit/s\"\ndelay = \"0 ms\"\nowner = \"o\"\n[journey.there]";
    let text = small(&[
        ("access = \"10 Mbit/s\"", "access = \"100 Mbit/s\""),
        ("\n[journey.there]", second),
        ("path = \"user->server\"", "path = \"user->server->far\""),
        (
            "workers = 1000 }",
            "workers = 1000 }\nfar = { kind = \"app\", name = { zh = \"远\", en = \"far\" }, owner = \"o\" }",
        ),
    ]);
    // The analysis settles to a millionth.
    close(time(&noon(&text)).0, BITS / 10e6, 1e-6);
}

#[test]
fn an_asymmetric_line_binds_each_way_by_itself() {
    let text = small(&[
        (
            "capacity = \"10 Mbit/s\"",
            "capacity-up = \"2 Mbit/s\"\ncapacity-down = \"50 Mbit/s\"",
        ),
        ("access = \"10 Mbit/s\"", "access = \"100 Mbit/s\""),
        ("up = \"0 B\"", "up = \"500 kB\""),
    ]);
    // The analysis settles to a millionth.
    close(time(&noon(&text)).0, 4e6 / 2e6 + 8e6 / 50e6, 1e-6);
}

#[test]
fn loss_of_a_line_counts_once_each_way() {
    use crate::queueing::tcp::Connection;
    use crate::units::{Bytes, Fraction, Seconds};
    let text = small(&[
        ("delay = \"0 ms\"", "delay = \"25 ms\"\nloss = \"1 %\""),
        ("capacity = \"10 Mbit/s\"", "capacity = \"10 Gbit/s\""),
        ("access = \"10 Mbit/s\"", "access = \"10 Gbit/s\""),
    ]);
    let connection = Connection::new(Bytes(1400.0), Seconds(0.05), Fraction(0.01)).unwrap();
    // 72.4 initial windows: seven doublings and a half.
    close(
        time(&noon(&text)).0,
        7.5 * 0.05 + BITS / connection.cubic().0,
        1e-9,
    );
}

#[test]
fn a_full_class_holds_every_round_trip_and_slows_the_cycle_by_it() {
    let text = small(&[
        ("online = 1", "online = 1000"),
        ("full-queue = \"0 ms\"", "full-queue = \"100 ms\""),
        ("up = \"0 B\"", "up = \"10 kB\""),
    ]);
    let hour = noon(&text);
    let topology = read(&text);
    let down = lane(&topology, &hour, "line", Way::Down, 0);
    // Offered more than 20 deviations above the capacity: always full.
    close(down.congested, 1.0, 1e-9);
    close(down.carried.0, 10e6, 1e-4);
    // The queue is part of the wait that saturation makes, not on top of it.
    close(time(&hour).0, 1000.0 / (down.carried.0 / BITS) - 10.0, 1e-9);
}

#[test]
fn a_service_is_as_spread_as_its_file_says() {
    let with = |spread: &str| {
        let work =
            format!("down = \"1 MB\"\nwork = {{ server = \"10 s\" }}\nwork-spread = \"{spread}\"");
        time(&noon(&small(&[("down = \"1 MB\"", &work)])))
    };
    // Without spread nothing is random here.
    let (mean, p95) = with("0 %");
    close(p95, mean, 1e-9);
    // A gamma of shape 4: its 95th percentile is that of chi² with 8 degrees of freedom, 15.507 / 8
    // means; shape 1 is exponential, ln 20. The law with their three moments is near.
    for (spread, quantile, near) in [("50 %", 1.9384, 0.01), ("100 %", 20f64.ln(), 0.035)] {
        let (same, p95) = with(spread);
        close(same, mean, 1e-12);
        close(p95 - (mean - 10.0), 10.0 * quantile, near);
    }
}

#[test]
fn a_line_that_is_held_now_and_then_has_its_queue_then() {
    for (online, least) in [(1500, 0.0), (2400, 0.2), (2700, 0.4)] {
        let online = format!("online = {online}");
        let text = small(&[
            ("online = 1", online.as_str()),
            ("capacity = \"10 Mbit/s\"", "capacity = \"20 Mbit/s\""),
            ("access = \"10 Mbit/s\"", "access = \"2 Mbit/s\""),
            ("think = \"10 s\"", "think = \"1200 s\""),
            ("delay = \"0 ms\"", "delay = \"50 ms\""),
            ("full-queue = \"0 ms\"", "full-queue = \"500 ms\""),
        ]);
        let hour = noon(&text);
        let down = lane(&read(&text), &hour, "line", Way::Down, 0);
        let full = mean_full(10.0, down.offered.0 / 20e6).unwrap();
        assert!(full > least, "{full}");
        // 72.4 initial windows: 7.5 round trips, each repaired where it meets the full queue.
        let trips = 7.5 * (0.1 + full * (0.5 + 0.1));
        let slower = capped_slowdown(10.0, down.carried.0 / 20e6).unwrap();
        close(time(&hour).0, BITS / 2e6 * slower + trips, 0.01);
    }
}

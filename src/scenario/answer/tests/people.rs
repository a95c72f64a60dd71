//! Sessions, arrivals, users who are cut off, services that fall back.

use super::*;
use crate::scenario::answer::answer;
use crate::scenario::answer::availability::availability;
use crate::topology::JourneyAt;

/// Erlang B by the textbook's sum, `A^n/n! / Σ A^k/k!`, on logarithms.
fn erlang_b(offered: f64, servers: u32) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..=servers {
        term *= offered / f64::from(k);
        sum += term;
    }
    term / sum
}

#[test]
fn sessions_beyond_the_licence_are_refused_by_erlang_b() {
    let text = small(&[
        ("online = 1", "online = 60\nsession = \"30 min\""),
        ("workers = 1000 }", "sessions = 50 }"),
    ]);
    let hour = noon(&text);
    let [load] = &hour.sessions[..] else {
        panic!("{:?}", hour.sessions);
    };
    let refused = erlang_b(60.0, 50);
    assert!(refused > 0.15, "{refused}");
    close(load.refused.0, refused, 1e-9);
    close(load.held, 60.0 * (1.0 - refused), 1e-9);
    close(hour.online, 60.0 * (1.0 - refused), 1e-9);
    // 60 sessions of half an hour end and are tried again 120 times an hour.
    close(load.refused_an_hour, 120.0 * refused, 1e-9);
    close(load.utilisation(), 1.2, 1e-12);
    // With room for ten deviations nothing is refused: 60 < 150 - 10 * 12.3 is false, < 300 - 173 true.
    let roomy = noon(&text.replace("sessions = 50", "sessions = 300"));
    assert_eq!(roomy.sessions[0].refused.0, 0.0);
    assert!(erlang_b(60.0, 150) < 1e-20);
}

#[test]
fn sessions_are_dropped_as_often_as_bursts_are_long_enough_whatever_the_load() {
    let text = |capacity: &str, online: &str| {
        small(&[
            (
                "online = 1",
                &format!("online = {online}\nsession = \"30 min\""),
            ),
            (
                "workers = 1000 }",
                "sessions = 500, keep-alive = { every = \"10 s\", lost = 3 } }",
            ),
            (
                "capacity = \"10 Mbit/s\"",
                &format!(
                    "capacity = \"{capacity}\"\nloss = \"1 %\"\nburst = {{ length = \"12 s\" }}"
                ),
            ),
        ])
    };
    // Everything is lost for 1 % of the time. A bad line is bad 10 s later with chance b; three in a
    // row take (e/(1 - e) + (1 + b + b²)/b²) / 0.01 keep-alives in the mean.
    let e = (-10.0f64 / (12.0 * 0.99)).exp();
    let b = 0.01 + 0.99 * e;
    let keep_alives = 100.0 * (e / (1.0 - e) + (1.0 + b + b * b) / (b * b));
    let dropped = |text: &str| noon(text).sessions[0].dropped_an_hour;
    for capacity in ["10 Gbit/s", "1 Mbit/s"] {
        close(
            dropped(&text(capacity, "60")),
            60.0 * 360.0 / keep_alives,
            1e-9,
        );
    }
    close(
        dropped(&text("10 Gbit/s", "6")),
        6.0 * 360.0 / keep_alives,
        1e-9,
    );
    // The same loss by single packets: 1 - 0.99² of the keep-alives, each by itself.
    let single = text("10 Gbit/s", "60").replace("burst = { length = \"12 s\" }", "");
    let lost = 1.0 - 0.99f64.powi(2);
    let trials = (1.0 - lost.powi(3)) / ((1.0 - lost) * lost.powi(3));
    close(dropped(&single), 60.0 * 360.0 / trials, 1e-9);
    // Where the keep-alive is not known nothing is dropped.
    let silent = single.replace(", keep-alive = { every = \"10 s\", lost = 3 }", "");
    assert_eq!(dropped(&silent), 0.0);
}

#[test]
fn a_limit_on_a_node_that_is_down_is_no_number_out_of_range() {
    let text = small(&[
        ("online = 1", "online = 60\nsession = \"30 min\""),
        ("workers = 1000 }", "sessions = 50, failed = 1 }"),
    ]);
    let hour = noon(&text);
    assert_eq!((hour.online, hour.cut_off), (0.0, 60.0));
    assert_eq!(
        (hour.sessions[0].utilisation(), hour.sessions[0].held),
        (0.0, 0.0)
    );
    assert_eq!(hour.times[0].time, None);
    finite(&hour);
}

/// Nothing in `what` is infinite or no number.
fn finite(what: &impl std::fmt::Debug) {
    let text = format!("{what:?}");
    for word in ["NaN", "inf"] {
        let at = text.find(word);
        assert!(
            at.is_none(),
            "{}",
            &text[at.unwrap_or(0).saturating_sub(200)..][..250]
        );
    }
}

/// Arrivals of `hours` (each an hour's number) at four gates that take 20 s a person.
fn gates(hours: [f64; 24]) -> String {
    let most = hours.iter().copied().fold(0.0, f64::max);
    let parts: Vec<String> = hours
        .iter()
        .map(|number| format!("\"{} %\"", number / most * 100.0))
        .collect();
    let flat = SMALL
        .split("hours = [")
        .nth(1)
        .unwrap()
        .split("]\n")
        .next()
        .unwrap();
    small(&[
        (
            "online = 1\nthink = \"10 s\"",
            &format!("arrivals = \"{most}/h\""),
        ),
        ("workers = 1000", "workers = 4"),
        (
            "up = \"0 B\"\ndown = \"1 MB\"",
            "up = \"0 B\"\ndown = \"0 B\"\nwork = { server = \"20 s\" }",
        ),
        (flat, &parts.join(", ")),
    ])
}

#[test]
fn arrivals_at_gates_wait_as_erlang_c_says() {
    for (rate, offered) in [(180.0, 1.0), (540.0, 3.0), (684.0, 3.8)] {
        let hour = noon(&gates([rate; 24]));
        // Erlang C from Erlang B: B / (1 - ρ (1 - B)); the wait is C s / (c - a).
        let blocked = erlang_b(offered, 4);
        let waits = blocked / (1.0 - offered / 4.0 * (1.0 - blocked));
        let sojourn = 20.0 * (1.0 + waits / (4.0 - offered));
        close(time(&hour).0, sojourn, 1e-6);
        // Little: people in the system.
        close(hour.online, rate / 3600.0 * sojourn, 1e-6);
        close(hour.servers[0].utilisation(), offered / 4.0, 1e-9);
        let arrivals = hour.arrivals[0];
        close(arrivals.rate, rate / 3600.0, 1e-9);
        close(arrivals.served, 4.0 / 20.0, 1e-12);
    }
}

#[test]
fn a_crowd_that_gates_cannot_take_stands_in_line() {
    // The gates take 720 an hour.
    let mut rates = [360.0; 24];
    rates[9] = 900.0;
    rates[10] = 1020.0;
    rates[11] = 720.0;
    let topology = read(&gates(rates));
    let day = answer_one(&topology, &nothing_changed(&topology), 0).unwrap();
    let [queue] = &day.queues[..] else {
        panic!("{:?}", day.queues);
    };
    // 180 at ten, 480 at eleven and still at twelve, then 360 fewer each hour: gone after two.
    assert_eq!((queue.hour, queue.gone), (10, Some(13)));
    close(queue.longest, 480.0, 1e-9);
    close(queue.wait.0, 480.0 / 720.0 * 3600.0, 1e-9);
    assert_eq!(day.hours[10].times[0].time, None);
    finite(&day);
}

/// Two ways to the server: through `a`, else through `b`, else through `c`; each with its links.
fn ways() -> String {
    let mut nodes = String::new();
    let mut links = String::new();
    for (way, delay) in [("a", 1), ("b", 4), ("c", 9)] {
        nodes += &format!(
            "\n{way} = {{ kind = \"gateway\", name = {{ zh = \"门\", en = \"{way}\" }}, owner = \"o\", availability = \"90 %\" }}"
        );
        for (number, from, to) in [(1, "user", way), (2, way, "server")] {
            links += &format!(
                "[link.{way}{number}]\nfrom = \"{from}\"\nto = \"{to}\"\ncapacity = \"10 Mbit/s\"\ndelay = \"{delay} ms\"\nowner = \"o\"\n"
            );
        }
    }
    small(&[
        (
            "workers = 1000 }",
            &format!("availability = \"95 %\" }}{nodes}"),
        ),
        ("[journey.there]", &format!("{links}[journey.there]")),
        (
            "path = \"user->server\"",
            "path = \"user->a->server\"\nfallback = \"second\"\n[journey.second]\nname = { zh = \"二\", en = \"second\" }\npath = \"user->b->server\"\nfallback = \"third\"\n[journey.third]\nname = { zh = \"三\", en = \"third\" }\npath = \"user->c->server\"",
        ),
    ])
}

#[test]
fn a_service_works_while_one_of_its_ways_does() {
    let topology = read(&ways());
    // The server is shared: 0.95 (1 - 0.1³); then two ways and one.
    let wanted = [0.95 * 0.999, 0.95 * 0.99, 0.95 * 0.9];
    for (journey, wanted) in wanted.into_iter().enumerate() {
        close(availability(&topology, JourneyAt(journey)), wanted, 1e-12);
    }
    let broken = ways().replace(
        "from = \"user\"\nto = \"a\"",
        "from = \"user\"\nto = \"a\"\nfailed = true",
    );
    close(
        availability(&read(&broken), JourneyAt(0)),
        0.95 * 0.99,
        1e-12,
    );
}

#[test]
fn users_take_the_first_way_that_works() {
    // 7.5 round trips of 2 + 2 delays, and the transfer.
    let takes = |delay: f64| 7.5 * 4.0 * delay + BITS / 10e6;
    let fail = |text: &str, way: &str| {
        let at = format!("from = \"user\"\nto = \"{way}\"");
        text.replace(&at, &format!("{at}\nfailed = true"))
    };
    let mut text = ways();
    for (way, delay) in [("a", 0.001), ("b", 0.004), ("c", 0.009)] {
        let hour = noon(&text);
        // The analysis settles to a millionth.
        close(time(&hour).0, takes(delay), 1e-6);
        assert_eq!((hour.online, hour.cut_off), (1.0, 0.0));
        text = fail(&text, way);
    }
    let hour = noon(&text);
    assert_eq!((hour.online, hour.cut_off), (0.0, 1.0));
    assert_eq!(hour.times[0].time, None);
    // A node that is down takes its way with it.
    let down = ways().replace(
        "en = \"a\" }, owner = \"o\"",
        "en = \"a\" }, owner = \"o\", failed = 1",
    );
    close(time(&noon(&down)).0, takes(0.004), 1e-6);
}

#[test]
fn nobody_sends_over_a_link_that_is_down() {
    let traffic = "[traffic.others]\nname = { zh = \"别\", en = \"others\" }\nlinks = [\"b1\", \"line\"]\nclass = \"x\"\nup = \"1 Mbit/s\"\ndown = \"2 Mbit/s\"\nprofile = \"flat\"\n";
    let text = ways() + traffic;
    let failed = text.replace(
        "from = \"user\"\nto = \"b\"",
        "from = \"user\"\nto = \"b\"\nfailed = true",
    );
    let sent = |text: &str, link: &str| -> f64 {
        let topology = read(text);
        let hour = noon(text);
        let own = hour
            .lanes
            .iter()
            .filter(|load| topology[load.lane.link].id == link);
        own.map(|load| load.carried.0).sum()
    };
    close(sent(&text, "b1"), 3e6, 1e-12);
    assert_eq!(sent(&failed, "b1"), 0.0);
    close(sent(&failed, "line"), 3e6, 1e-12);
}

#[test]
fn the_whole_answer_of_a_broken_link_is_finite() {
    let text = small(&[("delay = \"0 ms\"", "delay = \"0 ms\"\nfailed = true")]);
    let topology = read(&text);
    finite(&answer(&topology, &nothing_changed(&topology)).unwrap().days);
}

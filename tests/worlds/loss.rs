//! What is lost, doubled, held up and late, and on which way.

use super::*;

#[test]
fn loss_of_one_way_loses_only_what_goes_that_way() {
    for (name, forward) in [("forward-loss", true), ("return-loss", false)] {
        let Some(world) = built(name) else { return };
        let plain = Plain::open(&world.client, false);
        let n = 500;
        for _ in 0..n {
            plain.send(world.target(false), 4, b"");
        }
        let heard = plain.heard(QUIET).len();
        let (out, back) = (world.line("r2", "r3"), world.line("r3", "r2"));
        let answered = world.deeds("r4").answered as usize;
        if forward {
            assert_eq!((answered, back.lost), (n - out.lost as usize, 0));
            assert_eq!(heard, answered);
        } else {
            assert_eq!((answered, out.lost), (n, 0));
            assert_eq!(heard, n - back.lost as usize);
        }
        plausible(n - heard, n, 0.2);
        plain.send(world.target(false), 2, b"");
        assert_eq!(plain.heard(QUIET).len(), 1);
    }
}

#[test]
fn duplicates_and_overtaking_leave_nothing_out() {
    let n = 300u32;
    let Some(world) = built("duplicated") else {
        return;
    };
    let server = echo_server(&world);
    let plain = Plain::open(&world.client, true);
    for number in 0..n {
        plain.send(world.target(true), 64, &number.to_be_bytes());
    }
    let back = echoed(&plain, QUIET);
    let distinct: BTreeSet<&Vec<u8>> = back.iter().map(|own| &own.1).collect();
    let doubled = world.line("r2", "r1").doubled as usize;
    assert_eq!(
        (distinct.len(), back.len()),
        (n as usize, n as usize + doubled)
    );
    plausible(doubled, n as usize, 0.25);
    assert_eq!(server.join().unwrap().len(), n as usize);

    // Doubled on the way out, each copy is answered.
    let Some(world) = built("duplicated-out") else {
        return;
    };
    let plain = Plain::open(&world.client, false);
    for _ in 0..n {
        plain.send(world.target(false), 3, b"");
    }
    let heard = plain.heard(QUIET).len() as u64;
    let all = u64::from(n) + world.line("r1", "r2").doubled;
    assert_eq!([heard, world.deeds("r3").answered], [all, all]);

    let Some(world) = built("reordered") else {
        return;
    };
    let server = echo_server(&world);
    let plain = Plain::open(&world.client, false);
    for number in 0..n {
        plain.send(world.target(false), 64, &number.to_be_bytes());
    }
    let back = echoed(&plain, QUIET);
    let order: Vec<u32> = back
        .iter()
        .map(|own| u32::from_be_bytes(own.1[..].try_into().unwrap()))
        .collect();
    let distinct: BTreeSet<u32> = order.iter().copied().collect();
    assert_eq!((order.len(), distinct.len()), (n as usize, n as usize));
    // All are sent within less than the 30 ms that some are held up, so those come last.
    let overtaken = order.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert!(overtaken > 0, "{order:?}");
    server.join().unwrap();
}

#[test]
fn jitter_adds_to_the_delay_each_way() {
    let Some(world) = built("jitter") else { return };
    let plain = Plain::open(&world.client, false);
    // Of two even spreads over 4 ms, one sum in eight is below 2 ms and one in eight above 6 ms: that
    // a hundred have none of either is (7/8)^100, one in 600,000. A busy machine only adds, so it is
    // given more tries.
    let mut took: Vec<f64> = Vec::new();
    let within = |took: &[f64]| took.iter().any(|ms| *ms < 26.0);
    while took.len() < 100 || took.len() < 1000 && !within(&took) {
        let sent = plain.send(world.target(false), 2, b"");
        let heard = plain.next(Duration::from_secs(1)).unwrap();
        took.push((heard.at - sent).as_secs_f64() * 1e3);
    }
    assert!(took.iter().all(|ms| *ms >= 24.0), "{took:?}");
    assert!(within(&took), "{took:?}");
    assert!(took.iter().any(|ms| *ms > 30.0), "{took:?}");
}

#[test]
fn a_burst_on_a_slow_line_loses_its_tail() {
    let Some(world) = built("slow-line") else {
        return;
    };
    let server = echo_server(&world);
    let plain = Plain::open(&world.client, false);
    for _ in 0..60 {
        plain.send(world.target(false), 64, &[0; 1000 - 28]);
    }
    server.join().unwrap();
    let line = world.line("r2", "r3");
    // The first goes at once, and so many more as wait at most 20 ms for their turn of 1 ms; one more
    // for each ms that sending took.
    let passed = line.entered - line.refused;
    assert_eq!(line.entered, 60);
    assert!((21..30).contains(&passed), "{line:?}");
}

#[test]
fn the_same_seed_loses_the_same_packets() {
    let lost = |seed| {
        let world = World::with("return-loss", |world| world.seed = seed)?;
        let plain = Plain::open(&world.client, false);
        for number in 0..30 {
            plain.send(world.target(false), 3, &[number; 16]);
        }
        let heard = plain.heard(QUIET).into_iter();
        Some(heard.map(|own| own.quote[28]).collect::<Vec<_>>())
    };
    let (Some(one), Some(again), Some(other)) = (lost(5), lost(5), lost(6)) else {
        return;
    };
    assert_eq!(one, again);
    assert_ne!(one, other);
}

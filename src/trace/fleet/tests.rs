//! Several targets over modelled networks, in virtual time.

use super::*;
use crate::probe::Arrival;
use crate::probe::fake::{FakeHop, FakeLink, FakeNetwork, stand_in};
use crate::trace::engine::Flows;
use crate::trace::{Fate, run, stats};
use crate::units::{Fraction, Seconds};

const SECOND: Duration = Duration::from_secs(1);

fn hop(index: usize, loss: f64) -> FakeHop {
    let link = FakeLink {
        delay: Seconds(0.002),
        jitter: Seconds(0.0),
        loss: Fraction(loss),
    };
    FakeHop {
        responder: Some(stand_in(index)),
        out: link,
        back: link,
    }
}

/// `targets` chains that share their first `shared` routers and then go their own ways.
fn chains(targets: usize, shared: usize, own: usize) -> Vec<Vec<FakeHop>> {
    let chain = |target| {
        let hops = (0..shared + own).map(|at| match at < shared {
            true => hop(at, 0.0),
            false => hop(1000 + target * 100 + at, 0.0),
        });
        hops.collect()
    };
    (0..targets).map(chain).collect()
}

/// The facts of a run over these chains, and every probe that left with its moment.
fn fleet(chains: Vec<Vec<FakeHop>>, settings: Settings) -> (Vec<Trace>, Vec<Probe>) {
    let settings = vec![settings; chains.len()];
    let mut network = FakeNetwork::several(chains, Arrival::Echo, 1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut fleet = Fleet::new(settings, SECOND);
    let mut sent = Vec::new();
    let note = |seen: Seen| {
        if let Seen::Sent(probe) = seen {
            sent.push(probe);
        }
    };
    runtime
        .block_on(run(&mut fleet, &mut network, note))
        .unwrap();
    let traces = fleet.traces(network.now(), network.troubles());
    (traces, sent)
}

#[test]
fn every_target_gets_its_own_path_and_its_own_statistics() {
    let settings = Settings {
        rounds: 4,
        sparing_target: false,
        ..Settings::default()
    };
    let (traces, _) = fleet(chains(20, 2, 2), settings);
    for (at, trace) in traces.iter().enumerate() {
        assert_eq!(trace.reached, Some(4));
        let hops = stats::hops(trace);
        assert_eq!(hops[1].responders[0].address, stand_in(1));
        assert_eq!(hops[3].responders[0].address, stand_in(1000 + at * 100 + 3));
        // The target is asked in every round, whatever the budget of the routers says.
        assert_eq!(hops[3].stats.answered, 4);
    }
}

#[test]
fn a_shared_router_is_asked_once_a_second_by_all_targets_together() {
    let settings = Settings {
        rounds: 11,
        sparing_target: false,
        ..Settings::default()
    };
    let (traces, _) = fleet(chains(20, 2, 2), settings);
    // After the first sweep: ten seconds, so ten probes and at most one of slack.
    let asked = |distance: u8| {
        let later = traces.iter().flat_map(|trace| &trace.ended);
        later
            .filter(|ended| ended.round > 0 && ended.probe.distance == distance)
            .count()
    };
    assert!((9..=11).contains(&asked(1)), "{}", asked(1));
    assert!((9..=11).contains(&asked(2)), "{}", asked(2));
    // Routers of one target alone keep their pace: 20 of them, ten times each.
    assert_eq!(asked(3), 200);
    // The budget is handed round: no target has the shared router for itself.
    let own = |trace: &Trace| {
        let first = trace.ended.iter().filter(|ended| ended.probe.distance == 1);
        first.count()
    };
    let own: Vec<usize> = traces.iter().map(own).collect();
    assert!(own.iter().all(|own| *own <= 2), "{own:?}");
}

#[test]
fn probes_leave_in_trains() {
    let settings = Settings {
        rounds: 1,
        ..Settings::default()
    };
    let (traces, sent) = fleet(chains(50, 1, 9), settings);
    let mut moments: Vec<Moment> = traces
        .iter()
        .flat_map(|trace| trace.ended.iter().filter_map(|ended| ended.sent))
        .collect();
    moments.sort_unstable();
    assert_eq!(moments.len(), sent.len());
    let train = TRAIN as usize;
    // Replies that come in between may let a few more go; the trains of the clock hold.
    for window in moments.windows(2 * train + 1) {
        assert!(window[2 * train].since(window[0]) >= PACE);
    }
}

#[test]
fn the_service_is_asked_once_a_round_and_belongs_to_no_hop() {
    let settings = Settings {
        rounds: 5,
        service: true,
        ..Settings::default()
    };
    let (traces, _) = fleet(chains(1, 2, 1), settings);
    let service: Vec<_> = traces[0]
        .ended
        .iter()
        .filter(|ended| ended.probe.service)
        .collect();
    assert_eq!(service.len(), 5);
    assert!(
        service
            .iter()
            .all(|ended| matches!(ended.fate, Fate::Answered(_)))
    );
    let hops = stats::hops(&traces[0]);
    assert_eq!(hops.len(), 3);
    assert_eq!(hops[2].stats.sent, 5);
}

#[test]
fn a_run_without_end_keeps_its_latest_rounds() {
    let settings = Settings {
        rounds: 50,
        keep: Some(8),
        ..Settings::default()
    };
    let (traces, _) = fleet(chains(1, 2, 1), settings);
    assert_eq!(traces[0].forgotten, 42);
    assert_eq!(traces[0].ended.len(), 8 * 3);
    assert!(traces[0].ended.iter().all(|ended| ended.round >= 42));
    assert!(
        traces[0]
            .ended
            .iter()
            .all(|ended| matches!(ended.fate, Fate::Answered(_)))
    );
}

#[test]
fn flows_are_taken_in_turn() {
    let settings = Settings {
        rounds: 6,
        flows: Flows::Turns(3),
        ..Settings::default()
    };
    let (traces, _) = fleet(chains(1, 1, 1), settings);
    for ended in &traces[0].ended {
        assert_eq!(u32::from(ended.probe.flow.0), ended.round % 3);
    }
}

#[test]
fn flows_are_tried_until_every_branch_would_have_shown() {
    let settings = Settings {
        rounds: 64,
        flows: Flows::Discover,
        sparing_target: false,
        ..Settings::default()
    };
    let (traces, _) = fleet(chains(1, 2, 1), settings);
    // Routers without branches: six flows each; the target: once.
    let asked = |distance| {
        let own = traces[0].ended.iter();
        own.filter(|ended| ended.probe.distance == distance).count()
    };
    assert_eq!([asked(1), asked(2), asked(3)], [6, 6, 1]);
    let flows: Vec<u16> = (traces[0].ended.iter())
        .filter(|ended| ended.probe.distance == 1)
        .map(|ended| ended.probe.flow.0)
        .collect();
    assert_eq!(flows, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn after_a_pause_sweeps_go_on_at_once_at_the_new_interval_and_catch_nothing_up() {
    let settings = Settings {
        rounds: 8,
        sparing_target: false,
        ..Settings::default()
    };
    let mut network = FakeNetwork::several(chains(1, 0, 1), Arrival::Echo, 1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut fleet = Fleet::new([settings], SECOND);
    // Rounds at 0, 1 and 2 s; then nobody sends for a minute.
    while network.now() < Moment(2_500_000_000) {
        fleet.send(&mut network, &mut |_| ());
        let until = fleet.poll_wake().unwrap().min(Moment(2_500_000_000));
        if let Some(reply) = runtime.block_on(network.receive(until)).unwrap() {
            fleet.handle_reply(&reply, &mut |_| ());
        }
    }
    runtime
        .block_on(network.receive(Moment(60_000_000_000)))
        .unwrap();
    fleet.reschedule(SECOND / 2, network.now());
    runtime
        .block_on(run(&mut fleet, &mut network, |_| ()))
        .unwrap();
    let traces = fleet.traces(network.now(), network.troubles());
    let mut rounds: Vec<u64> = traces[0]
        .ended
        .iter()
        .map(|ended| ended.sent.unwrap().0 / 1_000_000)
        .collect();
    rounds.dedup();
    assert_eq!(
        rounds,
        [0, 1000, 2000, 60_000, 60_500, 61_000, 61_500, 62_000]
    );
}

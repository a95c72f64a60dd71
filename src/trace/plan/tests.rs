//! Plans of a shipped topology, and what may be aimed at.

use std::path::Path;

use super::*;
use crate::topology::load;

fn plan(journey: &str) -> Plan {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("topology/zhaozhengyi.toml");
    let topology = load(&file).unwrap().topology;
    Plan::new(&topology, topology.journey(journey).unwrap())
}

#[test]
fn the_way_out_keeps_both_passes_of_a_side_loop() {
    let numbers: Vec<u32> = plan("internet")
        .hops
        .iter()
        .filter_map(|hop| hop.number)
        .collect();
    assert_eq!(numbers, [2, 3, 4, 5, 6, 7, 8, 9, 6, 5, 10, 11]);
    let plan = plan("extranet");
    assert_eq!(plan.by_distance(1).unwrap().number, Some(13));
    assert_eq!(plan.by_distance(0), None);
    assert_eq!(plan.by_distance(200), None);
}

#[test]
fn a_host_is_an_id_a_number_or_an_address() {
    for host in ["gateway", "4", "192.0.2.4", "2001:db8::4"] {
        let plan = plan("internet").until(host).unwrap();
        assert_eq!(plan.hops.len(), 3, "{host}");
    }
    let error = plan("internet").until("gatway").unwrap_err().to_string();
    assert!(error.contains("gateway"), "{error}");
}

#[test]
fn a_loop_is_known_by_its_places_and_its_nodes_by_who_is_before_them() {
    let whole = plan("internet");
    // 2, 3, 4, 5, and from 5 the loop 6, 7, 8, 9, 6, 5.
    assert_eq!(whole.loops.as_slice(), std::slice::from_ref(&(4..10)));
    let aside = whole.aside(&whole.loops[0]);
    let numbers = aside.iter().map(|own| (own.node.number, own.before.number));
    let expected = [(6, 5), (7, 6), (8, 7), (9, 8)].map(|(own, before)| (Some(own), Some(before)));
    assert_eq!(numbers.collect::<Vec<_>>(), expected);
    // To a node inside it, it is the way.
    let inside = plan("internet").towards("198.51.100.8".parse().unwrap());
    assert_eq!((inside.hops.len(), inside.loops.len()), (7, 0));
    let unknown = plan("internet").towards("10.0.0.1".parse().unwrap());
    assert_eq!(unknown, whole);
}

#[test]
fn what_is_aimed_at_is_one_address() {
    let node = |addresses: &[&str], networks: &[&str]| Expected {
        addresses: addresses.iter().map(|own| own.parse().unwrap()).collect(),
        networks: networks.iter().map(|own| own.parse().unwrap()).collect(),
        ..plan("internet").hops.remove(0)
    };
    let both = node(&["fd00::1", "192.0.2.9"], &[]);
    for (ipv6, aim) in [
        (None, "192.0.2.9"),
        (Some(false), "192.0.2.9"),
        (Some(true), "fd00::1"),
    ] {
        assert_eq!(both.aim(ipv6), Ok(aim.parse().unwrap()));
    }
    let why = |node: Expected, ipv6| node.aim(ipv6).unwrap_err().en;
    assert!(why(node(&[], &["10.20.0.0/16"]), None).contains("10.20.0.0/16"));
    assert!(why(node(&["192.0.2.9"], &[]), Some(true)).contains("no IPv6 address"));
    assert!(why(node(&["fd00::1"], &["10.0.0.0/8"]), Some(false)).contains("10.0.0.0/8"));
    assert!(why(node(&[], &[]), Some(true)).contains("no address"));
}

#[test]
fn a_silent_node_is_silent_in_the_model() {
    let plan = plan("internet");
    let silent: Vec<bool> = plan.hops.iter().map(|hop| hop.silent).collect();
    let modelled = plan
        .model()
        .iter()
        .map(|hop| hop.responder.is_none())
        .collect::<Vec<_>>();
    assert_eq!(silent, modelled);
    assert!(silent[5] && !silent[4]);
}

//! What a world file means, and what is said of one that means nothing.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::error::{Error, row};
use crate::topology;

/// Two routers and an end on either side; `more` stands before the tables, `tables` behind.
fn text(more: &str, tables: &str) -> String {
    let head = "world = 1\nname = { zh = \"甲\", en = \"a\" }\n";
    let path = if more.contains("path =") {
        ""
    } else {
        "path = \"client -> r1 -> r2 -> server\"\n"
    };
    let ends = "[client]\naddress = [\"10.0.0.1\", \"fd00::1\"]\n\
                [server]\naddress = [\"10.0.9.1\", \"fd00:9::1\"]\n";
    format!("{head}{path}{more}{ends}{tables}")
}

const ROUTERS: &str = "[router.r1]\naddress = [\"10.0.1.1\"]\n[router.r2]\n";

fn parsed(text: String) -> Result<World, Error> {
    World::parse(Path::new("w.toml"), text)
}

fn world(tables: &str) -> World {
    parsed(text("", &format!("{ROUTERS}{tables}"))).unwrap()
}

/// Code and the text of the line of each problem.
fn problems(text: String) -> Vec<(&'static str, String)> {
    let lines: Vec<String> = text.lines().map(str::to_string).collect();
    let Err(Error::Problems { sources, problems }) = parsed(text) else {
        panic!("no problem was found");
    };
    let told = problems.iter().map(|problem| {
        assert!(problem.help.is_some(), "{problem:?}");
        let row = row(&sources, problem);
        (row.code, lines[row.line.unwrap() - 1].clone())
    });
    told.collect()
}

#[test]
fn a_line_takes_the_last_word_that_is_said_of_it() {
    let world = world(
        "[links]\ndelay = \"1 ms\"\nmtu = 1400\n[link.r1-r2]\ndelay = \"2 ms\"\n\
         [forward.r1-r2]\nloss = \"10 %\"\n[return.r1-r2]\ndelay = \"3 ms\"\n",
    );
    let traits = |from, to| world.lines[world.line(from, to).unwrap()].traits;
    let usual = Traits {
        delay: Seconds(0.001),
        mtu: 1400,
        held_for: Seconds(0.01),
        ..Traits::default()
    };
    assert_eq!(traits("client", "r1"), usual);
    let out = Traits {
        delay: Seconds(0.002),
        loss: Fraction(0.1),
        ..usual
    };
    assert_eq!(traits("r1", "r2"), out);
    let back = Traits {
        delay: Seconds(0.003),
        ..usual
    };
    assert_eq!(traits("r2", "r1"), back);
    // 1 + 1, then 2 + 3, then 1 + 1.
    let sums = world
        .round_trips()
        .into_iter()
        .map(|took| (took.as_ms() * 1e6).round() / 1e6);
    assert_eq!(sums.collect::<Vec<_>>(), [2.0, 7.0, 9.0]);
}

#[test]
fn a_router_is_what_all_are_unless_it_says_otherwise() {
    let world = world("quote = 28\n[routers]\nquote = 8\ncopies = 2\n");
    let manners = |id| &world.nodes[world.node(id).unwrap()].manners;
    assert_eq!((manners("r1").quote, manners("r1").copies), (Some(8), 2));
    assert_eq!((manners("r2").quote, manners("r2").copies), (Some(28), 2));
}

#[test]
fn branches_are_multiplied_out_with_the_last_fork_fastest() {
    let path = "path = \"client -> a -> (b | c -> d) -> e -> (f | g) -> h -> server\"\n";
    let routers: String = "abcdefgh"
        .chars()
        .map(|id| format!("[router.{id}]\n"))
        .collect();
    let world = parsed(text(path, &routers)).unwrap();
    let route = &world.routes[0];
    let ids = |way: &Vec<Hop>| -> String {
        let ids = way.iter().map(|hop| world.nodes[hop.node].id.as_str());
        ids.take(way.len() - 1).collect()
    };
    let ways: Vec<String> = route.ways.iter().map(ids).collect();
    assert_eq!(ways, ["abefh", "abegh", "acdefh", "acdegh"]);
    let forks: Vec<_> = route
        .forks
        .iter()
        .map(|fork| (fork.at, fork.branches))
        .collect();
    assert_eq!(
        forks,
        [(world.node("a").unwrap(), 2), (world.node("e").unwrap(), 2)]
    );
}

#[test]
fn every_fault_is_told_with_its_line_and_what_is_allowed() {
    let on_r1 = |key: &str| text("", &format!("[router.r1]\n{key}\n[router.r2]\n"));
    for (written, code, line) in [
        (on_r1("adress = []"), "unknown-key", "adress = []"),
        (
            on_r1("address = [\"10.0.0\"]"),
            "bad-address",
            "address = [\"10.0.0\"]",
        ),
        (
            on_r1("address = [\"10.0.9.1\"]"),
            "duplicate-address",
            "address = [\"10.0.9.1\", \"fd00:9::1\"]",
        ),
        (on_r1("quote = 2000"), "impossible-number", "quote = 2000"),
        (on_r1("dscp = 64"), "impossible-number", "dscp = 64"),
        (
            on_r1("labels = [{ label = 1048576 }]"),
            "impossible-number",
            "labels = [{ label = 1048576 }]",
        ),
        (
            on_r1("interfaces = [{ role = \"incoming\", address = \"10.0.0\" }]"),
            "bad-address",
            "interfaces = [{ role = \"incoming\", address = \"10.0.0\" }]",
        ),
        (
            on_r1("limit = [{ burst = 0, every = \"1 s\" }]"),
            "impossible-number",
            "limit = [{ burst = 0, every = \"1 s\" }]",
        ),
        (
            on_r1("limit = [{ burst = 1, every = \"1\" }]"),
            "wrong-unit",
            "limit = [{ burst = 1, every = \"1\" }]",
        ),
        (
            on_r1("limit = [{ burst = 1 }]"),
            "missing-key",
            "limit = [{ burst = 1 }]",
        ),
        (
            on_r1("balance = \"flows\""),
            "unknown-word",
            "balance = \"flows\"",
        ),
        (
            on_r1("filter = [{ match = \"icmp 8\", then = \"drop\" }]"),
            "bad-match",
            "filter = [{ match = \"icmp 8\", then = \"drop\" }]",
        ),
        (
            on_r1("filter = [{ match = \"udp 9-3\", then = \"drop\" }]"),
            "bad-match",
            "filter = [{ match = \"udp 9-3\", then = \"drop\" }]",
        ),
        (
            on_r1("filter = [{ match = \"udp\", then = \"reset\" }]"),
            "reset-not-tcp",
            "filter = [{ match = \"udp\", then = \"reset\" }]",
        ),
        (
            on_r1("forge = [{ flaw = \"wrong-tag\", from = \"r7\" }]"),
            "unknown-name",
            "forge = [{ flaw = \"wrong-tag\", from = \"r7\" }]",
        ),
        (
            on_r1("nat = { address = [] }"),
            "wrong-length",
            "nat = { address = [] }",
        ),
        (
            text("", "[router.r1]\n[router.r2]\n[router.r3]\n"),
            "unused-router",
            "[router.r3]",
        ),
        (
            text("", "[router.r1]\n[router.r2]\n[router.client]\n"),
            "reserved-id",
            "[router.client]",
        ),
        (
            text(
                "",
                "[router.r1]\n[router.r2]\n[routers]\naddress = [\"10.0.1.1\"]\n",
            ),
            "shared-address",
            "address = [\"10.0.1.1\"]",
        ),
        (
            text("", &format!("{ROUTERS}[link.r1-r3]\n")),
            "unknown-link",
            "[link.r1-r3]",
        ),
        (
            text("", &format!("{ROUTERS}[links]\nmtu = 60\n")),
            "impossible-number",
            "mtu = 60",
        ),
        (
            text("", &format!("{ROUTERS}[links]\nloss = \"101 %\"\n")),
            "impossible-number",
            "loss = \"101 %\"",
        ),
        (
            text("path = \"client -> r1 -> r9 -> server\"\n", ROUTERS),
            "unknown-name",
            "path = \"client -> r1 -> r9 -> server\"",
        ),
        (
            text("path = \"client -> r1 -> (r2 -> server\"\n", ROUTERS),
            "bad-path",
            "path = \"client -> r1 -> (r2 -> server\"",
        ),
        (
            text("path = \"r1 -> r2 -> server\"\n", ROUTERS),
            "bad-path",
            "path = \"r1 -> r2 -> server\"",
        ),
        (
            text("path = \"client -> (r1 | r2) -> server\"\n", ROUTERS),
            "bad-path",
            "path = \"client -> (r1 | r2) -> server\"",
        ),
        (
            text("path = \"client -> r1 -> r1 -> r2 -> server\"\n", ROUTERS),
            "bad-path",
            "path = \"client -> r1 -> r1 -> r2 -> server\"",
        ),
    ] {
        let found = problems(written);
        assert_eq!(found, [(code, line.to_string())]);
    }
}

#[test]
fn a_link_of_an_end_takes_what_ipv6_needs() {
    for (written, line) in [
        ("[links]\nmtu = 1279\n", "mtu = 1279"),
        ("[link.client-r1]\nmtu = 576\n", "mtu = 576"),
        ("[return.r2-server]\nmtu = 68\n", "mtu = 68"),
    ] {
        let found = problems(text("", &format!("{ROUTERS}{written}")));
        assert_eq!(found, [("small-mtu", line.to_string())]);
    }
    world("[link.r1-r2]\nmtu = 68\n[links]\nmtu = 1280\n");
}

proptest! {
    /// Whatever is written, it is a world or there is something to say about it, with a place.
    #[test]
    fn no_file_is_too_wild_to_read(
        cut in 0..1500usize,
        length in 0..40usize,
        instead in prop::sample::select(vec!["", "\"", "[", "client", "-> (", "| ", "0", "-1", "9999999", "\n", "é", "{ }"]),
    ) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/forged.toml");
        let mut text: Vec<char> = std::fs::read_to_string(file).unwrap().chars().collect();
        let begin = cut.min(text.len());
        let end = (begin + length).min(text.len());
        text.splice(begin..end, instead.chars());
        let text: String = text.into_iter().collect();
        if let Err(Error::Problems { sources, problems }) = parsed(text) {
            prop_assert!(!problems.is_empty());
            for problem in &problems {
                prop_assert!(row(&sources, problem).line.is_some(), "{:?}", problem);
            }
        }
    }
}

#[test]
fn changes_come_in_the_order_of_time() {
    let change =
        |at: &str| format!("[[change]]\nat = \"{at}\"\npath = \"client -> r2 -> r1 -> server\"\n");
    let two = |first, second| text("", &format!("{ROUTERS}{}{}", change(first), change(second)));
    let since: Vec<f64> = parsed(two("1 s", "2 s"))
        .unwrap()
        .routes
        .iter()
        .map(|route| route.since.0)
        .collect();
    assert_eq!(since, [0.0, 1.0, 2.0]);
    assert_eq!(
        problems(two("2 s", "2 s")),
        [("change-out-of-order", "at = \"2 s\"".to_string())]
    );
}

#[test]
fn forks_are_bounded_all_together() {
    let fork = "(r1 | r2) -> x -> ".repeat(9);
    let path = format!("path = \"client -> x -> {fork}r1 -> server\"\n");
    let found = problems(text(&path, "[router.r1]\n[router.r2]\n[router.x]\n"));
    assert_eq!(found[0].0, "bad-path");
}

#[test]
fn ends_without_a_common_family_cannot_talk() {
    let written = text("", ROUTERS).replace("[\"10.0.9.1\", \"fd00:9::1\"]", "[\"fd00:9::1\"]");
    let written = written.replace("[\"10.0.0.1\", \"fd00::1\"]", "[\"10.0.0.1\"]");
    assert_eq!(problems(written)[0].0, "no-common-family");
}

#[test]
fn blocks_have_nothing_past_their_prefix() {
    let block = |block: &str| {
        let written = text("", ROUTERS);
        written.replace("[server]\n", &format!("[server]\nblock = [\"{block}\"]\n"))
    };
    let given = parsed(block("10.1.0.0/23")).unwrap().blocks;
    assert_eq!(given, [("10.1.0.0".parse().unwrap(), 23)]);
    for wrong in ["10.1.1.0/23", "10.1.0.0/33", "10.1.0.0", "fd00::1/64"] {
        assert_eq!(problems(block(wrong))[0].0, "bad-block", "{wrong}");
    }
    parsed(block("::/0")).unwrap();
}

#[test]
fn a_journey_becomes_a_world_and_missing_addresses_are_made_up() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("topology/zhaozhengyi.toml");
    let topology = topology::load(&file).unwrap().topology;
    let journey = topology.journey("internet").unwrap();
    let made = World::along(&topology, journey, 7).unwrap();
    let world = &made.world;
    let written = &topology[journey];
    let numbers: Vec<u32> = world.hops().filter_map(|hop| hop.number).collect();
    assert_eq!(numbers, [2, 3, 4, 5, 6, 7, 8, 9, 6, 5, 10, 11]);
    // A node that is passed twice is one node, and its links are the same lines turned round.
    assert_eq!(
        world
            .nodes
            .iter()
            .filter(|node| node.number == Some(6))
            .count(),
        1
    );
    for node in &world.nodes {
        assert!(
            [false, true].map(|ipv6| node.addresses.iter().any(|own| own.is_ipv6() == ipv6))
                == [true; 2]
        );
    }
    let stated = topology.nodes.iter().flat_map(|node| &node.addresses);
    assert!(
        stated
            .clone()
            .all(|address| !made.addresses.contains(address))
    );
    let all: Vec<_> = world
        .nodes
        .iter()
        .flat_map(|node| &node.addresses)
        .collect();
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    // The round trip is twice the sum of the links' delays.
    let links = written.steps[1..=written.turn]
        .iter()
        .filter_map(|step| step.via);
    let sum: f64 = links.map(|(link, _)| topology[link].delay.0).sum();
    let whole = world.round_trips().last().unwrap().0;
    assert!((whole - 2.0 * sum).abs() < 1e-9, "{whole} and 2 x {sum}");
}

#[test]
fn a_node_with_a_network_gets_an_address_in_it_that_is_nobody_elses() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("topology/zhaozhengyi.toml");
    let mut topology = topology::load(&file).unwrap().topology;
    let journey = topology.journey("internet").unwrap();
    let own = |topology: &mut topology::Topology, number, networks: &[&str], address: &[&str]| {
        let mut nodes = topology.nodes.iter_mut();
        let node = nodes.find(|node| node.number == Some(number)).unwrap();
        node.addresses = address.iter().map(|own| own.parse().unwrap()).collect();
        node.networks = networks.iter().map(|own| own.parse().unwrap()).collect();
    };
    // 4 has all of a network but what 2 and 3 have of it, so the first address left is 10.0.0.9.
    own(&mut topology, 2, &["10.0.0.0/29"], &["10.0.0.1"]);
    own(&mut topology, 3, &[], &["10.0.0.8"]);
    own(&mut topology, 4, &["10.0.0.0/8", "2001:db8:4::/48"], &[]);
    let made = World::along(&topology, journey, 7).unwrap();
    let node = made.world.nodes.iter().find(|node| node.number == Some(4));
    let expected = ["10.0.0.9", "2001:db8:4::1"].map(|own| own.parse().unwrap());
    assert_eq!(node.unwrap().addresses, expected);
    assert!(expected.iter().all(|own| made.addresses.contains(own)));
    // Nobody gets an address that is another's by its network.
    let holders = topology.holders();
    for node in &made.world.nodes {
        for own in &node.addresses {
            let holder = holders.get(*own).map(|at| topology[*at].id.as_str());
            assert!(holder.is_none_or(|holder| holder == node.id), "{own}");
        }
    }
}

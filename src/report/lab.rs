//! The nodes of a lab as a table: which stands where, with which address.

use std::collections::HashSet;
use std::net::IpAddr;

use crate::lab::world::{Node, World};
use crate::lang::Lang;
use crate::lang::words::Word;
use crate::report::table::Table;
use crate::text;

/// The table and what must be said below it. `made` are the addresses that no file has written.
pub fn table(world: &World, made: &HashSet<IpAddr>, lang: Lang, columns: Option<u16>) -> String {
    let mut table = Table::new()
        .right(Word::Hop.get(lang))
        .right(Word::Number.get(lang))
        .left(Word::Node.get(lang))
        .left(Word::Name.get(lang))
        .left("IPv4")
        .left("IPv6")
        .right(Word::RoundTrip.get(lang))
        .left(Word::Note.get(lang));
    let client = std::iter::once((&world.nodes[World::CLIENT], String::new()));
    let took = world.round_trips().into_iter().map(|took| took.to_string());
    let hops = client.chain(world.hops().zip(took));

    for (distance, (node, round_trip)) in hops.enumerate() {
        table.row([
            distance.to_string(),
            node.number
                .map(|number| number.to_string())
                .unwrap_or_default(),
            node.id.clone(),
            node.name.get(lang).to_string(),
            addresses(node, made, false),
            addresses(node, made, true),
            round_trip,
            note(world, node, lang),
        ]);
    }
    format!("{}{}", table.draw(columns), below(world, made, lang))
}

/// The addresses of one family, a line each; made up ones with a star.
fn addresses(node: &Node, made: &HashSet<IpAddr>, ipv6: bool) -> String {
    let own = node.addresses.iter().filter(|own| own.is_ipv6() == ipv6);
    let shown = own.map(|own| match made.contains(own) {
        true => format!("{own} *"),
        false => own.to_string(),
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// That a node is silent; its open ports.
fn note(world: &World, node: &Node, lang: Lang) -> String {
    let silent = node
        .manners
        .silent
        .then(|| lang.pick("不应答", "silent").to_string());
    let ports = world.services.iter();
    let ports = ports.filter(|own| world.nodes[own.node].id == node.id);
    let port = |http: bool| if http { "http" } else { "tcp" };
    let ports = ports.map(|own| format!("{} {}", port(own.http), own.port));
    let all: Vec<String> = silent.into_iter().chain(ports).collect();
    all.join(", ")
}

/// What the table cannot show.
fn below(world: &World, made: &HashSet<IpAddr>, lang: Lang) -> String {
    let mut said = String::new();
    let mut say = |text: crate::lang::Text| said.push_str(&format!("{}\n", text.get(lang)));
    if world
        .nodes
        .iter()
        .flat_map(|node| &node.addresses)
        .any(|own| made.contains(own))
    {
        say(text!(
            "* 文件里没有写地址，取自节点自己的网络，没有则取自文档专用地址段（RFC 5737、RFC 3849）",
            "* no address is written: taken from the node's own network, else from the ranges for documentation \
             (RFC 5737, RFC 3849)"
        ));
    }
    let ways = world.routes.first().map_or(0, |route| route.ways.len());
    if ways > 1 {
        say(text!(
            "路径有分叉，共 {ways} 条路；表中是第一条",
            "the path forks into {ways} ways; the table shows the first"
        ));
    }
    for route in world.routes.iter().skip(1) {
        let since = route.since;
        say(text!(
            "第一个报文之后 {since}，路径改变",
            "the path changes {since} after the first packet"
        ));
    }
    said
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_node_stands_with_its_addresses_and_what_was_made_up() {
        let text = "world = 1\nname = { zh = \"甲\", en = \"a\" }\n\
                    path = \"client -> r1 -> (r2 | r3) -> r4 -> server\"\n\
                    [[change]]\nat = \"2 s\"\npath = \"client -> r1 -> server\"\n\
                    [links]\ndelay = \"1 ms\"\n\
                    [client]\naddress = [\"10.0.0.1\"]\n\
                    [server]\naddress = [\"10.0.9.1\"]\nserve = [\"tcp 443\", \"http 80\"]\n\
                    [router.r1]\naddress = [\"10.0.1.1\", \"fd00:1::1\"]\nsilent = true\n\
                    [router.r2]\n[router.r3]\n[router.r4]\n";
        let world = World::parse(Path::new("w.toml"), text.to_string()).unwrap();
        let made = HashSet::from(["10.0.1.1".parse().unwrap()]);
        for (lang, expected) in [
            (
                Lang::En,
                [
                    "silent",
                    "tcp 443, http 80",
                    "2 ways",
                    "changes 2 s after",
                    "* no address",
                ],
            ),
            (
                Lang::Zh,
                [
                    "不应答",
                    "tcp 443, http 80",
                    "2 条路",
                    "2 s，路径改变",
                    "* 文件里",
                ],
            ),
        ] {
            let said = table(&world, &made, lang, None);
            for expected in expected {
                assert!(said.contains(expected), "{expected} in:\n{said}");
            }
            let line = |id: &str| said.lines().find(|line| line.contains(id)).unwrap();
            assert!(line("r1").contains("10.0.1.1 *") && line("r1").contains("2 ms"));
            assert!(!line("10.0.9.1").contains('*') && line("10.0.9.1").contains("8 ms"));
        }
    }
}

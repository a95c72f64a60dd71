//! The longest prefix against a search of all, and every wrong cell at its line and column.

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;
use crate::lang::Lang;

fn parse(text: &str) -> Result<Atlas, Error> {
    file::parse(Path::new("nets.csv"), text.to_string())
}

const EXAMPLE: &str = "\u{feff}prefix,asn,name,place\r
36.112.0.0/16,4134,中国电信,北京\r
36.112.8.0/24,as4847,\"China Networks, IX\",\r
10.20.0.0/16,,市局数据中心,三楼机房\r
2001:db8::/32,64496,Example,\r
192.0.2.7, 4294967295 ,one host,
";

#[test]
fn an_address_is_whose_the_longest_prefix_says() {
    let atlas = parse(EXAMPLE).unwrap();
    assert_eq!((atlas.len(), atlas.is_empty()), (5, false));
    let of = |address: &str| {
        let origin = atlas.origin(address.parse().unwrap())?;
        Some((origin.asn, &*origin.name, origin.place.as_deref()))
    };
    let beijing = Some((Some(4134), "中国电信", Some("北京")));
    assert_eq!(of("36.112.7.255"), beijing);
    assert_eq!(
        of("36.112.8.0"),
        Some((Some(4847), "China Networks, IX", None))
    );
    assert_eq!(of("36.112.9.0"), beijing);
    assert_eq!(of("::ffff:36.112.9.0"), beijing);
    assert_eq!(of("36.113.0.0"), None);
    assert_eq!(
        of("10.20.255.1"),
        Some((None, "市局数据中心", Some("三楼机房")))
    );
    assert_eq!(of("2001:db8:ffff::1"), Some((Some(64496), "Example", None)));
    assert_eq!(of("2001:db9::"), None);
    assert_eq!(of("192.0.2.7"), Some((Some(u32::MAX), "one host", None)));
    assert_eq!(of("192.0.2.6"), None);
    assert_eq!(Atlas::default().origin(Ipv4Addr::LOCALHOST.into()), None);
}

#[test]
fn columns_may_stand_in_any_order() {
    let atlas = parse("name,prefix,asn\nx,::/0,1\n").unwrap();
    let origin = atlas.origin(Ipv6Addr::LOCALHOST.into()).unwrap();
    assert_eq!((origin.asn, &*origin.name), (Some(1), "x"));
    assert_eq!(atlas.origin(Ipv4Addr::LOCALHOST.into()), None);
}

#[test]
fn every_wrong_cell_is_named_with_its_line_and_column() {
    for (text, code, line, column, said) in [
        ("", "missing-column", 1, 1, "empty"),
        ("prefix,asn\n", "missing-column", 1, 1, "name"),
        ("prefix,asn,nmae\n", "unknown-column", 1, 12, "\"name\""),
        ("prefix,asn,name,name\n", "name-twice", 1, 17, "name"),
        (
            "prefix,asn,name\n10.0.0.0/8,1\n",
            "row-width",
            2,
            1,
            "2 cells",
        ),
        (
            "prefix,asn,name\n10.0.0.0/40,1,x\n",
            "wrong-value",
            2,
            1,
            "10.0.0.0/40",
        ),
        (
            "prefix,asn,name\n\n10.0.0.1/8,1,x\n",
            "wrong-value",
            3,
            1,
            "10.0.0.0/8",
        ),
        (
            "prefix,asn,name\n10.0.0.0/8,AS-1,x\n",
            "wrong-value",
            2,
            12,
            "AS-1",
        ),
        (
            "prefix,asn,name\n10.0.0.0/8,+1,x\n",
            "wrong-value",
            2,
            12,
            "+1",
        ),
        (
            "prefix,asn,name\n10.0.0.0/8,名,x\n",
            "wrong-value",
            2,
            12,
            "名",
        ),
        (
            "prefix,asn,name\n10.0.0.0/8,4294967296,x\n",
            "wrong-value",
            2,
            12,
            "4294967296",
        ),
        (
            "asn,prefix,name\n1,10.0.0.0/8,\n",
            "missing-field",
            2,
            14,
            "no name",
        ),
        (
            "prefix,asn,name\n::/0,1,x\n::/0,2,y\n",
            "name-twice",
            3,
            1,
            "::/0",
        ),
    ] {
        let error = parse(text).unwrap_err();
        let Error::Problems { sources, problems } = &error else {
            panic!("{text}: {error}")
        };
        let problem = problems
            .iter()
            .find(|problem| problem.code == code)
            .unwrap_or_else(|| panic!("{text}: {problems:?}"));
        let place = problem.place.as_ref().unwrap();
        assert_eq!(sources.line_column(place), (line, column), "{text}");
        let drawn = error.draw(Lang::En, false);
        assert!(
            drawn.contains(said) && drawn.contains("nets.csv"),
            "{drawn}"
        );
    }
}

#[test]
fn a_file_of_another_kind_is_not_reported_line_by_line() {
    let text = format!("prefix,asn,name\n{}", "x,y,z\n".repeat(1000));
    let Error::Problems { problems, .. } = parse(&text).unwrap_err() else {
        panic!()
    };
    // Two in each row, until there are enough.
    assert_eq!(problems.len(), 20);
}

/// Networks that lie inside each other often: their bits differ at few places.
fn networks() -> impl Strategy<Value = Vec<(bool, u128, u8)>> {
    let network = (any::<bool>(), any::<u8>(), any::<u8>()).prop_map(|(ipv6, bits, length)| {
        let most = if ipv6 { 128 } else { 32 };
        (ipv6, spread(ipv6, bits), length % (most + 1))
    });
    prop::collection::vec(network, 0..60)
}

/// An address of which eight bits are those of `bits`, spread over all of it.
fn spread(ipv6: bool, bits: u8) -> u128 {
    let apart = if ipv6 { 16 } else { 4 };
    (0..8)
        .filter(|bit| bits >> bit & 1 == 1)
        .map(|bit| 1 << (127 - bit * apart))
        .sum()
}

fn address(ipv6: bool, bits: u128) -> IpAddr {
    match ipv6 {
        true => Ipv6Addr::from_bits(bits).into(),
        false => Ipv4Addr::from_bits(u32::try_from(bits >> 96).unwrap()).into(),
    }
}

proptest! {
    #[test]
    fn the_longest_prefix_is_the_one_that_a_search_of_all_finds(
        networks in networks(), asked in prop::collection::vec((any::<bool>(), any::<u8>()), 1..40),
    ) {
        // What a network is, by division instead of masks: addresses alike in their first bits.
        let same = |one: u128, other: u128, length: u8| {
            (0..length).all(|bit| one >> (127 - bit) & 1 == other >> (127 - bit) & 1)
        };
        let mut kept: Vec<(bool, u128, u8)> = Vec::new();
        let mut text = "prefix,asn,name\n".to_string();
        for (ipv6, bits, length) in networks {
            let start = (0..length).map(|bit| bits & 1 << (127 - bit)).sum::<u128>();
            if kept.contains(&(ipv6, start, length)) {
                continue;
            }
            text += &format!("{}/{length},{},n\n", address(ipv6, start), kept.len());
            kept.push((ipv6, start, length));
        }
        let atlas = parse(&text).unwrap();
        prop_assert_eq!(atlas.len(), kept.len());
        for (ipv6, bits) in asked {
            let bits = spread(ipv6, bits);
            let longest = kept
                .iter()
                .enumerate()
                .filter(|(_, (family, start, length))| *family == ipv6 && same(*start, bits, *length))
                .max_by_key(|(_, (_, _, length))| *length);
            let found = atlas.origin(address(ipv6, bits)).map(|origin| origin.asn);
            prop_assert_eq!(found, longest.map(|(at, _)| u32::try_from(at).ok()));
        }
    }

    #[test]
    fn no_text_is_too_strange(text in "(prefix,asn,name(,place)?\n)?[a1,:/.\"\r\n名-]{0,60}") {
        // It is read or refused.
        let _ = parse(&text);
    }
}

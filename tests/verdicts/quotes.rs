//! What routers tell of our own packets, to those who may read whole ICMP errors.

use serde_json::{Value, json};

use super::*;

/// A run with every right, by a method that reads quotes.
fn traced(world: &World, ipv6: bool) -> Told {
    let target = world.target(ipv6).to_string();
    // DSCP 46, expedited forwarding.
    let args = [
        "--method", "syn", "-P", "443", "-Q", "184", "-c", "4", "-i", "0.05",
    ];
    Told::one(&world.hopcast_as_root(&with(&target, &args)))
}

#[test]
fn labels_are_shown_the_outermost_first() {
    let Some(world) = built("labels") else { return };
    in_both_families(|ipv6| {
        let told = traced(&world, ipv6);
        let label = |label: u32, class: u8, bottom: bool, ttl: u8| json!({ "label": label, "class": class, "bottom": bottom, "ttl": ttl });
        let shown: Vec<&Value> = told.hubs().iter().map(|hub| &hub.0["mpls"]).collect();
        let expected = [
            json!([]),
            json!([label(24001, 0, true, 1)]),
            json!([label(24002, 5, false, 1), label(17, 0, true, 254)]),
            json!([]),
            json!([]),
        ];
        assert_eq!(shown, expected.iter().collect::<Vec<_>>(), "{told}");
        assert_eq!(told.kinds(), ["ok"; 5], "{told}");
    });
}

#[test]
fn a_class_that_is_rewritten_shows_from_the_next_hop_on() {
    let Some(world) = built("class-rewritten") else {
        return;
    };
    in_both_families(|ipv6| {
        let told = traced(&world, ipv6);
        let quoted = |at: u8| &told.hub(at).0["responders"][0]["quoted"]["tos"];
        assert_eq!(
            [1, 2, 3, 4].map(quoted),
            [184, 184, 0, 0].map(Value::from).each_ref()
        );
    });
}

#[test]
fn a_translation_that_shows_is_told_where_it_shows_first() {
    let Some(world) = built("nat-shows") else {
        return;
    };
    in_both_families(|ipv6| {
        let told = traced(&world, ipv6);
        assert_eq!(
            told.kinds(),
            ["ok", "ok", "translated", "ok", "ok"],
            "{told}"
        );
        let outside = if ipv6 { "2001:db8:2::2" } else { "203.0.113.2" };
        let fact = told.hub(3).fact("source-rewritten").unwrap();
        assert_eq!(fact["now"], outside, "{told}");
        // Later hops see the same, and it is not said again.
        assert_eq!(told.hub(4).0["responders"][0]["quoted"]["source"], outside);
    });
}

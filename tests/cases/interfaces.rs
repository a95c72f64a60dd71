//! Packets leave by the interface that was named, whatever the routes say.

use hopcast::lab::namespace::{EVERYWHERE, Namespace};
use hopcast::packet::ip::Ip;

use super::*;
use crate::world::capture::Capture;
use crate::world::{allowed, run};

/// A client with two cables, each to a neighbour who stands for the rest of the world; routes lead by
/// the first.
struct Fork {
    client: Namespace,
    sides: [Namespace; 2],
}

const DEVICES: [&str; 2] = ["one0", "two0"];

fn built() -> std::io::Result<Fork> {
    let fork = Fork {
        client: Namespace::new()?,
        sides: [Namespace::new()?, Namespace::new()?],
    };
    for (at, (side, device)) in (1..).zip(fork.sides.iter().zip(DEVICES)) {
        fork.client.cable(device, side, "back0")?;
        let net = |end: u8| (std::net::IpAddr::from([10, 91, at, end]), 24);
        fork.client.address(device, net(1))?;
        side.address("back0", net(2))?;
        side.route(EVERYWHERE[0], "back0", Some(net(1).0))?;
        side.answer_freely()?;
        // Either neighbour has the address that is traced.
        side.claim(("10.92.0.1".parse().unwrap(), 32))?;
    }
    fork.client
        .route(EVERYWHERE[0], DEVICES[0], Some([10, 91, 1, 2].into()))?;
    // The second way is there for whoever names it.
    let more = [
        "route",
        "add",
        "default",
        "via",
        "10.91.2.2",
        "dev",
        DEVICES[1],
        "metric",
        "9",
    ];
    let added = fork
        .client
        .run(|| std::process::Command::new("ip").args(more).status())??;
    assert!(added.success(), "a second default route");
    for name in ["all", DEVICES[0], DEVICES[1]] {
        fork.client
            .set(&format!("net/ipv4/conf/{name}/rp_filter"), "0")?;
    }
    Ok(fork)
}

#[test]
fn packets_leave_by_the_interface_that_is_named() {
    let Some(fork) = allowed(built()) else { return };
    let methods: [&[&str]; 4] = [
        &["-u"],
        &["--method", "icmp"],
        &["-T", "-P", "81"],
        &["--method", "syn", "-P", "81"],
    ];
    for method in methods {
        for (named, by) in [(None, 0), (Some(DEVICES[0]), 0), (Some(DEVICES[1]), 1)] {
            let mut args = vec![
                "trace",
                "10.92.0.1",
                "-c",
                "2",
                "-i",
                "0.05",
                "--json",
                "--no-service",
            ];
            args.extend(method);
            args.extend(named.iter().flat_map(|name| ["-I", name]));
            let captures = fork.sides.each_ref().map(Capture::start);
            let output = run::inside(&fork.client, || run::hopcast_as_root(&args));
            let seen = captures.map(|capture| {
                let packets = capture.stop();
                let ip = packets.iter().filter_map(|own| Ip::parse(&own.packet));
                ip.filter(|ip| ip.destination() == std::net::IpAddr::from([10, 92, 0, 1]))
                    .count()
            });
            let told = Told::one(&output);
            assert_eq!(
                (told.report["reached"].as_u64(), told.hub(1).lost()),
                (Some(1), 0),
                "{args:?} {told}"
            );
            assert!(
                seen[by] >= 2 && seen[1 - by] == 0,
                "{args:?} {seen:?} {told}"
            );
        }
    }
    let none = run::inside(&fork.client, || {
        run::hopcast_as_root(&["trace", "10.92.0.1", "-c", "1", "-I", "none0"])
    });
    assert_eq!(none.status.code(), Some(2));
    assert!(said(&none).contains("none0"), "{}", said(&none));
}

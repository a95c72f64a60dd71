//! Packets too long for a link.

use super::*;

#[test]
fn packets_too_long_are_refused_with_the_length_that_fits() {
    let Some(world) = built("mtu-steps") else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world.client, ipv6);
        let header = if ipv6 { 48 } else { 28 };
        // Each is as long as the kernel may still think that the path takes.
        for (whole, by, mtu) in [(1450, "r1", 1400u32), (1400, "r2", 1300)] {
            plain.send(world.target(ipv6), 64, &vec![0; whole - header]);
            let heard = plain.heard(QUIET);
            assert_eq!(from(&heard), [world.address(by, ipv6)]);
            assert_eq!(heard[0].kind, if ipv6 { (2, 0) } else { (3, 4) });
            assert_eq!(u32::from_be_bytes(heard[0].rest), mtu);
        }
        plain.send(world.target(ipv6), 64, &vec![0; 1300 - header]);
        assert_eq!(plain.heard(QUIET)[0].kind, port_unreachable(ipv6));
    }
    let Some(world) = built("mtu-black-hole") else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world.client, ipv6);
        let header = if ipv6 { 48 } else { 28 };
        plain.send(world.target(ipv6), 64, &vec![0; 1401 - header]);
        assert!(plain.next(QUIET).is_none());
        plain.send(world.target(ipv6), 64, &vec![0; 1400 - header]);
        assert_eq!(plain.heard(QUIET)[0].kind, port_unreachable(ipv6));
    }
    assert_eq!(world.line("r1", "r2").too_long, 2);
}

#[test]
fn a_long_transfer_finds_its_way_over_small_links() {
    use std::io::{Read, Write};
    let Some(world) = built("mtu-steps") else {
        return;
    };
    for ipv6 in [false, true] {
        let listener = listening(&world, 8080);
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(&[7; 100_000]).unwrap();
        });
        let length = run::inside(&world.client, || {
            let mut stream = TcpStream::connect((world.target(ipv6), 8080)).unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap()
        });
        assert_eq!(length, 100_000);
        server.join().unwrap();
    }
    // The server's kernel was told, too: its packets were too long for the line from r3 to r2.
    assert!(world.line("r3", "r2").too_long > 0);
}

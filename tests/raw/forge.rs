//! Whole packets seen and sent inside a namespace: a router or host of our own making.

use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hopcast::packet::ip::Ip;
use hopcast::packet::protocol;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use crate::net::Namespace;

/// Sees the IPv4 packets of a protocol that come to a namespace.
pub struct Tap(Socket);

impl Tap {
    pub fn open(namespace: &Namespace, protocol: u8) -> Tap {
        namespace.run(|| {
            let protocol = Protocol::from(i32::from(protocol));
            let socket = Socket::new(Domain::IPV4, Type::RAW, Some(protocol));
            let socket = socket.expect("root may open raw sockets");
            let patience = Some(Duration::from_secs(5));
            socket.set_read_timeout(patience).expect("a plain option");
            Tap(socket)
        })
    }

    /// The next packet.
    pub fn next(&self) -> Vec<u8> {
        let mut buffer = [0; 2048];
        let length = (&self.0).read(&mut buffer).expect("a packet comes");
        buffer[..length].to_vec()
    }
}

/// Sends a whole IPv4 packet from inside a namespace, whatever it says.
pub fn send(namespace: &Namespace, packet: &[u8]) {
    let to = Ip::parse(packet).expect("a whole packet").destination();
    namespace.run(|| {
        let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::from(255)));
        let socket = socket.expect("root may open raw sockets");
        let to = SockAddr::from(SocketAddr::new(to, 0));
        socket.send_to(packet, &to).expect("it can be sent");
    });
}

/// The same packet with other bytes behind its IP header.
pub fn with_segment(from: IpAddr, to: IpAddr, segment: &[u8]) -> Vec<u8> {
    let ip = Ip::plain(from, to, protocol::TCP, segment);
    ip.expect("one family").emit()
}

//! Plain sockets that see what a tracer sees, and more: every ICMP message as it comes.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use hopcast::lab::namespace::Namespace;
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::{World, run};

/// Where classic traceroute aims: a port that is closed by custom.
pub const PORT: u16 = 33434;

/// An ICMP message as the client got it.
#[derive(Debug, Clone)]
pub struct Heard {
    /// When it was read.
    pub at: Instant,
    /// Who sent it.
    pub from: IpAddr,
    /// Type and code.
    pub kind: (u8, u8),
    /// The four bytes behind the checksum.
    pub rest: [u8; 4],
    /// What follows: the quoted packet, from its IP header on.
    pub quote: Vec<u8>,
}

/// Sockets of a client, with every right over its namespace.
pub struct Plain {
    // Of kind "raw"; what std calls a UDP socket is any that knows datagrams and addresses.
    raw: UdpSocket,
    udp: UdpSocket,
    pub ipv6: bool,
}

impl Plain {
    /// Opens the sockets of one family.
    pub fn open(client: &Namespace, ipv6: bool) -> Plain {
        run::inside(client, || {
            let (domain, protocol, any) = match ipv6 {
                false => (
                    Domain::IPV4,
                    Protocol::ICMPV4,
                    IpAddr::from(Ipv4Addr::UNSPECIFIED),
                ),
                true => (
                    Domain::IPV6,
                    Protocol::ICMPV6,
                    IpAddr::from(Ipv6Addr::UNSPECIFIED),
                ),
            };
            let raw = Socket::new(domain, Type::RAW, Some(protocol)).unwrap();
            let udp = Socket::new(domain, Type::DGRAM, None).unwrap();
            udp.bind(&SocketAddr::new(any, 0).into()).unwrap();
            make_room(&raw);
            make_room(&udp);
            Plain {
                raw: raw.into(),
                udp: udp.into(),
                ipv6,
            }
        })
    }

    /// Sends a datagram from the one port of these sockets.
    pub fn send(&self, to: IpAddr, hops: u32, data: &[u8]) -> Instant {
        self.hops(&self.udp, hops);
        let to = SocketAddr::new(to, PORT);
        let at = Instant::now();
        self.udp.send_to(data, to).unwrap();
        at
    }

    /// Sends a datagram from another port than any before.
    pub fn send_anew(&self, client: &Namespace, to: IpAddr, hops: u32) {
        Plain::open(client, self.ipv6).send(to, hops, b"anew");
    }

    /// The source port.
    pub fn port(&self) -> u16 {
        self.udp.local_addr().unwrap().port()
    }

    /// The socket that sends, for options.
    pub fn udp(&self) -> SockRef<'_> {
        SockRef::from(&self.udp)
    }

    /// Sends an ICMP echo request.
    pub fn echo(&self, to: IpAddr, hops: u32, id: u16) {
        self.hops(&self.raw, hops);
        let kind = if self.ipv6 { 128 } else { 8 };
        let mut message = vec![kind, 0, 0, 0];
        message.extend(id.to_be_bytes());
        message.extend([0, 1]);
        // The kernel sums up ICMPv6 alone. Two words besides the id make up the sum.
        let sum = u32::from(kind) * 256 + u32::from(id) + 1;
        let sum = !((sum & 0xffff) + (sum >> 16)) as u16;
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        self.raw.send_to(&message, SocketAddr::new(to, 0)).unwrap();
    }

    fn hops(&self, socket: &UdpSocket, hops: u32) {
        let socket = SockRef::from(socket);
        match self.ipv6 {
            false => socket.set_ttl_v4(hops),
            true => socket.set_unicast_hops_v6(hops),
        }
        .unwrap();
    }

    /// Every ICMP message until none has come for so long. The first is waited for longer: on a busy
    /// machine a world may need a moment to begin.
    pub fn heard(&self, quiet: Duration) -> Vec<Heard> {
        let first = self.next(5 * quiet);
        let more = first
            .is_some()
            .then(|| std::iter::from_fn(|| self.next(quiet)));
        first
            .into_iter()
            .chain(more.into_iter().flatten())
            .collect()
    }

    /// The next ICMP message within so long; neighbour discovery and the like, and our own requests,
    /// left out.
    pub fn next(&self, within: Duration) -> Option<Heard> {
        self.raw.set_read_timeout(Some(within)).unwrap();
        let mut buffer = [0; 2000];
        loop {
            let (length, from) = match self.raw.recv_from(&mut buffer) {
                Ok(got) => got,
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    return None;
                }
                Err(error) => panic!("{error}"),
            };
            let at = Instant::now();
            // A raw IPv4 socket gives the IP header too.
            let bytes = &buffer[if self.ipv6 { 0 } else { 20 }..length];
            let about_neighbours = self.ipv6 && (130..=137).contains(&bytes[0]);
            let request = bytes[0] == if self.ipv6 { 128 } else { 8 };
            if !about_neighbours && !request {
                return Some(Heard {
                    at,
                    from: from.ip(),
                    kind: (bytes[0], bytes[1]),
                    rest: bytes[4..8].try_into().unwrap(),
                    quote: bytes[8..].to_vec(),
                });
            }
        }
    }
}

/// Gives a socket room for all that a test sends at once: past the system's bound where we may.
fn make_room(socket: &impl AsFd) {
    let room = 8 << 20;
    let forced = setsockopt(socket, sockopt::RcvBufForce, &room);
    forced.unwrap_or_else(|_| SockRef::from(socket).set_recv_buffer_size(room).unwrap());
}

/// ICMP types and codes by what they mean, in either family.
pub fn time_exceeded(ipv6: bool) -> (u8, u8) {
    if ipv6 { (3, 0) } else { (11, 0) }
}

pub fn port_unreachable(ipv6: bool) -> (u8, u8) {
    if ipv6 { (1, 4) } else { (3, 3) }
}

impl Heard {
    /// The source port of the packet that is quoted.
    pub fn quoted_port(&self) -> u16 {
        let body = if self.quote[0] >> 4 == 4 { 20 } else { 40 };
        u16::from_be_bytes([self.quote[body], self.quote[body + 1]])
    }
}

/// Answers each datagram at [`PORT`] of the server with its own bytes until a second passes without
/// one. Gives the addresses from which the datagrams came.
pub fn echo_server(world: &World) -> thread::JoinHandle<Vec<SocketAddr>> {
    let socket = run::inside(&world.server, || UdpSocket::bind(("::", PORT)).unwrap());
    make_room(&socket);
    socket
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    thread::spawn(move || {
        let (mut buffer, mut from) = ([0; 2000], Vec::new());
        while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
            socket.send_to(&buffer[..length], peer).unwrap();
            from.push(peer);
        }
        from
    })
}

/// The datagrams that come back to the sending socket until none has come for so long, with times.
pub fn echoed(plain: &Plain, quiet: Duration) -> Vec<(Instant, Vec<u8>, IpAddr)> {
    let mut all = Vec::new();
    let socket = &plain.udp;
    socket.set_read_timeout(Some(quiet)).unwrap();
    let mut buffer = [0; 2000];
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        all.push((Instant::now(), buffer[..length].to_vec(), from.ip()));
    }
    all
}

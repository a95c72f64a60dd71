//! Opening the sockets to echo by: which of the two ways, and why not the other.

use std::io;
use std::net::IpAddr;

use nix::sys::socket::setsockopt;
use socket2::{Protocol, Socket, Type};

use crate::error::Error;
use crate::lang::Text;
use crate::packet::{Family, filter};
use crate::probe::manner::Manner;
use crate::probe::tag::Tag;
use crate::probe::way::{self, Means, Way};
use crate::probe::{listen, privilege, socket, sockopt};

/// The two ways to echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A raw socket.
    Raw,
    /// A datagram socket.
    Datagram,
}

impl Kind {
    fn means(self) -> Means {
        match self {
            Kind::Raw => Means::RawEcho,
            Kind::Datagram => Means::PingSocket,
        }
    }
}

/// The socket of one address family, or why there is none.
#[derive(Debug)]
pub(super) struct EchoSocket {
    pub(super) ipv6: bool,
    pub(super) socket: Result<Socket, Text>,
}

/// Tries the ways in their order.
pub(super) fn opened(
    targets: &[IpAddr],
    manner: &Manner,
    identifier: u16,
    forced: Option<Kind>,
) -> Result<(Kind, Vec<EchoSocket>, Way), Error> {
    let mut others = Vec::new();
    let mut refused = Vec::new();
    let mut had: Option<(Kind, Vec<EchoSocket>)> = None;
    for kind in [Kind::Raw, Kind::Datagram] {
        let means = kind.means();
        if forced.is_some_and(|forced| forced != kind) {
            others.push((means, Text::new("未选用", "another way was asked for")));
            continue;
        }
        if had.is_some() {
            let why = Text::new("不需要：有原始套接字", "not needed: there is a raw socket");
            others.push((means, why));
            continue;
        }
        match sockets(targets, manner, identifier, kind) {
            Ok(sockets) => had = Some((kind, sockets)),
            Err(why) => {
                others.push((means, why.clone()));
                refused.push(why);
            }
        }
    }
    let Some((kind, sockets)) = had else {
        let side = |pick: fn(&Text) -> &str| {
            let whys: Vec<&str> = refused.iter().map(pick).collect();
            whys.join("\n")
        };
        return Err(Error::System(Text::new(
            side(|why| &why.zh),
            side(|why| &why.en),
        )));
    };
    let used = kind.means();
    Ok((kind, sockets, Way { used, others }))
}

/// One socket for each address family among the targets; fails when none could be had.
fn sockets(
    targets: &[IpAddr],
    manner: &Manner,
    identifier: u16,
    kind: Kind,
) -> Result<Vec<EchoSocket>, Text> {
    let families = [false, true];
    let asked = families
        .into_iter()
        .filter(|ipv6| targets.iter().any(|target| target.is_ipv6() == *ipv6));
    let sockets: Vec<EchoSocket> = asked
        .map(|ipv6| EchoSocket {
            ipv6,
            socket: socket(ipv6, manner, identifier, kind),
        })
        .collect();
    let mut refused = None;
    for open in &sockets {
        match &open.socket {
            Ok(_) => return Ok(sockets),
            Err(why) => refused = Some(why.clone()),
        }
    }
    Err(refused.unwrap_or_else(|| Text::new("没有目标", "there is no target")))
}

fn socket(ipv6: bool, manner: &Manner, identifier: u16, kind: Kind) -> Result<Socket, Text> {
    let protocol = if ipv6 {
        Protocol::ICMPV6
    } else {
        Protocol::ICMPV4
    };
    let open = |sort, refused: fn(&io::Error) -> Text| {
        let made = socket::make(ipv6, sort, protocol).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => refused(&error),
            _ => socket::no_socket(&error),
        });
        socket::dress(made?, ipv6, sort, manner, 0)
    };
    let socket = match kind {
        Kind::Raw => {
            let socket = privilege::with_net_raw(|| open(Type::RAW, way::no_raw))?;
            let filtered = let_in(&socket, ipv6, identifier, manner.tag);
            filtered.map_err(|error| socket::no_socket(&error))?;
            socket
        }
        Kind::Datagram => open(Type::DGRAM, way::no_ping)?,
    };
    socket::widen(&socket);
    Ok(socket)
}

/// Lets a raw socket have only replies to our requests, and errors about them.
fn let_in(socket: &Socket, ipv6: bool, identifier: u16, Tag(mark): Tag) -> io::Result<()> {
    let family = if ipv6 { Family::V6 } else { Family::V4 };
    if !ipv6 {
        // Echo replies and the three errors, before anything is copied.
        let wanted = [0, 3, 11, 12]
            .iter()
            .fold(0, |bits, kind| bits | 1u32 << kind);
        setsockopt(socket, sockopt::IcmpFilter, &!wanted)?;
    }
    listen::attach(socket, &filter::echoes(family, identifier, mark))
}

/// An identifier that another process is unlikely to have: the folded tag, which is random.
pub(super) fn identifier(Tag(tag): Tag) -> u16 {
    let folded = tag ^ (tag >> 16) ^ (tag >> 32) ^ (tag >> 48);
    (folded & 0xffff) as u16
}

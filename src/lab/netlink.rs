//! Devices, addresses and routes of the network namespace that the calling thread is in, by the
//! kernel's own protocol for them (rtnetlink, RFC 3549): what `ip` does, without needing it.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use nix::libc;
use nix::net::if_::if_nametoindex;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto, socket,
};

use crate::packet::octets;

/// A block of addresses: all that begin with these bits.
pub type Block = (IpAddr, u8);

/// Attribute numbers of linux/if_link.h, linux/veth.h.
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const VETH_INFO_PEER: u16 = 1;
/// Packets that a device may hold for a reader that is busy: a whole sweep to some hundred targets.
const QUEUE: u32 = 16_384;

/// Puts the device into service.
pub(super) fn up(name: &str) -> io::Result<()> {
    request(
        libc::RTM_NEWLINK,
        0,
        &link(index(name)?, libc::IFF_UP as u32),
    )
}

/// Sets the longest packet, in bytes, that the device takes, and how many it may hold.
pub(super) fn size(name: &str, mtu: u32) -> io::Result<()> {
    let mut body = link(index(name)?, 0);
    attribute(&mut body, libc::IFLA_MTU, &mtu.to_ne_bytes());
    attribute(&mut body, libc::IFLA_TXQLEN, &QUEUE.to_ne_bytes());
    request(libc::RTM_NEWLINK, 0, &body)
}

/// Gives the device an address, with the block around it as its neighbours.
pub(super) fn address(name: &str, (address, length): Block) -> io::Result<()> {
    // struct ifaddrmsg: family, prefix length, flags, scope, index.
    let mut body = vec![family(address), length, libc::IFA_F_NODAD as u8, 0];
    body.extend(index(name)?.to_ne_bytes());
    attribute(&mut body, libc::IFA_LOCAL, &octets(address));
    attribute(&mut body, libc::IFA_ADDRESS, &octets(address));
    request(libc::RTM_NEWADDR, libc::NLM_F_CREATE, &body)
}

/// Sends packets for `to` over the device, to the neighbour `via` where one is given.
pub(super) fn route(to: Block, name: &str, via: Option<IpAddr>) -> io::Result<()> {
    let scope = match via {
        Some(_) => libc::RT_SCOPE_UNIVERSE,
        None => libc::RT_SCOPE_LINK,
    };
    let mut body = route_message(to, libc::RT_TABLE_MAIN, scope, libc::RTN_UNICAST);
    attribute(&mut body, libc::RTA_OIF, &index(name)?.to_ne_bytes());
    if let Some(via) = via {
        attribute(&mut body, libc::RTA_GATEWAY, &octets(via));
    }
    request(libc::RTM_NEWROUTE, libc::NLM_F_CREATE, &body)
}

/// Takes every address of the block as this host's own.
pub(super) fn claim(block: Block) -> io::Result<()> {
    let (table, scope) = (libc::RT_TABLE_LOCAL, libc::RT_SCOPE_HOST);
    let mut body = route_message(block, table, scope, libc::RTN_LOCAL);
    attribute(&mut body, libc::RTA_OIF, &index("lo")?.to_ne_bytes());
    request(libc::RTM_NEWROUTE, libc::NLM_F_CREATE, &body)
}

/// Makes a cable: the device `name` here, the device `peer` in another namespace.
pub(super) fn cable(name: &str, peer: &str, other: BorrowedFd<'_>) -> io::Result<()> {
    let mut far = link(0, 0);
    attribute(&mut far, libc::IFLA_IFNAME, &text(peer));
    attribute(
        &mut far,
        libc::IFLA_NET_NS_FD,
        &other.as_raw_fd().to_ne_bytes(),
    );
    let mut data = Vec::new();
    attribute(&mut data, VETH_INFO_PEER, &far);
    let mut info = Vec::new();
    attribute(&mut info, IFLA_INFO_KIND, b"veth");
    attribute(&mut info, IFLA_INFO_DATA, &data);
    let mut body = link(0, 0);
    attribute(&mut body, libc::IFLA_IFNAME, &text(name));
    attribute(&mut body, libc::IFLA_LINKINFO, &info);
    let flags = libc::NLM_F_CREATE | libc::NLM_F_EXCL;
    request(libc::RTM_NEWLINK, flags, &body)
}

fn index(name: &str) -> io::Result<u32> {
    Ok(if_nametoindex(name)?)
}

fn text(name: &str) -> Vec<u8> {
    [name.as_bytes(), &[0]].concat()
}

fn family(address: IpAddr) -> u8 {
    let family = match address {
        IpAddr::V4(_) => libc::AF_INET,
        IpAddr::V6(_) => libc::AF_INET6,
    };
    family as u8
}

/// `struct ifinfomsg`: family, padding, type, index, flags, the mask of flags to change.
fn link(index: u32, flags: u32) -> Vec<u8> {
    [0, index, flags, flags].map(u32::to_ne_bytes).concat()
}

/// `struct rtmsg`: family, lengths of destination and source, type of service, table, protocol,
/// scope, type, flags; and the destination.
fn route_message((to, length): Block, table: u8, scope: u8, kind: u8) -> Vec<u8> {
    let protocol = libc::RTPROT_STATIC;
    let mut body = vec![family(to), length, 0, 0, table, protocol, scope, kind];
    body.extend([0; 4]);
    if length > 0 {
        attribute(&mut body, libc::RTA_DST, &octets(to));
    }
    body
}

/// Adds an attribute: its length and kind, its value, and what is missing to four bytes.
fn attribute(to: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let length = 4 + value.len() as u16;
    to.extend(length.to_ne_bytes());
    to.extend(kind.to_ne_bytes());
    to.extend(value);
    to.resize(to.len().next_multiple_of(4), 0);
}

/// Sends one request and waits for the kernel's word on it.
fn request(kind: u16, flags: libc::c_int, body: &[u8]) -> io::Result<()> {
    let flags = (libc::NLM_F_REQUEST | libc::NLM_F_ACK | flags) as u16;
    // struct nlmsghdr: length, kind, flags, sequence, port.
    let mut message = (16 + body.len() as u32).to_ne_bytes().to_vec();
    message.extend([kind, flags].map(u16::to_ne_bytes).concat());
    message.extend([0; 8]);
    message.extend(body);
    let socket: OwnedFd = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    let kernel = NetlinkAddr::new(0, 0);
    sendto(socket.as_raw_fd(), &message, &kernel, MsgFlags::empty())?;
    let mut answer = [0; 4096];
    let length = recv(socket.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    // struct nlmsgerr after the header: 0, or the error's number with its sign turned.
    let code = answer.get(16..20).filter(|_| length >= 20);
    let code = code.and_then(|bytes| bytes.try_into().ok());
    match code.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(code) => Err(io::Error::from_raw_os_error(-code)),
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}

//! Network devices of the namespace that the calling thread is in. The kernel takes these requests
//! by `ioctl` alone, which no safe wrapper covers: this is the one file that may be unsafe.

#![allow(unsafe_code)]

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::mem::zeroed;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;

use nix::libc;

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}

/// Makes the TUN device `name`, read and written without waiting, one IP packet at a time.
pub(super) fn tun(name: &str) -> io::Result<File> {
    let mut options = File::options();
    let device = options
        .read(true)
        .write(true)
        .custom_flags(libc::O_NONBLOCK);
    let device = device.open("/dev/net/tun")?;
    let mut request = named(name);
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
    // SAFETY: TUNSETIFF reads and writes one ifreq.
    check(unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETIFF, &mut request) })?;
    Ok(device)
}

/// Gives the device `name` an address of its own, with no network around it.
pub(super) fn give(name: &str, address: IpAddr) -> io::Result<()> {
    match address {
        IpAddr::V4(address) => give_v4(name, address),
        IpAddr::V6(address) => give_v6(name, address),
    }
}

/// Sends everything that has no other way over the device `name`.
pub(super) fn route(name: &str) -> io::Result<()> {
    route_v4(name)?;
    route_v6(name)
}

fn named(name: &str) -> libc::ifreq {
    // SAFETY: an ifreq of zeros is valid.
    let mut request: libc::ifreq = unsafe { zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    request
}

fn socket(family: libc::c_int) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC;
    // SAFETY: a plain call; the descriptor is new and ours.
    let fd: RawFd = check(unsafe { libc::socket(family, kind, 0) })?;
    Ok(unsafe { std::os::fd::FromRawFd::from_raw_fd(fd) })
}

fn ioctl<T>(family: libc::c_int, request: libc::Ioctl, argument: &mut T) -> io::Result<()> {
    let socket = socket(family)?;
    // SAFETY: every caller passes the structure that its request is documented to take.
    check(unsafe { libc::ioctl(socket.as_raw_fd(), request, argument as *mut T) }).map(drop)
}

/// Puts the device `name` into service.
pub(super) fn up(name: &str) -> io::Result<()> {
    let mut request = named(name);
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    ioctl(libc::AF_INET, libc::SIOCSIFFLAGS, &mut request)
}

fn sockaddr(address: Ipv4Addr) -> libc::sockaddr {
    let address = libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: 0,
        sin_addr: libc::in_addr {
            s_addr: u32::from_ne_bytes(address.octets()),
        },
        sin_zero: [0; 8],
    };
    // SAFETY: both are 16 bytes without padding, made to stand for each other.
    unsafe { std::mem::transmute(address) }
}

fn give_v4(name: &str, address: Ipv4Addr) -> io::Result<()> {
    let mut request = named(name);
    request.ifr_ifru.ifru_addr = sockaddr(address);
    ioctl(libc::AF_INET, libc::SIOCSIFADDR, &mut request)?;
    request.ifr_ifru.ifru_netmask = sockaddr(Ipv4Addr::BROADCAST);
    ioctl(libc::AF_INET, libc::SIOCSIFNETMASK, &mut request)
}

fn index(name: &str) -> io::Result<libc::c_int> {
    let mut request = named(name);
    ioctl(libc::AF_INET, libc::SIOCGIFINDEX, &mut request)?;
    // SAFETY: SIOCGIFINDEX has just filled this field.
    Ok(unsafe { request.ifr_ifru.ifru_ifindex })
}

fn give_v6(name: &str, address: Ipv6Addr) -> io::Result<()> {
    let mut request = libc::in6_ifreq {
        ifr6_addr: libc::in6_addr {
            s6_addr: address.octets(),
        },
        ifr6_prefixlen: 128,
        ifr6_ifindex: index(name)?,
    };
    ioctl(libc::AF_INET6, libc::SIOCSIFADDR, &mut request)
}

/// `struct rtentry` of linux/route.h.
#[repr(C)]
struct RouteV4 {
    pad1: libc::c_ulong,
    to: libc::sockaddr,
    gateway: libc::sockaddr,
    mask: libc::sockaddr,
    flags: libc::c_ushort,
    pad2: libc::c_short,
    pad3: libc::c_ulong,
    pad4: *mut libc::c_void,
    metric: libc::c_short,
    device: *const libc::c_char,
    mtu: libc::c_ulong,
    window: libc::c_ulong,
    initial_rtt: libc::c_ushort,
}

fn route_v4(name: &str) -> io::Result<()> {
    let device = CString::new(name)?;
    let any = sockaddr(Ipv4Addr::UNSPECIFIED);
    let mut route = RouteV4 {
        pad1: 0,
        to: any,
        gateway: any,
        mask: any,
        flags: libc::RTF_UP as libc::c_ushort,
        pad2: 0,
        pad3: 0,
        pad4: std::ptr::null_mut(),
        metric: 0,
        device: device.as_ptr(),
        mtu: 0,
        window: 0,
        initial_rtt: 0,
    };
    ioctl(libc::AF_INET, libc::SIOCADDRT as libc::Ioctl, &mut route)
}

/// `struct in6_rtmsg` of linux/ipv6_route.h.
#[repr(C)]
struct RouteV6 {
    to: libc::in6_addr,
    from: libc::in6_addr,
    gateway: libc::in6_addr,
    kind: u32,
    to_length: u16,
    from_length: u16,
    metric: u32,
    info: libc::c_ulong,
    flags: u32,
    device: libc::c_int,
}

fn route_v6(name: &str) -> io::Result<()> {
    let any = libc::in6_addr { s6_addr: [0; 16] };
    let mut route = RouteV6 {
        to: any,
        from: any,
        gateway: any,
        kind: 0,
        to_length: 0,
        from_length: 0,
        metric: 1,
        info: 0,
        flags: u32::from(libc::RTF_UP),
        device: index(name)?,
    };
    ioctl(libc::AF_INET6, libc::SIOCADDRT as libc::Ioctl, &mut route)
}

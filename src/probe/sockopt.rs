//! Socket options that neither `nix` nor `socket2` name.

use nix::libc;
use nix::{getsockopt_impl, setsockopt_impl, sockopt_impl};

sockopt_impl!(
    /// Whether and how IPv4 packets are kept from being fragmented (ip(7)).
    Ipv4MtuDiscover,
    SetOnly,
    libc::IPPROTO_IP,
    libc::IP_MTU_DISCOVER,
    i32
);
sockopt_impl!(
    /// The same for IPv6 (ipv6(7)).
    Ipv6MtuDiscover,
    SetOnly,
    libc::IPPROTO_IPV6,
    libc::IPV6_MTU_DISCOVER,
    i32
);
sockopt_impl!(
    /// Whether the error queue says where an error's extensions begin (IPv4, Linux 5.9).
    Ipv4Extensions,
    SetOnly,
    libc::IPPROTO_IP,
    IP_RECVERR_RFC4884,
    bool
);
sockopt_impl!(
    /// The same for IPv6.
    Ipv6Extensions,
    SetOnly,
    libc::IPPROTO_IPV6,
    IPV6_RECVERR_RFC4884,
    bool
);
sockopt_impl!(
    /// The ICMP types that a raw socket does not want: a bit for each (linux/icmp.h). It works before
    /// a packet is copied for the socket, a filter program after.
    IcmpFilter,
    SetOnly,
    libc::SOL_RAW,
    ICMP_FILTER,
    u32
);
sockopt_impl!(
    /// The counters of a socket's memory; number 8 is how many packets it had no room for.
    MemInfo,
    GetOnly,
    libc::SOL_SOCKET,
    libc::SO_MEMINFO,
    [u32; 9]
);
sockopt_impl!(
    /// The beginning of `struct tcp_info` (linux/tcp.h): 8 bytes of states, then counters.
    TcpInfo,
    GetOnly,
    libc::IPPROTO_TCP,
    libc::TCP_INFO,
    [u32; 26]
);

/// linux/in.h.
const IP_RECVERR_RFC4884: libc::c_int = 26;

/// linux/in6.h.
const IPV6_RECVERR_RFC4884: libc::c_int = 31;

/// linux/icmp.h.
const ICMP_FILTER: libc::c_int = 1;

/// `IP_PMTUDISC_DONT`, for both families: packets may be fragmented.
pub(super) const MAY_FRAGMENT: i32 = libc::IP_PMTUDISC_DONT;

/// `IP_PMTUDISC_PROBE`, for both families: packets are not fragmented, and what is known of the
/// path's MTU does not keep us from sending larger ones.
pub(super) const WHOLE: i32 = libc::IP_PMTUDISC_PROBE;

/// `IP_PMTUDISC_DO`, for both families: the same of TCP, whose packets keep to the path's MTU by
/// themselves; the other lets them be fragmented (`ip_dont_fragment` in linux/net/ip.h).
pub(super) const WHOLE_SEGMENTS: i32 = libc::IP_PMTUDISC_DO;

//! What a raw ICMP socket lets in: a program for the kernel's packet filter (bpf(4), classic).

use std::io;

use nix::libc;
use nix::sys::socket::setsockopt;
use socket2::{SockFilter, Socket};

use crate::probe::sockopt::IcmpFilter;

/// Lets `socket` have only echo replies with our `identifier`, and errors that quote an echo
/// request with it.
pub(super) fn attach(socket: &Socket, ipv6: bool, identifier: u16) -> io::Result<()> {
    if ipv6 {
        return socket.attach_filter(&v6(identifier));
    }
    let wanted = [0, 3, 11, 12]
        .iter()
        .fold(0, |bits, kind| bits | 1u32 << kind);
    setsockopt(socket, IcmpFilter, &!wanted)?;
    socket.attach_filter(&v4(identifier))
}

/// `A = packet[k]`, one byte.
const BYTE: u32 = libc::BPF_LD | libc::BPF_B | libc::BPF_ABS;
/// `A = packet[X + k]`, one byte.
const BYTE_AT_X: u32 = libc::BPF_LD | libc::BPF_B | libc::BPF_IND;
/// `A = packet[k]`, two bytes.
const HALF: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_ABS;
/// `A = packet[X + k]`, two bytes.
const HALF_AT_X: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_IND;
/// `X = 4 * (packet[k] & 15)`: the length of an IPv4 header.
const X_IS_HEADER: u32 = libc::BPF_LDX | libc::BPF_B | libc::BPF_MSH;
/// Jumps over so many instructions if `A = k`, over so many others if not.
const EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const AND: u32 = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
const SHIFT: u32 = libc::BPF_ALU | libc::BPF_LSH | libc::BPF_K;
const ADD: u32 = libc::BPF_ALU | libc::BPF_ADD | libc::BPF_K;
const ADD_X: u32 = libc::BPF_ALU | libc::BPF_ADD | libc::BPF_X;
/// `X = A`.
const TAKE: u32 = libc::BPF_MISC | libc::BPF_TAX;
/// Ends, and keeps `k` bytes of the packet.
const KEEP: u32 = libc::BPF_RET | libc::BPF_K;

fn step(code: u32, k: u32) -> SockFilter {
    jump(code, k, 0, 0)
}

fn jump(code: u32, k: u32, yes: u8, no: u8) -> SockFilter {
    SockFilter::new(code as u16, yes, no, k)
}

/// The packet begins with its IP header. What is not there to be loaded ends the program with a no.
fn v4(identifier: u16) -> [SockFilter; 20] {
    [
        step(X_IS_HEADER, 0),
        step(BYTE_AT_X, 0),
        // Echo reply: its identifier is where ours is. Errors: the three kinds.
        jump(EQUAL, 0, 13, 0),
        jump(EQUAL, 3, 2, 0),
        jump(EQUAL, 11, 1, 0),
        jump(EQUAL, 12, 0, 12),
        // The quoted packet begins behind 8 bytes: is it ICMP?
        step(BYTE_AT_X, 8 + 9),
        jump(EQUAL, 1, 0, 10),
        // X moves to the ICMP header inside it.
        step(BYTE_AT_X, 8),
        step(AND, 15),
        step(SHIFT, 2),
        step(ADD_X, 0),
        step(ADD, 8),
        step(TAKE, 0),
        step(BYTE_AT_X, 0),
        jump(EQUAL, 8, 0, 2),
        step(HALF_AT_X, 4),
        jump(EQUAL, identifier.into(), 1, 0),
        step(KEEP, 0),
        step(KEEP, u32::MAX),
    ]
}

/// The packet begins with its ICMP header.
fn v6(identifier: u16) -> [SockFilter; 16] {
    [
        step(BYTE, 0),
        jump(EQUAL, 129, 10, 0),
        jump(EQUAL, 1, 3, 0),
        jump(EQUAL, 2, 2, 0),
        jump(EQUAL, 3, 1, 0),
        jump(EQUAL, 4, 0, 8),
        // The quoted packet begins behind 8 bytes: is it ICMPv6, without extension headers?
        step(BYTE, 8 + 6),
        jump(EQUAL, 58, 0, 6),
        step(BYTE, 8 + 40),
        jump(EQUAL, 128, 0, 4),
        step(HALF, 8 + 40 + 4),
        jump(EQUAL, identifier.into(), 3, 2),
        step(HALF, 4),
        jump(EQUAL, identifier.into(), 1, 0),
        step(KEEP, 0),
        step(KEEP, u32::MAX),
    ]
}

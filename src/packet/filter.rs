//! Which packets a raw socket lets in: programs of the classic BSD packet filter, run by the kernel
//! before it copies anything (linux/filter.h; McCanne and Jacobson, USENIX 1993).
//!
//! A raw socket gets a copy of every packet of its protocol that comes to this host, so a busy one
//! would fill its buffer with what is not ours. In IPv4 the program sees the packet from its IP header
//! on, in IPv6 from behind its headers (raw(7), RFC 3542 3.1). Reading past the end lets nothing in.

use super::tcp::{ACK, RST, SYN};
use super::{Family, icmp, ipv6, protocol, udp};

/// Ports that one filter can tell apart: a jump is at most 255 long.
pub const MOST_PORTS: usize = 250;

/// The same where a port may be at either end.
pub const MOST_PORTS_BOTH_WAYS: usize = 120;

/// One instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// What to do.
    pub code: u16,
    /// Instructions to skip when a condition holds.
    pub then: u8,
    /// Instructions to skip when it does not.
    pub otherwise: u8,
    /// The constant that it takes.
    pub value: u32,
}

// linux/bpf_common.h; A is the accumulator, X the index, P the packet.
/// A = byte P[X + value].
const LOAD_BYTE: u16 = 0x50;
/// A = 32 bits at P[X + value].
const LOAD_WORD: u16 = 0x40;
/// A = 16 bits at P[X + value].
const LOAD_HALF: u16 = 0x48;
/// X = value.
const SET_INDEX: u16 = 0x01;
/// X = 4 * (P[value] & 0xf), the length of an IPv4 header.
const INDEX_HEADER: u16 = 0xb1;
/// A = A & value.
const AND: u16 = 0x54;
/// A = A << value.
const SHIFT: u16 = 0x64;
/// A = A + X.
const ADD_INDEX: u16 = 0x0c;
/// X = A.
const TO_INDEX: u16 = 0x07;
/// Skips as many instructions as value.
const JUMP: u16 = 0x05;
/// Is A = value?
const EQUALS: u16 = 0x15;
/// Is A & value not 0?
const ANY_BIT: u16 = 0x45;
/// Let in as many bytes as value.
const LET_IN: u16 = 0x06;

/// More bytes than a packet has.
const ALL: u32 = 1 << 18;
/// The bits of an IPv4 header's fragment word that are its offset.
const OFFSET: u32 = 0x1fff;

/// A program in the making.
struct Program(Vec<Instruction>);

impl Program {
    fn step(&mut self, code: u16, value: usize) {
        self.0.push(Instruction {
            code,
            then: 0,
            otherwise: 0,
            value: value as u32,
        });
    }

    /// Skips as many instructions as `then` when A is `value`, else as many as `otherwise`.
    fn equals(&mut self, value: u32, then: usize, otherwise: usize) {
        self.0.push(Instruction {
            code: EQUALS,
            then: then as u8,
            otherwise: otherwise as u8,
            value,
        });
    }

    /// Goes on only when A is one of `values`.
    fn only(&mut self, values: impl ExactSizeIterator<Item = u32>) {
        let count = values.len();
        for (at, value) in values.enumerate() {
            self.equals(value, count - at, 0);
        }
        self.step(LET_IN, 0);
    }

    /// Goes on only when A has some of `bits`.
    fn with(&mut self, bits: u32) {
        self.0.push(Instruction {
            code: ANY_BIT,
            then: 1,
            otherwise: 0,
            value: bits,
        });
        self.step(LET_IN, 0);
    }

    /// Goes on only when A has none of `bits`.
    fn without(&mut self, bits: u32) {
        self.0.push(Instruction {
            code: ANY_BIT,
            then: 0,
            otherwise: 1,
            value: bits,
        });
        self.step(LET_IN, 0);
    }

    /// Goes on only when A is the type of an ICMP error and that quotes a packet of `protocol` and its
    /// beginning; gives where that begins, from X on.
    fn quoted(&mut self, family: Family, protocol: u8) -> usize {
        match family {
            Family::V4 => {
                // Unreachable, time exceeded, parameter problem.
                self.only([3, 11, 12].into_iter());
                self.step(LOAD_BYTE, icmp::HEADER + 9);
                self.only([u32::from(protocol)].into_iter());
                self.step(LOAD_HALF, icmp::HEADER + 6);
                self.without(OFFSET);
                // X moves on by the length of the quoted header.
                self.step(LOAD_BYTE, icmp::HEADER);
                self.step(AND, 0xf);
                self.step(SHIFT, 2);
                self.step(ADD_INDEX, 0);
                self.step(TO_INDEX, 0);
                icmp::HEADER
            }
            Family::V6 => {
                // Unreachable, too big, time exceeded, parameter problem. Our probes have no extension
                // headers.
                self.only([1, 2, 3, 4].into_iter());
                self.step(LOAD_BYTE, icmp::HEADER + 6);
                self.only([u32::from(protocol)].into_iter());
                icmp::HEADER + ipv6::HEADER
            }
        }
    }

    /// Lets the packet in when A is one of the first [`MOST_PORTS`] of `ports`, or P[X + at] begins
    /// with `mark`.
    fn end(mut self, ports: &[u16], mark: Option<(usize, u64)>) -> Vec<Instruction> {
        let ports = ports.get(..MOST_PORTS).unwrap_or(ports);
        let marked = mark.map_or(0, |_| 4);
        for (at, port) in ports.iter().enumerate() {
            self.equals(u32::from(*port), ports.len() - at + marked, 0);
        }
        if let Some((at, mark)) = mark {
            self.step(LOAD_WORD, at);
            self.equals((mark >> 32) as u32, 0, 2);
            self.step(LOAD_WORD, at + 4);
            self.equals(mark as u32, 1, 0);
        }
        self.step(LET_IN, 0);
        self.step(LET_IN, ALL as usize);
        self.0
    }
}

/// Begins a program that has X at what the IP packet carries.
fn carried(family: Family) -> Program {
    let mut program = Program(Vec::new());
    match family {
        Family::V4 => {
            // A later fragment has no header to look at.
            program.step(SET_INDEX, 0);
            program.step(LOAD_HALF, 6);
            program.without(OFFSET);
            program.step(INDEX_HEADER, 0);
        }
        Family::V6 => program.step(SET_INDEX, 0),
    }
    program
}

/// For a raw TCP socket: segments to `ports` that answer a SYN, by SYN-ACK or reset, or by a bare
/// acknowledgement where the port is half open.
pub fn syn_answers(family: Family, ports: &[u16]) -> Vec<Instruction> {
    let mut program = carried(family);
    program.step(LOAD_BYTE, 13);
    program.step(AND, usize::from(SYN | ACK | RST));
    let answers = [SYN | ACK, RST | ACK, RST, ACK];
    program.only(answers.into_iter().map(u32::from));
    program.step(LOAD_HALF, 2);
    program.end(ports, None)
}

/// For a raw ICMP socket: errors that quote a packet of `protocol`, UDP or TCP, from `ports`; with a
/// `mark`, also from any other port, when it is one of UDP whose payload begins so.
pub fn quotes(family: Family, protocol: u8, ports: &[u16], mark: Option<u64>) -> Vec<Instruction> {
    let mut program = carried(family);
    program.step(LOAD_BYTE, 0);
    let upper = program.quoted(family, protocol);
    program.step(LOAD_HALF, upper);
    program.end(ports, mark.map(|mark| (upper + udp::HEADER, mark)))
}

/// For a raw ICMP socket: errors that quote a packet of `protocol`, whatever its ports.
pub fn all_quotes(family: Family, protocol: u8) -> Vec<Instruction> {
    let mut program = carried(family);
    program.step(LOAD_BYTE, 0);
    program.quoted(family, protocol);
    program.step(LET_IN, ALL as usize);
    program.0
}

/// For a packet socket that is shown packets from their IP header on: TCP segments from or to `ports`,
/// at most [`MOST_PORTS_BOTH_WAYS`], that open or reset a connection.
pub fn handshakes(ports: &[u16]) -> Vec<Instruction> {
    let mut program = Program(Vec::new());
    program.step(SET_INDEX, 0);
    program.step(LOAD_BYTE, 0);
    program.step(AND, 0xf0);
    // The part about IPv4 takes 10 instructions, the part about IPv6 4.
    program.equals(0x60, 10, 0);
    program.only([0x40].into_iter());
    program.step(LOAD_BYTE, 9);
    program.only([u32::from(protocol::TCP)].into_iter());
    program.step(LOAD_HALF, 6);
    program.without(OFFSET);
    program.step(INDEX_HEADER, 0);
    program.step(JUMP, 4);
    program.step(LOAD_BYTE, 6);
    program.only([u32::from(protocol::TCP)].into_iter());
    program.step(SET_INDEX, ipv6::HEADER);
    program.step(LOAD_BYTE, 13);
    program.with(u32::from(SYN | RST));
    let ports = ports.get(..MOST_PORTS_BOTH_WAYS).unwrap_or(ports);
    program.step(LOAD_HALF, 0);
    for (at, port) in ports.iter().enumerate() {
        // Over the rest of these, the next load, all of those again, and the refusal.
        let over = 2 * ports.len() - at + 1;
        program.equals(u32::from(*port), over, 0);
    }
    program.step(LOAD_HALF, 2);
    program.end(ports, None)
}

/// For a raw ICMP socket: replies to echo requests with this `identifier`, and errors that quote an
/// echo request which has it or whose payload begins with `mark`.
pub fn echoes(family: Family, identifier: u16, mark: u64) -> Vec<Instruction> {
    let (icmp, reply, request) = match family {
        Family::V4 => (protocol::ICMP, 0, 8),
        Family::V6 => (protocol::ICMPV6, 129, 128),
    };
    let mut program = carried(family);
    program.step(LOAD_BYTE, 0);
    program.equals(reply, 0, 4);
    program.step(LOAD_HALF, 4);
    program.equals(identifier.into(), 1, 0);
    program.step(LET_IN, 0);
    program.step(LET_IN, ALL as usize);
    let upper = program.quoted(family, icmp);
    program.step(LOAD_BYTE, upper);
    program.only([request].into_iter());
    program.step(LOAD_HALF, upper + 4);
    program.end(&[identifier], Some((upper + icmp::HEADER, mark)))
}

#[cfg(test)]
mod tests;

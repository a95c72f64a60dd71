//! What a host answers to packets that came to it, and what a firewall answers in its name.

use super::edit::{set_checksum, set_hops};
use super::{Head, TCP, head, packet, word};

/// The reply to an ICMP echo request (RFC 792, RFC 4443 4.2); `None` for anything else.
pub(in crate::lab) fn echo(request: &[u8]) -> Option<Vec<u8>> {
    let head = head(request)?;
    let reply = match (head.is_echo(request), request.get(head.body)?) {
        (true, 8) => 0,
        (true, 128) => 129,
        _ => return None,
    };
    let mut body = request.get(head.body..)?.to_vec();
    *body.first_mut()? = reply;
    let mut made = packet(head.to, head.from, head.protocol, &body)?;
    set_checksum(&mut made);
    set_hops(&mut made, 64);
    Some(made)
}

/// The reset of a TCP packet's connection (RFC 9293, 3.10.7.1); `None` for anything else and for
/// another reset.
pub(in crate::lab) fn reset(of: &[u8]) -> Option<Vec<u8>> {
    const FIN: u8 = 1;
    const SYN: u8 = 2;
    const RST: u8 = 4;
    const ACK: u8 = 16;
    let head: Head = head(of).filter(|head| head.protocol == TCP && !head.continued)?;
    let segment: &[u8; 20] = of.get(head.body..)?.first_chunk()?;
    let flags = segment[13];
    if flags & RST != 0 {
        return None;
    }
    let (sequence, acknowledged, answer) = if flags & ACK != 0 {
        (
            [segment[8], segment[9], segment[10], segment[11]],
            [0; 4],
            RST,
        )
    } else {
        let begin = u32::from_be_bytes([segment[4], segment[5], segment[6], segment[7]]);
        let header = usize::from(segment[12] >> 4) * 4;
        let data = of.len().saturating_sub(head.body + header) as u32;
        let marks = u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        let end = begin.wrapping_add(data).wrapping_add(marks);
        ([0; 4], end.to_be_bytes(), RST | ACK)
    };
    let (source, destination) = (word(segment, 0)?, word(segment, 2)?);
    let mut body = [destination, source].map(u16::to_be_bytes).concat();
    body.extend([sequence, acknowledged].concat());
    body.extend([5 << 4, answer, 0, 0, 0, 0, 0, 0]);
    packet(head.to, head.from, TCP, &body)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{addresses, echo as request, is_sound, tcp, udp};
    use super::*;

    #[test]
    fn an_echo_comes_back_as_it_was_sent() {
        for ipv6 in [false, true] {
            let [from, to] = addresses(ipv6);
            let sent = request([from, to], 7, 3, b"odd");
            let back = echo(&sent).unwrap();
            let head = head(&back).unwrap();
            assert!(is_sound(&back));
            assert_eq!((head.from, head.to), (to, from));
            assert_eq!(back[head.body + 4..], sent[head.body + 4..]);
            assert_eq!(echo(&back), None);
        }
        assert_eq!(echo(&udp(addresses(false), (1, 2), b"")), None);
    }

    #[test]
    fn a_syn_is_reset_by_its_own_number_and_one() {
        for ipv6 in [false, true] {
            let [from, to] = addresses(ipv6);
            let back = reset(&tcp([from, to], (4000, 443), 2, b"")).unwrap();
            let at = head(&back).unwrap();
            assert!(is_sound(&back));
            assert_eq!(
                (at.from, at.to, at.ports(&back)),
                (to, from, Some((443, 4000)))
            );
            // The sample's sequence number is 1000.
            assert_eq!(back[at.body + 8..][..4], 1001u32.to_be_bytes());
            assert_eq!(back[at.body + 13], 0x14);
            assert_eq!(reset(&back), None);
        }
    }
}

//! Packets too long for the next link, cut where that is allowed (RFC 791, 3.2).

use crate::packet::ipv4::{HEADER, Ipv4};

/// The IPv4 packet in pieces of at most `mtu` bytes each; `None` when it may not be cut.
pub(in crate::lab) fn cut(packet: &[u8], mtu: usize) -> Option<Vec<Vec<u8>>> {
    let whole = Ipv4::parse(packet).filter(|packet| !packet.dont_fragment)?;
    // Offsets count eights.
    let eights = mtu.checked_sub(HEADER + whole.options.len())? / 8;
    if eights == 0 {
        return None;
    }
    let pieces = whole.payload.chunks(8 * eights);
    let last = pieces.len().saturating_sub(1);
    let piece = |(at, payload)| {
        let piece = Ipv4 {
            offset: whole.offset + (at * eights) as u16,
            more_fragments: at < last || whole.more_fragments,
            payload,
            ..whole
        };
        piece.emit()
    };
    Some(pieces.enumerate().map(piece).collect())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{addresses, udp};
    use super::*;
    use crate::packet::{checksum, u16_at};

    #[test]
    fn the_pieces_together_are_the_packet() {
        let mut sent = udp(
            addresses(false),
            (1, 2),
            &(0..=255).cycle().take(1000).collect::<Vec<u8>>(),
        );
        sent[6] = 0;
        let pieces = cut(&sent, 500).unwrap();
        // 480 bytes of room each, for 1008: three.
        assert_eq!(pieces.len(), 3);
        let mut body = vec![0; 1008];
        for (at, piece) in pieces.iter().enumerate() {
            assert!(piece.len() <= 500);
            assert_eq!(checksum::of(&piece[..20]), 0);
            let flags = u16_at(piece, 6).unwrap();
            assert_eq!(flags & 0x2000 != 0, at < 2);
            let offset = usize::from(flags & 0x1fff) * 8;
            body[offset..][..piece.len() - 20].copy_from_slice(&piece[20..]);
        }
        assert_eq!(body, sent[20..]);
    }

    #[test]
    fn what_may_not_be_cut_is_not() {
        assert_eq!(cut(&udp(addresses(false), (1, 2), &[0; 900]), 500), None);
        assert_eq!(cut(&udp(addresses(true), (1, 2), &[0; 900]), 500), None);
    }
}

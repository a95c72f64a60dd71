//! Packets too long for the next link, cut where that is allowed (RFC 791, 3.2).

use super::{checksum, head, word};

/// The IPv4 packet in pieces of at most `mtu` bytes each; `None` when it may not be cut.
pub(in crate::lab) fn cut(packet: &[u8], mtu: usize) -> Option<Vec<Vec<u8>>> {
    let head = head(packet).filter(|head| head.may_be_cut)?;
    let (header, body) = packet.split_at_checked(head.body)?;
    // Offsets count eights.
    let room = mtu.checked_sub(head.body)? / 8 * 8;
    let flags = word(packet, 6)?;
    let pieces = body.chunks(room.max(8)).enumerate();
    let last = body.len().div_ceil(room.max(8)).saturating_sub(1);
    let piece = |(at, body): (usize, &[u8])| {
        let mut piece = [header, body].concat();
        let length = piece.len() as u16;
        let more = if at < last { 0x2000 } else { flags & 0x2000 };
        let offset = (flags & 0x1fff) + (at * room.max(8) / 8) as u16;
        piece[2..4].copy_from_slice(&length.to_be_bytes());
        piece[6..8].copy_from_slice(&(more | offset).to_be_bytes());
        piece[10..12].copy_from_slice(&[0, 0]);
        let sum = checksum::of(&piece[..header.len()]);
        piece[10..12].copy_from_slice(&sum.to_be_bytes());
        piece
    };
    (room > 0).then(|| pieces.map(piece).collect())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{addresses, udp};
    use super::*;

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
            let flags = word(piece, 6).unwrap();
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

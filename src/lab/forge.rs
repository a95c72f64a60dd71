//! Answers that nobody should believe.

use std::net::IpAddr;

use super::packet::edit::{Side, port, set_checksum, set_port};
use super::packet::errors::{Quote, Reason, error};
use super::packet::head;
use super::world::{Flaw, Forgery, Says};
use crate::packet::protocol::TCP;

/// The answer that is made up for `packet` in the name of `from`.
pub(super) fn forged(packet: &[u8], forgery: &Forgery, from: IpAddr) -> Option<Vec<u8>> {
    let mut about = packet.to_vec();
    let mut quote = Quote::default();
    match forgery.flaw {
        Flaw::WrongTag => turn_payload(&mut about)?,
        Flaw::WrongPort => {
            let other = port(packet, Side::Source)? ^ 0x0101;
            set_port(&mut about, Side::Source, other);
        }
        Flaw::Truncated => quote.bytes = Some(4),
        Flaw::WrongChecksum => {}
    }
    let reason = match forgery.says {
        Says::TimeExceeded => Reason::TimeExceeded,
        Says::NoPort => Reason::NoPort,
    };
    let mut made = error(&about, from, reason, &quote)?;
    if forgery.flaw == Flaw::WrongChecksum {
        let at = head(&made)?.body + 3;
        *made.get_mut(at)? ^= 0xff;
    }
    Some(made)
}

/// Turns over what follows the headers, of TCP the sequence number, and makes the sum right again.
fn turn_payload(packet: &mut [u8]) -> Option<()> {
    let head = head(packet)?;
    let turned = match head.protocol {
        TCP => packet.get_mut(head.body + 4..head.body + 8)?,
        _ => packet.get_mut(head.body + 8..)?,
    };
    turned.iter_mut().for_each(|byte| *byte = !*byte);
    set_checksum(packet);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::packet::samples::{addresses, is_sound, udp};
    use super::*;

    fn quoted(flaw: Flaw) -> (bool, Vec<u8>) {
        let [from, to] = addresses(false);
        let forgery = Forgery {
            flaw,
            says: Says::TimeExceeded,
            from: Vec::new(),
        };
        let made = forged(&udp([from, to], (4000, 53), b"tag"), &forgery, to).unwrap();
        (is_sound(&made), made[28..].to_vec())
    }

    #[test]
    fn each_flaw_is_the_only_one() {
        let ends = addresses(false);
        let sent = udp(ends, (4000, 53), b"tag");
        let turned: Vec<u8> = b"tag".iter().map(|byte| !byte).collect();
        assert_eq!(
            quoted(Flaw::WrongTag),
            (true, udp(ends, (4000, 53), &turned))
        );
        let other = udp(ends, (4000 ^ 0x0101, 53), b"tag");
        assert_eq!(quoted(Flaw::WrongPort), (true, other));
        assert_eq!(quoted(Flaw::Truncated), (true, sent[..24].to_vec()));
        assert_eq!(quoted(Flaw::WrongChecksum), (false, sent));
    }
}

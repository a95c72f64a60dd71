//! UDP datagrams (RFC 768).

use std::net::IpAddr;

use pnet_packet::udp::{MutableUdpPacket, UdpPacket};

use super::{checksum, protocol, put_u16};

/// Bytes of a header.
pub const HEADER: usize = 8;
/// Where in a datagram its checksum is.
const CHECKSUM: usize = 6;

/// A UDP datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Udp<'a> {
    /// From which port.
    pub source: u16,
    /// To which port.
    pub destination: u16,
    /// What it carries.
    pub payload: &'a [u8],
}

impl<'a> Udp<'a> {
    /// Reads a whole datagram; bytes past its length are not its own. `None` when it is cut short.
    pub fn parse(bytes: &'a [u8]) -> Option<Udp<'a>> {
        let view = UdpPacket::new(bytes)?;
        Some(Udp {
            source: view.get_source(),
            destination: view.get_destination(),
            payload: bytes.get(HEADER..usize::from(view.get_length()))?,
        })
    }

    /// The datagram as bytes, with the checksum for these addresses. What does not fit into a
    /// datagram is left out.
    pub fn emit(&self, source: IpAddr, destination: IpAddr) -> Vec<u8> {
        let most = usize::from(u16::MAX) - HEADER;
        let payload = self.payload.get(..most).unwrap_or(self.payload);
        let mut bytes = vec![0; HEADER];
        bytes.extend(payload);
        let length = bytes.len() as u16;
        if let Some(mut view) = MutableUdpPacket::new(&mut bytes) {
            view.set_source(self.source);
            view.set_destination(self.destination);
            view.set_length(length);
        }
        let sum = checksum::with_addresses(&bytes, protocol::UDP, source, destination);
        put_u16(&mut bytes, CHECKSUM, checksum::never_zero(sum));
        bytes
    }

    /// The checksum of the datagram between these addresses.
    pub fn checksum(&self, source: IpAddr, destination: IpAddr) -> u16 {
        super::u16_at(&self.emit(source, destination), CHECKSUM).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use pnet_packet::udp::{ipv4_checksum, ipv6_checksum};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_emitted_is_read(
            source: u16, destination: u16, payload in prop::collection::vec(any::<u8>(), 0..100),
            from4: u32, to4: u32, from6: u128, to6: u128,
        ) {
            let datagram = Udp { source, destination, payload: &payload };
            let never_zero = |sum| if sum == 0 { 0xffff } else { sum };
            let v4 = datagram.emit(IpAddr::V4(from4.into()), IpAddr::V4(to4.into()));
            let other = ipv4_checksum(&UdpPacket::new(&v4).unwrap(), &from4.into(), &to4.into());
            prop_assert_eq!(UdpPacket::new(&v4).unwrap().get_checksum(), never_zero(other));
            let v6 = datagram.emit(IpAddr::V6(from6.into()), IpAddr::V6(to6.into()));
            let other = ipv6_checksum(&UdpPacket::new(&v6).unwrap(), &from6.into(), &to6.into());
            prop_assert_eq!(UdpPacket::new(&v6).unwrap().get_checksum(), never_zero(other));
            for bytes in [v4, v6] {
                prop_assert_eq!(Udp::parse(&bytes), Some(datagram));
                for length in 0..bytes.len() {
                    prop_assert_eq!(Udp::parse(&bytes[..length]), None);
                }
                let longer = [&bytes[..], b"padding"].concat();
                prop_assert_eq!(Udp::parse(&longer), Some(datagram));
            }
        }

        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(datagram) = Udp::parse(&bytes) {
                prop_assert!(HEADER + datagram.payload.len() <= bytes.len());
            }
        }
    }

    #[test]
    fn a_checksum_of_zero_is_sent_as_its_equal() {
        let any = IpAddr::from([0, 0, 0, 0]);
        // Pseudo-header 0 + 17 + 10, header 10 + ports and payload chosen to make ffff in all.
        let payload = (0xffff - 17 - 10 - 10 - 1u16).to_be_bytes();
        let datagram = Udp {
            source: 0,
            destination: 1,
            payload: &payload,
        };
        assert_eq!(datagram.checksum(any, any), 0xffff);
    }
}

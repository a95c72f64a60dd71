//! Where datagrams go, and which probe an answer is to.

use std::net::{IpAddr, SocketAddr};

use crate::probe::errqueue::{Heard, News};
use crate::probe::flight::Flights;
use crate::probe::ledger::{Ledger, Spoofed, Whose};
use crate::probe::manner::{Manner, Ports};
use crate::probe::{Probe, Quoted, Sequence, Target, quotes, socket};

/// The targets.
#[derive(Debug)]
pub(super) struct Aims {
    ports: Ports,
    aims: Vec<Aim>,
}

/// One target.
#[derive(Debug)]
struct Aim {
    to: SocketAddr,
    /// The address that packets to it leave from, where checksums are to tell them apart.
    source: Option<IpAddr>,
    /// Distances that have been answered with enough of the probe to know it, a bit for each.
    known: [u64; 4],
    /// Whether something has come back that did not tell which probe it answers.
    mute: bool,
}

/// How many destination ports there are when they count up from that of `to`.
fn classic_ports(to: SocketAddr) -> u32 {
    0x1_0000 - u32::from(to.port())
}

impl Aims {
    /// Whose probes leave as `manner` says, told apart by their checksums, too, where `by_sums`.
    pub(super) fn new(targets: &[SocketAddr], manner: &Manner, by_sums: bool) -> Aims {
        let source = |to: SocketAddr| socket::source_of(to, manner).ok();
        let aim = |to: &SocketAddr| Aim {
            to: *to,
            source: by_sums.then(|| source(*to)).flatten(),
            known: [0; 4],
            mute: false,
        };
        Aims {
            ports: manner.ports,
            aims: targets.iter().map(aim).collect(),
        }
    }

    /// Nothing in flight to any of them. Where ports count up, they tell probes apart, else
    /// checksums may.
    pub(super) fn flights(&self, manner: &Manner) -> Vec<Flights> {
        let flights = |aim: &Aim| {
            let modulus = match self.ports {
                Ports::Fixed if aim.source.is_none() => u32::MAX,
                Ports::Fixed => quotes::CHECKSUMS,
                Ports::Classic => classic_ports(aim.to),
            };
            Flights::new(modulus, manner.patience)
        };
        self.aims.iter().map(flights).collect()
    }

    fn get(&self, Target(target): Target) -> Option<&Aim> {
        self.aims.get(target as usize)
    }

    /// Where a probe goes, if there is such a target.
    pub(super) fn address(&self, (target, sequence): (Target, Sequence)) -> Option<SocketAddr> {
        let mut to = self.get(target)?.to;
        if self.ports == Ports::Classic {
            let above = sequence.0 % classic_ports(to);
            to.set_port(to.port() + above as u16);
        }
        Some(to)
    }

    /// Where probes to `target` leave from, where their checksums are to tell them apart.
    pub(super) fn source(&self, target: Target) -> Option<IpAddr> {
        self.get(target)?.source
    }

    /// The one target that packets to this address go to.
    pub(super) fn only_at(&self, address: SocketAddr) -> Option<Target> {
        let aims = self.aims.iter().zip(0..);
        let mut here = aims.filter(|(aim, _)| aim.is_at(address, self.ports));
        let (_, target) = here.next()?;
        here.next().is_none().then_some(Target(target))
    }

    /// Which probe in flight to `target` has this checksum, as far as checksums tell.
    pub(super) fn with_sum(&self, target: Target, sum: u16, ledger: &Ledger) -> Option<Sequence> {
        let remainder = quotes::remainder_of(sum)?;
        let told = self.ports == Ports::Fixed;
        ledger.in_flight(target, remainder).filter(|_| told)
    }

    /// Whether `probe` needs a socket of its own to be known again.
    pub(super) fn must_be_alone(&self, probe: Probe) -> bool {
        let aim = self.get(probe.target);
        let unknown = aim.is_some_and(|aim| aim.mute && !aim.knows(probe.distance));
        unknown && self.ports == Ports::Fixed
    }

    /// Which probe a message answers; `own` is the one whose own socket heard it, `by_sum` the one
    /// that its checksum tells.
    pub(super) fn whose(
        &mut self,
        heard: &Heard<'_>,
        own: Whose,
        by_sum: Whose,
        ledger: &Ledger,
    ) -> Result<Whose, Spoofed> {
        let address = heard.address.ok_or(Spoofed)?;
        let is_data = heard.news == News::Data;
        let ports = self.ports;
        if let Some(written) = ledger.tag.read(heard.bytes) {
            let aim = self.aims.get_mut(written.target.0 as usize);
            let aim = aim.ok_or(Spoofed)?;
            // An error about our packet may quote it with an address that was rewritten on the way.
            if is_data && !aim.is_at(address, ports) {
                return Err(Spoofed);
            }
            if own.is_none() {
                aim.learn(written.distance);
            }
            return Ok(Some((written.target, written.sequence)));
        }
        if !is_data && ledger.tag.contradicts(heard.bytes) {
            return Err(Spoofed);
        }
        let aims = self.aims.iter_mut().zip(0..);
        let mut here = aims.filter(|(aim, _)| aim.is_at(address, ports));
        let (aim, target) = here.next().ok_or(Spoofed)?;
        let target = Target(target);
        if own.is_some() {
            return Ok(own);
        }
        if by_sum.is_some() {
            return Ok(by_sum);
        }
        aim.mute = true;
        // The port tells one target's probes apart, but not those of two that are one host.
        let above = address.port().wrapping_sub(aim.to.port());
        let told = ports == Ports::Classic && here.next().is_none();
        let sequence = ledger.in_flight(target, above.into()).filter(|_| told);
        Ok(sequence.map(|sequence| (target, sequence)))
    }

    /// How our packet looked to the responder, where that is not as it was sent.
    pub(super) fn quoted(&self, heard: &Heard<'_>, whose: Whose) -> Option<Quoted> {
        let (target, _) = whose?;
        let (sent, seen) = (self.get(target)?.to, heard.address?);
        (sent.ip() != seen.ip()).then(|| Quoted {
            destination: Some(seen.ip()),
            ..Quoted::default()
        })
    }
}

impl Aim {
    fn learn(&mut self, distance: u8) {
        if let Some(bits) = self.known.get_mut(usize::from(distance / 64)) {
            *bits |= 1 << (distance % 64);
        }
    }

    fn knows(&self, distance: u8) -> bool {
        let bits = self.known.get(usize::from(distance / 64));
        bits.is_some_and(|bits| bits & (1 << (distance % 64)) != 0)
    }

    /// Whether probes to this target go to `address`.
    fn is_at(&self, address: SocketAddr, ports: Ports) -> bool {
        let port = match ports {
            Ports::Fixed => address.port() == self.to.port(),
            Ports::Classic => address.port() >= self.to.port(),
        };
        port && address.ip() == self.to.ip()
    }
}

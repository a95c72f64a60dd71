//! Where datagrams go, and which probe an answer is to.

use std::net::SocketAddr;

use crate::probe::errqueue::{Heard, News};
use crate::probe::flight::Flights;
use crate::probe::ledger::{Ledger, Spoofed, Whose};
use crate::probe::manner::{Manner, Ports};
use crate::probe::{Probe, Quoted, Target};

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
    pub(super) fn new(targets: &[SocketAddr], ports: Ports) -> Aims {
        let aim = |to: &SocketAddr| Aim {
            to: *to,
            known: [0; 4],
            mute: false,
        };
        Aims {
            ports,
            aims: targets.iter().map(aim).collect(),
        }
    }

    /// Nothing in flight to any of them. Where ports count up, they tell probes apart.
    pub(super) fn flights(&self, manner: &Manner) -> Vec<Flights> {
        let flights = |aim: &Aim| {
            let modulus = match self.ports {
                Ports::Fixed => u32::MAX,
                Ports::Classic => classic_ports(aim.to),
            };
            Flights::new(modulus, manner.patience)
        };
        self.aims.iter().map(flights).collect()
    }

    fn get(&self, Target(target): Target) -> Option<&Aim> {
        self.aims.get(target as usize)
    }

    /// Where `probe` goes, if there is such a target.
    pub(super) fn address(&self, probe: Probe) -> Option<SocketAddr> {
        let mut to = self.get(probe.target)?.to;
        if self.ports == Ports::Classic {
            let above = probe.sequence.0 % classic_ports(to);
            to.set_port(to.port() + above as u16);
        }
        Some(to)
    }

    /// Whether `probe` needs a socket of its own to be known again.
    pub(super) fn must_be_alone(&self, probe: Probe) -> bool {
        let aim = self.get(probe.target);
        let unknown = aim.is_some_and(|aim| aim.mute && !aim.knows(probe.distance));
        unknown && self.ports == Ports::Fixed
    }

    /// Which probe a message answers; `own` is the one whose own socket heard it.
    pub(super) fn whose(
        &mut self,
        heard: &Heard<'_>,
        own: Whose,
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
        aim.mute = true;
        // The port tells one target's probes apart, but not those of two that are one host.
        let above = address.port().wrapping_sub(aim.to.port());
        let told = ports == Ports::Classic && here.next().is_none();
        let sequence = ledger.in_flight(target, above).filter(|_| told);
        Ok(sequence.map(|sequence| (target, sequence)))
    }

    /// How our packet looked to the responder, where that is not as it was sent.
    pub(super) fn quoted(&self, heard: &Heard<'_>, whose: &Whose) -> Option<Quoted> {
        let (target, _) = (*whose)?;
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

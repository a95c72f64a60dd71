//! What comes about in a run.

use std::net::IpAddr;
use std::time::Duration;

use crate::lang::Text;
use crate::probe::{Answer, Certificate, Phases, Sequence, Target};
use crate::units::Moment;

/// Something that came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// To which target.
    pub target: Target,
    /// To which of its probes.
    pub sequence: Sequence,
    /// When.
    pub at: Moment,
    /// What.
    pub what: What,
}

/// What came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The first reply to a probe.
    Answered {
        /// How long it took.
        round_trip: Duration,
        /// Whether that is longer than replies are waited for.
        late: bool,
        /// Who replied.
        responder: IpAddr,
        /// What it said.
        answer: Answer,
        /// When the parts of an exchange with a service were done.
        phases: Option<Phases>,
        /// What a TLS server showed, where that is new.
        certificate: Option<Certificate>,
    },
    /// A further reply to a probe.
    Duplicate {
        /// How long it took.
        round_trip: Duration,
        /// Who replied.
        responder: IpAddr,
    },
    /// No reply in time.
    TimedOut,
    /// No reply in time to the last of a target's probes, nor to one before.
    GivenUp,
    /// The probe did not leave, for a reason that has not been told of this target.
    Unsent(Text),
    /// An ICMP error about the probe.
    Error {
        /// Whose.
        responder: IpAddr,
        /// What it says.
        answer: Answer,
    },
}

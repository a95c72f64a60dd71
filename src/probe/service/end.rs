//! How an exchange ends.

use std::net::IpAddr;
use std::time::Duration;

use crate::probe::clock::Clock;
use crate::probe::{Answer, Stamp};
use crate::units::Moment;

/// What the network said in the end.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) answer: Answer,
    pub(super) responder: IpAddr,
    pub(super) when: (Moment, Stamp),
    /// How many stamps were not used because the wall clock had been set.
    pub(super) steps: u64,
}

impl Said {
    /// What has just been read, with the kernel's stamp where there is one.
    pub(super) fn now(
        answer: Answer,
        responder: IpAddr,
        stamp: Option<Duration>,
        clock: &mut Clock,
    ) -> Said {
        Said {
            answer,
            responder,
            when: clock.received(stamp),
            steps: clock.steps(),
        }
    }
}

/// Why an exchange went no further.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// It was told so.
    Said(Said),
    /// Nothing came: the probe is lost.
    Silent,
    /// Our own side could not go on.
    OurFault,
}

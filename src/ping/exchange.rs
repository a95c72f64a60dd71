//! What replies to probes of a service tell beside how long the whole took.

use std::time::Duration;

use crate::probe::{Answer, Certificate, Detail, Phases};
use crate::stats::Summary;

/// What the replies of one target have told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exchanges {
    /// How often which answer came, in the order of their first coming.
    pub answers: Vec<(Answer, u64)>,
    /// How long the parts took, in nanoseconds, in the order of [`PARTS`].
    pub parts: [Summary; PARTS.len()],
    /// The certificate that was shown last.
    pub certificate: Option<Certificate>,
}

/// The parts of an exchange by their stable names, in the order of time.
pub const PARTS: [&str; 5] = ["resolve", "connect", "tls", "first_byte", "rest"];

/// How long each of [`PARTS`] took.
pub fn parts(phases: &Phases) -> [Option<Duration>; PARTS.len()] {
    let Phases {
        resolve,
        connect,
        tls,
        first_byte,
        rest,
    } = *phases;
    [resolve, connect, tls, first_byte, rest]
}

impl Exchanges {
    /// Takes in a reply; gives its certificate where that says something new.
    pub(super) fn take(&mut self, answer: Answer, detail: Option<&Detail>) -> Option<Certificate> {
        match self.answers.iter_mut().find(|(own, _)| *own == answer) {
            Some((_, count)) => *count += 1,
            None => self.answers.push((answer, 1)),
        }
        let detail = detail?;
        for (sum, part) in self.parts.iter_mut().zip(parts(&detail.phases?)) {
            if let Some(part) = part {
                sum.push(part.as_nanos() as f64);
            }
        }
        let shown = detail.certificate.as_ref();
        let new = shown.filter(|shown| self.certificate.as_ref() != Some(shown))?;
        self.certificate = Some(new.clone());
        self.certificate.clone()
    }
}

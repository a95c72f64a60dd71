//! Names of addresses, asked for beside everything else.

use std::collections::HashSet;
use std::future::{Future, pending};
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use crate::probe::names::{self, Server};

/// How long names are waited for.
const NAMES_WITHIN: Duration = Duration::from_secs(5);

/// Names on their way.
type Coming = Pin<Box<dyn Future<Output = Vec<(IpAddr, String)>>>>;

/// Names that are being asked for, and the addresses of which it has been done.
pub(super) struct Names {
    server: Server,
    asked: HashSet<IpAddr>,
    coming: Option<Coming>,
    /// Those that nobody has been told yet.
    found: Vec<(IpAddr, String)>,
}

impl Names {
    /// Knows no name yet and will ask `server`.
    pub(super) fn of(server: Server) -> Names {
        Names {
            server,
            asked: HashSet::new(),
            coming: None,
            found: Vec::new(),
        }
    }

    /// Asks for the names of these addresses, each once in a run.
    pub(super) fn ask(&mut self, addresses: &[IpAddr]) {
        if self.coming.is_some() {
            return;
        }
        let new = addresses
            .iter()
            .filter(|address| self.asked.insert(**address));
        let new: Vec<IpAddr> = new.copied().collect();
        if !new.is_empty() {
            self.coming = Some(Box::pin(names::names(new, NAMES_WITHIN, self.server)));
        }
    }

    /// Waits until names have come. Dropped while it waits, it loses none.
    pub(super) async fn come(&mut self) {
        match &mut self.coming {
            Some(coming) => {
                let found = coming.await;
                self.found.extend(found);
                self.coming = None;
            }
            None => pending().await,
        }
    }

    /// The names that have come since the last time.
    pub(super) fn take(&mut self) -> Vec<(IpAddr, String)> {
        std::mem::take(&mut self.found)
    }
}

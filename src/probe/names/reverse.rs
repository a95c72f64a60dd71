//! Addresses to names, off the probing path: asked for in the background, looked at without waiting.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use hickory_resolver::proto::rr::RData;
use tokio::task::JoinSet;

use super::Server;
use crate::error::Error;

/// Questions under way at one time: a name server is no target.
const AT_ONCE: usize = 16;

/// A name is asked for again when its time to live is over, within these bounds.
const FOUND_FOR: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3600));

/// An address without a name is asked for again after this long.
const NONE_FOR: Duration = Duration::from_secs(600);

/// A question that nobody answered is asked again after this long.
const UNANSWERED_FOR: Duration = Duration::from_secs(60);

/// What a question came to: a name, if there is one, and how long that holds; `None` when nobody
/// answered.
type Found = Option<(Option<String>, Duration)>;

/// The names of addresses, as far as they are known, for as long as a run lasts.
///
/// Ask [`get`](Names::get) for what is shown and call [`poll`](Names::poll) before each showing;
/// neither waits. The questions themselves are tasks of the runtime.
#[derive(Debug)]
pub struct Names {
    resolver: TokioResolver,
    /// What was found, and until when it holds.
    known: HashMap<IpAddr, (Option<String>, Instant)>,
    waiting: VecDeque<IpAddr>,
    /// Those that are waiting or being asked for.
    wanted: HashSet<IpAddr>,
    asked: JoinSet<(IpAddr, Found)>,
}

impl Names {
    /// Knows no name yet and will ask `server`, who learns which addresses are looked at.
    pub fn new(server: Server) -> Result<Names, Error> {
        Ok(Names {
            resolver: server.resolver(LookupIpStrategy::default())?,
            known: HashMap::new(),
            waiting: VecDeque::new(),
            wanted: HashSet::new(),
            asked: JoinSet::new(),
        })
    }

    /// The name of `address`, if it is known. One that is not, or no longer holds `now`, is asked
    /// for; until its successor is found the old name stays.
    pub fn get(&mut self, address: IpAddr, now: Instant) -> Option<&str> {
        let known = self.known.get(&address);
        if known.is_none_or(|(_, until)| *until <= now) && self.wanted.insert(address) {
            self.waiting.push_back(address);
        }
        known?.0.as_deref()
    }

    /// Takes in what has been found and asks for what is wanted. Must be called inside a tokio
    /// runtime. True when a name has changed.
    pub fn poll(&mut self, now: Instant) -> bool {
        let mut changed = false;
        while let Some(ended) = self.asked.try_join_next() {
            if let Ok((address, found)) = ended {
                changed |= self.keep(address, found, now);
            }
        }
        while self.asked.len() < AT_ONCE
            && let Some(address) = self.waiting.pop_front()
        {
            let resolver = self.resolver.clone();
            self.asked
                .spawn(async move { (address, look_up(&resolver, address).await) });
        }
        changed
    }

    /// Waits until nothing is wanted any more.
    pub async fn settle(&mut self) {
        loop {
            self.poll(Instant::now());
            let Some(ended) = self.asked.join_next().await else {
                return;
            };
            if let Ok((address, found)) = ended {
                self.keep(address, found, Instant::now());
            }
        }
    }

    fn keep(&mut self, address: IpAddr, found: Found, now: Instant) -> bool {
        self.wanted.remove(&address);
        let before = self.known.remove(&address).and_then(|(name, _)| name);
        // What was once found is not forgotten because the server is out of reach for a while.
        let (name, holds) = found.unwrap_or_else(|| (before.clone(), UNANSWERED_FOR));
        let changed = before != name;
        self.known.insert(address, (name, now + holds));
        changed
    }
}

async fn look_up(resolver: &TokioResolver, address: IpAddr) -> Found {
    match resolver.reverse_lookup(address).await {
        Ok(found) => {
            let name = found
                .answers()
                .iter()
                .find_map(|record| match &record.data {
                    RData::PTR(name) => Some((name.to_string(), record.ttl)),
                    _ => None,
                });
            let Some((name, ttl)) = name else {
                return Some((None, NONE_FOR));
            };
            let holds = Duration::from_secs(ttl.into()).clamp(FOUND_FOR.0, FOUND_FOR.1);
            Some((Some(name.trim_end_matches('.').to_string()), holds))
        }
        Err(error) if error.is_nx_domain() || error.is_no_records_found() => Some((None, NONE_FOR)),
        Err(_) => None,
    }
}

/// The names that `server` gives these addresses, as far as they are found `within` that time; none
/// when the system has no name server. Whoever runs it learns which addresses are looked at.
pub async fn names(
    addresses: Vec<IpAddr>,
    within: Duration,
    server: Server,
) -> Vec<(IpAddr, String)> {
    let Ok(mut names) = Names::new(server) else {
        return Vec::new();
    };
    let now = Instant::now();
    for address in &addresses {
        names.get(*address, now);
    }
    // Those that took too long are left out.
    let _ = tokio::time::timeout(within, names.settle()).await;
    let found = addresses.into_iter();
    found
        .filter_map(|address| Some((address, names.get(address, now)?.to_string())))
        .collect()
}

//! Customers at one station: from outside at a rate, or users who think, ask and wait.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::double_double::DoubleDouble;
use super::random::{Law, Stream};
use super::station::Station;

/// A law with its mean, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Time {
    /// Its law.
    pub law: Law,
    /// Its mean, more than zero.
    pub mean: f64,
}

impl Time {
    fn draw(self, stream: &mut Stream) -> f64 {
        self.mean * self.law.draw(stream)
    }
}

/// One visit to the station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// Seconds from coming to leaving.
    pub sojourn: f64,
    /// Seconds of work that it brought.
    pub work: f64,
}

impl Visit {
    /// Seconds beyond those of its own work.
    pub fn wait(&self) -> f64 {
        // What is all rounding is no wait.
        (self.sojourn - self.work).max(0.0)
    }
}

/// `customers` customers come to an empty station, `gap` after one another, each with `service` to
/// do. In the order of their coming; `None` for one who was refused. `seed` and `replication` name
/// the streams, "arrivals" and "service".
pub fn open(
    station: &mut Station,
    gap: Time,
    service: Time,
    customers: u32,
    (seed, replication): (u64, u64),
) -> Vec<Option<Visit>> {
    let mut gaps = Stream::new(seed, replication, "arrivals");
    let mut works = Stream::new(seed, replication, "service");
    let mut came = Vec::with_capacity(customers as usize);
    let mut visits: Vec<Option<Visit>> = Vec::with_capacity(customers as usize);
    let mut now = DoubleDouble::ZERO;
    for customer in 0..customers {
        now += gap.draw(&mut gaps);
        leave(station, now, &came, &mut visits);
        let work = service.draw(&mut works);
        let let_in = station.arrive(now, customer, work);
        came.push(now);
        visits.push(let_in.then_some(Visit { sojourn: 0.0, work }));
    }
    leave(station, DoubleDouble::NEVER, &came, &mut visits);
    debug_assert_eq!(imbalance(station, &visits), None);
    visits
}

/// Lets all go who end at `until` or before.
fn leave(
    station: &mut Station,
    until: DoubleDouble,
    came: &[DoubleDouble],
    visits: &mut [Option<Visit>],
) {
    while station.due() <= until {
        let at = station.due();
        let Some(customer) = station.end() else {
            return;
        };
        let customer = customer as usize;
        if let Some(visit) = &mut visits[customer] {
            visit.sojourn = at - came[customer];
        }
    }
}

/// What does not add up once all have left: work brought is work done, and the integral of the
/// number at the station is the sum of the sojourns (Little's law).
fn imbalance(station: &Station, visits: &[Option<Visit>]) -> Option<String> {
    let visits = || visits.iter().flatten();
    let sojourns: f64 = visits().map(|visit| visit.sojourn).sum();
    let works: f64 = visits().map(|visit| visit.work).sum();
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    let tally = station.tally();
    let adds_up = near(sojourns, tally.job_seconds) && near(works, tally.work);
    (!adds_up).then(|| format!("{sojourns} s and {works} s of work but {tally:?}"))
}

/// `users` users think for `think`, come with `service` to do, wait for it and think again; one who
/// is refused thinks again at once. Runs until the last of `visits` visits, refusals among them, in
/// the order of their ends. Streams: "think" and "service".
pub fn closed(
    station: &mut Station,
    users: u32,
    think: Time,
    service: Time,
    visits: usize,
    (seed, replication): (u64, u64),
) -> Vec<Option<Visit>> {
    let mut thoughts = Stream::new(seed, replication, "think");
    let mut works = Stream::new(seed, replication, "service");
    let mut thinking: BinaryHeap<Reverse<(DoubleDouble, u32)>> = (0..users)
        .map(|user| Reverse((DoubleDouble::ZERO + think.draw(&mut thoughts), user)))
        .collect();
    let mut at_station = vec![(DoubleDouble::ZERO, 0.0); users as usize];
    let mut done = Vec::with_capacity(visits);
    while done.len() < visits {
        let comes = thinking.peek().map_or(DoubleDouble::NEVER, |next| next.0.0);
        let ends = station.due();
        let now = comes.min(ends);
        let user = match ends <= comes {
            true => {
                let Some(user) = station.end() else { break };
                let (came, work) = at_station[user as usize];
                done.push(Some(Visit {
                    sojourn: now - came,
                    work,
                }));
                user
            }
            false => {
                let Some(Reverse((_, user))) = thinking.pop() else {
                    break;
                };
                let work = service.draw(&mut works);
                if station.arrive(now, user, work) {
                    at_station[user as usize] = (now, work);
                    continue;
                }
                done.push(None);
                user
            }
        };
        thinking.push(Reverse((now + think.draw(&mut thoughts), user)));
    }
    done
}

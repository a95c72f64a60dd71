//! What was seen, against what was simulated. It was seen on one day: it is held against the range in
//! which one simulated day lies, which does not narrow with the number of trials as the interval of
//! the mean does.

use super::loads::online_at;
use super::{Trial, Value, each};
use crate::scenario::simulated::Laid;
use crate::sim::trials::one_more;
use crate::stats::Interval;
use crate::topology::{LinkAt, Seen, Topology, Way};

/// Where an observed figure lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// In the range in which one day lies.
    Inside,
    /// Outside of it, within the tolerance that the observation states.
    Near,
    /// Farther away.
    Off,
    /// Nothing to hold it against: a later month, or hours without the busiest.
    Elsewhere,
}

/// One observation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check {
    /// Position among the topology's observations.
    pub observation: usize,
    /// What was seen: bit/s, or a number.
    pub seen: f64,
    /// The simulated value.
    pub simulated: Value,
    /// Where one day lies with a chance of 95 %; `None` of one trial.
    pub day: Option<Interval>,
    /// How the two compare.
    pub found: Found,
}

pub(super) fn checks(topology: &Topology, laid: &Laid, trials: &[Trial]) -> Vec<Check> {
    let comparable = laid.month == 0 && busiest_is_in(topology, laid);
    let observations = topology.observations.iter().enumerate();
    let checks = observations.map(|(observation, one)| {
        let lane = |link: LinkAt, class: usize| {
            let same = |own: &crate::scenario::answer::Lane| {
                (own.link, own.way, own.class) == (link, Way::Down, class)
            };
            laid.lanes.iter().position(same)
        };
        let (seen, values) = match one.seen {
            Seen::BusyDown(link, class, rate) => {
                let at = lane(link, class);
                let of = |trial: &Trial| at.map_or(0.0, |at| trial.lanes[at].busiest.0);
                (rate.0, each(trials, of))
            }
            Seen::PeakDown(link, class, rate) => {
                let at = lane(link, class);
                let of = |trial: &Trial| at.map_or(0.0, |at| trial.lanes[at].window);
                (rate.0, each(trials, of))
            }
            Seen::Sessions(node, count) => {
                let at = laid.gates.iter().position(|own| *own == node);
                let of = |trial: &Trial| {
                    let held = at.map(|at| trial.gates[at].held.iter());
                    held.into_iter()
                        .flatten()
                        .copied()
                        .max()
                        .map_or(0.0, f64::from)
                };
                (count, each(trials, of))
            }
            Seen::Online(count) => {
                let most = |trial: &Trial| {
                    let all = (0..trial.minutes()).filter_map(|minute| online_at(trial, minute));
                    all.fold(0.0, f64::max)
                };
                (count, each(trials, most))
            }
        };
        let simulated = Value::over(&values);
        let day = one_more(&values).map(|day| day.interval);
        let inside = day.is_some_and(|day| day.low <= seen && seen <= day.high);
        let near = (simulated.value - seen).abs() <= one.tolerance.0 * seen;
        Check {
            observation,
            seen,
            simulated,
            day,
            found: match (comparable, inside, near) {
                (false, ..) => Found::Elsewhere,
                (_, true, _) => Found::Inside,
                (_, _, true) => Found::Near,
                _ => Found::Off,
            },
        }
    });
    checks.collect()
}

/// Whether the hours hold that in which most users are there.
fn busiest_is_in(topology: &Topology, laid: &Laid) -> bool {
    let users = |hour: usize| -> f64 {
        let populations = topology.populations.iter();
        let online = populations.map(|population| {
            match crate::demand::crowd(topology, population, hour, laid.scale) {
                crate::topology::Crowd::Online { users, .. } => users,
                crate::topology::Crowd::Arriving { rate } => rate.0,
            }
        });
        online.sum()
    };
    let busiest = (0..24).fold(0, |best, hour| match users(hour) > users(best) {
        true => hour,
        false => best,
    });
    laid.spec.hours.contains(&busiest)
}

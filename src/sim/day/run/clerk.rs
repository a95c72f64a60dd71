//! Writes down what happens, from the first recorded hour on.

use super::users::{Stage, Users};
use crate::sim::day::record::{
    ActRecord, GateRecord, LaneRecord, MINUTE, PARTS, Record, StationRecord,
};
use crate::sim::day::spec::{Spec, lane_count};
use crate::sim::double_double::DoubleDouble;
use crate::sim::network::{Meter, Network};
use crate::sim::pool::Tally;
use crate::sim::station::Station;

/// The record in the making.
#[derive(Debug, Clone)]
pub(super) struct Clerk {
    pub(super) record: Record,
    /// When recording begins, seconds of the trial, and how many minutes there are.
    begin: f64,
    minutes: usize,
    /// Lanes that anything passes.
    lanes: Vec<usize>,
    /// By lane: its meter a second ago, and seconds held a minute ago.
    meters: Vec<Meter>,
    held: Vec<f64>,
    /// By station: its tally and seconds full a minute ago.
    tallies: Vec<(Tally, f64)>,
    /// The last second that was counted, as seconds since recording began.
    last: Option<u64>,
}

impl Clerk {
    pub(super) fn new(spec: &Spec) -> Clerk {
        let minutes = spec.hours.len() * 60;
        let lane_count = lane_count(&spec.lines);
        let passed = spec.paths.iter().flat_map(|path| &path.lanes);
        let mut lanes: Vec<usize> = passed.copied().collect();
        lanes.extend(spec.sources.iter().map(|source| source.lane));
        lanes.sort_unstable();
        lanes.dedup();
        let act = ActRecord {
            minutes: vec![(0, 0.0); minutes],
            ..ActRecord::default()
        };
        let gate = GateRecord {
            held: Vec::with_capacity(minutes),
            attempts: vec![0; minutes],
            refused: vec![0; minutes],
            dropped: vec![0; minutes],
        };
        let from = spec.hours.start as f64 * super::HOUR;
        Clerk {
            record: Record {
                from,
                until: from,
                acts: vec![act; spec.labels],
                lanes: vec![LaneRecord::default(); lane_count],
                stations: vec![StationRecord::default(); spec.stations.len()],
                gates: vec![gate; spec.gates.len()],
                drops: vec![vec![0; minutes]; spec.bursts.len()],
                online: vec![Vec::with_capacity(minutes); spec.groups.len()],
                events: 0,
            },
            begin: spec.warm_up,
            minutes,
            lanes,
            meters: vec![Meter::default(); lane_count],
            held: vec![0.0; lane_count],
            tallies: vec![(Tally::default(), 0.0); spec.stations.len()],
            last: None,
        }
    }

    /// The minute of moment `at`, if it is recorded.
    fn minute(&self, at: f64) -> Option<usize> {
        let minute = (at - self.begin) / MINUTE;
        (minute >= 0.0 && minute < self.minutes as f64).then_some(minute as usize)
    }

    /// An act of `label` ends at `at` after `took` seconds.
    pub(super) fn act(&mut self, label: usize, at: f64, took: f64, parts: &[f64; PARTS]) {
        let minute = self.minute(at);
        let record = &mut self.record.acts[label];
        match minute {
            Some(minute) => {
                record.times.push(took, *parts);
                let (count, sum) = &mut record.minutes[minute];
                (*count, *sum) = (*count + 1, *sum + took);
            }
            None if at > self.begin => record.unfinished += 1,
            None => {}
        }
    }

    /// An act of `label` is broken off at `at`.
    pub(super) fn broken(&mut self, label: usize, at: f64) {
        if self.minute(at).is_some() {
            self.record.acts[label].broken += 1;
        }
    }

    /// Somebody asks for a session at `at`; whether it is refused.
    pub(super) fn attempt(&mut self, gate: usize, at: f64, refused: bool) {
        if let Some(minute) = self.minute(at) {
            let gate = &mut self.record.gates[gate];
            gate.attempts[minute] += 1;
            gate.refused[minute] += u32::from(refused);
        }
    }

    /// A session is dropped at `at` by `burst`; `None`: by losses one by one.
    pub(super) fn dropped(&mut self, gate: usize, burst: Option<usize>, at: f64) {
        if let Some(minute) = self.minute(at) {
            self.record.gates[gate].dropped[minute] += 1;
            if let Some(burst) = burst {
                self.record.drops[burst][minute] += 1;
            }
        }
    }

    /// A second is over: looks at everything that is counted by time.
    pub(super) fn second(
        &mut self,
        now: DoubleDouble,
        network: &mut Network,
        stations: &mut [Station],
        users: &Users,
        held: &[usize],
    ) {
        let first = self.last.is_none();
        let second = self.last.map_or(0, |last| last + 1);
        self.last = Some(second);
        let minute = second > 0 && second.is_multiple_of(60);
        for &lane in &self.lanes {
            let meter = network.meter(now, lane);
            let before = std::mem::replace(&mut self.meters[lane], meter);
            let record = &mut self.record.lanes[lane];
            if first {
                self.held[lane] = meter.held;
                continue;
            }
            record.seconds.push((meter.carried - before.carried) as f32);
            record.lost += meter.lost - before.lost;
            if minute {
                let held = std::mem::replace(&mut self.held[lane], meter.held);
                record.full.push((meter.held - held) as f32);
            }
        }
        if first || minute {
            for (at, station) in stations.iter_mut().enumerate() {
                let tally = (station.tally_at(now), station.full());
                let before = std::mem::replace(&mut self.tallies[at], tally);
                if minute {
                    self.record.stations[at].add(tally, before);
                }
            }
        }
        if minute {
            for (record, held) in self.record.gates.iter_mut().zip(held) {
                record.held.push(*held as u32);
            }
            for (group, online) in self.record.online.iter_mut().enumerate() {
                online.push(users.online(group) as u32);
            }
        }
        self.record.until = self.record.from + second as f64;
    }

    /// The day is over: who is still at it has not finished.
    pub(super) fn close(mut self, spec: &Spec, users: &Users) -> Record {
        for user in users.there() {
            if matches!(user.stage, Stage::Transfer(_) | Stage::Work(_)) {
                let act = &spec.groups[user.group as usize].acts[user.act as usize];
                self.record.acts[act.label].unfinished += 1;
            }
        }
        self.record
    }
}

impl StationRecord {
    /// A minute between two tallies.
    fn add(&mut self, (now, full): (Tally, f64), (before, full_before): (Tally, f64)) {
        let work = now.work - before.work;
        self.work.push(work as f32);
        let waiting = now.job_seconds - before.job_seconds - work;
        self.waiting.push(waiting.max(0.0) as f32);
        self.full.push((full - full_before) as f32);
    }
}

//! Transactions, populations, units, traffic and backups as tables.

use super::{Page, View};
use crate::lang::words::Word;
use crate::report::table::{NOTHING, Table};
use crate::topology::{Crowd, TrafficRate, Way};
use crate::units::{Ratio, trimmed};

/// Units above this number are summed unless all are asked for.
const MANY_UNITS: usize = 12;

pub(super) fn sections(page: &mut Page<'_>, all_units: bool) {
    let view = page.view;
    page.section(Word::Profile, &profiles(view));
    page.section(Word::Transaction, &transactions(view));
    page.section(Word::Population, &populations(view));
    let title = view.lang.pick("业务构成与路径", "mix and journeys");
    page.titled(title, &mix(view));
    let count = view.topology.units.len();
    let title = format!("{} ({count})", view.word(Word::Unit));
    if all_units || count <= MANY_UNITS {
        page.titled(&title, &units(view));
    } else {
        page.titled(&title, &unit_sums(view));
        page.line(
            view.lang
                .pick("  逐个列出：--units", "  to list them one by one: --units"),
        );
    }
    page.section(Word::Traffic, &traffic(view));
    page.section(Word::Backup, &backups(view));
}

/// A day as 24 bars, one an hour, each in eighths of the peak; what is not nothing shows.
fn bars(hours: &[f64; 24]) -> String {
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bar = |part: &f64| {
        let least = if *part > 0.0 { 1.0 } else { 0.0 };
        let eighths = (part * 8.0).round().clamp(least, 8.0) as usize;
        BARS.get(eighths).copied().unwrap_or(' ')
    };
    hours.iter().map(bar).collect()
}

fn profiles(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .left("00    06    12    18    ")
        .left(view.word(Word::Busiest));
    for profile in &view.topology.profiles {
        let hour = profile.busiest();
        table.row([
            profile.id.clone(),
            profile.name.get(view.lang).to_string(),
            view.marks
                .cell(&["profile", &profile.id], &["hours"], bars(&profile.hours)),
            format!("{hour:02}:00-{:02}:00", hour + 1),
        ]);
    }
    table
}

fn transactions(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .right(view.word(Word::Handshakes))
        .right(view.word(Word::Exchanges))
        .right(view.way(Word::Bytes, Way::Up))
        .right(view.way(Word::Bytes, Way::Down))
        .right(view.word(Word::Spread))
        .left(view.word(Word::SideLoops))
        .right(view.word(Word::LoopBytes))
        .left(view.word(Word::Work))
        .right(view.word(Word::WorkSpread))
        .right(view.word(Word::Client));
    for transaction in &view.topology.transactions {
        let record = ["transaction", &transaction.id];
        let marks = view.marks;
        let loops: Vec<_> = transaction.loops.iter().map(ToString::to_string).collect();
        let work = transaction.work.iter().map(|(node, time)| {
            let shown = format!("{} {time}", view.full(*node));
            marks.cell(&record, &["work"], shown)
        });
        table.row([
            transaction.id.clone(),
            transaction.name.get(view.lang).to_string(),
            marks.cell(&record, &["handshakes"], transaction.handshakes),
            marks.cell(&record, &["exchanges"], transaction.exchanges),
            marks.cell(&record, &["up"], transaction.bytes[0]),
            marks.cell(&record, &["down"], transaction.bytes[1]),
            marks.cell(&record, &["spread"], Ratio(transaction.spread)),
            loops.join(", "),
            match transaction.loops.is_empty() {
                true => String::new(),
                false => marks.cell(&record, &["loop-bytes"], transaction.loop_bytes),
            },
            work.collect::<Vec<_>>().join("\n"),
            match transaction.work.is_empty() {
                true => String::new(),
                false => marks.cell(&record, &["work-spread"], Ratio(transaction.work_spread)),
            },
            marks.cell(&record, &["client"], transaction.client),
        ]);
    }
    table
}

fn populations(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .right(view.word(Word::Online))
        .right(view.word(Word::Arrivals))
        .right(view.word(Word::Accounts))
        .left(view.word(Word::Profile))
        .right(view.word(Word::Think))
        .right(view.word(Word::Session))
        .left(view.word(Word::Class))
        .right(view.word(Word::Access))
        .right(view.word(Word::AccessDelay))
        .right(view.word(Word::Window))
        .right(view.word(Word::Client));
    for population in &view.topology.populations {
        let record = ["population", &population.id];
        let marks = view.marks;
        let (online, arrivals, think) = match population.crowd {
            Crowd::Online { users, think } => (Some(users), None, Some(think)),
            Crowd::Arriving { rate } => (None, Some(rate), None),
        };
        table.row([
            population.id.clone(),
            population.name.get(view.lang).to_string(),
            marks.maybe(&record, "online", online),
            marks.maybe(&record, "arrivals", arrivals),
            marks.maybe(&record, "accounts", population.accounts),
            view.topology[population.profile].id.clone(),
            marks.maybe(&record, "think", think),
            marks.maybe(&record, "session", population.session),
            population.class.clone(),
            marks.cell(&record, &["access"], population.access),
            marks.cell(&record, &["access-delay"], population.access_delay),
            marks.maybe(&record, "window", population.window),
            marks.cell(&record, &["client"], Ratio(population.client)),
        ]);
    }
    table
}

/// Populations against the transactions that they do and the journeys that they take.
fn mix(view: &View<'_>) -> Table {
    let topology = view.topology;
    let mut table = Table::new().left(view.word(Word::Population));
    for transaction in &topology.transactions {
        table = table.right(transaction.name.get(view.lang));
    }
    table = table.left(view.word(Word::Journey));
    for population in &topology.populations {
        let record = ["population", &population.id];
        let marks = view.marks;
        let parts = topology.transactions.iter().enumerate().map(|(at, _)| {
            let part = population.mix.iter().find(|(own, _)| own.0 == at);
            part.map_or(NOTHING.to_string(), |(_, part)| {
                marks.cell(&record, &["mix"], Ratio(*part))
            })
        });
        let journeys = population.journeys.iter().map(|(at, part)| {
            let shown = format!("{} {}", topology[*at].id, Ratio(*part));
            marks.cell(&record, &["journeys"], shown)
        });
        let journeys = journeys.collect::<Vec<_>>().join(", ");
        let name = population.name.get(view.lang).to_string();
        table.row([name].into_iter().chain(parts).chain([journeys]));
    }
    table
}

/// `part` of `whole` as a percentage; a whole of nothing has no parts.
fn share(part: f64, whole: f64) -> String {
    match whole > 0.0 {
        true => Ratio(part / whole).to_string(),
        false => NOTHING.to_string(),
    }
}

fn names(view: &View<'_>, unit: &crate::topology::Unit) -> String {
    let names = unit.populations.iter();
    let names: Vec<_> = names
        .map(|at| view.topology[*at].name.get(view.lang))
        .collect();
    names.join(", ")
}

fn units(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Unit))
        .right(view.word(Word::Weight))
        .right(view.word(Word::Share))
        .left(view.word(Word::Population));
    let whole: f64 = view.topology.units.iter().map(|unit| unit.weight).sum();
    for unit in &view.topology.units {
        let weight = trimmed(unit.weight, 3);
        table.row([
            unit.id.clone(),
            view.marks.cell(&["unit", &unit.id], &["weight"], weight),
            share(unit.weight, whole),
            names(view, unit),
        ]);
    }
    table
}

/// Units summed by the populations that their users belong to.
fn unit_sums(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Population))
        .right(view.word(Word::Unit))
        .right(view.word(Word::Weight))
        .right(view.word(Word::Share));
    let units = &view.topology.units;
    let whole: f64 = units.iter().map(|unit| unit.weight).sum();
    let mut groups: Vec<(&[_], usize, f64)> = Vec::new();
    for unit in units {
        match groups.iter_mut().find(|(key, ..)| *key == unit.populations) {
            Some((_, count, weight)) => {
                *count += 1;
                *weight += unit.weight;
            }
            None => groups.push((&unit.populations, 1, unit.weight)),
        }
    }
    for (populations, count, weight) in groups {
        let names = populations
            .iter()
            .map(|at| view.topology[*at].name.get(view.lang));
        table.row([
            names.collect::<Vec<_>>().join(", "),
            count.to_string(),
            trimmed(weight, 3),
            share(weight, whole),
        ]);
    }
    let all = view.lang.pick("合计", "all");
    table.row([
        all.to_string(),
        units.len().to_string(),
        trimmed(whole, 3),
        share(whole, whole),
    ]);
    table
}

fn link_ids(view: &View<'_>, links: &[crate::topology::LinkAt]) -> String {
    let ids: Vec<_> = links.iter().map(|at| view.link_id(*at)).collect();
    ids.join(", ")
}

fn traffic(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .left(view.word(Word::Link))
        .left(view.word(Word::Class))
        .right(view.word(Word::Up))
        .right(view.word(Word::Down))
        .left(view.word(Word::Profile))
        .left(view.lang.pick("随账号增长", "grows"));
    for traffic in &view.topology.traffic {
        let TrafficRate::Shaped { peak, profile } = traffic.rate else {
            continue;
        };
        let record = ["traffic", &traffic.id];
        table.row([
            traffic.id.clone(),
            traffic.name.get(view.lang).to_string(),
            link_ids(view, &traffic.links),
            traffic.class.clone(),
            view.marks.cell(&record, &["up"], peak[0]),
            view.marks.cell(&record, &["down"], peak[1]),
            view.topology[profile].id.clone(),
            View::tick(traffic.grows).to_string(),
        ]);
    }
    table
}

fn backups(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .left(view.word(Word::Link))
        .left(view.word(Word::Class))
        .right(view.word(Word::Volume))
        .left(view.lang.pick("备份时段", "window"))
        .left(view.word(Word::Way))
        .right(view.word(Word::KeepDays));
    for traffic in &view.topology.traffic {
        let TrafficRate::Volume {
            volume,
            window,
            way,
        } = traffic.rate
        else {
            continue;
        };
        let record = ["traffic", &traffic.id];
        table.row([
            traffic.id.clone(),
            traffic.name.get(view.lang).to_string(),
            link_ids(view, &traffic.links),
            traffic.class.clone(),
            view.marks.cell(&record, &["volume"], volume),
            view.marks.cell(&record, &["window"], window),
            view.word(way.word()).to_string(),
            view.marks.maybe(&record, "keep-days", traffic.keep_days),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_drawn_in_eighths_of_the_peak() {
        let mut hours = [0.0; 24];
        hours[0] = 1.0;
        hours[1] = 0.5;
        hours[2] = 0.05;
        assert_eq!(bars(&hours).chars().take(4).collect::<String>(), "█▄▁ ");
        assert_eq!(bars(&hours).chars().count(), 24);
    }
}

//! Events of pain: from, to, whom, why.

use super::super::super::table::Table;
use crate::lang::words::Word;
use crate::lang::{Lang, Text};
use crate::scenario::simulated::Shown;
use crate::scenario::simulated::outcome::Pain;
use crate::scenario::simulated::words::{clock, level, number, obstacle, value};
use crate::text;
use crate::topology::PopulationAt;

/// Events that a person is shown; all of them stand in the data.
pub(super) const SHOWN: usize = 12;

/// The events in which users lost most, in the order of time.
fn chosen(events: &[Pain]) -> Vec<&Pain> {
    let mut worst: Vec<&Pain> = events.iter().collect();
    worst.sort_by(|a, b| b.lost().total_cmp(&a.lost()));
    worst.truncate(SHOWN);
    worst.sort_by(|a, b| a.from.total_cmp(&b.from));
    worst
}

pub(super) fn events(shown: &Shown<'_>, lang: Lang) -> Table {
    let topology = shown.topology();
    let mut table = Table::new()
        .left(lang.pick("起止", "when"))
        .left(lang.pick("受阻处", "where"))
        .left(lang.pick("程度", "how bad"))
        .left(lang.pick("影响谁", "whom"))
        .left(Word::Owner.get(lang));
    for pain in chosen(&shown.simulated.outcome.pains.events) {
        table.row([
            format!("{}-{}", clock(pain.from), clock(pain.until)),
            obstacle(topology, pain.obstacle).get(lang).to_string(),
            level(&pain.level, pain.minutes).get(lang).to_string(),
            whom(shown, pain).get(lang).to_string(),
            topology[pain.owner].name.get(lang).to_string(),
        ]);
    }
    table
}

/// Populations that an event hit: how many acts of theirs, and how much longer each took.
pub(super) fn by_population(shown: &Shown<'_>, pain: &Pain) -> Vec<(PopulationAt, u64, f64)> {
    let mut all: Vec<(PopulationAt, u64, f64)> = Vec::new();
    for hit in &pain.hit {
        let (population, _) = shown.simulated.laid.labels[hit.label];
        match all.iter_mut().find(|(own, ..)| *own == population) {
            Some((_, acts, lost)) => {
                *acts += hit.acts;
                *lost += hit.lost();
            }
            None => all.push((population, hit.acts, hit.lost())),
        }
    }
    all
}

fn whom(shown: &Shown<'_>, pain: &Pain) -> Text {
    let populations = by_population(shown, pain);
    let said: Vec<Text> = populations
        .iter()
        .map(|(population, acts, lost)| {
            let name = &shown.topology()[*population].name;
            let (zh, en) = (&name.zh, &name.en);
            let each = number(2)(lost / (*acts).max(1) as f64);
            let each = match each.starts_with('-') {
                true => each,
                false => format!("+{each}"),
            };
            text!(
                "{zh}：{acts} 次，各 {each} 秒",
                "{en}: {acts} acts, {each} s each"
            )
        })
        .collect();
    Text::join(&said, "；", "; ")
}

pub(super) fn minutes(shown: &Shown<'_>, lang: Lang) -> Table {
    let pains = &shown.simulated.outcome.pains;
    let mut table = Table::new()
        .left(lang.pick("受阻处", "where"))
        .right(lang.pick("分/天", "min/d"));
    if pains.by_obstacle.is_empty() && pains.cut_off.value == 0.0 {
        return table;
    }
    if pains.cut_off.value > 0.0 {
        let name = Text::new("断网用户", "users cut off");
        table.row([
            name.get(lang).to_string(),
            value(&pains.cut_off, &number(1)),
        ]);
    }
    for (at, minutes) in &pains.by_obstacle {
        let name = obstacle(shown.topology(), *at);
        table.row([name.get(lang).to_string(), value(minutes, &number(1))]);
    }
    let any = Text::new("任意一处", "any of them");
    table.row([any.get(lang).to_string(), value(&pains.minutes, &number(1))]);
    table
}

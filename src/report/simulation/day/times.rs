//! How long everything took, and what it consists of.

use super::super::super::table::{NOTHING, Table};
use crate::lang::Lang;
use crate::lang::words::Word;
use crate::scenario::simulated::Shown;
use crate::scenario::simulated::outcome::{ActOutcome, QUANTILES};
use crate::scenario::simulated::words::{act, number, part, unless_zero, value, with_half};
use crate::sim::day::record::Part;
use crate::units::trimmed;

pub(super) fn times(shown: &Shown<'_>, lang: Lang) -> Table {
    let mut table = Table::new()
        .left(Word::Transaction.get(lang))
        .right(lang.pick("次数", "acts"))
        .right(lang.pick("平均", "mean"));
    for p in QUANTILES {
        table = table.right(format!("p{}", trimmed(p * 100.0, 1)));
    }
    table = table
        .right(lang.pick("独占时", "alone"))
        .right(lang.pick("未完成", "unfinished"))
        .right(lang.pick("中断", "broken off"));
    let seconds = number(2);
    let count = number(0);
    for own in &shown.simulated.outcome.acts {
        let mut cells = vec![
            act(shown.topology(), own.population, own.transaction)
                .get(lang)
                .to_string(),
            count(own.count.value),
            own.mean
                .map_or(NOTHING.to_string(), |mean| value(&mean, &seconds)),
        ];
        cells.extend(own.quantiles.iter().map(|quantile| match quantile {
            Some(own) => with_half(own.value, Some(own.interval), &seconds),
            None => NOTHING.to_string(),
        }));
        cells.extend([
            seconds(own.alone),
            unless_zero(&own.unfinished, &number(1)),
            unless_zero(&own.broken, &number(1)),
        ]);
        table.row(cells);
    }
    table
}

pub(super) fn budgets(shown: &Shown<'_>, lang: Lang) -> Table {
    let mut table = Table::new()
        .left(Word::Transaction.get(lang))
        .left(lang.pick("处", "at"))
        .right(lang.pick("合计", "whole"));
    for own in Part::ALL {
        table = table.right(part(own).get(lang));
    }
    for own in &shown.simulated.outcome.acts {
        let name = act(shown.topology(), own.population, own.transaction);
        for (at, budget) in stages(own, lang) {
            let seconds = number(2);
            let mut cells = vec![
                name.get(lang).to_string(),
                at.to_string(),
                seconds(budget.iter().sum()),
            ];
            // What prints as nothing is nothing to look at.
            cells.extend(budget.iter().map(|own| match seconds(*own).as_str() {
                "0" => String::new(),
                text => text.to_string(),
            }));
            table.row(cells);
        }
    }
    table
}

/// Mean and 95th percentile.
fn stages(own: &ActOutcome, lang: Lang) -> Vec<(&'static str, [f64; Part::ALL.len()])> {
    let [mean, _, p95, _] = own.budgets;
    let named = [(lang.pick("平均", "mean"), mean), ("p95", p95)];
    let known = named.into_iter();
    known
        .filter_map(|(at, budget)| Some((at, budget?)))
        .collect()
}

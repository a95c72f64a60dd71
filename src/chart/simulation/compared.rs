//! Simulated days of several scenarios, side by side.

use super::super::{ChartSpec, Form, Plot, RowSeries, RowValue, Rows};
use super::{axis, caption};
use crate::lang::Lang;
use crate::scenario::simulated::Shown;
use crate::scenario::simulated::compared::{Counts, Row};
use crate::scenario::simulated::words::{number, with_half};
use crate::text;

/// Mean and 95th percentile of the transactions that decide, scenario by scenario; `None` where there
/// are none.
pub fn compared(scenarios: &[Shown<'_>], rows: &[Row], lang: Lang) -> Option<ChartSpec> {
    let mut names = Vec::new();
    let mut values: Vec<Vec<Option<RowValue>>> = vec![Vec::new(); scenarios.len()];
    for row in rows {
        let Some(act) = row.key.strip_suffix(".mean") else {
            continue;
        };
        let p95 = rows
            .iter()
            .find(|own| own.key.strip_suffix(".p95") == Some(act));
        names.push(row.act.get(lang).to_string());
        for (at, values) in values.iter_mut().enumerate() {
            let upper = p95
                .and_then(|row| row.cells[at])
                .map(|own| own.simulated.value);
            values.push(row.cells[at].map(|own| RowValue {
                value: own.simulated.value,
                upper,
            }));
        }
    }
    let first = scenarios.first().filter(|_| !names.is_empty())?;
    let minutes = rows.iter().find(|row| row.counts == Counts::Minutes)?;
    let pain = scenarios
        .iter()
        .zip(&minutes.cells)
        .filter_map(|(shown, own)| {
            let own = own.as_ref()?;
            let minutes = with_half(own.simulated.value, own.simulated.within, &number(1));
            Some(format!("{} {minutes}", shown.loaded.scenario.id))
        });
    let pain = pain.collect::<Vec<_>>().join(lang.pick("、", ", "));
    let title = text!(
        "每天受影响的分钟数：{pain}",
        "Minutes of pain a day: {pain}"
    );
    let outcome = &first.simulated.outcome;
    let (from, to) = (outcome.hours.start, outcome.hours.end);
    let subtitle = text!(
        "工作日 {from}:00 至 {to}:00，各方案随机数相同；点为平均，须端为 p95",
        "A working day, {from}:00 to {to}:00, the same random numbers for all; dot: mean, whisker: p95"
    );
    let series = scenarios.iter().zip(values).enumerate();
    let series = series.map(|(hue, (shown, values))| RowSeries {
        name: shown.loaded.scenario.name.get(lang).to_string(),
        hue,
        values,
    });
    Some(ChartSpec::new(
        lang,
        caption(first, title, subtitle, lang),
        Plot::Rows(Rows {
            value: axis(lang, "耗时", "time", "s"),
            form: Form::Dots,
            rows: names,
            series: series.collect(),
            upper: "p95".to_string(),
            thresholds: Vec::new(),
        }),
    ))
}

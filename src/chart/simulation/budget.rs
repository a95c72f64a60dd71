//! What times consist of.

use super::super::{ChartSpec, Columns, Part, Plot};
use super::{axis, caption, period};
use crate::lang::{Lang, Text};
use crate::scenario::simulated::Shown;
use crate::scenario::simulated::outcome::ActOutcome;
use crate::scenario::simulated::words::{self, number, with_half};
use crate::sim::day::record;
use crate::text;
use crate::topology::PopulationAt;
use crate::units::trimmed;

/// What the times of a population's transactions consist of, at the median and the 95th percentile;
/// `None` where no time is known with an interval.
pub(super) fn budget(shown: &Shown<'_>, population: PopulationAt, lang: Lang) -> Option<ChartSpec> {
    let topology = &shown.loaded.loaded.topology;
    let acts = shown.simulated.outcome.acts.iter();
    let acts: Vec<&ActOutcome> = acts.filter(|own| own.population == population).collect();
    let mut categories = Vec::new();
    let mut budgets = Vec::new();
    for own in &acts {
        let name = topology[own.transaction].name.get(lang);
        if let [_, Some(median), Some(p95), _] = own.budgets {
            categories.extend([name.to_string(), String::new()]);
            budgets.extend([median, p95]);
        }
    }
    // Handshakes are round trips too; there are as many hues as parts then.
    let joined = |budget: &[f64; record::PARTS]| {
        let [handshakes, trips, rest @ ..] = *budget;
        let mut parts = vec![handshakes + trips];
        parts.extend(rest);
        parts
    };
    let budgets: Vec<Vec<f64>> = budgets.iter().map(joined).collect();
    let parts = record::Part::ALL.into_iter().skip(1).enumerate();
    let parts = parts.map(|(at, part)| Part {
        name: words::part(part).get(lang).to_string(),
        hue: at,
        values: budgets
            .iter()
            .map(|budget| budget.get(at).copied())
            .collect(),
    });
    // A part that is nowhere a hundredth of a second would only fill the legend.
    let seen = |part: &Part| part.values.iter().flatten().any(|value| *value >= 0.01);
    let parts: Vec<Part> = parts.filter(seen).collect();
    let slowest = acts
        .iter()
        .filter_map(|own| Some((own, own.quantiles[1]?)))
        .max_by(|a, b| a.1.value.total_cmp(&b.1.value));
    let (slow, p95) = slowest?;
    let most = slow.budgets[2]?;
    let (largest, seconds) =
        record::Part::ALL
            .into_iter()
            .zip(most)
            .fold((record::Part::Client, 0.0), |best, own| {
                if own.1 > best.1 { own } else { best }
            });
    let (who, what) = (&topology[population].name, &topology[slow.transaction].name);
    let largest = words::part(largest);
    let whole = with_half(p95.value, Some(p95.interval), &number(1));
    let share = trimmed(seconds / p95.value * 100.0, 0);
    let (who_zh, what_zh, part_zh) = (&who.zh, &what.zh, &largest.zh);
    let (who_en, what_en, part_en) = (&who.en, &what.en, &largest.en);
    let title = text!(
        "{who_zh}：{what_zh} p95 {whole} 秒，其中{part_zh}占 {share} %",
        "{who_en}: {what_en}, p95 {whole} s, {share} % of it {part_en}"
    );
    let period = period(shown);
    let subtitle = Text::new(
        format!("{}；每对左为 p50、右为 p95", period.zh),
        format!("{}; pairs: p50, p95", period.en),
    );
    Some(ChartSpec::new(
        lang,
        caption(shown, title, subtitle, lang),
        Plot::Columns(Columns {
            x: axis(lang, "业务", "transaction", ""),
            categories,
            y: axis(lang, "耗时", "time", "s"),
            parts,
            capacity: None,
            thresholds: Vec::new(),
        }),
    ))
}

//! How many users there are, month by month.

use super::super::{ChartSpec, Lines, Plot, Series, Style, Threshold};
use super::{across, axis, caption, month};
use crate::lang::Lang;
use crate::scenario::answer::Day;
use crate::scenario::compare::{Answered, Comparison};
use crate::scenario::growth::Law;
use crate::text;
use crate::units::trimmed;

/// Accounts over the months, with the saturation that they approach.
pub(super) fn users(comparison: &Comparison, lang: Lang) -> Option<ChartSpec> {
    let grows = |one: &&Answered| one.answer.days.iter().any(|day| day.accounts.is_some());
    let one = comparison.scenarios.iter().find(grows)?;
    let days = &one.answer.days;
    let points = days
        .iter()
        .map(|day| (f64::from(day.month), day.accounts))
        .collect();
    let (start, end) = (days.first()?, days.last()?);
    let number = |value: Option<f64>| trimmed(value.unwrap_or(0.0), 0);
    let (from, to) = (number(start.accounts), number(end.accounts));
    let online = |day: &Day| trimmed(day.hours[day.busiest].online, 0);
    let (few, many) = (online(start), online(end));
    // The month in which growth is over, or the last one shown.
    let most = end.accounts.unwrap_or(0.0);
    let full = days
        .iter()
        .find(|day| day.accounts.is_some_and(|now| now >= most * (1.0 - 1e-9)));
    let last = month(full.unwrap_or(end), lang);
    let devices = trimmed(end.scale.devices, 2);
    let saturation = saturation(one);
    ChartSpec::new(
        lang,
        caption(
            one,
            text!(
                "账号由 {from} 增至 {last} 的 {to}",
                "Accounts grow from {from} to {to} in {last}"
            ),
            text!(
                "同期每人终端数变为 {devices} 倍，忙时在线由 {few} 增至 {many}",
                "devices of one person grow {devices}-fold, users online in the busy hour from {few} to {many}"
            ),
            lang,
        ),
        Plot::Lines(Lines {
            x: axis(lang, "月份", "month", ""),
            across: across(one),
            y: axis(lang, "账号", "accounts", lang.pick("个", "")),
            series: vec![Series {
                name: lang.pick("账号", "accounts").to_string(),
                hue: 0,
                style: Style::Strong,
                points,
            }],
            thresholds: saturation
                .map(|value| Threshold {
                    value,
                    label: format!("{} {}", lang.pick("饱和", "saturation"), trimmed(value, 0)),
                })
                .into_iter()
                .collect(),
            markers: Vec::new(),
            bands: Vec::new(),
        }),
    )
    .into()
}

fn saturation(one: &Answered) -> Option<f64> {
    match &one.loaded.scenario.growth.accounts {
        Law::Curve { saturation, .. } if saturation.is_finite() => Some(*saturation),
        _ => None,
    }
}

//! Charts to test and to look at. The numbers are made up, near those of a city office platform.

use super::super::*;
use crate::lang::Lang;
use crate::units::YearMonth;

fn caption(lang: Lang, title: (&str, &str), subtitle: (&str, &str)) -> Caption {
    let pick = |pair: (&str, &str)| lang.pick(pair.0, pair.1).to_string();
    Caption {
        title: pick(title),
        subtitle: pick(subtitle),
        source: pick((
            "来源：示例数据，hopcast 0.1.0，解析模型；时区 UTC+8。增长：线性，至 80,000 用户。",
            "Source: sample data, hopcast 0.1.0, analytic model; time zone UTC+8. Growth: linear, to 80,000 users.",
        )),
        marks: vec![
            pick(("仿真", "Simulated")),
            pick(("含假设", "Has assumptions")),
        ],
        alt: pick(title),
    }
}

fn axis(lang: Lang, title: (&str, &str), unit: &str) -> Axis {
    Axis {
        title: lang.pick(title.0, title.1).to_string(),
        unit: unit.to_string(),
    }
}

fn names(lang: Lang) -> [&'static str; 4] {
    [
        lang.pick("现状 250/300M", "Today 250/300M"),
        lang.pick("保障 500M", "500M guarantee"),
        lang.pick("保障 750M / 线路 1000M", "750M of 1,000M"),
        lang.pick("三家运营商 3×1000M", "Three carriers 3×1,000M"),
    ]
}

fn threshold(lang: Lang, value: f64, label: (&str, &str)) -> Threshold {
    Threshold {
        value,
        label: lang.pick(label.0, label.1).to_string(),
    }
}

/// Demand over 36 months against two lines, with a band, a gap and two markers.
pub(crate) fn growth(lang: Lang) -> ChartSpec {
    let demand = |month: u32, slope: f64| 223.0 + slope * f64::from(month);
    let line = |slope: f64, hue, style, name: (&str, &str)| Series {
        name: lang.pick(name.0, name.1).to_string(),
        hue,
        style,
        points: (0..=36)
            .map(|month| {
                let gap = hue == 1 && (10..13).contains(&month);
                (f64::from(month), (!gap).then(|| demand(month, slope)))
            })
            .collect(),
    };
    let marker = |x: f64, y, hue, label: (&str, &str)| Marker {
        x,
        y: Some(y),
        label: lang.pick(label.0, label.1).to_string(),
        hue: Some(hue),
    };
    let plot = Lines {
        x: Axis::default(),
        across: Across::Months {
            from: YearMonth::new(2021, 12).unwrap(),
        },
        y: axis(lang, ("忙时需求", "Busy-hour demand"), "Mbit/s"),
        series: vec![
            line(8.6, 0, Style::Strong, ("线性增长", "Linear growth")),
            line(12.0, 1, Style::Plain, ("终端加倍", "Devices double")),
            line(3.1, 2, Style::Plain, ("低增长", "Low growth")),
        ],
        thresholds: vec![
            threshold(lang, 250.0, ("保障 250 Mbit/s", "Guarantee 250 Mbit/s")),
            threshold(lang, 300.0, ("上限 300 Mbit/s", "Ceiling 300 Mbit/s")),
            threshold(lang, 500.0, ("线路 500 Mbit/s", "Line 500 Mbit/s")),
        ],
        markers: vec![
            marker(
                6.4,
                300.0,
                1,
                ("2022-06 终端加倍越过上限", "2022-06 over the ceiling"),
            ),
            marker(
                9.0,
                300.4,
                0,
                ("2022-09 线性增长越过上限", "2022-09 over the ceiling"),
            ),
        ],
        bands: vec![Band {
            label: lang
                .pick("线性增长 5%–95% 区间", "Linear growth, 5 % to 95 %")
                .to_string(),
            hue: 0,
            points: (0..=36)
                .map(|month| {
                    let middle = demand(month, 8.6);
                    (
                        f64::from(month),
                        middle - 1.5 * f64::from(month),
                        middle + 2.5 * f64::from(month),
                    )
                })
                .collect(),
        }],
    };
    let title = (
        "300 Mbit/s 上限只够用到 2022 年 9 月",
        "The 300 Mbit/s ceiling lasts until September 2022",
    );
    let subtitle = (
        "信息中心 VPN 接入线路，OA 类忙时需求，2021-12 至 2024-12",
        "VPN access line of the information centre, busy-hour demand of the office class, 2021-12 to 2024-12",
    );
    ChartSpec::new(lang, caption(lang, title, subtitle), Plot::Lines(plot))
}

/// Many lines over a day: too many to name at their ends.
pub(crate) fn day(lang: Lang) -> ChartSpec {
    let units = [
        "端州区",
        "鼎湖区",
        "高要区",
        "四会市",
        "广宁县",
        "德庆县",
        "封开县",
    ];
    let series = units.iter().enumerate().map(|(hue, zh)| Series {
        name: lang.pick(zh, &format!("County {}", hue + 1)).to_string(),
        hue,
        style: if hue == 6 { Style::Faint } else { Style::Plain },
        points: (0..=24)
            .map(|hour| {
                let morning = (-(f64::from(hour) - 10.0).powi(2) / 6.0).exp();
                let afternoon = (-(f64::from(hour) - 16.0).powi(2) / 5.0).exp();
                let level = 20.0 + 9.0 * hue as f64;
                (
                    f64::from(hour),
                    Some(level * (0.1 + morning + 0.9 * afternoon)),
                )
            })
            .collect(),
    });
    let plot = Lines {
        x: axis(lang, ("时刻", "Time of day"), ""),
        across: Across::Hours,
        y: axis(lang, ("流量", "Traffic"), "Mbit/s"),
        series: series.collect(),
        thresholds: vec![threshold(lang, 60.0, ("目标 60", "Objective 60"))],
        markers: Vec::new(),
        bands: Vec::new(),
    };
    let title = ("两个忙时：10 时与 16 时", "Two busy hours: 10:00 and 16:00");
    let subtitle = (
        "各县区 OA 流量，工作日平均",
        "Office traffic by county, mean working day",
    );
    ChartSpec::new(lang, caption(lang, title, subtitle), Plot::Lines(plot))
}

/// Users against time with a saturation line.
pub(crate) fn users(lang: Lang) -> ChartSpec {
    let points = (0..=60).map(|year| {
        let x = f64::from(year) / 10.0;
        (x, Some(80_000.0 / (1.0 + 0.27 * (-0.9 * x).exp())))
    });
    let plot = Lines {
        x: axis(lang, ("自 2021-12 起的年数", "Years since 2021-12"), ""),
        across: Across::Number,
        y: axis(lang, ("用户数", "Users"), lang.pick("人", "")),
        series: vec![Series {
            name: lang.pick("账号数", "Accounts").to_string(),
            hue: 0,
            style: Style::Strong,
            points: points.collect(),
        }],
        thresholds: vec![threshold(
            lang,
            80_000.0,
            ("饱和 80,000 人", "Saturation 80,000"),
        )],
        markers: Vec::new(),
        bands: Vec::new(),
    };
    let title = (
        "用户在两年内接近饱和",
        "Users come near saturation within two years",
    );
    let subtitle = ("逻辑斯谛增长，起点 63,212", "Logistic growth from 63,212");
    ChartSpec::new(lang, caption(lang, title, subtitle), Plot::Lines(plot))
}

/// Four scenarios over twelve rows, with a missing value and an objective.
pub(crate) fn response(lang: Lang, rows: usize, series_count: usize, form: Form) -> ChartSpec {
    let zh = [
        "互联网用户登录",
        "互联网用户打开正文",
        "互联网用户提交审批",
        "互联网用户同步附件",
        "政务外网用户登录",
        "政务外网用户打开正文",
        "政务外网用户提交审批",
        "政务外网用户同步附件",
        "县区手机登录（含省级统一身份认证）",
        "县区手机打开正文",
        "县区手机提交审批",
        "县区手机同步附件",
    ];
    let en = [
        "Internet: log in",
        "Internet: open",
        "Internet: submit",
        "Internet: sync",
        "Extranet: log in",
        "Extranet: open",
        "Extranet: submit",
        "Extranet: sync",
        "County phone: log in through the provincial identity service",
        "County phone: open",
        "County phone: submit",
        "County phone: sync",
    ];
    let value = |row: usize, series: usize| {
        let value = (1.2 + 0.7 * (row % 4) as f64) * (4 - series) as f64 / 2.2;
        let missing = row == 5 && series == 1;
        (!missing).then(|| RowValue {
            value,
            upper: (series_count != 2 && row % 3 != 1).then_some(value * 1.6),
        })
    };
    let plot = Rows {
        value: axis(lang, ("响应时间", "Response time"), "s"),
        form,
        rows: (0..rows)
            .map(|row| lang.pick(zh[row], en[row]).to_string())
            .collect(),
        series: (0..series_count)
            .map(|hue| RowSeries {
                name: names(lang)[hue].to_string(),
                hue,
                values: (0..rows).map(|row| value(row, hue)).collect(),
            })
            .collect(),
        upper: lang.pick("均值 / P95", "mean / P95").to_string(),
        thresholds: vec![threshold(lang, 3.0, ("目标 3 s", "Objective 3 s"))],
    };
    let title = (
        "升到 750M 后，登录由 5.9 s 降到 2.9 s",
        "750M cuts log-in from 5.9 s to 2.9 s",
    );
    let subtitle = (
        "工作日 16:00–17:00，各方案同一组随机种子",
        "Working day 16:00 to 17:00, same seeds for all scenarios",
    );
    ChartSpec::new(lang, caption(lang, title, subtitle), Plot::Rows(plot))
}

/// Share by class for four scenarios, with what the line has room for.
pub(crate) fn shares(lang: Lang) -> ChartSpec {
    let part = |hue, name: (&str, &str), values: [Option<f64>; 4]| Part {
        name: lang.pick(name.0, name.1).to_string(),
        hue,
        values: values.to_vec(),
    };
    let plot = Columns {
        x: Axis::default(),
        categories: names(lang).map(str::to_string).to_vec(),
        y: axis(lang, ("所得带宽", "Granted rate"), "Mbit/s"),
        parts: vec![
            part(
                0,
                ("OA", "Office"),
                [Some(286.0), Some(410.0), Some(640.0), Some(660.0)],
            ),
            part(
                1,
                ("视频会议", "Video"),
                [Some(80.0), Some(60.0), Some(150.0), None],
            ),
            part(
                2,
                ("其他上网", "Other web"),
                [Some(134.0), Some(30.0), Some(8.0), Some(900.0)],
            ),
        ],
        capacity: Some(Capacity {
            name: lang.pick("线路容量", "Line capacity").to_string(),
            values: vec![Some(500.0), Some(500.0), Some(1000.0), Some(3000.0)],
        }),
        thresholds: vec![threshold(lang, 660.0, ("OA 需求 660", "Office demand 660"))],
    };
    let title = (
        "只有 750M 与三家运营商满足 OA 需求",
        "Only 750M and three carriers meet the demand",
    );
    let subtitle = (
        "2023-12 忙时，各类业务所得带宽",
        "Rate granted to each class in the busy hour of 2023-12",
    );
    ChartSpec::new(lang, caption(lang, title, subtitle), Plot::Columns(plot))
}

/// Traffic by class for each hour of a day.
pub(crate) fn hours(lang: Lang) -> ChartSpec {
    let level =
        |hour: i32, peak: f64| peak * (0.05 + (-(f64::from(hour) - 15.0).powi(2) / 18.0).exp());
    let part = |hue, name: (&str, &str), peak| Part {
        name: lang.pick(name.0, name.1).to_string(),
        hue,
        values: (0..24).map(|hour| Some(level(hour, peak))).collect(),
    };
    let plot = Columns {
        x: axis(lang, ("时刻", "Hour"), ""),
        categories: (0..24).map(|hour| format!("{hour}")).collect(),
        y: axis(lang, ("流量", "Traffic"), "Mbit/s"),
        parts: vec![
            part(0, ("OA", "Office"), 286.0),
            part(3, ("备份", "Backup"), 90.0),
            part(4, ("其他", "Other"), 120.0),
        ],
        capacity: None,
        thresholds: vec![threshold(
            lang,
            500.0,
            ("线路 500 Mbit/s", "Line 500 Mbit/s"),
        )],
    };
    let title = ("16 时最忙，离线路容量只差 4 Mbit/s", "15:00 is busiest");
    let subtitle = ("工作日，按业务类", "Working day, by class");
    ChartSpec::new(lang, caption(lang, title, subtitle), Plot::Columns(plot))
}

/// Every sample, by name.
pub(crate) fn charts(lang: Lang) -> Vec<(&'static str, ChartSpec)> {
    vec![
        ("growth", growth(lang)),
        ("day", day(lang)),
        ("users", users(lang)),
        ("bars-4x12", response(lang, 12, 4, Form::Bars)),
        ("bars-1x4", response(lang, 4, 1, Form::Bars)),
        ("dots-4x12", response(lang, 12, 4, Form::Dots)),
        ("dumbbell", response(lang, 12, 2, Form::Dots)),
        ("shares", shares(lang)),
        ("hours", hours(lang)),
    ]
}

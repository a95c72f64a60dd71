//! Charts nobody should write, drawn without a panic: no points, one point, all equal, not a number,
//! endless names, axes of no width.

use proptest::prelude::*;

use super::super::*;
use crate::lang::Lang;
use crate::units::YearMonth;

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e3..1e3_f64,
        2 => Just(0.0),
        1 => Just(-0.0),
        1 => Just(1e12),
        1 => Just(-1e12),
        1 => Just(1e-300),
        1 => 0.0..1e-6_f64,
    ]
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        30 => number(),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => Just(1e300),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("   \n\t ".to_string()),
        Just("<&>\"'".to_string()),
        Just("Mbit/s".to_string()),
        (1..40_usize).prop_map(|count| "肇政易 OA，".repeat(count)),
        (1..200_usize).prop_map(|count| "W".repeat(count)),
    ]
}

fn caption() -> impl Strategy<Value = Caption> {
    (name(), name(), name(), prop::collection::vec(name(), 0..4)).prop_map(
        |(title, subtitle, source, marks)| Caption {
            alt: title.clone(),
            title,
            subtitle,
            source,
            marks,
        },
    )
}

fn axis() -> impl Strategy<Value = Axis> {
    (name(), name()).prop_map(|(title, unit)| Axis { title, unit })
}

fn thresholds(value: impl Strategy<Value = f64>) -> impl Strategy<Value = Vec<Threshold>> {
    let threshold = (value, name()).prop_map(|(value, label)| Threshold { value, label });
    prop::collection::vec(threshold, 0..6)
}

fn lines() -> impl Strategy<Value = Plot> {
    let across = prop_oneof![
        Just(Across::Number),
        Just(Across::Hours),
        Just(Across::Months {
            from: YearMonth::new(2021, 12).unwrap()
        }),
    ];
    let style = prop_oneof![Just(Style::Plain), Just(Style::Strong), Just(Style::Faint)];
    let points = prop::collection::vec((any_number(), prop::option::of(any_number())), 0..12);
    let series = (name(), 0..20_usize, style, points);
    let marker = (any_number(), prop::option::of(any_number()), name());
    let band = (
        name(),
        prop::collection::vec((number(), number(), number()), 0..5),
    );
    (
        (axis(), axis(), across, any::<bool>()),
        prop::collection::vec(series, 0..9),
        thresholds(any_number()),
        prop::collection::vec(marker, 0..6),
        prop::collection::vec(band, 0..3),
    )
        .prop_map(
            |((x, y, across, sorted), series, thresholds, markers, bands)| {
                // Most charts are drawn only if x stays in its range and rises.
                let tame = |value: f64| match across {
                    Across::Number => value,
                    Across::Hours if sorted => value.abs() % 24.0,
                    Across::Months { .. } if sorted => (value.abs() % 300.0).floor(),
                    _ => value,
                };
                let series = series.into_iter().map(|(name, hue, style, mut points)| {
                    for point in &mut points {
                        point.0 = tame(point.0);
                    }
                    if sorted {
                        points.sort_by(|a, b| a.0.total_cmp(&b.0));
                    }
                    Series {
                        name,
                        hue,
                        style,
                        points,
                    }
                });
                let markers = markers.into_iter().map(|(x, y, label)| Marker {
                    x: tame(x),
                    y,
                    label,
                    hue: None,
                });
                let bands = bands.into_iter().map(|(label, mut points)| {
                    for point in &mut points {
                        point.0 = tame(point.0);
                    }
                    points.sort_by(|a, b| a.0.total_cmp(&b.0));
                    Band {
                        label,
                        hue: 1,
                        points,
                    }
                });
                Plot::Lines(Lines {
                    x,
                    across,
                    y,
                    series: series.collect(),
                    thresholds,
                    markers: markers.collect(),
                    bands: bands.collect(),
                })
            },
        )
}

fn rows() -> impl Strategy<Value = Plot> {
    (0..6_usize, prop_oneof![Just(Form::Bars), Just(Form::Dots)]).prop_flat_map(|(count, form)| {
        let value = (any_number(), prop::option::of(any_number()));
        let values = prop::collection::vec(prop::option::of(value), count);
        let series = prop::collection::vec((name(), 0..9_usize, values), 0..6);
        (
            axis(),
            prop::collection::vec(name(), count),
            series,
            thresholds(any_number()),
        )
            .prop_map(move |(value, rows, series, thresholds)| {
                let series = series.into_iter().map(|(name, hue, values)| RowSeries {
                    name,
                    hue,
                    values: values
                        .into_iter()
                        .map(|value| value.map(|(value, upper)| RowValue { value, upper }))
                        .collect(),
                });
                Plot::Rows(Rows {
                    value,
                    form,
                    rows,
                    series: series.collect(),
                    upper: "P95".to_string(),
                    thresholds,
                })
            })
    })
}

fn columns() -> impl Strategy<Value = Plot> {
    (0..30_usize).prop_flat_map(|count| {
        let values =
            || prop::collection::vec(prop::option::of(any_number().prop_map(f64::abs)), count);
        let parts = prop::collection::vec((name(), 0..9_usize, values()), 0..5);
        let capacity = prop::option::of((name(), values()));
        let names = prop::collection::vec(name(), count);
        (axis(), axis(), names, parts, capacity, thresholds(number())).prop_map(
            |(x, y, categories, parts, capacity, thresholds)| {
                let parts = parts
                    .into_iter()
                    .map(|(name, hue, values)| Part { name, hue, values });
                Plot::Columns(Columns {
                    x,
                    categories,
                    y,
                    parts: parts.collect(),
                    capacity: capacity.map(|(name, values)| Capacity { name, values }),
                    thresholds,
                })
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chart_is_drawn_or_refused(
        caption in caption(),
        plot in prop_oneof![lines(), rows(), columns()],
    ) {
        let fonts = Fonts::embedded().unwrap();
        let spec = ChartSpec::new(Lang::Zh, caption, plot);
        if let Ok(scene) = lay((&spec).into(), &fonts) {
            for label in scene.labels() {
                let area = label.area(&fonts);
                prop_assert!(area.left.is_finite() && area.top >= 0.0, "{}", label.text);
                prop_assert!(area.right <= scene.width + 0.5, "{} ends at {}", label.text, area.right);
                prop_assert!(area.left >= -0.5, "{} begins at {}", label.text, area.left);
                prop_assert!(area.bottom <= scene.height, "{}", label.text);
            }
            let drawn = scene.svg(&fonts).unwrap();
            prop_assert!(!drawn.contains("NaN") && !drawn.contains("inf"));
        }
    }
}

//! The samples, drawn and checked: what a reader would complain of must fail here.

use super::*;
use crate::lang::Lang;

pub(super) mod networks;
mod samples;
mod wild;

const BOTH: [Lang; 2] = [Lang::Zh, Lang::En];

fn fonts() -> Fonts {
    Fonts::embedded().unwrap()
}

/// Every sample, laid out.
fn scenes() -> Vec<(String, Scene)> {
    let fonts = fonts();
    let mut scenes = Vec::new();
    for lang in BOTH {
        for (name, chart) in samples::charts(lang) {
            let scene = lay(Figure::Chart(&chart), &fonts).unwrap();
            scenes.push((format!("{name} {lang:?}"), scene));
        }
        for (name, map) in networks::maps(lang) {
            let scene = lay(Figure::Map(&map), &fonts).unwrap();
            scenes.push((format!("{name} {lang:?}"), scene));
        }
    }
    scenes
}

#[test]
fn no_text_leaves_the_page_or_covers_another() {
    let fonts = fonts();
    for (name, scene) in scenes() {
        let labels: Vec<_> = scene.labels().collect();
        assert!(!labels.is_empty(), "{name}");
        for (at, label) in labels.iter().enumerate() {
            let area = label.area(&fonts);
            let inside = area.left >= 0.0
                && area.top >= 0.0
                && area.right <= scene.width
                && area.bottom <= scene.height;
            assert!(inside, "{name}: {} at {area:?}", label.text);
            for other in &labels[at + 1..] {
                let shared = area.shared(&other.area(&fonts));
                assert!(shared < 1.0, "{name}: {} on {}", label.text, other.text);
            }
        }
    }
}

#[test]
fn equal_input_gives_equal_bytes() {
    let chart = samples::growth(Lang::Zh);
    let map = networks::platform(Lang::Zh, true);
    for figure in [Figure::Chart(&chart), Figure::Map(&map)] {
        assert_eq!(
            svg(figure, &fonts()).unwrap(),
            svg(figure, &fonts()).unwrap()
        );
        let outlined = || svg_outlined(figure, &fonts()).unwrap();
        assert_eq!(outlined(), outlined());
        assert_eq!(
            png(figure, &fonts(), 0.5).unwrap(),
            png(figure, &fonts(), 0.5).unwrap()
        );
    }
}

#[test]
fn the_text_form_says_everything_in_whole_steps() {
    let drawn = svg(&samples::growth(Lang::Zh), &fonts()).unwrap();
    let mut from = 0;
    // Title, subtitle, band, axis, a tick, the line's name, a threshold, the mark, the source.
    for text in [
        "300 Mbit/s 上限只够用到 2022 年 9 月",
        "信息中心 VPN 接入线路",
        "线性增长 5%–95% 区间",
        "忙时需求 (Mbit/s)",
        "800",
        "2023-01",
        "2022-09 线性增长越过上限",
        "终端加倍",
        "上限 300 Mbit/s",
        "仿真",
        "来源：",
    ] {
        let at = drawn[from..].find(text);
        from += at.unwrap_or_else(|| panic!("{text} is missing or out of order"));
    }
    for name in [
        " x=\"",
        " y=\"",
        " x1=\"",
        " points=\"",
        " font-size=\"",
        " stroke-width=\"",
    ] {
        for value in drawn.split(name).skip(1) {
            let value = value.split('"').next().unwrap();
            let whole = |part: &str| part.parse::<i32>().is_ok();
            assert!(
                value
                    .split([' ', ','])
                    .filter(|part| !part.is_empty())
                    .all(whole),
                "{name}{value}"
            );
        }
    }
}

#[test]
fn values_stand_where_the_axis_says() {
    let fonts = fonts();
    let scene = lay((&samples::growth(Lang::En)).into(), &fonts).unwrap();
    let height = |text: &str| {
        let label = scene.labels().find(|label| label.text == text);
        label.unwrap_or_else(|| panic!("{text}")).at.1
    };
    // The axis is linear: 0, 200, 400, 600, 800 stand at equal distances.
    let quarter = (height("0") - height("800")) / 4.0;
    assert!(quarter > 50.0);
    for (tick, quarters) in [("200", 1.0), ("400", 2.0), ("600", 3.0)] {
        let expected = height("0") - quarters * quarter;
        assert!((height(tick) - expected).abs() < 1e-9, "{tick}");
    }
}

#[test]
fn the_outlined_form_needs_no_font_and_keeps_its_sentence() {
    let mut chart = samples::users(Lang::En);
    chart.caption.alt = "growth <of> users & \u{1}more".to_string();
    let drawn = svg_outlined(&chart, &fonts()).unwrap();
    assert!(
        !drawn.contains("<text") && !drawn.contains("font-family"),
        "{drawn}"
    );
    assert!(drawn.contains("<title>growth &lt;of&gt; users &amp;  more</title>"));
    assert!(drawn.matches("<path").count() > 20);
    assert!(drawn.trim_end().ends_with("</svg>"));
}

#[test]
fn a_png_has_the_size_asked_for_and_says_300_dpi() {
    let chart = samples::shares(Lang::Zh);
    let scene = lay((&chart).into(), &fonts()).unwrap();
    for scale in [1.0, 2.0] {
        let bytes = png(&chart, &fonts(), scale).unwrap();
        let pixmap = resvg::tiny_skia::Pixmap::decode_png(&bytes).unwrap();
        assert_eq!(f64::from(pixmap.width()), 920.0 * scale);
        assert_eq!(f64::from(pixmap.height()), (scene.height * scale).round());
        assert_eq!(&bytes[37..41], b"pHYs");
        // Ink and paper: text was drawn with the embedded font, not left out.
        let dark = pixmap
            .pixels()
            .iter()
            .filter(|pixel| pixel.green() < 0x60)
            .count();
        assert!(dark > 2000, "{dark}");
    }
    for scale in [0.0, -1.0, f64::NAN, 1e9] {
        assert!(png(&chart, &fonts(), scale).is_err(), "{scale}");
    }
}

#[test]
fn a_character_without_glyph_stops_the_drawing() {
    let mut chart = samples::users(Lang::Zh);
    chart.caption.title = "龘村用户".to_string();
    let error = svg(&chart, &fonts()).unwrap_err().to_string();
    assert!(error.contains('龘') && error.contains("--font"), "{error}");
}

#[test]
fn a_spec_as_json_names_its_version_and_kind() {
    let json = serde_json::to_value(samples::growth(Lang::Zh)).unwrap();
    assert_eq!(json["schema"], "hopcast.chart/1");
    assert_eq!(json["lang"], "zh");
    assert_eq!(json["plot"]["kind"], "lines");
    assert_eq!(json["plot"]["across"]["from"], "2021-12");
    assert_eq!(
        json["plot"]["series"][1]["points"][11],
        serde_json::json!([11.0, null])
    );
}

/// Relative luminance and contrast as WCAG 2.1 defines them.
#[test]
fn text_colours_can_be_read_on_white() {
    let part = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    for hue in 0..7 {
        let ink = palette::Hue::of(hue).ink;
        let luminance = 0.2126 * part(ink.0) + 0.7152 * part(ink.1) + 0.0722 * part(ink.2);
        assert!(1.05 / (luminance + 0.05) >= 4.5, "hue {hue}");
    }
}

/// Writes every sample as PNG and SVG into the folder named by `FIGURES`, to be looked at.
#[test]
fn write_pictures() {
    // To look at the samples: FIGURES=folder cargo test --lib write_pictures
    let Some(folder) = std::env::var_os("FIGURES").map(std::path::PathBuf::from) else {
        return;
    };
    std::fs::create_dir_all(&folder).unwrap();
    let fonts = Fonts::embedded().unwrap();
    let only = std::env::var("ONLY").unwrap_or_default();
    let write = |name: &str, figure: Figure<'_>| {
        if name.contains(&only) {
            let path = folder.join(name);
            let bytes = png(figure, &fonts, 1.5).unwrap();
            std::fs::write(path.with_extension("png"), bytes).unwrap();
            let drawn = svg_outlined(figure, &fonts).unwrap();
            std::fs::write(path.with_extension("svg"), drawn).unwrap();
        }
    };
    for lang in BOTH {
        let tag = lang.pick("zh", "en");
        for (name, chart) in samples::charts(lang) {
            write(&format!("{name}-{tag}"), Figure::Chart(&chart));
        }
        for (name, map) in networks::maps(lang) {
            write(&format!("{name}-{tag}"), Figure::Map(&map));
        }
    }
}

//! The samples, drawn and checked: what a reader would complain of must fail here.

use super::*;
use crate::lang::Lang;

mod networks;
mod samples;

const BOTH: [Lang; 2] = [Lang::Zh, Lang::En];

/// Writes every sample as PNG and SVG into the folder named by `FIGURES`, to be looked at.
#[test]
#[ignore = "writes pictures to look at; name a folder in FIGURES"]
fn write_pictures() {
    let folder = std::path::PathBuf::from(std::env::var("FIGURES").unwrap());
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

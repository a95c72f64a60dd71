//! The samples, drawn and checked: what a reader would complain of must fail here.

use super::*;
use crate::lang::Lang;

mod samples;

const BOTH: [Lang; 2] = [Lang::Zh, Lang::En];

/// Writes every sample as PNG and SVG into the folder named by `FIGURES`, to be looked at.
#[test]
#[ignore = "writes pictures to look at; name a folder in FIGURES"]
fn write_pictures() {
    let folder = std::path::PathBuf::from(std::env::var("FIGURES").unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let fonts = Fonts::embedded().unwrap();
    for lang in BOTH {
        let tag = lang.pick("zh", "en");
        for (name, chart) in samples::charts(lang) {
            let path = folder.join(format!("{name}-{tag}"));
            std::fs::write(
                path.with_extension("png"),
                png(&chart, &fonts, 1.5).unwrap(),
            )
            .unwrap();
            std::fs::write(
                path.with_extension("svg"),
                svg_outlined(&chart, &fonts).unwrap(),
            )
            .unwrap();
        }
    }
}

//! What goes into `hopcast show` and where it comes out: scenarios, warnings, formats, `--out`.

use std::path::Path;

use super::{OFFICE, cells, json, run, show};

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_string()
}

#[test]
fn drawings_hold_every_node_and_the_walk() {
    let answer = json(&[OFFICE]);
    let nodes = answer["topology"]["nodes"].as_array().unwrap();
    for format in ["dot", "mermaid"] {
        let text = show(&[
            "--lang",
            "zh",
            OFFICE,
            "--format",
            format,
            "--journey",
            "internet",
        ]);
        for node in nodes {
            let name = node["name"]["zh"].as_str().unwrap();
            assert!(text.contains(name), "{format}: {name}");
        }
        // Steps 5 and 15 go from 5 to 6, steps 10 and 20 back.
        assert!(
            text.contains("(5) (15)") && text.contains("(10) (20)"),
            "{text}"
        );
    }
    for lang in ["zh", "en"] {
        let svg = show(&["--lang", lang, OFFICE, "--format", "svg"]);
        let tree = resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).unwrap();
        assert!(tree.size().width() > 500.0);
    }
}

#[test]
fn a_character_that_no_font_has_is_named_and_a_font_can_be_given() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(OFFICE).unwrap();
    let odd = write(
        folder.path(),
        "odd.toml",
        &text.replace("达梦数据库", "达梦😀"),
    );
    let refused = run(&["--lang", "zh", "show", &odd, "--format", "svg"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains("U+1F600") && said.contains("--font"),
        "{said}"
    );
    // What the sentence proposes is taken: a font first, and a file that is none refused by name.
    let font = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/chart/font/NotoSansCJKsc-Regular-gb2312.otf"
    );
    assert!(show(&[OFFICE, "--format", "svg", "--font", font]).contains("</svg>"));
    let none = run(&["show", OFFICE, "--format", "svg", "--font", &odd]);
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8(none.stderr).unwrap().contains("odd.toml"));
}

#[test]
fn out_writes_what_would_have_been_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er.json");
    let out = path.to_str().unwrap();
    let printed = show(&[OFFICE, "--format", "json"]);
    assert_eq!(show(&[OFFICE, "--format", "json", "--out", out]), "");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), printed);
    let path = folder.path().join("map.png");
    let out = path.to_str().unwrap();
    show(&[OFFICE, "--format", "png", "--out", out]);
    assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
    let refused = run(&["show", OFFICE, "--format", "png", "--lang", "en"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--out"));
}

#[test]
fn an_unknown_journey_names_the_nearest() {
    for (lang, said) in [
        ("en", "did you mean \"internet\"?"),
        ("zh", "是不是 \"internet\"？"),
    ] {
        let output = run(&["show", OFFICE, "--journey", "internt", "--lang", lang]);
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(said), "{stderr}");
        assert!(output.stdout.is_empty());
    }
    let output = run(&["show", OFFICE, "--journey", "zzzzzz", "--lang", "en"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("internet, extranet, internet-cross"),
        "{stderr}"
    );
}

#[test]
fn a_scenario_shows_the_topology_that_it_makes() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "format = 1\nextends = {OFFICE:?}\n\
         name = {{ zh = \"断至省专线\", en = \"province cut off\" }}\n\
         question = {{ zh = \"还能用吗？\", en = \"does it still work?\" }}\n\
         [fail]\nlinks = [\"lb-province\"]\nnodes = {{ app = 3 }}\n"
    );
    let file = write(folder.path(), "cut.toml", &text);
    let shown = show(&["--lang", "en", &file]);
    for part in [
        "scenario: province cut off (cut)",
        "does it still work?",
        "broken at lb-province",
        "10 (working 7)",
        "╳",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let answer = json(&[&file]);
    assert_eq!(answer["scenario"]["id"], "cut");
    let links = answer["topology"]["links"].as_array().unwrap();
    let failed: Vec<_> = links.iter().filter(|link| link["failed"] == true).collect();
    assert_eq!((failed.len(), &failed[0]["id"]), (1, &"lb-province".into()));
    assert!(json(&[OFFICE])["scenario"].is_null());
}

#[test]
fn warnings_go_to_standard_error_and_the_work_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let office = std::fs::read_to_string(OFFICE).unwrap();
    let marked = |line: &&str| line.starts_with("origin = { sessions = ");
    assert_eq!(office.lines().filter(marked).count(), 1);
    let unmarked: Vec<&str> = office.lines().filter(|line| !marked(line)).collect();
    let file = write(folder.path(), "unmarked.toml", &unmarked.join("\n"));
    let output = run(&["show", &file, "--lang", "en"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-origin"));
    let text = String::from_utf8(output.stdout).unwrap();
    // What nobody vouches for is marked as such.
    assert!(
        cells(&text)
            .iter()
            .any(|row| row.iter().any(|cell| cell == "5000?")),
        "{text}"
    );
    let answer = json(&[&file]);
    // The line vouched for two values: the number of sessions and their keep-alive.
    let warnings = answer["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 2);
    assert!(warnings.iter().all(|one| one["code"] == "no-origin"));
}

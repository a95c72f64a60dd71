//! Every way of printing, over reports whose figures are known.

use std::net::IpAddr;
use std::time::Duration;

use super::*;
use crate::lang::width;
use crate::trace::Fate;
use crate::trace::worlds::{about, address, path};

/// Five hops 1 ms apart without jitter; hop 2 silent, the last two slow for a reason.
fn report() -> Report {
    let mut world = path(5, 4, 1000);
    world.service = true;
    for stop in &mut world.stops {
        stop.jitter = Duration::ZERO;
    }
    world.at(2).silent = true;
    world.at(4).delay = Duration::from_millis(50);
    world.planned()
}

fn look(lang: Lang) -> Look {
    Look::plain(lang)
}

/// All shapes of a report in both languages.
fn all(report: &Report, format: Format) -> Vec<String> {
    let looks = [Lang::Zh, Lang::En]
        .into_iter()
        .flat_map(|lang| [false, true].map(|wide| Look { wide, ..look(lang) }));
    looks.map(|look| render(report, format, &look)).collect()
}

#[test]
fn names_of_formats_are_what_the_command_line_takes() {
    for format in Format::value_variants() {
        let value = format.to_possible_value().unwrap();
        assert_eq!(value.get_name(), format.name());
        assert!(
            all(&report(), *format)
                .iter()
                .all(|text| text.ends_with('\n'))
        );
    }
}

#[test]
fn the_table_has_mtrs_layout_and_the_verdict_on_top() {
    let table = render(&report(), Format::Table, &look(Lang::En));
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[0].starts_with("Where it hurts: between node 3 and node 4, "),
        "{table}"
    );
    assert!(
        lines[0].contains("100.0 ms more") && lines[0].contains("whose: owner d"),
        "{table}"
    );
    assert_eq!(lines[1], "Start: 2026-11-27T12:00:00+0800");
    let words = |line: &str| {
        line.split_whitespace()
            .map(String::from)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        words(lines[2]),
        [
            "HOST:", "here", "Loss%", "Snt", "Last", "Avg", "Best", "Wrst", "StDev", "Node",
            "Owner"
        ]
    );
    assert!(lines[3].starts_with("  1.|-- 192.0.2.1 "));
    assert_eq!(
        words(lines[3])[2..8],
        ["0.0%", "4", "2.00", "2.00", "2.00", "2.00"].map(String::from)
    );
    assert!(lines[4].starts_with("  2.|-- ???") && lines[4].contains("100.0%"));
    // Hops 4 and 5: twice 1 + 1 + 1 + 50 and one more.
    assert!(
        lines[6].contains("106.0") && lines[7].contains("108.0"),
        "{table}"
    );
    assert!(table.contains("\nHop 4: slow from here"), "{table}");
    assert!(table.contains("\nHop 2: silent: behind it"), "{table}");
    assert!(!table.contains("\nHop 1"), "{table}");
}

#[test]
fn columns_line_up_in_both_languages() {
    for table in all(&report(), Format::Table) {
        let hops: Vec<&str> = table.lines().filter(|line| line.contains(".|--")).collect();
        assert_eq!(hops.len(), 5);
        // Whatever the width of words before it, the owner begins in the same cell.
        let owner = |line: &str| {
            let at = line.find("owner ").or(line.find(" 方").map(|at| at - 1));
            at.map(|at| width(&line[..at]))
        };
        let places: Vec<_> = hops.iter().filter_map(|line| owner(line)).collect();
        assert!(
            places.len() >= 4 && places.iter().all(|place| *place == places[0]),
            "{table}"
        );
    }
}

#[test]
fn a_wide_table_adds_figures_and_verdicts() {
    let wide = Look {
        wide: true,
        fields: Fields::parse("LSI").unwrap(),
        ..look(Lang::En)
    };
    let table = render(&report(), Format::Table, &wide);
    let head = table.lines().find(|line| line.starts_with("HOST")).unwrap();
    let titles: Vec<&str> = head.split_whitespace().skip(2).collect();
    let expected = "Loss% Snt Jint P50 P95 Javg Loss95% Verdict Node Owner";
    assert_eq!(titles.join(" "), expected);
    // Four times and four, all apart: 1 in C(8, 4) = 70.
    assert!(table.contains("slow from here (98.6% sure)"), "{table}");
    assert!(
        table.contains("Segment between node 3 and node 4 (owner d): 100.0 ms"),
        "{table}"
    );
}

#[test]
fn csv_has_a_row_for_each_hop_and_as_many_cells_as_its_head() {
    for text in all(&report(), Format::Csv) {
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(lines.len(), 6);
        assert!(
            lines.iter().all(|line| line.len() == lines[0].len()),
            "{text}"
        );
        assert_eq!(
            lines[0][..8],
            [
                "Mtr_Version",
                "Start_Time",
                "Status",
                "Host",
                "Hop",
                "Ip",
                "Loss%",
                "Snt"
            ]
        );
        // 2026-11-27 04:00:00 UTC, reckoned in days: 20784 since 1970, and four hours.
        assert_eq!(lines[1][1], (20_784u64 * 86_400 + 4 * 3600).to_string());
        assert_eq!(lines[4][4..8], ["4", "192.0.2.4", "0.00", "4"]);
        let verdict = lines[0]
            .iter()
            .position(|title| *title == "Verdict")
            .unwrap();
        assert_eq!((lines[4][verdict], lines[2][verdict]), ("slow", "silent"));
    }
}

#[test]
fn raw_lines_are_mtrs() {
    let mut report = report();
    report.names = vec![(address(1), "one.test".to_string())];
    let raw = render(&report, Format::Raw, &look(Lang::En));
    let lines: Vec<&str> = raw.lines().collect();
    // The five probes of the first sweep leave before anything comes back; six with the service, which
    // has no line.
    assert_eq!(lines[..5], ["x 0 0", "x 1 1", "x 2 2", "x 3 3", "x 4 4"]);
    assert_eq!(lines[5..8], ["h 0 192.0.2.1", "d 0 one.test", "p 0 2000 0"]);
    assert_eq!(lines[8..10], ["h 2 192.0.2.3", "p 2 6000 2"]);
    // The second sweep tells no address again.
    assert_eq!(raw.matches("h 0 ").count(), 1);
    assert!(raw.contains("\np 0 2000 6\n"), "{raw}");
    assert_eq!(raw.matches("p 1 ").count(), 0);
}

#[test]
fn a_raw_line_follows_a_changed_router() {
    let mut world = path(2, 6, 1000);
    world.at(1).who = |_, round, _| if round < 3 { 1 } else { 101 };
    let raw = render(&world.report(), Format::Raw, &look(Lang::En));
    let hosts: Vec<&str> = raw.lines().filter(|line| line.starts_with("h 0")).collect();
    assert_eq!(hosts, ["h 0 192.0.2.1", "h 0 192.0.2.101"]);
}

#[test]
fn markdown_rows_have_the_cells_of_their_head() {
    for text in all(&report(), Format::Markdown) {
        let cells: Vec<usize> = text
            .lines()
            .filter(|line| line.starts_with('|'))
            .map(|line| line.matches('|').count())
            .collect();
        assert_eq!(cells.len(), 7);
        assert!(cells.iter().all(|count| *count == cells[0]), "{text}");
        assert!(text.starts_with("**"));
    }
}

#[test]
fn framed_tables_are_as_wide_as_the_terminal_lets_them() {
    for lang in [Lang::Zh, Lang::En] {
        let look = Look {
            columns: Some(100),
            ..look(lang)
        };
        let text = render(&report(), Format::Pretty, &look);
        let framed: Vec<usize> = text
            .lines()
            .filter(|line| line.starts_with(['│', '╭', '╰', '├']))
            .map(width)
            .collect();
        assert!(framed.len() >= 5, "{text}");
        assert!(
            framed
                .iter()
                .all(|cells| *cells == framed[0] && *cells <= 100),
            "{text}"
        );
    }
}

/// Two ways between hops 1 and 3, one for even and one for odd flows.
fn branched() -> Report {
    let mut world = path(4, 24, 1000);
    world.flows = 2;
    world.at(2).who = |flow, _, _| if flow % 2 == 0 { 2 } else { 102 };
    world.report()
}

#[test]
fn the_graph_shows_both_ways_and_their_flows() {
    let dot = render(&branched(), Format::Dot, &look(Lang::En));
    for edge in [
        "\"1 192.0.2.1\" -> \"2 192.0.2.2\" [label=\"0\"]",
        "\"1 192.0.2.1\" -> \"2 192.0.2.102\" [label=\"1\"]",
        "\"2 192.0.2.102\" -> \"3 192.0.2.3\" [label=\"1\"]",
        "\"3 192.0.2.3\" -> \"4 192.0.2.4\" [label=\"0, 1\"]",
    ] {
        assert!(dot.contains(edge), "{edge}: {dot}");
    }
    assert_eq!(dot.matches("->").count(), 6);
    assert!(dot.starts_with("digraph") && dot.trim_end().ends_with('}'));
    // A hop that never answers is bridged by a dashed line; one that misses an answer is not.
    let mut world = path(4, 30, 1000);
    world.at(2).silent = true;
    world.at(3).back = 0.3;
    let dot = render(&world.report(), Format::Dot, &look(Lang::En));
    assert_eq!(dot.matches("style=dashed").count(), 1, "{dot}");
    assert_eq!(dot.matches("->").count(), 3, "{dot}");
}

#[test]
fn flows_are_one_line_each() {
    let text = render(&branched(), Format::Flows, &look(Lang::En));
    let hop = |part: u8| IpAddr::to_string(&address(part));
    let line = |flow: u8, parts: [u8; 4]| format!("Flow {flow}: {}\n", parts.map(hop).join(" > "));
    assert_eq!(text, line(0, [1, 2, 3, 4]) + &line(1, [1, 102, 3, 4]));
}

/// A flow is known by its number, not by what it saw: those that saw the same, or less, are lines of
/// their own and take nothing from each other.
#[test]
fn flows_that_saw_the_same_or_less_are_not_merged() {
    let mut world = path(4, 9, 1000);
    world.flows = 3;
    let mut trace = world.trace();
    for ended in &mut trace.ended {
        let unheard = match ended.probe.flow.0 {
            1 => ended.probe.distance == 1,
            2 => ended.probe.distance >= 3,
            _ => false,
        };
        if unheard {
            ended.fate = Fate::Lost;
        }
    }
    let report = Report::new(about(address(4), 9), trace, None);
    let [one, two, three, four] = [1, 2, 3, 4].map(|part| address(part).to_string());
    let expected = format!(
        "Flow 0: {one} > {two} > {three} > {four}\n\
         Flow 1: ??? > {two} > {three} > {four}\n\
         Flow 2: {one} > {two} > ??? > ???\n"
    );
    assert_eq!(render(&report, Format::Flows, &look(Lang::En)), expected);
}

#[test]
fn the_stream_has_a_line_for_each_hop_of_each_sweep() {
    let text = render(&report(), Format::Stream, &look(Lang::Zh));
    let lines: Vec<&str> = text.lines().collect();
    // Four sweeps of five hops and the service.
    assert_eq!(lines.len(), 24);
    assert_eq!(lines[0], "    1   1  192.0.2.1  2.00 ms");
    assert_eq!(lines[1], "    1   2  ???  未应答");
    assert_eq!(lines[5], "    1   -  192.0.2.5  108.0 ms");
    assert!(lines[23].starts_with("    4   -"));
}

#[test]
fn a_name_stands_beside_its_address_where_asked_for() {
    let mut report = report();
    report.names = vec![(address(1), "one.test".to_string())];
    let both = Look {
        both: true,
        ..look(Lang::En)
    };
    assert!(render(&report, Format::Table, &both).contains("1.|-- one.test (192.0.2.1)"));
    let plain = render(&report, Format::Table, &look(Lang::En));
    assert!(plain.contains("1.|-- one.test ") && !plain.contains("(192.0.2.1)"));
}

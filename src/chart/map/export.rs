//! The same map as text for other programs: Graphviz DOT and Mermaid.

use std::fmt::Write as _;

use super::{Kind, Map, MapNode};

/// The map as a Graphviz digraph, left to right. The walk's links are blue and carry the steps at
/// which it follows them.
pub fn dot(map: &Map) -> String {
    let mut out = String::from("digraph {\n");
    let quoted = |text: &str| format!("\"{}\"", dot_escape(text));
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "  label={}; labelloc=t; rankdir=LR;",
        quoted(&map.caption.title)
    );
    out.push_str("  node [shape=box, fontname=\"Noto Sans CJK SC\"];\n");
    out.push_str("  edge [fontname=\"Noto Sans CJK SC\"];\n");
    for (at, node) in map.nodes.iter().enumerate() {
        let shape = match node.kind {
            Kind::Terminal => "box, style=rounded",
            Kind::Carrier => "ellipse",
            Kind::Gateway => "hexagon",
            Kind::Network => "box",
            Kind::Server => "component",
            Kind::Storage => "cylinder",
        };
        let label = quoted(&words(node).join("\n"));
        let owner = quoted(&node.owner);
        let _ = writeln!(
            out,
            "  n{at} [label={label}, tooltip={owner}, shape={shape}];"
        );
    }
    for tier in tiers(map) {
        let names: Vec<String> = tier.iter().map(|node| format!("n{node};")).collect();
        let _ = writeln!(out, "  {{ rank=same; {} }}", names.join(" "));
    }
    for link in &map.links {
        let steps = steps(map, link.from, link.to);
        let mut lines = link.label.clone();
        let mut style = String::new();
        if link.dashed {
            style.push_str(", style=dashed");
        }
        if link.emphasis {
            style.push_str(", penwidth=3");
        }
        if !steps.is_empty() {
            lines.push(steps.join(" "));
            style.push_str(", color=\"#0072B2\"");
        }
        let label = quoted(&lines.join("\n"));
        let _ = writeln!(
            out,
            "  n{} -> n{} [label={label}{style}];",
            link.from, link.to
        );
    }
    out.push_str("}\n");
    out
}

/// The map as a Mermaid flowchart, left to right. The walk's links are blue and carry the steps at
/// which it follows them.
pub fn mermaid(map: &Map) -> String {
    let title = map.caption.title.replace(['\n', '\r'], " ");
    // The front matter is YAML: a JSON string is a YAML string.
    let title = serde_json::Value::from(title);
    let mut out = format!("---\ntitle: {title}\n---\nflowchart LR\n");
    for (at, node) in map.nodes.iter().enumerate() {
        let (open, close) = match node.kind {
            Kind::Terminal => ("(", ")"),
            Kind::Carrier => ("([", "])"),
            Kind::Gateway => ("{{", "}}"),
            Kind::Network => ("[", "]"),
            Kind::Server => ("[[", "]]"),
            Kind::Storage => ("[(", ")]"),
        };
        let label = mermaid_escape(&words(node).join("\n"));
        let _ = writeln!(out, "  n{at}{open}\"{label}\"{close}");
    }
    let mut blue = Vec::new();
    for (at, link) in map.links.iter().enumerate() {
        let steps = steps(map, link.from, link.to);
        let mut lines = link.label.clone();
        if !steps.is_empty() {
            lines.push(steps.join(" "));
            blue.push(at.to_string());
        }
        let arrow = match (link.emphasis, link.dashed) {
            (true, _) => "==>",
            (false, true) => "-.->",
            (false, false) => "-->",
        };
        let label = mermaid_escape(&lines.join("\n"));
        let label = if label.is_empty() {
            label
        } else {
            format!("|\"{label}\"|")
        };
        let _ = writeln!(out, "  n{} {arrow}{label} n{}", link.from, link.to);
    }
    if !blue.is_empty() {
        let _ = writeln!(out, "  linkStyle {} stroke:#0072B2", blue.join(","));
    }
    out
}

/// What a box says: its number and its lines, or its id when it has neither.
fn words(node: &MapNode) -> Vec<String> {
    let number = node.number.map(|number| number.to_string());
    let words: Vec<String> = number
        .into_iter()
        .chain(node.label.iter().cloned())
        .collect();
    if words.is_empty() {
        vec![node.id.clone()]
    } else {
        words
    }
}

/// Nodes of each stated tier, from the left.
fn tiers(map: &Map) -> Vec<Vec<usize>> {
    let mut tiers: std::collections::BTreeMap<u32, Vec<usize>> = Default::default();
    for (at, node) in map.nodes.iter().enumerate() {
        if let Some(tier) = node.tier {
            tiers.entry(tier).or_default().push(at);
        }
    }
    tiers.into_values().collect()
}

/// The steps, from 1, at which the walk goes `from` -> `to`.
fn steps(map: &Map, from: usize, to: usize) -> Vec<String> {
    let walk = map.walk.as_deref().unwrap_or_default();
    let steps = walk.windows(2).enumerate();
    let steps = steps.filter(|(_, step)| *step == [from, to]);
    steps.map(|(at, _)| format!("({})", at + 1)).collect()
}

/// A double-quoted DOT string: a backslash before quotes and backslashes, `\n` for a line break.
fn dot_escape(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('\n', "\\n").replace('\r', "")
}

/// A quoted Mermaid string: entities for what it would read as its own, `<br/>` for a line break.
fn mermaid_escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("#quot;"),
            '#' => escaped.push_str("#35;"),
            '&' => escaped.push_str("#amp;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            '`' => escaped.push_str("#96;"),
            '\n' => escaped.push_str("<br/>"),
            '\r' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

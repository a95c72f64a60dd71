//! The notation of paths: `"client -> r1 -> (r2a -> r3a | r2b) -> r4 -> server"`.

use crate::lang::Text;
use crate::text;

/// A part of a path: a node, or branches that leave the node before and meet at the node behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Node(String),
    Fork(Vec<Vec<String>>),
}

/// Reads a path. What is wrong with it is said with the words around it.
pub(super) fn parse(text: &str) -> Result<Vec<Part>, Text> {
    let parts: Vec<Part> = pieces(text)?
        .into_iter()
        .map(part)
        .collect::<Result<_, _>>()?;
    let is_node = |part: Option<&Part>| matches!(part, Some(Part::Node(_)));
    if parts.len() < 2 || !is_node(parts.first()) || !is_node(parts.last()) {
        return Err(Text::new(
            "路径应从一个节点开始，到另一个节点结束",
            "a path begins at one node and ends at another",
        ));
    }
    let adjacent = |pair: &[Part]| pair.iter().all(|part| matches!(part, Part::Fork(_)));
    if parts.windows(2).any(adjacent) {
        return Err(Text::new(
            "两处分叉之间必须有一个会合的节点",
            "between two forks there must be a node where the branches meet",
        ));
    }
    Ok(parts)
}

/// The text between the arrows that are in no bracket.
fn pieces(text: &str) -> Result<Vec<&str>, Text> {
    let unbalanced = || {
        Text::new(
            "括号不配对，或一对括号里还有括号",
            "a bracket is missing, or one stands inside another",
        )
    };
    let (mut found, mut begin, mut inside) = (Vec::new(), 0, false);
    for (at, sign) in text.char_indices() {
        match sign {
            '(' | ')' if inside == (sign == '(') => return Err(unbalanced()),
            '(' | ')' => inside = sign == '(',
            '-' if !inside && text[at..].starts_with("->") => {
                found.push(&text[begin..at]);
                begin = at + 2;
            }
            _ => {}
        }
    }
    if inside {
        return Err(unbalanced());
    }
    found.push(&text[begin..]);
    Ok(found)
}

fn part(piece: &str) -> Result<Part, Text> {
    let piece = piece.trim();
    let Some(inner) = piece.strip_prefix('(') else {
        return Ok(Part::Node(word(piece)?));
    };
    let Some(inner) = inner.strip_suffix(')') else {
        return Err(text!(
            "\"{piece}\"：括号前后应是 \"->\"",
            "\"{piece}\": an arrow belongs before and after a bracket"
        ));
    };
    let branch = |branch: &str| branch.split("->").map(word).collect();
    let branches: Vec<Vec<String>> = inner.split('|').map(branch).collect::<Result<_, _>>()?;
    if branches.len() < 2 {
        return Err(text!(
            "({inner}) 只有一个分支；用 \"|\" 隔开各分支",
            "({inner}) is one branch alone; put \"|\" between branches"
        ));
    }
    Ok(Part::Fork(branches))
}

fn word(text: &str) -> Result<String, Text> {
    let word = text.trim();
    let good = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.');
    match !word.is_empty() && word.chars().all(good) {
        true => Ok(word.to_string()),
        false => Err(text!(
            "\"{word}\" 不能是节点的编号",
            "\"{word}\" cannot be the id of a node"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str) -> Part {
        Part::Node(id.to_string())
    }

    #[test]
    fn nodes_and_branches_are_read_in_order() {
        let branch = |ids: &[&str]| ids.iter().map(|id| id.to_string()).collect::<Vec<_>>();
        let fork = Part::Fork(vec![branch(&["a", "b-2"]), branch(&["c"])]);
        assert_eq!(
            parse("client->r-1 -> (a -> b-2 | c) -> server"),
            Ok(vec![node("client"), node("r-1"), fork, node("server")])
        );
    }

    #[test]
    fn what_is_no_path_is_told_why() {
        for (path, expected) in [
            ("client", "begins at one node"),
            ("client -> (a | b)", "begins at one node"),
            (
                "client -> (a | b) -> (c | d) -> server",
                "between two forks",
            ),
            ("client -> (a | b -> server", "bracket is missing"),
            ("client -> ((a | b) | c) -> server", "inside another"),
            ("client -> a) -> server", "bracket is missing"),
            ("client -> (a) -> server", "one branch alone"),
            ("client -> (a | b)c -> server", "arrow belongs"),
            ("client -> -> server", "cannot be the id"),
            ("client -> a b -> server", "\"a b\" cannot"),
            ("client -> (a | ) -> server", "cannot be the id"),
        ] {
            let said = parse(path).unwrap_err().en;
            assert!(said.contains(expected), "{path}: {said}");
        }
    }
}

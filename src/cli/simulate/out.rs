//! The rows of the file again, as they are written, each with when its transfer ended.

use std::io::{Result, Write};

use crate::document::cells;
use crate::error::FileId;
use crate::sim::replay::End;

use super::flows::{ANSWERED, FlowsFile};

/// Writes the rows as CSV, columns of an earlier answer replaced.
pub(super) fn rows(to: &mut dyn Write, file: &FlowsFile, ends: &[End]) -> Result<()> {
    let text = file.sources.text(FileId(0));
    let edges = file.rows.iter().copied().chain([text.len()]);
    let rows = edges.clone().zip(edges.skip(1));
    let mut kept = None;
    let mut ends = ends.iter();
    for (from, until) in rows {
        let row = text.get(from..until).unwrap_or_default();
        let row = row.trim_matches(['\r', '\n', '\u{feff}']);
        let Some(kept) = &kept else {
            let columns = kept.insert(unanswered(row));
            write_kept(to, row, columns.as_deref())?;
            writeln!(to, "{}", ANSWERED.join(","))?;
            continue;
        };
        write_kept(to, row, kept.as_deref())?;
        match ends.next().filter(|end| end.at.is_finite()) {
            Some(end) => {
                serde_json::to_writer(&mut *to, &end.at)?;
                to.write_all(b",")?;
                serde_json::to_writer(&mut *to, &end.after)?;
            }
            None => to.write_all(b",")?,
        }
        to.write_all(b"\n")?;
    }
    Ok(())
}

/// The columns that are no earlier answer's; `None` where all are.
fn unanswered(header: &str) -> Option<Vec<usize>> {
    let cells = cells::spans(header, 0);
    let answered = |cell: usize| {
        let name = cells.get(cell).and_then(|span| header.get(span.clone()));
        ANSWERED.contains(&name.unwrap_or_default().trim_matches([' ', '"']))
    };
    let kept: Vec<usize> = (0..cells.len()).filter(|cell| !answered(*cell)).collect();
    (kept.len() < cells.len()).then_some(kept)
}

/// The kept cells of a row as they stand, and a comma behind.
fn write_kept(to: &mut dyn Write, row: &str, kept: Option<&[usize]>) -> Result<()> {
    let Some(kept) = kept else {
        to.write_all(row.as_bytes())?;
        return to.write_all(b",");
    };
    let cells = cells::spans(row, 0);
    for cell in kept {
        let span = cells.get(*cell).cloned().unwrap_or(0..0);
        to.write_all(row.get(span).unwrap_or_default().as_bytes())?;
        to.write_all(b",")?;
    }
    Ok(())
}

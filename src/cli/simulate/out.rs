//! The rows of the file again, each with when its transfer ended.

use std::io::Write;

use crate::error::{Error, FileId};
use crate::lang::Text;
use crate::sim::replay::End;

use super::flows::{ANSWERED, FlowsFile};

/// The rows as CSV, columns of an earlier answer replaced.
pub(super) fn rows(file: &FlowsFile, ends: &[End]) -> Result<Vec<u8>, Error> {
    let text = file.sources.text(FileId(0));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut out = csv::Writer::from_writer(Vec::with_capacity(text.len() * 3));
    let mut row = csv::ByteRecord::new();
    let failed = |error: csv::Error| Error::System(Text::same(error));
    let mut kept: Option<Vec<usize>> = None;
    let mut ends = ends.iter();
    let mut number = Vec::new();
    while reader.read_byte_record(&mut row).map_err(failed)? {
        let (columns, end) = match &kept {
            Some(kept) => (kept, ends.next()),
            None => {
                let answered = |at: &usize| {
                    let header = row.get(*at).unwrap_or_default().trim_ascii();
                    ANSWERED.iter().any(|name| name.as_bytes() == header)
                };
                let columns = (0..row.len()).filter(|at| !answered(at)).collect();
                (&*kept.insert(columns), None)
            }
        };
        for &column in columns {
            out.write_field(row.get(column).unwrap_or_default())
                .map_err(failed)?;
        }
        match end {
            None => ANSWERED
                .iter()
                .try_for_each(|name| out.write_field(name))
                .map_err(failed)?,
            Some(end) => {
                for value in [end.at, end.after] {
                    number.clear();
                    if value.is_finite() {
                        write!(number, "{value}").map_err(|error| failed(error.into()))?;
                    }
                    out.write_field(&number).map_err(failed)?;
                }
            }
        }
        out.write_record(None::<&[u8]>).map_err(failed)?;
    }
    out.into_inner()
        .map_err(|error| failed(error.into_error().into()))
}

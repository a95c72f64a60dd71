//! The file of transfers: a header, then one transfer a row.
//!
//! A million rows are usual, so a row is read without copying it and its place in the text is only
//! looked for when something is wrong with it.

use std::collections::HashMap;
use std::path::Path;

use csv::ByteRecord;

use crate::document::cells;
use crate::error::{Error, FileId, Place, Problem, Severity, Sources, choices};
use crate::lang::Text;
use crate::sim::pool::Limit;
use crate::sim::replay::Flow;
use crate::text;

/// Columns that are read.
const READ: [&str; 4] = ["arrival_s", "bytes", "class", "user"];

/// Columns of the answer; those of an earlier answer are replaced.
pub(super) const ANSWERED: [&str; 2] = ["finish_s", "duration_s"];

/// Wrong rows after which nobody reads on.
const MOST_PROBLEMS: usize = 20;

/// The greatest number of seconds or bytes; beyond it is a slip of the pen.
const MOST: f64 = 1e15;

/// The file, read.
#[derive(Debug)]
pub(super) struct FlowsFile {
    pub(super) sources: Sources,
    /// Doubtful, but used as written.
    pub(super) warnings: Vec<Problem>,
    /// By row, the header first: where it begins, line ends before it included.
    pub(super) rows: Vec<usize>,
    pub(super) flows: Vec<Flow>,
    /// By flow: its class as an index into `names`.
    pub(super) classes: Vec<u32>,
    /// Classes of the policy; without one, those that the file names.
    pub(super) names: Vec<String>,
}

/// The classes that a transfer may name.
#[derive(Debug)]
pub(super) enum Classes<'p> {
    /// Any: without a policy they only sort the answer.
    Any,
    /// The leaves of a policy: names by index, inner classes `None`.
    Leaves(Vec<Option<&'p str>>),
}

/// Reads the text of the file at `path`.
///
/// # Errors
/// All that is wrong in the file, up to 20 rows of it.
pub(super) fn read(path: &Path, text: String, classes: &Classes<'_>) -> Result<FlowsFile, Error> {
    let mut sources = Sources::default();
    sources.add(path.to_path_buf(), text);
    let mut reader = Reader {
        text: sources.text(FileId(0)),
        any_class: matches!(classes, Classes::Any),
        columns: [None; READ.len()],
        problems: Vec::new(),
        rows: Vec::new(),
        flows: Vec::new(),
        of_flows: Vec::new(),
        names: Vec::new(),
        by_name: HashMap::new(),
        only_class: None,
        users: HashMap::new(),
    };
    reader.know(classes);
    reader.read();
    let Reader {
        problems,
        rows,
        flows,
        of_flows,
        names,
        ..
    } = reader;
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    match problems.iter().any(is_error) {
        true => Err(Error::Problems { sources, problems }),
        false => Ok(FlowsFile {
            warnings: problems,
            classes: of_flows,
            sources,
            rows,
            flows,
            names,
        }),
    }
}

struct Reader<'t> {
    text: &'t str,
    any_class: bool,
    /// Where the columns of [`READ`] stand.
    columns: [Option<usize>; READ.len()],
    problems: Vec<Problem>,
    rows: Vec<usize>,
    flows: Vec<Flow>,
    of_flows: Vec<u32>,
    names: Vec<String>,
    by_name: HashMap<String, u32>,
    /// The class of a row that names none.
    only_class: Option<u32>,
    users: HashMap<String, u32>,
}

impl Reader<'_> {
    fn know(&mut self, classes: &Classes<'_>) {
        let Classes::Leaves(leaves) = classes else {
            return;
        };
        for (class, name) in leaves.iter().enumerate() {
            self.names.push(name.unwrap_or_default().to_string());
            if let Some(name) = name {
                self.by_name.insert((*name).to_string(), class as u32);
            }
        }
        if self.by_name.len() == 1 {
            self.only_class = self.by_name.values().next().copied();
        }
    }

    fn read(&mut self) {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(self.text.as_bytes());
        let mut row = ByteRecord::new();
        let mut width = None;
        // Reading bytes in memory cannot fail.
        while reader.read_byte_record(&mut row).unwrap_or(false) {
            self.rows.push(start(&row));
            match width {
                None => {
                    width = Some(row.len());
                    if !self.read_header(&row) {
                        return;
                    }
                }
                Some(width) if row.len() != width => self.wrong_width(&row, width),
                Some(_) => match self.flow(&row) {
                    Ok((flow, class)) => {
                        self.flows.push(flow);
                        self.of_flows.push(class);
                    }
                    Err(problem) => self.problems.push(*problem),
                },
            }
            if self.problems.len() >= MOST_PROBLEMS {
                let message = Text::new("其余各行未读", "the other rows were not read");
                self.problems
                    .push(Problem::error("too-many", None, message));
                return;
            }
        }
        if self.flows.is_empty() && self.problems.is_empty() {
            let message = Text::new("没有任何传输", "there is no transfer");
            let help = Text::new("一行一次传输", "one transfer a row");
            let place = Some(self.place(0, 0));
            self.problems
                .push(Problem::error("no-transfer", place, message).help(help));
        }
    }

    /// Finds the columns; whether a row can be read with them.
    fn read_header(&mut self, row: &ByteRecord) -> bool {
        for (at, header) in row.iter().enumerate() {
            let header = String::from_utf8_lossy(header.trim_ascii());
            let Some(column) = READ.iter().position(|name| *name == header) else {
                continue;
            };
            if self.columns[column].replace(at).is_some() {
                let message = text!("{header} 列重复", "the column {header} stands twice");
                let help = Text::new("每列一次", "each column once");
                let problem = Problem::error("name-twice", Some(self.cell_place(row, at)), message);
                self.problems.push(problem.help(help));
            }
        }
        if self.any_class && self.columns[2].is_none() {
            self.names.push(String::new());
            self.only_class = Some(0);
        }
        let needs_class = !self.any_class && self.only_class.is_none();
        for (column, needed) in [(0, true), (1, true), (2, needs_class)] {
            if needed && self.columns[column].is_none() {
                let name = READ[column];
                let message = text!("没有 {name} 列", "there is no column {name}");
                let help = text!(
                    "表头：arrival_s,bytes[,class][,user]",
                    "header: arrival_s,bytes[,class][,user]"
                );
                let place = Some(self.cell_place(row, 0));
                let problem = Problem::error("missing-column", place, message);
                self.problems.push(problem.help(help));
            }
        }
        self.problems.is_empty()
    }

    fn wrong_width(&mut self, row: &ByteRecord, width: usize) {
        let found = row.len();
        let message = text!("这一行有 {found} 个单元格", "this row has {found} cells");
        let help = text!("{width} 个，与表头相同", "{width}, as the header has");
        let problem = Problem::error("row-width", Some(self.cell_place(row, 0)), message);
        self.problems.push(problem.help(help));
    }

    fn flow(&mut self, row: &ByteRecord) -> Result<(Flow, u32), Box<Problem>> {
        let arrival = self.number(row, 0)?;
        let bytes = self.number(row, 1)?;
        let class = self.class(row)?;
        let flow = Flow {
            arrival,
            bits: bytes * 8.0,
            class: if self.any_class { 0 } else { class },
            limit: match self.cell(row, 3) {
                "" => Limit::None,
                user => Limit::User(number_of(&mut self.users, user)),
            },
        };
        Ok((flow, class))
    }

    /// The text of a column of [`READ`]; empty where it is missing.
    fn cell<'r>(&self, row: &'r ByteRecord, column: usize) -> &'r str {
        let cell = self.columns[column].and_then(|at| row.get(at));
        // The whole file is UTF-8 and cells end at ASCII characters.
        std::str::from_utf8(cell.unwrap_or_default().trim_ascii()).unwrap_or_default()
    }

    fn number(&self, row: &ByteRecord, column: usize) -> Result<f64, Box<Problem>> {
        let cell = self.cell(row, column);
        match cell.parse::<f64>() {
            Ok(number) if (0.0..=MOST).contains(&number) => Ok(number),
            _ => Err(self.wrong(
                row,
                column,
                Text::new(
                    format!("零或正数，至多 {MOST:e}"),
                    format!("zero or a positive number, at most {MOST:e}"),
                ),
            )),
        }
    }

    fn class(&mut self, row: &ByteRecord) -> Result<u32, Box<Problem>> {
        let name = self.cell(row, 2);
        let only = self.only_class.filter(|_| name.is_empty());
        if self.any_class && only.is_none() {
            let class = number_of(&mut self.by_name, name);
            if class as usize == self.names.len() {
                self.names.push(name.to_string());
            }
            return Ok(class);
        }
        only.or_else(|| self.by_name.get(name).copied())
            .ok_or_else(|| {
                let names = self.names.iter().map(String::as_str);
                let known: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
                self.wrong(row, 2, choices(name, &known))
            })
    }

    fn wrong(&self, row: &ByteRecord, column: usize, allowed: Text) -> Box<Problem> {
        let (name, cell) = (READ[column], self.cell(row, column));
        let message = text!("{name} 不能是 \"{cell}\"", "{name} cannot be \"{cell}\"");
        let at = self.columns[column].unwrap_or(0);
        let place = Some(self.cell_place(row, at));
        Box::new(Problem::error("wrong-value", place, message).help(allowed))
    }

    fn cell_place(&self, row: &ByteRecord, cell: usize) -> Place {
        self.place(start(row), cell)
    }

    fn place(&self, row_start: usize, cell: usize) -> Place {
        let spans = cells::spans(self.text, row_start);
        Place {
            file: FileId(0),
            span: spans.get(cell).or(spans.last()).cloned().unwrap_or(0..0),
        }
    }
}

/// Where a row begins in the text.
fn start(row: &ByteRecord) -> usize {
    let start = row.position().map_or(0, csv::Position::byte);
    usize::try_from(start).unwrap_or(0)
}

/// The number of a name: the next one if it is new.
fn number_of(numbers: &mut HashMap<String, u32>, name: &str) -> u32 {
    match numbers.get(name) {
        Some(number) => *number,
        None => {
            let number = numbers.len() as u32;
            numbers.insert(name.to_string(), number);
            number
        }
    }
}

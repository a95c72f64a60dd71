//! Reads the file, and says of each wrong cell where it stands and what is allowed.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::{Atlas, Origin};
use crate::document::cells;
use crate::error::{Error, FileId, Place, Problem, Sources, choices};
use crate::lang::Text;
use crate::prefix::{Prefix, Table, Wrong};
use crate::text;

/// The columns, in the order of [`Row`]; the last may be missing.
const COLUMNS: [&str; 4] = ["prefix", "asn", "name", "place"];

/// A file that has more problems than this is another kind of file.
const MOST_PROBLEMS: usize = 20;

/// Reads the text of a file.
pub(super) fn parse(path: &Path, text: String) -> Result<Atlas, Error> {
    let mut sources = Sources::default();
    let file = sources.add(path.to_path_buf(), text);
    let mut reading = Reading {
        text: sources.text(file),
        file,
        problems: Vec::new(),
        networks: BTreeMap::new(),
        known: HashSet::new(),
    };
    reading.read();
    let Reading {
        problems, networks, ..
    } = reading;
    match problems.is_empty() {
        true => Ok(Atlas {
            networks: Table::new(networks),
        }),
        false => Err(Error::Problems { sources, problems }),
    }
}

/// Where in a row each of [`COLUMNS`] stands.
type Order = [Option<usize>; COLUMNS.len()];

struct Reading<'t> {
    text: &'t str,
    file: FileId,
    problems: Vec<Problem>,
    networks: BTreeMap<Prefix, Origin>,
    /// Names and places: a few thousand of each for a million prefixes.
    known: HashSet<Arc<str>>,
}

impl Reading<'_> {
    fn read(&mut self) {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(self.text.as_bytes());
        let mut row = csv::StringRecord::new();
        let mut order = None;
        // Reading a `&str` cannot fail: the bytes are in memory and are UTF-8.
        while self.problems.len() < MOST_PROBLEMS && reader.read_record(&mut row).unwrap_or(false) {
            let start = row.position().map_or(0, csv::Position::byte);
            let start = usize::try_from(start).unwrap_or(0);
            match order {
                None => {
                    let Some(found) = self.header(&row, start) else {
                        return;
                    };
                    order = Some((found, row.len()));
                }
                Some((_, width)) if row.len() != width => {
                    let found = row.len();
                    let message = text!("这一行有 {found} 个单元格", "this row has {found} cells");
                    let help = text!("{width} 个，与表头相同", "{width}, as the header has");
                    self.wrong("row-width", (start, 0), message, help);
                }
                Some((order, _)) => self.row(&row, order, start),
            }
        }
        if order.is_none() {
            let message = Text::new("文件是空的", "the file is empty");
            self.wrong("missing-column", (0, 0), message, form());
        }
    }

    /// Takes note of a problem of the cell number `column` of the row that begins at `start`.
    fn wrong(
        &mut self,
        code: &'static str,
        (start, column): (usize, usize),
        message: Text,
        help: Text,
    ) {
        let spans = cells::spans(self.text, start);
        let span = spans.get(column).or(spans.last()).cloned();
        let place = Place {
            file: self.file,
            span: span.unwrap_or(0..0),
        };
        let problem = Problem::error(code, Some(place), message);
        self.problems.push(problem.help(help));
    }

    fn header(&mut self, row: &csv::StringRecord, start: usize) -> Option<Order> {
        let mut order = Order::default();
        let before = self.problems.len();
        for (at, name) in row.iter().enumerate() {
            let column = COLUMNS.iter().position(|known| *known == name);
            let Some(place) = column.and_then(|column| order.get_mut(column)) else {
                let message = text!("没有名为 \"{name}\" 的列", "there is no column \"{name}\"");
                self.wrong(
                    "unknown-column",
                    (start, at),
                    message,
                    choices(name, &COLUMNS),
                );
                continue;
            };
            if place.replace(at).is_some() {
                let message = text!("{name} 列重复", "the column {name} stands twice");
                let help = Text::new("每列一次", "each column once");
                self.wrong("name-twice", (start, at), message, help);
            }
        }
        for (name, at) in COLUMNS.iter().zip(order).take(COLUMNS.len() - 1) {
            if at.is_none() {
                let message = text!("没有 {name} 列", "there is no column {name}");
                self.wrong("missing-column", (start, 0), message, form());
            }
        }
        (self.problems.len() == before).then_some(order)
    }

    fn row(&mut self, row: &csv::StringRecord, order: Order, start: usize) {
        let [prefix_at, asn_at, name_at, place_at] = order;
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
        let at = |column: Option<usize>| (start, column.unwrap_or_default());
        let prefix = self.prefix(cell(prefix_at), at(prefix_at));
        let asn = self.asn(cell(asn_at), at(asn_at));
        let name = cell(name_at);
        if name.is_empty() {
            let message = Text::new("没有名称", "there is no name");
            let help = Text::new("写明这个网络归谁", "say whose this network is");
            self.wrong("missing-field", at(name_at), message, help);
        }
        let (Some(prefix), Some(asn)) = (prefix, asn) else {
            return;
        };
        let place = Some(cell(place_at)).filter(|place| !place.is_empty());
        let origin = Origin {
            asn,
            name: self.shared(name),
            place: place.map(|place| self.shared(place)),
        };
        if self.networks.insert(prefix, origin).is_some() {
            let written = cell(prefix_at);
            let message = text!("{written} 出现了两次", "{written} stands twice");
            let help = Text::new("每个网络一行", "one row for each network");
            self.wrong("name-twice", at(prefix_at), message, help);
        }
    }

    fn prefix(&mut self, cell: &str, at: (usize, usize)) -> Option<Prefix> {
        let wrong = match cell.parse() {
            Ok(read) => return Some(read),
            Err(wrong) => wrong,
        };
        let (message, help) = match wrong {
            Wrong::Form => (
                text!(
                    "prefix \"{cell}\" 不是网络",
                    "prefix \"{cell}\" is no network"
                ),
                Text::new(
                    "例如 192.0.2.0/24、2001:db8::/32，或一个地址",
                    "for example 192.0.2.0/24, 2001:db8::/32, or an address",
                ),
            ),
            Wrong::Bits(meant) => (
                text!(
                    "prefix \"{cell}\" 在前缀长度之后还有非零位",
                    "prefix \"{cell}\" has bits behind its length"
                ),
                text!("是不是 {meant}？", "did you mean {meant}?"),
            ),
        };
        self.wrong("wrong-value", at, message, help);
        None
    }

    /// The autonomous system of a cell, which may name none; `None` when it is wrong.
    fn asn(&mut self, cell: &str, at: (usize, usize)) -> Option<Option<u32>> {
        if cell.is_empty() {
            return Some(None);
        }
        let digits = match cell.split_at_checked(2) {
            Some((two, rest)) if two.eq_ignore_ascii_case("as") => rest,
            _ => cell,
        };
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(asn) = digits.parse().ok().filter(|_| all_digits) {
            return Some(Some(asn));
        }
        let message = text!("asn 不能是 \"{cell}\"", "asn cannot be \"{cell}\"");
        let help = Text::new(
            "0 到 4294967295，可带 AS，或留空",
            "0 to 4294967295, with or without AS, or nothing",
        );
        self.wrong("wrong-value", at, message, help);
        None
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        self.known.insert(new.clone());
        new
    }
}

fn form() -> Text {
    Text::new(
        "第一行为表头：prefix,asn,name 或 prefix,asn,name,place",
        "the first row is the header: prefix,asn,name or prefix,asn,name,place",
    )
}

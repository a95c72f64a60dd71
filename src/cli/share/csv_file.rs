//! The CSV form: one row per class, rows of one (rep, mix) are one class tree. Numbers are bare;
//! the unit is in the column's name or, for `offered`, `guarantee` and `ceil`, Mbit/s.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use crate::error::{FileId, Place, Problem, Sources, did_you_mean};
use crate::lang::Text;
use crate::qos::{Class, Demand, Preset};
use crate::text;
use crate::units::{BitRate, Bytes, Seconds};

use super::written::{self, Case, ClassPlaces, Offered, Table, Written};

/// Columns that are read, with what an empty or missing one means.
const READ: &[&str] = &[
    "rep",           // one repetition
    "mix",           // one mix
    "link_mbit",     // --link
    "tbf_mbit",      // no line behind
    "class",         // required
    "parent",        // the link (also written `root`)
    "kind",          // by whether it is a parent
    "offered",       // greedy
    "guarantee",     // 0; inner: sum of its children
    "ceil",          // the link's rate
    "prio",          // 0
    "quantum",       // from the guarantee
    "users",         // no limit per user
    "per_user_mbit", // no limit per user
    "queue_frames",  // 247, for `onoff`
    "period_s",      // 4, for `onoff`
];

/// Columns that are known and only repeated.
const REPEATED: &[&str] = &[
    "proto",
    "flows",
    "measured_mbit",
    "drops",
    "owd_p50_ms",
    "owd_p95_ms",
];

/// Columns of an earlier answer, replaced by this one's.
pub(super) const ANSWERED: [&str; 4] = ["share_mbit", "share_low_mbit", "share_high_mbit", "why"];

/// Reads the text of a CSV file; what is wrong with it is among the problems.
pub(super) fn read(path: &Path, text: String, preset: Preset) -> Written {
    let mut sources = Sources::default();
    let file = sources.add(path.to_path_buf(), text);
    let mut reader = Reader {
        file,
        columns: HashMap::new(),
        problems: Vec::new(),
        cases: Vec::new(),
        by_name: HashMap::new(),
        table: Table::default(),
    };
    reader.read(sources.text(file));
    reader.check_kinds();
    let Reader {
        problems,
        cases,
        table,
        ..
    } = reader;
    Written {
        sources,
        problems,
        preset,
        rules: preset.rules(),
        cases,
        table,
    }
}

/// A row as text, cell by cell, with the place of each.
struct Row<'t> {
    cells: &'t csv::StringRecord,
    spans: Vec<Range<usize>>,
    file: FileId,
}

impl Row<'_> {
    fn place(&self, column: usize) -> Place {
        let span = self.spans.get(column).or(self.spans.last());
        Place {
            file: self.file,
            span: span.cloned().unwrap_or(0..0),
        }
    }
}

struct Reader {
    file: FileId,
    columns: HashMap<&'static str, usize>,
    problems: Vec<Problem>,
    cases: Vec<Case>,
    by_name: HashMap<(String, String), usize>,
    table: Table,
}

impl Reader {
    fn read(&mut self, text: &str) {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut cells = csv::StringRecord::new();
        let mut width = None;
        // Reading a `&str` cannot fail: the bytes are in memory and are UTF-8.
        while reader.read_record(&mut cells).unwrap_or(false) {
            let start = cells.position().map_or(0, |position| position.byte());
            let row = Row {
                spans: cell_spans(text, usize::try_from(start).unwrap_or(0)),
                file: self.file,
                cells: &cells,
            };
            match width {
                None => {
                    width = Some(cells.len());
                    self.read_headers(&row);
                    if !self.columns.contains_key("class") {
                        return;
                    }
                }
                Some(width) if cells.len() != width => {
                    let found = cells.len();
                    let message = text!("这一行有 {found} 个单元格", "this row has {found} cells");
                    let help = text!("{width} 个，与表头相同", "{width}, as the header has");
                    let problem = Problem::error("row-width", Some(row.place(0)), message);
                    self.problems.push(problem.help(help));
                }
                Some(_) => self.read_class(&row),
            }
        }
        if self.table.rows.is_empty() && self.problems.is_empty() {
            let message = Text::new("表中没有任何业务类", "the table has no class");
            let place = Place {
                file: self.file,
                span: 0..0,
            };
            let help = Text::new("一行一个业务类", "one row per class");
            self.problems
                .push(Problem::error("no-class", Some(place), message).help(help));
        }
    }

    fn read_headers(&mut self, row: &Row<'_>) {
        for (at, header) in row.cells.iter().enumerate() {
            if let Some(name) = READ.iter().find(|name| **name == header) {
                if self.columns.insert(name, at).is_some() {
                    let message = text!("{header} 列重复", "the column {header} stands twice");
                    let help = Text::new("每列一次", "each column once");
                    let problem = Problem::error("name-twice", Some(row.place(at)), message);
                    self.problems.push(problem.help(help));
                }
            } else if !REPEATED.contains(&header)
                && !ANSWERED.contains(&header)
                && let Some(meant) = did_you_mean(header, READ.iter().copied())
            {
                let message = text!("未使用 {header} 列", "the column {header} is not read");
                let help = text!("是否想写 {meant}？", "did you mean {meant}?");
                let problem = Problem::warning("unknown-column", Some(row.place(at)), message);
                self.problems.push(problem.help(help));
            }
        }
        if !self.columns.contains_key("class") {
            let message = Text::new("没有 class 列", "there is no column class");
            let listed = READ.join(", ");
            let help = text!("可用的列：{listed}", "columns: {listed}");
            let problem = Problem::error("missing-column", Some(row.place(0)), message);
            self.problems.push(problem.help(help));
        }
        self.table.headers = row.cells.iter().map(str::to_string).collect();
    }

    /// The cell of `column`; `None` where the column is missing or the cell is empty.
    fn cell<'t>(&self, row: &Row<'t>, column: &str) -> Option<(&'t str, Place)> {
        let at = *self.columns.get(column)?;
        let cell = row.cells.get(at).filter(|cell| !cell.is_empty())?;
        Some((cell, row.place(at)))
    }

    /// A number of zero or more; `whole` asks for one without a fraction.
    fn number(&mut self, row: &Row<'_>, column: &str, whole: bool) -> Option<(f64, Place)> {
        let (cell, place) = self.cell(row, column)?;
        let number = cell
            .parse::<f64>()
            .ok()
            .filter(|n| n.is_finite() && *n >= 0.0);
        let number = number.filter(|n| !whole || (n.fract() == 0.0 && *n <= f64::from(u32::MAX)));
        if number.is_none() {
            let help = match whole {
                true => Text::new("0、1、2……", "0, 1, 2 ..."),
                false if column == "offered" => Text::new(
                    "greedy、onoff，或以 Mbit/s 计的数字",
                    "greedy, onoff, or a number in Mbit/s",
                ),
                false => match column {
                    "quantum" => Text::new("字节数", "a number of bytes"),
                    "users" | "queue_frames" => Text::new("零或正数", "zero or a positive number"),
                    "period_s" => Text::new("秒数", "a number of seconds"),
                    _ => Text::new("以 Mbit/s 计的数字", "a number in Mbit/s"),
                },
            };
            self.wrong_cell(column, cell, place, help);
            return None;
        }
        Some((number?, place))
    }

    fn wrong_cell(&mut self, column: &str, cell: &str, place: Place, help: Text) {
        let message = text!(
            "{column} 不能是 \"{cell}\"",
            "{column} cannot be \"{cell}\""
        );
        let problem = Problem::error("wrong-value", Some(place), message);
        self.problems.push(problem.help(help));
    }

    fn read_class(&mut self, row: &Row<'_>) {
        let table_row = self.table.rows.len();
        self.table
            .rows
            .push(row.cells.iter().map(str::to_string).collect());
        let Some((name, name_place)) = self.cell(row, "class") else {
            let at = self.columns.get("class").copied().unwrap_or(0);
            let message = Text::new("业务类没有名称", "the class has no name");
            let help = Text::new("一个名称", "a name");
            let problem = Problem::error("missing-field", Some(row.place(at)), message);
            self.problems.push(problem.help(help));
            return;
        };
        let before = self.problems.len();
        let mut places = ClassPlaces {
            name: name_place,
            fields: Vec::new(),
        };
        let mut rate = |reader: &mut Reader, column, field| {
            let (mbit, place) = reader.number(row, column, false)?;
            places.fields.push((field, place));
            Some(BitRate::mbit(mbit))
        };
        let guarantee = rate(self, "guarantee", "guarantee");
        let ceiling = rate(self, "ceil", "ceiling");
        let per_user = rate(self, "per_user_mbit", "per_user");
        let link = rate(self, "link_mbit", "link");
        let line = rate(self, "tbf_mbit", "line");
        let priority = self.number(row, "prio", true).map_or(0.0, |(prio, _)| prio);
        let users = self.number(row, "users", false);
        let quantum = self.number(row, "quantum", false);
        let queue = self.number(row, "queue_frames", false);
        let period = self.number(row, "period_s", false);
        let offered = self.offered(row);
        let parent = self.cell(row, "parent");
        for (field, found) in [("users", &users), ("quantum", &quantum)] {
            if let Some((_, place)) = found {
                places.fields.push((field, place.clone()));
            }
        }
        if let Some((_, place)) = &parent {
            places.fields.push(("parent", place.clone()));
        }
        if let Some((_, place)) = self.cell(row, "kind") {
            places.fields.push(("kind", place));
        }
        let users = users.map(|(users, _)| users);
        let per_user = written::per_user(users, per_user, &places, &mut self.problems);
        let class = Class {
            name: name.to_string(),
            parent: parent.map(|(parent, _)| parent.to_string()),
            guarantee,
            ceiling,
            // `number` has kept it within u32.
            priority: priority as u32,
            quantum: quantum.map(|(bytes, _)| Bytes(bytes)),
            per_user,
        };
        let case = self.case(row);
        self.agree(case, link, "link", &places, |case| &mut case.link);
        self.agree(case, line, "line", &places, |case| &mut case.line);
        let case = &mut self.cases[case];
        case.broken |= self.problems.len() > before;
        let number = case.classes.len();
        let queue = queue.map(|(frames, _)| Bytes(frames * 1514.0));
        case.offer(number, offered, queue, period.map(|(s, _)| Seconds(s)));
        case.classes.push(class);
        case.rows.push(table_row);
        case.places.push(places);
    }

    fn offered(&mut self, row: &Row<'_>) -> Offered {
        match self.cell(row, "offered") {
            None | Some(("greedy", _)) => Offered::Demand(Demand::Greedy),
            Some(("onoff", _)) => Offered::OnOff,
            Some(_) => {
                let mbit = self
                    .number(row, "offered", false)
                    .map_or(0.0, |(mbit, _)| mbit);
                Offered::Demand(Demand::Rate(BitRate::mbit(mbit)))
            }
        }
    }

    /// Index of the case that a row belongs to.
    fn case(&mut self, row: &Row<'_>) -> usize {
        let part = |column| self.cell(row, column).map(|(cell, _)| cell.to_string());
        let (rep, mix) = (part("rep"), part("mix"));
        let key = (
            rep.clone().unwrap_or_default(),
            mix.clone().unwrap_or_default(),
        );
        let next = self.cases.len();
        let case = *self.by_name.entry(key).or_insert(next);
        if case == next {
            self.cases.push(Case {
                rep,
                mix,
                ..Case::default()
            });
        }
        case
    }

    /// Sets what all rows of a case must agree on.
    fn agree(
        &mut self,
        case: usize,
        found: Option<BitRate>,
        field: &str,
        places: &ClassPlaces,
        of: impl Fn(&mut Case) -> &mut Option<BitRate>,
    ) {
        let Some(found) = found else { return };
        let known = of(&mut self.cases[case]);
        match *known {
            None => *known = Some(found),
            Some(known) if known == found => {}
            Some(known) => {
                let message = text!(
                    "{found} 与同组其他行的 {known} 不同",
                    "{found} differs from the {known} of other rows of this mix"
                );
                let help = Text::new("同一组的所有行取值相同", "one value in all rows of a mix");
                let problem = Problem::error("disagreement", Some(places.of(field)), message);
                self.problems.push(problem.help(help));
            }
        }
    }

    /// `parent` = root means the link unless a class has that name; `kind` must be what it is.
    fn check_kinds(&mut self) {
        for case in &mut self.cases {
            if !case.classes.iter().any(|class| class.name == "root") {
                for class in &mut case.classes {
                    class.parent = class.parent.take().filter(|parent| parent != "root");
                }
            }
            let parents = case.parents();
            // Tables say something of every row; what an inner class offers means nothing.
            let classes = &case.classes;
            case.bursts
                .retain(|burst| !parents.contains(&classes[burst.class].name));
            for (number, class) in case.classes.iter().enumerate() {
                let Some((_, place)) = case.places[number]
                    .fields
                    .iter()
                    .find(|(f, _)| *f == "kind")
                else {
                    continue;
                };
                let at = self.columns.get("kind").copied().unwrap_or(0);
                let said = self.table.rows[case.rows[number]][at].as_str();
                let is = match parents.contains(&class.name) {
                    true => "inner",
                    false => "leaf",
                };
                if said != is {
                    let name = &class.name;
                    let message = text!(
                        "{name} 写为 \"{said}\"，实际是 {is}",
                        "{name} is called \"{said}\" but is {is}"
                    );
                    let help = Text::new(
                        "有下级的写 inner，其余写 leaf，也可不写",
                        "inner for a class that is a parent, leaf for the others, or nothing",
                    );
                    let problem = Problem::error("wrong-kind", Some(place.clone()), message);
                    self.problems.push(problem.help(help));
                }
            }
        }
    }
}

/// Byte ranges of the cells of the row that begins at or after `start`, as they stand in the text,
/// quotes included.
pub(in crate::cli) fn cell_spans(text: &str, start: usize) -> Vec<Range<usize>> {
    let skipped = |c: char| matches!(c, '\n' | '\r' | '\u{feff}');
    let rest = text.get(start..).unwrap_or_default();
    let mut begin = start + rest.find(|c| !skipped(c)).unwrap_or(0);
    let mut spans = Vec::new();
    let mut quoted = false;
    let from = begin;
    for (offset, c) in text[from..].char_indices() {
        let at = from + offset;
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                spans.push(begin..at);
                begin = at + 1;
            }
            '\n' | '\r' if !quoted => {
                spans.push(begin..at);
                return spans;
            }
            _ => {}
        }
    }
    spans.push(begin..text.len());
    spans
}

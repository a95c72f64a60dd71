//! A topology as people read it: the path, then every section as a table.
//!
//! [`overview`] is the whole, [`journey`] one walk step by step, [`values`] every value with its
//! origin, [`json`] all of it as data.

use crate::lang::Lang;
use crate::lang::words::Word;
use crate::report::table::Table;
use crate::scenario::Scenario;
use crate::topology::{Link, LinkAt, NodeAt, Topology, Way};
use crate::units::BitRate;

pub mod journey;
pub mod json;
mod marks;
mod network;
mod path;
mod people;
mod policies;
mod promises;
pub mod values;

pub use marks::Marks;

/// What is looked at, and how.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The topology.
    pub topology: &'a Topology,
    /// Where its values come from.
    pub marks: &'a Marks<'a>,
    /// The scenario that changed it, if one did.
    pub scenario: Option<&'a Scenario>,
    /// Language of everything printed.
    pub lang: Lang,
    /// Terminal cells to keep within; `None`: as wide as it takes.
    pub columns: Option<u16>,
}

/// The path, then every section that is not empty. `all_units` lists units instead of summing
/// them by the populations that they belong to.
pub fn overview(view: &View<'_>, all_units: bool) -> String {
    let mut page = Page {
        view,
        text: heading(view),
    };
    if view.scenario.is_some() {
        let title = view
            .lang
            .pick("方案改动的取值", "values that the scenario sets");
        page.titled(title, &values::changes(view));
    }
    page.text.push_str(&path::draw(view));
    network::sections(&mut page);
    policies::sections(&mut page);
    people::sections(&mut page, all_units);
    promises::sections(&mut page);
    page.text.push('\n');
    page.text.push_str(&marks::legend(view.lang));
    page.text
}

/// Name, source, and the scenario with its question.
fn heading(view: &View<'_>) -> String {
    let lang = view.lang;
    let mut text = format!("{}\n", view.topology.name.get(lang));
    if let Some(source) = &view.topology.source {
        let head = lang.pick("来源：", "source: ");
        text.push_str(&format!("{head}{}\n", source.get(lang)));
    }
    if let Some(scenario) = view.scenario {
        let head = lang.pick("方案：", "scenario: ");
        let (name, id) = (scenario.name.get(lang), &scenario.id);
        text.push_str(&format!("{head}{name} ({id})\n"));
        if let Some(question) = &scenario.question {
            text.push_str(&format!("  {}\n", question.get(lang)));
        }
        if let Some(price) = scenario.price {
            text.push_str(&format!("  {} {price}\n", view.word(Word::Price)));
        }
    }
    text
}

/// A page of sections under construction.
struct Page<'v> {
    view: &'v View<'v>,
    text: String,
}

impl Page<'_> {
    /// Adds a table under its title, unless it has no rows.
    fn section(&mut self, word: Word, table: &Table) {
        if !table.is_empty() {
            let title = format!("{} ({})", word.get(self.view.lang), table.len());
            self.titled(&title, table);
        }
    }

    /// Adds a table under a title of its own, unless it has no rows.
    fn titled(&mut self, title: &str, table: &Table) {
        if !table.is_empty() {
            self.text
                .push_str(&format!("\n{title}\n{}", table.draw(self.view.columns)));
        }
    }

    /// Adds a line under the table before.
    fn line(&mut self, line: &str) {
        self.text.push_str(&format!("{line}\n"));
    }
}

impl View<'_> {
    /// A word in the view's language.
    pub fn word(&self, word: Word) -> &'static str {
        word.get(self.lang)
    }

    /// "上行容量", "capacity up".
    fn way(&self, word: Word, way: Way) -> String {
        let (word, way) = (self.word(word), self.word(way.word()));
        match self.lang {
            Lang::Zh => format!("{way}{word}"),
            Lang::En => format!("{word} {way}"),
        }
    }

    /// A node as people point at it: its figure number, else its id.
    fn short(&self, at: NodeAt) -> String {
        let node = &self.topology[at];
        match node.number {
            Some(number) => number.to_string(),
            None => node.id.clone(),
        }
    }

    /// Figure number and name.
    fn full(&self, at: NodeAt) -> String {
        let node = &self.topology[at];
        let name = node.name.get(self.lang);
        match node.number {
            Some(number) => format!("{number} {name}"),
            None => name.to_string(),
        }
    }

    /// Nodes one after another: `1→2→3`.
    fn route(&self, nodes: impl Iterator<Item = NodeAt>) -> String {
        nodes.map(|at| self.short(at)).collect::<Vec<_>>().join("→")
    }

    /// The capacity of a link one way, marked.
    fn capacity(&self, link: &Link, way: Way) -> String {
        let own = match way {
            Way::Up => "capacity-up",
            Way::Down => "capacity-down",
        };
        let path = ["link", &link.id];
        self.marks
            .cell(&path, &[own, "capacity"], link.capacity[way.at()])
    }

    /// The capacity of a link both ways, said once where it is the same.
    pub fn capacities(&self, link: &Link) -> String {
        let [up, down] = link.capacity;
        match up == down {
            true => self.capacity(link, Way::Up),
            false => format!(
                "↑{} ↓{}",
                self.capacity(link, Way::Up),
                self.capacity(link, Way::Down)
            ),
        }
    }

    /// The idle delay of a link, marked.
    pub fn delay(&self, link: &Link) -> String {
        self.marks.cell(&["link", &link.id], &["delay"], link.delay)
    }

    fn link_id(&self, at: LinkAt) -> &str {
        &self.topology[at].id
    }

    /// "yes" as a tick, "no" as nothing.
    fn tick(truth: bool) -> &'static str {
        if truth { "✓" } else { "" }
    }

    fn arrow(way: Way) -> &'static str {
        match way {
            Way::Up => "↑",
            Way::Down => "↓",
        }
    }
}

/// A rate, or that there is no limit.
fn or_unlimited(rate: Option<BitRate>, unlimited: &str) -> String {
    rate.map_or(unlimited.to_string(), |rate| rate.to_string())
}

//! Which columns of the table there is room for, and how many cells each gets.

use super::super::super::figures::verdict;
use super::super::super::state::Display;
use super::Table;
use crate::lang::width;
use crate::report::trace::Field;
use crate::trace::report::Row;

/// Cells of a figure: `100.0%`, `999000`.
const FIGURE: u16 = 6;

/// Cells of a count that mtr gives five.
const COUNT: u16 = 5;

/// Cells of an IPv4 address.
const ADDRESS: u16 = 15;

/// The least cells of words that are cut.
const WORDS: u16 = 7;

/// The least cells of a history.
const STRIP: u16 = 12;

/// The most cells of a history beside figures.
const LONGEST_STRIP: u16 = 60;

/// The most cells of a verdict or a name in the table.
const LONGEST: u16 = 28;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Number,
    Host,
    Figure(Field),
    Verdict,
    Node,
    Owner,
    Strip,
}

/// A column with the cells that it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) part: Part,
    pub(super) cells: u16,
}

impl Table<'_> {
    /// The columns for a table of so many cells, in their order, each with its cells.
    pub(super) fn place(&self, room: u16, host_head: &str) -> Vec<Placed> {
        let widest = |of: &dyn Fn(&Row) -> String, part| {
            let rows = self.rows().iter().map(|row| width(&of(row)));
            let widest = rows.chain([width(&self.name(part))]).max().unwrap_or(0);
            u16::try_from(widest).unwrap_or(u16::MAX)
        };
        let named = widest(&|row| self.host(row, false), Part::Host);
        let host = widest(&|row| self.host(row, true), Part::Host).max(named);
        let host = host.max(width(host_head) as u16);
        let node = widest(&|row| self.node(row), Part::Node).min(LONGEST);
        let owner = widest(&|row| self.owner(row), Part::Owner).min(LONGEST);
        let verdict = widest(
            &|row| verdict(row).get(self.lang).to_string(),
            Part::Verdict,
        );
        let verdict = verdict.min(LONGEST);
        let least_host = if room < 60 { WORDS } else { ADDRESS };
        let planned = self.view.report.plan.is_some();
        let figure = |column: &Field| match column {
            Field::Sent | Field::Received | Field::Drop => COUNT,
            _ => FIGURE,
        };
        let figures = self.state.columns.iter();
        let figures: Vec<_> = figures
            .map(|own| (Part::Figure(*own), figure(own)))
            .collect();
        let (least_node, least_owner) = (node.min(WORDS * 2), owner.min(WORDS));
        let nodes = [(Part::Node, least_node), (Part::Owner, least_owner)];
        let nodes = nodes.into_iter().filter(|_| planned);
        let loss = (Part::Figure(Field::Loss), FIGURE);
        let last = (Part::Figure(Field::Newest), FIGURE);
        let judged = (Part::Verdict, verdict);
        let strip = (Part::Strip, STRIP);
        let mut wanted = vec![(Part::Number, 3), (Part::Host, least_host.min(host))];
        match self.state.display {
            Display::Figures => {
                wanted.extend(figures.iter().take(1));
                wanted.push(judged);
                wanted.extend(figures.iter().skip(1));
                wanted.extend(nodes);
                wanted.push(strip);
            }
            Display::History => wanted.extend([strip, loss, last, judged]),
            Display::Nodes => {
                wanted.extend(nodes);
                wanted.extend([judged, loss, last, strip]);
            }
        }
        let longest_strip = match self.state.display {
            Display::History => u16::MAX,
            Display::Figures | Display::Nodes => LONGEST_STRIP,
        };
        let mut placed: Vec<Placed> = Vec::new();
        let mut left = room.saturating_add(1);
        for (part, cells) in wanted {
            let node = placed.iter().any(|placed| placed.part == Part::Node);
            // The first column may be cut, all others are whole or not there.
            if (left > cells || placed.is_empty()) && (part != Part::Owner || node) {
                left = left.saturating_sub(cells + 1);
                placed.push(Placed { part, cells });
            }
        }
        for (part, most) in [
            (Part::Host, host.min(ADDRESS)),
            (Part::Node, node),
            (Part::Owner, owner),
            (Part::Host, host),
            (Part::Strip, longest_strip),
        ] {
            if let Some(placed) = placed.iter_mut().find(|placed| placed.part == part) {
                let more = most.saturating_sub(placed.cells).min(left);
                placed.cells += more;
                left -= more;
            }
        }
        placed.sort_by_key(|placed| self.order(placed.part));
        placed
    }

    /// Where a column stands, from the left.
    fn order(&self, part: Part) -> usize {
        match part {
            Part::Number => 0,
            Part::Host => 1,
            Part::Figure(column) => {
                let chosen = self.state.columns.iter();
                2 + chosen.take_while(|own| **own != column).count()
            }
            Part::Verdict => 100,
            Part::Node => 101,
            Part::Owner => 102,
            Part::Strip => 103,
        }
    }
}

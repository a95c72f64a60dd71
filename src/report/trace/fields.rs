//! The columns of a report, by mtr's letters.

use std::time::Duration;

use crate::lang::Text;
use crate::text;
use crate::trace::stats::{Jitter, PathStats, Times};
use crate::trace::times::ms;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// L: part lost.
    Loss,
    /// D: probes lost.
    Drop,
    /// R: probes answered.
    Received,
    /// S: probes sent.
    Sent,
    /// N: newest round trip.
    Newest,
    /// B: best.
    Best,
    /// A: average.
    Average,
    /// W: worst.
    Worst,
    /// V: standard deviation.
    Deviation,
    /// G: geometric mean.
    Geometric,
    /// J: latest jitter.
    Jitter,
    /// M: mean jitter.
    MeanJitter,
    /// X: worst jitter.
    WorstJitter,
    /// I: interarrival jitter, by RFC 3550.
    Interarrival,
    /// A space: an empty column.
    Gap,
}

/// A figure of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// A number of probes.
    Count(u64),
    /// A part, 0 to 1.
    Part(f64),
    /// A time.
    Time(Duration),
    /// There is none.
    None,
    /// The column is empty.
    Empty,
}

impl Figure {
    /// As in a table: a percentage with one decimal, milliseconds with three digits or so.
    pub(super) fn shown(self) -> String {
        match self {
            Figure::Count(count) => count.to_string(),
            Figure::Part(part) => format!("{:.1}%", part * 100.0),
            Figure::Time(time) => ms(time),
            Figure::None => "-".to_string(),
            Figure::Empty => String::new(),
        }
    }

    /// As in a file: milliseconds and percentages as plain numbers, nothing for what there is not.
    pub(super) fn written(self) -> String {
        match self {
            Figure::Count(count) => count.to_string(),
            Figure::Part(part) => format!("{:.2}", part * 100.0),
            Figure::Time(time) => format!("{:.3}", time.as_secs_f64() * 1e3),
            Figure::None | Figure::Empty => String::new(),
        }
    }
}

impl Field {
    /// All with their letters and mtr's titles.
    pub const ALL: [(Field, char, &'static str); 15] = [
        (Field::Loss, 'L', "Loss%"),
        (Field::Drop, 'D', "Drop"),
        (Field::Received, 'R', "Rcv"),
        (Field::Sent, 'S', "Snt"),
        (Field::Newest, 'N', "Last"),
        (Field::Best, 'B', "Best"),
        (Field::Average, 'A', "Avg"),
        (Field::Worst, 'W', "Wrst"),
        (Field::Deviation, 'V', "StDev"),
        (Field::Geometric, 'G', "Gmean"),
        (Field::Jitter, 'J', "Jttr"),
        (Field::MeanJitter, 'M', "Javg"),
        (Field::WorstJitter, 'X', "Jmax"),
        (Field::Interarrival, 'I', "Jint"),
        (Field::Gap, ' ', ""),
    ];

    /// Its title, as mtr prints it.
    pub fn title(self) -> &'static str {
        let own = Field::ALL.iter().find(|(field, ..)| *field == self);
        own.map_or("", |(.., title)| title)
    }

    /// Its figure.
    pub fn of(self, stats: &PathStats) -> Figure {
        let time = |of: fn(&Times) -> Option<Duration>| {
            stats
                .times
                .as_ref()
                .and_then(of)
                .map_or(Figure::None, Figure::Time)
        };
        let jitter = |of: fn(&Jitter) -> Duration| {
            let jitter = stats.times.and_then(|times| times.jitter);
            jitter.as_ref().map(of).map_or(Figure::None, Figure::Time)
        };
        match self {
            Field::Loss => stats.loss().map_or(Figure::None, Figure::Part),
            Field::Drop => Figure::Count(stats.lost),
            Field::Received => Figure::Count(stats.answered),
            Field::Sent => Figure::Count(stats.sent),
            Field::Newest => time(|times| Some(times.last)),
            Field::Best => time(|times| Some(times.best)),
            Field::Average => time(|times| Some(times.mean)),
            Field::Worst => time(|times| Some(times.worst)),
            Field::Deviation => time(|times| times.deviation),
            Field::Geometric => time(|times| times.geometric_mean),
            Field::Jitter => jitter(|jitter| jitter.last),
            Field::MeanJitter => jitter(|jitter| jitter.mean),
            Field::WorstJitter => jitter(|jitter| jitter.worst),
            Field::Interarrival => jitter(|jitter| jitter.rfc3550),
            Field::Gap => Figure::Empty,
        }
    }
}

/// Columns in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Vec<Field>);

impl Default for Fields {
    /// mtr's `LS NABWV`.
    fn default() -> Fields {
        Fields(vec![
            Field::Loss,
            Field::Sent,
            Field::Newest,
            Field::Average,
            Field::Best,
            Field::Worst,
            Field::Deviation,
        ])
    }
}

impl Fields {
    /// The columns that `letters` ask for. An unknown letter is an error that lists the known ones.
    pub fn parse(letters: &str) -> Result<Fields, Text> {
        let one = |letter: char| {
            let upper = letter.to_ascii_uppercase();
            let known = Field::ALL.iter().find(|(_, own, _)| *own == upper);
            known.map(|(field, ..)| *field).ok_or_else(|| {
                let known: Vec<String> = Field::ALL
                    .iter()
                    .filter(|(field, ..)| *field != Field::Gap)
                    .map(|(_, letter, title)| format!("{letter} {title}"))
                    .collect();
                let known = known.join(", ");
                text!(
                    "没有列 \"{letter}\"；可用：{known}",
                    "there is no column \"{letter}\"; known: {known}"
                )
            })
        };
        letters
            .chars()
            .map(one)
            .collect::<Result<Vec<_>, _>>()
            .map(Fields)
    }

    /// In their order, a gap where one was asked for.
    pub fn iter(&self) -> impl Iterator<Item = Field> {
        self.0.iter().copied()
    }

    /// The same without gaps.
    pub(super) fn without_gaps(&self) -> impl Iterator<Item = Field> {
        self.iter().filter(|field| *field != Field::Gap)
    }

    /// Whether a column is among them.
    pub fn contains(&self, field: Field) -> bool {
        self.0.contains(&field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_mtrs() {
        let fields = Fields::parse("LS NABWV").unwrap();
        assert!(fields.without_gaps().eq(Fields::default().iter()));
        let titles: Vec<&str> = Fields::parse("LDRSNBAWVGJMXI")
            .unwrap()
            .iter()
            .map(Field::title)
            .collect();
        assert_eq!(
            titles.join(" "),
            "Loss% Drop Rcv Snt Last Best Avg Wrst StDev Gmean Jttr Javg Jmax Jint"
        );
        let error = Fields::parse("LQ").unwrap_err();
        assert!(error.en.contains("\"Q\"") && error.zh.contains("J Jttr"));
    }

    #[test]
    fn what_there_is_not_is_no_zero() {
        let silent = PathStats {
            sent: 3,
            lost: 3,
            ..PathStats::default()
        };
        let shown = |field: Field| field.of(&silent).shown();
        assert_eq!(shown(Field::Loss), "100.0%");
        assert_eq!(shown(Field::Best), "-");
        assert_eq!(Field::Best.of(&silent).written(), "");
        assert_eq!(Field::Interarrival.of(&silent), Figure::None);
    }
}

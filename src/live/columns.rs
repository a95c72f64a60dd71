//! The columns of figures, by the letters and heads that mtr gives them.

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Lost of sent.
    Loss,
    /// Lost.
    Dropped,
    /// Answered in time.
    Received,
    /// Sent.
    Sent,
    /// The latest round trip.
    Last,
    /// The shortest.
    Best,
    /// The mean.
    Average,
    /// The longest.
    Worst,
    /// Standard deviation.
    Deviation,
    /// Geometric mean.
    GeometricMean,
    /// Mean jitter.
    JitterMean,
}

/// What mtr shows unless told otherwise.
pub const LATENCY: [Column; 7] = [
    Column::Loss,
    Column::Sent,
    Column::Last,
    Column::Average,
    Column::Best,
    Column::Worst,
    Column::Deviation,
];

/// The other set, which mtr shows on its key j.
pub const JITTER: [Column; 5] = [
    Column::Loss,
    Column::Dropped,
    Column::Received,
    Column::GeometricMean,
    Column::JitterMean,
];

impl Column {
    /// Every column with its letter and its head.
    const ALL: [(Column, char, &'static str); 11] = [
        (Column::Loss, 'L', "Loss%"),
        (Column::Dropped, 'D', "Drop"),
        (Column::Received, 'R', "Rcv"),
        (Column::Sent, 'S', "Snt"),
        (Column::Last, 'N', "Last"),
        (Column::Best, 'B', "Best"),
        (Column::Average, 'A', "Avg"),
        (Column::Worst, 'W', "Wrst"),
        (Column::Deviation, 'V', "StDev"),
        (Column::GeometricMean, 'G', "Gmean"),
        (Column::JitterMean, 'M', "Javg"),
    ];

    /// The letters that there are.
    pub fn letters() -> String {
        Column::ALL.iter().map(|(_, letter, _)| *letter).collect()
    }

    /// The columns that `letters` name, each once, in that order; what is no letter of a column is
    /// given back as the error. Spaces are passed over, as mtr has them as gaps.
    pub fn read(letters: &str) -> Result<Vec<Column>, char> {
        let mut columns = Vec::new();
        for letter in letters.chars().filter(|letter| !letter.is_whitespace()) {
            let wanted = letter.to_ascii_uppercase();
            let found = Column::ALL.iter().find(|(_, own, _)| *own == wanted);
            let (column, ..) = found.ok_or(letter)?;
            if !columns.contains(column) {
                columns.push(*column);
            }
        }
        Ok(columns)
    }

    fn entry(self) -> (char, &'static str) {
        let found = Column::ALL.iter().find(|(own, ..)| *own == self);
        found.map_or(('?', "?"), |(_, letter, head)| (*letter, *head))
    }

    /// Its letter.
    pub fn letter(self) -> char {
        self.entry().0
    }

    /// Its head, as mtr writes it.
    pub fn head(self) -> &'static str {
        self.entry().1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_name_columns_as_in_mtr() {
        assert_eq!(Column::read("LS NABWV"), Ok(LATENCY.to_vec()));
        assert_eq!(Column::read("ls l"), Ok(vec![Column::Loss, Column::Sent]));
        assert_eq!(Column::read("LQ"), Err('Q'));
        let heads: Vec<&str> = LATENCY.iter().map(|column| column.head()).collect();
        assert_eq!(heads.join(" "), "Loss% Snt Last Avg Best Wrst StDev");
        let all = Column::read(&Column::letters()).unwrap();
        assert_eq!(all.len(), Column::ALL.len());
        assert!(
            all.iter()
                .all(|own| Column::read(&own.letter().to_string()) == Ok(vec![*own]))
        );
    }
}

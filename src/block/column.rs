//! A column in memory: what is at one place of each event of a block.

use std::sync::Arc;

use super::values::Values;

/// The code of a row that has nothing at the path.
pub const ABSENT: u16 = 0;
/// The code of a row whose value the column does not hold: the event has to be read.
pub const UNREAD: u16 = 1;
/// The code of a row whose value is its number, written as
/// [`json::write_number`](crate::json::write_number) writes it.
pub const NUMBER: u16 = 2;
/// The code of the first value; codes from here on count through the values.
pub const FIRST_VALUE: u16 = 3;

/// What is at one place of each event, row by row.
///
/// Each code is [`ABSENT`], [`UNREAD`], [`NUMBER`], or leads to one of the values; where there is a
/// [`NUMBER`], there is a number for each row. A clone shares what the column has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column(Arc<Parts>);

#[derive(Clone, Debug, Default, PartialEq)]
struct Parts {
    codes: Vec<u16>,
    values: Values,
    numbers: Vec<f64>,
}

/// What a column says of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// There is nothing at the path.
    Absent,
    /// There is a value, which the column does not hold, or nothing: the event has to be read.
    Unread,
    /// The number, whose JSON text is what [`json::write_number`](crate::json::write_number)
    /// writes.
    Number(f64),
    /// The JSON text, exactly as it stands in the event.
    Json(&'a str),
}

/// What a block has stored of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Stored {
    /// The values.
    Column(Column),
    /// For each row [`PRINT_ABSENT`](super::PRINT_ABSENT), [`PRINT_UNREAD`](super::PRINT_UNREAD) or
    /// what [`print_of`](super::print_of) gives for its value.
    Prints(Vec<u16>),
}

impl Stored {
    /// How much memory it takes, in bytes, or nearly so.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Column(column) => column.memory_bytes(),
            Self::Prints(prints) => prints.capacity() * size_of::<u16>(),
        }
    }

    /// The same for another reader; see [`Column::apart`].
    #[must_use]
    pub fn apart(self) -> Self {
        match self {
            Self::Column(column) => Self::Column(column.apart()),
            Self::Prints(_) => self,
        }
    }
}

impl Column {
    /// Makes a column of its parts; `None` where a code leads nowhere, or where there are numbers,
    /// but not one for each row.
    #[must_use]
    pub fn new(codes: Vec<u16>, values: Values, numbers: Vec<f64>) -> Option<Self> {
        let end = usize::from(FIRST_VALUE) + values.len();
        let largest = codes.iter().copied().max().unwrap_or(ABSENT);
        let numbered =
            numbers.len() == codes.len() || numbers.is_empty() && !codes.contains(&NUMBER);
        let parts = Parts {
            codes,
            values,
            numbers,
        };
        (numbered && (largest <= NUMBER || usize::from(largest) < end))
            .then(|| Self(Arc::new(parts)))
    }

    /// A column that has nothing in any of its rows.
    #[must_use]
    pub fn absent(rows: usize) -> Self {
        Self(Arc::new(Parts {
            codes: vec![ABSENT; rows],
            ..Parts::default()
        }))
    }

    /// The same, which shares with no other what is made of it as it is read: the texts of values of one form. So one that
    /// is kept takes no more memory than when it was put there.
    #[must_use]
    pub fn apart(&self) -> Self {
        let Parts {
            codes,
            values,
            numbers,
        } = &*self.0;
        match values.unwritten() {
            None => self.clone(),
            Some(values) => Self(Arc::new(Parts {
                codes: codes.clone(),
                values,
                numbers: numbers.clone(),
            })),
        }
    }

    /// The code of each row.
    #[must_use]
    pub fn codes(&self) -> &[u16] {
        &self.0.codes
    }

    /// The values that codes from [`FIRST_VALUE`] on stand for: raw JSON text of any kind, numbers
    /// included. Equal values can be there several times, written in the same way or in others.
    #[must_use]
    pub fn values(&self) -> &Values {
        &self.0.values
    }

    /// Empty, or a number for each row, which counts only where the code is [`NUMBER`].
    #[must_use]
    pub fn numbers(&self) -> &[f64] {
        &self.0.numbers
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.codes.len()
    }

    /// What the column says of `row`; a row beyond the last is unread.
    #[must_use]
    pub fn cell(&self, row: usize) -> Cell<'_> {
        match self.0.codes.get(row).copied().unwrap_or(UNREAD) {
            ABSENT => Cell::Absent,
            UNREAD => Cell::Unread,
            NUMBER => self
                .0
                .numbers
                .get(row)
                .map_or(Cell::Unread, |number| Cell::Number(*number)),
            code => self
                .0
                .values
                .get(usize::from(code - FIRST_VALUE))
                .map_or(Cell::Unread, Cell::Json),
        }
    }

    /// Takes back what the column says of `row`.
    pub fn set_unread(&mut self, row: usize) {
        if let Some(code) = Arc::make_mut(&mut self.0).codes.get_mut(row) {
            *code = UNREAD;
        }
    }

    /// How much memory it takes, in bytes, or nearly so.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let Parts {
            codes,
            values,
            numbers,
        } = &*self.0;
        size_of::<Parts>()
            + codes.capacity() * size_of::<u16>()
            + values.memory_bytes()
            + numbers.capacity() * size_of::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::NumberedForm;
    use super::*;

    #[test]
    fn a_column_is_made_only_of_parts_that_fit() {
        let column = |codes: &[u16], values: &[&str], numbers: &[f64]| {
            Column::new(codes.to_vec(), values.iter().collect(), numbers.to_vec())
        };
        assert!(column(&[0, 1, 3], &["1"], &[]).is_some());
        assert!(column(&[0, 1, 4], &["1"], &[]).is_none());
        assert!(column(&[NUMBER], &[], &[]).is_none());
        assert!(column(&[NUMBER], &[], &[1.0]).is_some());
        assert!(column(&[0, 0], &[], &[1.0]).is_none());
        assert!(column(&[], &[], &[]).is_some());
    }

    #[test]
    fn each_row_has_a_cell() {
        let column = Column::new(
            vec![ABSENT, UNREAD, NUMBER, FIRST_VALUE + 1],
            ["true", "[1]"].iter().collect(),
            vec![0.0, 0.0, 2.5, 0.0],
        )
        .unwrap();
        let cells: Vec<Cell<'_>> = (0..5).map(|row| column.cell(row)).collect();
        let wanted = [
            Cell::Absent,
            Cell::Unread,
            Cell::Number(2.5),
            Cell::Json("[1]"),
            Cell::Unread,
        ];
        assert_eq!(cells, wanted);
        assert_eq!(column.rows(), 4);
    }

    #[test]
    fn one_that_is_kept_takes_no_more_when_another_is_read() {
        let form = NumberedForm {
            before: "\"n-".into(),
            after: "\"".into(),
            digits: 1,
        };
        let mut values = Values::default();
        assert!(values.push_numbered(&Arc::new(form), &[5, 70]));
        let column = Column::new(vec![FIRST_VALUE, FIRST_VALUE + 1], values, vec![]).unwrap();
        let kept = column.apart();
        let bytes = kept.memory_bytes();
        for read in [&column, &kept.apart()] {
            assert_eq!(read.cell(1), Cell::Json("\"n-70\""));
            assert!(read.memory_bytes() > bytes);
            assert_eq!(kept.memory_bytes(), bytes);
            assert_eq!(*read, kept.apart());
        }
    }

    #[test]
    fn a_row_can_be_taken_back() {
        let mut column = Column::absent(2);
        let other = column.clone();
        column.set_unread(1);
        column.set_unread(2);
        assert_eq!(column.codes(), [ABSENT, UNREAD]);
        assert_eq!(other.codes(), [ABSENT, ABSENT]);
    }

    #[test]
    fn a_column_takes_the_memory_of_what_it_has() {
        let of = |codes: usize, values: &[&str], numbers: usize| {
            let values = values.iter().collect();
            Column::new(vec![NUMBER; codes], values, vec![1.0; numbers])
                .unwrap()
                .memory_bytes()
        };
        let none = of(0, &[], 0);
        assert!(of(1_000, &[], 1_000) >= none + 1_000 * (2 + 8));
        assert!(of(0, &["\"value\""; 100], 0) >= none + 100 * (7 + 4));
    }
}

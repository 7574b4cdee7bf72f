//! What a column has in it, so that it need not be read where it has nothing that is looked for.

use super::bytes::Reader;
use crate::json::{self, Kind};

const ABSENT: u8 = 1 << 6;
const UNREAD: u8 = 1 << 7;

/// The kinds of a column's values, and the lowest and highest of its numbers. There may be less in
/// the column than this says, but never more.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Content {
    marks: u8,
    numbers: Option<(f64, f64)>,
}

impl Content {
    pub(super) fn add(&mut self, raw: &str) {
        match Kind::of(raw) {
            Kind::Number => self.add_number(json::number(raw)),
            kind => self.marks |= mark(kind),
        }
    }

    pub(super) fn add_number(&mut self, number: f64) {
        self.marks |= mark(Kind::Number);
        let (lowest, highest) = self.numbers.unwrap_or((number, number));
        self.numbers = Some((lowest.min(number), highest.max(number)));
    }

    /// Adds what there is in another column.
    pub(super) fn add_all(&mut self, other: Self) {
        self.marks |= other.marks;
        if let Some((lowest, highest)) = other.numbers {
            self.add_number(lowest);
            self.add_number(highest);
        }
    }

    pub(super) const fn add_absent(&mut self) {
        self.marks |= ABSENT;
    }

    pub(super) const fn add_unread(&mut self) {
        self.marks |= UNREAD;
    }

    /// Says that there may be anything, beside nothing at all.
    pub(super) fn add_anything(&mut self) {
        for raw in ["null", "true", "\"\"", "[]", "{}"] {
            self.add(raw);
        }
        self.add_number(f64::NEG_INFINITY);
        self.add_number(f64::INFINITY);
        self.add_unread();
    }

    /// Whether there may be values of that kind.
    pub(super) const fn has(self, kind: Kind) -> bool {
        self.marks & mark(kind) != 0
    }

    /// Whether there may be rows that have nothing.
    pub(super) const fn has_absent(self) -> bool {
        self.marks & ABSENT != 0
    }

    /// Whether there may be rows that the column does not tell anything of.
    pub(super) const fn has_unread(self) -> bool {
        self.marks & UNREAD != 0
    }

    /// The lowest and the highest number.
    pub(super) const fn numbers(self) -> Option<(f64, f64)> {
        self.numbers
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        out.push(self.marks);
        if let Some((lowest, highest)) = self.numbers {
            out.extend_from_slice(&lowest.to_le_bytes());
            out.extend_from_slice(&highest.to_le_bytes());
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut content = Self {
            marks: reader.byte()?,
            numbers: None,
        };
        if content.has(Kind::Number) {
            let lowest = f64::from_le_bytes(reader.array()?);
            content.numbers = Some((lowest, f64::from_le_bytes(reader.array()?)));
        }
        Some(content)
    }
}

const fn mark(kind: Kind) -> u8 {
    match kind {
        Kind::Null => 1,
        Kind::Boolean => 1 << 1,
        Kind::Number => 1 << 2,
        Kind::String => 1 << 3,
        Kind::Array => 1 << 4,
        Kind::Object => 1 << 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(content: Content) -> Vec<u8> {
        let mut out = Vec::new();
        content.write(&mut out);
        out
    }

    #[test]
    fn each_kind_is_told_from_the_others() {
        for (raw, kind) in ["null", "false", "1e0", "\"1\"", "[1]", "{}"]
            .iter()
            .zip(Kind::ALL)
        {
            let mut content = Content::default();
            content.add(raw);
            let found: Vec<Kind> = Kind::ALL
                .into_iter()
                .filter(|kind| content.has(*kind))
                .collect();
            assert_eq!(found, [kind]);
            assert!(!content.has_absent() && !content.has_unread());
        }
    }

    #[test]
    fn numbers_have_a_lowest_and_a_highest() {
        let mut content = Content::default();
        assert_eq!(content.numbers(), None);
        content.add_number(2.5);
        assert_eq!(content.numbers(), Some((2.5, 2.5)));
        content.add("1e3");
        content.add("\"5000\"");
        content.add_number(-1.0);
        assert_eq!(content.numbers(), Some((-1.0, 1000.0)));
    }

    #[test]
    fn what_is_written_is_read() {
        let mut content = Content::default();
        for step in 0..4 {
            match step {
                0 => content.add_absent(),
                1 => content.add_unread(),
                2 => content.add("null"),
                _ => content.add("7.5"),
            }
            let out = written(content);
            let mut reader = Reader::new(&out);
            assert_eq!(Content::read(&mut reader), Some(content));
            assert!(reader.is_at_end());
            assert_eq!(Content::read(&mut Reader::new(&out[..out.len() - 1])), None);
        }
        assert!(content.has_absent() && content.has_unread() && content.has(Kind::Number));
    }
}

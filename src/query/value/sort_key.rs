//! The one order of all values: null < boolean < number < string < array < object.

use std::cmp::Ordering;

use crate::json::Text;

/// Where a value stands in the order. Arrays tie among themselves, as objects do.
#[derive(Clone, Debug)]
pub(in crate::query) enum SortKey<'a> {
    Null,
    Boolean(bool),
    Number(f64),
    String(Text<'a>),
    Array,
    Object,
}

impl SortKey<'_> {
    pub(in crate::query) fn into_owned(self) -> SortKey<'static> {
        match self {
            Self::Null => SortKey::Null,
            Self::Boolean(value) => SortKey::Boolean(value),
            Self::Number(value) => SortKey::Number(value),
            Self::String(value) => SortKey::String(value.into_owned()),
            Self::Array => SortKey::Array,
            Self::Object => SortKey::Object,
        }
    }

    /// The same key, of which a text stays where it is.
    pub(in crate::query) fn borrowed(&self) -> SortKey<'_> {
        match self {
            Self::Null => SortKey::Null,
            Self::Boolean(value) => SortKey::Boolean(*value),
            Self::Number(value) => SortKey::Number(*value),
            Self::String(value) => SortKey::String(value.borrowed()),
            Self::Array => SortKey::Array,
            Self::Object => SortKey::Object,
        }
    }

    /// How many bytes of text the key holds.
    pub(in crate::query) fn bytes_len(&self) -> usize {
        match self {
            Self::String(text) => text.bytes_len(),
            _ => 0,
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Boolean(_) => 1,
            Self::Number(_) => 2,
            Self::String(_) => 3,
            Self::Array => 4,
            Self::Object => 5,
        }
    }
}

impl Ord for SortKey<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            // JSON has no NaN, and -0 equals 0.
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::String(a), Self::String(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for SortKey<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SortKey<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for SortKey<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::value::Value;

    fn key(raw: &str) -> SortKey<'_> {
        Value::decode(raw).into_sort_key()
    }

    #[test]
    fn all_values_are_in_one_order() {
        let ascending = [
            "null",
            "false",
            "true",
            "-1e9",
            "-0.5",
            "0",
            "2",
            "10",
            r#""""#,
            r#""10""#,
            r#""2""#,
            r#""😀""#,
            "\"\u{e000}\"",
            "[]",
            "{}",
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(key(a).cmp(&key(b)), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn what_has_no_order_ties() {
        for (a, b) in [
            ("[1]", "[2,3]"),
            (r#"{"a":1}"#, "{}"),
            ("0", "-0"),
            ("1", "1.0e0"),
        ] {
            assert_eq!(key(a), key(b));
        }
    }
}

//! Whole numbers.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::unexpected;
use crate::error::Error;
use crate::json;

/// A whole number from 0 to 2^53 - 1.
pub(crate) fn whole_number(path: impl Display, raw: &str) -> Result<u64, Error> {
    whole_number_as(path, raw, "a whole number from 0 to 9007199254740991")
}

/// As [`whole_number`]; `expected` says what it is.
pub(crate) fn whole_number_as(path: impl Display, raw: &str, expected: &str) -> Result<u64, Error> {
    json::whole_number(raw).ok_or_else(|| unexpected(path, expected, raw))
}

/// A whole number of a `unit` within a range.
pub(crate) fn whole_number_within(
    path: impl Display,
    raw: &str,
    unit: &str,
    range: RangeInclusive<usize>,
) -> Result<usize, Error> {
    let number = json::whole_number(raw).and_then(|number| usize::try_from(number).ok());
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let (first, last) = range.into_inner();
            let expected = format!("a whole number of {unit} from {first} to {last}");
            unexpected(path, &expected, raw)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn whole_numbers_go_by_value() {
        for (raw, number) in [
            ("0", 0),
            ("-0", 0),
            ("1e2", 100),
            ("9007199254740991", (1 << 53) - 1),
        ] {
            assert_eq!(whole_number("limit", raw), Ok(number), "{raw}");
        }
        for raw in [
            "-1",
            "1.5",
            "9007199254740992",
            "1e999",
            "\"1\"",
            "null",
            "true",
            "[1]",
        ] {
            let error = whole_number("limit", raw).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument, "{raw}");
            assert!(
                error.text().starts_with("limit: expected a whole number"),
                "{raw}"
            );
        }
    }

    #[test]
    fn a_range_has_both_its_ends() {
        let read = |raw| whole_number_within("cacheBytes", raw, "bytes", 1..=1_000);
        assert_eq!(read("1"), Ok(1));
        assert_eq!(read("1e3"), Ok(1_000));
        for raw in ["0", "1001", "1.5", "\"1\""] {
            let expected =
                format!("cacheBytes: expected a whole number of bytes from 1 to 1000, found {raw}");
            assert_eq!(read(raw).unwrap_err().text(), expected);
        }
    }
}

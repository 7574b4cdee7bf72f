//! How error texts tell what was found, and what is missing or too much.

use std::fmt::Display;

use crate::error::{Code, Error};
use crate::json::{Kind, Text};

/// How much of a value an error text repeats, in bytes; longer ones are described by their kind.
const SHOWN_BYTES_MAX: usize = 64;

/// What an error text says was found: the value itself where it is short, else its kind.
pub(crate) fn found(raw: &str) -> String {
    match Kind::of(raw) {
        Kind::Array | Kind::Object => Kind::of(raw).describe().to_owned(),
        _ if raw.len() <= SHOWN_BYTES_MAX => raw.to_owned(),
        Kind::String => "a longer string".to_owned(),
        kind => kind.describe().to_owned(),
    }
}

/// The error that `raw` at `path` is not what was expected.
pub(crate) fn unexpected(path: impl Display, expected: &str, raw: &str) -> Error {
    Error::expected(path, expected, &found(raw))
}

/// The error that there are more than `most` of something at `path`.
pub(crate) fn over_limit(path: impl Display, most: usize, unit: &str, count: usize) -> Error {
    let text = format!("{path}: expected at most {most} {unit}, found {count}");
    Error::new(Code::LimitExceeded, text)
}

/// The value at `path`, which must be there.
pub(crate) fn required<'a>(
    path: impl Display,
    raw: Option<&'a str>,
    expected: &str,
) -> Result<&'a str, Error> {
    raw.ok_or_else(|| Error::expected(path, expected, "nothing"))
}

/// A key as an error text shows it.
pub(crate) fn shown_key(key: &Text<'_>) -> String {
    let key = key.to_string_lossy();
    if key.len() > SHOWN_BYTES_MAX {
        "(a longer key)".to_owned()
    } else {
        key.into_owned()
    }
}

/// `a, b and c`.
pub(crate) fn listed(names: &[&str], last: &str) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_described_not_repeated() {
        assert_eq!(found("12"), "12");
        assert_eq!(found("[1]"), "an array");
        assert_eq!(found(&format!("\"{}\"", "x".repeat(70))), "a longer string");
        assert_eq!(found(&"1".repeat(70)), "a number");
    }
}

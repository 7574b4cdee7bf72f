//! How error texts tell what was found, and what is missing or too much.

use std::fmt::Display;

use crate::error::{Code, Error};
use crate::json::{Kind, Text};

/// How much of a value an error text repeats, in bytes; longer ones are described by their kind.
const SHOWN_BYTES_MAX: usize = 64;

/// How much it repeats of what is no JSON, in characters.
const SHOWN_CHARACTERS_MAX: usize = 20;

/// What an error text says was found: the value itself where it is short, else its kind.
pub(crate) fn found(raw: &str) -> String {
    match Kind::of(raw) {
        Kind::Array | Kind::Object => Kind::of(raw).describe().to_owned(),
        _ if raw.len() <= SHOWN_BYTES_MAX => raw.to_owned(),
        Kind::String => "a longer string".to_owned(),
        kind => kind.describe().to_owned(),
    }
}

/// What an error text says was found in a text that is no JSON: where it breaks off, or the characters from there on.
pub(super) fn found_broken(text: &str, error: &serde_json::Error) -> String {
    let told = error.to_string();
    // The text is one line, as a rule, which may have a number of its own in what it is a part of.
    let told = told.replace(" at line 1 column ", " at column ");
    if error.is_eof() {
        return told;
    }
    let (reason, place) = told
        .split_once(" at ")
        .unwrap_or((&told, "an unknown place"));
    let line = text.split('\n').nth(error.line().saturating_sub(1));
    let shown: String = line
        .unwrap_or_default()
        .char_indices()
        // A column is the number of a byte in its line, from 1.
        .filter(|(start, character)| start + character.len_utf8() >= error.column())
        .map(|(_, character)| character)
        .take(SHOWN_CHARACTERS_MAX)
        .collect();
    format!("{shown:?} at {place} ({reason})")
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
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn what_is_no_json_is_shown_from_where_it_is_none() {
        let shown = |text| {
            let error = serde_json::from_str::<&RawValue>(text).unwrap_err();
            found_broken(text, &error)
        };
        let cases = [
            (
                "hello world",
                "\"hello world\" at column 1 (expected value)",
            ),
            ("{\"a\":x}", "\"x}\" at column 6 (expected value)"),
            ("{\"a\":1}é", "\"é\" at column 8 (trailing characters)"),
            ("{\n\"a\" 1}", "\"1}\" at line 2 column 5 (expected `:`)"),
            ("\0\0", "\"\\0\\0\" at column 1 (expected value)"),
            ("[1,", "EOF while parsing a value at column 3"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), expected, "{text:?}");
        }
        let long = "x".repeat(1_000_000);
        assert!(shown(&long).len() < 80);
    }

    #[test]
    fn a_long_value_is_described_not_repeated() {
        assert_eq!(found("12"), "12");
        assert_eq!(found("[1]"), "an array");
        assert_eq!(found(&format!("\"{}\"", "x".repeat(70))), "a longer string");
        assert_eq!(found(&"1".repeat(70)), "a number");
    }
}

//! Strings.

use std::borrow::Cow;
use std::fmt::Display;

use super::{over_limit, unexpected};
use crate::error::Error;
use crate::event::IDENTIFIER_BYTES_MAX;
use crate::json::{self, Kind};

/// Any string of well-formed Unicode. `expected` says what it is.
///
/// A lone surrogate is refused: it has no UTF-8, and a stand-in would make two strings one.
pub(crate) fn string<'a>(
    path: impl Display,
    raw: &'a str,
    expected: &str,
) -> Result<Cow<'a, str>, Error> {
    if Kind::of(raw) != Kind::String {
        return Err(unexpected(path, expected, raw));
    }
    json::decode_string(raw).map_err(|_| {
        let expected = "a string of well-formed Unicode";
        Error::expected(path, expected, "a lone surrogate")
    })
}

/// As [`string`], of at most so many bytes of UTF-8.
pub(crate) fn string_within<'a>(
    path: impl Display,
    raw: &'a str,
    expected: &str,
    bytes_max: usize,
) -> Result<Cow<'a, str>, Error> {
    within(&path, string(&path, raw, expected)?, bytes_max)
}

/// As [`string_within`]; it is not empty.
pub(crate) fn word_within<'a>(
    path: impl Display,
    raw: &'a str,
    expected: &str,
    bytes_max: usize,
) -> Result<Cow<'a, str>, Error> {
    let text = not_empty(&path, string(&path, raw, expected)?)?;
    within(path, text, bytes_max)
}

/// An identifier: 1 to [`IDENTIFIER_BYTES_MAX`] bytes of well-formed Unicode. `expected` says of what.
pub(crate) fn identifier<'a>(
    path: impl Display,
    raw: &'a str,
    expected: &str,
) -> Result<Cow<'a, str>, Error> {
    word_within(path, raw, expected, IDENTIFIER_BYTES_MAX)
}

/// Refuses a text that no identifier can be, as [`identifier`] does.
pub(crate) fn within_identifier(
    path: impl Display,
    text: Cow<'_, str>,
) -> Result<Cow<'_, str>, Error> {
    within(&path, not_empty(&path, text)?, IDENTIFIER_BYTES_MAX)
}

fn not_empty(path: impl Display, text: Cow<'_, str>) -> Result<Cow<'_, str>, Error> {
    if text.is_empty() {
        return Err(Error::expected(path, "a string that is not empty", "\"\""));
    }
    Ok(text)
}

fn within(path: impl Display, text: Cow<'_, str>, bytes_max: usize) -> Result<Cow<'_, str>, Error> {
    if text.len() > bytes_max {
        return Err(over_limit(path, bytes_max, "bytes of UTF-8", text.len()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn identifiers_are_told_apart_to_the_last_code_unit() {
        for (raw, expected) in [
            ("\"a\"", "a"),
            ("\"\\u0000\"", "\0"),
            ("\"\\ud83d\\ude00\"", "😀"),
            ("\"e\u{301}\"", "e\u{301}"),
        ] {
            assert_eq!(identifier("streamId", raw, "a string").unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_identifier_is_refused_with_its_place() {
        let long = format!("\"{}\"", "é".repeat(513));
        for (raw, code, part) in [
            ("\"\"", Code::InvalidArgument, "not empty"),
            ("7", Code::InvalidArgument, "a string, found 7"),
            ("null", Code::InvalidArgument, "found null"),
            ("\"a\\ud800\"", Code::InvalidArgument, "a lone surrogate"),
            (
                long.as_str(),
                Code::LimitExceeded,
                "bytes of UTF-8, found 1026",
            ),
        ] {
            let error = identifier("streamId", raw, "a string").unwrap_err();
            assert_eq!(error.code(), code, "{raw}");
            assert!(error.text().starts_with("streamId: expected"), "{error}");
            assert!(error.text().contains(part), "{error}");
        }
    }

    #[test]
    fn what_may_be_empty_is_bounded_all_the_same() {
        let read = |raw| string_within("prefix", raw, "a string", 2);
        assert_eq!(read("\"\"").unwrap(), "");
        assert_eq!(read("\"é\"").unwrap(), "é");
        let error = read("\"abc\"").unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        assert_eq!(
            error.text(),
            "prefix: expected at most 2 bytes of UTF-8, found 3"
        );
    }
}

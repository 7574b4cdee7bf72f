//! Strings of a call that have a limit of their own.

use std::borrow::Cow;
use std::fmt::Display;

use super::limits::{DESCRIPTION_BYTES_MAX, IDEMPOTENCY_KEY_BYTES_MAX, NAME_BYTES_MAX};
use crate::arguments::{string_within, word_within};
use crate::error::Error;

/// Reads an idempotency key: a string of 1 to [`IDEMPOTENCY_KEY_BYTES_MAX`] bytes of well-formed
/// Unicode.
pub(super) fn idempotency_key(path: impl Display, raw: &str) -> Result<Cow<'_, str>, Error> {
    word_within(path, raw, "a string", IDEMPOTENCY_KEY_BYTES_MAX)
}

/// Reads the name of something, such as `a consumer`: a string of 1 to [`NAME_BYTES_MAX`] bytes of well-formed Unicode.
pub(super) fn name(path: &str, raw: &str, of: &str) -> Result<String, Error> {
    let expected = format!("the name of {of}");
    Ok(word_within(path, raw, &expected, NAME_BYTES_MAX)?.into_owned())
}

/// Reads a description: any string of up to [`DESCRIPTION_BYTES_MAX`] bytes.
pub(super) fn description(path: impl Display, raw: &str) -> Result<String, Error> {
    Ok(string_within(path, raw, "a string", DESCRIPTION_BYTES_MAX)?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_name_is_a_string_that_is_not_empty_and_not_too_long() {
        assert_eq!(
            name("consumer", "\"ma\\u00efler\"", "a consumer").unwrap(),
            "maïler"
        );
        let longest = format!("\"{}\"", "x".repeat(256));
        assert_eq!(name("consumer", &longest, "a consumer").unwrap().len(), 256);
        for (raw, code, part) in [
            (
                "7".to_owned(),
                Code::InvalidArgument,
                "the name of a consumer, found 7",
            ),
            ("\"\"".to_owned(), Code::InvalidArgument, "not empty"),
            (
                "\"\\ud800\"".to_owned(),
                Code::InvalidArgument,
                "lone surrogate",
            ),
            (
                format!("\"{}\"", "é".repeat(129)),
                Code::LimitExceeded,
                "at most 256 bytes of UTF-8, found 258",
            ),
        ] {
            let error = name("consumer", &raw, "a consumer").unwrap_err();
            assert_eq!(error.code(), code, "{raw}");
            assert!(error.text().starts_with("consumer: expected"), "{error}");
            assert!(error.text().contains(part), "{error}");
        }
    }
}

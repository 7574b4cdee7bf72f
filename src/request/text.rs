//! Strings of a call: identifiers and names, which are compared, and descriptions, which are only kept.

use std::borrow::Cow;
use std::fmt::Display;

use serde_json::value::RawValue;

use super::fields::describe;
use super::limits::{DESCRIPTION_BYTES_MAX, IDEMPOTENCY_KEY_BYTES_MAX, NAME_BYTES_MAX};
use crate::error::{Code, Error};
use crate::event::IDENTIFIER_BYTES_MAX;
use crate::query::shape;

/// Reads an identifier: a string of 1 to [`IDENTIFIER_BYTES_MAX`] bytes of well-formed Unicode.
///
/// A lone surrogate is refused: it has no UTF-8, and a stand-in would make two ids one.
pub(super) fn identifier(raw: &RawValue, path: impl Display) -> Result<Cow<'_, str>, Error> {
    within_identifier(string(raw, &path)?, path)
}

/// Refuses a text that no identifier can be, as [`identifier`] does.
pub(super) fn within_identifier(
    text: Cow<'_, str>,
    path: impl Display,
) -> Result<Cow<'_, str>, Error> {
    within(not_empty(text, &path)?, path, IDENTIFIER_BYTES_MAX)
}

/// Reads an idempotency key: a string of 1 to [`IDEMPOTENCY_KEY_BYTES_MAX`] bytes of well-formed
/// Unicode.
pub(super) fn idempotency_key(raw: &RawValue, path: impl Display) -> Result<Cow<'_, str>, Error> {
    let text = not_empty(string(raw, &path)?, &path)?;
    within(text, path, IDEMPOTENCY_KEY_BYTES_MAX)
}

/// Reads the name of something, such as `a consumer`: a string of 1 to [`NAME_BYTES_MAX`] bytes of well-formed Unicode.
pub(super) fn name(path: &str, raw: &str, of: &str) -> Result<String, Error> {
    let text = shape::string(path, raw, &format!("the name of {of}"), 0..=NAME_BYTES_MAX)?;
    if text.is_empty() {
        return Err(Error::expected(path, "a string that is not empty", "\"\""));
    }
    Ok(text)
}

/// Reads a description: any string of up to [`DESCRIPTION_BYTES_MAX`] bytes.
pub(super) fn description(raw: &RawValue, path: &str) -> Result<String, Error> {
    let text = string(raw, path)?;
    Ok(within(text, path, DESCRIPTION_BYTES_MAX)?.into_owned())
}

fn not_empty(text: Cow<'_, str>, path: impl Display) -> Result<Cow<'_, str>, Error> {
    if text.is_empty() {
        return Err(Error::expected(
            &path.to_string(),
            "a string that is not empty",
            "\"\"",
        ));
    }
    Ok(text)
}

fn within(text: Cow<'_, str>, path: impl Display, bytes_max: usize) -> Result<Cow<'_, str>, Error> {
    if text.len() > bytes_max {
        return Err(Error::new(
            Code::LimitExceeded,
            format!(
                "{path}: expected at most {bytes_max} bytes of UTF-8, found {}",
                text.len()
            ),
        ));
    }
    Ok(text)
}

/// Reads any string of well-formed Unicode.
pub(super) fn string(raw: &RawValue, path: impl Display) -> Result<Cow<'_, str>, Error> {
    let text = raw.get();
    let Some(quoted) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) else {
        return Err(Error::expected(
            &path.to_string(),
            "a string",
            describe(raw.get()),
        ));
    };
    if !quoted.contains('\\') {
        return Ok(Cow::Borrowed(quoted));
    }
    serde_json::from_str::<String>(text)
        .map(Cow::Owned)
        .map_err(|_| {
            Error::expected(
                &path.to_string(),
                "a string of well-formed Unicode",
                "a lone surrogate",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn identifiers_are_told_apart_to_the_last_code_unit() {
        for (text, expected) in [
            ("\"a\"", "a"),
            ("\"\\u0000\"", "\0"),
            ("\"\\ud83d\\ude00\"", "😀"),
            ("\"e\u{301}\"", "e\u{301}"),
        ] {
            assert_eq!(identifier(&raw(text), "streamId").unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_identifier_is_refused_with_its_place() {
        let long = format!("\"{}\"", "é".repeat(513));
        for (text, code, part) in [
            ("\"\"", Code::InvalidArgument, "not empty"),
            ("7", Code::InvalidArgument, "found a number"),
            ("null", Code::InvalidArgument, "found null"),
            ("\"a\\ud800\"", Code::InvalidArgument, "a lone surrogate"),
            (long.as_str(), Code::LimitExceeded, "found 1026"),
        ] {
            let error = identifier(&raw(text), "streamId").unwrap_err();
            assert_eq!(error.code(), code, "{text}");
            assert!(error.text().starts_with("streamId: expected"), "{error}");
            assert!(error.text().contains(part), "{error}");
        }
    }

    #[test]
    fn a_name_is_a_string_that_is_not_empty_and_not_too_long() {
        assert_eq!(
            name("consumer", "\"ma\\u00efler\"", "a consumer").unwrap(),
            "maïler"
        );
        let longest = format!("\"{}\"", "x".repeat(256));
        assert_eq!(name("consumer", &longest, "a consumer").unwrap().len(), 256);
        for (raw, code, part) in [
            ("7".to_owned(), Code::InvalidArgument, "found 7"),
            ("\"\"".to_owned(), Code::InvalidArgument, "not empty"),
            (
                "\"\\ud800\"".to_owned(),
                Code::InvalidArgument,
                "lone surrogate",
            ),
            (
                format!("\"{}\"", "é".repeat(129)),
                Code::LimitExceeded,
                "at most 256 bytes, found 258",
            ),
        ] {
            let error = name("consumer", &raw, "a consumer").unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.text().starts_with("consumer: expected "), "{error}");
            assert!(error.text().contains(part), "{error}");
        }
    }
}

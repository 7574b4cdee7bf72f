//! Names of consumers.

use crate::error::Error;
use crate::json::{self, Kind};
use crate::query::shape;
use crate::request::limits::CONSUMER_BYTES_MAX;

/// Reads the name of a consumer: a string of 1 to [`CONSUMER_BYTES_MAX`] bytes of well-formed Unicode.
pub(in crate::request) fn name(path: &str, raw: &str) -> Result<String, Error> {
    if Kind::of(raw) != Kind::String {
        return Err(shape::unexpected(path, "the name of a consumer", raw));
    }
    let text = json::decode_string(raw)
        .map_err(|error| Error::expected(path, "a string", &error.to_string()))?;
    if text.is_empty() {
        return Err(Error::expected(path, "a string that is not empty", "\"\""));
    }
    if text.len() > CONSUMER_BYTES_MAX {
        return Err(shape::over_limit(
            path,
            CONSUMER_BYTES_MAX,
            "bytes",
            text.len(),
        ));
    }
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_name_is_a_string_that_is_not_empty_and_not_too_long() {
        assert_eq!(name("consumer", "\"ma\\u00efler\"").unwrap(), "maïler");
        let longest = format!("\"{}\"", "x".repeat(256));
        assert_eq!(name("consumer", &longest).unwrap().len(), 256);
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
            let error = name("consumer", &raw).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.text().starts_with("consumer: expected "), "{error}");
            assert!(error.text().contains(part), "{error}");
        }
    }
}

//! Names of what is kept beside the events of an instance.

use super::limits::NAME_BYTES_MAX;
use crate::error::Error;
use crate::query::shape;

/// Reads the name of something, such as `a consumer`: a string of 1 to [`NAME_BYTES_MAX`] bytes of well-formed Unicode.
pub(super) fn name(path: &str, raw: &str, of: &str) -> Result<String, Error> {
    let text = shape::string(path, raw, &format!("the name of {of}"), 0..=NAME_BYTES_MAX)?;
    if text.is_empty() {
        return Err(Error::expected(path, "a string that is not empty", "\"\""));
    }
    Ok(text)
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

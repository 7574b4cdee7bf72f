//! The patterns of `matches`.

use regex::{Regex, RegexBuilder};

use crate::arguments;
use crate::error::{Code, Error};
use crate::json::Text;
use crate::query::limits::{COMPILED_PATTERN_BYTES_MAX, PATTERN_BYTES_MAX};

/// How deep the groups of a pattern may be nested.
const NESTING_MAX: u32 = 50;

/// A regular expression. It is found in time linear in the text.
#[derive(Debug)]
pub(in crate::query) struct Pattern(Regex);

impl Pattern {
    /// Compiles the pattern `raw` at `path`.
    pub(in crate::query) fn parse(
        path: &str,
        raw: &str,
        ignores_case: bool,
    ) -> Result<Self, Error> {
        let expected = "a regular expression";
        let pattern = arguments::string_within(path, raw, expected, PATTERN_BYTES_MAX)?;
        let built = RegexBuilder::new(&pattern)
            .case_insensitive(ignores_case)
            .nest_limit(NESTING_MAX)
            .size_limit(COMPILED_PATTERN_BYTES_MAX)
            .dfa_size_limit(COMPILED_PATTERN_BYTES_MAX)
            .build();
        match built {
            Ok(regex) => Ok(Self(regex)),
            Err(regex::Error::CompiledTooBig(_)) => {
                let text = format!(
                    "{path}: expected {expected} of at most {COMPILED_PATTERN_BYTES_MAX} bytes once it is \
                     compiled, found more; repeat less, or smaller classes"
                );
                Err(Error::new(Code::LimitExceeded, text))
            }
            Err(error) => Err(Error::expected(path, expected, &reason(&error))),
        }
    }

    /// Whether the pattern is found in the text. A lone surrogate in it counts as U+FFFD.
    pub(in crate::query) fn is_found_in(&self, text: &Text<'_>) -> bool {
        self.0.is_match(&text.to_string_lossy())
    }
}

/// What is wrong with a pattern: the last line of a text that draws it over several.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    let reason = last.strip_prefix("error: ").unwrap_or(last);
    format!("one that is none: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(pattern: &str) -> Error {
        let raw = serde_json::to_string(pattern).unwrap();
        Pattern::parse("where[0].value", &raw, false).unwrap_err()
    }

    #[test]
    fn a_pattern_is_found_anywhere_unless_it_says_where() {
        for (pattern, text, found) in [
            ("b+", "abbc", true),
            ("^b", "abbc", false),
            ("^a.*c$", "abbc", true),
            ("", "", true),
            (r"^\d{3}$", "123", true),
            (r"^\p{L}+$", "straße", true),
            (r"(?i)^É$", "é", true),
            ("^.$", "😀", true),
            ("x|y|", "z", true),
        ] {
            let raw = serde_json::to_string(pattern).unwrap();
            let compiled = Pattern::parse("", &raw, false).unwrap();
            assert_eq!(
                compiled.is_found_in(&Text::from(text)),
                found,
                "{pattern} {text}"
            );
        }
        let folded = Pattern::parse("", "\"^ab\"", true).unwrap();
        assert!(folded.is_found_in(&Text::from("ABC")));
        let lone = Text::from_units(vec![0xd800]);
        assert!(
            Pattern::parse("", "\"^\u{fffd}$\"", false)
                .unwrap()
                .is_found_in(&lone)
        );
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_the_reason() {
        for (pattern, end) in [
            ("(a", "unclosed group"),
            ("[a", "unclosed character class"),
            ("*", "repetition operator missing expression"),
            (
                "(?=a)",
                "look-around, including look-ahead and look-behind, is not supported",
            ),
            (r"(a)\1", "backreferences are not supported"),
        ] {
            let error = refusal(pattern);
            let expected = format!(
                "where[0].value: expected a regular expression, found one that is none: {end}"
            );
            assert_eq!(
                (error.code(), error.text()),
                (Code::InvalidArgument, &*expected)
            );
        }
        for raw in ["1", "null", "[\"a\"]", "\"\\ud800\""] {
            let error = Pattern::parse("where[0].value", raw, false).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument, "{raw}");
        }
    }

    #[test]
    fn a_pattern_that_would_take_much_is_refused() {
        for pattern in [
            "a{1000}{1000}",
            r"(\w{50}){50}",
            &"a".repeat(1025),
            &"(".repeat(500),
        ] {
            let error = refusal(pattern);
            let is_nested = pattern.starts_with("((");
            let code = if is_nested {
                Code::InvalidArgument
            } else {
                Code::LimitExceeded
            };
            assert_eq!(error.code(), code, "{}", error.text());
        }
    }
}

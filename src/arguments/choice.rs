//! Values of which there are few: the names of a list, and booleans.

use std::fmt::Display;

use super::{found, listed, unexpected};
use crate::error::Error;
use crate::json::{Kind, Text};
use crate::misspelling;

/// What the string `raw` at `path` names. Another one is an error that lists the names, and says which of them was likely
/// meant.
pub(crate) fn choice<T: Copy>(
    path: impl Display,
    raw: &str,
    named: &[(&'static str, T)],
) -> Result<T, Error> {
    let text = (Kind::of(raw) == Kind::String).then(|| Text::decode(raw));
    let text = text.as_ref().and_then(Text::as_str);
    if let Some((_, chosen)) = named.iter().find(|(name, _)| text == Some(*name)) {
        return Ok(*chosen);
    }
    let names = names_of(named);
    let mut found = found(raw);
    if let Some(likely) = text.and_then(|text| misspelling::meant(text, &names)) {
        found.push_str(&format!("; did you mean \"{likely}\"?"));
    }
    let expected = format!("one of {}", listed(&names, "and"));
    Err(Error::expected(path, &expected, &found))
}

/// The error of [`choice`] where there is nothing at `path`.
pub(crate) fn choice_of_nothing<T: Copy>(
    path: impl Display,
    named: &[(&'static str, T)],
) -> Result<T, Error> {
    let expected = format!("one of {}", listed(&names_of(named), "and"));
    Err(Error::expected(path, &expected, "nothing"))
}

fn names_of<T>(named: &[(&'static str, T)]) -> Vec<&'static str> {
    named.iter().map(|(name, _)| *name).collect()
}

/// `true` or `false` at `path`.
pub(crate) fn boolean(path: impl Display, raw: &str) -> Result<bool, Error> {
    match raw {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(unexpected(path, "a boolean", raw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_one_of_the_names_however_it_is_written() {
        let named = [("asc", 1), ("desc", 2)];
        assert_eq!(choice("direction", "\"asc\"", &named), Ok(1));
        assert_eq!(choice("direction", "\"\\u0064esc\"", &named), Ok(2));
        for (raw, found) in [
            ("\"dsc\"", "found \"dsc\"; did you mean \"desc\"?"),
            ("7", "found 7"),
            ("[\"asc\"]", "found an array"),
            ("\"\\ud800\"", "found \"\\ud800\""),
        ] {
            let error = choice("direction", raw, &named).unwrap_err();
            let expected = format!("direction: expected one of asc and desc, {found}");
            assert_eq!(error.text(), expected);
        }
    }

    #[test]
    fn only_a_boolean_is_one() {
        assert_eq!(boolean("explain", "true"), Ok(true));
        assert_eq!(boolean("explain", "false"), Ok(false));
        for raw in ["1", "\"true\"", "null", "[true]"] {
            let error = boolean("explain", raw).unwrap_err();
            let start = "explain: expected a boolean, found ";
            assert!(error.text().starts_with(start), "{raw}: {error}");
        }
    }
}

//! Reading the shapes that a query is made of, with errors that name the path.

use std::ops::RangeInclusive;

use super::limits::FIELDS_MAX;
use crate::error::{Code, Error};
use crate::json::{self, Kind, Text};
use crate::misspelling;

/// How much of a value an error text repeats, in bytes; longer ones are described by their kind.
const SHOWN_BYTES_MAX: usize = 64;

/// What an error text says was found: the value itself where it is short, else its kind.
pub(in crate::query) fn found(raw: &str) -> String {
    match Kind::of(raw) {
        Kind::Array | Kind::Object => Kind::of(raw).describe().to_owned(),
        _ if raw.len() <= SHOWN_BYTES_MAX => raw.to_owned(),
        Kind::String => "a longer string".to_owned(),
        kind => kind.describe().to_owned(),
    }
}

/// The error that `raw` at `path` is not what was expected.
pub(crate) fn unexpected(path: &str, expected: &str, raw: &str) -> Error {
    Error::expected(path, expected, &found(raw))
}

/// The error that there are more than `most` of something at `path`.
pub(crate) fn over_limit(path: &str, most: usize, unit: &str, count: usize) -> Error {
    let text = format!("{path}: expected at most {most} {unit}, found {count}");
    Error::new(Code::LimitExceeded, text)
}

/// The string at `path`, which is of well-formed Unicode and has so many bytes. `expected` says what it is.
pub(crate) fn string(
    path: &str,
    raw: &str,
    expected: &str,
    bytes: RangeInclusive<usize>,
) -> Result<String, Error> {
    if Kind::of(raw) != Kind::String {
        return Err(unexpected(path, expected, raw));
    }
    let text = json::decode_string(raw)
        .map_err(|error| Error::expected(path, expected, &error.to_string()))?;
    if text.len() < *bytes.start() {
        return Err(Error::expected(path, expected, "an empty string"));
    }
    if text.len() > *bytes.end() {
        return Err(over_limit(path, *bytes.end(), "bytes", text.len()));
    }
    Ok(text.into_owned())
}

/// The value at `path`, which must be there.
pub(crate) fn required<'a>(
    path: &str,
    raw: Option<&'a str>,
    expected: &str,
) -> Result<&'a str, Error> {
    raw.ok_or_else(|| Error::expected(path, expected, "nothing"))
}

/// The raw values of the object's `known` keys, in that order. A key whose value is `null` counts as not given.
/// Another key is an error.
pub(crate) fn members<'a, const N: usize>(
    path: &str,
    raw: &'a str,
    known: [&str; N],
) -> Result<[Option<&'a str>; N], Error> {
    members_with_null(path, raw, known, None)
}

/// As [`members`]; of the key `with_null`, `null` is a value.
pub(in crate::query) fn members_with_null<'a, const N: usize>(
    path: &str,
    raw: &'a str,
    known: [&str; N],
    with_null: Option<&str>,
) -> Result<[Option<&'a str>; N], Error> {
    if Kind::of(raw) != Kind::Object {
        let path = if path.is_empty() { "query" } else { path };
        let expected = format!("an object with {}", listed(&known, "and"));
        return Err(unexpected(path, &expected, raw));
    }
    let mut values = [None; N];
    for (key, value) in json::members(raw) {
        let key = Text::decode(key);
        if Kind::of(value) == Kind::Null && (with_null.is_none() || key.as_str() != with_null) {
            continue;
        }
        let at = known.iter().position(|known| key.as_str() == Some(known));
        match at.and_then(|at| values.get_mut(at)) {
            Some(slot) => *slot = Some(value),
            None => return Err(unknown_key(path, &key, &known)),
        }
    }
    Ok(values)
}

/// A key as an error text shows it.
pub(in crate::query) fn shown_key(key: &Text<'_>) -> String {
    let key = key.to_string_lossy();
    if key.len() > SHOWN_BYTES_MAX {
        "(a longer key)".to_owned()
    } else {
        key.into_owned()
    }
}

fn unknown_key(path: &str, key: &Text<'_>, known: &[&str]) -> Error {
    let shown = shown_key(key);
    let key = key.to_string_lossy();
    let dot = if path.is_empty() { "" } else { "." };
    let mut text = format!(
        "{path}{dot}{shown}: unknown key, expected {}",
        listed(known, "or")
    );
    if let Some(likely) = misspelling::meant(&key, known) {
        text.push_str(&format!("; did you mean {likely}?"));
    }
    Error::new(Code::InvalidArgument, text)
}

/// `a, b and c`.
pub(in crate::query) fn listed(names: &[&str], last: &str) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// What the string `raw` at `path` names. Another one is an error that lists the names, and says which of them was likely
/// meant.
pub(in crate::query) fn choice<T: Copy>(
    path: &str,
    raw: &str,
    named: &[(&'static str, T)],
) -> Result<T, Error> {
    let text = (Kind::of(raw) == Kind::String).then(|| Text::decode(raw));
    let text = text.as_ref().and_then(Text::as_str);
    if let Some((_, chosen)) = named.iter().find(|(name, _)| Some(*name) == text) {
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
pub(in crate::query) fn choice_of_nothing<T: Copy>(
    path: &str,
    named: &[(&'static str, T)],
) -> Result<T, Error> {
    let expected = format!("one of {}", listed(&names_of(named), "and"));
    Err(Error::expected(path, &expected, "nothing"))
}

fn names_of<T>(named: &[(&'static str, T)]) -> Vec<&'static str> {
    named.iter().map(|(name, _)| *name).collect()
}

/// `true` or `false` at `path`.
pub(in crate::query) fn boolean(path: &str, raw: &str) -> Result<bool, Error> {
    match raw.trim() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(unexpected(path, "true or false", raw)),
    }
}

/// The elements of an array with their number, which must be at most `most`.
pub(crate) fn list<'a>(
    path: &str,
    raw: &'a str,
    expected: &str,
    most: usize,
    unit: &str,
) -> Result<Vec<&'a str>, Error> {
    if Kind::of(raw) != Kind::Array {
        return Err(unexpected(path, expected, raw));
    }
    let count = json::elements(raw).count();
    if count > most {
        return Err(over_limit(path, most, unit, count));
    }
    Ok(json::elements(raw).collect())
}

/// The elements of an array of fields.
pub(in crate::query) fn fields<'a>(
    path: &str,
    raw: &'a str,
    expected: &str,
) -> Result<Vec<&'a str>, Error> {
    list(path, raw, expected, FIELDS_MAX, "fields")
}

/// A whole number from 0 to 2^53 - 1.
pub(crate) fn whole_number(path: &str, raw: &str) -> Result<u64, Error> {
    let expected = "a whole number from 0 to 9007199254740991";
    json::whole_number(raw).ok_or_else(|| unexpected(path, expected, raw))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_in_the_order_of_the_known_keys() {
        let raw = r#"{"b":1,"\u0061":2,"b":3}"#;
        assert_eq!(
            members("", raw, ["a", "b", "c"]),
            Ok([Some("2"), Some("3"), None])
        );
    }

    #[test]
    fn null_counts_as_not_given() {
        let raw = r#"{"a":null,"b":null,"other":null,"c":1}"#;
        assert_eq!(
            members("", raw, ["a", "b", "c"]),
            Ok([None, None, Some("1")])
        );
        assert_eq!(
            members_with_null("", raw, ["a", "b", "c"], Some("b")),
            Ok([None, Some("null"), Some("1")])
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_the_likely_one() {
        let text = |path, raw| members(path, raw, ["field", "groupBy"]).unwrap_err();
        assert_eq!(
            text("", r#"{"group_by":1}"#).text(),
            "group_by: unknown key, expected field or groupBy; did you mean groupBy?"
        );
        assert_eq!(
            text("where[1]", r#"{"op":1}"#).text(),
            "where[1].op: unknown key, expected field or groupBy"
        );
        assert_eq!(
            text("where[1]", r#"{"\ud800":1}"#).text(),
            "where[1].\u{fffd}: unknown key, expected field or groupBy"
        );
        assert_eq!(
            text("", "[1]").text(),
            "query: expected an object with field and groupBy, found an array"
        );
        assert_eq!(text("", "null").code(), Code::InvalidArgument);
    }

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
    fn a_long_value_is_described_not_repeated() {
        assert_eq!(found("12"), "12");
        assert_eq!(found("[1]"), "an array");
        assert_eq!(found(&format!("\"{}\"", "x".repeat(70))), "a longer string");
        assert_eq!(found(&"1".repeat(70)), "a number");
    }
}

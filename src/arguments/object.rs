//! Objects: the values of the keys that are known, and what becomes of others.

use std::borrow::Cow;
use std::fmt::Display;

use super::unknown::unknown_key;
use super::{listed, unexpected};
use crate::error::Error;
use crate::json::{self, Kind, Text};

/// The values of an object's known keys, in the order in which the keys were given, and the names
/// of all other keys.
pub(crate) struct Object<'a, const N: usize> {
    pub(crate) values: [Option<&'a str>; N],
    pub(crate) unknown: Vec<String>,
}

/// Of which keys `null` is a value. Of others, it counts as not given.
#[derive(Clone, Copy)]
enum NullAsValue<'k> {
    None,
    All,
    Of(&'k str),
}

impl<'a, const N: usize> Object<'a, N> {
    /// Reads the object at `path`. A key whose value is `null` counts as not given.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is none, or if one of its keys is not well-formed Unicode.
    pub(crate) fn parse(
        path: impl Display,
        raw: &'a str,
        known: &[&str; N],
    ) -> Result<Self, Error> {
        Self::sorted(path, raw, known, NullAsValue::None)
    }

    /// Reads the object at `path`, where `null` is a value as any.
    ///
    /// # Errors
    ///
    /// As [`Object::parse`].
    pub(crate) fn parse_with_null(
        path: impl Display,
        raw: &'a str,
        known: &[&str; N],
    ) -> Result<Self, Error> {
        Self::sorted(path, raw, known, NullAsValue::All)
    }

    /// Reads the object at `path`, where `null` is a value of the key `with_null`, and counts as not given of others.
    ///
    /// # Errors
    ///
    /// As [`Object::parse`].
    pub(crate) fn parse_with_null_of(
        path: impl Display,
        raw: &'a str,
        known: &[&str; N],
        with_null: &str,
    ) -> Result<Self, Error> {
        Self::sorted(path, raw, known, NullAsValue::Of(with_null))
    }

    fn sorted(
        path: impl Display,
        raw: &'a str,
        known: &[&str; N],
        nulls: NullAsValue<'_>,
    ) -> Result<Self, Error> {
        if Kind::of(raw) != Kind::Object {
            return Err(no_object(path, raw));
        }
        let mut unknown = Vec::new();
        let values = sorted(raw, known, nulls, |key| {
            unknown.push(well_formed(&path, key)?.into_owned());
            Ok(())
        })?;
        Ok(Self { values, unknown })
    }
}

/// The values of the object's `known` keys, in that order. A key whose value is `null` counts as not given.
/// Another key is an error.
pub(crate) fn members<'a, const N: usize>(
    path: &str,
    raw: &'a str,
    known: [&str; N],
) -> Result<[Option<&'a str>; N], Error> {
    only_known(path, raw, known, NullAsValue::None)
}

/// As [`members`]; of the key `with_null`, `null` is a value.
pub(crate) fn members_with_null<'a, const N: usize>(
    path: &str,
    raw: &'a str,
    known: [&str; N],
    with_null: &str,
) -> Result<[Option<&'a str>; N], Error> {
    only_known(path, raw, known, NullAsValue::Of(with_null))
}

fn only_known<'a, const N: usize>(
    path: &str,
    raw: &'a str,
    known: [&str; N],
    nulls: NullAsValue<'_>,
) -> Result<[Option<&'a str>; N], Error> {
    if Kind::of(raw) != Kind::Object {
        let path = if path.is_empty() { "query" } else { path };
        let expected = format!("an object with {}", listed(&known, "and"));
        return Err(unexpected(path, &expected, raw));
    }
    sorted(raw, &known, nulls, |key| {
        Err(unknown_key(path, &key, &known))
    })
}

/// The members of the object at `path`, whose keys may be any of well-formed Unicode. One whose value is `null` counts
/// as not given.
pub(crate) fn entries(path: impl Display, raw: &str) -> Result<Vec<(Cow<'_, str>, &str)>, Error> {
    if Kind::of(raw) != Kind::Object {
        return Err(no_object(path, raw));
    }
    let given = json::members(raw).filter(|(_, value)| Kind::of(value) != Kind::Null);
    given
        .map(|(key, value)| Ok((well_formed(&path, Text::decode(key))?, value)))
        .collect()
}

/// The values of the `known` keys; `other` is given each other key. The last of repeated keys wins, as in `JSON.parse`.
fn sorted<'a, const N: usize>(
    raw: &'a str,
    known: &[&str; N],
    nulls: NullAsValue<'_>,
    mut other: impl FnMut(Text<'a>) -> Result<(), Error>,
) -> Result<[Option<&'a str>; N], Error> {
    let mut values = [None; N];
    for (key, value) in json::members(raw) {
        let key = Text::decode(key);
        let name = key.as_str();
        let counts = match nulls {
            _ if Kind::of(value) != Kind::Null => true,
            NullAsValue::None => false,
            NullAsValue::All => true,
            NullAsValue::Of(with_null) => name == Some(with_null),
        };
        if !counts {
            continue;
        }
        let at = known.iter().position(|known| name == Some(known));
        match at.and_then(|at| values.get_mut(at)) {
            Some(slot) => *slot = Some(value),
            None => other(key)?,
        }
    }
    Ok(values)
}

fn no_object(path: impl Display, raw: &str) -> Error {
    Error::expected(path, "an object", Kind::of(raw).describe())
}

fn well_formed(path: impl Display, key: Text<'_>) -> Result<Cow<'_, str>, Error> {
    key.into_unicode().map_err(|_| {
        let expected = "keys of well-formed Unicode";
        Error::expected(path, expected, "one with a lone surrogate")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn values_come_in_the_order_of_the_known_keys() {
        let raw = r#"{"b":1,"\u0061":2,"other":4,"b":3}"#;
        let object = Object::parse("params", raw, &["a", "b", "c"]).unwrap();
        assert_eq!(object.values, [Some("2"), Some("3"), None]);
        assert_eq!(object.unknown, ["other"]);
        let raw = r#"{"b":1,"\u0061":2,"b":3}"#;
        assert_eq!(
            members("", raw, ["a", "b", "c"]),
            Ok([Some("2"), Some("3"), None])
        );
    }

    #[test]
    fn null_counts_as_not_given_unless_it_is_a_value() {
        let raw = r#"{"a":null,"b":null,"other":null,"c":1}"#;
        let known = ["a", "b", "c"];
        assert_eq!(members("", raw, known), Ok([None, None, Some("1")]));
        assert_eq!(
            members_with_null("", raw, known, "b"),
            Ok([None, Some("null"), Some("1")])
        );
        let object = Object::parse("", raw, &known).unwrap();
        assert_eq!(object.values, [None, None, Some("1")]);
        assert_eq!(object.unknown, [""; 0]);
        let object = Object::parse_with_null("", raw, &known).unwrap();
        assert_eq!(object.values, [Some("null"), Some("null"), Some("1")]);
        assert_eq!(object.unknown, ["other"]);
    }

    #[test]
    fn keys_of_any_name_are_given_with_their_values() {
        let raw = r#"{"\u0061\n":1,"b":null,"":[2]}"#;
        let members = entries("streams", raw).unwrap();
        assert_eq!(members, [("a\n".into(), "1"), ("".into(), "[2]")]);
        let error = entries("streams", "[1]").unwrap_err();
        assert_eq!(error.text(), "streams: expected an object, found an array");
    }

    #[test]
    fn a_key_of_half_a_character_is_refused() {
        let raw = r#"{"\ud800":1}"#;
        let expected =
            "params: expected keys of well-formed Unicode, found one with a lone surrogate";
        let error = Object::parse("params", raw, &["a"]).err().unwrap();
        assert_eq!(error.text(), expected);
        assert_eq!(entries("params", raw).unwrap_err().text(), expected);
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
}

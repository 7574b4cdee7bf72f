//! The members of a JSON object, sorted into the keys that a call knows and those it does not.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Code, Error};
use crate::json::Kind;
use crate::misspelling;

/// The values of an object's known keys, in the order in which the keys were given, and the names
/// of all other keys.
pub(super) struct Fields<'a, const N: usize> {
    pub(super) values: [Option<&'a RawValue>; N],
    pub(super) unknown: Vec<String>,
}

impl<'a, const N: usize> Fields<'a, N> {
    /// Reads the JSON text `raw`, which stands at `path` in the call. A key whose value is `null` counts as not
    /// given.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is not an object.
    pub(super) fn parse(
        raw: &'a str,
        path: impl Display,
        known: &[&str; N],
    ) -> Result<Self, Error> {
        let with_null = false;
        Self::visit(raw, path, FieldsVisitor { known, with_null })
    }

    /// Reads the JSON text `raw`, which stands at `path` in a line of an export. There, `null` is a value as any.
    ///
    /// # Errors
    ///
    /// As [`Fields::parse`].
    pub(super) fn parse_written(
        raw: &'a str,
        path: impl Display,
        known: &[&str; N],
    ) -> Result<Self, Error> {
        let with_null = true;
        Self::visit(raw, path, FieldsVisitor { known, with_null })
    }

    fn visit(
        raw: &'a str,
        path: impl Display,
        visitor: FieldsVisitor<'_, N>,
    ) -> Result<Self, Error> {
        if !raw.starts_with('{') {
            return Err(Error::expected(
                &path.to_string(),
                "an object",
                describe(raw),
            ));
        }
        let mut deserializer = serde_json::Deserializer::from_str(raw);
        deserializer
            .deserialize_map(visitor)
            .and_then(|fields| deserializer.end().map(|()| fields))
            .map_err(|error| not_json(path, &error))
    }
}

struct FieldsVisitor<'k, const N: usize> {
    known: &'k [&'k str; N],
    /// Whether `null` is a value.
    with_null: bool,
}

impl<'de, const N: usize> Visitor<'de> for FieldsVisitor<'_, N> {
    type Value = Fields<'de, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields {
            values: [None; N],
            unknown: Vec::new(),
        };
        while let Some(FieldKey(key)) = map.next_key()? {
            let value: &RawValue = map.next_value()?;
            match self.known.iter().position(|known| *known == key) {
                _ if !self.with_null && value.get() == "null" => {}
                Some(index) => fields.values[index] = Some(value),
                None => fields.unknown.push(key.into_owned()),
            }
        }
        Ok(fields)
    }
}

/// The members of a JSON object whose keys may be any, but for those whose value is `null`: they count as not given.
pub(super) struct GivenMembers<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> GivenMembers<'a> {
    /// Reads the JSON text `raw`, which stands at `path` in the call.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is not an object.
    pub(super) fn parse(raw: &'a str, path: &str) -> Result<Self, Error> {
        if !raw.starts_with('{') {
            return Err(Error::expected(path, "an object", describe(raw)));
        }
        serde_json::from_str(raw).map_err(|error| not_json(path, &error))
    }
}

impl<'de> Deserialize<'de> for GivenMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = GivenMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((FieldKey(key), value)) = map.next_entry::<_, &RawValue>()? {
                    if value.get() != "null" {
                        members.push((key, value));
                    }
                }
                Ok(GivenMembers(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// A key, borrowed from the text unless it has escapes.
struct FieldKey<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for FieldKey<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = FieldKey<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<FieldKey<'de>, E> {
                Ok(FieldKey(key.into()))
            }

            fn visit_str<E>(self, key: &str) -> Result<FieldKey<'de>, E> {
                Ok(FieldKey(key.to_owned().into()))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

/// The elements of a JSON array that is not longer than a call may make it.
pub(super) struct GivenElements<'a>(pub(super) Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for GivenElements<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ElementsVisitor;

        impl<'de> Visitor<'de> for ElementsVisitor {
            type Value = GivenElements<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element()? {
                    elements.push(element);
                }
                Ok(GivenElements(elements))
            }
        }

        deserializer.deserialize_seq(ElementsVisitor)
    }
}

impl<'a> GivenElements<'a> {
    /// Reads the JSON text of an array.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is none.
    pub(super) fn parse(text: &'a str, path: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| not_json(path, &error))
    }
}

/// Refuses a key of another kind of call: a guard that is ignored would store what was not to be
/// stored. `instead` says what to do.
pub(super) fn refuse_misplaced(
    raw: Option<&RawValue>,
    path: impl Display,
    instead: &str,
) -> Result<(), Error> {
    match raw {
        None => Ok(()),
        Some(_) => Err(Error::new(
            Code::InvalidArgument,
            format!("{path}: expected nothing here; {instead}"),
        )),
    }
}

/// Refuses an unknown key that is one of `others`, which belong to another place. `prefix` is what the paths of the object's
/// members begin with, and `instead` says what to do.
pub(super) fn refuse_elsewhere(
    unknown: &[String],
    prefix: impl Display,
    others: &[&str],
    instead: &str,
) -> Result<(), Error> {
    match unknown.iter().find(|key| others.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(Error::new(
            Code::InvalidArgument,
            format!("{prefix}{key}: expected nothing here; {instead}"),
        )),
    }
}

/// Refuses a key that is likely a misspelt one of the `known` keys: what it holds would be dropped, and a guard would
/// not guard. `prefix` is what the paths of the object's members begin with.
pub(super) fn refuse_misspelt(
    unknown: &[String],
    prefix: impl Display,
    known: &[&str],
) -> Result<(), Error> {
    let likely = |key: &String| Some((key.clone(), misspelling::meant(key, known)?));
    match unknown.iter().find_map(likely) {
        None => Ok(()),
        Some((key, likely)) => Err(Error::new(
            Code::InvalidArgument,
            format!("{prefix}{key}: unknown key; did you mean {likely}?"),
        )),
    }
}

/// What the value of a JSON text is, for an error text.
pub(super) fn describe(raw: &str) -> &'static str {
    Kind::of(raw).describe()
}

/// The number that a JSON text is, or else what its value is, for an error text.
pub(super) fn number_or_kind(raw: &str) -> &str {
    match Kind::of(raw) {
        Kind::Number => raw,
        kind => kind.describe(),
    }
}

/// Reads `true` or `false`.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if it is something else.
pub(super) fn boolean(raw: &RawValue, path: impl Display) -> Result<bool, Error> {
    match raw.get() {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(Error::expected(
            &path.to_string(),
            "a boolean",
            describe(other),
        )),
    }
}

fn not_json(path: impl Display, error: &serde_json::Error) -> Error {
    // The text is one line, which may have a number of its own in what it is a part of.
    let found = error
        .to_string()
        .replace(" at line 1 column ", " at column ");
    Error::new(
        Code::InvalidArgument,
        format!("{path}: expected JSON with keys of well-formed Unicode, found {found}"),
    )
}

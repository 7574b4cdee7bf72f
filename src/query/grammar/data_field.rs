//! Fields of what an event was given: its payload, its metadata, or something within them.

use super::event_key::EventKey;
use super::field::Field;
use crate::arguments;
use crate::error::Error;
use crate::json::{Key, Text};

/// What is expected of such a field.
const EXPECTED: &str =
    "a field of the payload or the metadata, such as payload.email or /payload/a.b";

/// The payload, the metadata, or a path into one of them, as queries name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataField(Field);

impl DataField {
    /// Reads the field that the JSON value `raw` at `path` names.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it names none, or another key of an event. `LIMIT_EXCEEDED`.
    pub fn parse(path: &str, raw: &str) -> Result<Self, Error> {
        let field = Field::parse(path, raw)?;
        if field.is_json() {
            Ok(Self(field))
        } else {
            Err(arguments::unexpected(path, EXPECTED, raw))
        }
    }

    /// Whether it is the payload, or in it; otherwise it is of the metadata.
    #[must_use]
    pub fn is_of_payload(&self) -> bool {
        self.0.key() == EventKey::Payload
    }

    /// The keys to follow within the payload or the metadata; none for all of it.
    #[must_use]
    pub fn path(&self) -> &[Key] {
        self.0.path()
    }

    /// JSON text of its name, which is one for all its spellings: `payload.a.b`, or `/payload/a.b` where keys have a dot in
    /// them, or nothing.
    #[must_use]
    pub fn name(&self) -> String {
        let dot = u16::from(b'.');
        let keys: Vec<Vec<u16>> = self
            .path()
            .iter()
            .map(|key| key.text().to_units())
            .collect();
        let is_plain = keys
            .iter()
            .all(|key| !key.is_empty() && !key.contains(&dot));
        let (before, between) = if is_plain { ("", dot) } else { ("/", SLASH) };
        let mut units: Vec<u16> = before.encode_utf16().collect();
        units.extend(self.0.key().name().encode_utf16());
        for key in keys {
            units.push(between);
            units.extend(if is_plain { key } else { escaped(&key) });
        }
        let mut name = String::new();
        Text::from_units(units).write_json(&mut name);
        name
    }
}

const SLASH: u16 = b'/' as u16;

/// A key as a JSON Pointer has it.
fn escaped(key: &[u16]) -> Vec<u16> {
    const TILDE: u16 = b'~' as u16;
    let unit = |unit: &u16| match *unit {
        TILDE => vec![TILDE, u16::from(b'0')],
        SLASH => vec![TILDE, u16::from(b'1')],
        other => vec![other],
    };
    key.iter().flat_map(unit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn parse(name: &str) -> Result<DataField, Error> {
        DataField::parse("fields[0]", &serde_json::to_string(name).unwrap())
    }

    #[test]
    fn all_spellings_have_one_name_which_is_read_as_the_same_field() {
        for (spellings, name) in [
            (
                &["payload.a.b", "a.b", "/payload/a/b"][..],
                "\"payload.a.b\"",
            ),
            (&["payload", "/payload"], "\"payload\""),
            (&["metadata", "/metadata"], "\"metadata\""),
            (&["metadata.0", "/metadata/0"], "\"metadata.0\""),
            (&["/payload/a.b"], "\"/payload/a.b\""),
            (&["/payload/"], "\"/payload/\""),
            (&["/payload/a.b/c~1d/e~0f"], "\"/payload/a.b/c~1d/e~0f\""),
            (&["payload.c/d", "/payload/c~1d"], "\"payload.c/d\""),
            (&["id.x"], "\"payload.id.x\""),
            (&["payload.day(x)"], "\"payload.day(x)\""),
        ] {
            for spelling in spellings {
                let field = parse(spelling).unwrap();
                assert_eq!(field.name(), name, "{spelling}");
                assert_eq!(DataField::parse("", name).unwrap(), field);
                assert_eq!(field.is_of_payload(), name.contains("payload"));
            }
        }
        let lone = DataField::parse("", r#""a.\ud800""#).unwrap();
        assert_eq!(
            lone.name(),
            r#""\u0070\u0061\u0079\u006c\u006f\u0061\u0064\u002e\u0061\u002e\ud800""#
        );
        assert_eq!(DataField::parse("", &lone.name()).unwrap(), lone);
    }

    #[test]
    fn other_keys_of_an_event_are_none_of_what_it_was_given() {
        for name in [
            "event_type",
            "streamId",
            "id",
            "timestamp",
            "position",
            "/stream_id",
        ] {
            let error = parse(name).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument);
            let text = error.text();
            assert!(
                text.starts_with("fields[0]: expected a field of the payload or the metadata,"),
                "{text}"
            );
            assert!(text.ends_with(&format!("found \"{name}\"")), "{text}");
        }
        assert!(parse("payload.event_type").is_ok());
    }
}

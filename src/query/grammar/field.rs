//! Fields of an event, as queries name them.

use super::event_key::EventKey;
use crate::arguments;
use crate::error::Error;
use crate::event::Event;
use crate::json::{self, Key, Kind, Text};
use crate::query::limits::FIELD_BYTES_MAX;
use crate::query::limits::FIELD_SEGMENTS_MAX;
use crate::query::value::found::Found;

const EXPECTED: &str = "a field such as event_type, payload.a.b or /payload/a.b";

/// A field: one of the event's keys, and for the payload or the metadata a path into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::query) struct Field {
    key: EventKey,
    path: Vec<Key>,
}

impl Field {
    /// The stream's id.
    pub(in crate::query) const STREAM_ID: Self = Self {
        key: EventKey::StreamId,
        path: Vec::new(),
    };

    /// Reads the field that the JSON value `raw` at `path` names.
    pub(in crate::query) fn parse(path: &str, raw: &str) -> Result<Self, Error> {
        if Kind::of(raw) != Kind::String {
            return Err(arguments::unexpected(path, EXPECTED, raw));
        }
        let name = Text::decode(raw);
        if name.bytes_len() > FIELD_BYTES_MAX {
            let len = name.bytes_len();
            return Err(arguments::over_limit(
                path,
                FIELD_BYTES_MAX,
                "bytes of UTF-8",
                len,
            ));
        }
        if let Some(expected) = name.as_str().and_then(mistaken) {
            return Err(arguments::unexpected(path, &expected, raw));
        }
        let units = name.to_units();
        let pointer = units.first() == Some(&u16::from(b'/'));
        let (separator, body) = match units.get(1..) {
            Some(rest) if pointer => (b'/', rest),
            _ => (b'.', units.as_slice()),
        };
        let segments: Vec<&[u16]> = body.split(|unit| *unit == u16::from(separator)).collect();
        if segments.len() > FIELD_SEGMENTS_MAX {
            let count = segments.len();
            return Err(arguments::over_limit(
                path,
                FIELD_SEGMENTS_MAX,
                "segments",
                count,
            ));
        }
        let field = if pointer {
            Self::of_pointer(&segments)
        } else {
            Self::of_path(&segments)
        };
        field.map_err(|expected| arguments::unexpected(path, &expected, raw))
    }

    /// `a.b.c`; the error is what was expected.
    fn of_path(segments: &[&[u16]]) -> Result<Self, String> {
        if segments.iter().any(|segment| segment.is_empty()) {
            return Err(format!("{EXPECTED}, without empty keys"));
        }
        let mut keys: Vec<Key> = segments
            .iter()
            .map(|units| key_of(units.to_vec()))
            .collect();
        let first = keys.first().and_then(|key| key.text().as_str());
        Ok(match first.and_then(EventKey::of) {
            Some(key) if key.is_json() || keys.len() == 1 => Self {
                key,
                path: keys.split_off(1),
            },
            // `timestamp.x` cannot be meant as the event's own timestamp.
            _ => Self {
                key: EventKey::Payload,
                path: keys,
            },
        })
    }

    /// A JSON Pointer without its first slash; the error is what was expected.
    fn of_pointer(segments: &[&[u16]]) -> Result<Self, String> {
        let keys: Option<Vec<Key>> = segments
            .iter()
            .map(|units| Some(key_of(unescape(units)?)))
            .collect();
        let Some(mut keys) = keys else {
            return Err("a JSON Pointer with ~ only in ~0 and ~1".to_owned());
        };
        let first = keys.first().and_then(|key| key.text().as_str());
        match first.and_then(EventKey::of) {
            Some(key) if key.is_json() || keys.len() == 1 => Ok(Self {
                key,
                path: keys.split_off(1),
            }),
            Some(key) => Err(format!("/{0} alone, as {0} has no keys in it", key.name())),
            None => Err("a JSON Pointer that begins with one of the event's keys, \
                 such as /payload"
                .to_owned()),
        }
    }

    pub(in crate::query) const fn key(&self) -> EventKey {
        self.key
    }

    /// The keys to follow within the payload or the metadata.
    pub(in crate::query) fn path(&self) -> &[Key] {
        &self.path
    }

    /// Whether reading the field means reading JSON text.
    pub(in crate::query) const fn is_json(&self) -> bool {
        self.key.is_json()
    }

    /// The field's value in `event`.
    pub(in crate::query) fn find<'a>(&self, event: &Event<'a>) -> Found<'a> {
        match self.key.read(event) {
            Found::Json(raw) => json::lookup(raw, &self.path).map_or(Found::Absent, Found::Json),
            header => header,
        }
    }
}

/// What was expected in the place of a name that would mean a field of the payload, but looks like one that was meant to
/// be something else: a key of the event in another spelling, or a function.
fn mistaken(name: &str) -> Option<String> {
    let of_payload = format!("(payload.{name} for a field of the payload that is named so)");
    if is_function(name) {
        return Some(format!(
            "a field, as there are no functions of fields {of_payload}"
        ));
    }
    let (first, rest) = name
        .split_once('.')
        .map_or((name, None), |(first, rest)| (first, Some(rest)));
    if EventKey::of(first).is_some() {
        return None;
    }
    let near = EventKey::near(first).filter(|key| rest.is_none() || key.is_json())?;
    let rest = rest.map_or_else(String::new, |rest| format!(".{rest}"));
    Some(format!("{}{rest} {of_payload}", near.name()))
}

/// Whether the name is that of a function with its arguments, such as `day(timestamp)`.
fn is_function(name: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let called = name
        .trim()
        .strip_suffix(')')
        .and_then(|name| name.split_once('('));
    called.is_some_and(|(function, _)| is_word(function))
}

fn key_of(units: Vec<u16>) -> Key {
    Key::new(Text::from_units(units))
}

/// Decodes a segment of a JSON Pointer; `None` for a `~` that is not in `~0` or `~1`.
fn unescape(segment: &[u16]) -> Option<Vec<u16>> {
    let mut units = Vec::with_capacity(segment.len());
    let mut rest = segment.iter();
    while let Some(&unit) = rest.next() {
        if unit != u16::from(b'~') {
            units.push(unit);
            continue;
        }
        units.push(match u8::try_from(*rest.next()?) {
            Ok(b'0') => u16::from(b'~'),
            Ok(b'1') => u16::from(b'/'),
            _ => return None,
        });
    }
    Some(units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use uuid::Uuid;

    const PAYLOAD: &str = r#"{"a":{"b":[1,{"c":"deep"}]},"x.y":2,"p/q":3,"m~n":4,"":5,
        "id":{"x":6},"timestamp":{"x":7},"\ud800":8,"orderId":9}"#;

    fn event() -> Event<'static> {
        Event {
            id: Uuid::from_u128(0xABCD),
            instance_id: "i",
            stream_id: "s\n",
            event_type: "t",
            payload: PAYLOAD,
            metadata: "[10]",
            timestamp_ms: 1,
            sequence_number: 12,
            position: 34,
        }
    }

    fn parse(name: &str) -> Result<Field, Error> {
        Field::parse("select[0]", &serde_json::to_string(name).unwrap())
    }

    fn read(name: &str) -> String {
        parse(name).unwrap().find(&event()).to_json()
    }

    #[test]
    fn header_fields_have_two_spellings() {
        for (names, json) in [
            (["id", "/id"], "\"00000000-0000-0000-0000-00000000abcd\""),
            (["instanceId", "instance_id"], "\"i\""),
            (["stream_id", "streamId"], "\"s\\n\""),
            (["event_type", "eventType"], "\"t\""),
            (["timestamp", "/timestamp"], "\"1970-01-01T00:00:00.001Z\""),
            (["sequence_number", "sequenceNumber"], "12"),
            (["position", "/position"], "34"),
            (["metadata", "/metadata"], "[10]"),
            (["payload", "/payload"], PAYLOAD),
        ] {
            for name in names {
                assert_eq!(read(name), json, "{name}");
            }
            assert_eq!(parse(names[0]), parse(names[1]));
        }
    }

    #[test]
    fn paths_lead_into_the_payload() {
        for (name, json) in [
            ("payload.a.b.1.c", "\"deep\""),
            ("a.b.0", "1"),
            ("orderId", "9"),
            ("payload.orderId", "9"),
            ("id.x", "6"),
            ("timestamp.x", "7"),
            ("metadata.0", "10"),
            ("metadata.length", "null"),
            ("payload.x.y", "null"),
            ("payload.payload", "null"),
        ] {
            assert_eq!(read(name), json, "{name}");
        }
    }

    #[test]
    fn pointers_reach_any_key() {
        for (name, json) in [
            ("/payload/x.y", "2"),
            ("/payload/p~1q", "3"),
            ("/payload/m~0n", "4"),
            ("/payload/", "5"),
            ("/payload/a/b/1/c", "\"deep\""),
            ("/payload/~01", "null"),
        ] {
            assert_eq!(read(name), json, "{name}");
        }
        let lone = Field::parse("select[0]", r#""payload.\ud800""#).unwrap();
        assert_eq!(lone.find(&event()).to_json(), "8");
    }

    #[test]
    fn what_names_no_field_is_refused() {
        for name in [
            "",
            ".",
            "a.",
            ".a",
            "payload.",
            "payload..a",
            "/",
            "//a",
            "/a",
            "/Payload",
            "/event_type/x",
            "/payload/~",
            "/payload/~2",
            "/payload/a~",
        ] {
            let error = parse(name).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument, "{name}");
            assert!(
                error.text().starts_with("select[0]: expected "),
                "{}",
                error.text()
            );
        }
        for raw in ["null", "1", "[\"a\"]", "{}", "true"] {
            let error = Field::parse("orderBy.field", raw).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument, "{raw}");
        }
    }

    #[test]
    fn a_name_that_was_meant_to_be_another_is_refused_with_that() {
        for (name, meant) in [
            ("eventtype", "event_type"),
            ("EventType", "event_type"),
            ("EVENT_TYPE", "event_type"),
            ("streamid", "stream_id"),
            ("Stream_Id", "stream_id"),
            ("Sequence_Number", "sequence_number"),
            ("sequencenumber", "sequence_number"),
            ("Position", "position"),
            ("TimeStamp", "timestamp"),
            ("time_stamp", "timestamp"),
            ("ID", "id"),
            ("instanceid", "instanceId"),
            ("Payload", "payload"),
            ("Payload.total", "payload.total"),
            ("META_DATA.user.id", "metadata.user.id"),
            (
                "day(timestamp)",
                "a field, as there are no functions of fields",
            ),
            ("date_trunc('day', timestamp)", "a field"),
            ("sum(payload.total)", "a field"),
            ("COUNT(*)", "a field"),
            ("count()", "a field"),
        ] {
            let error = parse(name).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument, "{name}");
            let expected = format!("select[0]: expected {meant} (payload.{name} for a field");
            let function = format!("select[0]: expected {meant}");
            let text = error.text();
            assert!(
                text.starts_with(&expected) || name.contains('(') && text.starts_with(&function),
                "{text}"
            );
            assert!(parse(&format!("payload.{name}")).is_ok(), "{name}");
        }
        for name in [
            "eventTypes",
            "event-type",
            "stream",
            "Timestamp.x",
            "id.x",
            "total(EUR",
            "total (EUR)",
            "(a)",
            "2(a)",
            "metadata.day(x)",
            "/payload/day(x)",
        ] {
            assert!(parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn names_have_limits() {
        assert!(parse(&"é".repeat(512)).is_ok());
        let error = parse(&"é".repeat(513)).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        assert_eq!(
            error.text(),
            "select[0]: expected at most 1024 bytes of UTF-8, found 1026"
        );
        assert!(parse(&["a"; 64].join(".")).is_ok());
        for name in [["a"; 65].join("."), format!("/payload{}", "/a".repeat(64))] {
            let error = parse(&name).unwrap_err();
            assert_eq!(
                error.text(),
                "select[0]: expected at most 64 segments, found 65"
            );
            assert_eq!(error.code(), Code::LimitExceeded);
        }
    }
}

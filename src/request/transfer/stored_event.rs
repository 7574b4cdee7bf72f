//! An event that is imported, as its line gives it.

use uuid::Uuid;

use super::erased_event::erased_metadata;
use super::line::{EVENT_KEYS, LineNumber, count, known_keys, time};
use super::{IDEMPOTENCY, IDEMPOTENCY_KEYS, POSITION};
use crate::arguments::{Object, required, unexpected};
use crate::encryption::envelope::{self, Envelope};
use crate::engine::{CallKey, NewEvent, Record};
use crate::erased::PAYLOAD;
use crate::error::{Code, Error};
use crate::json::Kind;
use crate::request::part::{Identifier, Part};
use crate::request::text;
use crate::timestamp;

/// An event as a line gives it: places in the text that it was read from.
#[derive(Debug)]
pub(super) struct StoredEvent {
    pub(super) id: Uuid,
    pub(super) instance: Identifier,
    stream: Identifier,
    kind: Identifier,
    payload: Part,
    metadata: Part,
    pub(super) timestamp_ms: i64,
    pub(super) sequence: u64,
    /// Where it stands, if the line says that: events directly before it were trimmed.
    pub(super) position: Option<u64>,
    call: Option<StoredCall>,
    /// What is stored in the place of the metadata, if the event was erased.
    erased: Option<String>,
}

/// The call whose first event it is.
#[derive(Debug)]
struct StoredCall {
    key: String,
    events: u64,
}

impl StoredEvent {
    /// Reads the values of an event's keys, which are parts of `text`.
    pub(super) fn parse(
        values: &[Option<&str>; EVENT_KEYS],
        number: LineNumber,
        text: &str,
    ) -> Result<Self, Error> {
        let [
            id,
            instance,
            stream,
            kind,
            payload,
            metadata,
            at,
            sequence,
            call,
            position,
            erased,
        ] = *values;
        let identifier = |raw: Option<&str>, key: &str| {
            let path = format_args!("{number}: {key}");
            Identifier::parse(path, required(path, raw, "a string")?, text)
        };
        Ok(Self {
            id: uuid(id, number)?,
            instance: identifier(instance, "instanceId")?,
            stream: identifier(stream, "stream_id")?,
            kind: identifier(kind, "event_type")?,
            payload: container(payload, number, "payload", text)?,
            metadata: {
                let metadata = container(metadata, number, "metadata", text)?;
                // Both are, or neither is.
                let [payload, of_metadata] = [payload, Some(metadata.json(text))].map(is_encrypted);
                if payload != of_metadata {
                    let path = format_args!("{number}: metadata");
                    let found = "one of both encrypted";
                    return Err(Error::expected(path, "what the payload is", found));
                }
                metadata
            },
            timestamp_ms: {
                let path = format_args!("{number}: timestamp");
                time(path, required(path, at, timestamp::EXPECTED)?)?
            },
            sequence: {
                let path = format_args!("{number}: sequence_number");
                count(path, required(path, sequence, "a whole number from 1")?)?
            },
            position: position.map(|raw| place(raw, number)).transpose()?,
            call: call.map(|raw| StoredCall::parse(raw, number)).transpose()?,
            erased: match erased {
                None => None,
                Some(raw) => Some(erased_metadata(
                    raw,
                    [payload, metadata].map(Option::unwrap_or_default),
                    number,
                )?),
            },
        })
    }

    /// Refuses an event that is larger than the log takes.
    pub(super) fn check_size(
        &self,
        number: LineNumber,
        event_bytes_max: usize,
        text: &str,
    ) -> Result<(), Error> {
        // Of an event of which fields were erased, what is left counts, and not what says that.
        let given = NewEvent {
            payload: self.payload.json(text),
            metadata: self.metadata.json(text),
            ..self.new_event(text)
        };
        let bytes = given.bytes();
        if bytes <= event_bytes_max {
            return Ok(());
        }
        Err(Error::new(
            Code::LimitExceeded,
            format!(
                "{number}: expected an event of at most {event_bytes_max} bytes of UTF-8 \
                 (eventBytesMax), found {bytes}"
            ),
        ))
    }

    /// The event as the engine takes it; `text` is what it was read from.
    pub(super) fn new_event<'a>(&'a self, text: &'a str) -> NewEvent<'a> {
        NewEvent {
            stream_id: self.stream.value(text),
            event_type: self.kind.value(text),
            payload: match self.erased {
                Some(_) => PAYLOAD,
                None => self.payload.json(text),
            },
            metadata: match &self.erased {
                Some(metadata) => metadata.as_str(),
                None => self.metadata.json(text),
            },
            timestamp_ms: Some(self.timestamp_ms),
            call: self.call.as_ref().map(|call| CallKey {
                text: &call.key,
                events: call.events,
            }),
        }
    }

    /// The event as a log has it, but for its place.
    pub(super) fn record<'a>(&'a self, text: &'a str) -> Record<'a> {
        let event = self.new_event(text);
        Record {
            id: self.id,
            timestamp_ms: self.timestamp_ms,
            sequence: self.sequence,
            back: 0,
            stream_id: event.stream_id,
            event_type: event.event_type,
            call: event.call,
            payload: event.payload,
            metadata: event.metadata,
        }
    }

    /// The first key whose value differs from what is stored.
    pub(super) fn difference(&self, text: &str, record: &Record<'_>) -> Option<&'static str> {
        let event = self.new_event(text);
        let values = [
            ("id", self.id == record.id),
            ("stream_id", event.stream_id == record.stream_id),
            ("sequence_number", self.sequence == record.sequence),
            ("event_type", event.event_type == record.event_type),
            ("timestamp", self.timestamp_ms == record.timestamp_ms),
            ("payload", event.payload == record.payload),
            ("metadata", event.metadata == record.metadata),
            (IDEMPOTENCY, event.call == record.call),
        ];
        values.iter().find(|(_, same)| !same).map(|(key, _)| *key)
    }
}

impl StoredCall {
    fn parse(raw: &str, number: LineNumber) -> Result<Self, Error> {
        let path = format!("{number}: {IDEMPOTENCY}");
        let given = Object::parse_with_null(&path, raw, &IDEMPOTENCY_KEYS)?;
        known_keys(&given.unknown, &path)?;
        let [key, events] = given.values;
        let (key_path, events_path) = (format!("{path}.key"), format!("{path}.events"));
        let key = text::idempotency_key(&key_path, required(&key_path, key, "a string")?)?;
        let expected = "a whole number from 1";
        let raw = required(&events_path, events, expected)?;
        match count(&events_path, raw)? {
            0 => Err(Error::expected(&events_path, expected, "0")),
            events => Ok(Self {
                key: key.into_owned(),
                events,
            }),
        }
    }
}

/// The position of an event.
fn place(raw: &str, number: LineNumber) -> Result<u64, Error> {
    let path = format!("{number}: {POSITION}");
    let expected = "a position, which is a whole number from 1";
    match crate::arguments::whole_number_as(&path, raw, expected)? {
        0 => Err(unexpected(&path, expected, raw)),
        position => Ok(position),
    }
}

/// A UUID in its 36 characters.
fn uuid(raw: Option<&str>, number: LineNumber) -> Result<Uuid, Error> {
    let path = format_args!("{number}: id");
    let raw = required(path, raw, "a UUID")?;
    let parsed = raw
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .filter(|text| text.len() == uuid::fmt::Hyphenated::LENGTH)
        .and_then(|text| Uuid::try_parse(text).ok());
    let expected = "a UUID (such as 01890a5d-ac96-774b-bcce-b302099a8057)";
    parsed.ok_or_else(|| unexpected(path, expected, raw))
}

/// The JSON text of an object or an array.
fn container(raw: Option<&str>, number: LineNumber, key: &str, text: &str) -> Result<Part, Error> {
    match raw {
        Some(raw) if raw.starts_with(['{', '[']) => Ok(Part::of(raw, text)),
        Some(raw) if Envelope::parse(raw).is_some() => Ok(Part::of(raw, text)),
        other => Err(Error::expected(
            format_args!("{number}: {key}"),
            "an object or an array",
            other.map_or("nothing", |raw| Kind::of(raw).describe()),
        )),
    }
}

fn is_encrypted(raw: Option<&str>) -> bool {
    raw.is_some_and(envelope::is_encrypted)
}

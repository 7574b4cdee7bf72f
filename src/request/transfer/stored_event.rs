//! An event that is imported, as its line gives it.

use serde_json::value::RawValue;
use uuid::Uuid;

use super::line::{EVENT_KEYS, LineNumber, count, known_keys, required, shown, time};
use super::{IDEMPOTENCY, IDEMPOTENCY_KEYS};
use crate::engine::{CallKey, NewEvent, Record};
use crate::error::{Code, Error};
use crate::request::fields::{Fields, describe};
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
    call: Option<StoredCall>,
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
        values: &[Option<&RawValue>; EVENT_KEYS],
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
        ] = *values;
        let identifier = |raw: Option<&RawValue>, key: &str| {
            let raw = raw.ok_or_else(|| missing(number, key, "a string"))?;
            Identifier::parse(raw, format_args!("{number}: {key}"), text)
        };
        Ok(Self {
            id: uuid(id.ok_or_else(|| missing(number, "id", "a UUID"))?, number)?,
            instance: identifier(instance, "instanceId")?,
            stream: identifier(stream, "stream_id")?,
            kind: identifier(kind, "event_type")?,
            payload: container(payload, number, "payload", text)?,
            metadata: container(metadata, number, "metadata", text)?,
            timestamp_ms: {
                let raw = at.ok_or_else(|| missing(number, "timestamp", timestamp::EXPECTED))?;
                time(raw, format_args!("{number}: timestamp"))?
            },
            sequence: {
                let expected = "a whole number from 1";
                let raw = sequence.ok_or_else(|| missing(number, "sequence_number", expected))?;
                count(raw, format_args!("{number}: sequence_number"))?
            },
            call: call.map(|raw| StoredCall::parse(raw, number)).transpose()?,
        })
    }

    /// Refuses an event that is larger than the log takes.
    pub(super) fn check_size(
        &self,
        number: LineNumber,
        event_bytes_max: usize,
        text: &str,
    ) -> Result<(), Error> {
        let bytes = self.new_event(text).bytes();
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
            payload: self.payload.json(text),
            metadata: self.metadata.json(text),
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
    fn parse(raw: &RawValue, number: LineNumber) -> Result<Self, Error> {
        let path = format!("{number}: {IDEMPOTENCY}");
        let fields = Fields::parse_written(raw.get(), &path, &IDEMPOTENCY_KEYS)?;
        known_keys(&fields.unknown, &path)?;
        let [key, events] = fields.values;
        let (key_path, events_path) = (format!("{path}.key"), format!("{path}.events"));
        let key = text::idempotency_key(required(key, &key_path, "a string")?, &key_path)?;
        let expected = "a whole number from 1";
        let raw = required(events, &events_path, expected)?;
        match count(raw, &events_path)? {
            0 => Err(Error::expected(&events_path, expected, "0")),
            events => Ok(Self {
                key: key.into_owned(),
                events,
            }),
        }
    }
}

fn missing(number: LineNumber, key: &str, expected: &str) -> Error {
    Error::expected(&format!("{number}: {key}"), expected, "nothing")
}

/// A UUID in its 36 characters.
fn uuid(raw: &RawValue, number: LineNumber) -> Result<Uuid, Error> {
    let text = raw.get();
    let parsed = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .filter(|text| text.len() == uuid::fmt::Hyphenated::LENGTH)
        .and_then(|text| Uuid::try_parse(text).ok());
    parsed.ok_or_else(|| {
        Error::expected(
            &format!("{number}: id"),
            "a UUID (such as 01890a5d-ac96-774b-bcce-b302099a8057)",
            shown(text),
        )
    })
}

/// The JSON text of an object or an array.
fn container(
    raw: Option<&RawValue>,
    number: LineNumber,
    key: &str,
    text: &str,
) -> Result<Part, Error> {
    match raw {
        Some(raw) if raw.get().starts_with(['{', '[']) => Ok(Part::of(raw, text)),
        other => Err(Error::expected(
            &format!("{number}: {key}"),
            "an object or an array",
            other.map_or("nothing", |raw| describe(raw.get())),
        )),
    }
}

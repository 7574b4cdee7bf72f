//! An event as `appendEvent` and `appendEvents` are given it.

use std::fmt::{self, Write as _};

use uuid::Uuid;

use super::encryption::{self, Revealed};
use super::part::{Identifier, Part};
use super::response::Remarks;
use crate::arguments::unexpected;
use crate::engine::{Appended, NewEvent, Record};
use crate::erased;
use crate::error::{Code, Error};
use crate::json::Kind;
use crate::timestamp;

/// The stream of an appended event that names none.
pub(super) const DEFAULT_STREAM: Identifier = Identifier::fixed("\"default\"");

/// The keys of an event.
pub(super) const KEYS: [&str; 8] = [
    "streamId",
    "stream_id",
    "eventType",
    "event_type",
    "payload",
    "metadata",
    "timestamp",
    encryption::KEY,
];

/// The keys of an event, and `others` after them.
pub(super) const fn keys_with<const OTHERS: usize, const ALL: usize>(
    others: [&'static str; OTHERS],
) -> [&'static str; ALL] {
    assert!(KEYS.len() + OTHERS == ALL, "each has its place");
    let mut all = [""; ALL];
    let mut at = 0;
    while at < ALL {
        all[at] = if at < KEYS.len() {
            KEYS[at]
        } else {
            others[at - KEYS.len()]
        };
        at += 1;
    }
    all
}

/// An event as a call gives it, checked.
pub(super) struct GivenEvent {
    stream_id: Identifier,
    event_type: Identifier,
    payload: Part,
    metadata: Part,
    timestamp_ms: Option<i64>,
    /// Whose key it is encrypted with, if it is.
    subject: Option<String>,
}

/// Where an event stands in its call. Shown, it is what the path of a member begins with.
#[derive(Clone, Copy)]
pub(super) enum ArgumentPath {
    /// It is the call itself.
    Call,
    /// In the array `events`.
    Element(usize),
}

impl ArgumentPath {
    /// The path of the event itself.
    pub(super) fn path(self) -> String {
        match self {
            Self::Call => "params".to_owned(),
            Self::Element(index) => format!("events[{index}]"),
        }
    }
}

impl fmt::Display for ArgumentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call => Ok(()),
            Self::Element(index) => write!(f, "events[{index}]."),
        }
    }
}

impl GivenEvent {
    /// Reads the values of its keys, in the order of [`KEYS`]; `call` is the text that they are parts of. An event
    /// that names no stream is of `default_stream`.
    pub(super) fn parse(
        values: &[Option<&str>; KEYS.len()],
        default_stream: &Identifier,
        place: ArgumentPath,
        call: &str,
        remarks: &mut Remarks,
    ) -> Result<Self, Error> {
        let [
            stream,
            stream_alias,
            kind,
            kind_alias,
            payload,
            metadata,
            time,
            encrypt,
        ] = *values;
        let [stream_key, stream_other, type_key, type_other, ..] = KEYS;
        let stream_keys = [stream_key, stream_other];
        let stream_id = either(stream, stream_alias, place, stream_keys, call)?
            .unwrap_or_else(|| default_stream.clone());
        let event_type = either(kind, kind_alias, place, [type_key, type_other], call)?
            .ok_or_else(|| {
                Error::expected(format_args!("{place}{type_key}"), "a string", "nothing")
            })?;
        Ok(Self {
            stream_id,
            event_type,
            payload: container(payload, place, "payload", call)?,
            metadata: container(metadata, place, "metadata", call)?,
            timestamp_ms: match time {
                Some(raw) => Some(time_of(raw, place, remarks)?),
                None => None,
            },
            subject: encrypt
                .map(|raw| encryption::subject_of(format_args!("{place}{}", encryption::KEY), raw))
                .transpose()?,
        })
    }

    /// Whose key it is encrypted with, if it is.
    pub(super) fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    pub(super) fn new_event<'a>(&'a self, call: &'a str) -> NewEvent<'a> {
        NewEvent {
            stream_id: self.stream_id.value(call),
            event_type: self.event_type.value(call),
            payload: self.payload.json(call),
            metadata: self.metadata.json(call),
            timestamp_ms: self.timestamp_ms,
            call: None,
        }
    }

    /// The first key whose value is other than what is stored; `call` is the text of the call. What is stored is `revealed`
    /// if it is encrypted. A time that is not given may be any, and so may what was forgotten.
    pub(super) fn difference(
        &self,
        record: &Record<'_>,
        revealed: Option<&Revealed>,
        call: &str,
    ) -> Option<&'static str> {
        let event = self.new_event(call);
        let time = event.timestamp_ms;
        let subject = revealed.map(|revealed| &*revealed.subject);
        let is_erased = erased::is_erased(record.payload);
        let is_gone = is_erased || revealed.is_some_and(|revealed| revealed.is_forgotten);
        let (payload, metadata) = match revealed {
            Some(revealed) => (revealed.payload.as_str(), revealed.metadata.as_str()),
            None => (record.payload, record.metadata),
        };
        let values = [
            ("streamId", event.stream_id == record.stream_id),
            ("eventType", event.event_type == record.event_type),
            // Whose an event was is erased with the rest.
            (encryption::KEY, is_erased || self.subject() == subject),
            ("payload", is_gone || event.payload == payload),
            ("metadata", is_gone || event.metadata == metadata),
            (
                "timestamp",
                time.is_none_or(|time| time == record.timestamp_ms),
            ),
        ];
        values.iter().find(|(_, same)| !same).map(|(key, _)| *key)
    }

    /// Appends the eight values of the event as it was stored, with commas between them.
    /// `instance_id` is JSON text.
    pub(super) fn write(
        &self,
        appended: Appended,
        instance_id: &str,
        call: &str,
        out: &mut String,
    ) {
        self.write_without_data(appended, call, out);
        for json in [
            instance_id,
            self.payload.json(call),
            self.metadata.json(call),
        ] {
            out.push(',');
            out.push_str(json);
        }
    }

    /// Appends the values of the event as it was stored that come before its instance, payload and
    /// metadata.
    pub(super) fn write_without_data(&self, appended: Appended, call: &str, out: &mut String) {
        let mut uuid = Uuid::encode_buffer();
        out.push('"');
        out.push_str(appended.id.as_hyphenated().encode_lower(&mut uuid));
        out.push_str("\",");
        for json in [self.stream_id.json(call), self.event_type.json(call)] {
            out.push_str(json);
            out.push(',');
        }
        out.push('"');
        timestamp::write(out, appended.timestamp_ms);
        out.push_str("\",");
        out.push_str(&appended.sequence_number.to_string());
    }

    /// Appends the values that an event gets as it is stored: its id, its time and its number.
    pub(super) fn write_stored(appended: Appended, out: &mut String) {
        let mut uuid = Uuid::encode_buffer();
        out.push('"');
        out.push_str(appended.id.as_hyphenated().encode_lower(&mut uuid));
        out.push_str("\",\"");
        timestamp::write(out, appended.timestamp_ms);
        out.push_str("\",");
        // Writing to a String cannot fail.
        let _ = write!(out, "{}", appended.sequence_number);
    }

    pub(super) fn check_size(
        &self,
        place: ArgumentPath,
        event_bytes_max: usize,
        call: &str,
    ) -> Result<(), Error> {
        let event = self.new_event(call);
        let bytes = match &self.subject {
            None => event.bytes(),
            Some(_) => encryption::encrypted_size(&event),
        };
        if bytes <= event_bytes_max {
            return Ok(());
        }
        let prefix = match place {
            ArgumentPath::Call => String::new(),
            ArgumentPath::Element(_) => format!("{}: ", place.path()),
        };
        Err(Error::new(
            Code::LimitExceeded,
            format!(
                "{prefix}expected an event of at most {event_bytes_max} bytes of UTF-8 \
                 (eventBytesMax), found {bytes}{}",
                self.subject
                    .as_ref()
                    .map_or("", |_| " once it is encrypted")
            ),
        ))
    }
}

/// One identifier under two spellings, which must agree if both are there.
fn either(
    first: Option<&str>,
    second: Option<&str>,
    place: ArgumentPath,
    keys: [&str; 2],
    call: &str,
) -> Result<Option<Identifier>, Error> {
    let read = |raw: Option<&str>, key: &str| {
        raw.map(|raw| Identifier::parse(format_args!("{place}{key}"), raw, call))
            .transpose()
    };
    let (first, second) = (read(first, keys[0])?, read(second, keys[1])?);
    if let (Some(first), Some(second)) = (&first, &second) {
        let (a, b) = (first.value(call), second.value(call));
        if a != b {
            return Err(Error::new(
                Code::InvalidArgument,
                format!(
                    "{place}{} and {place}{}: expected one of them or the same value in both, \
                     found {a:?} and {b:?}",
                    keys[0], keys[1]
                ),
            ));
        }
    }
    Ok(first.or(second))
}

/// The JSON text of an object or an array; an empty object if it is not given.
fn container(raw: Option<&str>, place: ArgumentPath, key: &str, call: &str) -> Result<Part, Error> {
    match raw {
        None => Ok(Part::Default("{}")),
        Some(raw) if raw.starts_with(['{', '[']) => Ok(Part::of(raw, call)),
        Some(raw) => Err(Error::expected(
            format_args!("{place}{key}"),
            "an object or an array",
            Kind::of(raw).describe(),
        )),
    }
}

fn time_of(raw: &str, place: ArgumentPath, remarks: &mut Remarks) -> Result<i64, Error> {
    let parsed = match raw.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(iso) => timestamp::parse(iso),
        None => raw.parse().ok().and_then(timestamp::from_number),
    };
    let path = format_args!("{place}timestamp");
    let parsed = parsed.ok_or_else(|| unexpected(path, timestamp::EXPECTED, raw))?;
    if parsed.cut {
        remarks.add(format!("{place}timestamp was cut to milliseconds"));
    }
    Ok(parsed.ms)
}

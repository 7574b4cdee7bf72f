//! One line of what is imported, read and checked by itself.

use std::fmt;

use serde_json::value::RawValue;

use super::stored_event::StoredEvent;
use super::{FORMAT, IDEMPOTENCY, VERSION};
use crate::error::{Code, Error};
use crate::json::WHOLE_NUMBER_MAX;
use crate::request::fields::{Fields, describe};
use crate::request::text;
use crate::timestamp;

const KEYS: [&str; 15] = [
    "id",
    "instanceId",
    "stream_id",
    "event_type",
    "payload",
    "metadata",
    "timestamp",
    "sequence_number",
    IDEMPOTENCY,
    "instance",
    "end",
    "format",
    "version",
    "instances",
    "events",
];

/// How many of [`KEYS`] are an event's.
pub(super) const EVENT_KEYS: usize = 9;

const INSTANCE_KEYS: [&str; 5] = ["id", "name", "description", "createdAt", "updatedAt"];

const END_KEYS: [&str; 2] = ["instances", "events"];

/// Where a line stands. Shown, it is what an error text begins with.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineNumber(pub(super) u64);

impl fmt::Display for LineNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.0)
    }
}

/// What a line is.
#[derive(Debug)]
pub(super) enum Line {
    /// The first one, and how many events follow if it says that.
    Header { events: Option<u64> },
    /// An instance, whose events follow.
    Instance(GivenInstance),
    /// An event of the instance before it.
    Event(StoredEvent),
    /// The last one, and how much has gone before.
    End { instances: u64, events: u64 },
}

/// An instance as a line gives it.
#[derive(Debug)]
pub(super) struct GivenInstance {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) created_at_ms: i64,
    pub(super) updated_at_ms: Option<i64>,
}

impl Line {
    /// Reads `line`, which is a part of `text` and stands at `number`.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is none of the four; `LIMIT_EXCEEDED`; `UNSUPPORTED_FORMAT` for the
    /// header of a newer version.
    pub(super) fn parse(
        line: &str,
        number: LineNumber,
        event_bytes_max: usize,
        text: &str,
    ) -> Result<Self, Error> {
        if line.is_empty() {
            return Err(Error::expected(
                &number.to_string(),
                "an object",
                "an empty line",
            ));
        }
        let fields = Fields::parse_written(line, number, &KEYS)?;
        let [event @ .., instance, end, format, version, _, events] = &fields.values;
        if format.is_some() || version.is_some() {
            return Self::header(*format, *version, *events, number);
        }
        known_keys(&fields.unknown, number)?;
        let alone = fields.values.iter().flatten().count() == 1;
        match (instance, end) {
            (Some(raw), _) if alone => Self::instance(raw, number),
            (_, Some(raw)) if alone => Self::end(raw, number),
            _ => {
                let mut others = fields.values.iter().zip(KEYS).skip(EVENT_KEYS);
                if let Some((_, key)) = others.find(|(value, _)| value.is_some()) {
                    known_keys(&[key.to_owned()], number)?;
                }
                let event = StoredEvent::parse(event, number, text)?;
                event.check_size(number, event_bytes_max, text)?;
                Ok(Self::Event(event))
            }
        }
    }

    /// Other keys of the header are remarks of whoever wrote it.
    fn header(
        format: Option<&RawValue>,
        version: Option<&RawValue>,
        events: Option<&RawValue>,
        number: LineNumber,
    ) -> Result<Self, Error> {
        let path = format!("{number}: format");
        let found = text::string(required(format, &path, "a string")?, &path)?;
        if found != FORMAT {
            let expected = format!("{FORMAT:?}");
            return Err(Error::expected(&path, &expected, &format!("{found:?}")));
        }
        let path = format!("{number}: version");
        let version = count(required(version, &path, "a whole number")?, &path)?;
        if version > VERSION {
            return Err(Error::new(
                Code::UnsupportedFormat,
                format!(
                    "{path}: expected at most {VERSION}, found {version}: it was written by a \
                     newer version of {FORMAT}, which can import it"
                ),
            ));
        }
        if version == 0 {
            return Err(Error::expected(&path, "a whole number from 1", "0"));
        }
        let events = events.map(|raw| count(raw, format_args!("{number}: events")));
        Ok(Self::Header {
            events: events.transpose()?,
        })
    }

    fn instance(raw: &RawValue, number: LineNumber) -> Result<Self, Error> {
        let path = format!("{number}: instance");
        let fields = Fields::parse_written(raw.get(), &path, &INSTANCE_KEYS)?;
        known_keys(&fields.unknown, &path)?;
        let [id, name, description, created, updated] = fields.values;
        let identifier = |raw: Option<&RawValue>, key: &str| {
            let path = format!("{path}.{key}");
            text::identifier(required(raw, &path, "a string")?, &path)
                .map(std::borrow::Cow::into_owned)
        };
        let created_path = format!("{path}.createdAt");
        let created_at_ms = time(
            required(created, &created_path, timestamp::EXPECTED)?,
            &created_path,
        )?;
        let updated_path = format!("{path}.updatedAt");
        let updated_at_ms = updated.map(|raw| time(raw, &updated_path)).transpose()?;
        if updated_at_ms.is_some_and(|updated| updated < created_at_ms) {
            let found = updated.map_or("", RawValue::get);
            return Err(Error::expected(
                &updated_path,
                "a time that is not before createdAt",
                found,
            ));
        }
        Ok(Self::Instance(GivenInstance {
            id: identifier(id, "id")?,
            name: identifier(name, "name")?,
            description: description
                .map(|raw| text::description(raw, &format!("{path}.description")))
                .transpose()?,
            created_at_ms,
            updated_at_ms,
        }))
    }

    fn end(raw: &RawValue, number: LineNumber) -> Result<Self, Error> {
        let path = format!("{number}: end");
        let fields = Fields::parse_written(raw.get(), &path, &END_KEYS)?;
        known_keys(&fields.unknown, &path)?;
        let read = |raw: Option<&RawValue>, key: &str| {
            let path = format!("{path}.{key}");
            count(required(raw, &path, "a whole number")?, &path)
        };
        let [instances, events] = fields.values;
        Ok(Self::End {
            instances: read(instances, "instances")?,
            events: read(events, "events")?,
        })
    }
}

/// Refuses what would be lost: a key that is not known may be one of a newer version.
pub(super) fn known_keys(unknown: &[String], place: impl fmt::Display) -> Result<(), Error> {
    match unknown.first() {
        None => Ok(()),
        Some(key) => Err(Error::new(
            Code::InvalidArgument,
            format!("{place}: unknown key {key:?}"),
        )),
    }
}

pub(super) fn required<'a>(
    raw: Option<&'a RawValue>,
    path: &str,
    expected: &str,
) -> Result<&'a RawValue, Error> {
    raw.ok_or_else(|| Error::expected(path, expected, "nothing"))
}

/// An instant, which is kept as it is: nothing may be cut off.
pub(super) fn time(raw: &RawValue, path: impl fmt::Display) -> Result<i64, Error> {
    let text = raw.get();
    let quoted = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let parsed = quoted.and_then(timestamp::parse);
    match parsed {
        Some(parsed) if !parsed.cut => Ok(parsed.ms),
        Some(_) => Err(Error::expected(
            &path.to_string(),
            "a time in whole milliseconds",
            text,
        )),
        None => Err(Error::expected(
            &path.to_string(),
            "an ISO 8601 date-time with a zone (such as 2026-01-31T12:00:00.000Z), within the \
             years 0000 to 9999",
            shown(text),
        )),
    }
}

pub(super) fn count(raw: &RawValue, path: impl fmt::Display) -> Result<u64, Error> {
    let text = raw.get();
    let parsed = text.parse().ok().filter(|count| *count <= WHOLE_NUMBER_MAX);
    parsed.ok_or_else(|| Error::expected(&path.to_string(), "a whole number", shown(text)))
}

/// A short value as it is, a long one as what it is.
pub(super) fn shown(json: &str) -> &str {
    if json.len() <= 64 {
        json
    } else {
        describe(json)
    }
}

//! One line of what is imported, read and checked by itself.

use std::borrow::Cow;
use std::fmt;

use super::stored_event::StoredEvent;
use super::{ERASED, FIRST_POSITION, FORMAT, IDEMPOTENCY, POSITION, SALTS, VERSION};
use crate::arguments::{self, Object, required, unexpected, whole_number_as};
use crate::error::{Code, Error};
use crate::evidence::salts::Salts;
use crate::json::Kind;
use crate::request::evidence;
use crate::request::text;
use crate::timestamp;

const KEYS: [&str; 17] = [
    "id",
    "instanceId",
    "stream_id",
    "event_type",
    "payload",
    "metadata",
    "timestamp",
    "sequence_number",
    IDEMPOTENCY,
    POSITION,
    ERASED,
    "instance",
    "end",
    "format",
    "version",
    "instances",
    "events",
];

/// How many of [`KEYS`] are an event's.
pub(super) const EVENT_KEYS: usize = 11;

const INSTANCE_KEYS: [&str; 7] = [
    "id",
    "name",
    "description",
    "createdAt",
    "updatedAt",
    FIRST_POSITION,
    SALTS,
];

const END_KEYS: [&str; 2] = ["instances", "events"];

/// What is expected where things are counted.
const COUNT: &str = "a whole number";

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
    /// How many events come before those that follow: they were trimmed.
    pub(super) before: u64,
    /// The salts of its tree, if it has had one.
    pub(super) salts: Option<Salts>,
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
            return Err(Error::expected(number, "an object", "an empty line"));
        }
        // Its first character tells this one, also where the array goes on in other lines.
        if Kind::of(line) == Kind::Array {
            return Err(Error::expected(number, "an object", "an array"));
        }
        let line = arguments::checked(number, line)?;
        if Kind::of(line) != Kind::Object {
            let found = Kind::of(line).describe();
            return Err(Error::expected(number, "an object", found));
        }
        let given = Object::parse_with_null(number, line, &KEYS)?;
        let [event @ .., instance, end, format, version, _, events] = &given.values;
        if format.is_some() || version.is_some() {
            return Self::header(*format, *version, *events, number);
        }
        if let (LineNumber(1), Some(key)) = (number, given.unknown.first()) {
            let found = format!("an object with the unknown key {key:?}");
            return Err(Error::expected(number, "the header of an export", &found));
        }
        known_keys(&given.unknown, number)?;
        let alone = given.values.iter().flatten().count() == 1;
        match (instance, end) {
            (Some(raw), _) if alone => Self::instance(raw, number),
            (_, Some(raw)) if alone => Self::end(raw, number),
            _ => {
                let mut others = given.values.iter().zip(KEYS).skip(EVENT_KEYS);
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
        format: Option<&str>,
        version: Option<&str>,
        events: Option<&str>,
        number: LineNumber,
    ) -> Result<Self, Error> {
        let path = format!("{number}: format");
        let expected = "a string";
        let found = arguments::string(&path, required(&path, format, expected)?, expected)?;
        if found != FORMAT {
            let expected = format!("{FORMAT:?}");
            return Err(Error::expected(&path, &expected, &format!("{found:?}")));
        }
        let path = format!("{number}: version");
        let version = count(&path, required(&path, version, COUNT)?)?;
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
        let events = events.map(|raw| count(format_args!("{number}: events"), raw));
        Ok(Self::Header {
            events: events.transpose()?,
        })
    }

    fn instance(raw: &str, number: LineNumber) -> Result<Self, Error> {
        let path = format!("{number}: instance");
        let given = Object::parse_with_null(&path, raw, &INSTANCE_KEYS)?;
        known_keys(&given.unknown, &path)?;
        let [id, name, description, created, updated, first, salts] = given.values;
        let identifier = |raw: Option<&str>, key: &str| {
            let path = format!("{path}.{key}");
            let expected = "a string";
            arguments::identifier(&path, required(&path, raw, expected)?, expected)
                .map(Cow::into_owned)
        };
        let created_path = format!("{path}.createdAt");
        let created = required(&created_path, created, timestamp::EXPECTED)?;
        let created_at_ms = time(&created_path, created)?;
        let updated_path = format!("{path}.updatedAt");
        let updated_at_ms = updated.map(|raw| time(&updated_path, raw)).transpose()?;
        if updated_at_ms.is_some_and(|updated| updated < created_at_ms) {
            let expected = "a time that is not before createdAt";
            return Err(unexpected(
                &updated_path,
                expected,
                updated.unwrap_or_default(),
            ));
        }
        Ok(Self::Instance(GivenInstance {
            id: identifier(id, "id")?,
            name: identifier(name, "name")?,
            description: description
                .map(|raw| text::description(format_args!("{path}.description"), raw))
                .transpose()?,
            created_at_ms,
            updated_at_ms,
            before: first.map_or(Ok(0), |raw| before(&path, raw))?,
            salts: salts
                .map(|raw| evidence::imported_salts(&format!("{path}.{SALTS}"), raw))
                .transpose()?,
        }))
    }

    fn end(raw: &str, number: LineNumber) -> Result<Self, Error> {
        let path = format!("{number}: end");
        let given = Object::parse_with_null(&path, raw, &END_KEYS)?;
        known_keys(&given.unknown, &path)?;
        let read = |raw: Option<&str>, key: &str| {
            let path = format!("{path}.{key}");
            count(&path, required(&path, raw, COUNT)?)
        };
        let [instances, events] = given.values;
        Ok(Self::End {
            instances: read(instances, "instances")?,
            events: read(events, "events")?,
        })
    }
}

/// How many events come before the first one, whose position an instance's line says.
fn before(path: &str, raw: &str) -> Result<u64, Error> {
    let path = format!("{path}.{FIRST_POSITION}");
    let expected = "a position, which is a whole number from 1";
    let first = whole_number_as(&path, raw, expected)?;
    first
        .checked_sub(1)
        .ok_or_else(|| unexpected(&path, expected, raw))
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

/// An instant, which is kept as it is: nothing may be cut off.
pub(super) fn time(path: impl fmt::Display, raw: &str) -> Result<i64, Error> {
    let quoted = raw.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    match quoted.and_then(timestamp::parse) {
        Some(parsed) if !parsed.cut => Ok(parsed.ms),
        Some(_) => Err(unexpected(path, "a time in whole milliseconds", raw)),
        None => {
            let expected = "an ISO 8601 date-time with a zone (such as 2026-01-31T12:00:00.000Z), within the \
                            years 0000 to 9999";
            Err(unexpected(path, expected, raw))
        }
    }
}

/// How many there are of something.
pub(super) fn count(path: impl fmt::Display, raw: &str) -> Result<u64, Error> {
    whole_number_as(path, raw, COUNT)
}

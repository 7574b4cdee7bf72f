//! `appendEvent` and `appendEvents`.
//!
//! Everything is checked before anything is staged: a refused call has changed nothing, and a
//! batch is stored whole or not at all.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::fields::{Elements, Fields, describe};
use super::limits::{BATCH_EVENTS_MAX, RESPONSE_BYTES_MAX};
use super::response::{Answer, Remarks};
use super::text;
use crate::engine::{Batch, Fault, NewEvent};
use crate::error::{Code, Error};
use crate::event::Event;
use crate::timestamp;

const DEFAULT_STREAM: &str = "default";

/// What an event takes in a response beside its five texts, in bytes: keys, id, time and number.
const RESPONSE_EVENT_BYTES: usize = 256;

/// What one byte of an identifier takes in JSON at the most: a control character is `\u0000`.
const ESCAPED_BYTES_MAX: usize = 6;

const EVENT_KEYS: [&str; 7] = [
    "streamId",
    "stream_id",
    "eventType",
    "event_type",
    "payload",
    "metadata",
    "timestamp",
];

const SINGLE_KEYS: [&str; 9] = [
    "streamId",
    "stream_id",
    "eventType",
    "event_type",
    "payload",
    "metadata",
    "timestamp",
    "instanceId",
    "autoCreateInstance",
];

const BATCH_KEYS: [&str; 3] = ["instanceId", "autoCreateInstance", "events"];

/// An event as a call gives it, checked.
struct GivenEvent<'a> {
    stream_id: Cow<'a, str>,
    event_type: Cow<'a, str>,
    payload: &'a str,
    metadata: &'a str,
    timestamp_ms: Option<i64>,
}

/// Which instance a call appends to.
struct Target<'a> {
    instance: Cow<'a, str>,
    create: bool,
}

/// Appends the one event of `params`.
pub(super) fn append_event(
    params: &RawValue,
    event_bytes_max: usize,
    batch: &mut Batch<'_>,
) -> Result<Answer, Fault> {
    let mut remarks = Remarks::default();
    let fields = Fields::parse(params, "params", &SINGLE_KEYS)?;
    remarks.unknown_keys("", &fields.unknown);
    let [event @ .., instance, create] = &fields.values;
    let target = Target::parse(*instance, *create).map_err(|error| remarks.added_to(error))?;
    let event =
        GivenEvent::parse(event, "", &mut remarks).map_err(|error| remarks.added_to(error))?;
    event.check_size("", event_bytes_max)?;

    let number = target
        .find(batch, &remarks)?
        .map_or_else(|| target.create(batch), Ok)?;
    let mut data = String::with_capacity(params.get().len() + RESPONSE_EVENT_BYTES);
    data.push_str("{\"event\":");
    append(&event, number, batch, &mut data)?;
    data.push('}');
    Ok(Answer { data, remarks })
}

/// Appends the events of `params`, in order.
pub(super) fn append_events(
    params: &RawValue,
    event_bytes_max: usize,
    batch: &mut Batch<'_>,
) -> Result<Answer, Fault> {
    let mut remarks = Remarks::default();
    let fields = Fields::parse(params, "params", &BATCH_KEYS)?;
    remarks.unknown_keys("", &fields.unknown);
    let [instance, create, events] = fields.values;
    let target = Target::parse(instance, create).map_err(|error| remarks.added_to(error))?;
    let events = parse_events(events, event_bytes_max, &mut remarks)
        .map_err(|error| remarks.added_to(error))?;

    let found = target.find(batch, &remarks)?;
    let instance_id = match found {
        Some(number) => batch.instance(number)?.id.as_str(),
        None => &target.instance,
    };
    check_response(instance_id, &events)?;
    let number = found.map_or_else(|| target.create(batch), Ok)?;
    let mut data = String::with_capacity(params.get().len() + RESPONSE_EVENT_BYTES * events.len());
    data.push_str("{\"events\":[");
    for (index, event) in events.iter().enumerate() {
        if index > 0 {
            data.push(',');
        }
        append(event, number, batch, &mut data)?;
    }
    data.push_str("],\"count\":");
    data.push_str(&events.len().to_string());
    data.push('}');
    Ok(Answer { data, remarks })
}

fn parse_events<'a>(
    raw: Option<&'a RawValue>,
    event_bytes_max: usize,
    remarks: &mut Remarks,
) -> Result<Vec<GivenEvent<'a>>, Error> {
    let raw = raw.ok_or_else(|| Error::expected("events", "an array", "nothing"))?;
    if !raw.get().starts_with('[') {
        return Err(Error::expected("events", "an array", describe(raw)));
    }
    let Elements(elements) = Elements::parse(raw.get(), "events")?;
    if elements.len() > BATCH_EVENTS_MAX {
        return Err(Error::new(
            Code::LimitExceeded,
            format!(
                "events: expected at most {BATCH_EVENTS_MAX} events in a call, found {}",
                elements.len()
            ),
        ));
    }
    let mut events = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        let prefix = format!("events[{index}].");
        let path = prefix.trim_end_matches('.');
        let fields = Fields::parse(element, path, &EVENT_KEYS)?;
        remarks.unknown_keys(&prefix, &fields.unknown);
        let event = GivenEvent::parse(&fields.values, &prefix, remarks)?;
        event.check_size(&prefix, event_bytes_max)?;
        events.push(event);
    }
    Ok(events)
}

/// Refuses a batch whose response might be more than one JavaScript string can hold.
fn check_response(instance_id: &str, events: &[GivenEvent<'_>]) -> Result<(), Error> {
    let bytes: usize = events
        .iter()
        .map(|event| {
            let texts = instance_id.len() + event.stream_id.len() + event.event_type.len();
            RESPONSE_EVENT_BYTES
                + ESCAPED_BYTES_MAX * texts
                + event.payload.len()
                + event.metadata.len()
        })
        .sum();
    if bytes <= RESPONSE_BYTES_MAX {
        return Ok(());
    }
    Err(Error::new(
        Code::LimitExceeded,
        format!(
            "events: expected a batch whose response takes at most {RESPONSE_BYTES_MAX} bytes, \
             found one that may take {bytes}: append fewer events at a time"
        ),
    ))
}

fn append(
    given: &GivenEvent<'_>,
    number: u32,
    batch: &mut Batch<'_>,
    out: &mut String,
) -> Result<(), Fault> {
    let appended = batch.append(number, &given.new_event())?;
    let instance_id = &batch.instance(number)?.id;
    Event {
        id: appended.id,
        instance_id,
        stream_id: &given.stream_id,
        event_type: &given.event_type,
        payload: given.payload,
        metadata: given.metadata,
        timestamp_ms: appended.timestamp_ms,
        sequence_number: appended.sequence_number,
    }
    .write_json(out);
    Ok(())
}

impl<'a> Target<'a> {
    fn parse(instance: Option<&'a RawValue>, create: Option<&RawValue>) -> Result<Self, Error> {
        let instance =
            instance.ok_or_else(|| Error::expected("instanceId", "a string", "nothing"))?;
        Ok(Self {
            instance: text::identifier(instance, "instanceId")?,
            create: match create.map(RawValue::get) {
                None | Some("false") => false,
                Some("true") => true,
                Some(_) => {
                    let found = create.map_or("nothing", describe);
                    return Err(Error::expected("autoCreateInstance", "a boolean", found));
                }
            },
        })
    }

    /// The instance's number; `None` if there is none and the call asks to make it.
    fn find(&self, batch: &mut Batch<'_>, remarks: &Remarks) -> Result<Option<u32>, Fault> {
        match batch.find(&self.instance) {
            Err(Fault::Refused(error)) if error.code() == Code::InstanceNotFound => {
                if self.create {
                    return Ok(None);
                }
                let error = Error::new(
                    error.code(),
                    format!(
                        "instanceId: {}; make it with createInstance, or append with \
                         `autoCreateInstance: true`",
                        error.text()
                    ),
                );
                Err(Fault::Refused(remarks.added_to(error)))
            }
            found => found.map(Some),
        }
    }

    fn create(&self, batch: &mut Batch<'_>) -> Result<u32, Fault> {
        batch.create(&self.instance, &self.instance, None)
    }
}

impl<'a> GivenEvent<'a> {
    /// Reads the values of [`EVENT_KEYS`]; `prefix` is the path of the object that holds them.
    fn parse(
        values: &[Option<&'a RawValue>; EVENT_KEYS.len()],
        prefix: &str,
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
        ] = *values;
        let stream_id = either(stream, stream_alias, prefix, ["streamId", "stream_id"])?
            .unwrap_or(Cow::Borrowed(DEFAULT_STREAM));
        let event_type = either(kind, kind_alias, prefix, ["eventType", "event_type"])?
            .ok_or_else(|| Error::expected(&format!("{prefix}eventType"), "a string", "nothing"))?;
        Ok(Self {
            stream_id,
            event_type,
            payload: container(payload, prefix, "payload")?,
            metadata: container(metadata, prefix, "metadata")?,
            timestamp_ms: match time {
                Some(raw) => Some(time_of(raw, &format!("{prefix}timestamp"), remarks)?),
                None => None,
            },
        })
    }

    fn new_event(&self) -> NewEvent<'_> {
        NewEvent {
            stream_id: &self.stream_id,
            event_type: &self.event_type,
            payload: self.payload,
            metadata: self.metadata,
            timestamp_ms: self.timestamp_ms,
        }
    }

    fn check_size(&self, prefix: &str, event_bytes_max: usize) -> Result<(), Error> {
        let bytes = self.new_event().bytes();
        if bytes <= event_bytes_max {
            return Ok(());
        }
        let place = match prefix.strip_suffix('.') {
            Some(path) => format!("{path}: "),
            None => String::new(),
        };
        Err(Error::new(
            Code::LimitExceeded,
            format!(
                "{place}expected an event of at most {event_bytes_max} bytes of UTF-8 \
                 (eventBytesMax), found {bytes}"
            ),
        ))
    }
}

/// One identifier under two spellings, which must agree if both are there.
fn either<'a>(
    first: Option<&'a RawValue>,
    second: Option<&'a RawValue>,
    prefix: &str,
    keys: [&str; 2],
) -> Result<Option<Cow<'a, str>>, Error> {
    let read = |raw: Option<&'a RawValue>, key: &str| {
        raw.map(|raw| text::identifier(raw, &format!("{prefix}{key}")))
            .transpose()
    };
    let (first, second) = (read(first, keys[0])?, read(second, keys[1])?);
    match (&first, &second) {
        (Some(a), Some(b)) if a != b => Err(Error::new(
            Code::InvalidArgument,
            format!(
                "{prefix}{} and {prefix}{}: expected one of them or the same value in both, \
                 found {a:?} and {b:?}",
                keys[0], keys[1]
            ),
        )),
        _ => Ok(first.or(second)),
    }
}

/// The JSON text of an object or an array; an empty object if it is not given.
fn container<'a>(raw: Option<&'a RawValue>, prefix: &str, key: &str) -> Result<&'a str, Error> {
    match raw {
        None => Ok("{}"),
        Some(raw) if raw.get().starts_with(['{', '[']) => Ok(raw.get()),
        Some(raw) => Err(Error::expected(
            &format!("{prefix}{key}"),
            "an object or an array",
            describe(raw),
        )),
    }
}

fn time_of(raw: &RawValue, path: &str, remarks: &mut Remarks) -> Result<i64, Error> {
    let text = raw.get();
    let parsed = match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(iso) => timestamp::parse(iso),
        None => text.parse().ok().and_then(timestamp::from_number),
    };
    let parsed = parsed.ok_or_else(|| {
        let found = if text.len() <= 64 {
            text
        } else {
            describe(raw)
        };
        Error::expected(path, timestamp::EXPECTED, found)
    })?;
    if parsed.cut {
        remarks.add(format!("{path} was cut to milliseconds"));
    }
    Ok(parsed.ms)
}

//! One event, as every layer sees it.

use std::fmt::Write as _;

use uuid::Uuid;

use crate::erased::{self, Erased, is_erased};
use crate::{json, timestamp};

/// The longest instance id, instance name, stream id or event type, in bytes of UTF-8.
pub const IDENTIFIER_BYTES_MAX: usize = 1_024;

/// One stored event. The payload and the metadata are JSON text, exactly as it was given.
///
/// Both are objects or arrays, but for what was encrypted. There, JSON text of a string takes their place: as it is stored, of
/// both; and once the key was destroyed and the event is read, of the metadata alone, and the payload is `{}`. That string is
/// the subject that was forgotten.
///
/// An event that was erased, in whole or in part, has the payload and the metadata that [`Erased`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The event's own id. Those that the log makes are UUIDv7s.
    pub id: Uuid,
    /// The id of the instance that holds the event.
    pub instance_id: &'a str,
    /// The stream, within the instance.
    pub stream_id: &'a str,
    /// What kind of event it is.
    pub event_type: &'a str,
    /// JSON text.
    pub payload: &'a str,
    /// JSON text.
    pub metadata: &'a str,
    /// When it happened, in milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// 1, 2, 3 … within the stream.
    pub sequence_number: u64,
    /// 1, 2, 3 … within the instance. It is not one of the event's public keys.
    pub position: u64,
}

/// What stands for the payload and the metadata of an event that was erased, or whose subject was forgotten.
pub const EMPTY: &str = "{}";

/// Whether queries see the payload and the metadata as they are stored.
///
/// They do not where an event was encrypted, forgotten, or erased in whole or in part: what such texts have in them is at
/// other paths, or nowhere, once the event is read.
#[must_use]
pub fn is_seen_as_stored(payload: &str, metadata: &str) -> bool {
    !(is_erased(payload) || payload.starts_with('"') || metadata.starts_with('"'))
}

/// How what is known of an erasure is written.
type ErasedWriter = fn(&Erased, &mut String);

impl<'a> Event<'a> {
    /// The JSON text of the subject, if the event was its and it was forgotten.
    #[must_use]
    pub fn forgotten(&self) -> Option<&'a str> {
        let is_forgotten = self.metadata.starts_with('"') && self.payload.starts_with('{');
        is_forgotten.then_some(self.metadata)
    }

    /// Whether the event was erased, in whole or in part.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        is_erased(self.payload)
    }

    /// The JSON text of the payload, whether or not the event was erased.
    #[must_use]
    pub fn known_payload(&self) -> &'a str {
        match self.left() {
            Some([payload, _]) => payload,
            None if self.is_erased() => EMPTY,
            None => self.payload,
        }
    }

    /// The payload and the metadata that are left, if the event was erased in part.
    #[must_use]
    pub fn left(&self) -> Option<[&'a str; 2]> {
        if self.is_erased() {
            erased::left(self.metadata)
        } else {
            None
        }
    }

    /// The JSON text of the metadata, whether or not the event was erased, or the subject was forgotten.
    #[must_use]
    pub fn known_metadata(&self) -> &'a str {
        // What is encrypted is shown as it is stored, if it is shown.
        let is_gone = self.metadata.starts_with('"') && !self.payload.starts_with('"');
        match self.left() {
            Some([_, metadata]) => metadata,
            None if is_gone || self.is_erased() => EMPTY,
            None => self.metadata,
        }
    }
}

impl Event<'_> {
    /// Appends the event to `out` as a JSON object with its eight public keys. After them come `erased` if it was, and
    /// `forgotten` if its subject was.
    pub fn write_json(&self, out: &mut String) {
        self.write_members(out, Erased::write);
        out.push('}');
    }

    /// As [`Event::write_json`], with all that is kept of an event that was erased.
    pub fn write_whole_json(&self, out: &mut String) {
        self.write_members(out, Erased::write_all);
        out.push('}');
    }

    /// Appends the event to `out` as a JSON object with its eight public keys, and `position` as the last one.
    pub fn write_placed_json(&self, out: &mut String) {
        self.write_members(out, Erased::write);
        out.push_str(",\"position\":");
        json::write_whole(out, self.position);
        out.push('}');
    }

    /// Appends all but the end of the object.
    fn write_members(&self, out: &mut String, write_erased: ErasedWriter) {
        let mut uuid = Uuid::encode_buffer();
        out.push_str("{\"id\":\"");
        out.push_str(self.id.as_hyphenated().encode_lower(&mut uuid));
        out.push_str("\",\"instanceId\":");
        json::write_string(out, self.instance_id);
        out.push_str(",\"stream_id\":");
        json::write_string(out, self.stream_id);
        out.push_str(",\"event_type\":");
        json::write_string(out, self.event_type);
        out.push_str(",\"payload\":");
        out.push_str(self.known_payload());
        out.push_str(",\"metadata\":");
        out.push_str(self.known_metadata());
        out.push_str(",\"timestamp\":\"");
        timestamp::write(out, self.timestamp_ms);
        out.push_str("\",\"sequence_number\":");
        json::write_whole(out, self.sequence_number);
        let before = out.len();
        out.push(',');
        if !self.write_gone_by(out, write_erased) {
            out.truncate(before);
        }
    }

    /// Appends the member `erased` if the event was, or `forgotten` if its subject was. Returns whether there is one.
    pub(crate) fn write_gone(&self, out: &mut String) -> bool {
        self.write_gone_by(out, Erased::write)
    }

    fn write_gone_by(&self, out: &mut String, write_erased: ErasedWriter) -> bool {
        if let Some(subject) = self.forgotten() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\"forgotten\":{{\"subject\":{subject}}}");
            return true;
        }
        if !self.is_erased() {
            return false;
        }
        out.push_str("\"erased\":");
        self.write_erased_by(out, write_erased);
        true
    }

    /// Appends when the event was erased, and why, as a JSON object.
    pub(crate) fn write_erased(&self, out: &mut String) {
        self.write_erased_by(out, Erased::write);
    }

    fn write_erased_by(&self, out: &mut String, write_erased: ErasedWriter) {
        match Erased::parse(self.metadata) {
            Some(erased) => write_erased(&erased, out),
            // A later version has written it, which knows what it says.
            None => out.push_str("{}"),
        }
    }
}

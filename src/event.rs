//! One event, as every layer sees it.

use std::fmt::Write as _;

use uuid::Uuid;

use crate::{json, timestamp};

/// The longest instance id, instance name, stream id or event type, in bytes of UTF-8.
pub const IDENTIFIER_BYTES_MAX: usize = 1_024;

/// One stored event. The payload and the metadata are JSON text, exactly as it was given.
///
/// Both are objects or arrays, but for what was encrypted. There, JSON text of a string takes their place: as it is stored, of
/// both; and once the key was destroyed and the event is read, of the metadata alone, and the payload is `{}`. That string is
/// the subject that was forgotten.
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

/// What stands for the payload and the metadata of an event whose subject was forgotten.
pub const EMPTY: &str = "{}";

impl<'a> Event<'a> {
    /// The JSON text of the subject, if the event was its and it was forgotten.
    #[must_use]
    pub fn forgotten(&self) -> Option<&'a str> {
        let is_forgotten = self.metadata.starts_with('"') && !self.payload.starts_with('"');
        is_forgotten.then_some(self.metadata)
    }

    /// The JSON text of the metadata, whether or not the subject was forgotten.
    #[must_use]
    pub fn known_metadata(&self) -> &'a str {
        self.forgotten().map_or(self.metadata, |_| EMPTY)
    }
}

impl Event<'_> {
    /// Appends the event to `out` as a JSON object with its eight public keys, and `forgotten` after them if its subject was.
    pub fn write_json(&self, out: &mut String) {
        self.write_members(out);
        out.push('}');
    }

    /// Appends the event to `out` as a JSON object with its eight public keys, and `position` as the last one.
    pub fn write_placed_json(&self, out: &mut String) {
        self.write_members(out);
        // Writing to a String cannot fail.
        let _ = write!(out, ",\"position\":{}}}", self.position);
    }

    /// Appends all but the end of the object.
    fn write_members(&self, out: &mut String) {
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
        out.push_str(self.payload);
        out.push_str(",\"metadata\":");
        out.push_str(self.known_metadata());
        out.push_str(",\"timestamp\":\"");
        timestamp::write(out, self.timestamp_ms);
        // Writing to a String cannot fail.
        let _ = write!(out, "\",\"sequence_number\":{}", self.sequence_number);
        if self.forgotten().is_some() {
            out.push(',');
            self.write_forgotten(out);
        }
    }

    /// Appends the member `forgotten`, if the event's subject was.
    pub(crate) fn write_forgotten(&self, out: &mut String) {
        if let Some(subject) = self.forgotten() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\"forgotten\":{{\"subject\":{subject}}}");
        }
    }
}

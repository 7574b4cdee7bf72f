//! A part of a result's list, as the values that JavaScript makes its elements of.
//!
//! ```text
//! 4, number of events, instance, head …, payload …, metadata …
//!                                            whole events
//! 5, number of values, value …               other elements, each as it is
//! 7, number of events, instance, head with position …, payload …, metadata …
//!                                            whole events, each with its position
//! ```
//!
//! Here `head` is five values: id, stream, type, timestamp and sequence number; and the position, if there is one. The
//! payloads of all events stand together, and so do their metadata: V8 reads an object in less time that follows on one with
//! the same keys. A string in the place of the metadata is the subject that was forgotten. `null` in the place of the payload
//! says that the event was erased; in the place of the metadata is then an object with when and why, or, if only fields were
//! erased, an array of that and of the payload and the metadata that are left.

use std::fmt::Write as _;

use uuid::Uuid;

use super::kind::ResponseKind;
use crate::event::Event;
use crate::{json, timestamp};

/// How much text a piece has at most, unless one element alone is longer. It is parsed in one turn of the
/// event loop, and V8 puts a longer string into a space of its own, which costs more than the
/// string.
const PIECE_BYTES: usize = 96 << 10;

/// What an event's values take beside its texts, in bytes: the id, the time, the sequence number
/// and the punctuation.
const EVENT_FRAME_BYTES: usize = 104;

/// What a piece's values take beside those of its elements, and beside its instance, in bytes.
const HEAD_BYTES: usize = 24;

/// What an event's JSON object has beside its values.
const EVENT_KEYS: &str = r#"{"id":,"instanceId":,"stream_id":,"event_type":,"payload":,"metadata":,"timestamp":,"sequence_number":}"#;

/// How many commas there are between the values of an event.
const EVENT_COMMAS: usize = 6;

/// Elements that follow each other in a result's list.
#[derive(Debug, Default)]
pub struct Piece {
    elements: PieceElements,
    count: usize,
    /// The heads of events, or other elements. Here and below, each value has a comma before it.
    values: String,
    /// The payloads of events.
    payloads: String,
    /// The metadata of events.
    metadata: String,
}

/// What the elements of a piece are.
#[derive(Debug, Default)]
enum PieceElements {
    /// Whole events of the instance whose id has that JSON text.
    Events {
        instance_id: String,
        json: String,
        /// Whether each comes with its position.
        placed: bool,
    },
    #[default]
    Values,
}

impl Piece {
    /// A piece for events of that instance.
    pub(super) fn of_events(instance_id: &str) -> Self {
        Self::events(instance_id, false)
    }

    /// A piece for events of that instance with their positions.
    pub(super) fn of_placed_events(instance_id: &str) -> Self {
        Self::events(instance_id, true)
    }

    fn events(instance_id: &str, placed: bool) -> Self {
        let mut json = String::new();
        json::write_string(&mut json, instance_id);
        let elements = PieceElements::Events {
            instance_id: instance_id.to_owned(),
            json,
            placed,
        };
        Self {
            elements,
            ..Self::default()
        }
    }

    /// A piece for elements that are no whole events.
    pub(super) fn of_values() -> Self {
        Self::default()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether `event` may be added.
    pub(super) fn takes_event(&self, event: &Event<'_>) -> bool {
        let texts = [
            event.stream_id,
            event.event_type,
            event.payload,
            event.metadata,
        ];
        let bytes = texts.map(str::len).iter().sum::<usize>() + EVENT_FRAME_BYTES;
        match &self.elements {
            PieceElements::Events { instance_id, .. } => {
                instance_id == event.instance_id && self.has_room(bytes)
            }
            PieceElements::Values => false,
        }
    }

    /// Whether an element of that JSON text may be added.
    pub(super) fn takes_value(&self, json: &str) -> bool {
        matches!(self.elements, PieceElements::Values) && self.has_room(json.len())
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.is_empty() || self.values_bytes() + bytes <= PIECE_BYTES
    }

    /// Adds an event of the piece's instance. Returns how many bytes of JSON text it takes in the result.
    pub(super) fn add_event(&mut self, event: &Event<'_>) -> usize {
        self.count += 1;
        let before = self.values_bytes();
        let out = &mut self.values;
        let mut uuid = Uuid::encode_buffer();
        out.push_str(",\"");
        out.push_str(event.id.as_hyphenated().encode_lower(&mut uuid));
        out.push_str("\",");
        json::write_string(out, event.stream_id);
        out.push(',');
        json::write_string(out, event.event_type);
        out.push_str(",\"");
        timestamp::write(out, event.timestamp_ms);
        out.push_str("\",");
        json::write_whole(out, event.sequence_number);
        self.payloads.push(',');
        self.payloads.push_str(event.payload);
        let out = &mut self.metadata;
        out.push(',');
        match event.left() {
            Some([payload, metadata]) => {
                out.push('[');
                event.write_erased(out);
                // Writing to a String cannot fail.
                let _ = write!(out, ",{payload},{metadata}]");
            }
            None if event.is_erased() => event.write_erased(out),
            None => out.push_str(event.metadata),
        }
        let values = self.values_bytes() - before - ",".len();
        let instance = match &self.elements {
            PieceElements::Events { json, .. } => json.len(),
            PieceElements::Values => 0,
        };
        values - EVENT_COMMAS + EVENT_KEYS.len() + instance
    }

    /// Adds an event of the piece's instance, and its position.
    pub(super) fn add_placed_event(&mut self, position: u64, event: &Event<'_>) {
        self.add_event(event);
        self.values.push(',');
        json::write_whole(&mut self.values, position);
    }

    /// How many bytes of JSON text its elements have.
    pub(super) const fn values_bytes(&self) -> usize {
        self.values.len() + self.payloads.len() + self.metadata.len()
    }

    /// Adds an element of that JSON text.
    pub(super) fn add_value(&mut self, json: &str) {
        self.count += 1;
        self.values.push(',');
        self.values.push_str(json);
    }

    /// About as many bytes as [`Piece::write_values`] writes, and no less.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let instance = match &self.elements {
            PieceElements::Events { json, .. } => json.len(),
            PieceElements::Values => 0,
        };
        HEAD_BYTES + instance + self.values_bytes()
    }

    /// Appends the piece's values.
    pub fn write_values(&self, out: &mut String) {
        let kind = match &self.elements {
            PieceElements::Events { placed: false, .. } => ResponseKind::PieceOfEvents,
            PieceElements::Events { placed: true, .. } => ResponseKind::PieceOfPlacedEvents,
            PieceElements::Values => ResponseKind::PieceOfValues,
        };
        // Writing to a String cannot fail.
        let _ = write!(out, "{},{}", kind.number(), self.count);
        if let PieceElements::Events { json, .. } = &self.elements {
            out.push(',');
            out.push_str(json);
        }
        for values in [&self.values, &self.payloads, &self.metadata] {
            out.push_str(values);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::events_of;

    const EVENT: Event<'static> = Event {
        id: Uuid::nil(),
        instance_id: "the \"log\"",
        stream_id: "s\n",
        event_type: "tést",
        payload: r#"{"a":[1,{}],"b":"x"}"#,
        metadata: "[]",
        timestamp_ms: 1,
        sequence_number: 12,
        position: 1,
    };

    fn values(piece: &Piece) -> Vec<Value> {
        let mut text = String::from("[");
        piece.write_values(&mut text);
        assert!(text.len() <= piece.bytes(), "{text}");
        text.push(']');
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn events_are_written_as_flat_values_and_their_instance_once() {
        let mut piece = Piece::of_events(EVENT.instance_id);
        let second = Event {
            sequence_number: 13,
            position: 1,
            ..EVENT
        };
        piece.add_event(&EVENT);
        piece.add_event(&second);
        let head = |sequence: u64| {
            let values = json!([
                "00000000-0000-0000-0000-000000000000",
                "s\n",
                "tést",
                "1970-01-01T00:00:00.001Z",
                sequence,
            ]);
            values.as_array().unwrap().clone()
        };
        let first = vec![json!(4), json!(2), json!("the \"log\"")];
        let payload = json!({"a": [1, {}], "b": "x"});
        let data = vec![payload.clone(), payload.clone(), json!([]), json!([])];
        assert_eq!(values(&piece), [first, head(12), head(13), data].concat());
        let event = [head(13), vec![payload, json!([])]].concat();
        assert_eq!(events_of(&values(&piece))[1], event);

        let mut piece = Piece::of_placed_events(EVENT.instance_id);
        piece.add_placed_event(1, &EVENT);
        piece.add_placed_event(9, &second);
        let event = [event, vec![json!(9)]].concat();
        assert_eq!(events_of(&values(&piece))[1], event);
    }

    #[test]
    fn other_elements_are_written_as_they_are() {
        let mut piece = Piece::of_values();
        assert_eq!(values(&piece), [json!(5), json!(0)]);
        piece.add_value("[1]");
        piece.add_value("null");
        assert_eq!(
            values(&piece),
            [json!(5), json!(2), json!([1]), Value::Null]
        );
    }

    #[test]
    fn an_event_counts_with_the_text_of_its_object() {
        let mut object = String::new();
        EVENT.write_json(&mut object);
        let mut piece = Piece::of_events(EVENT.instance_id);
        assert_eq!(piece.add_event(&EVENT), object.len());
    }

    #[test]
    fn a_piece_takes_one_element_of_any_length_and_no_more_than_has_room() {
        let payload = format!("[\"{}\"]", "x".repeat(PIECE_BYTES));
        let long = Event {
            payload: &payload,
            ..EVENT
        };
        let mut piece = Piece::of_events(EVENT.instance_id);
        assert!(piece.takes_event(&long) && !piece.takes_value("1"));
        piece.add_event(&long);
        assert!(!piece.takes_event(&EVENT));

        let mut piece = Piece::of_events(EVENT.instance_id);
        let other = Event {
            instance_id: "other",
            ..EVENT
        };
        assert!(!piece.takes_event(&other));
        while piece.takes_event(&EVENT) {
            piece.add_event(&EVENT);
        }
        assert!(piece.bytes() > PIECE_BYTES - 200 && piece.bytes() <= PIECE_BYTES + 40);

        let mut piece = Piece::of_values();
        assert!(piece.takes_value(&payload) && !piece.takes_event(&EVENT));
        piece.add_value(&payload);
        assert!(!piece.takes_value("1"));
    }
}

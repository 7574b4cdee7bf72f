//! What a call is answered with, as the values that the package's JavaScript makes a response of.
//!
//! A response is written as JSON values with commas between them, to be elements of one array with
//! those of other responses. V8 reads an array in half the time that objects with the same keys
//! take, over and over, and JavaScript writes the keys into an object whose shape it knows.
//!
//! ```text
//! 0, requestId, error, code, conflict or null                     a failure
//! 1, requestId, message or null, data                             a success
//! 2, requestId, message or null, event, instance, payload, metadata
//!                                                                 a success with one event
//! 3, requestId, message or null, number of events, instance, event …
//!                                                                 a success with any number of them
//! 6, requestId, message or null, key, rest, piece                 a success with a result
//! 8, as 2                                                         the event was stored before
//! 9, as 3                                                         the events were stored before
//! 10, requestId, message or null, piece                           a success with many events
//! 11, as 10                                                       the events were stored before
//! 12, requestId, message or null, key, rest, piece                a success with a list in its data
//! 13, code or null, start, end, start of data, end of data        a response as JSON text, beside the values
//! 14, requestId, message or null, id, timestamp, sequence number, instance or null
//!                                                                 a success with one event that JavaScript has kept
//! 15, as 14                                                       the event was stored before
//! ```
//!
//! Here `event` is five values: id, stream, type, timestamp and sequence number. The payloads of a
//! batch are not sent back. What was stored of them is the text that came, and JavaScript reads that
//! text once more while the writer is at work on it. Those of a long batch are: to read them would hold up the
//! event loop. Of a single event that JavaScript has a copy of, nothing is sent back that the call has given.
//!
//! The list of a result, which is under `key` before the members of `rest`, comes in pieces, and so does each long
//! list of other answers. All but the last piece go ahead of the response. A [`Piece`] begins with a kind of its own,
//! 4, 5 or 7.

use std::fmt::Display;

use uuid::Uuid;

use super::conflict_text::{conflict_bytes, write_conflict};
use super::json_response::{JsonEnvelope, JsonOutcome};
use super::kind::ResponseKind;
use super::limits::REMARKS_MAX;
use super::piece::Piece;
use crate::engine::Instance;
use crate::error::Error;
use crate::{json, timestamp};

/// What a response's other values take beside those of its answer, in bytes: the number of the
/// call, the time, the kind and the request's id.
const FRAME_BYTES: usize = 96;

/// What a call that succeeded has to say.
#[derive(Debug, Default)]
pub struct Answer {
    /// What `values` are.
    pub(super) kind: ResponseKind,
    /// JSON text of the response's `data`, or of the values that it is made of.
    pub(super) values: String,
    /// Pieces of its list that go ahead of the response.
    pub(super) pieces: Vec<Piece>,
    /// What the caller should know although the call succeeded.
    pub(super) remarks: Remarks,
}

/// What a call is answered with.
#[derive(Debug)]
pub struct Response {
    outcome: Result<Answer, Error>,
    follows_pieces: bool,
    /// There if it goes as JSON text.
    envelope: Option<JsonEnvelope>,
}

/// Remarks for a person, such as a key that was not understood.
#[derive(Clone, Debug, Default)]
pub(super) struct Remarks {
    texts: Vec<String>,
    more: usize,
}

impl Remarks {
    pub(super) fn add(&mut self, text: String) {
        if self.texts.len() < REMARKS_MAX {
            self.texts.push(text);
        } else {
            self.more += 1;
        }
    }

    /// Names the keys that were not understood of the object whose members' paths begin so.
    pub(super) fn unknown_keys(&mut self, prefix: impl Display, keys: &[String]) {
        for key in keys {
            let path = format!("{prefix}{key}");
            self.add(format!("the unknown key {path:?} was ignored"));
        }
    }

    /// The failure, with the remarks after its text: a key that was not understood is often the one
    /// that is missing.
    pub(super) fn added_to(&self, error: Error) -> Error {
        match self.message() {
            Some(message) => {
                let text = format!("{}; {message}", error.text());
                error.with_text(text)
            }
            None => error,
        }
    }

    fn bytes(&self) -> usize {
        self.texts.iter().map(|text| text.len() + "; ".len()).sum()
    }

    fn message(&self) -> Option<String> {
        if self.texts.is_empty() {
            return None;
        }
        let mut message = self.texts.join("; ");
        if self.more > 0 {
            message.push_str(&format!("; and {} more", self.more));
        }
        Some(message)
    }
}

impl Answer {
    /// An answer whose `data` has that JSON text.
    pub(super) fn of_data(values: String) -> Self {
        Self {
            values,
            ..Self::default()
        }
    }
}

impl Response {
    /// `follows_pieces` says whether pieces of the result went ahead.
    pub(super) const fn new(outcome: Result<Answer, Error>, follows_pieces: bool) -> Self {
        Self {
            outcome,
            follows_pieces,
            envelope: None,
        }
    }

    /// One that goes as JSON text. What it is answered with is the text of its `data`.
    pub(super) const fn in_json(outcome: Result<Answer, Error>, envelope: JsonEnvelope) -> Self {
        Self {
            outcome,
            follows_pieces: false,
            envelope: Some(envelope),
        }
    }

    /// The response to an opening or a closing, which have no data.
    #[must_use]
    pub fn without_data(outcome: Result<(), Error>) -> Self {
        Self::new(outcome.map(|()| Answer::of_data("null".to_owned())), false)
    }

    /// Whether pieces of the result went ahead, which it has to stay behind.
    #[must_use]
    pub const fn follows_pieces(&self) -> bool {
        self.follows_pieces
    }

    /// About as many bytes as its values have.
    pub(super) fn values_bytes(&self) -> usize {
        match self.envelope {
            None => self.bytes(),
            Some(_) => FRAME_BYTES,
        }
    }

    /// About as many bytes as there are of it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        FRAME_BYTES
            + match &self.outcome {
                Ok(answer) => answer.values.len() + answer.remarks.bytes(),
                Err(error) => error.text().len() + error.conflict().map_or(0, conflict_bytes),
            }
    }

    /// Appends the values of the response, which is of that time; and its text to `json`, if it goes as that.
    pub(super) fn write(&self, now_ms: i64, values: &mut String, json: &mut String) {
        let Some(envelope) = &self.envelope else {
            return self.write_values(values);
        };
        let start = json.len();
        json.reserve(self.bytes());
        let outcome = self.outcome.as_ref().map(|answer| JsonOutcome {
            data: &answer.values,
            message: answer.remarks.message(),
        });
        let data = envelope.write(outcome, now_ms, json);
        let end = json.len();
        values.push_str(&format!("{},", ResponseKind::Json.number()));
        match &self.outcome {
            Ok(_) => values.push_str("null"),
            Err(error) => json::write_string(values, error.code().as_str()),
        }
        let data = data.unwrap_or_default();
        values.push_str(&format!(",{start},{end},{},{}", data.start, data.end));
    }

    /// Appends the response's values.
    pub fn write_values(&self, out: &mut String) {
        match &self.outcome {
            Ok(answer) => {
                open(out, answer.kind);
                match answer.remarks.message() {
                    Some(message) => json::write_string(out, &message),
                    None => out.push_str("null"),
                }
                out.push(',');
                out.push_str(&answer.values);
            }
            Err(error) => {
                open(out, ResponseKind::Failure);
                json::write_string(out, error.text());
                out.push(',');
                json::write_string(out, error.code().as_str());
                out.push(',');
                match error.conflict() {
                    Some(conflict) => write_conflict(out, conflict),
                    None => out.push_str("null"),
                }
            }
        }
    }
}

/// Appends what all responses begin with.
fn open(out: &mut String, kind: ResponseKind) {
    out.push_str(&kind.number().to_string());
    out.push_str(",\"");
    let mut uuid = Uuid::encode_buffer();
    out.push_str(new_request_id().as_hyphenated().encode_lower(&mut uuid));
    out.push_str("\",");
}

/// A new id for the response to a call.
#[must_use]
pub fn new_request_id() -> Uuid {
    Uuid::new_v4()
}

/// Appends an instance as JSON.
pub(super) fn write_instance(out: &mut String, instance: &Instance) {
    out.push_str("{\"id\":");
    json::write_string(out, &instance.id);
    out.push_str(",\"name\":");
    json::write_string(out, &instance.name);
    if let Some(description) = &instance.description {
        out.push_str(",\"description\":");
        json::write_string(out, description);
    }
    write_times(out, instance);
    out.push('}');
}

/// Appends the members that say when an instance was made and last changed.
pub(super) fn write_times(out: &mut String, instance: &Instance) {
    out.push_str(",\"createdAt\":\"");
    timestamp::write(out, instance.created_at_ms);
    out.push_str("\",\"updatedAt\":\"");
    timestamp::write(out, instance.head.updated_at_ms);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::expected_sequence::{ExpectedSequence, SequenceConflict};
    use serde_json::{Value, json};

    /// The values of a response; what was made up for it, its id, is checked and left out.
    fn values(outcome: Result<Answer, Error>) -> Vec<Value> {
        let mut text = String::from("[");
        let response = Response::new(outcome, false);
        response.write_values(&mut text);
        assert!(text.len() <= response.bytes());
        text.push(']');
        let mut values: Vec<Value> = serde_json::from_str(&text).unwrap();
        let id = values.remove(1);
        assert_eq!(
            Uuid::parse_str(id.as_str().unwrap())
                .unwrap()
                .get_version_num(),
            4
        );
        values
    }

    #[test]
    fn a_success_is_written_with_its_kind_remarks_and_values() {
        let answer = Answer::of_data("{\"result\":[1]}".to_owned());
        assert_eq!(
            values(Ok(answer)),
            [json!(1), Value::Null, json!({"result": [1]})]
        );
        let mut remarks = Remarks::default();
        remarks.unknown_keys("events[0].", &["payl\"oad".to_owned()]);
        let answer = Answer {
            kind: ResponseKind::Events,
            values: "0".to_owned(),
            remarks,
            ..Answer::default()
        };
        let message = r#"the unknown key "events[0].payl\"oad" was ignored"#;
        assert_eq!(values(Ok(answer)), [json!(3), json!(message), json!(0)]);
    }

    #[test]
    fn a_failure_is_written_with_its_text_and_code() {
        let error = Error::new(Code::Closed, "it was \"closed\"");
        assert_eq!(
            values(Err(error)),
            [
                json!(0),
                json!("it was \"closed\""),
                json!("CLOSED"),
                Value::Null
            ]
        );
    }

    #[test]
    fn a_conflict_is_written_with_its_failure() {
        for (expected, written) in [
            (ExpectedSequence::At(3), json!(3)),
            (ExpectedSequence::Exists, json!("exists")),
        ] {
            let conflict = SequenceConflict {
                stream_id: "\0\"".repeat(100),
                expected,
                actual: u64::MAX,
            };
            let stream_id = conflict.stream_id.clone();
            let values = values(Err(Error::sequence_conflict("expectedSequence", conflict)));
            assert_eq!(values[2], json!("SEQUENCE_CONFLICT"));
            let conflict =
                json!({ "streamId": stream_id, "expected": written, "actual": u64::MAX });
            assert_eq!(values[3], conflict);
        }
        let values = values(Err(Error::condition_failed("failIf", 0, u64::MAX)));
        assert_eq!(values[2], json!("CONDITION_FAILED"));
        assert_eq!(values[3], json!({ "position": u64::MAX }));
    }

    #[test]
    fn an_opening_is_answered_without_data() {
        let mut text = String::new();
        Response::without_data(Ok(())).write_values(&mut text);
        assert!(
            text.starts_with("1,\"") && text.ends_with("\",null,null"),
            "{text}"
        );
    }

    #[test]
    fn remarks_are_cut_where_there_are_many() {
        let mut remarks = Remarks::default();
        let keys: Vec<String> = (0..REMARKS_MAX + 2).map(|n| format!("key {n}")).collect();
        remarks.unknown_keys("", &keys);
        let message = remarks.message().unwrap();
        assert!(message.ends_with("; and 2 more"), "{message}");
        let error = remarks.added_to(Error::new(Code::InvalidArgument, "wrong"));
        assert!(
            error.text().starts_with("wrong; the unknown key"),
            "{error}"
        );
    }
}

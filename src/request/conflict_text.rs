//! What stood in the way of a call, as JSON text.

use super::expectation;
use crate::error::Conflict;
use crate::expected_sequence::{ExpectedSequence, SequenceConflict};
use crate::json;

/// At least as many bytes as [`write_conflict`] writes.
pub(super) const fn conflict_bytes(conflict: &Conflict) -> usize {
    const MEMBERS_BYTES: usize = 96;
    /// What a control character is in JSON: `\u0000`.
    const ESCAPED_BYTES_MAX: usize = 6;
    match conflict {
        Conflict::Sequence(conflict) => {
            MEMBERS_BYTES + ESCAPED_BYTES_MAX * conflict.stream_id.len()
        }
        Conflict::Checkpoint(conflict) => {
            MEMBERS_BYTES + ESCAPED_BYTES_MAX * conflict.consumer.len()
        }
        Conflict::Event(_) | Conflict::FirstPosition(_) | Conflict::FirstSequence(_) => {
            MEMBERS_BYTES
        }
    }
}

/// Appends, as JSON, where a stream was expected to stand and where it stands, where an event is that
/// was not to be there, where a consumer was to be moved to and where it is, or where what is left begins.
pub(super) fn write_conflict(out: &mut String, conflict: &Conflict) {
    match conflict {
        Conflict::Sequence(conflict) => write_sequence_conflict(out, conflict),
        Conflict::Event(position) => out.push_str(&format!("{{\"position\":{position}}}")),
        Conflict::FirstPosition(first) => {
            out.push_str(&format!("{{\"firstPosition\":{first}}}"));
        }
        Conflict::FirstSequence(first) => {
            out.push_str(&format!("{{\"firstSequence\":{first}}}"));
        }
        Conflict::Checkpoint(conflict) => {
            out.push_str("{\"consumer\":");
            json::write_string(out, &conflict.consumer);
            let (position, actual) = (conflict.position, conflict.actual);
            out.push_str(&format!(",\"position\":{position},\"actual\":{actual}}}"));
        }
    }
}

fn write_sequence_conflict(out: &mut String, conflict: &SequenceConflict) {
    out.push_str("{\"streamId\":");
    json::write_string(out, &conflict.stream_id);
    out.push_str(",\"expected\":");
    match conflict.expected {
        ExpectedSequence::At(sequence) => out.push_str(&sequence.to_string()),
        ExpectedSequence::Exists => json::write_string(out, expectation::EXISTS),
    }
    out.push_str(",\"actual\":");
    out.push_str(&conflict.actual.to_string());
    out.push('}');
}

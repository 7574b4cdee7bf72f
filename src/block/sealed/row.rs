//! One event of a block, with all that is stored of it.

use uuid::Uuid;

/// A stored event, without what its place tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The event's id.
    pub id: Uuid,
    /// Milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// Number within the stream, from 1.
    pub sequence: u64,
    /// How many positions back the stream's previous event stands; 0 if there is none.
    pub back: u64,
    /// The stream's id.
    pub stream_id: &'a str,
    /// The event's type.
    pub event_type: &'a str,
    /// The idempotency key of the call whose first event this is, and how many events the call has.
    pub call: Option<(&'a str, u64)>,
    /// JSON text, exactly as it was given.
    pub payload: &'a str,
    /// JSON text, exactly as it was given.
    pub metadata: &'a str,
}

/// Where an event stands in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowLink<'a> {
    /// The stream's id.
    pub stream_id: &'a str,
    /// Number within the stream, from 1.
    pub sequence: u64,
    /// How many positions back the stream's previous event stands; 0 if there is none.
    pub back: u64,
}

/// Room for the texts of a row that is read, used again for the next.
#[derive(Clone, Debug, Default)]
pub struct RowBuffer {
    pub(super) bytes: Vec<u8>,
    /// Room for the piece that a lone row is read of.
    pub(super) piece: Vec<u8>,
}

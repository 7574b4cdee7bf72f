//! One event of a block, with all that is stored of it.

use uuid::Uuid;

use super::Damaged;

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

/// Where the texts of a row end that were read, one after the other: those of its stream, its type, its call and its payload.
pub(super) struct TextEnds {
    pub(super) stream: usize,
    pub(super) event_type: usize,
    pub(super) key: usize,
    pub(super) payload: usize,
}

/// What a row has beside its texts.
pub(super) struct RowNumbers {
    pub(super) id: Uuid,
    pub(super) timestamp_ms: i64,
    pub(super) sequence: u64,
    pub(super) back: u64,
    /// How many events the call has whose first event it is.
    pub(super) call_events: Option<u64>,
}

impl<'a> Row<'a> {
    /// The row whose texts are these bytes.
    pub(super) fn of_texts(
        bytes: &'a [u8],
        ends: &TextEnds,
        numbers: &RowNumbers,
    ) -> Result<Self, Damaged> {
        let text = std::str::from_utf8(bytes).map_err(|_| Damaged("text"))?;
        let part = |start: usize, end: usize| text.get(start..end).ok_or(Damaged("text"));
        let key = part(ends.event_type, ends.key)?;
        Ok(Self {
            id: numbers.id,
            timestamp_ms: numbers.timestamp_ms,
            sequence: numbers.sequence,
            back: numbers.back,
            stream_id: part(0, ends.stream)?,
            event_type: part(ends.stream, ends.event_type)?,
            call: numbers.call_events.map(|events| (key, events)),
            payload: part(ends.key, ends.payload)?,
            metadata: part(ends.payload, text.len())?,
        })
    }
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

impl<'a> RowLink<'a> {
    /// The link of a row whose stream's id is these bytes.
    pub(super) fn of_text(bytes: &'a [u8], sequence: i64, back: i64) -> Result<Self, Damaged> {
        Ok(Self {
            stream_id: std::str::from_utf8(bytes).map_err(|_| Damaged("text"))?,
            sequence: sequence as u64,
            back: back as u64,
        })
    }
}

/// Room for the texts of a row that is read, used again for the next.
#[derive(Clone, Debug, Default)]
pub struct RowBuffer {
    pub(super) bytes: Vec<u8>,
    /// Room for the piece that a lone row is read of.
    pub(super) piece: Vec<u8>,
}

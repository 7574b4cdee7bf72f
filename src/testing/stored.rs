//! Events that a test knows.

use uuid::Uuid;

use crate::event::Event;

/// An event to be queried.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Without one, it is made of the event's place in the log.
    pub id: Option<Uuid>,
    /// Its stream.
    pub stream: &'static str,
    /// Its type.
    pub kind: &'static str,
    /// JSON text.
    pub payload: String,
    /// JSON text.
    pub metadata: String,
    /// Its time, in milliseconds since the epoch.
    pub ms: i64,
    /// Its number in the stream.
    pub sequence: u64,
    /// Without one, it follows from the event's place in the log.
    pub position: Option<u64>,
}

impl Stored {
    /// It as an event of the instance `log`, where it has that place from 0 on.
    #[must_use]
    pub fn event(&self, at: usize) -> Event<'_> {
        Event {
            id: self.id.unwrap_or_else(|| Uuid::from_u128(at as u128)),
            instance_id: "log",
            stream_id: self.stream,
            event_type: self.kind,
            payload: &self.payload,
            metadata: &self.metadata,
            timestamp_ms: self.ms,
            sequence_number: self.sequence,
            position: self.position.unwrap_or(at as u64 + 1),
        }
    }
}

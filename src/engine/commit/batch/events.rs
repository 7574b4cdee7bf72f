//! Staging events.

use std::sync::Arc;

use uuid::Uuid;

use super::Batch;
use crate::engine::Fault;
use crate::engine::journal::StreamHead;
use crate::engine::tables::record::{CallKey, Record};

/// An event to append. The texts of payload and metadata are JSON.
#[derive(Clone, Copy, Debug)]
pub struct NewEvent<'a> {
    /// The stream, within the instance.
    pub stream_id: &'a str,
    /// What kind of event it is.
    pub event_type: &'a str,
    /// JSON text of an object or an array.
    pub payload: &'a str,
    /// JSON text of an object or an array.
    pub metadata: &'a str,
    /// Milliseconds since the epoch; without it, now.
    pub timestamp_ms: Option<i64>,
    /// The key of the call whose first event this is, if it has one that the instance does not know.
    /// All other events of the call are to follow at once.
    pub call: Option<CallKey<'a>>,
}

impl<'a> NewEvent<'a> {
    /// What is stored of it: at `position`, after the event at `previous` in its stream, which is 0 for the first one.
    #[must_use]
    pub const fn record(&self, appended: Appended, position: u64, previous: u64) -> Record<'a> {
        Record {
            id: appended.id,
            timestamp_ms: appended.timestamp_ms,
            sequence: appended.sequence_number,
            back: if previous == 0 {
                0
            } else {
                position - previous
            },
            stream_id: self.stream_id,
            event_type: self.event_type,
            call: self.call,
            payload: self.payload,
            metadata: self.metadata,
        }
    }

    /// What the limit on an event's size counts: the bytes of its four texts.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.stream_id.len() + self.event_type.len() + self.payload.len() + self.metadata.len()
    }
}

/// What the log added to an appended event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The event's own id, a UUIDv7.
    pub id: Uuid,
    /// Milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// Number within the stream, from 1.
    pub sequence_number: u64,
}

impl Batch<'_> {
    /// Stages one event. It is stored when the whole batch is.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn append(&mut self, number: u32, event: &NewEvent<'_>) -> Result<Appended, Fault> {
        let now_ms = self.now_ms;
        let head = &mut self.known_instance(number)?.head;
        head.updated_at_ms = head.updated_at_ms.max(now_ms);
        let timestamp_ms = event.timestamp_ms.unwrap_or(head.updated_at_ms);
        self.stage(number, event, Uuid::now_v7(), timestamp_ms)
    }

    /// Stages an event that another log has had under that id and at that time, as the next one of its
    /// stream. It is no change that is made now: when the instance was changed stays as it is.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn restore(
        &mut self,
        number: u32,
        event: &NewEvent<'_>,
        id: Uuid,
        timestamp_ms: i64,
    ) -> Result<Appended, Fault> {
        self.stage(number, event, id, timestamp_ms)
    }

    /// The number of a stream's last event within this commit; 0 if it has none.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn last_sequence(&mut self, number: u32, stream_id: &str) -> Result<u64, Fault> {
        Ok(self.stream_head(number, stream_id)?.1.last_sequence)
    }

    /// The position of a stream's last event within this commit; 0 if it has none.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn last_position(&mut self, number: u32, stream_id: &str) -> Result<u64, Fault> {
        Ok(self.stream_head(number, stream_id)?.1.last_position)
    }

    /// The position of the first event of the call with that idempotency key, within this commit; the
    /// record there says how many events the call has.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn position_of_key(&mut self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        let staged = self.staged.get(&number);
        if let Some(position) = staged.and_then(|staged| staged.keys.get(key)) {
            return Ok(Some(*position));
        }
        match self.view.position_of_key(number, key) {
            Some(position) => Ok(Some(position)),
            None => self.reading()?.position_of_key(number, key),
        }
    }

    fn stage(
        &mut self,
        number: u32,
        event: &NewEvent<'_>,
        id: Uuid,
        timestamp_ms: i64,
    ) -> Result<Appended, Fault> {
        self.changed = true;
        let stream = self.stream(number, event.stream_id)?;
        let head = &mut self.known_instance(number)?.head;
        let position = head.add_event(timestamp_ms, stream.last_sequence == 0);
        let appended = Appended {
            id,
            timestamp_ms,
            sequence_number: stream.last_sequence + 1,
        };
        let record = event.record(appended, position, stream.last_position);
        let record = self.frame.push(number, |out| record.encode(out));
        self.known_instance(number)?.head.stored_bytes += record.len() as u64;
        let staged = self.staged.entry(number).or_default();
        staged.records.push(record);
        if let Some(call) = event.call {
            staged.keys.insert(call.text.into(), position);
        }
        if let Some(head) = staged.streams.get_mut(event.stream_id) {
            head.last_sequence = appended.sequence_number;
            head.last_position = position;
        }
        Ok(appended)
    }

    /// Where a stream stands within this commit, which will know it from now on.
    fn stream(&mut self, number: u32, stream_id: &str) -> Result<StreamHead, Fault> {
        let (name, head) = self.stream_head(number, stream_id)?;
        if let Some(name) = name {
            let staged = self.staged.entry(number).or_default();
            staged.streams.insert(name, head);
        }
        Ok(head)
    }

    /// Where a stream stands within this commit, with its name if this commit does not know it yet.
    fn stream_head(
        &mut self,
        number: u32,
        stream_id: &str,
    ) -> Result<(Option<Arc<str>>, StreamHead), Fault> {
        let staged = self.staged.get(&number);
        if let Some(head) = staged.and_then(|staged| staged.streams.get(stream_id)) {
            return Ok((None, *head));
        }
        let new = staged.is_some_and(|staged| staged.new);
        let known = self.view.stream(number, stream_id);
        if let Some((name, head)) = known {
            return Ok((Some(name), head));
        }
        let head = match self.memory.stream(number, stream_id) {
            Some(known) => known,
            None if new => StreamHead::default(),
            None => self.reading()?.stream(number, stream_id)?,
        };
        Ok((Some(stream_id.into()), head))
    }
}

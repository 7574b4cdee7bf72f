//! Staging events, and writing what was staged.

use std::ops::Bound;
use std::sync::Arc;

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};
use uuid::Uuid;

use super::Batch;
use crate::engine::Fault;
use crate::engine::cache::StreamHead;
use crate::engine::log_head::LogHead;
use crate::engine::record::Record;
use crate::engine::schema::{self, StreamValue};

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
}

impl NewEvent<'_> {
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
        let stream = self.stream(number, event.stream_id)?;
        self.changed = true;
        let now_ms = self.now_ms;
        let cached = Self::dirty(self.cache, number)?;
        let head = &mut cached.instance.head;
        head.updated_at_ms = head.updated_at_ms.max(now_ms);
        head.last_position += 1;
        head.stream_count += u64::from(stream.last_sequence == 0);
        let appended = Appended {
            id: Uuid::now_v7(),
            timestamp_ms: event.timestamp_ms.unwrap_or(head.updated_at_ms),
            sequence_number: stream.last_sequence + 1,
        };
        let start = cached.records.len();
        Record {
            id: appended.id,
            timestamp_ms: appended.timestamp_ms,
            sequence: appended.sequence_number,
            back: match stream.last_position {
                0 => 0,
                previous => head.last_position - previous,
            },
            stream_id: event.stream_id,
            event_type: event.event_type,
            payload: event.payload,
            metadata: event.metadata,
        }
        .encode(&mut cached.records);
        let end = cached.records.len();
        head.stored_bytes += (end - start) as u64;
        cached.record_ends.push(end);

        let advanced = StreamHead {
            last_sequence: appended.sequence_number,
            last_position: head.last_position,
            dirty: true,
        };
        if stream.dirty {
            if let Some(head) = cached.streams.get_mut(event.stream_id) {
                *head = advanced;
            }
        } else {
            let name: Arc<str> = event.stream_id.into();
            cached.dirty_streams.push(Arc::clone(&name));
            cached.streams.insert(name, advanced);
        }
        Ok(appended)
    }

    /// Writes what was staged, and returns the head that the commit gives the log, with `token`.
    pub(in crate::engine) fn flush(mut self, token: u64) -> Result<LogHead, Fault> {
        for number in std::mem::take(&mut self.cache.dirty_instances) {
            // An instance that was deleted after it was changed is not there any more.
            if self.cache.instances.contains_key(&number) {
                self.flush_instance(number)?;
            }
        }
        self.log.commits += 1;
        self.log.token = token;
        self.heads.insert(schema::LOG_HEAD, self.log.to_value())?;
        Ok(self.log)
    }

    fn flush_instance(&mut self, number: u32) -> Result<(), Fault> {
        if !self.streams.contains_key(&number) {
            let table = open_streams(self.transaction, number)?;
            self.streams.insert(number, table);
        }
        let (Some(cached), Some(streams)) = (
            self.cache.instances.get_mut(&number),
            self.streams.get_mut(&number),
        ) else {
            return Ok(());
        };
        cached.dirty = false;
        self.heads.insert(number, cached.instance.head.to_value())?;
        if cached.record_ends.is_empty() {
            return Ok(());
        }

        let name = schema::events_table(number);
        let mut events = self
            .transaction
            .open_table(TableDefinition::<u64, &[u8]>::new(&name))?;
        let mut cursor = events.upper_bound_mut(Bound::<u64>::Unbounded)?;
        let mut position = cached.instance.head.last_position - cached.record_ends.len() as u64;
        let mut start = 0;
        for &end in &cached.record_ends {
            position += 1;
            cursor.insert_before(position, &cached.records[start..end])?;
            start = end;
        }
        cursor.close()?;
        cached.records_written();

        // In key order, so that streams on one page are written while it is at hand.
        cached.dirty_streams.sort_unstable();
        for stream in cached.dirty_streams.drain(..) {
            if let Some(head) = cached.streams.get_mut(&stream) {
                head.dirty = false;
                streams.insert(&*stream, head.to_value())?;
            }
        }
        Ok(())
    }

    /// Where a stream stands; a stream without events stands at zero.
    fn stream(&mut self, number: u32, stream_id: &str) -> Result<StreamHead, Fault> {
        if let Some(head) = self.cached(number)?.streams.get(stream_id) {
            return Ok(*head);
        }
        if !self.streams.contains_key(&number) {
            let table = open_streams(self.transaction, number)?;
            self.streams.insert(number, table);
        }
        let stored = match self.streams.get(&number) {
            Some(table) => table.get(stream_id)?.map(|guard| guard.value()),
            None => None,
        };
        let head = stored.map(StreamHead::from_value).unwrap_or_default();
        self.cache.count_stream();
        self.cached(number)?.streams.insert(stream_id.into(), head);
        Ok(head)
    }
}

fn open_streams(
    transaction: &WriteTransaction,
    number: u32,
) -> Result<Table<'_, &'static str, StreamValue>, Fault> {
    let name = schema::streams_table(number);
    Ok(transaction.open_table(TableDefinition::new(&name))?)
}

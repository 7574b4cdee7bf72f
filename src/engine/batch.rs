//! One commit in the making: the operations that jobs apply, and the tables they end up in.
//!
//! Changes to instances go into their tables at once; they are few. Appended events are staged in
//! the cache and written once per commit: their records through one cursor at the end of the
//! events table, and each stream's head once, however many events it got.
//!
//! An operation that refuses has changed nothing, so a refused job leaves its neighbours alone.

use std::ops::Bound;
use std::sync::Arc;

use redb::{ReadableTable, Table, TableDefinition, TableHandle, WriteTransaction};
use rustc_hash::FxHashMap;
use uuid::Uuid;

use super::cache::{Cache, CachedInstance, StreamHead};
use super::instance::{Head, Instance};
use super::log_head::LogHead;
use super::record::Record;
use super::schema::{self, HeadValue, StreamValue};
use super::{Fault, catalog};
use crate::error::Code;

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

/// One commit in the making.
pub struct Batch<'txn> {
    transaction: &'txn WriteTransaction,
    cache: &'txn mut Cache,
    names: Table<'txn, &'static str, u32>,
    instances: Table<'txn, u32, &'static [u8]>,
    heads: Table<'txn, u32, HeadValue>,
    log: LogHead,
    streams: FxHashMap<u32, Table<'txn, &'static str, StreamValue>>,
    now_ms: i64,
    changed: bool,
}

impl<'txn> Batch<'txn> {
    /// Starts on `transaction`, with a cache that is made to agree with it.
    pub(super) fn begin(
        transaction: &'txn WriteTransaction,
        cache: &'txn mut Cache,
        now_ms: i64,
    ) -> Result<Self, Fault> {
        let heads = transaction.open_table(schema::HEADS)?;
        let log = LogHead::read(&heads)?;
        cache.agree(log.commits);
        Ok(Self {
            transaction,
            cache,
            names: transaction.open_table(schema::NAMES)?,
            instances: transaction.open_table(schema::INSTANCES)?,
            heads,
            log,
            streams: FxHashMap::default(),
            now_ms,
            changed: false,
        })
    }

    /// The number of the instance whose id or name is `id_or_name`.
    ///
    /// # Errors
    ///
    /// `INSTANCE_NOT_FOUND` if there is none; a storage fault.
    pub fn find(&mut self, id_or_name: &str) -> Result<u32, Fault> {
        if let Some(number) = self.cache.numbers.get(id_or_name) {
            return Ok(*number);
        }
        let found = self.names.get(id_or_name)?.map(|guard| guard.value());
        let number = found.ok_or_else(|| catalog::not_found(id_or_name))?;
        self.cache.numbers.insert(id_or_name.to_owned(), number);
        Ok(number)
    }

    /// The instance of that number, as it stands within this commit.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such instance.
    pub fn instance(&mut self, number: u32) -> Result<&Instance, Fault> {
        Ok(&self.cached(number)?.instance)
    }

    /// Makes an instance and returns its number.
    ///
    /// # Errors
    ///
    /// `INSTANCE_EXISTS` if the id or the name is already an instance's id or name.
    pub fn create(
        &mut self,
        id: &str,
        name: &str,
        description: Option<String>,
    ) -> Result<u32, Fault> {
        for taken in [id, name] {
            if self.names.get(taken)?.is_some() {
                return Err(catalog::exists(taken));
            }
        }
        let number = u32::try_from(self.log.next_instance).map_err(|_| {
            Fault::refused(Code::LimitExceeded, "the log has no instance number left")
        })?;
        self.changed = true;
        self.log.next_instance += 1;
        let instance = Instance {
            id: id.to_owned(),
            name: name.to_owned(),
            description,
            created_at_ms: self.now_ms,
            head: Head {
                last_position: 0,
                stream_count: 0,
                stored_bytes: 0,
                updated_at_ms: self.now_ms,
            },
        };
        self.names.insert(id, number)?;
        self.names.insert(name, number)?;
        self.instances
            .insert(number, instance.encode_row()?.as_slice())?;
        self.heads.insert(number, instance.head.to_value())?;
        let (events, streams) = (schema::events_table(number), schema::streams_table(number));
        self.transaction
            .open_table(TableDefinition::<u64, &[u8]>::new(&events))?;
        self.transaction
            .open_table(TableDefinition::<&str, StreamValue>::new(&streams))?;
        self.cache
            .instances
            .insert(number, CachedInstance::new(instance));
        Ok(number)
    }

    /// Changes an instance's name or description; `None` leaves it as it is.
    ///
    /// # Errors
    ///
    /// `INSTANCE_EXISTS` if the name is another instance's id or name.
    pub fn update(
        &mut self,
        number: u32,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<Instance, Fault> {
        let mut instance = self.cached(number)?.instance.clone();
        if let Some(name) = name {
            let holder = self.names.get(name)?.map(|guard| guard.value());
            if holder.is_some_and(|holder| holder != number) {
                return Err(catalog::exists(name));
            }
            self.changed = true;
            if instance.name != instance.id {
                self.names.remove(instance.name.as_str())?;
                self.cache.numbers.remove(&instance.name);
            }
            self.names.insert(name, number)?;
            name.clone_into(&mut instance.name);
        }
        if let Some(description) = description {
            instance.description = Some(description.to_owned());
        }
        self.changed = true;
        instance.head.updated_at_ms = self.now_ms.max(instance.head.updated_at_ms);
        self.instances
            .insert(number, instance.encode_row()?.as_slice())?;
        let cached = Self::dirty(self.cache, number)?;
        cached.instance = instance.clone();
        Ok(instance)
    }

    /// Deletes an instance with all its events, and returns what it was.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn delete(&mut self, number: u32) -> Result<Instance, Fault> {
        let instance = self.cached(number)?.instance.clone();
        self.changed = true;
        self.streams.remove(&number);
        self.names.remove(instance.id.as_str())?;
        self.names.remove(instance.name.as_str())?;
        self.instances.remove(number)?;
        self.heads.remove(number)?;
        let (events, streams) = (schema::events_table(number), schema::streams_table(number));
        self.delete_table(TableDefinition::<u64, &[u8]>::new(&events))?;
        self.delete_table(TableDefinition::<&str, StreamValue>::new(&streams))?;
        self.cache.instances.remove(&number);
        self.cache.numbers.remove(&instance.id);
        self.cache.numbers.remove(&instance.name);
        Ok(instance)
    }

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

    /// Whether there is anything to commit.
    pub(super) const fn changed(&self) -> bool {
        self.changed
    }

    /// Writes what was staged, and returns the head that the commit gives the log, with `token`.
    pub(super) fn flush(mut self, token: u64) -> Result<LogHead, Fault> {
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

    fn cached(&mut self, number: u32) -> Result<&mut CachedInstance, Fault> {
        if !self.cache.instances.contains_key(&number) {
            let instance = catalog::read(&self.instances, &self.heads, number)?;
            self.cache
                .instances
                .insert(number, CachedInstance::new(instance));
        }
        self.cache
            .instances
            .get_mut(&number)
            .ok_or_else(|| catalog::missing_row(number))
    }

    /// The cached instance, noted as changed.
    fn dirty(cache: &mut Cache, number: u32) -> Result<&mut CachedInstance, Fault> {
        let cached = cache
            .instances
            .get_mut(&number)
            .ok_or_else(|| catalog::missing_row(number))?;
        if !cached.dirty {
            cached.dirty = true;
            cache.dirty_instances.push(number);
        }
        Ok(cached)
    }

    fn delete_table(&self, table: impl TableHandle) -> Result<(), Fault> {
        let name = table.name().to_owned();
        if self.transaction.delete_table(table)? {
            Ok(())
        } else {
            Err(Fault::Corrupted(format!("the table {name} is missing")))
        }
    }
}

fn open_streams(
    transaction: &WriteTransaction,
    number: u32,
) -> Result<Table<'_, &'static str, StreamValue>, Fault> {
    let name = schema::streams_table(number);
    Ok(transaction.open_table(TableDefinition::new(&name))?)
}

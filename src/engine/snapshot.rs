//! One consistent view of the log, as of the last commit before it was taken.

use std::sync::Arc;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, TableDefinition};

use super::instance::Instance;
use super::record::Record;
use super::schema::{self, HeadValue, StreamValue};
use super::store::OpenStore;
use super::{Fault, catalog};

/// A consistent view. Commits that follow are not seen, and the pages of the view are kept from
/// being used again while it lives, so it should be short-lived.
pub struct Snapshot {
    transaction: ReadTransaction,
    names: ReadOnlyTable<&'static str, u32>,
    instances: ReadOnlyTable<u32, &'static [u8]>,
    heads: ReadOnlyTable<u32, HeadValue>,
    store: Arc<OpenStore>,
}

impl Snapshot {
    pub(super) fn new(transaction: ReadTransaction, store: Arc<OpenStore>) -> Result<Self, Fault> {
        Ok(Self {
            names: transaction.open_table(schema::NAMES)?,
            instances: transaction.open_table(schema::INSTANCES)?,
            heads: transaction.open_table(schema::HEADS)?,
            transaction,
            store,
        })
    }

    /// Notes a fault that reading from this snapshot has met, so that the next one is taken from a
    /// database that works.
    pub fn note(&self, fault: &Fault) {
        self.store.note(fault);
    }

    /// The number of the instance whose id or name is `id_or_name`.
    ///
    /// # Errors
    ///
    /// `INSTANCE_NOT_FOUND` if there is none; a storage fault.
    pub fn find(&self, id_or_name: &str) -> Result<u32, Fault> {
        self.names
            .get(id_or_name)?
            .map(|guard| guard.value())
            .ok_or_else(|| catalog::not_found(id_or_name))
    }

    /// The instance of that number.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such instance.
    pub fn instance(&self, number: u32) -> Result<Instance, Fault> {
        catalog::read(&self.instances, &self.heads, number)
    }

    /// All instances, oldest first.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn instances(&self) -> Result<Vec<Instance>, Fault> {
        self.instances
            .iter()?
            .map(|entry| self.instance(entry?.0.value()))
            .collect()
    }

    /// Calls `visit` with each event of the instance, oldest first, until it fails.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault.
    pub fn each_event<E: From<Fault>>(
        &self,
        number: u32,
        mut visit: impl FnMut(&Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for entry in self.events(number)?.iter().map_err(Fault::from)? {
            self.store.check_wanted()?;
            let (position, bytes) = entry.map_err(Fault::from)?;
            visit(&Record::decode(bytes.value(), position.value())?)?;
        }
        Ok(())
    }

    /// Calls `visit` with each event of one stream, oldest first, until it fails.
    ///
    /// Each record says where its stream's previous event stands, so only the stream's own events
    /// are touched: once from the newest back, to learn where they are, and once forwards.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault, or corruption if the chain is broken.
    pub fn each_event_of_stream<E: From<Fault>>(
        &self,
        number: u32,
        stream_id: &str,
        mut visit: impl FnMut(&Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let events = self.events(number)?;
        let positions = self.stream_positions(number, stream_id, &events)?;
        for position in positions.into_iter().rev() {
            self.store.check_wanted()?;
            let bytes = event_at(&events, position)?;
            visit(&Record::decode(bytes.value(), position)?)?;
        }
        Ok(())
    }

    /// The positions of a stream's events, newest first.
    fn stream_positions(
        &self,
        number: u32,
        stream_id: &str,
        events: &ReadOnlyTable<u64, &'static [u8]>,
    ) -> Result<Vec<u64>, Fault> {
        let name = schema::streams_table(number);
        let streams = self
            .transaction
            .open_table(TableDefinition::<&str, StreamValue>::new(&name))?;
        let Some((last_sequence, mut position)) =
            streams.get(stream_id)?.map(|guard| guard.value())
        else {
            return Ok(Vec::new());
        };
        let mut positions = Vec::new();
        for sequence in (1..=last_sequence).rev() {
            self.store.check_wanted()?;
            let bytes = event_at(events, position)?;
            let record = Record::decode(bytes.value(), position)?;
            if record.stream_id != stream_id || record.sequence != sequence {
                return Err(broken_chain(position, stream_id, sequence));
            }
            positions.push(position);
            if record.back == 0 && sequence > 1 {
                return Err(broken_chain(position, stream_id, sequence));
            }
            position = position.saturating_sub(record.back);
        }
        Ok(positions)
    }

    fn events(&self, number: u32) -> Result<ReadOnlyTable<u64, &'static [u8]>, Fault> {
        let name = schema::events_table(number);
        Ok(self
            .transaction
            .open_table(TableDefinition::<u64, &[u8]>::new(&name))?)
    }
}

fn event_at<'table>(
    events: &'table ReadOnlyTable<u64, &'static [u8]>,
    position: u64,
) -> Result<redb::AccessGuard<'table, &'static [u8]>, Fault> {
    events
        .get(position)?
        .ok_or_else(|| Fault::Corrupted(format!("the event at position {position} is missing")))
}

fn broken_chain(position: u64, stream_id: &str, sequence: u64) -> Fault {
    Fault::Corrupted(format!(
        "the event at position {position} is not number {sequence} of the stream {stream_id:?}"
    ))
}

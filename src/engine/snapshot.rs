//! One consistent view of the log, as of the last commit before it was taken.

use std::sync::Arc;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, TableDefinition};

use super::instance::Instance;
use super::journal::StreamHead;
use super::log_head::LogHead;
use super::record::Record;
use super::schema::{self, HeadValue, StreamValue};
use super::store::OpenStore;
use super::tail::{Overlay, Part};
use super::{Fault, catalog};

/// A consistent view. Commits that follow are not seen, and the pages of the view are kept from
/// being used again while it lives, so it should be short-lived.
///
/// The tables hold the log up to some commit, and the journal what follows, so that an instance's
/// first events are read from its table and its last ones from the journal.
pub struct Snapshot {
    transaction: ReadTransaction,
    names: ReadOnlyTable<&'static str, u32>,
    instances: ReadOnlyTable<u32, &'static [u8]>,
    heads: ReadOnlyTable<u32, HeadValue>,
    /// The generations of the journal that the view has, newest first.
    parts: Vec<Part>,
    store: Arc<OpenStore>,
}

/// The events of an instance as a snapshot has them.
struct Events<'snapshot> {
    table: ReadOnlyTable<u64, &'static [u8]>,
    /// Up to this position they are in the table.
    in_table: u64,
    /// The last one.
    last: u64,
    number: u32,
    parts: &'snapshot [Part],
}

/// How much of the journal is copied at once, in bytes of records: the writer waits meanwhile.
const PAGE_BYTES: usize = 64 << 10;

impl Snapshot {
    /// The `overlay` was taken before the transaction began.
    pub(super) fn new(
        transaction: ReadTransaction,
        overlay: Overlay,
        store: Arc<OpenStore>,
    ) -> Result<Self, Fault> {
        let heads = transaction.open_table(schema::HEADS)?;
        let tables = LogHead::read(&heads)?;
        Ok(Self {
            names: transaction.open_table(schema::NAMES)?,
            instances: transaction.open_table(schema::INSTANCES)?,
            heads,
            parts: if tables.commits > overlay.commits {
                // They have moved past it since, and hold all that it has.
                Vec::new()
            } else {
                overlay.parts
            },
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
        let mut instance = catalog::read(&self.instances, &self.heads, number)?;
        if let Some(head) = self.parts.iter().find_map(|part| part.heads.get(&number)) {
            instance.head = *head;
        }
        Ok(instance)
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
        let events = self.events(number)?;
        for entry in events.table.iter().map_err(Fault::from)? {
            self.store.check_wanted()?;
            let (position, bytes) = entry.map_err(Fault::from)?;
            visit(&Record::decode(bytes.value(), position.value())?)?;
        }
        let mut page = Page::default();
        let mut next = events.in_table + 1;
        while next <= events.last {
            self.store.check_wanted()?;
            events.copy_from(next, &mut page)?;
            for bytes in page.records() {
                visit(&Record::decode(bytes, next)?)?;
                next += 1;
            }
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
            events.at(position, |record| visit(record))??;
        }
        Ok(())
    }

    /// The positions of a stream's events, newest first.
    fn stream_positions(
        &self,
        number: u32,
        stream_id: &str,
        events: &Events<'_>,
    ) -> Result<Vec<u64>, Fault> {
        let mut positions = Vec::new();
        let Some(head) = self.stream_head(number, stream_id)? else {
            return Ok(positions);
        };
        let StreamHead {
            last_sequence,
            last_position: mut position,
        } = head;
        for sequence in (1..=last_sequence).rev() {
            self.store.check_wanted()?;
            let back = events.at(position, |record| {
                (record.stream_id == stream_id && record.sequence == sequence)
                    .then_some(record.back)
            })?;
            match back {
                Some(0) if sequence > 1 => return Err(broken_chain(position, stream_id, sequence)),
                None => return Err(broken_chain(position, stream_id, sequence)),
                Some(back) => {
                    // The journal may know of events that were appended since.
                    if position <= events.last {
                        positions.push(position);
                    }
                    position = position.saturating_sub(back);
                }
            }
        }
        Ok(positions)
    }

    /// Where a stream stands, perhaps after events that this view does not have.
    fn stream_head(&self, number: u32, stream_id: &str) -> Result<Option<StreamHead>, Fault> {
        for part in &self.parts {
            if let Some((_, head)) = part.segment.records().stream(number, stream_id) {
                return Ok(Some(head));
            }
        }
        let name = schema::streams_table(number);
        let streams = self
            .transaction
            .open_table(TableDefinition::<&str, StreamValue>::new(&name))?;
        let found = streams.get(stream_id)?.map(|guard| guard.value());
        Ok(found.map(|(last_sequence, last_position)| StreamHead {
            last_sequence,
            last_position,
        }))
    }

    fn events(&self, number: u32) -> Result<Events<'_>, Fault> {
        let name = schema::events_table(number);
        let table = self
            .transaction
            .open_table(TableDefinition::<u64, &[u8]>::new(&name))?;
        let in_table = table.last()?.map_or(0, |(position, _)| position.value());
        Ok(Events {
            table,
            in_table,
            last: self.instance(number)?.head.last_position,
            number,
            parts: &self.parts,
        })
    }
}

impl Events<'_> {
    /// Calls `visit` with the event at a position.
    fn at<T>(&self, position: u64, visit: impl FnOnce(&Record<'_>) -> T) -> Result<T, Fault> {
        if position <= self.in_table {
            let bytes = self.table.get(position)?;
            let bytes = bytes.ok_or_else(|| missing_event(position))?;
            return Ok(visit(&Record::decode(bytes.value(), position)?));
        }
        for part in self.parts {
            // Copied, since a visitor may take its time and the writer must not wait for it.
            let bytes = part
                .segment
                .records()
                .record(self.number, position)
                .map(<[u8]>::to_vec);
            if let Some(bytes) = bytes {
                return Ok(visit(&Record::decode(&bytes, position)?));
            }
        }
        Err(missing_event(position))
    }

    /// Fills a page with records from a position on that are in the journal.
    fn copy_from(&self, position: u64, page: &mut Page) -> Result<(), Fault> {
        page.clear();
        for part in self.parts {
            let records = part.segment.records();
            // The generations share no position: what follows the last one is in a newer one.
            if records.record(self.number, position).is_none() {
                continue;
            }
            for (at, bytes) in records.records_from(self.number, position) {
                if at > self.last || page.is_full() {
                    break;
                }
                page.push(bytes);
            }
            return Ok(());
        }
        Err(missing_event(position))
    }
}

/// Records that were copied out of the journal.
#[derive(Default)]
struct Page {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Page {
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    const fn is_full(&self) -> bool {
        self.bytes.len() >= PAGE_BYTES
    }

    fn push(&mut self, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.ends.push(self.bytes.len());
    }

    fn records(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let record = &self.bytes[start..*end];
            start = *end;
            record
        })
    }
}

fn missing_event(position: u64) -> Fault {
    Fault::Corrupted(format!("the event at position {position} is missing"))
}

fn broken_chain(position: u64, stream_id: &str, sequence: u64) -> Fault {
    Fault::Corrupted(format!(
        "the event at position {position} is not number {sequence} of the stream {stream_id:?}"
    ))
}

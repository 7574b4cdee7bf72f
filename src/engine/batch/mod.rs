//! One commit in the making: the operations that jobs apply, and the tables they end up in.
//!
//! Changes to instances go into their tables at once; they are few. Appended events are staged in
//! the cache and written once per commit: their records through one cursor at the end of the
//! events table, and each stream's head once, however many events it got.
//!
//! An operation that refuses has changed nothing, so a refused job leaves its neighbours alone.

mod events;
mod instances;

use redb::{Table, WriteTransaction};
use rustc_hash::FxHashMap;

use super::cache::{Cache, CachedInstance};
use super::log_head::LogHead;
use super::schema::{self, HeadValue, StreamValue};
use super::{Fault, catalog};

pub use events::{Appended, NewEvent};

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
        cache.agree(log);
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

    /// Whether there is anything to commit.
    pub(super) const fn changed(&self) -> bool {
        self.changed
    }

    /// The instance of that number, from its tables if it is not in memory.
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
}

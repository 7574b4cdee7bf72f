//! The part of the log's file that is left for the tables.

use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::{BackendError, StorageBackend};

use crate::engine::journal::{TABLES_HEADER_BYTES, tables_bytes};
use crate::engine::locks::LOCKS_START;

/// How long a page of redb is, in bytes.
const PAGE_BYTES: u64 = 4096;

/// The part of a file from some byte on, as a storage of its own.
#[derive(Debug)]
pub(in crate::engine) struct Region {
    inner: Arc<dyn StorageBackend>,
    start: u64,
    /// Whether the database there may not have been made completely.
    new: bool,
    /// How many bytes were written to it.
    written: Arc<AtomicU64>,
}

impl Region {
    pub(in crate::engine) fn new(inner: Box<dyn StorageBackend>, start: u64, new: bool) -> Self {
        let inner = Arc::from(inner);
        Self {
            inner,
            start,
            new,
            written: Arc::default(),
        }
    }

    /// The same, with the bytes counted there that are written to it.
    pub(in crate::engine) fn counted(self, written: &Arc<AtomicU64>) -> Self {
        let written = Arc::clone(written);
        Self { written, ..self }
    }

    /// The whole file, by the same opening.
    pub(in crate::engine) fn file(&self) -> Arc<dyn StorageBackend> {
        Arc::clone(&self.inner)
    }

    /// A range of locked bytes as it is in the file. Those beyond all data stay where they are, and
    /// what comes before this part is not locked: some systems keep everybody else from reading what
    /// is locked.
    fn locked(&self, start: Bound<u64>, end: Bound<u64>) -> (Bound<u64>, Bound<u64>) {
        let moved = |bound: Bound<u64>| {
            bound.map(|byte| {
                if byte < LOCKS_START {
                    byte + self.start
                } else {
                    byte
                }
            })
        };
        match (start, end) {
            // Where there are no locks but on whole files.
            (Bound::Unbounded, Bound::Unbounded) => (start, end),
            (Bound::Unbounded, end) => (Bound::Included(self.start), moved(end)),
            (start, end) => (moved(start), moved(end)),
        }
    }

    /// How long the tables are where the rest of the file has so many bytes. redb gives its file whole pages, and refuses
    /// one of another length. What another program has added after the last page, such as an end of a line, is not the
    /// tables', and is written over when they grow. A file that was cut off within a page stays as short as it is.
    fn without_addition(&self, length: u64) -> std::io::Result<u64> {
        let added = length % PAGE_BYTES;
        if added == 0 || length < TABLES_HEADER_BYTES as u64 {
            return Ok(length);
        }
        let mut header = [0; TABLES_HEADER_BYTES];
        self.inner.read(self.start, &mut header)?;
        let is_whole = tables_bytes(&header) <= length - added;
        Ok(if is_whole { length - added } else { length })
    }
}

impl StorageBackend for Region {
    /// Nothing, as long as a new database has no mark at its start: redb writes it last, so without
    /// it the making of the database was cut short, and is to be begun anew.
    fn len(&self) -> std::io::Result<u64> {
        let length = self.inner.len()?.saturating_sub(self.start);
        let mut mark = [0; 8];
        if self.new && length >= mark.len() as u64 {
            self.inner.read(self.start, &mut mark)?;
            if mark == [0; 8] {
                return Ok(0);
            }
        }
        self.without_addition(length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.inner.read(self.start + offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.inner.set_len(self.start + len)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.written.fetch_add(data.len() as u64, Ordering::Relaxed);
        self.inner.write(self.start + offset, data)
    }

    fn close(&self) -> std::io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        let (start, end) = self.locked(start, end);
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        let (start, end) = self.locked(start, end);
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        let (start, end) = self.locked(start, end);
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        let (start, end) = self.locked(start, end);
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        let (start, end) = self.locked(start, end);
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        let (start, end) = self.locked(start, end);
        self.inner.query_lock_range(start, end)
    }
}

//! A file whose content is known as of its last sync, and whose changes can be made to fail.

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

/// A file on disk that every opening goes through.
#[derive(Debug)]
pub(super) struct Disk {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What was in the file when it was last synced.
    synced: Vec<u8>,
    /// How many more changes to the file go well before one fails.
    until_fault: Option<usize>,
    failed: bool,
    /// Whether every change after the first fault fails too.
    for_good: bool,
    /// Whether reading fails.
    unreadable: bool,
}

impl Disk {
    pub(super) fn at(path: &Path) -> Arc<Self> {
        Arc::new(Self {
            path: path.to_path_buf(),
            state: Mutex::default(),
        })
    }

    pub(super) fn backend(self: &Arc<Self>) -> io::Result<impl StorageBackend + use<>> {
        let mut open = OpenOptions::new();
        open.read(true).write(true).create(true).truncate(false);
        let file: File = open.open(&self.path)?;
        let inner = FileBackend::new(file).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(DiskBackend {
            inner,
            disk: Arc::clone(self),
        })
    }

    /// What a power loss now is sure to leave.
    pub(super) fn image_at_last_sync(&self) -> Vec<u8> {
        self.state.lock().synced.clone()
    }

    /// Lets the change after the next `count` ones fail, once.
    pub(super) fn fail_after(&self, count: usize) {
        self.state.lock().until_fault = Some(count);
    }

    /// Lets every change after the next `count` ones fail, until the disk is healed.
    pub(super) fn break_after(&self, count: usize) {
        let mut state = self.state.lock();
        state.until_fault = Some(count);
        state.for_good = true;
    }

    /// Lets every reading fail, until the disk is healed.
    pub(super) fn fail_reads(&self) {
        self.state.lock().unreadable = true;
    }

    /// Takes back a fault that has not come, and says whether it has.
    pub(super) fn heal(&self) -> bool {
        let mut state = self.state.lock();
        state.until_fault = None;
        state.for_good = false;
        state.unreadable = false;
        state.failed
    }

    /// Fails if this change is the one that is to fail.
    fn change(&self) -> io::Result<()> {
        let state = &mut *self.state.lock();
        match &mut state.until_fault {
            Some(0) => {
                if !state.for_good {
                    state.until_fault = None;
                }
                state.failed = true;
                return Err(io::Error::other("the test's disk fault"));
            }
            Some(count) => *count -= 1,
            None => {}
        }
        Ok(())
    }

    fn synced(&self) -> io::Result<()> {
        let content = std::fs::read(&self.path)?;
        self.state.lock().synced = content;
        Ok(())
    }
}

#[derive(Debug)]
struct DiskBackend {
    inner: FileBackend,
    disk: Arc<Disk>,
}

impl StorageBackend for DiskBackend {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if self.disk.state.lock().unreadable {
            return Err(io::Error::other("the test's disk fault"));
        }
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.change()?;
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.change()?;
        self.inner.sync_data()?;
        self.disk.synced()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.change()?;
        self.inner.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}

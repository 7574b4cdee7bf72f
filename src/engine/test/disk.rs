//! A file of which is known what a power loss would leave, and whose changes can be made to fail.
//!
//! The journal's opening writes through to the disk, and syncs nothing but what it writes; a sync of
//! the tables' opening syncs the whole file.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::{Bound, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use redb::{BackendError, StorageBackend};
use same_file::Handle;

use crate::engine::Fault;
use crate::engine::holes::{Holes, SparseStorage};
use crate::engine::locks::{LockedFile, Severed};
use crate::engine::storage::medium::Medium;
use crate::testing::PATIENCE;

/// A file on disk that every opening goes through.
pub(super) struct Disk {
    path: PathBuf,
    state: Mutex<State>,
    /// Stirs whoever waits for a sync to be held up, or for it to go on.
    stirred: Condvar,
}

#[derive(Default)]
struct State {
    /// How many more syncs go on before one is held up, with those that follow.
    until_held: Option<usize>,
    /// How many syncs are held up.
    held: usize,
    /// What is on disk for sure.
    synced: Vec<u8>,
    /// What was written and could not be synced. It is in the page cache and never comes to be on disk, unless it is
    /// written again.
    lost: Vec<Range<usize>>,
    /// How often something was synced.
    syncs: usize,
    /// How many bytes were written through.
    written: usize,
    /// How many more changes to the file go well before one fails.
    until_fault: Option<usize>,
    failed: bool,
    /// What is done at the next fault, before it is told.
    at_fault: Option<Box<dyn FnOnce() + Send>>,
    /// How many changes fail after the first fault, one after the other.
    more_faults: usize,
    /// Whether reading fails.
    unreadable: bool,
    /// What is done before one of the next readings of the journal, after so many of them.
    before_read: Option<(usize, Box<dyn FnOnce() + Send>)>,
}

impl Disk {
    pub(super) fn at(path: &Path) -> Arc<Self> {
        Arc::new(Self {
            path: path.to_path_buf(),
            state: Mutex::default(),
            stirred: Condvar::new(),
        })
    }

    /// The disk of a file that has `synced` on disk for sure, and perhaps more in the page cache.
    pub(super) fn holding(path: &Path, synced: Vec<u8>) -> Arc<Self> {
        let disk = Self::at(path);
        disk.state.lock().synced = synced;
        disk
    }

    fn backend(self: &Arc<Self>, writes_through: bool) -> io::Result<DiskBackend> {
        let mut open = OpenOptions::new();
        open.read(true).write(true).create(true).truncate(false);
        let file: File = open.open(&self.path)?;
        let holes = Holes::of(Arc::new(Handle::from_file(file.try_clone()?)?));
        let inner = LockedFile::new(file, holes, PATIENCE, Severed::default())
            .map_err(|error| io::Error::other(error.to_string()))?;
        Ok(DiskBackend {
            inner,
            disk: Arc::clone(self),
            writes_through,
        })
    }

    /// What a power loss now is sure to leave.
    pub(super) fn image(&self) -> Vec<u8> {
        self.state.lock().synced.clone()
    }

    /// How often something was synced by now.
    pub(super) fn syncs(&self) -> usize {
        self.state.lock().syncs
    }

    /// How many bytes were written through by now.
    pub(super) fn written(&self) -> usize {
        self.state.lock().written
    }

    /// Lets the change after the next `count` ones fail, once.
    pub(super) fn fail_after(&self, count: usize) {
        self.state.lock().until_fault = Some(count);
    }

    /// Lets every change after the next `count` ones fail, until the disk is healed.
    pub(super) fn break_after(&self, count: usize) {
        self.fail_times_after(count, usize::MAX);
    }

    /// Lets so many changes fail after the next `count` ones, one after the other.
    pub(super) fn fail_times_after(&self, count: usize, times: usize) {
        let mut state = self.state.lock();
        state.until_fault = Some(count);
        state.more_faults = times - 1;
    }

    /// Has `act` called at the next fault, before it is told.
    pub(super) fn at_fault(&self, act: impl FnOnce() + Send + 'static) {
        self.state.lock().at_fault = Some(Box::new(act));
    }

    /// Holds up the syncs after the next `count` ones.
    pub(super) fn hold_after(&self, count: usize) {
        self.state.lock().until_held = Some(count);
    }

    /// Waits until a sync is held up, or `is_over`, which has to be told by [`Disk::stir`].
    pub(super) fn wait_until_held(&self, is_over: impl Fn() -> bool) -> bool {
        let mut state = self.state.lock();
        while state.held == 0 && !is_over() {
            self.stirred.wait(&mut state);
        }
        state.held > 0
    }

    /// Stirs whoever waits until a sync is held up.
    pub(super) fn stir(&self) {
        drop(self.state.lock());
        self.stirred.notify_all();
    }

    /// Lets all syncs go on.
    pub(super) fn let_go(&self) {
        self.state.lock().until_held = None;
        self.stirred.notify_all();
    }

    /// Has `act` called before the reading of the journal after the next `count` ones.
    pub(super) fn before_read(&self, count: usize, act: impl FnOnce() + Send + 'static) {
        self.state.lock().before_read = Some((count, Box::new(act)));
    }

    /// Takes back what was to be done before a reading, and was not.
    pub(super) fn undone(&self) -> Option<Box<dyn FnOnce() + Send>> {
        let undone = self.state.lock().before_read.take();
        undone.map(|(_, act)| act)
    }

    fn begin_read(&self, is_journal: bool) -> io::Result<()> {
        let mut state = self.state.lock();
        if state.unreadable {
            return Err(io::Error::other("the test's disk fault"));
        }
        let act = match state.before_read.take_if(|_| is_journal) {
            Some((0, act)) => Some(act),
            Some((count, act)) => {
                state.before_read = Some((count - 1, act));
                None
            }
            None => None,
        };
        drop(state);
        if let Some(act) = act {
            act();
        }
        Ok(())
    }

    /// Lets every reading fail, until the disk is healed.
    pub(super) fn fail_reads(&self) {
        self.state.lock().unreadable = true;
    }

    /// Takes back a fault that has not come, and says whether it has.
    pub(super) fn heal(&self) -> bool {
        let mut state = self.state.lock();
        state.until_fault = None;
        state.more_faults = 0;
        state.unreadable = false;
        state.failed
    }

    /// Begins a sync, which may be held up.
    fn sync(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        if let Some(count @ 1..) = &mut state.until_held {
            *count -= 1;
        } else {
            state.held += 1;
            while state.until_held == Some(0) {
                self.stirred.notify_all();
                self.stirred.wait(&mut state);
            }
            state.held -= 1;
        }
        drop(state);
        self.change()
    }

    /// Fails if this change is the one that is to fail.
    fn change(&self) -> io::Result<()> {
        let state = &mut *self.state.lock();
        match &mut state.until_fault {
            Some(0) => {
                match state.more_faults {
                    0 => state.until_fault = None,
                    left => state.more_faults = left - 1,
                }
                state.failed = true;
                if let Some(act) = state.at_fault.take() {
                    act();
                }
                return Err(io::Error::other("the test's disk fault"));
            }
            Some(count) => *count -= 1,
            None => {}
        }
        Ok(())
    }

    fn wrote_through(&self, offset: u64, data: &[u8]) {
        let mut state = self.state.lock();
        state.syncs += 1;
        state.written += data.len();
        let (start, end) = (offset as usize, offset as usize + data.len());
        let left = |lost: Range<usize>| {
            [
                lost.start..lost.end.min(start),
                lost.start.max(end)..lost.end,
            ]
        };
        let lost = std::mem::take(&mut state.lost);
        state.lost = lost
            .into_iter()
            .flat_map(left)
            .filter(|lost| !lost.is_empty())
            .collect();
        let synced = &mut state.synced;
        synced.resize(synced.len().max(end), 0);
        synced[start..end].copy_from_slice(data);
    }

    fn synced(&self) -> io::Result<()> {
        // What is written through meanwhile must not be taken back by what was read before it.
        let mut state = self.state.lock();
        let before = std::mem::replace(&mut state.synced, std::fs::read(&self.path)?);
        for lost in state.lost.clone() {
            for at in lost.start..lost.end.min(state.synced.len()) {
                state.synced[at] = before.get(at).copied().unwrap_or(0);
            }
        }
        state.syncs += 1;
        Ok(())
    }
}

impl Medium for Arc<Disk> {
    fn journal(&self, _write: bool) -> Result<(Box<dyn SparseStorage>, bool), Fault> {
        Ok((Box::new(self.backend(true)?), true))
    }

    fn tables(&self, _write: bool) -> Result<Box<dyn StorageBackend>, Fault> {
        Ok(Box::new(self.backend(false)?))
    }
}

struct DiskBackend {
    inner: LockedFile,
    disk: Arc<Disk>,
    writes_through: bool,
}

// redb asks for it of whatever it stores in.
impl fmt::Debug for DiskBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiskBackend").finish_non_exhaustive()
    }
}

impl SparseStorage for DiskBackend {
    fn punch(&self, bytes: Range<u64>) -> io::Result<()> {
        self.disk.change()?;
        self.inner.punch(bytes)
    }

    fn takes_room(&self, bytes: Range<u64>) -> io::Result<bool> {
        self.inner.takes_room(bytes)
    }

    fn next_data(&self, at: u64) -> io::Result<u64> {
        self.inner.next_data(at)
    }
}

impl StorageBackend for DiskBackend {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.begin_read(self.writes_through)?;
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.change()?;
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.sync()?;
        self.inner.sync_data()?;
        self.disk.synced()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.change()?;
        self.inner.write(offset, data)?;
        if self.writes_through {
            // The data is in the file when the sync of it fails.
            if let Err(error) = self.disk.sync() {
                let start = offset as usize;
                self.disk.state.lock().lost.push(start..start + data.len());
                return Err(error);
            }
            self.disk.wrote_through(offset, data);
        }
        Ok(())
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

//! The file as a process has opened it.

use std::io;
use std::ops::{Bound, Range};
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::MutexGuard;
use redb::{BackendError, StorageBackend};

use super::{Event, Lock, Process, SECTOR_BYTES, State, fault};
use crate::engine::holes::SparseStorage;

#[derive(Debug)]
pub(super) struct Opening {
    pub(super) process: Process,
    pub(super) number: usize,
    pub(super) writes_through: bool,
    /// Of how many syncs that have failed it was told.
    pub(super) told_syncs: AtomicUsize,
}

impl Opening {
    fn state(&self) -> MutexGuard<'_, State> {
        self.process.disk.state.lock()
    }

    fn alive(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.state();
        if state.fates[self.process.number].dead {
            return Err(fault());
        }
        Ok(state)
    }

    fn die(&self, state: &mut State) -> io::Error {
        state.kill(self.process.number);
        self.process.disk.unlocked.notify_all();
        fault()
    }

    /// Begins a change; whoever waits for a lock learns of a death.
    fn begin(&self, state: &mut State) -> io::Result<Event> {
        let event = state.begin(self.process.number);
        if event.is_err() {
            self.process.disk.unlocked.notify_all();
        }
        event
    }

    /// Brings to disk what lies in those bytes, unless that fails, or another sync has failed of which this
    /// opening was not told.
    fn sync(&self, state: &mut State, start: usize, end: usize) -> io::Result<()> {
        match self.begin(state)? {
            Event::Nothing => state.sync(start, end, false),
            Event::Fault => {
                state.sync(start, end, true);
                self.told_syncs.store(state.failed_syncs, Ordering::Relaxed);
                return Err(state.fault());
            }
            Event::Kill => return Err(self.die(state)),
        }
        if self.told_syncs.swap(state.failed_syncs, Ordering::Relaxed) == state.failed_syncs {
            return Ok(());
        }
        state.fates[self.process.number].faults += 1;
        Err(state.fault())
    }

    /// Changes bytes of the file, or some of them if that fails.
    fn change(&self, start: usize, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        // What is cut short ends at a sector.
        let part = |state: &mut State| {
            let sectors = state.random.below(data.len().div_ceil(SECTOR_BYTES) + 1);
            let end = (start / SECTOR_BYTES + sectors) * SECTOR_BYTES;
            end.saturating_sub(start).min(data.len())
        };
        match self.begin(&mut state)? {
            Event::Nothing => state.write(start, data),
            Event::Fault => {
                let part = part(&mut state);
                state.write(start, &data[..part]);
                return Err(state.fault());
            }
            Event::Kill => {
                let part = part(&mut state);
                state.write(start, &data[..part]);
                return Err(self.die(&mut state));
            }
        }
        Ok(())
    }

    fn try_lock(&self, start: Bound<u64>, end: Bound<u64>, shared: bool) -> io::Result<bool> {
        let range = bytes(start, end);
        let mut state = self.alive()?;
        if state.conflicts(self.number, range, shared) {
            return Ok(false);
        }
        self.take(&mut state, range, shared);
        Ok(true)
    }

    fn lock(&self, start: Bound<u64>, end: Bound<u64>, shared: bool) -> io::Result<()> {
        let range = bytes(start, end);
        let mut state = self.alive()?;
        while state.conflicts(self.number, range, shared) {
            self.process.disk.unlocked.wait(&mut state);
            if state.fates[self.process.number].dead {
                return Err(fault());
            }
        }
        self.take(&mut state, range, shared);
        Ok(())
    }

    fn take(&self, state: &mut State, range: (u64, u64), shared: bool) {
        state.release(self.number, range);
        state.locks.push(Lock {
            process: self.process.number,
            opening: self.number,
            start: range.0,
            end: range.1,
            shared,
        });
        // It may have become a shared one.
        self.process.disk.unlocked.notify_all();
    }
}

fn bytes(start: Bound<u64>, end: Bound<u64>) -> (u64, u64) {
    let start = match start {
        Bound::Included(start) => start,
        Bound::Excluded(start) => start + 1,
        Bound::Unbounded => 0,
    };
    let end = match end {
        Bound::Included(end) => end + 1,
        Bound::Excluded(end) => end,
        Bound::Unbounded => u64::MAX,
    };
    (start, end)
}

impl SparseStorage for Opening {
    /// Also where writes go through to the disk, a hole does not: until a sync, any sector of it is on disk as it was.
    fn punch(&self, bytes: Range<u64>) -> io::Result<()> {
        let length = bytes.end.saturating_sub(bytes.start) as usize;
        self.change(bytes.start as usize, &vec![0; length])
    }
}

impl StorageBackend for Opening {
    fn len(&self) -> io::Result<u64> {
        Ok(self.alive()?.cache.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.alive()?;
        let start = offset as usize;
        let found = state.cache.get(start..start + out.len());
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        match self.begin(&mut state)? {
            Event::Nothing => {}
            Event::Fault => return Err(state.fault()),
            Event::Kill => return Err(self.die(&mut state)),
        }
        let len = len as usize;
        state.cache.resize(len, 0);
        state.lengths.push(len);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        let end = state.cache.len();
        self.sync(&mut state, 0, end)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let start = offset as usize;
        self.change(start, data)?;
        if self.writes_through {
            let end = start + data.len();
            // Others can read it by now.
            std::thread::yield_now();
            // The data is in the file when the sync of it fails.
            self.sync(&mut self.state(), start, end)?;
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.state().release(self.number, (0, u64::MAX));
        self.process.disk.unlocked.notify_all();
        Ok(())
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(self.try_lock(start, end, false)?)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        Ok(self.try_lock(start, end, true)?)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        Ok(self.lock(start, end, false)?)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        Ok(self.lock(start, end, true)?)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.state().release(self.number, bytes(start, end));
        self.process.disk.unlocked.notify_all();
        Ok(())
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(self
            .alive()?
            .conflicts(self.number, bytes(start, end), false))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        // The system closes what a process leaves open.
        self.state().release(self.number, (0, u64::MAX));
        self.process.disk.unlocked.notify_all();
    }
}

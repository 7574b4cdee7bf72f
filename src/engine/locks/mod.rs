//! The locks of the log's file, by which processes keep out of each other's way, and how long one waits for
//! them.
//!
//! A process that was stopped keeps its locks. So nothing here waits for ever: a lock is tried again and
//! again, at growing intervals, until it is had, the bound is reached or nobody wants it any more. A call
//! of the system that waits could not be ended, and on some systems holds up all else that is done with
//! the file.

mod holder;
mod patience;

use std::fs::File;
use std::io;
use std::ops::{Bound, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

use self::holder::FileId;
pub(super) use self::patience::Patience;
use super::holes::{Holes, SparseStorage};
use crate::error::{Code, Error};

/// From here on, redb locks bytes that stand for something else than data.
pub(super) const LOCKS_START: u64 = 1 << 62;

/// The first pause between two attempts. Most locks are held for the time of one sync.
const PAUSE_MIN: Duration = Duration::from_micros(50);

/// The longest pause. A longer one would leave those who have waited for long the least chance.
const PAUSE_MAX: Duration = Duration::from_millis(1);

/// How long a lock on data is waited for at the least, whatever is asked for. Such a lock is held for the
/// time of reading or writing a page. Whoever asks for it may be in the middle of a commit, and what
/// became of a commit that is given up there can be hard to learn.
const DATA_LOCK_WAIT_MIN: Duration = Duration::from_secs(1);

/// A range of bytes.
type LockRange = (Bound<u64>, Bound<u64>);

/// A file whose locks are waited for with [`Patience`].
#[derive(Debug)]
pub(super) struct LockedFile {
    inner: FileBackend,
    holes: Holes,
    id: Option<FileId>,
    /// How long a lock is waited for where nothing else is said.
    wait: Duration,
    severed: Severed,
}

/// Whether a file is not to be written to any more as it is open: something else has come into it. Clones are one
/// and the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Severed(Arc<AtomicBool>);

impl Severed {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::SeqCst) {
            return Err(io::Error::other("what was stored in the file is gone"));
        }
        Ok(())
    }
}

/// Why a lock was not had.
#[derive(Debug)]
struct Busy(Error);

impl std::fmt::Display for Busy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.text())
    }
}

impl std::error::Error for Busy {}

/// The failure to have a lock, if `error` is one: `LOCKED`, or `ABORTED` if the wait was called off.
pub(super) fn busy(error: &io::Error) -> Option<&Error> {
    let busy = error.get_ref()?.downcast_ref::<Busy>()?;
    Some(&busy.0)
}

/// The failure to have a lock, as what a storage fails with.
fn busy_fault(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, Busy(error))
}

/// Makes the attempt until it succeeds. `false` if the patience was at its end before that.
///
/// # Errors
///
/// What the attempt fails with; `ABORTED` if the wait was called off.
pub(super) fn retry<E: From<io::Error>>(
    patience: &Patience,
    mut attempt: impl FnMut() -> Result<bool, E>,
) -> Result<bool, E> {
    let mut began = None;
    while !attempt()? {
        let left = patience.left().map_err(busy_fault)?;
        if left.is_zero() {
            return Ok(false);
        }
        let waited = began.get_or_insert_with(Instant::now).elapsed();
        let pause = (waited / 8).clamp(PAUSE_MIN, PAUSE_MAX);
        std::thread::sleep(pause.min(left));
    }
    Ok(true)
}

impl LockedFile {
    /// A file, each of whose locks is waited for as long as `wait`.
    pub(super) fn new(
        file: File,
        holes: Holes,
        wait: Duration,
        severed: Severed,
    ) -> Result<Self, redb::DatabaseError> {
        Ok(Self {
            id: FileId::of(&file),
            holes,
            inner: FileBackend::new(file)?,
            wait,
            severed,
        })
    }

    fn wait(
        &self,
        (range, shared): (LockRange, bool),
        attempt: impl FnMut() -> Result<bool, BackendError>,
    ) -> Result<(), BackendError> {
        let mut patience = Patience::of_this_thread(self.wait);
        if is_data(range) {
            patience = patience.at_least(DATA_LOCK_WAIT_MIN);
        }
        if retry(&patience, attempt)? {
            return Ok(());
        }
        Err(self.given_up(range, shared).into())
    }

    /// The failure to have the lock in time.
    fn given_up(&self, range: LockRange, shared: bool) -> io::Error {
        let holder = self.id.and_then(|id| id.holder(range, shared));
        let holder = holder.map_or_else(
            || "another process".to_owned(),
            |process| format!("process {process}"),
        );
        busy_fault(Error::new(
            Code::Locked,
            format!(
                "{holder} is at work in the log and has not let go of it within {} ms (lockWaitMs): \
                 nothing was stored; it may have been stopped, or be busy for long",
                self.wait.as_millis()
            ),
        ))
    }
}

/// Whether the range is one of data, and no byte beyond it that stands for something.
const fn is_data((start, _): LockRange) -> bool {
    match start {
        Bound::Included(start) | Bound::Excluded(start) => start < LOCKS_START - 1,
        Bound::Unbounded => true,
    }
}

impl SparseStorage for LockedFile {
    fn punch(&self, bytes: Range<u64>) -> io::Result<()> {
        self.severed.check()?;
        self.holes.punch(bytes)
    }

    fn takes_room(&self, bytes: Range<u64>) -> io::Result<bool> {
        self.holes.takes_room(bytes)
    }

    fn next_data(&self, at: u64) -> io::Result<u64> {
        self.holes.next_data(at)
    }
}

impl StorageBackend for LockedFile {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.severed.check()?;
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.severed.check()?;
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
        let exclusive = ((start, end), false);
        self.wait(exclusive, || self.inner.try_lock_range(start, end))
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        let shared = ((start, end), true);
        self.wait(shared, || self.inner.try_lock_shared_range(start, end))
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}

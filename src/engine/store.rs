//! The open database, which a disk fault can take away and a reopening bring back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, MutexGuard, RwLock};
use redb::{ReadTransaction, ReadableDatabase, WriteTransaction};

use super::file::Store;
use super::snapshot::Snapshot;
use super::{Fault, queue};
use crate::error::{Code, Error, panic_text};

/// Opens the file's database: at the start, and again after a fault.
pub(super) type Opener = Box<dyn Fn() -> Result<Store, Fault> + Send + Sync>;

/// The database while it is open.
pub(super) struct OpenStore {
    opener: Opener,
    state: RwLock<State>,
    /// Held by whoever has a write transaction or opens the database again: a database that is
    /// closed under a write transaction would be closed only later, beside its successor.
    turn: Mutex<()>,
    /// Whether a read has met a disk fault. redb then refuses all further work.
    suspect: AtomicBool,
    /// Whether reads are to be given up, because nobody is left to hear of them.
    abandoned: AtomicBool,
}

enum State {
    Open(Store),
    /// Taken away by the given failure; the next use tries to open it again.
    Failed(Error),
    Closed,
}

/// The right to write to the store, and to open it again.
pub(super) struct Turn<'store>(
    #[expect(dead_code, reason = "held, not read")] MutexGuard<'store, ()>,
);

impl OpenStore {
    pub(super) fn open(opener: Opener) -> Result<Self, Fault> {
        let store = open_caught(&opener)?;
        Ok(Self {
            opener,
            state: RwLock::new(State::Open(store)),
            turn: Mutex::default(),
            suspect: AtomicBool::default(),
            abandoned: AtomicBool::default(),
        })
    }

    /// Waits for the turn to write.
    pub(super) fn turn(&self) -> Turn<'_> {
        Turn(self.turn.lock())
    }

    /// Takes a snapshot of the last commit.
    pub(super) fn snapshot(self: &Arc<Self>) -> Result<Snapshot, Fault> {
        if self.needs_reopening() {
            let turn = self.turn();
            if self.needs_reopening() {
                self.reopen(&turn)?;
            }
        }
        let snapshot = self
            .begin_read()
            .and_then(|transaction| Snapshot::new(transaction, Arc::clone(self)));
        if let Err(fault) = &snapshot {
            self.note(fault);
        }
        snapshot
    }

    fn begin_read(&self) -> Result<ReadTransaction, Fault> {
        match &*self.state.read() {
            State::Open(Store::Writable(database)) => Ok(database.begin_read()?),
            State::Open(Store::ReadOnly(database)) => Ok(database.begin_read()?),
            State::Failed(error) => Err(Fault::Refused(error.clone())),
            State::Closed => Err(Fault::Refused(queue::closed())),
        }
    }

    /// Begins a write, waiting for those of other processes, and opening the database again if a
    /// fault has taken it away.
    pub(super) fn begin_write(&self, turn: &Turn<'_>) -> Result<WriteTransaction, Fault> {
        if self.needs_reopening() {
            self.reopen(turn)?;
        }
        match &*self.state.read() {
            State::Open(Store::Writable(database)) => Ok(database.begin_write()?),
            State::Open(Store::ReadOnly(_)) => Err(Fault::Refused(read_only())),
            State::Failed(error) => Err(Fault::Refused(error.clone())),
            State::Closed => Err(Fault::Refused(queue::closed())),
        }
    }

    fn needs_reopening(&self) -> bool {
        self.suspect.load(Ordering::Relaxed) || matches!(*self.state.read(), State::Failed(_))
    }

    /// Notes a fault that a read has met.
    pub(super) fn note(&self, fault: &Fault) {
        if matches!(
            fault,
            Fault::Storage(redb::Error::Io(_) | redb::Error::PreviousIo)
        ) {
            self.suspect.store(true, Ordering::Relaxed);
        }
    }

    /// Closes the database and opens it again. redb refuses all work after an I/O error, and
    /// whether the commit that met it is in the file only a reopening tells.
    pub(super) fn reopen(&self, _turn: &Turn<'_>) -> Result<(), Fault> {
        let mut state = self.state.write();
        if matches!(*state, State::Closed) {
            return Err(Fault::Refused(queue::closed()));
        }
        let unopened = Error::new(Code::StorageFailed, "the log could not be opened again");
        let failed = std::mem::replace(&mut *state, State::Failed(unopened));
        self.suspect.store(false, Ordering::Relaxed);
        // The failed database is closed before the file is opened anew: its locks would be in
        // the way. What it says on closing tells nothing that is not known.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(failed)));
        match open_caught(&self.opener) {
            Ok(store) => {
                *state = State::Open(store);
                Ok(())
            }
            Err(fault) => {
                let error = Error::from(fault);
                *state = State::Failed(error.clone());
                Err(Fault::Refused(error))
            }
        }
    }

    /// Gives up the reads that are under way and those that come.
    pub(super) fn abandon_reads(&self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }

    /// Fails once nobody is left to hear what is read.
    pub(super) fn check_wanted(&self) -> Result<(), Fault> {
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(Fault::Refused(queue::closed()));
        }
        Ok(())
    }

    /// Closes the database for good.
    pub(super) fn close(&self) -> Result<(), Fault> {
        let state = std::mem::replace(&mut *self.state.write(), State::Closed);
        let close = || match state {
            State::Open(Store::Writable(database)) => Ok(database.close()?),
            State::Open(Store::ReadOnly(database)) => Ok(database.close()?),
            State::Failed(_) | State::Closed => Ok(()),
        };
        catch_unwind(AssertUnwindSafe(close)).unwrap_or_else(|panic| {
            let text = format!("closing it failed: {}", panic_text(&*panic));
            Err(Fault::Corrupted(text))
        })
    }
}

/// The failure of a change to a log that takes none.
#[must_use]
pub fn read_only() -> Error {
    Error::new(
        Code::InvalidArgument,
        "the log was opened with `readOnly: true`, which takes no changes",
    )
}

/// redb can panic on a file that was altered behind its back; that is corruption, not a crash.
fn open_caught(opener: &Opener) -> Result<Store, Fault> {
    catch_unwind(AssertUnwindSafe(opener)).unwrap_or_else(|panic| {
        let text = format!("opening it failed: {}", panic_text(&*panic));
        Err(Fault::Corrupted(text))
    })
}

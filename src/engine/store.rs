//! The open database, which a disk fault can take away and a reopening bring back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::RwLock;
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
    /// Whether reads are to be given up, because nobody is left to hear of them.
    abandoned: Arc<AtomicBool>,
}

enum State {
    Open(Store),
    /// Taken away by the given failure; the next write tries to open it again.
    Failed(Error),
    Closed,
}

impl OpenStore {
    pub(super) fn open(opener: Opener) -> Result<Self, Fault> {
        let store = open_caught(&opener)?;
        Ok(Self {
            opener,
            state: RwLock::new(State::Open(store)),
            abandoned: Arc::default(),
        })
    }

    /// Takes a snapshot of the last commit.
    pub(super) fn snapshot(&self) -> Result<Snapshot, Fault> {
        if matches!(*self.state.read(), State::Failed(_)) {
            self.reopen()?;
        }
        Snapshot::new(self.begin_read()?, Arc::clone(&self.abandoned))
    }

    pub(super) fn begin_read(&self) -> Result<ReadTransaction, Fault> {
        match &*self.state.read() {
            State::Open(Store::Writable(database)) => Ok(database.begin_read()?),
            State::Open(Store::ReadOnly(database)) => Ok(database.begin_read()?),
            State::Failed(error) => Err(Fault::Refused(error.clone())),
            State::Closed => Err(Fault::Refused(queue::closed())),
        }
    }

    /// Begins a write, waiting for those of other processes, and opening the database again if a
    /// fault has taken it away.
    pub(super) fn begin_write(&self) -> Result<WriteTransaction, Fault> {
        if matches!(*self.state.read(), State::Failed(_)) {
            self.reopen()?;
        }
        match &*self.state.read() {
            State::Open(Store::Writable(database)) => Ok(database.begin_write()?),
            State::Open(Store::ReadOnly(_)) => Err(Fault::Refused(read_only())),
            State::Failed(error) => Err(Fault::Refused(error.clone())),
            State::Closed => Err(Fault::Refused(queue::closed())),
        }
    }

    /// Closes the database and opens it again. redb refuses all work after an I/O error, and
    /// whether the commit that met it is in the file only a reopening tells.
    pub(super) fn reopen(&self) -> Result<(), Fault> {
        let mut state = self.state.write();
        if matches!(*state, State::Closed) {
            return Err(Fault::Refused(queue::closed()));
        }
        let unopened = Error::new(Code::StorageFailed, "the log could not be opened again");
        // The failed database is closed before the file is opened anew: its locks would be in
        // the way. Its own error on closing tells nothing that is not known.
        drop(std::mem::replace(&mut *state, State::Failed(unopened)));
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

    /// Closes the database for good.
    pub(super) fn close(&self) -> Result<(), Fault> {
        match std::mem::replace(&mut *self.state.write(), State::Closed) {
            State::Open(Store::Writable(database)) => Ok(database.close()?),
            State::Open(Store::ReadOnly(database)) => Ok(database.close()?),
            State::Failed(_) | State::Closed => Ok(()),
        }
    }
}

/// The failure of a change to a log that takes none.
pub(super) fn read_only() -> Error {
    Error::new(
        Code::InvalidArgument,
        "the log was opened with `readOnly: true`, which takes no changes",
    )
}

/// redb can panic on a file that was altered behind its back; that is corruption, not a crash.
fn open_caught(opener: &Opener) -> Result<Store, Fault> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(opener)).unwrap_or_else(|panic| {
        Err(Fault::Corrupted(format!(
            "opening it failed: {}",
            panic_text(&*panic)
        )))
    })
}

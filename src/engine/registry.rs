//! Which files this process has open. One file has one engine, whatever number of threads open
//! it and whatever paths they use.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;
use same_file::Handle;

use super::file::LogFile;
use super::{Engine, Options};
use crate::error::{Code, Error};

/// What tells one engine from another: a reader beside a writer is an engine of its own.
type Key = (Handle, bool);

/// A place for one file's engine. Its lock is held while the engine starts or stops, so that an
/// open that follows a close waits for the file to be free.
#[derive(Default)]
struct Slot {
    state: Mutex<SlotState>,
}

#[derive(Default)]
struct SlotState {
    engine: Option<Arc<Engine>>,
    holders: usize,
}

static SLOTS: LazyLock<Mutex<HashMap<Key, Arc<Slot>>>> = LazyLock::new(Mutex::default);

/// One holder's share in a file's engine. The last one to release it stops the engine.
pub struct Shared {
    engine: Arc<Engine>,
    slot: Arc<Slot>,
    key: Key,
}

impl Shared {
    /// Opens the file at `path`, or joins the engine that has it open in this process. Then the
    /// limits of whoever opened it first hold.
    ///
    /// This does disk I/O.
    ///
    /// # Errors
    ///
    /// `LOCKED` if another holder excludes this one; `CORRUPTED` or `UNSUPPORTED_FORMAT` if the
    /// file is not a log that can be read; `INVALID_ARGUMENT` for a directory; `STORAGE_FAILED`
    /// if the system refuses. A file that was made stays, empty.
    pub fn open(path: &Path, options: &Options) -> Result<Self, Error> {
        let file = LogFile::open(path, options.read_only)?;
        let key = (file.identity()?, options.read_only);
        // The file's own handle, so that the key outlives every other use of it.
        let slot = Arc::clone(
            SLOTS
                .lock()
                .entry((file.identity()?, options.read_only))
                .or_default(),
        );
        let opened = Self::join(&slot, file, options);
        match opened {
            Ok(engine) => Ok(Self { engine, slot, key }),
            Err(error) => {
                forget(&key, &slot);
                Err(Error::new(
                    error.code(),
                    format!("{}: {}", path.display(), error.text()),
                ))
            }
        }
    }

    fn join(slot: &Slot, file: LogFile, options: &Options) -> Result<Arc<Engine>, Error> {
        let mut state = slot.state.lock();
        let engine = match &state.engine {
            Some(engine) if options.exclusive && !engine.options().exclusive => {
                return Err(Error::new(
                    Code::Locked,
                    "the log is open in this process without `exclusive: true`: close it first",
                ));
            }
            Some(engine) => Arc::clone(engine),
            None => {
                let engine_options = options.clone();
                let opener = Box::new(move || file.store(&engine_options));
                Arc::new(Engine::start(opener, options.clone())?)
            }
        };
        state.engine = Some(Arc::clone(&engine));
        state.holders += 1;
        Ok(engine)
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Gives the share back, once all that was queued is committed and answered. The last holder
    /// also finishes the reads and closes the file.
    ///
    /// # Errors
    ///
    /// What closing the file fails with. All that was acknowledged is on disk all the same.
    pub fn release(self) -> Result<(), Error> {
        self.give_back(|_| ())
    }

    /// Gives the share back as [`Shared::release`] does, but without waiting for reads: nobody is
    /// left to hear of them.
    ///
    /// # Errors
    ///
    /// As [`Shared::release`].
    pub fn release_at_exit(self) -> Result<(), Error> {
        self.give_back(Engine::abandon_reads)
    }

    fn give_back(self, before_stop: impl FnOnce(&Engine)) -> Result<(), Error> {
        let mut state = self.slot.state.lock();
        state.holders -= 1;
        let closed = if state.holders == 0 {
            state.engine = None;
            before_stop(&self.engine);
            let stopped = self.engine.stop();
            drop(state);
            stopped
        } else {
            drop(state);
            self.engine.settle();
            Ok(())
        };
        forget(&self.key, &self.slot);
        closed
    }
}

/// Removes the slot if nothing uses it.
fn forget(key: &Key, slot: &Arc<Slot>) {
    let mut slots = SLOTS.lock();
    // The map's and the caller's: whoever else wants the slot needs the map's lock to get it.
    if Arc::strong_count(slot) == 2 && slot.state.lock().holders == 0 {
        slots.remove(key);
    }
}

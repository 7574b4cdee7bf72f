//! Which files this process has open. One file has one engine, whatever number of threads open
//! it and whatever paths they use.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use parking_lot::Mutex;
use same_file::Handle;

use super::journal::Layout;
use super::locks::Patience;
use super::readers::Moments;
use super::storage::file::LogFile;
use super::storage::memory::MemoryFile;
use super::storage::opening;
use super::{Engine, Options};
use crate::cancellation::Cancellation;
use crate::error::{Code, Error};

/// One file's engines. Its lock is held while an engine starts or stops, so that an open that
/// follows a close waits for the file to be free.
#[derive(Default)]
struct Slot {
    writable: HeldEngine,
    /// There only where the file was opened for reading before it was opened for writing.
    read_only: HeldEngine,
    /// What is read by one engine has its place among what is written by the other.
    moments: Arc<Moments>,
}

/// An engine and how many hold it.
#[derive(Default)]
struct HeldEngine {
    engine: Option<Arc<Engine>>,
    holders: usize,
}

/// The slots, by the files' identities, each with the number of those that use it, which is counted under this
/// lock alone.
type Slots = HashMap<Arc<Handle>, (Arc<Mutex<Slot>>, usize)>;

static SLOTS: LazyLock<Mutex<Slots>> = LazyLock::new(Mutex::default);

/// A place in [`SLOTS`], which is given back when it is dropped.
struct SlotGuard {
    key: Arc<Handle>,
    slot: Arc<Mutex<Slot>>,
}

/// One holder's share in a file's engine. The last one to release it stops the engine.
pub struct Shared {
    engine: Arc<Engine>,
    /// `None` for a log in memory, which has one holder.
    place: Option<SlotGuard>,
    read_only: bool,
}

/// The path of a log without a file, which is in memory and has one holder.
pub const IN_MEMORY: &str = ":memory:";

impl SlotGuard {
    fn of(file: &LogFile) -> Self {
        let mut slots = SLOTS.lock();
        let entry = slots.entry(Arc::clone(file.identity()));
        // That of whoever opened the file first: those who join keep no opening of their own.
        let key = Arc::clone(entry.key());
        let (slot, users) = entry.or_default();
        *users += 1;
        Self {
            key,
            slot: Arc::clone(slot),
        }
    }
}

impl Drop for SlotGuard {
    fn drop(&mut self) {
        let mut slots = SLOTS.lock();
        if let Some((_, users)) = slots.get_mut(&self.key) {
            *users -= 1;
            if *users == 0 {
                slots.remove(&self.key);
            }
        }
    }
}

impl Slot {
    /// The engine that a log of these options shares. A reader joins the writer of its process:
    /// what excludes other processes does not exclude it.
    fn held(&mut self, read_only: bool) -> &mut HeldEngine {
        if read_only && self.writable.engine.is_none() {
            &mut self.read_only
        } else {
            &mut self.writable
        }
    }

    fn held_by(&mut self, engine: &Engine) -> &mut HeldEngine {
        if engine.options().read_only {
            &mut self.read_only
        } else {
            &mut self.writable
        }
    }
}

impl Shared {
    /// Opens the file at `path`, or a new log in memory if that is [`IN_MEMORY`], or joins the engine that has it open in this process. Then the
    /// limits of whoever opened it first hold.
    ///
    /// This does disk I/O, and waits for other processes that are at work in the file.
    ///
    /// # Errors
    ///
    /// `LOCKED` if another holder excludes this one, or a process does not let go of the file in time; `CORRUPTED` or `UNSUPPORTED_FORMAT` if the
    /// file is not a log that can be read; `INVALID_ARGUMENT` for what is no regular file;
    /// `STORAGE_FAILED` if the system refuses. A file that was made stays, empty.
    pub fn open(path: &Path, options: &Options) -> Result<Self, Error> {
        Self::open_unless(&Cancellation::default(), path, options)
    }

    /// Does what [`Shared::open`] does, but waits for other processes only until that is called off.
    ///
    /// # Errors
    ///
    /// As [`Shared::open`]; `ABORTED`.
    pub fn open_unless(
        unwanted: &Cancellation,
        path: &Path,
        options: &Options,
    ) -> Result<Self, Error> {
        if path == Path::new(IN_MEMORY) {
            return Self::in_memory(options);
        }
        let file = LogFile::open(path, options)?;
        let place = SlotGuard::of(&file);
        let patience = Patience::until(Instant::now() + options.lock_wait).unless(unwanted);
        let join = || join(&mut place.slot.lock(), file, options);
        let engine = patience.during(join).map_err(|error| {
            let text = format!("{}: {}", path.display(), error.text());
            Error::new(error.code(), text)
        })?;
        Ok(Self {
            engine,
            place: Some(place),
            read_only: options.read_only,
        })
    }

    /// Makes a log in memory, which is gone once its share is released.
    fn in_memory(options: &Options) -> Result<Self, Error> {
        if options.read_only {
            let expected = "a file where readOnly is true";
            return Err(Error::expected("path", expected, "a new log in memory"));
        }
        // Nobody else can have it open.
        let options = Options {
            exclusive: true,
            ..options.clone()
        };
        let (memory, engine_options) = (MemoryFile::default(), options.clone());
        let opener =
            Box::new(move |again| opening::open(&memory, &engine_options, Layout::NEW, again));
        Ok(Self {
            engine: Arc::new(Engine::start(opener, options, Arc::default())?),
            place: None,
            read_only: false,
        })
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Whether this holder takes no changes, whatever the engine takes from others.
    #[must_use]
    pub const fn read_only(&self) -> bool {
        self.read_only
    }

    /// Gives the share back. The last holder commits what is queued, finishes the reads and closes
    /// the file.
    ///
    /// # Errors
    ///
    /// What closing the file fails with. All that was acknowledged is on disk all the same.
    pub fn release(self) -> Result<(), Error> {
        self.give_back(|_| ())
    }

    /// Gives the share back as [`Shared::release`] does, but the last holder gives up the reads.
    ///
    /// # Errors
    ///
    /// As [`Shared::release`].
    pub fn release_at_exit(self) -> Result<(), Error> {
        self.give_back(Engine::abandon_reads)
    }

    fn give_back(self, before_stop: impl FnOnce(&Engine)) -> Result<(), Error> {
        let Some(place) = &self.place else {
            before_stop(&self.engine);
            return self.engine.stop();
        };
        let mut slot = place.slot.lock();
        let held = slot.held_by(&self.engine);
        held.holders -= 1;
        if held.holders > 0 {
            return Ok(());
        }
        held.engine = None;
        before_stop(&self.engine);
        self.engine.stop()
    }
}

fn join(slot: &mut Slot, file: LogFile, options: &Options) -> Result<Arc<Engine>, Error> {
    let moments = Arc::clone(&slot.moments);
    let held = slot.held(options.read_only);
    let engine = match &held.engine {
        Some(engine) if options.exclusive && !engine.options().exclusive => {
            return Err(Error::new(
                Code::Locked,
                "the log is open in this process without `exclusive: true`: close it first",
            ));
        }
        Some(engine) => Arc::clone(engine),
        None => {
            let engine_options = options.clone();
            let opener =
                Box::new(move |again| opening::open(&file, &engine_options, Layout::NEW, again));
            Arc::new(Engine::start(opener, options.clone(), moments)?)
        }
    };
    held.engine = Some(Arc::clone(&engine));
    held.holders += 1;
    Ok(engine)
}

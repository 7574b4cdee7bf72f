//! The open log file, which a disk fault can take away and a reopening bring back.

mod closing;
mod compaction;
mod health;
mod inspection;
mod reopening;
mod vanishing;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::{ArcMutexGuard, Mutex, MutexGuard, RawMutex, RwLock};
use redb::{ReadTransaction, ReadableDatabase, WriteTransaction};

pub use self::compaction::Compacted;
use self::health::Alarm;
pub(super) use self::inspection::Commits;
use self::reopening::open_caught;
use self::vanishing::Vanishing;
pub(super) use self::vanishing::check_reached;
use super::journal::{JournalFile, Layout, Signature};
use super::seeded_bug::Seeded;
use super::storage::name::Name;
use super::storage::opening::{Opened, Tables};
use super::storage::reads::{CHECK_INTERVAL, Reads};
use super::tables::log_head::LogHead;
use super::tables::schema;
use super::view::{Follow, LogView, Memory, OfTables, SharedView, TableHeads};
use super::{Fault, refusals};
use crate::cancellation::Cancellation;
use crate::error::Error;
use crate::panic::caught;
use crate::progress::Progress;

/// Opens the file: at the start, and again after a fault, when it has to be the log that it was.
pub(super) type Opener = Box<dyn Fn(Option<Signature>) -> Result<Opened, Fault> + Send + Sync>;

/// The file while it is open.
pub(super) struct OpenStore {
    opener: Opener,
    state: RwLock<State>,
    vanishing: Vanishing,
    /// Whether other processes are kept out.
    exclusive: bool,
    /// Held by whoever adds to the journal or opens the file again.
    turn: Mutex<()>,
    /// Held by whoever writes to the tables or opens the file again: a database that is closed
    /// under a write transaction would be closed only later, beside its successor. It is taken
    /// after `turn`, if both are.
    table_turn: Arc<Mutex<()>>,
    /// What is known of the log. What it has of locks is taken after both, and before `state`.
    view: SharedView,
    /// What the writer remembers of the tables, for whoever has the turn.
    memory: Mutex<Memory>,
    /// Whether a disk fault was met. redb then refuses all further work.
    suspect: AtomicBool,
    /// Whether the journal has to be brought into the tables before it is added to, because what
    /// was written to it last may not be on disk.
    unrecovered: AtomicBool,
    /// Up to which commit this process has brought the tables itself.
    table_commits: AtomicU64,
    /// The last commit of which this process knows that it is on disk.
    synced: AtomicU64,
    /// The snapshots that are alive.
    reads: Arc<Reads>,
    /// Whether reads are to be given up, because nobody is left to hear of them.
    abandoned: AtomicBool,
    /// Calls off the waiting for other processes by whatever is not a change that was asked for.
    closing: Cancellation,
    alarm: OnceLock<Alarm>,
    #[cfg(test)]
    seeded: Option<super::seeded_bug::Bug>,
}

enum State {
    Open {
        tables: Tables,
        journal: Arc<JournalFile>,
        name: Option<Name>,
    },
    /// Taken away by the given failure; the next use tries to open it again.
    Failed(Error),
    Closed,
}

/// The right to add to the journal, and to open the file again.
pub(super) struct Turn<'store>(
    #[expect(dead_code, reason = "held, not read")] MutexGuard<'store, ()>,
);

/// The right to write to the tables.
pub(super) struct TableTurn(
    #[expect(dead_code, reason = "held, not read")] ArcMutexGuard<RawMutex, ()>,
);

impl OpenStore {
    /// Opens the file. What is at the end of its journal has to be settled before it is used.
    pub(super) fn open(opener: Opener, exclusive: bool) -> Result<Self, Fault> {
        let state = open_caught(&opener, None)?;
        let signature = match &state {
            State::Open { journal, .. } => Some(journal.signature()),
            State::Failed(_) | State::Closed => None,
        };
        Ok(Self {
            state: RwLock::new(state),
            opener,
            vanishing: Vanishing::of(signature),
            exclusive,
            turn: Mutex::default(),
            table_turn: Arc::default(),
            view: SharedView::default(),
            memory: Mutex::default(),
            suspect: AtomicBool::default(),
            unrecovered: AtomicBool::default(),
            table_commits: AtomicU64::default(),
            synced: AtomicU64::default(),
            reads: Arc::default(),
            abandoned: AtomicBool::default(),
            closing: Cancellation::default(),
            alarm: OnceLock::new(),
            #[cfg(test)]
            seeded: super::seeded_bug::OfThisThread.seeded(),
        })
    }

    /// Waits for the turn to add to the journal.
    pub(super) fn turn(&self) -> Turn<'_> {
        Turn(self.turn.lock())
    }

    /// As [`OpenStore::turn`], for work that can be called off.
    pub(super) fn turn_for(&self, progress: &Progress) -> Result<Turn<'_>, Error> {
        loop {
            progress.check()?;
            if let Some(turn) = self.turn.try_lock_for(CHECK_INTERVAL) {
                return Ok(Turn(turn));
            }
        }
    }

    /// Waits for the turn to write to the tables.
    pub(super) fn table_turn(&self) -> TableTurn {
        TableTurn(self.table_turn.lock_arc())
    }

    pub(super) const fn view(&self) -> &SharedView {
        &self.view
    }

    /// What the writer remembers, brought up to the view that it has read.
    pub(super) fn memory(&self, view: &LogView) -> MutexGuard<'_, Memory> {
        let mut memory = self.memory.lock();
        memory.follow(view);
        memory
    }

    /// Forgets what is known of the log and remembered of the tables.
    pub(super) fn forget(&self) {
        self.view.forget();
        self.memory.lock().forget();
    }

    /// The journal, to be added to; after a fault, that of the file opened again.
    pub(super) fn journal_to_write(&self, turn: &Turn<'_>) -> Result<Arc<JournalFile>, Fault> {
        self.vanishing.check()?;
        if self.needs_reopening() {
            self.reopen(turn)?;
        }
        match &*self.state.read() {
            State::Open {
                tables: Tables::ReadOnly(_),
                ..
            } => Err(Fault::Refused(refusals::read_only())),
            State::Open { journal, .. } => Ok(Arc::clone(journal)),
            State::Failed(error) => Err(Fault::Refused(error.clone())),
            State::Closed => Err(Fault::Refused(refusals::closed())),
        }
    }

    /// What is known of the log, brought up to date, and the tables with it; after a fault, those of the file
    /// opened again.
    pub(super) fn begin_snapshot(
        &self,
    ) -> Result<(Arc<LogView>, OfTables, ReadTransaction), Fault> {
        self.vanishing.check()?;
        if self.needs_reopening() {
            let turn = self.turn();
            if self.needs_reopening() {
                self.reopen(&turn)?;
            }
        }
        // In this order: the tables then reach at least to where the journal's view begins.
        let (view, of_tables) = self.latest()?;
        Ok((view, of_tables, self.begin_read()?))
    }

    /// What is known of the log, brought up to date for a reader.
    pub(super) fn latest(&self) -> Result<(Arc<LogView>, OfTables), Fault> {
        let follow = || {
            Ok(Follow {
                journal: self.journal()?,
                tables: self,
            })
        };
        self.vanishing.check()?;
        if self.exclusive {
            // Nothing else is read of it where no other log can change it.
            self.journal()?.check_signature()?;
        }
        let stored = self.vanishing.stored();
        let (view, of_tables) = self.view.latest(self.exclusive, follow)?;
        check_reached(stored, view.log.commits)?;
        Ok((view, of_tables))
    }

    /// What has been committed by now, by whatever process.
    pub(in crate::engine) fn latest_view(&self) -> Result<Arc<LogView>, Fault> {
        let look = || {
            self.check_name()?;
            Ok(self.latest()?.0)
        };
        caught(look).unwrap_or_else(|panic| Err(Fault::of_panic("looking for commits", &panic)))
    }

    pub(super) fn journal(&self) -> Result<Arc<JournalFile>, Fault> {
        match &*self.state.read() {
            State::Open { journal, .. } => Ok(Arc::clone(journal)),
            State::Failed(error) => Err(Fault::Refused(error.clone())),
            State::Closed => Err(Fault::Refused(refusals::closed())),
        }
    }

    /// Where things lie in the file.
    pub(super) fn layout(&self) -> Result<Layout, Fault> {
        Ok(self.journal()?.layout())
    }

    /// How many events of an instance are in a block.
    pub(super) fn block_events(&self) -> Result<u64, Fault> {
        Ok(self.layout()?.block_events.into())
    }

    /// The last commit that the tables hold.
    pub(super) fn log_in_tables(&self) -> Result<LogHead, Fault> {
        LogHead::read(&self.begin_read()?.open_table(schema::HEADS)?)
    }

    /// The snapshots that are alive.
    pub(super) const fn reads(&self) -> &Arc<Reads> {
        &self.reads
    }

    pub(super) fn begin_read(&self) -> Result<ReadTransaction, Fault> {
        match &*self.state.read() {
            State::Open {
                tables: Tables::Writable(database),
                ..
            } => Ok(database.begin_read()?),
            State::Open {
                tables: Tables::ReadOnly(database),
                ..
            } => Ok(database.begin_read()?),
            State::Failed(error) => Err(Fault::Refused(error.clone())),
            State::Closed => Err(Fault::Refused(refusals::closed())),
        }
    }

    /// Begins to write to the tables, waiting for other processes that do.
    pub(super) fn begin_write(&self, _turn: &TableTurn) -> Result<WriteTransaction, Fault> {
        let mut transaction = match &*self.state.read() {
            State::Open {
                tables: Tables::Writable(database),
                journal,
                ..
            } => {
                // What is in memory of the tables must not get into another log.
                journal.check_signature()?;
                database.begin_write()?
            }
            State::Open { .. } => return Err(Fault::Refused(refusals::read_only())),
            State::Failed(error) => return Err(Fault::Refused(error.clone())),
            State::Closed => return Err(Fault::Refused(refusals::closed())),
        };
        // Such transactions are large and few. For a little more they spare a file that was not
        // closed a walk through all of it, and sync what they write before they count it in, so
        // that the outcome of one that failed can be learned.
        transaction.set_quick_repair(true);
        Ok(transaction)
    }

    /// Whether other processes are kept out.
    pub(super) const fn exclusive(&self) -> bool {
        self.exclusive
    }

    /// Makes sure that the tables hold that commit on disk, as they do in the page cache: whoever
    /// brought them there may have been killed before the last sync.
    pub(super) fn sync_table_commit(&self, commits: u64) -> Result<(), Fault> {
        if self.table_commits.load(Ordering::Relaxed) < commits {
            self.journal()?.sync()?;
            self.note_table_commit(commits);
        }
        Ok(())
    }
}

impl TableHeads for OpenStore {
    fn log(&self) -> Result<LogHead, Fault> {
        self.log_in_tables()
    }

    fn settled_log(&self) -> Result<LogHead, Fault> {
        let transaction = self.begin_write(&self.table_turn())?;
        let log = LogHead::read(&transaction.open_table(schema::HEADS)?)?;
        transaction.abort()?;
        Ok(log)
    }

    fn synced(&self) -> u64 {
        self.synced.load(Ordering::Relaxed)
    }
}

impl Seeded for OpenStore {
    #[cfg(test)]
    fn seeded(&self) -> Option<super::seeded_bug::Bug> {
        self.seeded
    }
}

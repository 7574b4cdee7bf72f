//! Where a log is stored, and the file while it is open: its journal and its tables, how they are opened, what is known
//! to have gone wrong with them, and who may change them.
//!
//! Nothing here knows what is in the journal beside what is in the tables. That is for the [view](super::view).

mod closing;
pub(in crate::engine) mod compaction;
pub(in crate::engine) mod file;
mod giving_back;
mod health;
pub(in crate::engine) mod medium;
pub(in crate::engine) mod memory;
pub(in crate::engine) mod name;
pub(in crate::engine) mod opening;
mod overwriting;
mod pages;
pub(in crate::engine) mod region;
mod reopening;
pub(in crate::engine) mod snapshot_gate;
mod turns;
mod unwritten;
mod vanishing;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::RwLock;
use redb::{ReadTransaction, ReadableDatabase, WriteTransaction};

use self::health::Alarm;
use self::name::Name;
use self::opening::{Opened, Tables};
use self::reopening::open_caught;
use self::snapshot_gate::SnapshotGate;
use self::turns::Turns;
pub(super) use self::turns::{TableTurn, Turn};
use self::vanishing::Vanishing;
pub(super) use self::vanishing::check_reached;
use super::counters::Counters;
use super::journal::{JournalFile, Layout, Signature};
use super::seeded_bug::Seeded;
use super::tables::log_head::LogHead;
use super::tables::schema;
use super::{Fault, refusals};
use crate::cancellation::Cancellation;
use crate::error::Error;
#[cfg(fuzzing)]
pub(super) use pages::Pages;

/// Opens the file: at the start, and again after a fault, when it has to be the log that it was.
pub(super) type FileOpener = Box<dyn Fn(Option<Signature>) -> Result<Opened, Fault> + Send + Sync>;

/// The file while it is open. A disk fault can take it away, and a reopening bring it back.
pub(super) struct Storage {
    opener: FileOpener,
    state: RwLock<FileState>,
    vanishing: Vanishing,
    /// Whether other processes are kept out.
    exclusive: bool,
    turns: Turns,
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
    reads: Arc<SnapshotGate>,
    /// Whether reads are to be given up, because nobody is left to hear of them.
    abandoned: AtomicBool,
    /// Calls off the waiting for other processes by whatever is not a change that was asked for.
    closing: Cancellation,
    alarm: OnceLock<Alarm>,
    counters: Counters,
    #[cfg(test)]
    seeded: Option<super::seeded_bug::Bug>,
}

enum FileState {
    Open {
        tables: Tables,
        journal: Arc<JournalFile>,
        name: Option<Arc<Name>>,
    },
    /// Taken away by the given failure; the next use tries to open it again.
    Failed(Error),
    Closed,
}

impl Storage {
    /// Opens the file. What is at the end of its journal has to be settled before it is used.
    pub(super) fn open(opener: FileOpener, exclusive: bool) -> Result<Self, Fault> {
        let state = open_caught(&opener, None)?;
        let signature = match &state {
            FileState::Open { journal, .. } => Some(journal.signature()),
            FileState::Failed(_) | FileState::Closed => None,
        };
        Ok(Self {
            state: RwLock::new(state),
            opener,
            vanishing: Vanishing::of(signature),
            exclusive,
            turns: Turns::default(),
            suspect: AtomicBool::default(),
            unrecovered: AtomicBool::default(),
            table_commits: AtomicU64::default(),
            synced: AtomicU64::default(),
            reads: Arc::default(),
            abandoned: AtomicBool::default(),
            closing: Cancellation::default(),
            alarm: OnceLock::new(),
            counters: Counters::default(),
            #[cfg(test)]
            seeded: super::seeded_bug::OfThisThread.seeded(),
        })
    }

    /// The journal. After a fault it fails until the file was opened again.
    pub(super) fn journal(&self) -> Result<Arc<JournalFile>, Fault> {
        match &*self.state.read() {
            FileState::Open { journal, .. } => Ok(Arc::clone(journal)),
            FileState::Failed(error) => Err(Fault::Refused(error.clone())),
            FileState::Closed => Err(Fault::Refused(refusals::closed())),
        }
    }

    /// The journal, to be added to.
    pub(super) fn journal_to_write(&self) -> Result<Arc<JournalFile>, Fault> {
        if matches!(
            *self.state.read(),
            FileState::Open {
                tables: Tables::ReadOnly(_),
                ..
            }
        ) {
            return Err(Fault::Refused(refusals::read_only()));
        }
        self.journal()
    }

    /// Where things lie in the file.
    pub(super) fn layout(&self) -> Result<Layout, Fault> {
        Ok(self.journal()?.layout())
    }

    /// As [`Storage::layout`], with the format that the file has by now.
    pub(super) fn layout_now(&self) -> Result<Layout, Fault> {
        self.journal()?.layout_now()
    }

    /// As [`Storage::layout_now`], for who seals blocks where the format says so.
    pub(super) fn layout_to_write(&self) -> Result<Layout, Fault> {
        self.journal()?.layout_to_write()
    }

    /// How many events of an instance are in a block.
    pub(super) fn block_events(&self) -> Result<u64, Fault> {
        Ok(self.layout()?.block_events.into())
    }

    /// The last commit that the tables hold.
    pub(super) fn log_in_tables(&self) -> Result<LogHead, Fault> {
        LogHead::read(&self.begin_read()?.open_table(schema::HEADS)?)
    }

    /// As [`Storage::log_in_tables`], with a commit that a killed process has left unpublished.
    pub(super) fn settled_log_in_tables(&self) -> Result<LogHead, Fault> {
        let transaction = self.begin_write(&self.table_turn())?;
        let log = LogHead::read(&transaction.open_table(schema::HEADS)?)?;
        transaction.abort()?;
        Ok(log)
    }

    /// What is counted of what is done.
    pub(super) const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The snapshots that are alive.
    pub(super) const fn gate(&self) -> &Arc<SnapshotGate> {
        &self.reads
    }

    pub(super) fn begin_read(&self) -> Result<ReadTransaction, Fault> {
        match &*self.state.read() {
            FileState::Open { tables, .. } => Ok(match tables {
                Tables::Unwritten(tables) => tables.reading.begin_read()?,
                Tables::Writable(database) => database.begin_read()?,
                Tables::ReadOnly(database) => database.begin_read()?,
            }),
            FileState::Failed(error) => Err(Fault::Refused(error.clone())),
            FileState::Closed => Err(Fault::Refused(refusals::closed())),
        }
    }

    /// Begins to write to the tables, waiting for other processes that do.
    pub(super) fn begin_write(&self, turn: &TableTurn) -> Result<WriteTransaction, Fault> {
        self.open_to_write(turn)?;
        let mut transaction = match &*self.state.read() {
            FileState::Open {
                tables: Tables::Writable(database),
                journal,
                ..
            } => {
                // What is in memory of the tables must not get into another log.
                journal.check_signature()?;
                database.begin_write()?
            }
            FileState::Open { .. } => return Err(Fault::Refused(refusals::read_only())),
            FileState::Failed(error) => return Err(Fault::Refused(error.clone())),
            FileState::Closed => return Err(Fault::Refused(refusals::closed())),
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

    /// The last commit of which this process knows that it is on disk.
    pub(super) fn synced(&self) -> u64 {
        self.synced.load(Ordering::Relaxed)
    }
}

impl Seeded for Storage {
    #[cfg(test)]
    fn seeded(&self) -> Option<super::seeded_bug::Bug> {
        self.seeded
    }
}

//! An open log: its file, and what this process knows of it.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use redb::ReadTransaction;

use super::{Follow, LogView, Memory, OfTables, SharedView};
use crate::engine::journal::JournalFile;
use crate::engine::seeded_bug::Seeded;
use crate::engine::storage::{FileOpener, Storage, Turn, check_reached};
use crate::engine::{Fault, Options};
use crate::panic::caught;

/// An open file, the view that is shared of it, and what its writer remembers.
pub(in crate::engine) struct OpenLog {
    pub(in crate::engine) storage: Storage,
    view: SharedView,
    /// For whoever has the turn to add to the journal.
    memory: Mutex<Memory>,
}

impl OpenLog {
    /// Opens the file. What is at the end of its journal has to be settled before it is used.
    pub(in crate::engine) fn open(opener: FileOpener, options: &Options) -> Result<Self, Fault> {
        let storage = Storage::open(opener, options.exclusive)?;
        let format = storage.journal()?.layout().format;
        Ok(Self {
            storage,
            view: SharedView::new(options.block_cache_bytes(format)),
            memory: Mutex::default(),
        })
    }

    pub(in crate::engine) const fn view(&self) -> &SharedView {
        &self.view
    }

    /// What the writer remembers, brought up to the view that it has read.
    pub(in crate::engine) fn memory(&self, view: &LogView) -> MutexGuard<'_, Memory> {
        let mut memory = self.memory.lock();
        memory.follow(view);
        memory
    }

    /// Forgets what is known of the log and remembered of the tables.
    pub(in crate::engine) fn forget(&self) {
        self.view.forget();
        self.memory.lock().forget();
    }

    /// Closes the file and opens it again. redb refuses all work after an I/O error, and whether
    /// the commit that met it is in the file only a reopening tells.
    pub(in crate::engine) fn reopen(&self, turn: &Turn<'_>) -> Result<(), Fault> {
        let reopened = self.storage.reopen(turn);
        // A reader may have read the journal from the file as it was opened before.
        self.forget();
        if reopened.is_err() {
            self.storage.alarm();
        }
        reopened
    }

    /// As [`OpenLog::reopen`], if the file has to be opened again before it is used.
    pub(in crate::engine) fn reopen_if_needed(&self, turn: &Turn<'_>) -> Result<(), Fault> {
        if self.storage.needs_reopening() {
            self.reopen(turn)?;
        }
        Ok(())
    }

    /// The journal, to be added to; after a fault, that of the file opened again.
    pub(in crate::engine) fn journal_to_write(
        &self,
        turn: &Turn<'_>,
    ) -> Result<Arc<JournalFile>, Fault> {
        self.storage.check_there()?;
        self.reopen_if_needed(turn)?;
        self.storage.journal_to_write()
    }

    /// What is known of the log, brought up to date, and the tables with it; after a fault, those of the file
    /// opened again.
    pub(in crate::engine) fn begin_snapshot(
        &self,
    ) -> Result<(Arc<LogView>, OfTables, ReadTransaction), Fault> {
        self.storage.check_there()?;
        if self.storage.needs_reopening() {
            self.reopen_if_needed(&self.storage.turn())?;
        }
        // In this order: the tables then reach at least to where the journal's view begins.
        let (view, of_tables) = self.latest()?;
        Ok((view, of_tables, self.storage.begin_read()?))
    }

    /// What is known of the log, brought up to date for a reader.
    pub(in crate::engine) fn latest(&self) -> Result<(Arc<LogView>, OfTables), Fault> {
        let storage = &self.storage;
        storage.check_there()?;
        if storage.exclusive() {
            // Nothing else is read of it where no other log can change it.
            storage.check_file()?;
        }
        let stored = storage.stored();
        let follow = || Follow::of(storage);
        let (view, of_tables) = self.view.latest(storage.exclusive(), follow)?;
        check_reached(stored, view.log.commits)?;
        Ok((view, of_tables))
    }

    /// What has been committed by now, by whatever process.
    pub(in crate::engine) fn latest_view(&self) -> Result<Arc<LogView>, Fault> {
        let look = || {
            self.storage.check_name()?;
            Ok(self.latest()?.0)
        };
        caught(look).unwrap_or_else(|panic| Err(Fault::of_panic("looking for commits", &panic)))
    }
}

impl Seeded for OpenLog {
    #[cfg(test)]
    fn seeded(&self) -> Option<crate::engine::seeded_bug::Bug> {
        self.storage.seeded()
    }
}

//! The journal while nobody else can add to it, in this process or another.

use std::sync::Arc;

use crate::engine::Fault;
use crate::engine::journal::JournalFile;
use crate::engine::seeded_bug::{Bug, Seeded};
use crate::engine::store::{OpenStore, check_reached};
use crate::engine::view::{Follow, LogView, TableHeads};

/// The right to add to the journal. It is given back when this is dropped.
pub(in crate::engine) struct Locked<'store> {
    store: &'store OpenStore,
    pub(in crate::engine) journal: Arc<JournalFile>,
}

impl<'store> Locked<'store> {
    /// Waits for other processes that add to the journal, and reads what they have added.
    pub(in crate::engine) fn new(
        store: &'store OpenStore,
        journal: Arc<JournalFile>,
    ) -> Result<Self, Fault> {
        if !store.exclusive() {
            journal.lock()?;
        }
        let locked = Self { store, journal };
        let follow = Follow {
            journal: Arc::clone(&locked.journal),
            tables: store,
        };
        let settle = |view: &mut LogView| locked.settle(view);
        let begun = store
            .view()
            .begin_writing(store.exclusive(), &follow, settle);
        begun.map(|()| locked)
    }

    /// Makes sure that everything in a view is on disk. Where nobody has told so, the last frame is what a killed
    /// process has left, or the power has gone since it was written.
    fn settle(&self, view: &mut LogView) -> Result<(), Fault> {
        let (store, journal) = (self.store, &self.journal);
        let commits = view.log.commits;
        check_reached(store.synced(), commits)?;
        let marked = journal.marked()?;
        if commits > marked.max(store.synced()) {
            if store.has(Bug::TrustedLeftover) {
                return journal.mark(commits);
            }
            if let Some(header) = view.header {
                journal.write_header(&header)?;
                journal.sync()?;
                *view = view.with_header_synced();
                if let Some(last) = view.last {
                    let frame = journal.frame(&header, last.offset, commits)?;
                    let gone = || {
                        Fault::Corrupted(format!("commit {commits} is no longer in the journal"))
                    };
                    let frame = frame.ok_or_else(gone)?;
                    let mut filled = view.filled(&header);
                    let bytes = frame.bytes();
                    journal.write_frames(&header, last.offset, bytes, &mut filled)?;
                }
            }
        }
        store.note_synced(commits);
        if marked != commits {
            journal.mark(commits)?;
        }
        Ok(())
    }

    /// Tells everybody that what leads up to this commit is on disk.
    pub(in crate::engine) fn mark(&self, commits: u64) -> Result<(), Fault> {
        self.journal.mark(commits)?;
        self.store.note_synced(commits);
        Ok(())
    }

    pub(in crate::engine) const fn store(&self) -> &'store OpenStore {
        self.store
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.store.view().end_writing();
        if !self.store.exclusive() && self.journal.unlock().is_err() {
            // Closing the file unlocks it.
            self.store.note_suspect();
        }
    }
}

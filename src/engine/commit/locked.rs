//! The journal while nobody else can add to it, in this process or another.

use std::sync::Arc;

use crate::engine::Fault;
use crate::engine::journal::JournalFile;
use crate::engine::seeded_bug::{Bug, Seeded};
use crate::engine::storage::check_reached;
use crate::engine::view::OpenLog;
use crate::engine::view::{Follow, LogView};

/// The right to add to the journal. It is given back when this is dropped.
pub(in crate::engine) struct Locked<'log> {
    open_log: &'log OpenLog,
    pub(in crate::engine) journal: Arc<JournalFile>,
}

impl<'log> Locked<'log> {
    /// Waits for other processes that add to the journal, and reads what they have added.
    pub(in crate::engine) fn new(
        open_log: &'log OpenLog,
        journal: Arc<JournalFile>,
    ) -> Result<Self, Fault> {
        if !open_log.storage.exclusive() {
            journal.lock()?;
        }
        let locked = Self { open_log, journal };
        let follow = Follow::of(&open_log.storage)?;
        let settle = |view: &mut LogView| locked.settle(view);
        let begun = open_log
            .view()
            .begin_writing(open_log.storage.exclusive(), &follow, settle);
        begun.map(|()| locked)
    }

    /// Makes sure that everything in a view is on disk. Where nobody has told so, the last frame is what a killed
    /// process has left, or the power has gone since it was written.
    fn settle(&self, view: &mut LogView) -> Result<(), Fault> {
        let (open_log, journal) = (self.open_log, &self.journal);
        let commits = view.log.commits;
        let synced = open_log.storage.synced();
        check_reached(synced, commits)?;
        if commits == synced {
            // What this process has synced, it has marked.
            return Ok(());
        }
        let marked = journal.marked()?;
        if commits > marked {
            if open_log.has(Bug::TrustedLeftover) {
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
        if marked != commits {
            journal.mark(commits)?;
        }
        open_log.storage.note_synced(commits);
        Ok(())
    }

    /// Tells everybody that what leads up to this commit is on disk.
    pub(in crate::engine) fn mark(&self, commits: u64) -> Result<(), Fault> {
        // Also where others are kept out: if this process is killed, they read up to the mark until somebody writes.
        self.journal.mark(commits)?;
        self.open_log.storage.note_synced(commits);
        Ok(())
    }

    pub(in crate::engine) const fn open_log(&self) -> &'log OpenLog {
        self.open_log
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.open_log.view().end_writing();
        if !self.open_log.storage.exclusive() && self.journal.unlock().is_err() {
            // Closing the file unlocks it.
            self.open_log.storage.note_suspect();
        }
    }
}

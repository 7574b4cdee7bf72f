//! What is known to have gone wrong with the open file, and what of it is on disk.

use std::sync::atomic::Ordering;

use super::{FileState, Storage};
use crate::engine::Fault;

/// Is called when a fault has taken the file away, or a part of it.
pub(super) type Alarm = Box<dyn Fn() + Send + Sync>;

impl Storage {
    /// Whether the file has to be opened again before it is used.
    pub(in crate::engine) fn needs_reopening(&self) -> bool {
        self.suspect.load(Ordering::Relaxed) || matches!(*self.state.read(), FileState::Failed(_))
    }

    /// Has `alarm` called whenever a fault has taken the file away, or a part of it, for good or until it is opened
    /// again, whatever call finds that. It must not use the file, which may be locked.
    pub(in crate::engine) fn set_alarm(&self, alarm: impl Fn() + Send + Sync + 'static) {
        let set = self.alarm.set(Box::new(alarm));
        debug_assert!(set.is_ok(), "there is one alarm");
    }

    /// Calls the alarm.
    pub(in crate::engine) fn alarm(&self) {
        if let Some(alarm) = self.alarm.get() {
            alarm();
        }
    }

    /// Has the file opened again before it is next used.
    pub(in crate::engine) fn note_suspect(&self) {
        self.suspect.store(true, Ordering::Relaxed);
    }

    /// Notes a fault that reading has met, or writing to the tables.
    pub(in crate::engine) fn note(&self, fault: &Fault) {
        self.vanishing.note(fault);
        let is_broken = matches!(
            fault,
            Fault::Storage(redb::Error::Io(_) | redb::Error::PreviousIo)
        ) && !fault.is_busy();
        if is_broken {
            self.note_suspect();
        }
        if is_broken || matches!(fault, Fault::Vanished(_)) {
            self.alarm();
        }
    }

    /// Has the journal brought into the tables before anything else is added to it.
    pub(in crate::engine) fn note_unrecovered(&self) {
        self.unrecovered.store(true, Ordering::Relaxed);
    }

    /// Whether the journal has to be brought into the tables before anything else is added to it.
    pub(in crate::engine) fn is_unrecovered(&self) -> bool {
        self.unrecovered.load(Ordering::Relaxed)
    }

    /// Takes that back: what was written to the journal last is on disk, or in the tables.
    pub(in crate::engine) fn note_recovered(&self) {
        self.unrecovered.store(false, Ordering::Relaxed);
    }

    /// Notes that everything up to that commit is on disk.
    pub(in crate::engine) fn note_synced(&self, commits: u64) {
        self.synced.fetch_max(commits, Ordering::Relaxed);
    }

    /// Notes that this process has brought the tables up to that commit.
    pub(in crate::engine) fn note_table_commit(&self, commits: u64) {
        self.table_commits.fetch_max(commits, Ordering::Relaxed);
    }
}

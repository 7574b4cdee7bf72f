//! The journal while nobody else can add to it, in this process or another.

use std::sync::Arc;

use super::Fault;
use super::journal::JournalFile;
use super::store::OpenStore;
use super::tail::{Known, Others, Tail};

/// The right to add to the journal. It is given back when this is dropped.
pub(super) struct Locked<'store> {
    store: &'store OpenStore,
    pub(super) journal: Arc<JournalFile>,
}

impl<'store> Locked<'store> {
    /// Waits for other processes that add to the journal, and reads what they have added.
    pub(super) fn new(store: &'store OpenStore, journal: Arc<JournalFile>) -> Result<Self, Fault> {
        if !store.exclusive() {
            journal.lock()?;
        }
        let locked = Self { store, journal };
        // Both at once: from now on, readers take what is known to be the newest.
        let mut tail = store.tail();
        locked.follow(&mut tail)?;
        tail.writing = true;
        drop(tail);
        Ok(locked)
    }

    pub(super) const fn store(&self) -> &'store OpenStore {
        self.store
    }

    /// What is known of the log, brought up to date.
    pub(super) fn follow<'tail>(&self, tail: &'tail mut Tail) -> Result<&'tail mut Known, Fault> {
        let others = if tail.writing || self.store.exclusive() {
            Others::Excluded
        } else {
            Others::Waiting
        };
        tail.follow(&self.journal, self.store, others)
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.store.tail().writing = false;
        if !self.store.exclusive() && self.journal.unlock().is_err() {
            // Closing the file unlocks it.
            self.store.note_suspect();
        }
    }
}

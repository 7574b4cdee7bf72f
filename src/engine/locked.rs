//! The journal while nobody else can add to it, in this process or another.

use std::sync::Arc;

use super::Fault;
use super::journal::JournalFile;
use super::store::OpenStore;
use super::view::Follow;

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
        let follow = Follow {
            journal: Arc::clone(&locked.journal),
            tables: store,
        };
        store.view().begin_writing(store.exclusive(), follow)?;
        Ok(locked)
    }

    pub(super) const fn store(&self) -> &'store OpenStore {
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

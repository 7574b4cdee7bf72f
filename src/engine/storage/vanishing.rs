//! Noticing that what was stored is not in the file any more, or that the file is not where it was.
//!
//! A file can be cut off, overwritten or replaced under an open log. What is read then can look like a log, and
//! what is written may be taken for one. So once it was found that something has vanished, the log is used no
//! more until whoever has it opens it again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::name::Name;
use super::{FileState, Storage};
use crate::engine::journal::Signature;
use crate::engine::{Fault, refusals};
use crate::error::Error;

/// What a log is known by, and whether it was found gone.
pub(super) struct Vanishing {
    signature: Option<Signature>,
    /// The last commit of this process that is on disk, and that all views from then on have.
    stored: AtomicU64,
    found: OnceLock<Error>,
}

impl Vanishing {
    pub(super) const fn of(signature: Option<Signature>) -> Self {
        Self {
            signature,
            stored: AtomicU64::new(0),
            found: OnceLock::new(),
        }
    }

    pub(super) const fn signature(&self) -> Option<Signature> {
        self.signature
    }

    pub(super) fn stored(&self) -> u64 {
        self.stored.load(Ordering::SeqCst)
    }

    pub(super) fn note_stored(&self, commits: u64) {
        self.stored.fetch_max(commits, Ordering::SeqCst);
    }

    /// Remembers the fault if it says that something has vanished.
    pub(super) fn note(&self, fault: &Fault) {
        if let Fault::Vanished(text) = fault {
            self.found
                .get_or_init(|| Fault::Vanished(text.clone()).into());
        }
    }

    /// Fails once something was found to have vanished.
    pub(super) fn check(&self) -> Result<(), Fault> {
        match self.found.get() {
            Some(error) => Err(Fault::Refused(error.clone())),
            None => Ok(()),
        }
    }
}

/// Fails if a log ends before a commit that was on disk.
pub(in crate::engine) fn check_reached(stored: u64, commits: u64) -> Result<(), Fault> {
    if commits < stored {
        return Err(Fault::Vanished(format!(
            "the last commit is number {commits}, and number {stored} was stored"
        )));
    }
    Ok(())
}

impl Storage {
    /// Fails once something was found to have vanished.
    pub(in crate::engine) fn check_there(&self) -> Result<(), Fault> {
        self.vanishing.check()
    }

    /// The last commit of this process that is on disk, and that all views from then on have.
    pub(in crate::engine) fn stored(&self) -> u64 {
        self.vanishing.stored()
    }

    /// Notes that a commit of this process is on disk, and in the view.
    pub(in crate::engine) fn note_stored(&self, commits: u64) {
        self.vanishing.note_stored(commits);
    }

    /// Whether something was found to have vanished. It is so before the alarm is called.
    pub(in crate::engine) fn has_vanished(&self) -> bool {
        self.vanishing.found.get().is_some()
    }

    /// Makes sure that the path which the log was opened with names the file, and that this is still the log.
    ///
    /// # Errors
    ///
    /// `STORAGE_FAILED` if the path names something else; that what was stored has vanished.
    pub(in crate::engine) fn check_name(&self) -> Result<(), Fault> {
        match (self.journal(), self.name()) {
            (Ok(journal), Some(name)) => journal.check_file(name.check()?),
            _ => Ok(()),
        }
    }

    /// Makes sure that this is still the log, whatever the path names.
    pub(in crate::engine) fn check_file(&self) -> Result<(), Fault> {
        let length = self.name().and_then(|name| name.length());
        self.journal()?.check_file(length)
    }

    fn name(&self) -> Option<Arc<Name>> {
        match &*self.state.read() {
            FileState::Open { name, .. } => name.clone(),
            FileState::Failed(_) | FileState::Closed => None,
        }
    }

    /// Makes sure that the file is still the log, before it is closed to be opened again: redb writes when it is
    /// closed.
    pub(super) fn check_there_in(&self, state: &FileState) -> Result<(), Fault> {
        self.vanishing.check()?;
        match state {
            FileState::Open { journal, .. } => {
                let there = journal.check_signature();
                match &there {
                    Err(fault @ Fault::Vanished(_)) => {
                        self.vanishing.note(fault);
                        there
                    }
                    // Whatever it is, opening the file again tells.
                    _ => Ok(()),
                }
            }
            FileState::Failed(_) => Ok(()),
            FileState::Closed => Err(Fault::Refused(refusals::closed())),
        }
    }

    /// Has nothing written to the file by closing it, if it is not the log any more.
    pub(super) fn sever_if_vanished(&self) {
        let state = self.state.read();
        let FileState::Open {
            journal,
            name: Some(name),
            ..
        } = &*state
        else {
            return;
        };
        if self.vanishing.check().is_err()
            || matches!(journal.check_signature(), Err(Fault::Vanished(_)))
        {
            name.sever();
        }
    }
}

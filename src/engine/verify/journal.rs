//! The journal as it is in the file. What is read of it otherwise is in memory.

use super::Check;
use crate::engine::Fault;

impl Check<'_> {
    /// Reads the journal once more: its headers and frames are what was written, and no commit is missing that
    /// the snapshot sees.
    pub(super) fn check_journal(&mut self) -> Result<(), Fault> {
        let reached = self.snapshot.store().commits_in_file()?;
        let seen = self.snapshot.commits();
        // A commit of another process may have been seen and then have failed, after which it is gone.
        if reached < seen && reached < self.snapshot.store().last_commit()? {
            let text = format!("the journal ends with commit {reached}, expected at least {seen}");
            self.add(None, text);
        }
        Ok(())
    }
}

//! The journal as it is in the file. What is read of it otherwise is in memory.

use super::Check;
use crate::engine::Fault;
use crate::engine::view::Commits;

impl Check<'_> {
    /// Reads the journal once more: its headers and frames are what was written, and no commit is missing that
    /// the snapshot sees, or that was told to be on disk.
    pub(super) fn check_journal(&mut self) -> Result<(), Fault> {
        let open_log = self.snapshot.open_log();
        // In this order: what others append meanwhile is in the journal before they tell of it.
        let told = open_log.storage.journal()?.marked()?;
        let Commits {
            last: reached,
            is_beyond_journal,
        } = open_log.commits_in_file()?;
        if is_beyond_journal {
            let text =
                format!("the tables are at commit {reached}, to which the journal does not lead");
            self.add(None, text);
        }
        let seen = self.snapshot.commits().max(told);
        if reached < seen {
            let text = format!("the journal ends with commit {reached}, expected at least {seen}");
            self.add(None, text);
        }
        Ok(())
    }
}

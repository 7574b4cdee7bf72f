//! What a check asks of the file.

use super::{Follow, OpenLog, Others};
use crate::engine::Fault;
use crate::engine::journal::Start;

/// What the file says of commits.
pub(in crate::engine) struct Commits {
    /// The last one.
    pub(in crate::engine) last: u64,
    /// Whether the tables are at a commit that the journal does not lead to. Each time they move on, a
    /// generation has begun that says so, or the journal has the commit as a frame.
    pub(in crate::engine) is_beyond_journal: bool,
}

impl OpenLog {
    /// What the file says, which is read once more for that.
    pub(in crate::engine) fn commits_in_file(&self) -> Result<Commits, Fault> {
        let mut commits = self.read_commits()?;
        if commits.is_beyond_journal {
            // A generation may have begun after the journal was read.
            commits = self.read_commits()?;
        }
        Ok(commits)
    }

    fn read_commits(&self) -> Result<Commits, Fault> {
        let follow = Follow::of(&self.storage)?;
        let view = follow.read(None, Others::Adding)?;
        let last = view.log.commits;
        let has_generation = view.header.is_some();
        let headers = follow.journal.headers()?;
        // One that was begun for a commit that the tables do not have is none.
        let mut begun = headers.iter().flatten();
        let leads_on = begun.any(|header| header.start != Start::Fresh || header.base <= last);
        Ok(Commits {
            last,
            is_beyond_journal: leads_on && !has_generation,
        })
    }
}

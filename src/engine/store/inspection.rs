//! What a check asks of the file.

use super::OpenStore;
use crate::engine::Fault;
use crate::engine::tail::{Others, Tail};

impl OpenStore {
    /// The last commit that is in the file, which is read once more for that.
    pub(in crate::engine) fn commits_in_file(&self) -> Result<u64, Fault> {
        let journal = self.journal()?;
        let mut tail = Tail::default();
        let known = tail.follow(&journal, self, Others::Adding)?;
        Ok(known.log.commits)
    }
}

//! Overwriting what the journal has had in it.

use redb::StorageBackend;

use super::file::JournalFile;
use crate::engine::Fault;
use crate::engine::zeroing::zero;

impl JournalFile {
    /// Overwrites both segments with zeros, on the conditions of [`JournalFile::give_back`]. They are on disk when this
    /// returns.
    ///
    /// # Errors
    ///
    /// A storage fault. A part of them may be overwritten then.
    pub(in crate::engine) fn overwrite(&self) -> Result<(), Fault> {
        self.give_back()?;
        // What is kept of each; and all of it, where there are no holes.
        let segments = self.layout.segment_at(0)..self.layout.tables_at();
        self.in_whole_file(|file| zero(file, segments))?;
        self.sync()
    }

    /// Does something with an opening of the whole file, whose writes need not be on disk at once.
    pub(in crate::engine) fn in_whole_file<T>(
        &self,
        work: impl FnOnce(&dyn StorageBackend) -> T,
    ) -> T {
        let unsynced = self.unsynced.lock().clone();
        match &unsynced {
            Some(backend) => work(&**backend),
            None => work(&*self.backend),
        }
    }
}

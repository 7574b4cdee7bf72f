//! Overwriting what the file still has of what is not in the tables any more.

use redb::StorageBackend;

use super::pages::Pages;
use super::{Storage, TableTurn};
use crate::engine::Fault;
use crate::engine::journal::JournalFile;
use crate::engine::zeroing::zero;

/// The bytes in a page of redb. What another program has added after the last one is not its.
const PAGE_BYTES: u64 = 4096;

impl Storage {
    /// Overwrites all pages of the tables that are free. They are zeros on disk when this returns `true`. It is `false`, and
    /// nothing was done, if they cannot be found out. Pages that wait to be free are left: the tables have been compacted
    /// before, and what was freed since was written since.
    ///
    /// # Errors
    ///
    /// A storage fault; corruption, if it cannot be found out which pages are in use.
    pub(in crate::engine) fn overwrite_unused(&self, turn: &TableTurn) -> Result<bool, Fault> {
        // Nobody takes a page, or gives one back, until it ends.
        let transaction = self.begin_write(turn)?;
        let allocated = transaction.stats()?.allocated_pages();
        let journal = self.journal_to_write()?;
        let is_known = journal.in_whole_file(|file| overwrite(file, &journal, allocated))?;
        if is_known {
            journal.sync()?;
        }
        transaction.abort()?;
        Ok(is_known)
    }
}

/// Overwrites the pages that are not in use, if as many are in use as are `allocated`. Returns whether that is so.
fn overwrite(
    file: &dyn StorageBackend,
    journal: &JournalFile,
    allocated: u64,
) -> Result<bool, Fault> {
    let start = journal.layout().tables_at();
    let bytes = file.len()?.saturating_sub(start) / PAGE_BYTES * PAGE_BYTES;
    let pages = Pages::of(file, start, bytes)?;
    if pages.used_count() != allocated {
        return Ok(false);
    }
    for range in pages.unused() {
        zero(file, range)?;
    }
    Ok(true)
}

//! Giving back the room of pages of the tables that are not in use.
//!
//! Events are rows until their block is whole. Then they are sealed, and their pages are free. redb keeps the room of those
//! for what comes, though it can be several times what is in use. A hole takes no room, and a page that is used again
//! gets its room again.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::opening::Tables;
use super::pages::Pages;
use super::{FileState, Storage, TableTurn};
use crate::engine::Fault;
use crate::engine::journal::JournalFile;

/// Larger tables are left as they are, in bytes: which pages are in use is found out by a look at each of them. What is free
/// of such tables is a small part.
const TABLES_BYTES_MAX: u64 = 256 << 20;

/// The part of a segment of the journal from which on it is worth it: one MiB in new files.
const WORTHWHILE: u64 = 16;

/// The part of the tables that is to be written before pages are looked for again. To look takes as long as the tables are
/// large, and what is free by then is not more than was written.
const WRITTEN: u64 = 8;

/// How often pages that wait to be free are made free at most. Those of redb's lists of them wait themselves then.
const COMMITS_MAX: usize = 2;

/// Fewer bytes in a row keep their room: a file in many parts is slower to read.
const RANGE_BYTES_MIN: u64 = 16 << 10;

/// The bytes in a page of redb.
const PAGE_BYTES: u64 = 4096;

/// What is not in use.
struct Found {
    /// How many pages are.
    used: u64,
    /// How many of them only wait until nobody reads from them.
    waiting: u64,
    /// Where those are in the file that are not, if many are in a row.
    unused: Vec<Range<u64>>,
}

impl Storage {
    /// Gives back the room of unused pages, if that is worth it, this process has the tables open to write, and has written
    /// much to them since it last did so. It need not be on disk when this returns: a page has then what it had before, which
    /// nobody reads.
    ///
    /// # Errors
    ///
    /// A storage fault. The tables are as they were then.
    pub(in crate::engine) fn give_back_unused(&self, turn: &TableTurn) -> Result<(), Fault> {
        let Some(journal) = self.journal_of_writable() else {
            return Ok(());
        };
        let written = journal.written_to_tables();
        if written.load(Ordering::Relaxed).saturating_mul(WRITTEN) < tables_bytes(&journal)? {
            return Ok(());
        }
        for commits in 0..=COMMITS_MAX {
            let may_wait = commits < COMMITS_MAX;
            if !are_worthwhile(&journal)? || !self.give_back_once(turn, may_wait)? {
                // What still waits then, since somebody reads from it, is to be found by the next who looks.
                if may_wait {
                    written.store(0, Ordering::Relaxed);
                }
                break;
            }
            // The next commit makes those free that wait, unless somebody reads from them.
            let transaction = self.begin_write(turn)?;
            if let Err(error) = transaction.commit() {
                // redb takes no more transactions after that, whatever the reason was.
                self.note_suspect();
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// The journal, if the tables beside it are open to write.
    fn journal_of_writable(&self) -> Option<Arc<JournalFile>> {
        match &*self.state.read() {
            FileState::Open {
                tables: Tables::Writable(_),
                journal,
                ..
            } => Some(Arc::clone(journal)),
            _ => None,
        }
    }

    /// Gives back what is unused, unless much more would be after a commit, and `may_wait`. Returns whether that is so.
    fn give_back_once(&self, turn: &TableTurn, may_wait: bool) -> Result<bool, Fault> {
        // Nobody takes a page, or gives one back, until it ends.
        let transaction = self.begin_write(turn)?;
        let allocated = transaction.stats()?.allocated_pages();
        let journal = self.journal_to_write()?;
        let found = match found_in(&journal) {
            // It is told where the tables are read, or checked.
            Err(Fault::Corrupted(_)) => None,
            found => Some(found?).filter(|found| found.used == allocated),
        };
        let mut waits = false;
        if let Some(found) = found {
            waits = may_wait && found.waiting * PAGE_BYTES >= least(&journal);
            let bytes: u64 = found
                .unused
                .iter()
                .map(|range| range.end - range.start)
                .sum();
            if !waits && bytes >= least(&journal) {
                // It is still the log.
                journal.check_start()?;
                found
                    .unused
                    .into_iter()
                    .try_for_each(|range| journal.punch(range))?;
            }
        }
        transaction.abort()?;
        Ok(waits)
    }
}

/// Whether the tables are neither too large nor too small.
fn are_worthwhile(journal: &JournalFile) -> Result<bool, Fault> {
    Ok((least(journal)..=TABLES_BYTES_MAX).contains(&tables_bytes(journal)?))
}

/// How many bytes the file has for the tables.
fn tables_bytes(journal: &JournalFile) -> Result<u64, Fault> {
    let tables_at = journal.layout().tables_at();
    Ok(journal.file_bytes()?.saturating_sub(tables_at))
}

/// From how many bytes on it is worth it.
fn least(journal: &JournalFile) -> u64 {
    u64::from(journal.layout().segment_bytes) / WORTHWHILE
}

fn found_in(journal: &JournalFile) -> Result<Found, Fault> {
    let start = journal.layout().tables_at();
    journal.in_whole_file(|file| {
        let bytes = file.len()?.saturating_sub(start) / PAGE_BYTES * PAGE_BYTES;
        let pages = Pages::of(file, start, bytes)?;
        let mut unused = pages.unused();
        unused.retain(|range| range.end - range.start >= RANGE_BYTES_MIN);
        Ok(Found {
            used: pages.used_count(),
            waiting: pages.waiting_count(),
            unused,
        })
    })
}

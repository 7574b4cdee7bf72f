//! Reading the journal: what other processes have added, or all of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Generation, LogView, Others};
use crate::engine::Fault;
use crate::engine::journal::{Header, HeaderState, JournalFile, Start};
use crate::engine::seeded_bug::{Bug, Seeded};
use crate::engine::storage::Storage;
use crate::engine::tables::log_head::LogHead;

/// What a view is brought up to date from.
pub(in crate::engine) struct Follow<'a> {
    pub(in crate::engine) journal: Arc<JournalFile>,
    storage: &'a Storage,
}

impl<'a> Follow<'a> {
    /// Follows an open file.
    ///
    /// # Errors
    ///
    /// A storage fault, or a refusal: the file is not open now.
    pub(in crate::engine) fn of(storage: &'a Storage) -> Result<Self, Fault> {
        Ok(Self {
            journal: storage.journal()?,
            storage,
        })
    }

    /// The view of what has been committed by now, by whatever process, going on from the one that is `known`.
    ///
    /// # Errors
    ///
    /// Corruption; a storage fault.
    pub(in crate::engine) fn read(
        &self,
        mut known: Option<LogView>,
        others: Others,
    ) -> Result<LogView, Fault> {
        if self.storage.has(Bug::StaleCache)
            && let Some(view) = known
        {
            return Ok(view);
        }
        let locked = others == Others::Waiting;
        loop {
            let headers = self.journal.headers()?;
            let bound = self.bound(others)?;
            let read = self.read_once(known.take(), &headers, others, bound);
            // What was read belongs together only if no generation was begun in the meantime.
            let settled = locked || self.journal.headers()? == headers;
            match read {
                Ok(Some(view)) if settled => return Ok(view),
                Ok(view) => known = view,
                Err(fault) if settled => return Err(fault),
                Err(_) => {}
            }
        }
    }

    /// Up to which commit frames are read. What another process has not told to be on disk may yet be made
    /// void, unless it waits.
    ///
    /// This is read after the headers and before the frames: whoever begins a generation has told of all
    /// before it, and a frame that has been told of never changes.
    fn bound(&self, others: Others) -> Result<u64, Fault> {
        let sees_all = self.storage.has(Bug::SeenBeforeSync)
            || (self.storage.has(Bug::SeenUnconfirmed) && self.storage.exclusive());
        if sees_all {
            return Ok(u64::MAX);
        }
        match others {
            Others::Waiting | Others::Finished => Ok(u64::MAX),
            Others::Adding => Ok(self.journal.marked()?.max(self.storage.synced())),
        }
    }

    /// Reads once what there is. `None` if what was read means nothing, because others have gone on meanwhile.
    fn read_once(
        &self,
        known: Option<LogView>,
        headers: &HeaderState,
        others: Others,
        bound: u64,
    ) -> Result<Option<LogView>, Fault> {
        let is_first = known.is_none();
        if let Some(mut view) = known
            && view.continue_with(&self.journal, headers, bound, self.storage.synced())?
        {
            return Ok(Some(view));
        }
        // In this order: the frames then reach at least as far as the tables did.
        let mut tables = self.storage.log_in_tables()?;
        if others == Others::Waiting && uncommitted(headers, tables).is_some() {
            // Whoever wrote it is gone, but its transaction may yet turn out to be committed.
            tables = self.storage.settled_log_in_tables()?;
        }
        let loaded = LogView::load(&self.journal, headers, tables, bound).and_then(|mut view| {
            if matches!(others, Others::Adding | Others::Finished) {
                view.void_header = None;
            }
            if is_first && let Some(header) = view.header {
                // This reads the rest of the segment, which is too much for each time.
                self.journal
                    .check_end(&header, view.offset, view.log.commits + 1)?;
            }
            Ok(view)
        });
        // The generation that did not count yet may count by now. Then the frames before it are in the tables, and their room
        // may have been given back while they were read.
        if others != Others::Waiting
            && uncommitted(headers, tables).is_some()
            && uncommitted(headers, self.storage.log_in_tables()?).is_none()
        {
            return Ok(None);
        }
        loaded.map(Some)
    }
}

impl LogView {
    /// Goes on from what is known; `false` if it does not lead to what `headers` say.
    fn continue_with(
        &mut self,
        journal: &JournalFile,
        headers: &HeaderState,
        bound: u64,
        synced: u64,
    ) -> Result<bool, Fault> {
        let Some(own) = self.header else {
            return Ok(newest(headers, self.void_header).is_none());
        };
        let newest = newest(headers, self.void_header);
        // Only then the frames that were read before are still to be there: once a fresh generation has begun, their room
        // is given back.
        let leads_on = newest.is_some_and(|newest| {
            newest == own
                || (newest.generation == own.generation + 1
                    && newest.start == Start::Continues
                    && headers[own.segment() as usize] == Some(own))
        });
        let Some(newest) = newest.filter(|_| leads_on) else {
            return Ok(false);
        };
        let mut is_followed = true;
        if let Some(last) = self.last {
            let [found, next] = journal.frame_headers(&own, [last.offset, self.offset])?;
            is_followed = next
                .is_some_and(|next| next.salt == own.salt && next.commit == self.log.commits + 1);
            if !found.is_some_and(|found| {
                found.salt == own.salt
                    && found.commit == self.log.commits
                    && found.checksum == last.checksum
            }) {
                // It was on disk, and is not overwritten before its generation has given way.
                if self.log.commits <= synced {
                    return Err(Fault::Vanished(format!(
                        "commit {} is not in the journal any more",
                        self.log.commits
                    )));
                }
                return Ok(false);
            }
        }
        // There is nothing to read where no frame of this generation follows.
        let last = if is_followed {
            u64::MAX
        } else {
            self.log.commits
        };
        if newest == own {
            self.read_frames(journal, &own, bound.min(last))?;
            return Ok(true);
        }
        self.read_frames(journal, &own, newest.base.min(last))?;
        if self.log.commits != newest.base {
            return Ok(false);
        }
        self.filled[own.segment() as usize] = journal.layout().segment_bytes;
        self.rotate(newest, false);
        self.read_frames(journal, &newest, bound)?;
        Ok(true)
    }

    /// Reads the journal up to the commit `bound`, or further if what follows is on disk too. `tables` is the last
    /// commit that the tables hold.
    fn load(
        journal: &JournalFile,
        headers: &HeaderState,
        tables: LogHead,
        bound: u64,
    ) -> Result<Self, Fault> {
        let uncommitted = uncommitted(headers, tables);
        let current = newest(headers, uncommitted);
        let mut known = Self::of_tables(tables);
        known.void_header = uncommitted;
        known.next_generation = uncommitted.map_or(1, |header| header.generation);
        for header in headers.iter().flatten() {
            known.filled[header.segment() as usize] = header.filled;
        }
        let Some(current) = current else {
            return Ok(known);
        };
        known.next_generation = current.generation + 1;
        let other = (1 - current.segment()) as usize;
        if current.start == Start::Fresh && headers[other].is_some() {
            // Whoever has used the other segment has filled that much of it, which its header need not say, and whoever has
            // begun this generation may have given back the rest.
            known.filled[other] = journal.layout().kept_bytes();
        }
        let before = headers[other].filter(|header| {
            current.start == Start::Continues && header.generation + 1 == current.generation
        });
        if before.is_some() {
            known.filled[other] = journal.layout().segment_bytes;
        }
        let begin = match before {
            Some(before) if tables.commits < current.base => {
                known.log.commits = before.base;
                known.restart(before);
                known.read_frames(journal, &before, current.base)?;
                if known.log.commits != current.base {
                    return Err(missing(&current));
                }
                known.rotate(current, false);
                before.base
            }
            // The frames of the generation before are in the tables. They may be gone: a failed sync can keep a header from the
            // disk and leave it in the page cache, and whoever goes on from that one begins to overwrite them. Its own header is
            // gone where it has given way to the uncommitted one.
            _ => {
                known.log.commits = current.base;
                known.restart(current);
                current.base
            }
        };
        if tables.commits < begin {
            return Err(missing(&current));
        }
        // What is in the tables is on disk.
        known.read_frames(journal, &current, bound.max(tables.commits))?;
        if known.log.commits < tables.commits {
            // The tables have moved on, and with them the journal: its next generation is fresh.
            let next_generation = known.next_generation;
            known = Self {
                filled: known.filled,
                next_generation,
                ..Self::of_tables(tables)
            };
        }
        if known.log.commits == tables.commits {
            known.log.token = tables.token;
        }
        Ok(known)
    }

    /// What is known if the tables hold everything.
    fn of_tables(tables: LogHead) -> Self {
        static LINEAGES: AtomicU64 = AtomicU64::new(1);
        Self {
            lineage: LINEAGES.fetch_add(1, Ordering::Relaxed),
            header: None,
            header_synced: false,
            void_header: None,
            next_generation: 1,
            log: tables,
            offset: 0,
            filled: [0; 2],
            last: None,
            current: Generation::begun(0, tables),
            previous: None,
            summaries: Arc::default(),
        }
    }

    /// Begins with a generation that others have begun.
    fn restart(&mut self, header: Header) {
        self.current = Generation::begun(header.generation, self.log);
        self.begin(header, false);
    }

    /// Reads the frames that follow, up to a commit.
    fn read_frames(
        &mut self,
        journal: &JournalFile,
        header: &Header,
        commits: u64,
    ) -> Result<(), Fault> {
        while self.log.commits < commits
            && let Some(frame) = journal.frame(header, self.offset, self.log.commits + 1)?
        {
            self.add(&frame);
            self.current.segment.learn(&frame)?;
        }
        // Whoever has written the first frame has filled what keeps its room.
        let least = match self.offset {
            0 => 0,
            end => end.max(journal.layout().kept_bytes()),
        };
        let filled = &mut self.filled[header.segment() as usize];
        *filled = (*filled).max(least);
        Ok(())
    }
}

/// The header of the newest generation but the `void` one.
fn newest(headers: &HeaderState, void: Option<Header>) -> Option<Header> {
    headers
        .iter()
        .flatten()
        .filter(|header| Some(**header) != void)
        .max_by_key(|header| header.generation)
        .copied()
}

/// The header of a fresh generation whose transaction the tables do not hold.
fn uncommitted(headers: &HeaderState, tables: LogHead) -> Option<Header> {
    newest(headers, None)
        .filter(|header| header.start == Start::Fresh && header.base > tables.commits)
}

fn missing(current: &Header) -> Fault {
    Fault::Corrupted(format!(
        "the commits up to {}, before generation {} of the journal, are missing",
        current.base, current.generation
    ))
}

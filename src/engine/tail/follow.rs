//! Reading the journal: what other processes have added, or all of it.

use std::sync::Arc;

use super::{Known, Others, Part, Streams, Tail};
use crate::engine::Fault;
use crate::engine::journal::{Header, HeaderState, JournalFile, Start};
use crate::engine::log_head::LogHead;
use crate::engine::store::OpenStore;

impl Tail {
    /// Learns what has been committed since this was last called, by whatever process.
    ///
    /// `store` has the tables that belong to the journal.
    ///
    /// # Errors
    ///
    /// Corruption; a storage fault. Then nothing is known any more.
    pub(in crate::engine) fn follow(
        &mut self,
        journal: &JournalFile,
        store: &OpenStore,
        others: Others,
    ) -> Result<&mut Known, Fault> {
        #[cfg(test)]
        let others = if store.has(crate::engine::seeded_bug::Bug::StaleCache) {
            Others::Excluded
        } else {
            others
        };
        if others == Others::Excluded
            && let Some(known) = self.known.take()
        {
            return Ok(self.known.insert(known));
        }
        let locked = others != Others::Adding;
        loop {
            let headers = journal.headers()?;
            let read = self.read(journal, &headers, store, others);
            // What was read belongs together only if no generation was begun in the meantime.
            let settled = locked || journal.headers()? == headers;
            match read {
                Ok(known) if settled => return Ok(self.known.insert(known)),
                Ok(known) => self.known = Some(known),
                Err(fault) if settled => return Err(fault),
                Err(_) => {}
            }
        }
    }

    fn read(
        &mut self,
        journal: &JournalFile,
        headers: &HeaderState,
        store: &OpenStore,
        others: Others,
    ) -> Result<Known, Fault> {
        let is_first = self.known.is_none();
        if let Some(mut known) = self.known.take()
            && known.continue_with(journal, headers)?
        {
            return Ok(known);
        }
        // In this order: the frames then reach at least as far as the tables did.
        let mut tables = store.log_in_tables()?;
        if others == Others::Waiting && uncommitted(headers, tables).is_some() {
            // Whoever wrote it is gone, but its transaction may yet turn out to be committed.
            tables = store.settled_log_in_tables()?;
        }
        let mut known = Known::load(journal, headers, tables)?;
        if others == Others::Adding {
            known.void_header = None;
        }
        if is_first && let Some(header) = known.header {
            // This reads the rest of the segment, which is too much for each time.
            journal.check_end(&header, known.offset, known.log.commits + 1)?;
        }
        Ok(known)
    }
}

impl Known {
    /// Goes on from what is known; `false` if it does not lead to what `headers` say.
    fn continue_with(
        &mut self,
        journal: &JournalFile,
        headers: &HeaderState,
    ) -> Result<bool, Fault> {
        let Some(own) = self.header else {
            return Ok(newest(headers, self.void_header).is_none());
        };
        if let Some(last) = self.last {
            let found = journal.frame_header(&own, last.offset)?;
            if !found.is_some_and(|found| {
                found.salt == own.salt
                    && found.commit == self.log.commits
                    && found.checksum == last.checksum
            }) {
                return Ok(false);
            }
        }
        match newest(headers, self.void_header) {
            Some(newest) if newest == own => self.read_frames(journal, &own, u64::MAX)?,
            Some(newest)
                if newest.generation == own.generation + 1
                    && newest.start == Start::Continues
                    && headers[own.segment() as usize] == Some(own) =>
            {
                self.read_frames(journal, &own, newest.base)?;
                if self.log.commits != newest.base {
                    return Ok(false);
                }
                self.filled[own.segment() as usize] = journal.layout().segment_bytes;
                self.rotate(newest, false);
                self.read_frames(journal, &newest, u64::MAX)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Reads the whole journal, `tables` being the last commit that the tables hold.
    fn load(journal: &JournalFile, headers: &HeaderState, tables: LogHead) -> Result<Self, Fault> {
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
        let before = headers[(1 - current.segment()) as usize]
            .filter(|header| header.generation + 1 == current.generation);
        let begin = match before {
            Some(before) if current.start == Start::Continues => {
                known.log.commits = before.base;
                known.begin(before, false);
                known.read_frames(journal, &before, current.base)?;
                if known.log.commits != current.base {
                    return Err(missing(&current));
                }
                known.filled[before.segment() as usize] = journal.layout().segment_bytes;
                known.rotate(current, false);
                before.base
            }
            // The header of the generation before has given way to the uncommitted one. Its frames
            // were brought into the tables before that.
            _ => {
                known.log.commits = current.base;
                known.begin(current, false);
                current.base
            }
        };
        if tables.commits < begin {
            return Err(missing(&current));
        }
        known.read_frames(journal, &current, u64::MAX)?;
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
        Self {
            header: None,
            header_own: false,
            void_header: None,
            next_generation: 1,
            log: tables,
            offset: 0,
            filled: [0; 2],
            last: None,
            current: Part {
                commits: tables.commits,
                token: tables.token,
                ..Part::default()
            },
            previous: None,
            summaries: Arc::default(),
            numbers: Default::default(),
            instances: Default::default(),
            streams: Streams::default(),
        }
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
            self.add(&frame, false);
            self.current.segment.learn(&frame)?;
        }
        let filled = &mut self.filled[header.segment() as usize];
        *filled = (*filled).max(self.offset);
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

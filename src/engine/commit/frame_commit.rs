//! Committing a batch: as a frame of the journal, or to the tables.

use std::sync::Arc;
use std::time::Instant;

use super::batch::{Staged, Writing};
use super::checkpoint::checkpoint;
use super::checkpointer::Checkpointer;
use super::locked::Locked;
use crate::engine::Fault;
use crate::engine::journal::{Frame, Header, JournalFile, Segment, Start, random_salt};
use crate::engine::seeded_bug::{self, Bug, Seeded};
use crate::engine::tables::log_head::LogHead;
use crate::engine::view::LogView;

/// How far a commit has come, for whoever has to find out what became of it.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) enum Attempt {
    /// The right to write was not had yet.
    #[default]
    Waiting,
    /// Nothing of it was written.
    NotBegun,
    /// Its frame was written and could be made void.
    Void,
    /// Its frame was begun.
    Frame(LogHead),
    /// Its transaction was begun to be committed.
    Tables(LogHead),
}

/// What a commit works with.
pub(in crate::engine) struct Commit<'a> {
    pub(in crate::engine) locked: &'a Locked<'a>,
    pub(in crate::engine) checkpointer: &'a Arc<Checkpointer>,
}

/// The place in the journal where a frame goes.
struct FramePosition {
    header: Header,
    header_synced: bool,
    offset: u32,
    filled: u32,
}

impl FramePosition {
    fn at_the_end_of(view: &LogView) -> Option<Self> {
        let header = view.header?;
        Some(Self {
            header,
            header_synced: view.header_synced,
            offset: view.offset,
            filled: view.filled(&header),
        })
    }
}

impl Commit<'_> {
    /// Adds the frame to the journal. It is on disk when this returns.
    pub(in crate::engine) fn frame(
        &self,
        frame: &mut Frame,
        staged: Staged,
        attempt: &mut Attempt,
    ) -> Result<(), Fault> {
        if self.locked.open_log().has(Bug::SplitBatch)
            && let Some(frames) = seeded_bug::split(frame)
        {
            return self.split(frames, &staged, attempt);
        }
        self.append(frame, staged.log, attempt, |segment, _| {
            staged.tell(segment);
            Ok(())
        })
    }

    /// Stores a batch as two commits.
    fn split(
        &self,
        frames: [Frame; 2],
        staged: &Staged,
        attempt: &mut Attempt,
    ) -> Result<(), Fault> {
        for (mut frame, later) in frames.into_iter().zip(0..) {
            let log = LogHead {
                commits: staged.log.commits + later,
                ..staged.log
            };
            self.append(&mut frame, log, attempt, Segment::learn)?;
        }
        Ok(())
    }

    /// Adds a frame that leads up to `log`. Readers see it with what `tell` adds to it.
    fn append(
        &self,
        frame: &mut Frame,
        log: LogHead,
        attempt: &mut Attempt,
        tell: impl FnOnce(&Segment, &Frame) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let open_log = self.locked.open_log();
        let journal = &self.locked.journal;
        // The log was looked at when the turn began. What was staged since can have taken some time.
        journal.check_start()?;
        let mut place = match self.place_for(frame.bytes().len()) {
            Ok(place) => place,
            Err(fault) => {
                // A lock is waited for before anything is written.
                if !fault.is_busy() {
                    open_log.storage.note_unrecovered();
                }
                return Err(fault);
            }
        };
        frame.sign(place.header.salt);
        *attempt = Attempt::Frame(log);
        let written = self.write(frame, &mut place);
        let is_synced = written.is_ok();
        // The file may have been taken away. To look once, after the frame is in it, is enough.
        if let Err(fault) = written.and_then(|()| open_log.storage.check_name()) {
            if open_log.has(Bug::WrongTail) {
                open_log.storage.note_unrecovered();
                *attempt = Attempt::Void;
                return Err(fault);
            }
            // If another log is in the file by now, the frame is in none, and not a byte of the other one is written to.
            let is_gone = matches!(journal.check_start(), Err(Fault::Vanished(_)));
            let is_void = is_gone || journal.void(&place.header, place.offset).is_ok();
            if is_void {
                *attempt = Attempt::Void;
            }
            if !(is_synced && is_void) {
                open_log.storage.note_unrecovered();
            }
            return Err(fault);
        }
        self.locked.mark(log.commits)?;
        let view = open_log.view().known()?;
        open_log
            .view()
            .replace(view.with_frame(frame, place.filled, tell)?);
        Ok(())
    }

    /// Where a frame of that many bytes goes: at the end of the current generation, or at the start
    /// of the next one.
    fn place_for(&self, bytes: usize) -> Result<FramePosition, Fault> {
        let open_log = self.locked.open_log();
        let segment_bytes = self.locked.journal.layout().segment_bytes as usize;
        let view = open_log.view().known()?;
        let place = FramePosition::at_the_end_of(&view);
        let start = match place {
            Some(_) => Start::Continues,
            None => Start::Fresh,
        };
        let next = view.next_header(view.log.commits, start, random_salt());
        match place {
            Some(place) if place.offset as usize + bytes <= segment_bytes => return Ok(place),
            Some(_) => {
                // The next generation takes the segment of the previous one.
                if let Some(previous) = &view.previous {
                    checkpoint(&open_log.storage, &open_log.storage.table_turn(), previous)?;
                }
            }
            None => {}
        }
        self.locked.journal.write_header(&next)?;
        let begun = match next.start {
            Start::Fresh => view.afresh(next, view.log),
            Start::Continues => {
                self.checkpointer.push(view.current.clone());
                view.continued(next)
            }
        };
        let begun = open_log.view().replace(begun);
        FramePosition::at_the_end_of(&begun)
            .ok_or_else(|| Fault::Corrupted("journal: no generation".into()))
    }

    /// Writes the frame, after the header of its generation.
    fn write(&self, frame: &Frame, place: &mut FramePosition) -> Result<(), Fault> {
        let journal = &self.locked.journal;
        adopt(journal, place)?;
        if self.locked.open_log().has(Bug::MarkedBeforeSync) {
            self.locked.mark(frame.header().commit)?;
        }
        let bytes = frame.bytes();
        let began = Instant::now();
        journal.write_frames(&place.header, place.offset, bytes, &mut place.filled)?;
        let counters = self.locked.open_log().storage.counters();
        counters.add_sync(bytes.len(), began.elapsed());
        Ok(())
    }

    /// Commits the transaction, after the header of the generation that it begins.
    pub(in crate::engine) fn tables(
        &self,
        writing: Box<Writing>,
        header: Header,
        staged: Staged,
        attempt: &mut Attempt,
    ) -> Result<(), Fault> {
        let open_log = self.locked.open_log();
        open_log.storage.check_name()?;
        open_log.storage.note_unrecovered();
        self.locked.journal.write_header(&header)?;
        *attempt = Attempt::Tables(staged.log);
        let table_turn = writing.commit()?;
        #[cfg(test)]
        super::checkpoint::write_postponed(&open_log.storage, &table_turn)?;
        open_log.storage.note_recovered();
        open_log.storage.note_table_commit(staged.log.commits);
        self.locked.mark(staged.log.commits)?;
        let view = open_log.view().known()?;
        let view = open_log.view().replace(view.afresh(header, staged.log));
        // It comes after the memory in the order of locks.
        drop(table_turn);
        let mut memory = open_log.memory(&view);
        for (number, name, head) in staged.streams() {
            memory.learn_stream(number, name, head);
        }
        drop(memory);
        open_log.storage.check_name()
    }
}

/// Makes sure that a generation which another process has begun is on disk, and what its header says
/// of the tables is true there.
fn adopt(journal: &JournalFile, place: &mut FramePosition) -> Result<(), Fault> {
    if !place.header_synced {
        journal.write_header(&place.header)?;
        journal.sync()?;
        place.header_synced = true;
    }
    Ok(())
}

//! What a process knows of the log: a [`LogView`], which never changes. Whoever learns of a commit puts another
//! one in its place.
//!
//! A view has the newest state of everything that the journal's frames have changed. It is never behind the
//! tables, which follow in large steps; where both know something, the view is at least as new. What is only
//! remembered of the tables is elsewhere: what the writer remembers in [`Memory`], what readers do in
//! [`OfTables`].
//!
//! Readers [take](SharedView::latest) the view that is there. They wait for nobody who stages, syncs or
//! writes to the tables.

mod follow;
mod inspection;
mod memory;
mod open_log;
mod others;
mod shared;
mod streams;

use std::sync::Arc;

pub(super) use self::follow::Follow;
pub(super) use self::inspection::Commits;
pub(super) use self::memory::Memory;
pub(super) use self::open_log::OpenLog;
pub(super) use self::others::Others;
pub(super) use self::shared::{OfTables, SharedView};
pub(super) use self::streams::{STREAMS_MAX, Streams};
use super::Fault;
use super::journal::{Frame, Header, Segment, Start, StreamHead, next_offset};
use super::summary::Summaries;
use super::tables::instance::Head;
use super::tables::log_head::LogHead;

/// One generation of the journal, as of a commit. Its segment may hold more by now than belongs to that.
#[derive(Clone, Debug, Default)]
pub(super) struct Generation {
    /// Its number; 0 where none has been begun.
    pub(super) number: u64,
    pub(super) segment: Arc<Segment>,
    /// The commit before its first one.
    base: u64,
    /// The last commit of it.
    pub(super) commits: u64,
    pub(super) token: u64,
}

/// The last frame of the journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastFrame {
    pub(super) offset: u32,
    pub(super) checksum: u32,
}

/// What is known of the log, as of one commit.
#[derive(Clone, Debug)]
pub(super) struct LogView {
    /// Views that were made of each other have the same one. Between others, anything may have happened.
    lineage: u64,
    /// The generation that frames are added to, unless none has been begun.
    pub(super) header: Option<Header>,
    /// Whether the header is sure to be on disk.
    pub(super) header_synced: bool,
    /// A header that will never count: its writer is gone, and its transaction was not committed.
    void_header: Option<Header>,
    /// The number of the generation that comes next.
    next_generation: u64,
    /// The commit.
    pub(super) log: LogHead,
    /// Where in the segment the next frame begins.
    pub(super) offset: u32,
    /// How many bytes of each segment have been written before.
    filled: [u32; 2],
    pub(super) last: Option<LastFrame>,
    pub(super) current: Generation,
    /// The generation before, which the tables may not hold yet.
    pub(super) previous: Option<Generation>,
    /// Summaries of blocks that end in these generations. They are of no use to who knows other ones.
    pub(super) summaries: Arc<Summaries>,
}

impl Generation {
    fn begun(number: u64, log: LogHead) -> Self {
        Self {
            number,
            segment: Arc::default(),
            base: log.commits,
            commits: log.commits,
            token: log.token,
        }
    }

    /// Whether nothing is missing between that commit and its first one.
    pub(super) const fn follows(&self, commits: u64) -> bool {
        commits >= self.base
    }

    /// Where an instance stands, if the generation has changed it.
    pub(super) fn head(&self, number: u32) -> Option<Head> {
        self.segment.records().head(number, self.commits)
    }
}

impl LogView {
    /// Of views that have the same one, each has all commits of those before.
    pub(super) const fn lineage(&self) -> u64 {
        self.lineage
    }

    /// The generations, newest first.
    pub(super) fn generations(&self) -> impl Iterator<Item = &Generation> {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
    }

    /// Where an instance stands, if the journal has changed it.
    pub(super) fn head(&self, number: u32) -> Option<Head> {
        let mut generations = self.generations();
        generations.find_map(|generation| generation.head(number))
    }

    /// The last commit that has changed an instance, or may have: what came before the journal is not known any
    /// more. Without an instance, the last one that may have made or deleted one.
    pub(super) fn last_change(&self, instance: Option<u32>) -> u64 {
        let changed = instance.and_then(|number| {
            let mut generations = self.generations();
            generations.find_map(|generation| {
                let records = generation.segment.records();
                records.last_change(number, generation.commits)
            })
        });
        let oldest = self.previous.as_ref().unwrap_or(&self.current);
        changed.unwrap_or(0).max(oldest.base)
    }

    /// Where a stream stands, if the journal has changed it.
    pub(super) fn stream(&self, number: u32, stream_id: &str) -> Option<(Arc<str>, StreamHead)> {
        self.generations().find_map(|generation| {
            let records = generation.segment.records();
            let (name, head) = records.stream(number, stream_id)?;
            Some((Arc::clone(name), head))
        })
    }

    /// The position of the first event of the call with that key, if the journal has it.
    pub(super) fn position_of_key(&self, number: u32, key: &str) -> Option<u64> {
        let mut generations = self.generations();
        generations.find_map(|generation| generation.segment.records().position_of_key(number, key))
    }

    /// How many bytes of the segment of a generation have been written before.
    pub(super) const fn filled(&self, header: &Header) -> u32 {
        self.filled[header.segment() as usize]
    }

    /// How many bytes of the segments have been written before, beyond the first so many of each.
    pub(super) fn room_beyond(&self, kept_bytes: u32) -> u32 {
        let beyond = self.filled.map(|filled| filled.saturating_sub(kept_bytes));
        beyond[0].saturating_add(beyond[1])
    }

    /// The header of the generation that comes next, after the commit `base`. `salt` is a random number.
    pub(super) const fn next_header(&self, base: u64, start: Start, salt: u64) -> Header {
        let mut header = Header {
            generation: self.next_generation,
            salt,
            base,
            filled: 0,
            start,
        };
        header.filled = self.filled(&header);
        header
    }

    /// The view after a frame that this process has written to the journal at [`LogView::offset`], up to where
    /// the segment is `filled` by now. Others see it with what `tell` adds to the segment.
    pub(super) fn with_frame(
        &self,
        frame: &Frame,
        filled: u32,
        tell: impl FnOnce(&Segment, &Frame) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let mut view = self.clone();
        if let Some(header) = view.header {
            view.filled[header.segment() as usize] = filled;
        }
        view.add(frame);
        tell(&view.current.segment, frame)?;
        Ok(view)
    }

    /// The view after a generation that continues the current one was begun by this process.
    pub(super) fn continued(&self, header: Header) -> Self {
        let mut view = self.clone();
        view.rotate(header, true);
        view
    }

    /// The view after this process has begun a generation before which the tables hold everything, up to `log`.
    pub(super) fn afresh(&self, header: Header, log: LogHead) -> Self {
        Self {
            log,
            current: Generation::begun(header.generation, log),
            previous: None,
            summaries: Arc::default(),
            ..self.begun(header)
        }
    }

    /// The view of a journal whose room is given back, but for so many bytes of each segment.
    pub(super) fn with_room_given_back(&self, kept_bytes: u32) -> Self {
        Self {
            filled: self.filled.map(|filled| filled.min(kept_bytes)),
            ..self.clone()
        }
    }

    /// The view after its header was brought to disk.
    pub(super) fn with_header_synced(&self) -> Self {
        Self {
            header_synced: true,
            ..self.clone()
        }
    }

    /// The view without the previous generation, which the tables hold by now.
    pub(super) fn without_previous(&self) -> Self {
        let mut view = self.clone();
        view.drop_previous();
        view
    }

    fn begun(&self, header: Header) -> Self {
        let mut view = self.clone();
        view.begin(header, true);
        view
    }

    /// Takes in a frame that is in the journal at [`LogView::offset`], but for what its records tell.
    fn add(&mut self, frame: &Frame) {
        let header = frame.header();
        self.current.segment.add(frame);
        self.log.commits = header.commit;
        self.log.token = header.token;
        self.current.commits = header.commit;
        self.current.token = header.token;
        self.last = Some(LastFrame {
            offset: self.offset,
            checksum: header.checksum,
        });
        self.offset = next_offset(self.offset, header.frame_bytes());
        // A header is on disk before the first frame of its generation is begun.
        self.header_synced = true;
    }

    fn drop_previous(&mut self) {
        if let Some(dropped) = self.previous.take() {
            let is_left = |number, last_position| {
                let stored = dropped.head(number);
                stored.is_none_or(|head| head.last_position < last_position)
            };
            self.summaries = Arc::new(self.summaries.retained(is_left));
        }
    }

    fn rotate(&mut self, header: Header, own: bool) {
        self.drop_previous();
        let begun = Generation::begun(header.generation, self.log);
        self.previous = Some(std::mem::replace(&mut self.current, begun));
        self.begin(header, own);
    }

    const fn begin(&mut self, header: Header, own: bool) {
        self.next_generation = header.generation + 1;
        self.offset = 0;
        self.last = None;
        self.header_synced = own;
        self.header = Some(header);
    }
}

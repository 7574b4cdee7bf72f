//! What a process knows of the journal, and what of the tables it remembers.
//!
//! The newest state of everything that the journal's frames have changed is here. It is never
//! behind the tables, which follow in large steps; where both know something, this is at least as
//! new. What is only remembered of the tables is dropped when another process changes instances.

mod follow;
mod streams;

use std::sync::Arc;

use rustc_hash::FxHashMap;

pub(super) use self::streams::{STREAMS_MAX, Streams};
use super::Fault;
use super::instance::{Head, Instance};
use super::journal::{Frame, Header, Segment, StreamHead, next_offset};
use super::log_head::LogHead;
use super::summary::{Directories, Summaries};

/// How many instances are remembered.
const INSTANCES_MAX: usize = 10_000;

/// The part of a process' memory that the writer and the readers share.
#[derive(Debug, Default)]
pub(super) struct Tail {
    known: Option<Known>,
    of_tables: OfTables,
    /// Whether the writer of this process is at work. It has read what other processes have
    /// written and keeps them from writing more, and what it writes itself must not be read before
    /// it is on disk.
    pub(super) writing: bool,
}

/// What readers remember of what the tables have, which never changes, whatever becomes of the journal.
#[derive(Clone, Debug, Default)]
pub(super) struct OfTables {
    /// Summaries that were made of events of a block that is not whole yet.
    pub(super) summaries: Arc<Summaries>,
    /// Directories of whole blocks.
    pub(super) directories: Arc<Directories>,
}

/// What other processes can do to the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// Nothing, and nothing since it was last read.
    Excluded,
    /// Nothing until this process unlocks it.
    Waiting,
    /// They may be adding to it at this moment.
    Adding,
}

/// The events of one generation, and where instances stand after them.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) segment: Arc<Segment>,
    pub(super) heads: Arc<FxHashMap<u32, Head>>,
    /// The generation's last commit.
    pub(super) commits: u64,
    pub(super) token: u64,
}

/// The last frame of the journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastFrame {
    pub(super) offset: u32,
    pub(super) checksum: u32,
    /// Whether this process has written it, so that it is sure to be on disk.
    pub(super) own: bool,
}

/// What is known of the log.
#[derive(Debug)]
pub(super) struct Known {
    /// The generation that frames are added to, unless none has been begun.
    pub(super) header: Option<Header>,
    /// Whether this process has written the header, so that it is sure to be on disk.
    pub(super) header_own: bool,
    /// A header that will never count: its writer is gone, and its transaction was not committed.
    void_header: Option<Header>,
    /// The number of the generation that comes next.
    pub(super) next_generation: u64,
    /// The last commit.
    pub(super) log: LogHead,
    /// Where in the segment the next frame begins.
    pub(super) offset: u32,
    /// How many bytes of each segment have been written before.
    pub(super) filled: [u32; 2],
    pub(super) last: Option<LastFrame>,
    pub(super) current: Part,
    /// The generation before, which the tables may not hold yet.
    pub(super) previous: Option<Part>,
    /// Summaries of blocks that end in these generations. They are of no use to who knows other ones,
    /// since the last frame of a journal may be made void and written anew.
    pub(super) summaries: Arc<Summaries>,
    pub(super) numbers: FxHashMap<String, u32>,
    pub(super) instances: FxHashMap<u32, Instance>,
    pub(super) streams: Streams,
}

/// A view of the journal as of one commit.
#[derive(Debug)]
pub(super) struct Overlay {
    /// The commit.
    pub(super) commits: u64,
    /// The generations, newest first. Their segments may hold more by now than belongs to the view;
    /// their heads do not.
    pub(super) parts: Vec<Part>,
    /// The summaries that were made of them.
    pub(super) summaries: Arc<Summaries>,
}

impl Tail {
    /// Forgets everything: it is read again when next needed.
    pub(super) fn forget(&mut self) {
        self.known = None;
        self.of_tables = OfTables::default();
    }

    /// What readers remember of the tables.
    pub(super) fn of_tables(&self) -> OfTables {
        self.of_tables.clone()
    }

    /// Takes back that the tables were forgotten.
    #[cfg(test)]
    pub(super) fn remember_tables(&mut self, of_tables: OfTables) {
        self.of_tables = of_tables;
    }

    /// What the writer at work has [read](Tail::follow).
    pub(super) fn known(&mut self) -> Result<&mut Known, Fault> {
        let forgotten = || std::io::Error::other("the journal was read by nobody");
        self.known.as_mut().ok_or_else(|| forgotten().into())
    }
}

impl Known {
    /// Takes a view of the last commit.
    pub(super) fn overlay(&self) -> Overlay {
        let parts = [Some(&self.current), self.previous.as_ref()];
        Overlay {
            commits: self.log.commits,
            parts: parts.into_iter().flatten().cloned().collect(),
            summaries: Arc::clone(&self.summaries),
        }
    }

    /// Where an instance stands, if the journal has changed it.
    pub(super) fn head(&self, number: u32) -> Option<Head> {
        let of = |part: &Part| part.heads.get(&number).copied();
        of(&self.current).or_else(|| self.previous.as_ref().and_then(of))
    }

    /// Where a stream stands, if that is known here.
    pub(super) fn stream(&self, number: u32, stream_id: &str) -> Option<(Arc<str>, StreamHead)> {
        let of = |part: &Part| {
            let records = part.segment.records();
            let (name, head) = records.stream(number, stream_id)?;
            Some((Arc::clone(name), head))
        };
        of(&self.current)
            .or_else(|| self.previous.as_ref().and_then(of))
            .or_else(|| self.streams.get(number, stream_id))
    }

    /// The position of the first event of the call with that key, if the journal has it.
    pub(super) fn position_of_key(&self, number: u32, key: &str) -> Option<u64> {
        let of = |part: &Part| part.segment.records().position_of_key(number, key);
        of(&self.current).or_else(|| self.previous.as_ref().and_then(of))
    }

    /// Takes in a frame that is in the journal at [`Known::offset`], but for what its records tell.
    pub(super) fn add(&mut self, frame: &Frame, own: bool) {
        let header = frame.header();
        self.current.segment.add(frame);
        let heads = Arc::make_mut(&mut self.current.heads);
        for group in frame.groups() {
            heads.insert(group.number, group.head);
            if let Some(instance) = self.instances.get_mut(&group.number) {
                instance.head = group.head;
            }
        }
        self.log.commits = header.commit;
        self.log.token = header.token;
        self.current.commits = header.commit;
        self.current.token = header.token;
        self.last = Some(LastFrame {
            offset: self.offset,
            checksum: header.checksum,
            own,
        });
        self.offset = next_offset(self.offset, header.frame_bytes());
    }

    /// Drops the previous generation, which the tables hold by now.
    pub(super) fn drop_previous(&mut self) {
        if let Some(dropped) = self.previous.take() {
            let is_left = |number, last_position| {
                let stored = dropped.heads.get(&number);
                stored.is_none_or(|head| head.last_position < last_position)
            };
            self.summaries = Arc::new(self.summaries.retained(is_left));
            self.remember(&dropped);
        }
    }

    /// Begins a generation that continues the current one.
    pub(super) fn rotate(&mut self, header: Header, own: bool) {
        let begun = Part {
            commits: self.log.commits,
            token: self.log.token,
            ..Part::default()
        };
        self.drop_previous();
        self.previous = Some(std::mem::replace(&mut self.current, begun));
        self.begin(header, own);
    }

    /// Begins a generation before which the tables hold everything.
    pub(super) fn start_afresh(&mut self, header: Header, log: LogHead) {
        self.log = log;
        let begun = Part {
            commits: log.commits,
            token: log.token,
            ..Part::default()
        };
        self.drop_previous();
        let dropped = std::mem::replace(&mut self.current, begun);
        self.remember(&dropped);
        self.summaries = Arc::default();
        self.begin(header, true);
    }

    fn begin(&mut self, header: Header, own: bool) {
        self.next_generation = header.generation + 1;
        self.offset = 0;
        self.last = None;
        self.header_own = own;
        self.header = Some(header);
        if self.instances.len() > INSTANCES_MAX {
            self.instances.clear();
            self.numbers.clear();
        }
    }

    /// Remembers where the streams of a part stand that the tables hold now.
    fn remember(&mut self, part: &Part) {
        let records = part.segment.records();
        for number in records.numbers() {
            for (name, head) in records.streams(number) {
                self.streams.insert(number, Arc::clone(name), *head);
            }
        }
    }
}

//! What the writer keeps in memory between commits: instances and where their streams stand.
//!
//! It is a cache and nothing more. The tables are the truth: it is dropped whenever another
//! process has committed and whenever a commit of ours has failed.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::instance::Instance;
use super::log_head::LogHead;
use super::schema::StreamValue;

/// How many stream heads are kept between commits; at about 100 bytes each, some 20 MiB.
const STREAMS_MAX: usize = 200_000;

/// How many instances are kept between commits.
const INSTANCES_MAX: usize = 10_000;

/// How much of a buffer for records is kept between commits, in bytes.
const RECORDS_BYTES_KEPT: usize = 4 << 20;

/// Where one stream stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct StreamHead {
    pub(super) last_sequence: u64,
    pub(super) last_position: u64,
    /// Whether the commit under way has changed it.
    pub(super) dirty: bool,
}

impl StreamHead {
    pub(super) const fn from_value(value: StreamValue) -> Self {
        Self {
            last_sequence: value.0,
            last_position: value.1,
            dirty: false,
        }
    }

    pub(super) const fn to_value(self) -> StreamValue {
        (self.last_sequence, self.last_position)
    }
}

/// One instance, its known streams, and the events that the commit under way adds to it.
#[derive(Debug)]
pub(super) struct CachedInstance {
    pub(super) instance: Instance,
    pub(super) streams: FxHashMap<Arc<str>, StreamHead>,
    /// Streams whose head has changed in the commit under way.
    pub(super) dirty_streams: Vec<Arc<str>>,
    /// Records of the commit under way, one after the other.
    pub(super) records: Vec<u8>,
    /// Where each record ends in `records`. The last one has the head's last position.
    pub(super) record_ends: Vec<usize>,
    /// Whether the commit under way has changed the head.
    pub(super) dirty: bool,
}

impl CachedInstance {
    pub(super) fn new(instance: Instance) -> Self {
        Self {
            instance,
            streams: FxHashMap::default(),
            dirty_streams: Vec::new(),
            records: Vec::new(),
            record_ends: Vec::new(),
            dirty: false,
        }
    }

    /// Forgets the records once they are written, and gives back what a large batch has taken.
    pub(super) fn records_written(&mut self) {
        self.record_ends.clear();
        self.records.clear();
        self.records.shrink_to(RECORDS_BYTES_KEPT);
        self.record_ends
            .shrink_to(RECORDS_BYTES_KEPT / size_of::<usize>());
    }
}

/// The writer's memory.
#[derive(Debug, Default)]
pub(super) struct Cache {
    /// The commit that everything here agrees with.
    commit: Option<LogHead>,
    pub(super) numbers: FxHashMap<String, u32>,
    pub(super) instances: FxHashMap<u32, CachedInstance>,
    /// Instances that the commit under way has changed.
    pub(super) dirty_instances: Vec<u32>,
    streams: usize,
}

impl Cache {
    /// Drops everything, unless it agrees with the commit that the file is at.
    pub(super) fn agree(&mut self, head: LogHead) {
        if !self.commit.is_some_and(|own| own.is_commit_of(&head)) {
            self.clear();
            self.commit = Some(head);
        }
    }

    /// Notes that what is here has become the commit of `head`.
    pub(super) fn committed(&mut self, head: LogHead) {
        if self.streams > STREAMS_MAX || self.instances.len() > INSTANCES_MAX {
            self.clear();
        }
        self.commit = Some(head);
    }

    /// Counts a stream head that has come in.
    pub(super) fn count_stream(&mut self) {
        self.streams += 1;
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

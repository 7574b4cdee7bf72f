//! A log in memory, for the tests of other layers.

use std::sync::Arc;

use super::memory_disk::{MemoryDisk, Process};
use super::random::Random;
use super::simulation::open;
use crate::engine::journal::{Format, Layout};
use crate::engine::{Engine, Snapshot};
use crate::error::Error;

/// Where several processes have one log.
pub(crate) struct Site {
    disk: Arc<MemoryDisk>,
    layout: Layout,
}

/// A process that has the log, and can be killed or meet faults.
pub(crate) struct SiteProcess {
    process: Process,
    layout: Layout,
}

impl Site {
    /// A place for a new log, with segments and blocks of that size.
    pub(crate) fn new(segment_bytes: u32, block_events: u32) -> Self {
        Self::of(true, segment_bytes, block_events, Random::of(1))
    }

    /// As [`Site::new`], with other chances. Unless it `seals`, the log is of the format in which events stay rows.
    pub(crate) fn of(seals: bool, segment_bytes: u32, block_events: u32, random: Random) -> Self {
        Self {
            disk: MemoryDisk::holding(Vec::new(), random),
            layout: Layout {
                format: if seals { Format::LAST } else { Format::Rows },
                segment_bytes,
                block_events,
            },
        }
    }

    /// Opens the log as one more process does.
    pub(crate) fn open(&self) -> Engine {
        self.process().open(false).unwrap()
    }

    /// One more process.
    pub(crate) fn process(&self) -> SiteProcess {
        SiteProcess {
            process: self.disk.process(),
            layout: self.layout,
        }
    }

    /// Lets the power go after the next `count` changes.
    pub(crate) fn lose_power_after(&self, count: usize) {
        self.disk.lose_power_after(count);
    }

    pub(crate) fn has_lost_power(&self) -> bool {
        self.disk.has_lost_power()
    }

    /// The bytes of the file.
    pub(crate) fn image(&self) -> Vec<u8> {
        self.disk.image()
    }

    /// What the power loss leaves, which comes now if it has not come yet.
    pub(crate) fn lose_power(&self, random: Random) -> Self {
        Self {
            disk: MemoryDisk::holding(self.disk.lose_power(), random),
            layout: self.layout,
        }
    }

    /// How many operations have failed with EIO, and how many with ENOSPC.
    pub(crate) fn faults(&self) -> [usize; 2] {
        self.disk.faults()
    }
}

impl SiteProcess {
    /// Opens the log.
    pub(crate) fn open(&self, read_only: bool) -> Result<Engine, Error> {
        open(&self.process, false, read_only, self.layout)
    }

    /// Opens the log with `exclusive`.
    pub(crate) fn open_exclusive(&self) -> Result<Engine, Error> {
        open(&self.process, true, false, self.layout)
    }

    /// Lets so many changes fail after the next `count` ones, one after the other.
    pub(crate) fn fail_after(&self, count: usize, times: usize) {
        self.process.fail_after(count, times);
    }

    /// Kills the process at the change after the next `count` ones.
    pub(crate) fn kill_after(&self, count: usize) {
        self.process.kill_after(count);
    }

    /// Takes back the faults that have not come.
    pub(crate) fn heal(&self) {
        self.process.heal();
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.process.is_dead()
    }

    /// How many faults it has met.
    pub(crate) fn faults(&self) -> usize {
        self.process.faults()
    }
}

impl Engine {
    pub(crate) fn snapshot(&self) -> Result<Snapshot, Error> {
        Ok(Snapshot::of(&self.open_log)?)
    }

    /// Compacts the log.
    pub(crate) fn compacted(&self) -> Result<(), Error> {
        let compacted = crate::engine::commit::compaction::compact(
            &self.open_log,
            &crate::progress::Progress::default(),
        );
        Ok(compacted.map(drop)?)
    }

    pub(crate) fn close(self) -> Result<(), Error> {
        self.stop()
    }
}

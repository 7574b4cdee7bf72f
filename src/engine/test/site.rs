//! A log in memory, for the tests of other layers.

use std::sync::Arc;

use super::memory_disk::MemoryDisk;
use super::random::Random;
use super::simulation::open;
use crate::engine::journal::Layout;
use crate::engine::{Engine, Snapshot};
use crate::error::Error;

/// Where several processes have one log.
pub(crate) struct Site {
    disk: Arc<MemoryDisk>,
    layout: Layout,
}

impl Site {
    /// A place for a new log, with segments and blocks of that size.
    pub(crate) fn new(segment_bytes: u32, block_events: u32) -> Self {
        Self {
            disk: MemoryDisk::holding(Vec::new(), Random::of(1)),
            layout: Layout {
                segment_bytes,
                block_events,
            },
        }
    }

    /// Opens the log as one more process does.
    pub(crate) fn open(&self) -> Engine {
        open(&self.disk.process(), false, false, self.layout).unwrap()
    }
}

impl Engine {
    pub(crate) fn snapshot(&self) -> Result<Snapshot, Error> {
        Ok(self.store.snapshot()?)
    }

    pub(crate) fn close(self) -> Result<(), Error> {
        self.stop()
    }
}

//! How a log file is opened.

use std::time::Duration;

use super::journal::Format;

/// The default of [`Options::cache_bytes`]: 32 MiB.
pub const CACHE_BYTES_DEFAULT: usize = 32 << 20;

/// The default of [`Options::event_bytes_max`]: 16 MiB.
pub const EVENT_BYTES_MAX_DEFAULT: usize = 16 << 20;

/// The default of [`Options::queued_bytes_max`]: 256 MiB.
pub const QUEUED_BYTES_MAX_DEFAULT: usize = 256 << 20;

/// The default of [`Options::lock_wait`]: 10 s.
pub const LOCK_WAIT_DEFAULT: Duration = Duration::from_secs(10);

/// How a log file is opened, and the bounds on what it holds in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether every other process is kept out while the file is open.
    pub exclusive: bool,
    /// Whether the file is opened for reading only. It must exist.
    pub read_only: bool,
    /// Memory for what was read of the file, in bytes: three eighths for cached pages, the rest for parts of sealed blocks. A
    /// file that had the format before when it was opened has only an eighth for the latter.
    pub cache_bytes: usize,
    /// The largest event: its stream, type, payload and metadata together, in bytes of UTF-8.
    pub event_bytes_max: usize,
    /// The most that may wait to be written, in bytes of request text.
    pub queued_bytes_max: usize,
    /// How long another process is waited for that holds a lock of the file.
    pub lock_wait: Duration,
}

impl Options {
    /// Memory for parts of sealed blocks, in bytes, of a file that has that format when it is opened.
    pub(super) const fn block_cache_bytes(&self, format: Format) -> usize {
        if format.seals() {
            self.cache_bytes / 8 * 5
        } else {
            // There is none, until a compaction makes them.
            self.cache_bytes / 8
        }
    }

    /// Memory for cached pages, in bytes, of such a file.
    pub(super) const fn page_cache_bytes(&self, format: Format) -> usize {
        self.cache_bytes - self.block_cache_bytes(format)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            exclusive: false,
            read_only: false,
            cache_bytes: CACHE_BYTES_DEFAULT,
            event_bytes_max: EVENT_BYTES_MAX_DEFAULT,
            queued_bytes_max: QUEUED_BYTES_MAX_DEFAULT,
            lock_wait: LOCK_WAIT_DEFAULT,
        }
    }
}

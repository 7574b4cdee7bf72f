//! How a log in `PostgreSQL` is opened.

use std::time::Duration;

use codebolt_eventlog::engine::{
    CACHE_BYTES_DEFAULT, EVENT_BYTES_MAX_DEFAULT, QUEUED_BYTES_MAX_DEFAULT,
};

use crate::block_size::BlockSize;
use crate::seeded_bug::SeededBug;

/// The schema that has the log where nothing says which.
pub const SCHEMA_DEFAULT: &str = "codebolt_eventlog";

/// The default of [`Options::server_wait`]: 30 s.
pub const SERVER_WAIT_DEFAULT: Duration = Duration::from_secs(30);

/// Where an event has to be before its append is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// On the disk of the server, and on those of the standbys that the server itself waits for.
    #[default]
    Disk,
    /// On the disk of a standby too: a server that waits for none is refused.
    Replicated,
}

/// How a log in `PostgreSQL` is opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Options {
    /// Where the servers are: a URL, as libpq takes it. It may have `schema` and `durability` among its parameters.
    pub address: String,
    /// The certificates that a server's has to be signed by, in the place of what the address says: a PEM file, or its
    /// text. The server's certificate is then checked as with `sslmode=verify-full`, unless the address says how.
    pub ca: Option<String>,
    /// The certificate by which the server knows who asks, and its key: two PEM files, or their texts.
    pub own: Option<(String, String)>,
    /// The name of the schema that has the log, in the place of what the address says; [`SCHEMA_DEFAULT`] if neither says
    /// one. It is made if it is not there.
    pub schema: Option<String>,
    /// Where an event has to be before its append is answered, in the place of what the address says; on the disk if
    /// neither says it.
    pub durability: Option<Durability>,
    /// Whether the log is opened for reading only. It must exist.
    pub read_only: bool,
    /// The largest event: its stream, type, payload and metadata together, in bytes of UTF-8.
    pub event_bytes_max: usize,
    /// The most that may wait to be written, in bytes of request text.
    pub queued_bytes_max: usize,
    /// How much memory is for what was read of blocks of events, in bytes.
    pub cache_bytes: usize,
    /// How long a server that takes changes is waited for when a connection is lost.
    pub server_wait: Duration,
    /// A bug that a test puts in.
    #[cfg(feature = "testing")]
    pub seeded_bug: Option<SeededBug>,
    /// How often followers look for changes without a hint, where a test has another interval.
    #[cfg(feature = "testing")]
    pub interval: Option<Duration>,
    /// Whether no hints are given, where a test counts what is sent to the server.
    #[cfg(feature = "testing")]
    pub without_hints: bool,
    /// How many events a block has, if a test wants other ones than those of all logs.
    #[cfg(feature = "testing")]
    pub block_events: Option<u64>,
}

impl Options {
    /// The options of a log at an address, where nothing else is said.
    #[must_use]
    pub fn at(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            ca: None,
            own: None,
            schema: None,
            durability: None,
            read_only: false,
            event_bytes_max: EVENT_BYTES_MAX_DEFAULT,
            queued_bytes_max: QUEUED_BYTES_MAX_DEFAULT,
            cache_bytes: CACHE_BYTES_DEFAULT,
            server_wait: SERVER_WAIT_DEFAULT,
            #[cfg(feature = "testing")]
            seeded_bug: None,
            #[cfg(feature = "testing")]
            interval: None,
            #[cfg(feature = "testing")]
            without_hints: false,
            #[cfg(feature = "testing")]
            block_events: None,
        }
    }

    /// How many events a block has.
    #[cfg(feature = "testing")]
    pub(crate) fn block_size(&self) -> BlockSize {
        self.block_events.map_or_else(BlockSize::default, BlockSize)
    }

    /// How many events a block has.
    #[cfg(not(feature = "testing"))]
    #[expect(clippy::unused_self, reason = "only tests have other ones")]
    pub(crate) fn block_size(&self) -> BlockSize {
        BlockSize::default()
    }

    /// Whether a test has no hints given.
    #[cfg(feature = "testing")]
    pub(crate) const fn without_hints(&self) -> bool {
        self.without_hints
    }

    /// Whether a test has no hints given.
    #[cfg(not(feature = "testing"))]
    #[expect(clippy::unused_self, reason = "only tests have none")]
    pub(crate) const fn without_hints(&self) -> bool {
        false
    }

    /// How often a test has followers look.
    #[cfg(feature = "testing")]
    pub(crate) const fn interval(&self) -> Option<Duration> {
        self.interval
    }

    /// How often a test has followers look.
    #[cfg(not(feature = "testing"))]
    #[expect(clippy::unused_self, reason = "there are tests with intervals only")]
    pub(crate) const fn interval(&self) -> Option<Duration> {
        None
    }

    /// Whether a test has put that bug in.
    #[cfg(feature = "testing")]
    pub(crate) fn has(&self, bug: SeededBug) -> bool {
        self.seeded_bug == Some(bug)
    }

    /// Whether a test has put that bug in.
    #[cfg(not(feature = "testing"))]
    #[expect(clippy::unused_self, reason = "there are tests without bugs only")]
    pub(crate) const fn has(&self, _: SeededBug) -> bool {
        false
    }
}

impl std::fmt::Debug for Options {
    /// Without the address, which may have a password, and without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("schema", &self.schema)
            .field("durability", &self.durability)
            .field("read_only", &self.read_only)
            .field("event_bytes_max", &self.event_bytes_max)
            .field("queued_bytes_max", &self.queued_bytes_max)
            .field("cache_bytes", &self.cache_bytes)
            .field("server_wait", &self.server_wait)
            .finish_non_exhaustive()
    }
}

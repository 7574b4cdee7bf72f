//! How a log in `PostgreSQL` is opened.

use std::time::Duration;

use codebolt_eventlog::engine::{EVENT_BYTES_MAX_DEFAULT, QUEUED_BYTES_MAX_DEFAULT};

/// The default of [`Options::schema`].
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where the servers are: a URL, or `key=value` pairs, as libpq takes them.
    pub address: String,
    /// The name of the schema that has the log. It is made if it is not there.
    pub schema: String,
    /// Where an event has to be before its append is answered.
    pub durability: Durability,
    /// Whether the log is opened for reading only. It must exist.
    pub read_only: bool,
    /// The largest event: its stream, type, payload and metadata together, in bytes of UTF-8.
    pub event_bytes_max: usize,
    /// The most that may wait to be written, in bytes of request text.
    pub queued_bytes_max: usize,
    /// How long a server that takes changes is waited for when a connection is lost.
    pub server_wait: Duration,
}

impl Options {
    /// The options of a log at an address, where nothing else is said.
    #[must_use]
    pub fn at(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            schema: SCHEMA_DEFAULT.to_owned(),
            durability: Durability::Disk,
            read_only: false,
            event_bytes_max: EVENT_BYTES_MAX_DEFAULT,
            queued_bytes_max: QUEUED_BYTES_MAX_DEFAULT,
            server_wait: SERVER_WAIT_DEFAULT,
        }
    }
}

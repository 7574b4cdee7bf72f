//! `exportEvents` and `importEvents`: a log as JSON Lines, page by page and batch by batch.
//!
//! `docs/export-format.md` describes the lines. Payload and metadata stay text both ways.

mod conflict;
mod erased_event;
mod export;
mod import;
mod line;
mod lines;
mod restoration;
mod stored_event;
mod target;
#[cfg(test)]
mod test;

pub use export::Export;
pub use import::{Import, Lines};

/// What the first line says that these are.
const FORMAT: &str = "codebolt-eventlog";

/// The key of an event's line that says by what the call is known whose first event it is.
const IDEMPOTENCY: &str = "idempotency";

/// The keys of its value: the call's idempotency key, and how many events the call has.
const IDEMPOTENCY_KEYS: [&str; 2] = ["key", "events"];

/// The key of an event's line that says that the event was erased.
const ERASED: &str = "erased";

/// The keys of its value: when it was erased, why, the fields that were if not all of it was, and the commitments to its payload
/// and its metadata, or the salt of one that is whole.
const ERASED_KEYS: [&str; 5] = ["at", "reason", "fields", "commitments", "salts"];

/// The key of an instance's line that says at which position its events begin, if others before it were trimmed.
const FIRST_POSITION: &str = "firstPosition";

/// The key of an event's line that says where it stands, if events directly before it were trimmed.
const POSITION: &str = "position";

/// The key of an instance's line that has the salts of its tree.
const SALTS: &str = "salts";

/// The version of the lines that is written, and the highest one that is read.
const VERSION: u64 = 1;

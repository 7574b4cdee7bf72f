//! The limits on what a call may hold, with their units.
//!
//! The limit on identifiers is in [`event`](crate::event), a query's own are in [`query`](crate::query), and those
//! that depend on how a log was opened in [`Options`](crate::engine::Options).

/// The longest description of an instance, in bytes of UTF-8.
pub const DESCRIPTION_BYTES_MAX: usize = 65_536;

/// The most conditions that `failIf` of one call has.
pub const CONDITIONS_MAX: usize = 100;

/// The longest idempotency key, in bytes of UTF-8.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 256;

/// The longest name of a consumer or of a projection, in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 256;

/// The most events that one call puts back or discards by their positions.
pub const POSITIONS_MAX: usize = 10_000;

/// The most events that one call erases.
pub const ERASED_EVENTS_MAX: usize = 100_000;

/// The most fields that one call erases of its events.
pub const ERASED_FIELDS_MAX: usize = 100;

/// The longest reason of an erasure, in bytes of UTF-8.
pub const REASON_BYTES_MAX: usize = 1_024;

/// How much is kept of the text that a parked event has failed with, in bytes of UTF-8.
pub const FAILURE_BYTES_MAX: usize = 4_096;

/// The longest state of a projection that is kept, in bytes of JSON text.
pub const SNAPSHOT_BYTES_MAX: usize = 16 << 20;

/// The most events in one call of `appendEvents`.
pub const BATCH_EVENTS_MAX: usize = 100_000;

/// The most streams of which one call of `appendEvents` expects something.
pub const EXPECTATIONS_MAX: usize = 100_000;

/// The most remarks that one response's `message` holds.
pub const REMARKS_MAX: usize = 10;

/// The longest response to `appendEvents`, in bytes of JSON text: somewhat less than the 2^29 - 24
/// units that V8 takes in one string on 64-bit machines.
pub const RESPONSE_BYTES_MAX: usize = 500 << 20;

/// What a line that is imported may have beside the texts of an event, in bytes: keys, identifiers
/// with escapes, or an instance with its description.
pub const IMPORT_LINE_BYTES: usize = 1 << 20;

//! The keys of calls that append, and those that belong to another place in them.

use crate::arguments::refuse_elsewhere;
use crate::error::Error;
use crate::request::given_event::{ArgumentPath, keys_with};
use crate::request::{consumers, expectation, fail_if, given_event, idempotency};

/// The keys of a call of `appendEvent`.
pub(super) const SINGLE_KEYS: [&str; 15] = keys_with([
    "instanceId",
    "autoCreateInstance",
    expectation::OF_EVENT,
    expectation::OF_STREAMS,
    idempotency::KEY,
    fail_if::KEY,
    consumers::KEY,
]);

/// The keys of a call of `appendEvents`.
pub(super) const BATCH_KEYS: [&str; 8] = [
    "instanceId",
    "autoCreateInstance",
    "events",
    // First, since it is what is meant in a batch.
    expectation::OF_STREAMS,
    expectation::OF_EVENT,
    idempotency::KEY,
    fail_if::KEY,
    consumers::KEY,
];

/// The keys of one of the `events` of a batch.
pub(super) const ELEMENT_KEYS: [&str; 12] = keys_with([
    expectation::OF_EVENT,
    idempotency::KEY,
    fail_if::KEY,
    consumers::KEY,
]);

/// Where the expectations of a batch belong.
pub(super) const IN_BATCH: &str =
    "give `expectedSequences: { [streamId]: number }` beside `events`, for the whole batch";

/// Where the key of a batch belongs.
pub(super) const KEY_OF_BATCH: &str = "give `idempotencyKey` beside `events`, for the whole batch";

/// Where the conditions of a batch belong.
pub(super) const CONDITIONS_OF_BATCH: &str = "give `failIf` beside `events`, for the whole batch";

/// Where the checkpoint of a batch belongs.
pub(super) const CHECKPOINT_OF_BATCH: &str =
    "give `checkpoint` beside `events`, for the whole batch";

/// Refuses a key of an event beside the `events` of a batch: they would be stored without it, and in another stream.
pub(super) fn refuse_keys_of_events(unknown: &[String]) -> Result<(), Error> {
    let instead = "give it in each of the `events`";
    refuse_elsewhere(ArgumentPath::Call, unknown, &given_event::KEYS, instead)
}

/// Refuses a part of a guard outside of it, which would not guard.
pub(super) fn refuse_keys_of_fail_if(unknown: &[String], place: ArgumentPath) -> Result<(), Error> {
    let instead = "give `failIf: { where, afterPosition }`";
    refuse_elsewhere(place, unknown, &fail_if::KEYS, instead)
}

//! An embedded, durable event log, as a library. What Node.js loads is a crate of its own, `addon/`, which converts,
//! calls, and converts back.
//!
//! Dependencies point one way:
//!
//! ```text
//! addon ──▶ request ──▶ seam ──▶ engine ──▶ block
//!                  └──▶ query ────────────────┘
//! ```
//!
//! - [`engine`] keeps instances, streams and events in a redb file. It knows nothing of requests,
//!   queries or Node.js.
//! - [`query`] decides which events match, and sorts, pages and folds them. It is pure: chunks
//!   of events are examined, and the parts of a result come out.
//! - [`block`] makes columns of the fields of many events, so that a query need not read the events.
//!   It is pure: events are pushed in, bytes come out, and columns are read from those.
//! - [`seam`] says what requests need of an engine, and how this one gives it. Another engine can take its place.
//! - [`evidence`] is the Merkle tree of an instance's events: its hashes, proofs and salts. It is pure too.
//! - [`encryption`] is what events are encrypted with, and where the keys are kept.
//! - [`request`] turns the JSON text of a call into types that cannot be invalid, runs them
//!   against an engine, and writes the response's JSON text.
//! - `arguments` reads such texts, those of queries included, with errors that name the place.
//!
//! [`cancellation`], [`erased`], [`error`], [`event`], [`expected_sequence`], [`file_lock`], `folder`, `hashing`, [`json`], [`panic`](mod@panic),
//! [`progress`] and [`timestamp`] are what these share.

mod arguments;
pub mod block;
pub mod cancellation;
pub mod encryption;
pub mod engine;
pub mod erased;
pub mod error;
pub mod event;
pub mod evidence;
pub mod expected_sequence;
pub mod file_lock;
mod folder;
mod hashing;
pub mod json;
pub mod misspelling;
pub mod panic;
pub mod progress;
pub mod query;
pub mod request;
pub mod seam;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod timestamp;

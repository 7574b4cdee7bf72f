//! The engine that keeps logs in `PostgreSQL`, behind the seam of `codebolt-eventlog`.
//!
//! [`open`] opens a log that is the tables of one schema of a database. Whoever opens it has one thread that writes, by
//! one connection, and a few connections that read.
//!
//! ```text
//! engine ──▶ writer ──▶ commit ──▶ staging ──▶ memory ──┐
//!    ├─────▶ reads ───▶ snapshot ──▶ blocks ──▶ rows ───┤
//!    └─────▶ followers ──▶ observed, hints                   └──▶ session ──▶ hosts, server, schema, failure
//! ```
//!
//! - `session` is one connection, used without `async`; `hosts` finds the server that it leads to. `server` makes sessions,
//!   and refuses servers that break the promise; `schema` makes the tables.
//! - `url` cuts what names the servers. `address` is that with the options and the environment; `pem` and `tls` are the
//!   certificates that it names, and what they are for.
//! - `memory` is what the writer knows of instances and streams. `staging` decides changes on it, and asks the database
//!   what it does not know. `commit` has the database take what was staged, all of it or nothing, and finds out what became
//!   of it when the connection is lost.
//! - `snapshot` is the log as of one moment: a transaction that only reads.
//! - `blocks` are the summaries of whole blocks of events, which queries read in the place of these.
//! - `followers` wake those who wait, when the heads of instances have moved on; `hints` have them look at once.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "tests"
    )
)]

mod address;
mod block_size;
mod blocks;
mod commit;
mod engine;
mod failure;
mod followers;
mod hints;
mod hosts;
mod memory;
mod observed;
mod options;
mod pem;
mod reads;
mod rows;
mod schema;
mod seeded_bug;
mod server;
mod session;
mod snapshot;
mod staging;
mod tls;
mod url;
mod verify;
mod writer;

pub use engine::open;
pub use options::{Durability, Options, SCHEMA_DEFAULT, SERVER_WAIT_DEFAULT};
#[cfg(feature = "testing")]
pub use seeded_bug::SeededBug;

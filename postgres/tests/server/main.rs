//! The engine, on a real server.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests"
)]
#![cfg(unix)]

mod ahead;
mod answers;
mod behind;
mod blocks;
mod calls;
mod certificates;
mod cluster;
mod equivalence;
mod hints;
mod large;
mod losses;
mod many;
mod opening;
mod proxy;
mod replication;
mod resuming;
mod tls;

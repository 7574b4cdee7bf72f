//! Summaries of blocks: what queries need of an instance's events, as columns.
//!
//! The events of an instance, by position, are cut into blocks of the same size. Once the tables
//! hold all events of a block, they hold its summary too, which never changes:
//!
//! | table | key | value |
//! |---|---|---|
//! | `blocks/<number>` | block, from 0; piece | piece 0 is the directory, the others are the body |
//!
//! A body is cut into pieces, so that a part of it can be read alone. The summary of a block that
//! ends in the journal is made when it is first asked for, and kept in memory.

mod cache;
mod directories;
mod pieces;
mod sealing;
mod summing;

pub(super) use cache::Summaries;
pub(super) use directories::Directories;
pub(super) use pieces::{StoredBlock, body, directory};
pub(super) use sealing::{seal, summaries_of};
pub(super) use summing::{Summary, Summing};

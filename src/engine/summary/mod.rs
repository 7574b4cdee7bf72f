//! Blocks: what there is of an instance's events beside rows, or in their place.
//!
//! The events of an instance, by position, are cut into blocks of the same size. Once the tables hold all events of a
//! block, they hold it sealed, and none of its events is a row any more. In a file of format 3, and where a block cannot
//! be sealed, they stay rows, and have a summary beside them: columns, for queries. Neither ever changes, but that a
//! block with a summary can be sealed later.
//!
//! | table | key | value |
//! |---|---|---|
//! | `blocks/<number>` | block, from 0; piece | piece 0 is the directory, the others are the body |
//! | | list; piece | [look-ups](lookups), after all blocks |
//!
//! A body is cut into pieces, so that a part of it can be read alone. The summary of a block that
//! ends in the journal is made when it is first asked for, and kept in memory.

mod cache;
mod facts;
mod known;
pub(in crate::engine) mod lookups;
mod pieces;
mod rows;
mod sealing;
mod source;
mod stored;
mod summing;
mod walk;

pub(super) use cache::Summaries;
pub(super) use facts::Facts;
pub(super) use known::KnownBlocks;
pub(super) use pieces::{body, is_sealed};
pub(super) use rows::Direction;
#[cfg(test)]
pub(super) use sealing::write_at_once;
pub use sealing::{Made, made};
pub(super) use sealing::{WholeBlock, resealed, sealed, summarised, write_block, write_blocks};
pub(super) use stored::{SealedBlock, StoredBlock, StoredEvents, missing_event};
pub use summing::{Summary, Summing};
pub(super) use walk::Walk;

//! Committing: jobs are queued, applied to a batch, and stored as a frame of the journal or in the tables.

pub(in crate::engine) mod batch;
pub(in crate::engine) mod checkpoint;
pub(in crate::engine) mod checkpointer;
pub(in crate::engine) mod closing;
pub(in crate::engine) mod compaction;
mod dropping;
pub(in crate::engine) mod erasing;
pub(in crate::engine) mod frame_commit;
pub(in crate::engine) mod idling;
pub(in crate::engine) mod into_tables;
pub(in crate::engine) mod job;
pub(in crate::engine) mod locked;
mod looking_up;
pub(in crate::engine) mod queue;
mod sealing;
pub(in crate::engine) mod settling;
pub(in crate::engine) mod writer;

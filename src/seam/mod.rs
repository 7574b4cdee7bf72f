//! The seam between requests and engines: what the request layer needs of whatever keeps a log.
//!
//! A [`LogEngine`] takes changes, each of which decides within a [`Transaction`] what it stores, and reads, which look at
//! a [`ReadSnapshot`]. Its first implementation is [`crate::engine`], over a file; its second is the same engine over
//! memory. The third is in the tests, and is nothing but lists. An engine that keeps logs elsewhere can be one more.
//!
//! What an engine promises, whichever it is:
//!
//! - Changes are decided one after the other, each with what those before it have stored. Each is stored whole or not
//!   at all, and is answered with success only when it is durable.
//! - The positions of an instance are 1, 2, 3 … without a gap, and so are the sequence numbers of a stream, in the same
//!   order.
//! - A read sees everything that was answered before it was handed over, whoever has stored it, and nothing of a
//!   change that was handed over to this engine after it.
//! - What is waited for is answered in any case, once.

mod events;
mod file;
mod guarded;
mod queued;
mod snapshot;
#[cfg(test)]
pub(crate) mod test;
mod transaction;

use std::path::PathBuf;

pub use self::events::{ChunkSpan, EventChain, EventChunk, EventChunks, LinkVisitor, Visitor};
pub(crate) use self::guarded::guarded;
pub use self::queued::{Preview, QueuedChange, QueuedRead};
pub use self::snapshot::ReadSnapshot;
pub use self::transaction::Transaction;
use crate::engine::{Compacted, Counts, Fault, Report, Rewriting, Timed};
use crate::error::Error;
use crate::progress::Progress;

/// What keeps a log while it is open.
pub trait LogEngine: Send + Sync {
    /// The largest event that it takes: its stream, type, payload and metadata together, in bytes of UTF-8.
    fn event_bytes_max(&self) -> usize;

    /// What was done since it was opened, and what waits, as of about now.
    fn counts(&self) -> Counts;

    /// The commits and checkpoints that were made since this was last called.
    fn take_timed(&self) -> Vec<Timed>;

    /// Takes a change, behind all that it has taken already. One that it does not take is
    /// [finished](QueuedChange::finish) with the reason at once: `OVERLOADED`, `CLOSED`, `INVALID_ARGUMENT` if the log is
    /// read-only, or `STORAGE_FAILED`.
    fn change(&self, change: Box<dyn QueuedChange>);

    /// Takes changes as [`LogEngine::change`] takes each, in their order. They may be committed together.
    fn change_all(&self, changes: Vec<Box<dyn QueuedChange>>) {
        for change in changes {
            self.change(change);
        }
    }

    /// Has something read on another thread.
    fn read(&self, read: Box<dyn QueuedRead>);

    /// Has `wake` called, on any thread, once there is a commit after number `seen` that changes the instance of that
    /// number, or without one a commit that makes or deletes any. It may be called for others, and when something has
    /// failed. It is called once, also when the wait is ended.
    ///
    /// # Errors
    ///
    /// `STORAGE_FAILED` if commits cannot be looked for; `wake` is dropped then.
    fn follow(
        &self,
        instance: Option<u32>,
        seen: u64,
        wake: Box<dyn FnOnce() + Send>,
    ) -> Result<EndWait, Error>;

    /// Does what is asked of the whole log, on a thread of its own, and tells `done` what has become of it. `ABORTED`
    /// once the progress was called off.
    fn operate(&self, operation: Operation, progress: Progress, done: OnOperated);
}

/// Ends a wait for a commit, unless it is over.
pub type EndWait = Box<dyn FnOnce() + Send>;

/// Hears what has become of an operation. It is called once.
pub type OnOperated = Box<dyn FnOnce(Result<Operated, Error>) + Send>;

/// What is asked of a whole log.
#[derive(Debug)]
pub enum Operation {
    /// To check everything that is stored.
    Verify,
    /// To write a copy of the log as it is now to a path, where nothing may be.
    Backup(PathBuf),
    /// To give back the room that is not needed any more.
    Compact,
    /// To have other texts take the place of those of some events, and be rid of what was there before.
    Erase(Box<dyn PlansErasure>),
}

/// Decides what is erased.
pub trait PlansErasure: Send + std::fmt::Debug {
    /// What takes the place of what there is, and what the operation is answered with. The snapshot has all that was
    /// committed, and nothing is committed until that is done.
    ///
    /// # Errors
    ///
    /// What is wrong with what was asked for: then nothing is erased. A storage fault.
    fn plan(
        self: Box<Self>,
        snapshot: &dyn ReadSnapshot,
    ) -> Result<(Option<Rewriting>, String), Fault>;
}

/// What an operation has found.
#[derive(Debug)]
pub enum Operated {
    /// Of [`Operation::Verify`].
    Verified(Report),
    /// Of [`Operation::Backup`]: where the copy is, which was checked.
    BackedUp(PathBuf, Report),
    /// Of [`Operation::Compact`].
    Compacted(Compacted),
    /// Of [`Operation::Erase`]: what the plan has found.
    Erased(String),
}

/// One holder's share in an engine, which others may have open too.
pub trait LogShare: Send + Sync {
    /// The engine.
    fn engine(&self) -> &dyn LogEngine;

    /// Whether this holder makes no changes, whatever the engine takes from others.
    fn read_only(&self) -> bool;

    /// Gives the share back. The last holder has all that was taken stored and answered, and the log closed. Reads are
    /// finished, unless they are `given_up`.
    ///
    /// # Errors
    ///
    /// What closing fails with. All that was acknowledged is durable all the same.
    fn release(self: Box<Self>, given_up: bool) -> Result<(), Error>;
}

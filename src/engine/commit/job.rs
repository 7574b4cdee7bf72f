//! What the writer does.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Instant;

use super::batch::Batch;
use super::queue::Queued;
use crate::engine::Fault;
use crate::engine::snapshot::Snapshot;
use crate::engine::view::OpenLog;
use crate::error::Error;

/// A unit of work for the writer. It is stored whole or not at all.
///
/// A job that is dropped without [`Job::finish`] (after a panic) has to answer its caller by itself.
pub trait Job: Send {
    /// The bytes that the job holds while it waits.
    fn bytes(&self) -> usize;

    /// When it was asked for.
    fn since(&self) -> Instant {
        Instant::now()
    }

    /// Does what can be done before the job's turn comes to be committed, while other processes may
    /// still commit. What fails here is to be kept for [`Job::apply`] to tell.
    fn prepare(&mut self, _latest: &Latest) {}

    /// Stages the job's changes.
    ///
    /// # Errors
    ///
    /// [`Fault::Refused`] if it cannot be granted; the batch must be as it was before. Any other
    /// fault undoes the whole batch.
    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault>;

    /// Learns what became of it. `Ok` means that its changes are on disk and survive power loss.
    fn finish(self: Box<Self>, outcome: Result<(), Error>);
}

impl Queued for Box<dyn Job> {
    fn bytes(&self) -> usize {
        (**self).bytes()
    }
}

/// The log as it is before the jobs that are prepared together are committed.
pub struct Latest {
    open_log: Arc<OpenLog>,
    snapshot: OnceCell<Result<Snapshot, Error>>,
}

impl Latest {
    pub(in crate::engine) const fn of(open_log: Arc<OpenLog>) -> Self {
        let snapshot = OnceCell::new();
        Self { open_log, snapshot }
    }

    /// A snapshot that all of the jobs share, which is taken when one first asks for it.
    ///
    /// # Errors
    ///
    /// As [`Engine::read`](crate::engine::Engine::read) gives them.
    pub fn snapshot(&self) -> Result<&Snapshot, Error> {
        let take = || Snapshot::of(&self.open_log).map_err(Error::from);
        self.snapshot
            .get_or_init(take)
            .as_ref()
            .map_err(Error::clone)
    }
}

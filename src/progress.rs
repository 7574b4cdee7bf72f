//! How far long work has come, and whether it is still wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cancellation::Cancellation;
use crate::error::{Code, Error};

/// What the one who does long work and the one who waits for it share. Clones are one and the same, on
/// all threads.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<ProgressState>);

#[derive(Debug, Default)]
struct ProgressState {
    done: AtomicU64,
    total: AtomicU64,
    cancellation: Cancellation,
}

impl Progress {
    /// The progress of work that the `cancellation` calls off.
    #[must_use]
    pub fn of(cancellation: Cancellation) -> Self {
        Self(Arc::new(ProgressState {
            cancellation,
            ..ProgressState::default()
        }))
    }

    /// What calls the work off.
    #[must_use]
    pub fn cancellation(&self) -> &Cancellation {
        &self.0.cancellation
    }

    /// Notes that so many events are still to be done at the least.
    pub fn expect(&self, events: u64) {
        let total = self.0.done.load(Ordering::Relaxed).saturating_add(events);
        self.0.total.fetch_max(total, Ordering::Relaxed);
    }

    /// Adds to what is done, in events.
    pub fn advance(&self, events: u64) {
        self.0.done.fetch_add(events, Ordering::Relaxed);
    }

    /// How much is done and how much there is to do, in events.
    #[must_use]
    pub fn told(&self) -> (u64, u64) {
        let ProgressState { done, total, .. } = &*self.0;
        (done.load(Ordering::Relaxed), total.load(Ordering::Relaxed))
    }

    /// Fails once the work was called off. Whoever does it asks this now and then.
    ///
    /// # Errors
    ///
    /// `ABORTED`.
    pub fn check(&self) -> Result<(), Error> {
        if self.0.cancellation.is_cancelled() {
            return Err(Error::new(Code::Aborted, "the work was called off"));
        }
        Ok(())
    }
}

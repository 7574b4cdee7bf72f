//! A call that is in flight until it is ended: a delay, which JavaScript measures.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::request::work::{Follows, Woken, Work};
use crate::seam::LogEngine;

/// What is waited for until somebody ends it, or the log is closed. The process stays alive for it, as it does for any
/// call.
#[derive(Default)]
pub struct Hold(Mutex<HoldState>);

#[derive(Default)]
enum HoldState {
    #[default]
    New,
    Waiting(Woken),
    Ended,
}

impl Hold {
    /// What a call does that waits for the end.
    #[must_use]
    pub fn work(self: &Arc<Self>) -> Work {
        Work::Wait(Arc::<Self>::clone(self))
    }

    /// Ends it, for good.
    pub fn end(&self) {
        let state = std::mem::replace(&mut *self.0.lock(), HoldState::Ended);
        if let HoldState::Waiting(woken) = state {
            woken(Ok(()));
        }
    }
}

impl Follows for Hold {
    fn wait(&self, _: &dyn LogEngine, woken: Woken) {
        let mut state = self.0.lock();
        if matches!(*state, HoldState::New) {
            *state = HoldState::Waiting(woken);
            return;
        }
        drop(state);
        // It was ended before, or somebody waits already.
        woken(Ok(()));
    }

    fn interrupt(&self) {
        self.end();
    }
}

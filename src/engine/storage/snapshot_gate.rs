//! The snapshots that are alive, for whoever has to wait until none is.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use crate::error::Error;
use crate::progress::Progress;

/// How often who waits within the process looks whether that was called off.
pub(in crate::engine) const CHECK_INTERVAL: std::time::Duration =
    std::time::Duration::from_millis(10);

/// Counts the snapshots of a file, and can hold new ones off.
#[derive(Default)]
pub(in crate::engine) struct SnapshotGate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Default)]
struct GateState {
    short: usize,
    long: usize,
    held_off: bool,
    /// What is to be called once snapshots may begin again.
    waiting: Vec<Box<dyn FnOnce() + Send>>,
}

/// How long a snapshot is going to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Duration {
    Short,
    /// It is that of an operation on the whole log.
    Long,
}

/// One snapshot, which ends when this is dropped.
pub(in crate::engine) struct SnapshotTicket {
    reads: Arc<SnapshotGate>,
    duration: Duration,
}

/// No snapshot is alive, and none begins until this is dropped.
pub(in crate::engine) struct HeldOff<'reads>(&'reads SnapshotGate);

impl SnapshotGate {
    /// Begins a snapshot, waiting while they are held off.
    pub(in crate::engine) fn begin(self: &Arc<Self>, duration: Duration) -> SnapshotTicket {
        let mut state = self.state.lock();
        while state.held_off {
            self.changed.wait(&mut state);
        }
        *state.count(duration) += 1;
        SnapshotTicket {
            reads: Arc::clone(self),
            duration,
        }
    }

    /// Begins a snapshot, unless they are held off.
    pub(in crate::engine) fn try_begin(
        self: &Arc<Self>,
        duration: Duration,
    ) -> Option<SnapshotTicket> {
        let mut state = self.state.lock();
        if state.held_off {
            return None;
        }
        *state.count(duration) += 1;
        Some(SnapshotTicket {
            reads: Arc::clone(self),
            duration,
        })
    }

    /// Has `call` called once snapshots are not held off any more: at once, if they are not.
    pub(in crate::engine) fn when_begun_again(&self, call: Box<dyn FnOnce() + Send>) {
        let mut state = self.state.lock();
        if state.held_off {
            state.waiting.push(call);
            return;
        }
        drop(state);
        call();
    }

    /// Waits for the snapshots that are alive, unless the work is called off meanwhile. Those that live long
    /// do not keep others from beginning.
    ///
    /// # Errors
    ///
    /// `ABORTED`.
    pub(in crate::engine) fn hold_off(&self, progress: &Progress) -> Result<HeldOff<'_>, Error> {
        let mut state = self.state.lock();
        while state.long > 0 || state.held_off {
            progress.check()?;
            self.changed.wait_for(&mut state, CHECK_INTERVAL);
        }
        state.held_off = true;
        let held_off = HeldOff(self);
        while state.short > 0 {
            if let Err(error) = progress.check() {
                drop(state);
                return Err(error);
            }
            self.changed.wait_for(&mut state, CHECK_INTERVAL);
        }
        Ok(held_off)
    }
}

impl GateState {
    const fn count(&mut self, duration: Duration) -> &mut usize {
        match duration {
            Duration::Short => &mut self.short,
            Duration::Long => &mut self.long,
        }
    }
}

impl Drop for SnapshotTicket {
    fn drop(&mut self) {
        *self.reads.state.lock().count(self.duration) -= 1;
        self.reads.changed.notify_all();
    }
}

impl Drop for HeldOff<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.held_off = false;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        self.0.changed.notify_all();
        for call in waiting {
            call();
        }
    }
}

//! What a read sees is settled in the order of the calls, whenever a thread comes to it.
//!
//! A read sees what was acknowledged before it was called. What is called after it must not be seen: a
//! subscription that begins at the end of the log would miss it. So whoever is called to read notes that here,
//! and the writer has the snapshots taken of all that was noted before it commits anything: what it has in its
//! hands was called later, or was not acknowledged yet. A thread that comes to the read first takes the snapshot
//! itself. Reads that were called with no commit in between share one.

use std::sync::{Arc, Weak};
use std::time::{self, Instant};

use parking_lot::Mutex;

use crate::engine::locks::Patience;
use crate::engine::snapshot::Snapshot;
use crate::engine::storage::snapshot_gate::{Duration, SnapshotTicket};
use crate::engine::view::OpenLog;
use crate::error::Error;
use crate::panic::caught;

/// The moments of a file's reads whose snapshots were not taken yet.
#[derive(Default)]
pub(in crate::engine) struct Moments(Mutex<MomentsState>);

/// They belong to their reads: whoever held on to one would keep its snapshot alive, for which a compaction waits.
#[derive(Default)]
struct MomentsState {
    /// Those of reads that were called since the last snapshot was begun, by log and duration: at most a few.
    open: Vec<Weak<Moment>>,
    /// Those whose snapshot is being taken.
    closing: Vec<Weak<Moment>>,
}

/// When reads were called, and the snapshot that belongs to that.
pub(super) struct Moment {
    open_log: Arc<OpenLog>,
    duration: Duration,
    /// Until when other processes are waited for: the reads behind one that has waited do not wait as long once more.
    until: Instant,
    snapshot: Mutex<Option<Result<Arc<Snapshot>, Error>>>,
}

impl Moments {
    /// The moment of a read that is called now, and waits for other processes as long as `lock_wait`.
    pub(super) fn now(
        &self,
        open_log: &Arc<OpenLog>,
        duration: Duration,
        lock_wait: time::Duration,
    ) -> Arc<Moment> {
        let mut state = self.0.lock();
        let mut open = state.open.iter().filter_map(Weak::upgrade);
        let is_one = |moment: &Arc<Moment>| {
            Arc::ptr_eq(&moment.open_log, open_log) && moment.duration == duration
        };
        if let Some(moment) = open.find(is_one) {
            return moment;
        }
        let moment = Arc::new(Moment {
            open_log: Arc::clone(open_log),
            duration,
            until: Instant::now() + lock_wait,
            snapshot: Mutex::default(),
        });
        state.open.retain(|moment| moment.strong_count() > 0);
        state.open.push(Arc::downgrade(&moment));
        moment
    }

    /// Has the snapshots taken of all reads that were called until now. It waits while snapshots are
    /// [held off](crate::engine::storage::snapshot_gate::SnapshotGate::hold_off).
    pub(in crate::engine) fn settle(&self) {
        let mut state = self.0.lock();
        let open = std::mem::take(&mut state.open);
        state.closing.extend(open);
        let closing = state.closing.clone();
        drop(state);
        for moment in closing {
            let begun = moment.upgrade();
            let begun =
                begun.map(|moment| (Arc::clone(moment.open_log.storage.gate()), moment.duration));
            let Some(reading) = begun.map(|(reads, duration)| reads.begin(duration)) else {
                continue;
            };
            if let Some(moment) = moment.upgrade() {
                // What it fails with is for the reads to tell.
                let _ = moment.take(reading);
                self.forget(&moment);
            }
        }
    }

    /// The snapshot of a moment; `None` while snapshots are held off.
    pub(super) fn snapshot_of(&self, moment: &Arc<Moment>) -> Option<Result<Arc<Snapshot>, Error>> {
        if let Some(taken) = &*moment.snapshot.lock() {
            return Some(taken.clone());
        }
        let reading = moment.open_log.storage.gate().try_begin(moment.duration)?;
        // No read that is called from now on has this moment: the log may have moved on before the snapshot is
        // taken, and then it would see too little.
        let mut state = self.0.lock();
        let is_it = |other: &Weak<Moment>| std::ptr::eq(other.as_ptr(), Arc::as_ptr(moment));
        if let Some(at) = state.open.iter().position(is_it) {
            let moment = state.open.swap_remove(at);
            state.closing.push(moment);
        }
        drop(state);
        let taken = moment.take(reading);
        self.forget(moment);
        Some(taken)
    }

    /// Forgets a moment whose snapshot was taken, and those that nobody has any more.
    fn forget(&self, moment: &Arc<Moment>) {
        let is_left = |other: &Weak<Moment>| {
            other.strong_count() > 0 && !std::ptr::eq(other.as_ptr(), Arc::as_ptr(moment))
        };
        self.0.lock().closing.retain(is_left);
    }
}

impl Moment {
    pub(super) fn open_log(&self) -> &Arc<OpenLog> {
        &self.open_log
    }

    /// Takes the snapshot, unless it was taken.
    fn take(&self, reading: SnapshotTicket) -> Result<Arc<Snapshot>, Error> {
        let mut snapshot = self.snapshot.lock();
        snapshot
            .get_or_insert_with(|| take(&self.open_log, reading, self.until))
            .clone()
    }
}

fn take(
    open_log: &Arc<OpenLog>,
    reading: SnapshotTicket,
    until: Instant,
) -> Result<Arc<Snapshot>, Error> {
    let patience = Patience::until(until).unless(open_log.storage.closing());
    let take = || patience.during(|| Snapshot::within(open_log, reading).map(Arc::new));
    match caught(take) {
        Ok(taken) => taken.map_err(Error::from),
        Err(panic) => Err(panic.error("taking a snapshot")),
    }
}

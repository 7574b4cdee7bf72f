//! How many calls of a log are in flight, for those who wait until none is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex};

/// The calls of one log that were taken and not answered yet.
#[derive(Default)]
pub(super) struct Flight {
    writes: AtomicUsize,
    reads: AtomicUsize,
    /// Whether nobody waits for reads any more.
    reads_given_up: AtomicBool,
    /// Held while a waiter looks at the counts and while one is told to look again, so that no
    /// waiter goes to sleep in between.
    looking: Mutex<()>,
    landed: Condvar,
}

/// One call in flight. It has landed when this is dropped.
pub(super) struct Ticket {
    flight: Arc<Flight>,
    writes: bool,
}

impl Flight {
    pub(super) fn board(self: &Arc<Self>, writes: bool) -> Ticket {
        self.count(writes).fetch_add(1, Ordering::SeqCst);
        Ticket {
            flight: Arc::clone(self),
            writes,
        }
    }

    /// Whether a call that changes the log has not been answered.
    pub(super) fn has_writes(&self) -> bool {
        self.writes.load(Ordering::SeqCst) > 0
    }

    /// Waits until every call that changes the log has been answered.
    pub(super) fn wait_for_writes(&self) {
        self.wait_until(|flight| flight.writes.load(Ordering::SeqCst) == 0);
    }

    /// Waits until every call has been answered, or every one but the reads that are given up.
    pub(super) fn wait_for_all(&self) {
        self.wait_until(|flight| {
            flight.writes.load(Ordering::SeqCst) == 0
                && (flight.reads.load(Ordering::SeqCst) == 0 || flight.reads_given_up())
        });
    }

    /// Has nobody wait for reads any more: nobody is left to hear of them.
    pub(super) fn give_up_reads(&self) {
        self.reads_given_up.store(true, Ordering::SeqCst);
        self.look_again();
    }

    pub(super) fn reads_given_up(&self) -> bool {
        self.reads_given_up.load(Ordering::SeqCst)
    }

    fn look_again(&self) {
        drop(self.looking.lock());
        self.landed.notify_all();
    }

    fn wait_until(&self, landed: impl Fn(&Self) -> bool) {
        let mut looking = self.looking.lock();
        while !landed(self) {
            self.landed.wait(&mut looking);
        }
    }

    const fn count(&self, writes: bool) -> &AtomicUsize {
        if writes { &self.writes } else { &self.reads }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let flight = &self.flight;
        if flight.count(self.writes).fetch_sub(1, Ordering::SeqCst) == 1 {
            flight.look_again();
        }
    }
}

//! Reading, off the callers' threads.
//!
//! Every read begins in the lane of small ones, where it is looked at. A bounded number of those that may take long have
//! their turn at the same time. If there is a turn to be had at once, the thread goes on with it, and its lane has another
//! in its place. If not, the read goes on in a lane of its own, where threads wait for their turns. So nothing that is quick
//! waits for it, a long one does not keep the others from getting on, and the threads that are at work at the same time are
//! no more than the machine has cores for. What is asked of a whole log has threads of its own again.

mod lane;
mod moments;
mod turns;

use std::io;
use std::sync::Arc;
use std::{thread, time};

pub use self::lane::{Lane, LaneWork};
use self::moments::Moment;
pub(super) use self::moments::Moments;
pub use self::turns::{Pace, PaceTurns};
use super::refusals::no_thread;
use super::snapshot::Snapshot;
use super::storage::snapshot_gate::Duration;
use super::view::OpenLog;
use crate::error::Error;

/// How many reads that take long may have begun. Each has a thread, most of which wait for their turn.
const LONG_MAX: usize = 16;

/// How much that is asked of a whole log is done at the same time; the rest waits.
const OPERATIONS_MAX: usize = 4;

/// Something to be read.
pub trait Read: Send {
    /// Whether it may take longer than about a millisecond, which is found out without doing it.
    fn is_long(&self, snapshot: &Snapshot) -> bool;

    /// Reads it from the snapshot, unless there is none, and answers. If it is long, it
    /// [gives way](Pace::give_way) every few milliseconds.
    fn run(self: Box<Self>, snapshot: Result<Arc<Snapshot>, Error>, pace: &Pace);
}

/// Does one operation on a whole log, with a snapshot of it.
pub(super) type SnapshotWork = Box<dyn FnOnce(Result<Arc<Snapshot>, Error>) + Send>;

/// The threads that read, and what waits for them.
pub(super) struct Readers {
    moments: Arc<Moments>,
    /// How long a read waits for other processes.
    lock_wait: time::Duration,
    small: Lane,
    long: Lane,
    turns: Arc<PaceTurns>,
    operations: Lane,
    /// Apart from the operations, since it waits for those that have begun.
    compactions: Lane,
}

impl Readers {
    /// `moments` are those of all that read from the file in this process. Threads that have been idle for that
    /// long end.
    pub(super) fn new(
        moments: Arc<Moments>,
        lock_wait: time::Duration,
        idle: time::Duration,
    ) -> Arc<Self> {
        let cores = thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Arc::new(Self {
            moments,
            lock_wait,
            small: Lane::new("eventlog-reader", cores.clamp(2, 4), idle),
            long: Lane::new("eventlog-search", LONG_MAX, idle),
            turns: PaceTurns::new(cores.min(4)),
            operations: Lane::new("eventlog-operation", OPERATIONS_MAX, idle),
            compactions: Lane::new("eventlog-compaction", 1, idle),
        })
    }

    /// Has the read done, which sees the log as it is now.
    pub(super) fn read(self: &Arc<Self>, open_log: &Arc<OpenLog>, read: Box<dyn Read>) {
        let moment = self.moments.now(open_log, Duration::Short, self.lock_wait);
        self.begin(read, moment);
    }

    /// Does what [`Readers::read`] does for what is asked of a whole log.
    pub(super) fn operate(self: &Arc<Self>, open_log: &Arc<OpenLog>, operation: SnapshotWork) {
        let moment = self.moments.now(open_log, Duration::Long, self.lock_wait);
        self.begin_operation(operation, moment);
    }

    /// Does what has to wait for snapshots to end.
    pub(super) fn compact(&self, compact: impl FnOnce(io::Result<()>) + Send + 'static) {
        self.compactions.run(Box::new(compact));
    }

    fn begin(self: &Arc<Self>, read: Box<dyn Read>, moment: Arc<Moment>) {
        let own = Arc::clone(self);
        self.small.run(Box::new(move |started| match started {
            Ok(()) => own.look_at(read, moment),
            Err(error) => read.run(Err(no_thread(&error)), &Pace::at_once()),
        }));
    }

    fn look_at(self: &Arc<Self>, read: Box<dyn Read>, moment: Arc<Moment>) {
        match self.moments.snapshot_of(&moment) {
            Some(Ok(snapshot)) if read.is_long(&snapshot) => {
                drop(moment);
                self.go_on(read, snapshot);
            }
            Some(snapshot) => read.run(snapshot, &Pace::at_once()),
            None => {
                // This thread is needed for those whose snapshots are waited for.
                let (own, open_log) = (Arc::clone(self), Arc::clone(moment.open_log()));
                open_log
                    .storage
                    .gate()
                    .when_begun_again(Box::new(move || own.begin(read, moment)));
            }
        }
    }

    fn go_on(self: &Arc<Self>, read: Box<dyn Read>, snapshot: Arc<Snapshot>) {
        if let Some(pace) = self.turns.at_once() {
            // To hand it to another thread would take as long as many a read does.
            let _lent = self.small.lend();
            return read.run(Ok(snapshot), &pace);
        }
        let turns = Arc::clone(&self.turns);
        self.long.run(Box::new(move |started| match started {
            Ok(()) => read.run(Ok(snapshot), &turns.wait()),
            Err(error) => read.run(Err(no_thread(&error)), &Pace::at_once()),
        }));
    }

    fn begin_operation(self: &Arc<Self>, operation: SnapshotWork, moment: Arc<Moment>) {
        let own = Arc::clone(self);
        self.operations.run(Box::new(move |started| match started {
            Ok(()) => own.go_on_with(operation, moment),
            Err(error) => operation(Err(no_thread(&error))),
        }));
    }

    fn go_on_with(self: &Arc<Self>, operation: SnapshotWork, moment: Arc<Moment>) {
        if let Some(snapshot) = self.moments.snapshot_of(&moment) {
            // Nobody else is to keep the snapshot for as long as this takes.
            drop(moment);
            return operation(snapshot);
        }
        let (own, open_log) = (Arc::clone(self), Arc::clone(moment.open_log()));
        open_log
            .storage
            .gate()
            .when_begun_again(Box::new(move || own.begin_operation(operation, moment)));
    }

    /// The lanes, in the order in which they hand on.
    const fn lanes(&self) -> [&Lane; 4] {
        [&self.compactions, &self.operations, &self.small, &self.long]
    }

    /// How many threads there are.
    #[cfg(test)]
    pub(super) fn thread_count(&self) -> usize {
        self.lanes().map(Lane::thread_count).iter().sum()
    }

    /// Waits until all threads have ended for want of work.
    #[cfg(test)]
    pub(super) fn until_idle(&self) {
        self.lanes().into_iter().for_each(Lane::until_idle);
    }

    /// Finishes what waits, and ends the threads.
    pub(super) fn close(&self) {
        self.lanes().into_iter().for_each(Lane::close);
    }
}

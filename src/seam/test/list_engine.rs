//! An engine whose log is nothing but lists. Everything is done at once, on the thread of whoever asks.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;

use super::kept::Kept;
use super::staged::Staged;
use crate::engine::{Counts, Fault, Horizon, Pace, Record, Report, Sieve, Timed};
use crate::error::{Code, Error};
use crate::progress::Progress;
use crate::seam::{
    EndWait, LogEngine, LogShare, OnOperated, Operated, Operation, Preview, QueuedChange,
    QueuedRead, ReadSnapshot,
};
use crate::timestamp;

type Wake = Box<dyn FnOnce() + Send>;

/// The engine. Clones are of the same log.
#[derive(Clone, Default)]
pub(super) struct ListEngine {
    kept: Arc<Mutex<Arc<Kept>>>,
    /// Who waits for a commit.
    waiting: Arc<Mutex<Vec<Wake>>>,
}

struct Before(Arc<Kept>);

impl Preview for Before {
    fn snapshot(&self) -> Result<&dyn ReadSnapshot, Error> {
        Ok(&*self.0)
    }
}

impl ListEngine {
    fn snapshot(&self) -> Arc<Kept> {
        Arc::clone(&self.kept.lock())
    }

    fn wake_all(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock());
        for wake in waiting {
            wake();
        }
    }

    fn apply(&self, change: &mut dyn QueuedChange) -> Result<(), Fault> {
        let mut kept = self.kept.lock();
        // As an engine does that finds out by the first time what it has to read for the second.
        let _ = change.apply(&mut Staged::of(&kept, timestamp::now()));
        let mut staged = Staged::of(&kept, timestamp::now());
        change.apply(&mut staged)?;
        if staged.changed {
            staged.kept.commits += 1;
            *kept = Arc::new(staged.kept);
        }
        Ok(())
    }
}

impl LogEngine for ListEngine {
    fn event_bytes_max(&self) -> usize {
        1 << 20
    }

    fn counts(&self) -> Counts {
        Counts {
            commits: self.snapshot().commits,
            waiting: self.waiting.lock().len() as u64,
            ..Counts::default()
        }
    }

    fn take_timed(&self) -> Vec<Timed> {
        Vec::new()
    }

    fn change(&self, mut change: Box<dyn QueuedChange>) {
        change.prepare(&Before(self.snapshot()));
        let outcome = self.apply(&mut *change);
        change.finish(outcome.map_err(Error::from));
        self.wake_all();
    }

    fn read(&self, read: Box<dyn QueuedRead>) {
        let snapshot = self.snapshot();
        let _ = read.is_long(&*snapshot);
        read.run(Ok(&*snapshot), &Pace::at_once());
    }

    fn follow(&self, _: Option<u32>, seen: u64, wake: Wake) -> Result<EndWait, Error> {
        if self.snapshot().commits > seen {
            wake();
        } else {
            self.waiting.lock().push(wake);
        }
        let own = self.clone();
        Ok(Box::new(move || own.wake_all()))
    }

    fn operate(&self, operation: Operation, _: Progress, done: OnOperated) {
        let kept = self.snapshot();
        let mut report = Report::default();
        for kept in kept.instances.values() {
            report.instances += 1;
            let state = |name: &str| kept.states.get(name).cloned();
            let horizon = Horizon::of_state(state(Horizon::STATE)).unwrap();
            let sieve = match horizon.between {
                0 => Sieve::default(),
                _ => Sieve::read(&mut |name| Ok(state(name))).unwrap(),
            };
            let mut streams = HashSet::new();
            for (position, event) in (1..).zip(&kept.events) {
                let is_between = sieve.is_out(position, &mut |name| Ok(state(name)));
                if position <= horizon.position || is_between.unwrap() {
                    continue;
                }
                let record = Record::decode(event, position).unwrap();
                streams.insert(record.stream_id.to_owned());
                report.events += 1;
                report.bytes += event.len() as u64;
            }
            report.streams += streams.len() as u64;
        }
        done(match operation {
            Operation::Verify => Ok(Operated::Verified(report)),
            Operation::Backup(_) | Operation::Compact | Operation::Erase(_) => {
                let text = "a log that is nothing but lists has no file";
                Err(Error::new(Code::InvalidArgument, text))
            }
        });
    }
}

impl LogShare for ListEngine {
    fn engine(&self) -> &dyn LogEngine {
        self
    }

    fn read_only(&self) -> bool {
        false
    }

    fn release(self: Box<Self>, _: bool) -> Result<(), Error> {
        Ok(())
    }
}

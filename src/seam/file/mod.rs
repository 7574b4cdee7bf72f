//! The engine of this package, over a file or over memory, as an implementation of the seam. Each method hands on.

mod reading;
mod staging;

use std::sync::Arc;
use std::time::Instant;

use super::{
    EndWait, LogEngine, LogShare, OnOperated, Operated, Operation, Preview, QueuedChange,
    QueuedRead, ReadSnapshot, guarded,
};
use crate::engine::seeded_bug;
use crate::engine::{
    self, Batch, Counts, Engine, Fault, Job, Latest, Pace, Read, Shared, Snapshot, Timed,
};
use crate::error::Error;
use crate::panic::caught;
use crate::progress::Progress;

impl LogEngine for Engine {
    fn event_bytes_max(&self) -> usize {
        self.options().event_bytes_max
    }

    fn counts(&self) -> Counts {
        Self::counts(self)
    }

    fn take_timed(&self) -> Vec<Timed> {
        Self::take_timed(self)
    }

    fn change(&self, change: Box<dyn QueuedChange>) {
        if let Err((job, error)) = self.submit(Box::new(HandedOver(change))) {
            job.finish(Err(error));
        }
    }

    fn change_all(&self, changes: Vec<Box<dyn QueuedChange>>) {
        let jobs = changes
            .into_iter()
            .map(|change| Box::new(HandedOver(change)) as Box<dyn Job>);
        for (job, error) in self.submit_all(jobs.collect()) {
            job.finish(Err(error));
        }
    }

    fn read(&self, read: Box<dyn QueuedRead>) {
        Self::read(self, Box::new(HandedOver(read)));
    }

    fn follow(
        &self,
        instance: Option<u32>,
        seen: u64,
        wake: Box<dyn FnOnce() + Send>,
    ) -> Result<EndWait, Error> {
        let wait = Self::follow(self, instance, seen, wake)?;
        Ok(Box::new(move || wait.end()))
    }

    fn operate(&self, operation: Operation, progress: Progress, done: OnOperated) {
        match operation {
            Operation::Verify => with_snapshot(self, progress, done, |snapshot, progress| {
                let report = guarded(&*snapshot, || engine::verify(&snapshot, progress))?;
                Ok(Operated::Verified(report))
            }),
            Operation::Backup(path) => {
                with_snapshot(self, progress, done, move |snapshot, progress| {
                    let copied = guarded(&*snapshot, || engine::copy(&snapshot, &path, progress))?;
                    // The copy is checked by itself. The log's pages may be used again meanwhile.
                    drop(snapshot);
                    let report = copied.publish(progress)?;
                    Ok(Operated::BackedUp(path, report))
                });
            }
            Operation::Compact => {
                self.compact(progress, |compacted| {
                    done(compacted.map(Operated::Compacted));
                });
            }
            Operation::Erase(plan) => {
                let plan = move |snapshot: &Snapshot| {
                    let planned = caught(|| plan.plan(snapshot));
                    planned.unwrap_or_else(|panic| Err(panic.error("the call").into()))
                };
                self.erase(progress, plan, move |erased| {
                    done(erased.map(Operated::Erased));
                });
            }
        }
    }
}

fn with_snapshot(
    engine: &Engine,
    progress: Progress,
    done: OnOperated,
    work: impl FnOnce(Arc<Snapshot>, &Progress) -> Result<Operated, Error> + Send + 'static,
) {
    engine.operate(move |snapshot| {
        let work = |snapshot| {
            let work = || {
                progress.check()?;
                work(snapshot, &progress)
            };
            caught(work).unwrap_or_else(|panic| Err(panic.error("the call")))
        };
        done(snapshot.and_then(work));
    });
}

impl LogShare for Shared {
    fn engine(&self) -> &dyn LogEngine {
        &**Self::engine(self)
    }

    fn read_only(&self) -> bool {
        Self::read_only(self)
    }

    fn release(self: Box<Self>, given_up: bool) -> Result<(), Error> {
        if given_up {
            self.release_at_exit()
        } else {
            Self::release(*self)
        }
    }
}

/// What was handed over, as the engine's threads do it.
struct HandedOver<T>(T);

impl Job for HandedOver<Box<dyn QueuedChange>> {
    fn bytes(&self) -> usize {
        self.0.bytes()
    }

    fn since(&self) -> Instant {
        self.0.since()
    }

    fn prepare(&mut self, latest: &Latest) {
        self.0.prepare(latest);
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        self.0.apply(batch)
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        self.0.finish(outcome);
    }
}

impl Preview for Latest {
    fn snapshot(&self) -> Result<&dyn ReadSnapshot, Error> {
        Ok(Self::snapshot(self)?)
    }
}

impl Read for HandedOver<Box<dyn QueuedRead>> {
    fn is_long(&self, snapshot: &Snapshot) -> bool {
        self.0.is_long(snapshot)
    }

    fn run(self: Box<Self>, snapshot: Result<Arc<Snapshot>, Error>, pace: &Pace) {
        if let Ok(snapshot) = &snapshot {
            seeded_bug::work_for(&**snapshot);
        }
        let snapshot = snapshot.as_deref().map_err(Error::clone);
        self.0.run(snapshot.map(|snapshot| snapshot as _), pace);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::channel;

    use super::*;
    use crate::engine::{IN_MEMORY, Options};
    use crate::error::Code;

    #[test]
    fn a_panic_in_an_operation_is_told_as_a_fault_of_this_package() {
        let share = Shared::open(Path::new(IN_MEMORY), &Options::default()).unwrap();
        let (sender, outcomes) = channel();
        let done: OnOperated = Box::new(move |outcome| sender.send(outcome.map(drop)).unwrap());
        let work = |_, _: &Progress| panic!("on purpose");
        with_snapshot(share.engine(), Progress::default(), done, work);
        let error = outcomes.recv().unwrap().unwrap_err();
        assert_eq!(error.code(), Code::Internal);
        assert!(error.text().contains("on purpose"), "{error}");
        share.release().unwrap();
    }
}

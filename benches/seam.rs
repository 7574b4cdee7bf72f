//! What it costs that requests reach an engine through [`LogEngine`]: the same work, handed to the engine as it is and
//! through the seam. The log is in memory, so that no disk is measured.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use codebolt_eventlog::engine::{
    Batch, Fault, IN_MEMORY, Job, Latest, NewEvent, Options, Pace, Read, Shared, Snapshot,
};
use codebolt_eventlog::error::Error;
use codebolt_eventlog::seam::{
    LogEngine, Preview, QueuedChange, QueuedRead, ReadSnapshot, Transaction,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const INSTANCE: &str = "bench";

const PAYLOAD: &str = r#"{"endpoint":"/api/users","method":"GET","userId":"user-123","responseTime":125,"statusCode":200,"region":"eu-central-1"}"#;

/// How many events are appended at once.
const COUNT: u64 = 100;

/// How many events are read.
const EVENTS: u64 = 20_000;

const fn event(stream_id: &str) -> NewEvent<'_> {
    NewEvent {
        stream_id,
        event_type: "api_request",
        payload: PAYLOAD,
        metadata: "{}",
        timestamp_ms: None,
        call: None,
    }
}

struct Append(Sender<Result<(), Error>>);

impl Job for Append {
    fn bytes(&self) -> usize {
        COUNT as usize * PAYLOAD.len()
    }

    fn prepare(&mut self, _: &Latest) {}

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        let number = match batch.holder(INSTANCE)? {
            Some(number) => number,
            None => batch.create(INSTANCE, INSTANCE, None)?,
        };
        for _ in 0..COUNT {
            batch.append(number, &event("stream"))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        self.0.send(outcome).unwrap();
    }
}

impl QueuedChange for Append {
    fn bytes(&self) -> usize {
        Job::bytes(self)
    }

    fn since(&self) -> Instant {
        Instant::now()
    }

    fn prepare(&mut self, _: &dyn Preview) {}

    fn apply(&mut self, transaction: &mut dyn Transaction) -> Result<(), Fault> {
        let number = match transaction.holder(INSTANCE)? {
            Some(number) => number,
            None => transaction.create(INSTANCE, INSTANCE, None)?,
        };
        for _ in 0..COUNT {
            transaction.append(number, &event("stream"))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        Job::finish(self, outcome);
    }
}

/// Adds up the lengths of all payloads.
struct Sum(Sender<usize>);

impl Read for Sum {
    fn is_long(&self, _: &Snapshot) -> bool {
        false
    }

    fn run(self: Box<Self>, snapshot: Result<Arc<Snapshot>, Error>, _: &Pace) {
        let snapshot = snapshot.unwrap();
        let chunks = snapshot.chunks(snapshot.find(INSTANCE).unwrap()).unwrap();
        let mut bytes = 0;
        let read = chunks.each(1..=EVENTS, |_, record| {
            bytes += record.payload.len();
            Ok::<_, Fault>(())
        });
        read.unwrap();
        self.0.send(bytes).unwrap();
    }
}

impl QueuedRead for Sum {
    fn is_long(&self, _: &dyn ReadSnapshot) -> bool {
        false
    }

    fn run(self: Box<Self>, snapshot: Result<&dyn ReadSnapshot, Error>, _: &Pace) {
        let snapshot = snapshot.unwrap();
        let chunks = snapshot.chunks(snapshot.find(INSTANCE).unwrap()).unwrap();
        let mut bytes = 0;
        let read = chunks.each(&mut (1..=EVENTS), &mut |_, record| {
            bytes += record.payload.len();
            Ok(ControlFlow::Continue(()))
        });
        read.unwrap();
        self.0.send(bytes).unwrap();
    }
}

fn open() -> Shared {
    Shared::open(Path::new(IN_MEMORY), &Options::default()).unwrap()
}

/// Appends events a few times, and once more for each of these.
fn appends(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("append 100 events in memory");
    group.throughput(Throughput::Elements(COUNT));
    for through_seam in [false, true] {
        let name = if through_seam {
            "through the seam"
        } else {
            "to the engine"
        };
        let share = open();
        let engine = share.engine();
        let (sender, outcomes) = channel::<Result<(), Error>>();
        let append = |append: Append| {
            if through_seam {
                LogEngine::change(&**engine, Box::new(append));
            } else if let Err((job, error)) = engine.submit(Box::new(append)) {
                job.finish(Err(error));
            }
            outcomes.recv().unwrap().unwrap();
        };
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| Append(sender.clone()), append, BatchSize::SmallInput);
        });
        share.release().unwrap();
    }
    group.finish();
}

fn reads(criterion: &mut Criterion) {
    let share = open();
    let engine = share.engine();
    let (sender, outcomes) = channel();
    for _ in 0..EVENTS / COUNT {
        LogEngine::change(&**engine, Box::new(Append(sender.clone())));
        outcomes.recv().unwrap().unwrap();
    }
    let mut group = criterion.benchmark_group("read 20000 events in memory");
    group.throughput(Throughput::Elements(EVENTS));
    let (sender, sums) = channel();
    group.bench_function("from the engine", |bencher| {
        bencher.iter(|| {
            engine.read(Box::new(Sum(sender.clone())));
            sums.recv().unwrap()
        });
    });
    group.bench_function("through the seam", |bencher| {
        bencher.iter(|| {
            LogEngine::read(&**engine, Box::new(Sum(sender.clone())));
            sums.recv().unwrap()
        });
    });
    group.finish();
    share.release().unwrap();
}

criterion_group!(benches, appends, reads);
criterion_main!(benches);

//! The engine alone: reading the events of an instance in a row, with no JavaScript and no JSON parsing.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use codebolt_eventlog::engine::{
    Batch, Fault, Job, NewEvent, Options, Pace, Read, Record, Shared, Snapshot,
};
use codebolt_eventlog::error::Error;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const INSTANCE: &str = "bench";

const EVENTS: u64 = 1_000_000;

const STREAMS: u64 = 1_000;

/// How many events a commit has.
const BATCH: u64 = 10_000;

/// An agent's API request, some 300 bytes of JSON.
const PAYLOAD: &str = r#"{"endpoint":"/api/users","method":"GET","userId":"user-123","responseTime":125,"statusCode":200,"region":"eu-central-1","cacheHit":false,"bytesSent":18231,"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}"#;

const METADATA: &str = r#"{"userAgent":"codebolt-agent/1.4","host":"worker-17","attempt":1}"#;

/// A call that appends events to streams in turn.
struct Append {
    first: u64,
    done: Sender<Result<(), Error>>,
}

impl Job for Append {
    fn bytes(&self) -> usize {
        BATCH as usize * (PAYLOAD.len() + METADATA.len())
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        let number = match batch.holder(INSTANCE)? {
            Some(number) => number,
            None => batch.create(INSTANCE, INSTANCE, None)?,
        };
        for event in self.first..self.first + BATCH {
            let stream = format!("stream-{}", event % STREAMS);
            batch.append(
                number,
                &NewEvent {
                    stream_id: &stream,
                    event_type: "api_call_made",
                    payload: PAYLOAD,
                    metadata: METADATA,
                    timestamp_ms: None,
                    call: None,
                },
            )?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        self.done.send(outcome).unwrap();
    }
}

fn fill(log: &Shared) {
    let (done, answers) = channel();
    for first in (0..EVENTS).step_by(BATCH as usize) {
        let done = done.clone();
        assert!(
            log.engine()
                .submit(Box::new(Append { first, done }))
                .is_ok()
        );
        answers.recv().unwrap().unwrap();
    }
}

/// A read made of a closure.
struct Reads<F> {
    reads: F,
    done: Sender<u64>,
}

impl<F: FnOnce(&Snapshot) -> u64 + Send> Read for Reads<F> {
    fn is_long(&self, _snapshot: &Snapshot) -> bool {
        true
    }

    fn run(self: Box<Self>, snapshot: Result<Arc<Snapshot>, Error>, _pace: &Pace) {
        let Self { reads, done } = *self;
        done.send(reads(&snapshot.unwrap())).unwrap();
    }
}

/// Reads with a snapshot, as a reader thread does.
fn read(log: &Shared, reads: impl FnOnce(&Snapshot) -> u64 + Send + 'static) -> u64 {
    let (done, receiver) = channel();
    log.engine().read(Box::new(Reads { reads, done }));
    receiver.recv().unwrap()
}

fn every_event(snapshot: &Snapshot) -> u64 {
    let number = snapshot.find(INSTANCE).unwrap();
    let mut sequences = 0;
    let visit = |_, record: &Record<'_>| {
        sequences += record.sequence;
        Ok::<_, Fault>(())
    };
    snapshot
        .chunks(number)
        .unwrap()
        .each(1..=EVENTS, visit)
        .unwrap();
    sequences
}

fn reading(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let log = Shared::open(&folder.path().join("log"), &Options::default()).unwrap();
    fill(&log);
    let mut group = criterion.benchmark_group("reading");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(EVENTS));
    let per_stream = EVENTS / STREAMS;
    let expected = STREAMS * per_stream * (per_stream + 1) / 2;
    group.bench_function("headers of all events", |bencher| {
        bencher.iter(|| assert_eq!(read(&log, every_event), expected));
    });
    group.finish();
    log.release().unwrap();
}

criterion_group!(benches, reading);
criterion_main!(benches);

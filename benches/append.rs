//! The engine alone: appends, from the queue to the answer, with no JavaScript and no JSON parsing.
//!
//! Each commit is on disk before it is answered, so what is measured is the disk as much as the
//! engine: compare figures of one run only.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use codebolt_eventlog::engine::{Batch, Engine, Fault, Job, NewEvent, Options, Shared};
use codebolt_eventlog::error::Error;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const INSTANCE: &str = "bench";

/// An agent's API request, some 300 bytes of JSON.
const PAYLOAD: &str = r#"{"endpoint":"/api/users","method":"GET","userId":"user-123","responseTime":125,"statusCode":200,"region":"eu-central-1","cacheHit":false,"bytesSent":18231,"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}"#;

const METADATA: &str = r#"{"userAgent":"codebolt-agent/1.4","host":"worker-17","attempt":1}"#;

/// A call that appends events to streams in turn.
struct Append {
    first: u64,
    count: u64,
    streams: u64,
    done: Sender<Result<(), Error>>,
}

impl Job for Append {
    fn bytes(&self) -> usize {
        self.count as usize * (PAYLOAD.len() + METADATA.len())
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        let number = match batch.find(INSTANCE) {
            Ok(number) => number,
            Err(_) => batch.create(INSTANCE, INSTANCE, None)?,
        };
        for event in self.first..self.first + self.count {
            // A multiplicative hash, so that neighbours in time are not neighbours in key order.
            let stream = event.wrapping_mul(0x9e37_79b9_7f4a_7c15) % self.streams;
            batch.append(
                number,
                &NewEvent {
                    stream_id: &format!("agent-{stream}"),
                    event_type: "api_request",
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

/// Appends `events` in jobs of `job_events`, with `in_flight` jobs at a time.
fn append(engine: &Engine, events: u64, job_events: u64, in_flight: u64, streams: u64) -> Duration {
    let (done, answers) = channel();
    let submit = |first: u64| {
        let job = Append {
            first,
            count: job_events.min(events - first),
            streams,
            done: done.clone(),
        };
        engine
            .submit(Box::new(job))
            .map_err(|(_, error)| error)
            .unwrap();
    };
    let began = Instant::now();
    let mut next = 0;
    let mut waiting = 0;
    while next < events || waiting > 0 {
        while next < events && waiting < in_flight {
            submit(next);
            next += job_events;
            waiting += 1;
        }
        answers.recv().unwrap().unwrap();
        waiting -= 1;
    }
    began.elapsed()
}

fn opened(folder: &Path, exclusive: bool) -> Shared {
    let options = Options {
        exclusive,
        ..Options::default()
    };
    Shared::open(&folder.join("bench.log"), &options).unwrap()
}

/// Measures appends to one log that grows from sample to sample, as logs do.
fn measure(c: &mut Criterion, group: &str, cases: &[(&str, bool, u64, u64, u64)]) {
    let mut group = c.benchmark_group(group);
    group.sample_size(10);
    group.throughput(Throughput::Elements(1));
    for &(name, exclusive, job_events, in_flight, streams) in cases {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let shared = opened(folder.path(), exclusive);
        let engine = Arc::clone(shared.engine());
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|events| append(&engine, events, job_events, in_flight, streams));
        });
        drop(engine);
        shared.release().unwrap();
    }
    group.finish();
}

fn in_flight(c: &mut Criterion) {
    let cases = [
        ("1 in flight, shared", false, 1, 1, 1000),
        ("1 in flight, exclusive", true, 1, 1, 1000),
        ("64 in flight", false, 1, 64, 1000),
        ("1024 in flight", false, 1, 1024, 1000),
        ("4096 in flight", false, 1, 4096, 1000),
    ];
    measure(c, "append one event", &cases);
}

fn batches(c: &mut Criterion) {
    let cases = [
        ("100", false, 100, 1, 1000),
        ("1000", false, 1000, 1, 1000),
        ("10000", false, 10_000, 1, 1000),
    ];
    measure(c, "append events in batches of", &cases);
}

fn streams(c: &mut Criterion) {
    let cases = [
        ("1 stream", false, 1, 1024, 1),
        ("1000 streams", false, 1, 1024, 1000),
        ("1000000 streams", false, 1, 1024, 1_000_000),
    ];
    measure(c, "append, 1024 in flight, to", &cases);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(4));
    targets = in_flight, batches, streams
}
criterion_main!(benches);

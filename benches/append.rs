//! The engine alone: appends, from the queue to the answer, with no JavaScript and no JSON parsing.
//!
//! Each commit is on disk before it is answered, so what is measured is the disk as much as the
//! engine: compare figures of one run only.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use codebolt_eventlog::engine::{Batch, CallKey, Engine, Fault, Job, NewEvent, Options, Shared};
use codebolt_eventlog::error::Error;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const INSTANCE: &str = "bench";

/// An agent's API request, some 300 bytes of JSON.
const PAYLOAD: &str = r#"{"endpoint":"/api/users","method":"GET","userId":"user-123","responseTime":125,"statusCode":200,"region":"eu-central-1","cacheHit":false,"bytesSent":18231,"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}"#;

const METADATA: &str = r#"{"userAgent":"codebolt-agent/1.4","host":"worker-17","attempt":1}"#;

/// The idempotency keys of calls.
#[derive(Clone, Copy)]
enum Keys {
    None,
    /// In the order of the calls, as UUIDv7s are.
    Ascending,
    /// In no order, as UUIDv4s are.
    Random,
}

impl Keys {
    /// The key of the call whose first event has that number; as long as a UUID.
    fn key(self, event: u64) -> Option<String> {
        match self {
            Self::None => None,
            Self::Ascending => Some(format!("{event:036x}")),
            // Invertible, so that no two are the same.
            Self::Random => {
                let mixed = (event ^ event >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                Some(format!("{:016x}{event:020x}", mixed ^ mixed >> 29))
            }
        }
    }
}

/// A call that appends events to streams in turn.
struct Append {
    first: u64,
    count: u64,
    streams: u64,
    keys: Keys,
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
        let key = self.keys.key(self.first);
        if let Some(key) = &key {
            assert_eq!(batch.position_of_key(number, key)?, None);
        }
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
                    call: key
                        .as_deref()
                        .filter(|_| event == self.first)
                        .map(|text| CallKey {
                            text,
                            events: self.count,
                        }),
                },
            )?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        self.done.send(outcome).unwrap();
    }
}

/// What is measured.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    exclusive: bool,
    /// Events of a job.
    job_events: u64,
    /// Jobs at a time.
    in_flight: u64,
    streams: u64,
    keys: Keys,
}

/// The case that others differ from in some of these.
const CASE: Case = Case {
    name: "",
    exclusive: false,
    job_events: 1,
    in_flight: 1,
    streams: 1000,
    keys: Keys::None,
};

/// Appends the events of these numbers.
fn append(engine: &Engine, events: Range<u64>, case: Case) -> Duration {
    let (done, answers) = channel();
    let submit = |first: u64| {
        let job = Append {
            first,
            count: case.job_events.min(events.end - first),
            streams: case.streams,
            keys: case.keys,
            done: done.clone(),
        };
        engine
            .submit(Box::new(job))
            .map_err(|(_, error)| error)
            .unwrap();
    };
    let began = Instant::now();
    let mut next = events.start;
    let mut waiting = 0;
    while next < events.end || waiting > 0 {
        while next < events.end && waiting < case.in_flight {
            submit(next);
            next += case.job_events;
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
fn measure(c: &mut Criterion, group: &str, cases: &[Case]) {
    let mut group = c.benchmark_group(group);
    group.sample_size(10);
    group.throughput(Throughput::Elements(1));
    for &case in cases {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let shared = opened(folder.path(), case.exclusive);
        let engine = Arc::clone(shared.engine());
        let mut appended = 0;
        group.bench_function(BenchmarkId::from_parameter(case.name), |bencher| {
            bencher.iter_custom(|events| {
                let first = appended;
                appended += events;
                append(&engine, first..appended, case)
            });
        });
        drop(engine);
        shared.release().unwrap();
    }
    group.finish();
}

fn in_flight(c: &mut Criterion) {
    let case = |name, exclusive, in_flight| Case {
        name,
        exclusive,
        in_flight,
        ..CASE
    };
    let cases = [
        case("1 in flight, shared", false, 1),
        case("1 in flight, exclusive", true, 1),
        case("64 in flight", false, 64),
        case("1024 in flight", false, 1024),
        case("4096 in flight", false, 4096),
    ];
    measure(c, "append one event", &cases);
}

fn batches(c: &mut Criterion) {
    let case = |name, job_events| Case {
        name,
        job_events,
        ..CASE
    };
    let cases = [case("100", 100), case("1000", 1000), case("10000", 10_000)];
    measure(c, "append events in batches of", &cases);
}

fn streams(c: &mut Criterion) {
    let case = |name, streams| Case {
        name,
        in_flight: 1024,
        streams,
        ..CASE
    };
    let cases = [
        case("1 stream", 1),
        case("1000 streams", 1000),
        case("1000000 streams", 1_000_000),
    ];
    measure(c, "append, 1024 in flight, to", &cases);
}

fn keys(c: &mut Criterion) {
    let case = |name, in_flight, keys| Case {
        name,
        in_flight,
        keys,
        ..CASE
    };
    let cases = [
        case("1 in flight, no key", 1, Keys::None),
        case("1 in flight, ascending keys", 1, Keys::Ascending),
        case("1 in flight, random keys", 1, Keys::Random),
        case("1024 in flight, no key", 1024, Keys::None),
        case("1024 in flight, ascending keys", 1024, Keys::Ascending),
        case("1024 in flight, random keys", 1024, Keys::Random),
    ];
    measure(c, "append with an idempotency key", &cases);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(4));
    targets = in_flight, batches, streams, keys
}
criterion_main!(benches);

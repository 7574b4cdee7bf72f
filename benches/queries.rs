//! Queries over a million API requests, as calls of the request layer: all that a query costs but JavaScript.
//!
//! The events are those of the benchmarks, which `benches/events.mjs` prints. Loading them takes half a minute. Where
//! `QUERIES_FOLDER` names a folder, the log stays there, and the next run asks it again: so two versions can be compared.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::engine::{Batch, Fault, Job, NewEvent, Options, Shared};
use codebolt_eventlog::error::Error;
use codebolt_eventlog::request::{Call, Log, Method, Piece, Recipient, Response, parse_opening};
use criterion::{Criterion, criterion_group, criterion_main};

const INSTANCE: &str = "default";

const EVENTS: usize = 1_000_000;

/// How many events a commit has.
const BATCH: usize = 10_000;

/// What is asked, each under its name in the tables of the benchmarks.
const QUERIES: [(&str, &str); 8] = [
    (
        "the 1,000 of a rare type",
        r#"{"where":[{"field":"event_type","operator":"eq","value":"key.rotated"}]}"#,
    ),
    (
        "message contains a word",
        r#"{"where":[{"field":"payload.message","operator":"contains","value":"deadlock"}],"limit":100}"#,
    ),
    (
        "avg of responseTime by endpoint",
        r#"{"reduce":{"type":"avg","field":"payload.responseTime","groupBy":"payload.endpoint"}}"#,
    ),
    (
        "count, avg and max by endpoint",
        r#"{"reduce":{"aggregates":{"n":{"type":"count"},"avg":{"type":"avg","field":"payload.responseTime"},"max":{"type":"max","field":"payload.responseTime"}},"groupBy":"payload.endpoint"}}"#,
    ),
    (
        "collect responseTime where method is DELETE",
        r#"{"where":[{"field":"payload.method","operator":"eq","value":"DELETE"}],"reduce":{"type":"collect","field":"payload.responseTime"}}"#,
    ),
    (
        "statusCode >= 400, first 100",
        r#"{"where":[{"field":"payload.statusCode","operator":"gte","value":400}],"limit":100}"#,
    ),
    (
        "sum of items.0.price",
        r#"{"reduce":{"type":"sum","field":"payload.items.0.price"}}"#,
    ),
    (
        "total, newest 50",
        r#"{"orderBy":{"field":"timestamp","direction":"desc"},"limit":50}"#,
    ),
];

/// Stream, type, milliseconds, sequence number, link, payload and metadata.
type Given = (String, String, i64, u64, u64, String, String);

struct Append {
    lines: Vec<String>,
    done: Sender<Result<(), Error>>,
}

impl Job for Append {
    fn bytes(&self) -> usize {
        self.lines.iter().map(String::len).sum()
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        let number = match batch.holder(INSTANCE)? {
            Some(number) => number,
            None => batch.create(INSTANCE, INSTANCE, None)?,
        };
        for line in &self.lines {
            let given: Given = serde_json::from_str(line).unwrap();
            let (stream_id, event_type, timestamp_ms, _, _, payload, metadata) = given;
            let event = NewEvent {
                stream_id: &stream_id,
                event_type: &event_type,
                payload: &payload,
                metadata: &metadata,
                timestamp_ms: Some(timestamp_ms),
                call: None,
            };
            batch.append(number, &event)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        self.done.send(outcome).unwrap();
    }
}

fn fill(path: &Path) {
    let log = Shared::open(path, &Options::default()).unwrap();
    let mut printing = Command::new("node")
        .args(["benches/events.mjs", "api-requests"])
        .args([EVENTS.to_string(), EVENTS.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let printed = BufReader::new(printing.stdout.take().unwrap());
    let mut lines = printed.lines();
    let (done, answers) = channel();
    loop {
        let lines: Vec<String> = lines.by_ref().take(BATCH).map(Result::unwrap).collect();
        if lines.is_empty() {
            break;
        }
        let done = done.clone();
        assert!(
            log.engine()
                .submit(Box::new(Append { lines, done }))
                .is_ok()
        );
        answers.recv().unwrap().unwrap();
    }
    assert!(printing.wait().unwrap().success());
    log.release().unwrap();
}

/// Takes answers, and tells how many bytes their lists had.
struct Answered {
    bytes: AtomicUsize,
    answered: Sender<usize>,
}

impl Recipient for Answered {
    fn receive_piece(&self, _: u32, piece: &Piece, _: &Cancellation) {
        self.bytes.fetch_add(piece.bytes(), Ordering::Relaxed);
    }

    fn receive(&self, _: u32, response: &Response) {
        let mut text = String::with_capacity(response.bytes());
        response.write_values(&mut text);
        // That is how a failure begins.
        assert!(!text.starts_with("0,"), "{text}");
        let bytes = self.bytes.swap(0, Ordering::Relaxed);
        self.answered.send(bytes + text.len()).unwrap();
    }
}

/// An open log that is asked one query after the other.
struct Asked {
    log: Arc<Log>,
    recipient: Arc<Answered>,
    answers: Receiver<usize>,
}

impl Asked {
    fn open(path: &Path) -> Self {
        let opening = serde_json::json!([path.to_str().unwrap(), null, false]).to_string();
        let (path, options) = parse_opening(&opening).unwrap();
        let (opened, opening) = channel();
        let log = Log::open(
            PathBuf::from(path),
            options,
            Box::new(move |outcome| opened.send(outcome).unwrap()),
        );
        opening.recv().unwrap().unwrap();
        let (answered, answers) = channel();
        let recipient = Arc::new(Answered {
            bytes: AtomicUsize::new(0),
            answered,
        });
        Self {
            log,
            recipient,
            answers,
        }
    }

    fn ask(&self, query: &str) -> usize {
        let method = Method::named("queryEvents").unwrap();
        let from = if query.contains("\"from\"") {
            query.to_owned()
        } else {
            query.replacen('{', r#"{"from":{"instance":"default"},"#, 1)
        };
        let work = method.call(format!("[{from}]")).unwrap();
        let recipient = Arc::clone(&self.recipient) as Arc<dyn Recipient>;
        let call = Call::new(work, recipient, 0, Cancellation::default());
        self.log.call(call);
        self.answers.recv().unwrap()
    }
}

fn queries(c: &mut Criterion) {
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("QUERIES_FOLDER").map(PathBuf::from);
    let path = kept
        .as_deref()
        .unwrap_or_else(|| temporary.path())
        .join("requests.log");
    if !path.exists() {
        fill(&path);
    }
    let asked = Asked::open(&path);
    let mut group = c.benchmark_group("queries");
    group.sample_size(10);
    let mut run = 0;
    group.bench_function("newest 50 of a stream", |bencher| {
        bencher.iter(|| {
            // Another stream each time: its events are not those that were just read.
            run += 1;
            let stream = run * 7919 % 9_998;
            asked.ask(&format!(
                r#"{{"from":{{"instance":"default","stream":"client-{stream}"}},"orderBy":{{"field":"sequence_number","direction":"desc"}},"limit":50}}"#
            ))
        });
    });
    for (name, query) in QUERIES {
        println!("{name}: {} bytes", asked.ask(query));
        group.bench_function(name, |bencher| bencher.iter(|| asked.ask(query)));
    }
    group.finish();
    asked.log.close_and_wait().unwrap();
}

criterion_group!(benches, queries);
criterion_main!(benches);

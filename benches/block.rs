//! Blocks: what it costs to make one of events, and to read columns of it.
//!
//! One iteration is one block, so the rate that criterion gives is events per second.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![expect(clippy::cast_precision_loss, reason = "sizes are shown rounded")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::hint::black_box;

use codebolt_eventlog::block::{Builder, ColumnKey, Directory, EVENTS, Encoded, Finding};
use codebolt_eventlog::event::Event;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::value::RawValue;
use uuid::Uuid;

/// Webhooks as GitHub sends them; `npm ci` puts them there.
const WEBHOOKS: &str = "node_modules/@octokit/webhooks-examples/api.github.com/index.json";

/// What an event has of its own.
struct Given {
    stream_id: String,
    event_type: String,
    payload: String,
    metadata: String,
}

/// A sequence of numbers that looks random and is the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// What an HTTP server would log of requests, some 300 bytes each.
fn requests() -> Vec<Given> {
    let mut random = Random(7);
    let request = |n| Given {
        stream_id: format!("user-{}", random.below(10_000)),
        event_type: "api_request".to_owned(),
        payload: format!(
            r#"{{"method":"{}","endpoint":"/api/v1/projects/{}/tasks/{}","statusCode":{},"responseTime":{},"ip":"10.{}.{}.{}","agent":"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0","isCached":{}}}"#,
            random.of(&["GET", "POST", "PUT", "DELETE"]),
            random.below(10_000),
            random.below(100_000),
            random.of(&["200", "200", "200", "201", "404", "500"]),
            random.below(2_000) as f64 / 10.0,
            random.below(256),
            random.below(256),
            random.below(256),
            random.of(&["true", "false"]),
        ),
        metadata: format!(r#"{{"source":"bench","n":{n}}}"#),
    };
    (0..EVENTS).map(request).collect()
}

#[derive(serde::Deserialize)]
struct Webhook {
    name: String,
    examples: Vec<Box<RawValue>>,
}

/// Real webhooks, some 10 KB each.
fn webhooks() -> Vec<Given> {
    let text = std::fs::read_to_string(WEBHOOKS)
        .unwrap_or_else(|error| panic!("{WEBHOOKS}: {error}; `npm ci` makes it"));
    let webhooks: Vec<Webhook> = serde_json::from_str(&text).unwrap();
    let examples = webhooks.iter().flat_map(|webhook| {
        let name = &webhook.name;
        webhook.examples.iter().map(move |example| (name, example))
    });
    let examples: Vec<_> = examples
        .map(|(name, example)| {
            let value: &RawValue = example;
            (name, minified(value.get()))
        })
        .collect();
    let mut random = Random(7);
    let events = examples.iter().cycle().take(EVENTS).enumerate();
    events
        .map(|(n, (name, payload))| Given {
            stream_id: format!("user-{}", random.below(10_000)),
            event_type: (*name).clone(),
            payload: payload.clone(),
            metadata: format!(r#"{{"source":"bench","n":{n}}}"#),
        })
        .collect()
}

/// The JSON text without whitespace between its tokens, as JavaScript writes it.
fn minified(text: &str) -> String {
    let mut out = String::new();
    let mut is_string = false;
    let mut is_escaped = false;
    for character in text.chars() {
        if is_string || !character.is_whitespace() {
            out.push(character);
        }
        is_string ^= character == '"' && !is_escaped;
        is_escaped = is_string && character == '\\' && !is_escaped;
    }
    out
}

fn build(events: &[Given]) -> Encoded {
    let mut builder = Builder::new();
    for (row, given) in events.iter().enumerate() {
        builder.push(&Event {
            id: Uuid::from_u128(row as u128),
            instance_id: "bench",
            stream_id: &given.stream_id,
            event_type: &given.event_type,
            payload: &given.payload,
            metadata: &given.metadata,
            timestamp_ms: 1_700_000_000_000 + row as i64 / 3,
            sequence_number: 1 + row as u64 / 100,
            position: 1,
        });
    }
    builder.finish()
}

fn blocks(c: &mut Criterion) {
    for (name, events) in [("requests", requests()), ("webhooks", webhooks())] {
        let bytes: usize = events
            .iter()
            .map(|given| given.payload.len() + given.metadata.len())
            .sum();
        let block = build(&events);
        println!(
            "{name}: {} bytes of JSON an event, {:.1} of body, {:.1} of directory",
            bytes / EVENTS,
            block.body.len() as f64 / EVENTS as f64,
            block.directory.len() as f64 / EVENTS as f64,
        );
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(EVENTS as u64));
        group.bench_function("make", |bencher| bencher.iter(|| build(black_box(&events))));
        group.bench_function("directory", |bencher| {
            bencher.iter(|| Directory::decode(black_box(&block.directory)).unwrap());
        });
        group.finish();
    }
}

fn columns(c: &mut Criterion) {
    let block = build(&requests());
    let directory = Directory::decode(&block.directory).unwrap();
    let mut group = c.benchmark_group("read");
    group.throughput(Throughput::Elements(EVENTS as u64));
    for name in ["method", "endpoint", "statusCode", "responseTime", "agent"] {
        let key = ColumnKey::Path {
            metadata: false,
            keys: &[name],
        };
        let Finding::Stored(place) = directory.find(&key) else {
            panic!("{name} has no column");
        };
        let bytes = &block.body[place.range()];
        println!(
            "{name}: {} bytes{}",
            bytes.len(),
            if place.is_prints() { " of prints" } else { "" }
        );
        group.bench_function(name, |bencher| {
            bencher.iter(|| directory.read(&place, black_box(bytes)).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, blocks, columns);
criterion_main!(benches);

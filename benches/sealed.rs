//! Sealed blocks: what an event takes, what it costs to seal one, and to read one.
//!
//! The events are those of the benchmarks, which `benches/events.mjs` prints. One iteration is one
//! block, so the rate that criterion gives is events per second.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![expect(clippy::cast_precision_loss, reason = "sizes are shown rounded")]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hint::black_box;
use std::ops::Range;
use std::process::Command;
use std::sync::Arc;

use codebolt_eventlog::block::EVENTS;
use codebolt_eventlog::block::lookup::{self, Lookup};
use codebolt_eventlog::block::sealed::{
    Block, Builder, Damaged, Group, KnownGroup, Row, RowBuffer, Source,
};
use codebolt_eventlog::engine::Record;
use codebolt_eventlog::engine::workings::made;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use uuid::{ContextV7, Timestamp, Uuid};

/// How many blocks a size is taken from.
const BLOCKS: usize = 2;

/// Each set of events, and how many it would have in all.
const DATASETS: [(&str, usize); 4] = [
    ("api-requests", 1_000_000),
    ("readings", 1_000_000),
    ("webhooks", 20_000),
    ("varied-webhooks", 20_000),
];

/// How many events are loaded in a millisecond.
const EVENTS_PER_MS: u64 = 200;

/// Stream, type, milliseconds, sequence number, link, payload and metadata.
type Given = (String, String, i64, u64, u64, String, String);

fn events(name: &str, of: usize) -> Vec<(Uuid, Given)> {
    let count = BLOCKS * EVENTS;
    let printed = Command::new("node")
        .args(["benches/events.mjs", name])
        .args([of.to_string(), count.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    let context = ContextV7::new();
    let given = text.lines().zip(0..).map(|(line, number)| {
        let ms = 1_790_000_000_000 + number / EVENTS_PER_MS;
        let nanoseconds = (ms % 1_000 * 1_000_000) as u32;
        let time = Timestamp::from_unix(&context, ms / 1_000, nanoseconds);
        (Uuid::new_v7(time), serde_json::from_str(line).unwrap())
    });
    let given: Vec<(Uuid, Given)> = given.collect();
    assert_eq!(
        given.len(),
        count,
        "{}",
        String::from_utf8_lossy(&printed.stderr)
    );
    given
}

/// A block whose groups are kept once they were read.
struct Keeping<'b> {
    bytes: &'b [u8],
    groups: RefCell<HashMap<usize, Arc<Group>>>,
}

impl Source for Keeping<'_> {
    type Fault = Damaged;

    fn read(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>, Damaged> {
        self.bytes.read(range)
    }

    fn known_group(&self, number: usize) -> Option<KnownGroup> {
        let groups = self.groups.borrow();
        groups.get(&number).cloned().map(KnownGroup::Read)
    }

    fn keep_group(&self, number: usize, group: &Arc<Group>) {
        self.groups.borrow_mut().insert(number, Arc::clone(group));
    }
}

fn row((id, given): &(Uuid, Given)) -> Row<'_> {
    let (stream_id, event_type, timestamp_ms, sequence, back, payload, metadata) = given;
    Row {
        id: *id,
        timestamp_ms: *timestamp_ms,
        sequence: *sequence,
        back: *back,
        stream_id,
        event_type,
        call: None,
        payload,
        metadata,
    }
}

fn seal(events: &[(Uuid, Given)]) -> Vec<u8> {
    let mut builder = Builder::with_narrow_columns();
    for event in events {
        builder.push(&row(event));
    }
    builder.finish()
}

/// The records of these events, as a journal checkpoint gets them.
fn records(events: &[(Uuid, Given)]) -> Vec<Vec<u8>> {
    let record = |event| {
        let row = row(event);
        let record = Record {
            id: row.id,
            timestamp_ms: row.timestamp_ms,
            sequence: row.sequence,
            back: row.back,
            stream_id: row.stream_id,
            event_type: row.event_type,
            call: None,
            payload: row.payload,
            metadata: row.metadata,
        };
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        bytes
    };
    events.iter().map(record).collect()
}

fn look_up(events: &[(Uuid, Given)]) -> Lookup {
    let mut builder = lookup::Builder::new();
    for event in events {
        builder.push(&row(event));
    }
    builder.finish()
}

fn blocks(c: &mut Criterion) {
    for (name, of) in DATASETS {
        let events = events(name, of);
        let texts = events
            .iter()
            .map(|(_, given)| given.5.len() + given.6.len());
        let texts: usize = texts.sum();
        let sealed: Vec<Vec<u8>> = events.chunks(EVENTS).map(seal).collect();
        let bytes: usize = sealed.iter().map(Vec::len).sum();
        println!(
            "{name}: {} bytes of JSON an event, {:.1} sealed",
            texts / events.len(),
            bytes as f64 / events.len() as f64,
        );
        let mut buffer = RowBuffer::default();
        let block = Block::open(&sealed[0]).unwrap();
        let mut group = c.benchmark_group(name);
        group.sample_size(10);
        group.throughput(Throughput::Elements(EVENTS as u64));
        group.bench_function("seal", |bencher| {
            bencher.iter(|| seal(black_box(&events[..EVENTS])));
        });
        group.bench_function("look up", |bencher| {
            bencher.iter(|| look_up(black_box(&events[..EVENTS])));
        });
        let records = records(&events[..EVENTS]);
        let records: Vec<&[u8]> = records.iter().map(|record| &**record).collect();
        group.bench_function("seal, check and look up", |bencher| {
            bencher.iter(|| made(black_box(&records), 1).unwrap());
        });
        group.bench_function("in order", |bencher| {
            bencher.iter(|| {
                for number in 0..EVENTS {
                    black_box(block.row(number, &mut buffer).unwrap());
                }
            });
        });
        group.bench_function("at random", |bencher| {
            bencher.iter(|| {
                for number in 0..EVENTS {
                    // Coprime to the number of events.
                    let number = number * 2_741 % EVENTS;
                    black_box(block.row(number, &mut buffer).unwrap());
                }
            });
        });
        let keeping = Block::open(Keeping {
            bytes: &sealed[0],
            groups: RefCell::default(),
        });
        let keeping = keeping.unwrap();
        keeping.row(0, &mut buffer).unwrap();
        group.bench_function("at random, of known groups", |bencher| {
            bencher.iter(|| {
                for number in 0..EVENTS {
                    let number = number * 2_741 % EVENTS;
                    black_box(keeping.row(number, &mut buffer).unwrap());
                }
            });
        });
        let groups = keeping.source().groups.borrow();
        let (count, memory) = (groups.len(), groups.values().map(|it| it.memory_bytes()));
        println!(
            "{name}: {} bytes of memory for each group, {} for the rest of the block",
            memory.sum::<usize>() / count,
            keeping.loaded().memory_bytes(),
        );
        drop(groups);
        group.throughput(Throughput::Elements(1));
        group.bench_function("open, and the first", |bencher| {
            bencher.iter(|| {
                let block = Block::open(black_box(&sealed[0])).unwrap();
                black_box(block.row(EVENTS / 3, &mut buffer).unwrap());
            });
        });
        group.finish();
    }
}

criterion_group!(benches, blocks);
criterion_main!(benches);

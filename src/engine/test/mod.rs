//! Tests of the engine as a whole, and the disk they run it on.

mod block_times;
mod checkpoints;
mod chunks;
mod clock;
mod compaction;
mod copying;
mod cutting;
mod damage;
mod damaged_pages;
mod disk;
mod durability;
mod each_operation;
mod effort;
mod erasing;
mod faults;
mod followers;
mod frame_sizes;
mod giving_back;
mod idle;
mod keys;
mod kills;
mod locks;
mod lookups;
mod marks;
mod memory_disk;
mod moments;
mod opening;
mod overwriting;
mod reading;
mod reading_beside;
mod restoring;
mod sealing;
mod sharing;
mod short_lives;
pub(crate) mod simulation;
mod site;
mod states;
mod stream_list;
mod stream_view;
mod streams;
mod summaries;
mod unused_pages;
mod verifying;
mod wake_ups;
mod within_a_commit;

pub(crate) use self::site::{Site, SiteProcess};
pub(crate) use crate::testing::Random;
pub(crate) use crate::testing::random;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use self::disk::Disk;
use super::commit::checkpoint;
use super::journal::{Format, Layout};
#[cfg(target_os = "linux")]
use super::storage::file::LogFile;
use super::storage::opening::open as open_store;
use super::{
    Appended, Batch, Engine, Fault, Horizon, Job, NewEvent, Options, Pace, Read, Record, Snapshot,
    SnapshotChunk, verify,
};
use crate::block::{Cell, ColumnKey, Stored};
use crate::error::Error;
use crate::progress::Progress;

/// The layout of the tests' logs: small, so that a test goes through many generations and blocks.
const LAYOUT: Layout = Layout {
    format: Format::LAST,
    segment_bytes: 2048,
    block_events: 8,
};

/// The same, of the format in which the events of whole blocks stay rows.
const UNSEALED: Layout = Layout {
    format: Format::Rows,
    ..LAYOUT
};

/// Opens an engine on `disk`, past the registry, so that one process can have several.
fn engine_on(disk: &Arc<Disk>, options: Options) -> Result<Engine, Error> {
    engine_of(LAYOUT, disk, options)
}

/// As [`engine_on`]. A log that is made then has that layout.
fn engine_of(layout: Layout, disk: &Arc<Disk>, options: Options) -> Result<Engine, Error> {
    let (disk, store_options) = (Arc::clone(disk), options.clone());
    let opener = Box::new(move |again| open_store(&disk, &store_options, layout, again));
    Engine::start(opener, options, Arc::default())
}

/// As [`engine_of`], on a file of the system itself, which knows its holes.
#[cfg(target_os = "linux")]
fn engine_in_file(layout: Layout, path: &Path) -> Result<Engine, Error> {
    let file = LogFile::open(path, &Options::default())?;
    let opener = move |again| open_store(&file, &Options::default(), layout, again);
    Engine::start(Box::new(opener), Options::default(), Arc::default())
}

fn engine_at(path: &Path) -> Engine {
    engine_on(&Disk::at(path), Options::default()).unwrap()
}

/// As [`engine_at`]. A log that is made then has the format in which events stay rows.
fn unsealed_engine_at(path: &Path) -> Engine {
    engine_of(UNSEALED, &Disk::at(path), Options::default()).unwrap()
}

/// Takes the outcome of a [`Task`].
type Outcome = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// A job made of a closure.
struct Task<F> {
    apply: F,
    outcome: Option<Outcome>,
}

impl<F: FnMut(&mut Batch<'_>) -> Result<(), Fault> + Send> Job for Task<F> {
    fn bytes(&self) -> usize {
        1
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        (self.apply)(batch)
    }

    fn finish(mut self: Box<Self>, outcome: Result<(), Error>) {
        self.outcome.take().unwrap()(outcome);
    }
}

/// What a read is made with.
type Seen = Result<Arc<Snapshot>, Error>;

/// A small read made of a closure.
struct Look<F>(F);

impl<F: FnOnce(Seen) + Send> Read for Look<F> {
    fn is_long(&self, _snapshot: &Snapshot) -> bool {
        false
    }

    fn run(self: Box<Self>, snapshot: Seen, _pace: &Pace) {
        (self.0)(snapshot);
    }
}

/// Has a reader thread do something small.
fn read(engine: &Engine, look: impl FnOnce(Seen) + Send + 'static) {
    engine.read(Box::new(Look(look)));
}

/// Queues a job and returns where its result comes.
fn submit<T: Send + 'static>(
    engine: &Engine,
    mut apply: impl FnMut(&mut Batch<'_>) -> Result<T, Fault> + Send + 'static,
) -> Receiver<Result<T, Error>> {
    let (sender, receiver) = channel();
    let result = Arc::new(parking_lot::Mutex::new(None));
    let applied = Arc::clone(&result);
    let task = Task {
        apply: move |batch: &mut Batch<'_>| {
            *applied.lock() = Some(apply(batch)?);
            Ok(())
        },
        outcome: Some(Box::new(move |outcome| {
            let _ = sender.send(outcome.map(|()| result.lock().take().unwrap()));
        })),
    };
    if let Err((job, error)) = engine.submit(Box::new(task)) {
        job.finish(Err(error));
    }
    receiver
}

/// Runs a job and waits for its result.
pub(crate) fn run<T: Send + 'static>(
    engine: &Engine,
    apply: impl FnMut(&mut Batch<'_>) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Error> {
    submit(engine, apply).recv().unwrap()
}

/// Appends an event with that payload to the instance `log`, which is made if it is not there, in a commit of its own.
fn append_payload(engine: &Engine, payload: String) {
    run(engine, move |batch| {
        let number = found_or_made(batch, "log")?;
        let event = NewEvent {
            stream_id: "s",
            event_type: "tested",
            payload: &payload,
            metadata: "{}",
            timestamp_ms: None,
            call: None,
        };
        batch.append(number, &event)
    })
    .unwrap();
}

/// The instance of that name, which is made if there is none.
fn found_or_made(batch: &mut Batch<'_>, name: &str) -> Result<u32, Fault> {
    match batch.holder(name)? {
        Some(number) => Ok(number),
        None => batch.create(name, name, None),
    }
}

/// Stages one event, making the instance if need be.
fn append(batch: &mut Batch<'_>, instance: &str, stream: &str) -> Result<Appended, Fault> {
    let number = match batch.find(instance) {
        Err(Fault::Refused(_)) => batch.create(instance, instance, None)?,
        found => found?,
    };
    let event = NewEvent {
        stream_id: stream,
        event_type: "tested",
        payload: "{\"n\":1}",
        metadata: "{}",
        timestamp_ms: None,
        call: None,
    };
    batch.append(number, &event)
}

/// Takes back that the last frame is told to be on disk, as if its process were still syncing it, or were killed
/// before that.
fn take_back_the_mark(engine: &Engine) {
    let commits = engine.open_log.view().known().unwrap().log.commits;
    let journal = engine.open_log.storage.journal().unwrap();
    journal.mark(commits - 1).unwrap();
}

/// Makes the last frame of the journal void, as a process does that could not sync it.
fn make_last_frame_void(engine: &Engine) {
    let turn = engine.open_log.storage.turn();
    let locked = checkpoint::lock(&engine.open_log, &turn).unwrap();
    let known = engine.open_log.view().known().unwrap();
    let (header, last) = (known.header.unwrap(), known.last.unwrap());
    locked.journal.void(&header, last.offset).unwrap();
    locked.journal.mark(known.log.commits - 1).unwrap();
    engine.open_log.forget();
}

/// Calls `visit` with each event of an instance, and checks that what is known of whole blocks is
/// what their events tell.
fn each_event(
    snapshot: &Snapshot,
    number: u32,
    mut visit: impl FnMut(&Record<'_>),
) -> Result<(), Fault> {
    let chunks = snapshot.chunks(number)?;
    let mut position = 0;
    for index in 0..chunks.len() {
        let chunk = chunks.chunk(index)?;
        assert_eq!(chunk.first_position(), position + 1);
        let mut rows = Vec::new();
        chunk.rows(0..chunk.len(), |_, record| {
            rows.push(Known::of(record));
            visit(record);
            position += 1;
            Ok::<_, Fault>(())
        })?;
        // Only the last chunk may be less than a block, or than what a part of one is.
        let whole = index + 1 < chunks.len()
            || [chunks.block_events(), chunks.part_events()].contains(&(chunk.len() as u64));
        assert_eq!(chunk.overview().is_some(), whole, "chunk {index}");
        check_known(&chunk, &rows)?;
    }
    assert_eq!(chunks.events(), position);
    Ok(())
}

/// What a block may know of an event.
struct Known {
    id: uuid::Uuid,
    timestamp_ms: i64,
    /// As JSON: type, stream and number.
    own: [String; 3],
}

impl Known {
    fn of(record: &Record<'_>) -> Self {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        Self {
            id: record.id,
            timestamp_ms: record.timestamp_ms,
            own: [
                quoted(record.event_type),
                quoted(record.stream_id),
                record.sequence.to_string(),
            ],
        }
    }
}

/// Checks that what is known of a chunk is what its events say.
fn check_known(chunk: &SnapshotChunk<'_>, rows: &[Known]) -> Result<(), Fault> {
    let Some(overview) = chunk.overview() else {
        return Ok(());
    };
    let ids = rows.iter().map(|row| row.id);
    assert_eq!(
        overview.ids(),
        (ids.clone().min().unwrap(), ids.max().unwrap())
    );
    let times: Vec<i64> = rows.iter().map(|row| row.timestamp_ms).collect();
    let bounds = (*times.iter().min().unwrap(), *times.iter().max().unwrap());
    assert_eq!(overview.times(), bounds);
    assert_eq!(chunk.times()?, Some(times));
    for (event_type, count) in overview.types() {
        let quoted = serde_json::to_string(event_type).unwrap();
        let rows = rows.iter().filter(|row| row.own[0] == quoted);
        assert_eq!(rows.count(), *count as usize, "{event_type}");
    }
    let keys = [
        ColumnKey::EventType,
        ColumnKey::StreamId,
        ColumnKey::Sequence,
    ];
    for (at, key) in keys.iter().enumerate() {
        let Some(Stored::Column(column)) = chunk.column(key)? else {
            // There was no room for it.
            continue;
        };
        for (row, known) in rows.iter().enumerate() {
            let found = match column.cell(row) {
                Cell::Json(raw) => raw.to_owned(),
                Cell::Number(number) => number.to_string(),
                Cell::Unread => continue,
                cell @ Cell::Absent => panic!("row {row} of {key:?}: {cell:?}"),
            };
            assert_eq!(found, known.own[at], "row {row} of {key:?}");
        }
    }
    Ok(())
}

/// Sequence numbers and ids of all events of an instance, each with its stream, oldest first.
fn events(engine: &Engine, instance: &str) -> Result<Vec<(String, u64, uuid::Uuid)>, Error> {
    let snapshot = Snapshot::of(&engine.open_log)?;
    let mut events = Vec::new();
    let read = snapshot.find(instance).and_then(|number| {
        each_event(&snapshot, number, |record| {
            events.push((record.stream_id.to_owned(), record.sequence, record.id));
        })
    });
    match read {
        Ok(()) => Ok(events),
        Err(fault) => {
            snapshot.note(&fault);
            Err(fault.into())
        }
    }
}

/// Checks what must hold of every log, and that readers see what its tables and its journal hold: chunks have
/// the summaries of their events, and streams are walked from end to end.
pub(crate) fn check_invariants(engine: &Engine) {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let report = verify(&snapshot, &Progress::default()).unwrap();
    assert_eq!(report.problems, []);
    let mut count = 0;
    for instance in snapshot.instances().unwrap() {
        let number = snapshot.find(&instance.id).unwrap();
        let horizon = Horizon::of_state(snapshot.state(number, Horizon::STATE).unwrap()).unwrap();
        if horizon.position > 0 {
            // What is before that may have been dropped, so that nobody walks there.
            count += instance.head.last_position - horizon.position - horizon.between;
            continue;
        }
        let all = events(engine, &instance.id).unwrap();
        count += all.len() as u64 - horizon.between;
        let mut streams = std::collections::BTreeMap::<String, Vec<(u64, uuid::Uuid)>>::new();
        for (stream, sequence, id) in &all {
            streams
                .entry(stream.clone())
                .or_default()
                .push((*sequence, *id));
        }
        for (stream, expected) in streams {
            let mut chained = Vec::new();
            snapshot
                .stream(number, &stream)
                .unwrap()
                .each_forward(|_, record| {
                    chained.push((record.sequence, record.id));
                    Ok::<_, Fault>(())
                })
                .unwrap();
            assert_eq!(chained, expected, "the chain of {stream}");
        }
    }
    assert_eq!(report.events, count);
}

//! A log whose file was damaged: the input says which bytes change, and how.
//!
//! The log is opened, checked, read, appended to, closed, and opened again. What comes of that is an error, or the
//! right answer. A log of which a check says that it is sound can be read as a whole, and lacks nothing but the
//! journal's last commits, which nothing tells from what was never committed. No event that was never written
//! is read. redb may panic on pages that were altered behind its back, which the engine catches; nothing of this
//! package panics.

#![no_main]

use std::backtrace::Backtrace;
use std::collections::BTreeMap;
use std::panic;
use std::sync::mpsc::channel;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use codebolt_eventlog::engine::fuzzing::{MemoryFile, close};
use codebolt_eventlog::engine::{
    Batch, CallKey, Engine, Fault, Job, NewEvent, Pace, Read, Snapshot, verify,
};
use codebolt_eventlog::error::{Code, Error};
use codebolt_eventlog::progress::Progress;
use libfuzzer_sys::fuzz_target;
use parking_lot::Mutex;
use uuid::Uuid;

/// What takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

const PAGE_BYTES: usize = 4096;

/// The events of each instance, in the order of their positions.
type Content = BTreeMap<String, Vec<Stored>>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Stored {
    stream: String,
    sequence: u64,
    id: Uuid,
    payload: String,
}

struct Base {
    /// As a kill leaves it, with much in the journal.
    killed: Vec<u8>,
    closed: Vec<u8>,
    content: Content,
}

/// The last panic that the engine should have caught.
static CAUGHT: Mutex<String> = Mutex::new(String::new());

static BASE: LazyLock<Base> = LazyLock::new(|| {
    // After that of the fuzzer, which ends the process at any panic.
    let fatal = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let is_of_redb = info
            .location()
            .is_some_and(|place| place.file().contains("/redb-"));
        // A panic of the standard library, such as at an index, has its own place.
        if is_of_redb || Backtrace::force_capture().to_string().contains("redb::") {
            *CAUGHT.lock() = info.to_string();
        } else {
            eprintln!("the last panic of redb: {}", CAUGHT.lock());
            fatal(info);
        }
    }));
    let memory = MemoryFile::default();
    let engine = memory.open(false).expect("a new log");
    for name in ["a", "b", "gone"] {
        change(&engine, move |batch| {
            batch.create(name, name, None).map(drop)
        })
        .expect("created");
    }
    change(&engine, |batch| {
        let number = batch.find("gone")?;
        batch.delete(number).map(drop)
    })
    .expect("deleted");
    add(&engine, "a", 0..40, 40);
    add(&engine, "b", 0..5, 2000);
    close(&engine).expect("closed");
    let engine = memory.open(false).expect("what was closed");
    add(&engine, "b", 5..15, 900);
    add(&engine, "a", 40..54, 900);
    let content = content(&engine).expect("a log that is sound");
    let killed = memory.bytes();
    close(&engine).expect("closed");
    Base {
        killed,
        closed: memory.bytes(),
        content,
    }
});

fuzz_target!(|bytes: &[u8]| {
    let Some((how, changes)) = bytes.split_first() else {
        return;
    };
    let base = &*BASE;
    let mut file = if how & 1 == 0 {
        base.killed.clone()
    } else {
        base.closed.clone()
    };
    for change in changes.chunks_exact(6).take(32) {
        damage(&mut file, change);
    }
    examine(file, how & 2 != 0, &base.content);
});

/// Makes one change: what kind it is, where, and with what.
fn damage(file: &mut Vec<u8>, change: &[u8]) {
    let [kind, low, middle, high, first, second] = *change else {
        return;
    };
    if file.is_empty() {
        return;
    }
    let at = u32::from_le_bytes([low, middle, high, 0]) as usize % file.len();
    let page = at - at % PAGE_BYTES;
    let page_end = (page + PAGE_BYTES).min(file.len());
    match kind % 8 {
        0 => file[at] ^= 1 << (first & 7),
        1 => file[at] = first,
        2 => file[page..page_end].fill(first & second),
        3 => file.truncate(at),
        4 => file.truncate(page),
        5 => {
            let mut state = u32::from_le_bytes([first, second, low, middle]) | 1;
            for byte in &mut file[page..page_end] {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (state >> 24) as u8;
            }
        }
        6 => {
            // A page that was written to the wrong place.
            let from = usize::from(u16::from_le_bytes([first, second])) * PAGE_BYTES % file.len();
            let from = from - from % PAGE_BYTES;
            let count = (page_end - page).min(file.len() - from);
            file.copy_within(from..from + count, page);
        }
        _ => {
            // A number of the tables, or a length.
            let end = (at + 2).min(file.len());
            file[at..end].copy_from_slice(&[first, second][..end - at]);
        }
    }
}

fn examine(file: Vec<u8>, exclusive: bool, expected: &Content) {
    let is_empty = file.is_empty();
    let memory = MemoryFile::holding(&file);
    let engine = match memory.open(exclusive) {
        Ok(engine) => engine,
        Err(error) => {
            let codes = [
                Code::Corrupted,
                Code::UnsupportedFormat,
                Code::StorageFailed,
            ];
            assert!(codes.contains(&error.code()), "{error}");
            return;
        }
    };
    let is_sound = read(&engine, |snapshot| {
        Ok(verify(snapshot, &Progress::default())?.problems.is_empty())
    })
    .unwrap_or_default();
    let found = content(&engine);
    if let Ok(found) = &found {
        let written: Vec<&Stored> = expected.values().flatten().collect();
        let all = found.values().flatten();
        for event in all {
            assert!(written.contains(&event), "never written: {event:?}");
        }
        if is_sound && !is_empty {
            assert!(lacks_only_the_last(found, expected), "lost: {found:?}");
        }
    } else {
        assert!(!is_sound, "sound, and yet {found:?}");
    }
    let appended = change(&engine, |batch| {
        let number = batch.find("a")?;
        batch.append(number, &event("new", "{}", None)).map(drop)
    });
    let closed = close(&engine);
    let reopened = memory.open(exclusive);
    if let (true, false, Ok(()), Ok(())) = (is_sound, is_empty, appended, closed) {
        let engine = reopened.expect("what was sound, and closed without a failure");
        let mut grown = content(&engine).expect("what was sound, and closed without a failure");
        let new = grown
            .get_mut("a")
            .and_then(Vec::pop)
            .map(|event| event.stream);
        assert_eq!(new.as_deref(), Some("new"));
        assert_eq!(Ok(grown), found);
        close(&engine).expect("what was closed before");
    } else if let Ok(engine) = reopened {
        let _ = content(&engine);
        let _ = close(&engine);
    }
}

fn lacks_only_the_last(found: &Content, expected: &Content) -> bool {
    found.keys().eq(expected.keys())
        && found
            .iter()
            .all(|(instance, events)| expected[instance].starts_with(events))
}

fn event<'a>(stream_id: &'a str, payload: &'a str, call: Option<CallKey<'a>>) -> NewEvent<'a> {
    NewEvent {
        stream_id,
        event_type: "tested",
        payload,
        metadata: "{}",
        timestamp_ms: None,
        call,
    }
}

/// Appends events, each in a commit of its own.
fn add(
    engine: &Engine,
    instance: &'static str,
    events: std::ops::Range<usize>,
    payload_bytes: usize,
) {
    for number in events {
        change(engine, move |batch| {
            let payload = format!(
                "{{\"n\":{number},\"text\":\"{}\"}}",
                "x".repeat(payload_bytes)
            );
            let key = format!("key {number}");
            let call = (number % 4 == 0).then_some(CallKey {
                text: &key,
                events: 1,
            });
            let instance = batch.find(instance)?;
            let stream = ["s0", "s1", "s2"][number % 3];
            batch
                .append(instance, &event(stream, &payload, call))
                .map(drop)
        })
        .expect("appended");
    }
}

/// A read made of a closure.
struct Look<F>(F);

impl<F: FnOnce(Result<Arc<Snapshot>, Error>) + Send> Read for Look<F> {
    fn is_long(&self, _snapshot: &Snapshot) -> bool {
        true
    }

    fn run(self: Box<Self>, snapshot: Result<Arc<Snapshot>, Error>, _pace: &Pace) {
        (self.0)(snapshot);
    }
}

/// Reads as requests do.
fn read<T: Send + 'static>(
    engine: &Engine,
    work: impl FnOnce(&Snapshot) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Error> {
    let (sender, read) = channel();
    engine.read(Box::new(Look(
        move |snapshot: Result<Arc<Snapshot>, Error>| {
            let _ = sender.send(snapshot.and_then(|snapshot| work(&snapshot).map_err(Error::from)));
        },
    )));
    match read.recv_timeout(PATIENCE) {
        Ok(read) => read,
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("reading hangs"),
        // It panicked, and was dropped.
        Err(_) => Err(Error::new(Code::Corrupted, "redb panicked")),
    }
}

fn content(engine: &Engine) -> Result<Content, Error> {
    read(engine, |snapshot| {
        let mut content = Content::new();
        for instance in snapshot.instances()? {
            let number = snapshot.find(&instance.id)?;
            let chunks = snapshot.chunks(number)?;
            let mut found = Vec::new();
            for index in 0..chunks.len() {
                let chunk = chunks.chunk(index)?;
                chunk.rows(0..chunk.len(), |_, record| {
                    found.push(Stored {
                        stream: record.stream_id.to_owned(),
                        sequence: record.sequence,
                        id: record.id,
                        payload: record.payload.to_owned(),
                    });
                    Ok::<_, Fault>(())
                })?;
            }
            content.insert(instance.id, found);
        }
        Ok(content)
    })
}

/// A job that is a closure.
struct Change<F> {
    apply: F,
    done: std::sync::mpsc::Sender<Result<(), Error>>,
}

impl<F: FnMut(&mut Batch<'_>) -> Result<(), Fault> + Send> Job for Change<F> {
    fn bytes(&self) -> usize {
        1
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        (self.apply)(batch)
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        let _ = self.done.send(outcome);
    }
}

fn change(
    engine: &Engine,
    apply: impl FnMut(&mut Batch<'_>) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Error> {
    let (done, outcome) = channel();
    if let Err((job, error)) = engine.submit(Box::new(Change { apply, done })) {
        job.finish(Err(error));
    }
    match outcome.recv_timeout(PATIENCE) {
        Ok(outcome) => outcome,
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("appending hangs"),
        Err(_) => Err(Error::new(Code::OutcomeUnknown, "the job was dropped")),
    }
}

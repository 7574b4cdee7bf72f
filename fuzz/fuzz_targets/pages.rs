//! The walk over the pages of redb that finds out which of them are in use, before an erasure overwrites the others.
//!
//! The input says which bytes of a log's file change. The walk ends, with an error or with pages that are within the file.

#![no_main]

use std::sync::LazyLock;

use codebolt_eventlog::engine::fuzzing::{MemoryFile, close, unused_bytes};
use codebolt_eventlog::engine::{Batch, Fault, Job, NewEvent};
use codebolt_eventlog::error::{Code, Error};
use libfuzzer_sys::fuzz_target;

/// A log with blocks, streams and instances, of which some are gone, so that not all pages are in use.
static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let memory = MemoryFile::default();
    let engine = memory.open(true).expect("a new log");
    let change = |apply: fn(&mut Batch<'_>) -> Result<(), Fault>| {
        let (done, outcome) = std::sync::mpsc::channel();
        if let Err((job, error)) = engine.submit(Box::new(Change { apply, done })) {
            job.finish(Err(error));
        }
        outcome.recv().expect("an answer").expect("success");
    };
    for _ in 0..4 {
        change(fill);
        change(|batch| {
            let number = batch.find("a")?;
            batch.delete(number).map(drop)
        });
    }
    change(fill);
    close(&engine).expect("closed");
    let file = memory.bytes();
    assert!(unused_bytes(&file).expect("a log that is sound") > 0);
    file
});

/// Makes two instances, and fills one of them.
fn fill(batch: &mut Batch<'_>) -> Result<(), Fault> {
    let number = batch.create("a", "a", None)?;
    if batch.find("b").is_err() {
        batch.create("b", "b", None)?;
    }
    for n in 0..60 {
        let payload = format!("{{\"n\":{n},\"text\":\"{}\"}}", "x".repeat(n * 20));
        let event = NewEvent {
            stream_id: ["s", "t"][n % 2],
            event_type: "tested",
            payload: &payload,
            metadata: "{}",
            timestamp_ms: None,
            call: None,
        };
        batch.append(number, &event)?;
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let mut file = FILE.clone();
    for change in bytes.chunks_exact(6).take(24) {
        let [low, middle, high, first, second, width] = *change else {
            return;
        };
        let at = u32::from_le_bytes([low, middle, high, 0]) as usize % file.len();
        match width % 3 {
            0 => file[at] = first,
            1 => file.truncate(at.max(1)),
            // A number of a page, or a count.
            _ => {
                let end = (at + 2).min(file.len());
                file[at..end].copy_from_slice(&[first, second][..end - at]);
            }
        }
    }
    if let Err(fault) = unused_bytes(&file) {
        let code = Error::from(fault).code();
        assert!(
            matches!(code, Code::Corrupted | Code::StorageFailed),
            "{code:?}"
        );
    }
});

/// A job that is a function.
struct Change {
    apply: fn(&mut Batch<'_>) -> Result<(), Fault>,
    done: std::sync::mpsc::Sender<Result<(), Error>>,
}

impl Job for Change {
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

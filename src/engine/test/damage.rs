//! A file that was altered behind the engine's back is an error, never an answer.

use std::path::Path;

use super::disk::Disk;
use super::{LAYOUT, Options, append, engine_at, engine_on, events, run};
use crate::engine::journal::{Header, Layout};
use crate::error::{Code, Error};

const EVENTS: usize = 5;

/// Makes a log with events in the journal, as a kill leaves it.
fn log_at(path: &Path) -> Vec<u8> {
    let engine = engine_at(path);
    run(&engine, |batch| batch.create("log", "log", None)).unwrap();
    for event in 0..EVENTS {
        let stream = format!("stream {event}");
        run(&engine, move |batch| append(batch, "log", &stream)).unwrap();
    }
    let bytes = std::fs::read(path).unwrap();
    engine.stop().unwrap();
    bytes
}

fn opened(path: &Path, bytes: &[u8]) -> Result<usize, Error> {
    std::fs::write(path, bytes).unwrap();
    let engine = engine_on(&Disk::at(path), Options::default())?;
    let found = events(&engine, "log").map(|events| events.len());
    engine.stop()?;
    found
}

fn place_of(bytes: &[u8], text: &str) -> usize {
    let mut windows = bytes.windows(text.len());
    windows
        .position(|window| window == text.as_bytes())
        .unwrap()
}

#[test]
fn a_commit_in_the_journal_that_others_follow_is_corrupted_when_any_bit_is_altered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let intact = log_at(&path);
    assert_eq!(opened(&path, &intact).unwrap(), EVENTS);

    let altered = place_of(&intact, "stream 2");
    for byte in altered..altered + 8 {
        let mut bytes = intact.clone();
        bytes[byte] ^= 1;
        let error = opened(&path, &bytes).unwrap_err();
        assert_eq!(error.code(), Code::Corrupted);
        assert!(error.text().contains("commit 4"), "{error}");
    }
}

#[test]
fn a_last_commit_that_was_not_written_whole_never_was_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut bytes = log_at(&path);
    let torn = place_of(&bytes, "stream 4");
    bytes[torn..torn + 100].fill(0);
    assert_eq!(opened(&path, &bytes).unwrap(), EVENTS - 1);
}

#[test]
fn a_log_that_was_cut_off_where_its_tables_begin_is_corrupted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let bytes = log_at(&path);
    let tables_at = LAYOUT.tables_at() as usize;
    for length in [tables_at, tables_at - 1, tables_at + 1] {
        let error = opened(&path, &bytes[..length]).unwrap_err();
        assert_eq!(error.code(), Code::Corrupted, "{length}: {error}");
    }
}

#[test]
fn a_first_page_that_was_altered_is_noticed_at_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let intact = log_at(&path);
    for byte in 0..Layout::BYTES {
        let mut bytes = intact.clone();
        bytes[byte] ^= 0x80;
        let code = opened(&path, &bytes).unwrap_err().code();
        // A format's number that is higher than ours is one of a newer version.
        assert!(
            matches!(code, Code::Corrupted | Code::UnsupportedFormat),
            "byte {byte}: {code}"
        );
    }
}

#[test]
fn a_header_of_the_journal_that_was_altered_is_noticed_at_every_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let intact = log_at(&path);
    let written = [0, 1]
        .map(|segment| Layout::header_at(segment) as usize)
        .into_iter()
        .filter(|at| intact[*at..at + Header::BYTES] != [0; Header::BYTES]);
    for at in written {
        for bit in 0..Header::BYTES * 8 {
            let mut bytes = intact.clone();
            bytes[at + bit / 8] ^= 1 << (bit % 8);
            let error = opened(&path, &bytes).unwrap_err();
            assert_eq!(error.code(), Code::Corrupted, "bit {bit}: {error}");
        }
    }
}

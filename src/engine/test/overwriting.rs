//! A file that becomes another one's, or grows, while a log in it is open.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::disk::Disk;
use super::{LAYOUT, Options, append, check_invariants, engine_at, engine_on, events, run};
use crate::engine::{Engine, Fault};
use crate::error::Code;

fn options(exclusive: bool) -> Options {
    Options {
        exclusive,
        ..Options::default()
    }
}

fn append_events(engine: &Engine, events: usize) {
    for _ in 0..events {
        run(engine, |batch| append(batch, "log", "s")).unwrap();
    }
}

/// Where a file begins to have something else than what was put into it.
fn differs_at(path: &Path, content: &[u8]) -> Option<usize> {
    let found = fs::read(path).unwrap();
    let both = found.len().min(content.len());
    let differs = (0..both).find(|&at| found[at] != content[at]);
    differs.or_else(|| (found.len() != content.len()).then_some(both))
}

#[test]
fn nothing_is_written_into_what_came_while_a_batch_was_staged() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let engine = engine_on(&Disk::at(&path), options(exclusive)).unwrap();
        append_events(&engine, 3);
        let content = vec![0x55; fs::metadata(&path).unwrap().len() as usize];
        let (at, other) = (path.clone(), content.clone());
        let error = run(&engine, move |batch| {
            let appended = append(batch, "log", "s")?;
            fs::write(&at, &other).unwrap();
            Ok(appended)
        })
        .unwrap_err();
        assert_eq!(error.code(), Code::Corrupted, "{error}");
        assert_eq!(differs_at(&path, &content), None, "exclusive: {exclusive}");
        // What closing writes is kept from the file where it has a name, which this one has not.
        let _ = engine.stop();
    }
}

/// A frame that could not be synced is made void by zeros in its place, which are not for the log that is there now.
#[test]
fn a_frame_is_not_made_void_in_another_log_that_came_before_its_fault_was_told() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other");
        let filled = engine_on(&Disk::at(&other), options(false)).unwrap();
        append_events(&filled, 30);
        let content = fs::read(&other).unwrap();
        filled.stop().unwrap();
        // Of the frame: its write, and the sync of it.
        for operation in 0..2 {
            let path = folder.path().join(format!("log {operation}"));
            let disk = Disk::at(&path);
            let engine = engine_on(&disk, options(exclusive)).unwrap();
            append_events(&engine, 3);
            let (at, came) = (path.clone(), content.clone());
            disk.fail_after(operation);
            disk.at_fault(move || fs::write(at, came).unwrap());
            let error = run(&engine, |batch| append(batch, "log", "s")).unwrap_err();
            assert_eq!(error.code(), Code::StorageFailed, "{error}");
            let differs = differs_at(&path, &content);
            assert_eq!(differs, None, "exclusive: {exclusive}, {operation}");
            let error = run(&engine, |batch| append(batch, "log", "s")).unwrap_err();
            assert_eq!(error.code(), Code::Corrupted, "{error}");
            assert_eq!(differs_at(&path, &content), None, "exclusive: {exclusive}");
            let _ = engine.stop();
        }
    }
}

/// As [`nothing_is_written_into_what_came_while_a_batch_was_staged`], by calls that write nothing, and by closing.
#[test]
fn another_log_in_its_place_is_noticed_by_what_changes_nothing() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let engine = engine_on(&Disk::at(&path), options(exclusive)).unwrap();
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        let content = vec![0x55; fs::metadata(&path).unwrap().len() as usize];
        fs::write(&path, &content).unwrap();
        let error = run(&engine, |batch| batch.find("log")).unwrap_err();
        assert_eq!(error.code(), Code::Corrupted, "{error}");
        assert_eq!(differs_at(&path, &content), None, "exclusive: {exclusive}");
        let _ = engine.stop();
    }
}

#[test]
fn closing_begins_no_generation_in_another_log() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let engine = engine_on(&Disk::at(&path), options(exclusive)).unwrap();
        append_events(&engine, 3);
        // A log whose own number is all that tells it from this one.
        let mut content = fs::read(&path).unwrap();
        content[40] ^= 1;
        fs::write(&path, &content).unwrap();
        assert_eq!(engine.stop().unwrap_err().code(), Code::Corrupted);
        // What redb writes to its tables is kept from the file where it has a name, which this one has not.
        let tables_at = LAYOUT.tables_at() as usize;
        let differs = differs_at(&path, &content);
        assert!(differs.is_none_or(|at| at >= tables_at), "{differs:?}");
    }
}

#[test]
fn a_length_from_before_the_file_grew_is_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_at(&path);
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    let journal = engine.open_log.storage.journal().unwrap();
    let length = fs::metadata(&path).unwrap().len();
    for known in [None, Some(0), Some(length / 2), Some(length)] {
        journal.check_file(known).unwrap();
    }
    fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_len(length - 1))
        .unwrap();
    for known in [None, Some(length - 1)] {
        let found = journal.check_file(known);
        assert!(matches!(found, Err(Fault::Vanished(_))), "{known:?}");
    }
    let _ = engine.stop();
}

/// Adds bytes to the end of a file, as an editor or a shell does.
fn add_to(path: &Path, bytes: usize) {
    let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(&vec![b'\n'; bytes]).unwrap();
}

#[test]
fn what_another_program_adds_at_the_end_of_the_file_is_in_nobodys_way() {
    for exclusive in [false, true] {
        for bytes in [1, 100, 4095, 4096, 4097, 100_000] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("log");
            let open = || engine_on(&Disk::at(&path), options(exclusive)).unwrap();
            let engine = open();
            append_events(&engine, 3);
            add_to(&path, bytes);
            // In the journal, and in the tables.
            run(&engine, |batch| append(batch, "log", "s")).unwrap();
            run(&engine, |batch| batch.create("other", "other", None)).unwrap();
            engine.stop().unwrap();
            add_to(&path, bytes);
            let engine = open();
            run(&engine, |batch| batch.create("third", "third", None)).unwrap();
            assert_eq!(events(&engine, "log").unwrap().len(), 4);
            check_invariants(&engine);
            engine.stop().unwrap();
        }
    }
}

#[test]
fn a_file_that_was_cut_off_within_a_page_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_at(&path);
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    engine.stop().unwrap();
    let length = fs::metadata(&path).unwrap().len();
    for cut in [1, 4095] {
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(length - cut).unwrap();
        let opened = engine_on(&Disk::at(&path), options(false));
        assert_eq!(
            opened.err().map(|error| error.code()),
            Some(Code::Corrupted)
        );
    }
}

/// Whoever opens the log after its process was killed reads up to the mark, for as long as somebody else is at work.
#[test]
fn each_commit_is_marked_with_exclusive_too() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_on(&Disk::at(&folder.path().join("log")), options(true)).unwrap();
    for _ in 0..30 {
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        let commits = engine.open_log.view().known().unwrap().log.commits;
        let journal = engine.open_log.storage.journal().unwrap();
        assert_eq!(journal.marked().unwrap(), commits);
    }
    engine.stop().unwrap();
}

//! A file that becomes another one's, or grows, while a log in it is open.

use std::fs;
use std::path::Path;

use super::disk::Disk;
use super::{LAYOUT, Options, append, engine_at, engine_on, run};
use crate::engine::Fault;
use crate::error::Code;

fn options(exclusive: bool) -> Options {
    Options {
        exclusive,
        ..Options::default()
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
        for _ in 0..3 {
            run(&engine, |batch| append(batch, "log", "s")).unwrap();
        }
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
        for _ in 0..30 {
            run(&filled, |batch| append(batch, "log", "s")).unwrap();
        }
        let content = fs::read(&other).unwrap();
        filled.stop().unwrap();
        // Of the frame: its write, and the sync of it.
        for operation in 0..2 {
            let path = folder.path().join(format!("log {operation}"));
            let disk = Disk::at(&path);
            let engine = engine_on(&disk, options(exclusive)).unwrap();
            for _ in 0..3 {
                run(&engine, |batch| append(batch, "log", "s")).unwrap();
            }
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
        for _ in 0..3 {
            run(&engine, |batch| append(batch, "log", "s")).unwrap();
        }
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

//! A file that becomes another one's, or grows, while a log in it is open.

use std::fs;
use std::path::Path;

use super::disk::Disk;
use super::{Options, append, engine_at, engine_on, run};
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
    if found.len() != content.len() {
        return Some(found.len().min(content.len()));
    }
    (0..content.len()).find(|&at| found[at] != content[at])
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

//! What is brought into the tables, and when.

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};

use super::{LAYOUT, append, check_invariants, engine_at, events, run};

#[test]
fn a_full_generation_goes_to_the_tables_before_the_next_one_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let full = loop {
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        if let Some(full) = &engine.open_log.view().known().unwrap().previous {
            break full.commits;
        }
    };
    engine.until_idle();
    assert_eq!(
        engine.open_log.storage.log_in_tables().unwrap().commits,
        full
    );
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn closing_brings_all_into_the_tables_and_begins_no_generation_if_they_have_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_at(&path);
    for _ in 0..30 {
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
    }
    let commits = run(&engine, |batch| Ok(batch.commits())).unwrap();
    engine.stop().unwrap();

    let opened = || {
        let engine = engine_at(&path);
        assert_eq!(
            engine.open_log.storage.log_in_tables().unwrap().commits,
            commits
        );
        let seen = run(&engine, |batch| Ok(batch.commits())).unwrap();
        assert_eq!(seen, commits);
        let header = engine.open_log.view().known().unwrap().header;
        engine.stop().unwrap();
        header.unwrap().generation
    };
    let first = opened();
    assert_eq!([opened(), opened()], [first; 2]);
}

/// What a failed sync of a header can lead to, and a loss of power then: see `LogView::load`.
#[test]
fn a_log_is_opened_without_a_generation_that_the_tables_have() {
    let folder = tempfile::tempdir().unwrap();
    let [path, left] = ["log", "left"].map(|name| folder.path().join(name));
    let engine = engine_at(&path);
    let mut appended = 0;
    while engine.open_log.view().known().unwrap().previous.is_none() {
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        appended += 1;
    }
    engine.until_idle();
    fs::copy(&path, &left).unwrap();
    let current = engine.open_log.view().known().unwrap().header.unwrap();
    assert_eq!(
        engine.open_log.storage.log_in_tables().unwrap().commits,
        current.base
    );
    engine.stop().unwrap();

    let mut file = OpenOptions::new().write(true).open(&left).unwrap();
    let before = LAYOUT.segment_at(1 - current.segment());
    file.seek(SeekFrom::Start(before)).unwrap();
    file.write_all(&[0; 40]).unwrap();
    drop(file);
    let engine = engine_at(&left);
    assert_eq!(events(&engine, "log").unwrap().len(), appended);
    for _ in 0..30 {
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
    }
    assert_eq!(events(&engine, "log").unwrap().len(), appended + 30);
    check_invariants(&engine);
    engine.stop().unwrap();
}

//! What a file must be to be opened, and what it is after a crash.

use std::path::Path;
use std::sync::Arc;

use redb::TableDefinition;

use super::{LAYOUT, append, check_invariants, events, run};
use crate::engine::journal::{Format, Layout};

const FORMAT: u32 = Format::LAST as u32;
use crate::engine::storage::file::LogFile;
use crate::engine::storage::opening;
use crate::engine::{Engine, Options};
use crate::error::{Code, Error};

fn open(path: &Path, options: &Options) -> Result<Engine, Error> {
    let file = LogFile::open(path, options)?;
    let store_options = options.clone();
    Engine::start(
        Box::new(move |again| opening::open(&file, &store_options, LAYOUT, again)),
        options.clone(),
        Arc::default(),
    )
}

fn read_only() -> Options {
    Options {
        read_only: true,
        ..Options::default()
    }
}

/// A log whose header has that format, and the right checksum for that if `checked`.
fn of_format(path: &Path, format: u32, checked: bool) -> Vec<u8> {
    open(path, &Options::default()).unwrap().stop().unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    // The format's number, after the mark.
    bytes[16..20].copy_from_slice(&format.to_le_bytes());
    if checked {
        let checksum = crc32fast::hash(&bytes[..Layout::BYTES - 4]);
        bytes[Layout::BYTES - 4..Layout::BYTES].copy_from_slice(&checksum.to_le_bytes());
    }
    std::fs::write(path, &bytes).unwrap();
    bytes
}

#[test]
fn a_file_of_another_format_is_refused_with_both_numbers_and_left_as_it_is() {
    let others = (1..Format::Rows as u32).chain([FORMAT + 1, FORMAT + 2, u32::MAX]);
    for (format, checked) in others.flat_map(|format| [(format, true), (format, false)]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let before = of_format(&path, format, checked);
        for options in [Options::default(), read_only()] {
            let error = open(&path, &options).err().unwrap();
            assert_eq!(error.code(), Code::UnsupportedFormat, "{error}");
            let both =
                format!("the log has format {format}, expected {FORMAT}: it was written by a");
            assert!(error.text().contains(&both), "{error}");
            assert_eq!(
                error.text().contains("newer version"),
                format > FORMAT,
                "{error}"
            );
            assert!(before == std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn a_format_that_never_was_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    of_format(&path, 0, true);
    let error = open(&path, &Options::default()).err().unwrap();
    assert_eq!(error.code(), Code::Corrupted);
}

#[test]
fn a_redb_file_of_another_program_is_refused_and_gets_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs");
    let table = TableDefinition::<&str, u64>::new("theirs");
    let database = redb::Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(table)
        .unwrap()
        .insert("a", 1)
        .unwrap();
    transaction.commit().unwrap();
    database.close().unwrap();

    let error = open(&path, &Options::default()).err().unwrap();
    assert_eq!(error.code(), Code::Corrupted);
    assert!(error.text().contains("not a log"), "{error}");
    let database = redb::Database::open(&path).unwrap();
    assert_eq!(
        database
            .begin_write()
            .unwrap()
            .list_tables()
            .unwrap()
            .count(),
        1
    );
}

#[test]
fn a_log_that_was_not_closed_can_be_opened_for_reading_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = open(&path, &Options::default()).unwrap();
    let appended = run(&engine, |batch| append(batch, "log", "s")).unwrap();
    // What a kill leaves: the file as it is while the log is open.
    let crashed = folder.path().join("crashed");
    std::fs::copy(&path, &crashed).unwrap();
    engine.stop().unwrap();

    let reader = open(&crashed, &read_only()).unwrap();
    check_invariants(&reader);
    assert_eq!(events(&reader, "log").unwrap()[0].2, appended.id);
    let refused = run(&reader, |batch| append(batch, "log", "s")).unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.text().contains("readOnly"), "{refused}");
    reader.stop().unwrap();
}

#[test]
fn a_reader_sees_what_a_writer_commits_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let writer = open(&path, &Options::default()).unwrap();
    run(&writer, |batch| append(batch, "log", "s")).unwrap();
    let reader = open(&path, &read_only()).unwrap();
    assert_eq!(events(&reader, "log").unwrap().len(), 1);
    run(&writer, |batch| append(batch, "log", "s")).unwrap();
    assert_eq!(events(&reader, "log").unwrap().len(), 2);
    reader.stop().unwrap();
    writer.stop().unwrap();
}

#[test]
fn reading_only_makes_no_log_of_an_empty_file() {
    let folder = tempfile::tempdir().unwrap();
    let disk = super::Disk::at(&folder.path().join("log"));
    // Unlike a file, this disk could be written.
    let opened = super::engine_on(&disk, read_only());
    assert_eq!(opened.err().unwrap().code(), Code::Corrupted);
    assert_eq!(std::fs::read(folder.path().join("log")).unwrap(), b"");
    assert_eq!(disk.syncs(), 0);
}

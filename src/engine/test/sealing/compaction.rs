//! A compaction seals the blocks of a file of the format before.

use super::super::{Disk, append, check_invariants, engine_at, engine_on, run, unsealed_engine_at};
use super::{BLOCK_EVENTS, fill, format_of, read, read_of, rows};
use crate::engine::journal::Format;
use crate::engine::{Options, Snapshot};
use crate::error::Code;

#[test]
fn a_compaction_seals_the_blocks_of_a_file_of_the_format_before_and_changes_one_byte_of_its_head() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engines = [unsealed_engine_at(&path), unsealed_engine_at(&path)];
    fill(&engines[0], 100);
    run(&engines[0], |batch| append(batch, "other", "s")).unwrap();
    assert_eq!(rows(&engines[0]), 100);
    let before = read(&engines[0]);
    let head = |path| std::fs::read(path).unwrap()[..48].to_vec();
    let mut expected = head(&path);
    assert_eq!(expected[16], 3);

    // To redb it is another process that reads: then the file stays as long as it is, but its blocks are sealed.
    let older = Snapshot::of(&engines[1].open_log).unwrap();
    engines[0].compacted().unwrap_err();
    assert_eq!(rows(&engines[0]), 4);
    assert_eq!(read(&engines[1]), before);
    // What is known of the sealed blocks by now is not taken for what the snapshot has.
    assert_eq!(read_of(&older), before);
    drop(older);
    engines[0].compacted().unwrap();
    expected[16] = Format::LAST as u8;
    assert_eq!(head(&path), expected);
    for engine in &engines {
        assert_eq!(format_of(engine), Format::LAST);
        assert_eq!(read(engine), before);
        check_invariants(engine);
    }
    // Whoever has the file open seals from then on.
    fill(&engines[1], 100);
    assert_eq!(rows(&engines[1]), 200 % BLOCK_EVENTS);
    for engine in engines {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
    let engine = engine_at(&path);
    assert_eq!(read(&engine)[..100], before);
    engine.stop().unwrap();
}

/// Within a process, a lock is the opening's: who takes it a second time gives it back for both.
#[test]
fn a_compaction_has_the_journal_only_while_the_writer_has_not() {
    const APPENDS: u64 = 60;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engines = [unsealed_engine_at(&path), unsealed_engine_at(&path)];
    fill(&engines[0], 100);
    std::thread::scope(|scope| {
        let writers = engines.each_ref().map(|engine| {
            scope.spawn(move || {
                for n in 0..APPENDS {
                    let stream = format!("s{}", n % 3);
                    run(engine, move |batch| append(batch, "log", &stream)).unwrap();
                }
            })
        });
        while !writers
            .iter()
            .all(std::thread::ScopedJoinHandle::is_finished)
        {
            // What is sealed stays so, though the file cannot be made shorter while another process reads it.
            if let Err(error) = engines[0].compacted() {
                assert_eq!(error.code(), Code::Locked, "{error}");
            }
        }
    });
    assert_eq!(read(&engines[1]).len() as u64, 100 + 2 * APPENDS);
    for engine in engines {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn one_that_is_refused_leaves_the_format_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = unsealed_engine_at(&path);
    fill(&engine, 20);
    engine.stop().unwrap();
    let before = std::fs::read(&path).unwrap();
    let options = Options {
        read_only: true,
        ..Options::default()
    };
    let reader = engine_on(&Disk::at(&path), options).unwrap();
    reader.compacted().unwrap_err();
    reader.stop().unwrap();
    assert!(before == std::fs::read(&path).unwrap());
}

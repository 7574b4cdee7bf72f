//! Compaction makes the file shorter, and nobody who uses it notices.

use std::path::Path;
use std::sync::mpsc::channel;

use super::disk::Disk;
use super::{
    Options, Seen, append, check_invariants, engine_at, engine_on, events, found_or_made, read,
    run, submit,
};
use crate::cancellation::Cancellation;
use crate::engine::{Compacted, Engine, Snapshot, commit};
use crate::error::{Code, Error};
use crate::progress::Progress;

/// Appends so many events of a KiB to two instances, in turn, so that their pages are mixed.
fn fill(engine: &Engine, count: usize) {
    let payload = format!("{{\"text\":\"{}\"}}", "x".repeat(1000));
    for _ in 0..count / 50 {
        let payload = payload.clone();
        run(engine, move |batch| {
            for event in 0..50 {
                let instance = ["kept", "gone"][event % 2];
                let number = found_or_made(batch, instance)?;
                let new = crate::engine::NewEvent {
                    stream_id: "s",
                    event_type: "tested",
                    payload: &payload,
                    metadata: "{}",
                    timestamp_ms: None,
                    call: None,
                };
                batch.append(number, &new)?;
            }
            Ok(())
        })
        .unwrap();
    }
}

fn delete(engine: &Engine) {
    run(engine, |batch| {
        let number = batch.find("gone")?;
        batch.delete(number)
    })
    .unwrap();
}

fn compact(engine: &Engine) -> Result<Compacted, Error> {
    let (sender, receiver) = channel();
    engine.compact(Progress::default(), move |outcome| {
        sender.send(outcome).unwrap();
    });
    receiver.recv().unwrap()
}

/// The same, beside another process, which may read for itself at that moment.
fn compact_beside(engine: &Engine) {
    while let Err(error) = compact(engine) {
        assert_eq!(error.code(), Code::Locked, "{error}");
        std::thread::yield_now();
    }
}

fn bytes(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}

#[test]
fn the_space_of_a_deleted_instance_is_given_back_and_the_rest_stays() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let options = Options {
            exclusive,
            ..Options::default()
        };
        let engine = engine_on(&Disk::at(&path), options).unwrap();
        fill(&engine, 6000);
        delete(&engine);
        let kept = events(&engine, "kept").unwrap();
        let before = bytes(&path);
        let compacted = compact(&engine).unwrap();
        let after = bytes(&path);
        assert_eq!(compacted, Compacted { before, after });
        assert!(after < before * 7 / 10, "{before} before, {after} after");
        assert_eq!(events(&engine, "kept").unwrap(), kept);
        check_invariants(&engine);
        // Again, with something new in the journal.
        run(&engine, |batch| append(batch, "kept", "s")).unwrap();
        compact(&engine).unwrap();
        check_invariants(&engine);
        engine.stop().unwrap();
        let engine = engine_at(&path);
        assert_eq!(events(&engine, "kept").unwrap().len(), kept.len() + 1);
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn others_that_have_the_file_open_go_on_and_those_that_read_are_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engines = [engine_at(&path), engine_at(&path)];
    fill(&engines[0], 3000);
    for round in 0..4 {
        fill(&engines[round % 2], 500);
        if round == 2 {
            delete(&engines[0]);
        }
        compact_beside(&engines[(round + 1) % 2]);
        for engine in &engines {
            run(engine, |batch| append(batch, "kept", "s")).unwrap();
            check_invariants(engine);
        }
    }
    // To redb, the other engine's snapshot is one of another process.
    let snapshot = Snapshot::of(&engines[1].open_log).unwrap();
    let error = compact(&engines[0]).unwrap_err();
    assert_eq!(error.code(), Code::Locked, "{error}");
    drop(snapshot);
    compact_beside(&engines[0]);
    for engine in engines {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn own_snapshots_are_waited_for_and_changes_come_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 1000);
    delete(&engine);
    let (reading, began) = channel();
    let (end, ended) = channel::<()>();
    engine.operate(move |snapshot| {
        let snapshot = snapshot.unwrap();
        reading.send(()).unwrap();
        ended.recv().unwrap();
        assert_eq!(snapshot.instances().unwrap().len(), 1);
    });
    began.recv().unwrap();
    let (sender, compacted) = channel();
    engine.compact(Progress::default(), move |outcome| {
        sender.send(outcome).unwrap();
    });
    // What is short does not wait for it while it waits for what is long.
    for _ in 0..20 {
        run(&engine, |batch| append(batch, "kept", "s")).unwrap();
        let (sender, looked) = channel();
        read(&engine, move |seen: Seen| {
            sender.send(seen.unwrap().instances().unwrap()).unwrap();
        });
        assert_eq!(looked.recv().unwrap().len(), 1);
    }
    assert!(compacted.try_recv().is_err());
    end.send(()).unwrap();
    let appended = submit(&engine, |batch| append(batch, "kept", "s"));
    compacted.recv().unwrap().unwrap();
    appended.recv().unwrap().unwrap();
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn a_query_that_is_under_way_is_waited_for_and_the_next_one_comes_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 1000);
    delete(&engine);
    let (reading, began) = channel();
    let (end, ended) = channel::<()>();
    read(&engine, move |snapshot| {
        let snapshot = snapshot.unwrap();
        reading.send(()).unwrap();
        ended.recv().unwrap();
        assert_eq!(snapshot.instances().unwrap().len(), 1);
    });
    began.recv().unwrap();
    let (sender, compacted) = channel();
    engine.compact(Progress::default(), move |outcome| {
        sender.send(outcome).unwrap();
    });
    for _ in 0..20 {
        run(&engine, |batch| append(batch, "kept", "s")).unwrap();
    }
    assert!(compacted.try_recv().is_err());
    let (sender, looked) = channel();
    read(&engine, move |seen: Seen| {
        sender.send(seen.map(drop)).unwrap();
    });
    end.send(()).unwrap();
    compacted.recv().unwrap().unwrap();
    looked.recv().unwrap().unwrap();
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn one_that_is_called_off_before_it_begins_or_of_a_reader_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_at(&path);
    fill(&engine, 500);
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let aborted = commit::compaction::compact(&engine.open_log, &Progress::of(cancellation));
    assert_eq!(Error::from(aborted.unwrap_err()).code(), Code::Aborted);
    engine.stop().unwrap();
    let options = Options {
        read_only: true,
        ..Options::default()
    };
    let reader = engine_on(&Disk::at(&path), options).unwrap();
    assert_eq!(compact(&reader).unwrap_err().code(), Code::InvalidArgument);
    reader.stop().unwrap();
}

#[test]
fn a_fault_at_any_operation_of_it_loses_nothing() {
    for count in (0..).step_by(3) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let disk = Disk::at(&path);
        let engine = engine_on(&disk, Options::default()).unwrap();
        fill(&engine, 300);
        delete(&engine);
        let kept = events(&engine, "kept").unwrap();
        disk.fail_after(count);
        let outcome = compact(&engine);
        let failed = disk.heal();
        if let Err(error) = &outcome {
            assert_eq!(error.code(), Code::StorageFailed, "{error}");
        }
        assert_eq!(events(&engine, "kept").unwrap(), kept);
        run(&engine, |batch| append(batch, "kept", "s")).unwrap();
        check_invariants(&engine);
        // What a loss of power leaves of it.
        let image = disk.image();
        engine.stop().unwrap();
        std::fs::write(&path, image).unwrap();
        let engine = engine_at(&path);
        assert_eq!(events(&engine, "kept").unwrap().len(), kept.len() + 1);
        check_invariants(&engine);
        engine.stop().unwrap();
        if !failed {
            break;
        }
    }
}

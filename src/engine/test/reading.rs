//! Reads beside faults and beside writes.

use std::sync::mpsc::channel;

use super::disk::Disk;
use super::{Options, append, check_invariants, engine_at, engine_on, events, run, submit};
use crate::engine::Fault;
use crate::error::Code;

/// A fault that redb meets on reading, after which it refuses all work.
pub(super) fn disk_fault() -> Fault {
    Fault::Storage(redb::Error::PreviousIo)
}

#[test]
fn a_read_that_failed_does_not_spoil_the_reads_after_it() {
    for read_only in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let writer = engine_at(&path);
        // More than the cache holds, so that reading comes to the disk.
        for _ in 0..20 {
            run(&writer, |batch| {
                for _ in 0..1_000 {
                    append(batch, "log", "s")?;
                }
                Ok(())
            })
            .unwrap();
        }
        writer.stop().unwrap();

        let disk = Disk::at(&path);
        let options = Options {
            read_only,
            cache_bytes: 1 << 16,
            ..Options::default()
        };
        let engine = engine_on(&disk, options).unwrap();
        disk.fail_reads();
        assert_eq!(
            events(&engine, "log").unwrap_err().code(),
            Code::StorageFailed
        );
        disk.heal();
        assert_eq!(events(&engine, "log").unwrap().len(), 20_000);
        if !read_only {
            let appended = run(&engine, |batch| append(batch, "log", "s")).unwrap();
            assert_eq!(appended.sequence_number, 20_001);
        }
        engine.stop().unwrap();
    }
}

/// A database that is closed while it has a write transaction lives on beside its successor, and
/// what the two write is lost.
#[test]
fn a_read_that_opens_the_log_again_waits_for_the_write_under_way() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let options = Options {
            exclusive,
            ..Options::default()
        };
        let engine = engine_on(&Disk::at(&path), options.clone()).unwrap();
        run(&engine, |batch| append(batch, "log", "s")).unwrap();

        let (begun, begins) = channel();
        let (go, wait) = channel::<()>();
        let write = submit(&engine, move |batch| {
            begun.send(()).unwrap();
            wait.recv().unwrap();
            append(batch, "log", "s")
        });
        begins.recv().unwrap();
        engine.open_log.storage.note(&disk_fault());
        let stored = std::thread::scope(|scope| {
            let reader = scope.spawn(|| events(&engine, "log").unwrap().len());
            go.send(()).unwrap();
            reader.join().unwrap()
        });
        assert_eq!(write.recv().unwrap().unwrap().sequence_number, 2);
        assert_eq!(stored, 2, "the read began after the write had its turn");
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        check_invariants(&engine);
        engine.stop().unwrap();

        let engine = engine_on(&Disk::at(&path), options).unwrap();
        assert_eq!(events(&engine, "log").unwrap().len(), 3);
        engine.stop().unwrap();
    }
}

#[test]
fn a_deleted_instance_leaves_no_table_behind() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let tables = || {
        let turn = engine.open_log.storage.table_turn();
        let transaction = engine.open_log.storage.begin_write(&turn).unwrap();
        let count = transaction.list_tables().unwrap().count();
        transaction.abort().unwrap();
        count
    };
    run(&engine, |batch| batch.create("kept", "kept", None)).unwrap();
    let before = tables();
    run(&engine, |batch| append(batch, "gone", "s")).unwrap();
    assert_eq!(tables(), before + 3);
    run(&engine, |batch| {
        let number = batch.find("gone")?;
        batch.delete(number)
    })
    .unwrap();
    assert_eq!(tables(), before);
    engine.stop().unwrap();
}

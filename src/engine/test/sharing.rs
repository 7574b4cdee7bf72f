//! Several engines on one file, as several processes have it: what one has in memory must not
//! outlive what another commits.

use std::sync::Arc;

use super::{
    append, check_invariants, each_event, engine_at, events, make_last_frame_void, run,
    take_back_the_mark,
};
use crate::engine::storage::snapshot_gate::{Duration, SnapshotGate};
use crate::engine::{Appended, Batch, Engine, Fault, Snapshot};
use crate::error::Code;

#[test]
fn engines_that_take_turns_share_one_sequence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engines = [engine_at(&path), engine_at(&path), engine_at(&path)];
    for turn in 0..30u64 {
        let engine = &engines[(turn % 3) as usize];
        let appended = run(engine, |batch| append(batch, "log", "s")).unwrap();
        assert_eq!(appended.sequence_number, turn + 1);
    }
    for engine in engines {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn engines_that_append_at_once_leave_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engines: Vec<_> = (0..4).map(|_| engine_at(&path)).collect();
    std::thread::scope(|scope| {
        for engine in &engines {
            scope.spawn(move || {
                for turn in 0..25 {
                    let stream = format!("s{}", turn % 3);
                    run(engine, move |batch| append(batch, "log", &stream)).unwrap();
                }
            });
        }
    });
    assert_eq!(events(&engines[0], "log").unwrap().len(), 100);
    for engine in engines {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn an_instance_renamed_or_deleted_elsewhere_is_not_found_under_its_old_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let (here, there) = (engine_at(&path), engine_at(&path));
    run(&here, |batch| batch.create("id", "old", None)).unwrap();
    assert!(run(&there, |batch| batch.find("old")).is_ok());

    run(&here, |batch| {
        let number = batch.find("old")?;
        batch.update(number, Some("new"), None)
    })
    .unwrap();
    let error = run(&there, |batch| batch.find("old")).unwrap_err();
    assert_eq!(error.code(), Code::InstanceNotFound);

    run(&there, |batch| append(batch, "new", "s")).unwrap();
    run(&here, |batch| {
        let number = batch.find("id")?;
        batch.delete(number)
    })
    .unwrap();
    // The same name once more is another instance, and its streams begin at 1.
    let appended = run(&there, |batch| append(batch, "new", "s")).unwrap();
    assert_eq!(appended.sequence_number, 1);
    for engine in [here, there] {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

/// Between taking its view and looking into the tables, a reader is overtaken by commits that the tables have then.
#[test]
fn a_view_is_that_of_the_tables_once_they_have_come_as_far() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let [failing, other, reader] = [engine_at(&path), engine_at(&path), engine_at(&path)];
    run(&other, |batch| append(batch, "log", "s")).unwrap();
    run(&failing, |batch| append(batch, "log", "void")).unwrap();
    take_back_the_mark(&failing);
    // What is not on disk for sure is not seen.
    assert_eq!(events(&reader, "log").unwrap().len(), 1);
    let view = reader.open_log.view().known().unwrap();
    make_last_frame_void(&failing);
    run(&other, |batch| {
        append(batch, "log", "next")?;
        append(batch, "log", "next")
    })
    .unwrap();
    other.stop().unwrap();

    let tables = reader.open_log.storage.begin_read().unwrap();
    let snapshot = Snapshot::new(
        tables,
        Arc::<SnapshotGate>::default().begin(Duration::Short),
        &view,
        reader.open_log.view().of_tables(),
        Arc::clone(&reader.open_log),
    )
    .unwrap();
    let mut streams = Vec::new();
    each_event(&snapshot, 1, |record| {
        streams.push(record.stream_id.to_owned());
    })
    .unwrap();
    assert_eq!(streams, ["s", "next", "next"]);
    drop(snapshot);
    for engine in [failing, reader] {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

/// A commit that makes an instance brings the generation before the current one into the tables. What only that one
/// has told of a stream and its instance must not give way to what was known before.
#[test]
fn a_commit_to_the_tables_knows_what_the_generation_before_has_told() {
    let site = super::Site::new(1024, 8);
    let engines = [site.open(), site.open()];
    let mut expected = 0;
    for fill in 0..48_usize {
        let makes = move |batch: &mut Batch<'_>, step: &str| {
            let name = format!("{step} {fill}");
            batch.create(&name, &name, None)?;
            append(batch, "log", "s")
        };
        // The one that makes both instances, or the other one, goes on in between.
        let between = &engines[fill % 2];
        let steps: [(&Engine, Step); 3] = [
            (&engines[0], Box::new(move |batch| makes(batch, "before"))),
            (between, Box::new(|batch| append(batch, "log", "s"))),
            (&engines[0], Box::new(move |batch| makes(batch, "after"))),
        ];
        for (at, (engine, step)) in steps.into_iter().enumerate() {
            if at == 2 {
                for _ in 0..fill / 2 {
                    run(between, |batch| append(batch, "log", "filling")).unwrap();
                }
            }
            expected += 1;
            let appended = run(engine, step).unwrap();
            assert_eq!(appended.sequence_number, expected, "{fill} {at}");
        }
    }
    for engine in engines {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

type Step = Box<dyn FnMut(&mut Batch<'_>) -> Result<Appended, Fault> + Send>;

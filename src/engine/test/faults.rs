//! The disk fails once, at each of its operations in turn.
//!
//! Whatever operation fails, each call gets the truth: an acknowledged event is there, a refused
//! one is not, sequences have no gap, and the engine goes on without being opened again by hand.

use super::disk::Disk;
use super::{Options, append, check_invariants, engine_on, events, run};
use crate::error::Code;

/// Enough for some generations of the journal, with checkpoints beside the calls.
const CALLS: usize = 24;

/// Among the appends, the calls that make an instance and so begin a fresh generation.
const CREATING: [usize; 2] = [4, 17];

/// Runs the calls with the fault after `healthy` operations. Returns how many calls were told that
/// their outcome is unknown, or `None` if the fault did not come.
fn fails_after(healthy: usize, exclusive: bool) -> Option<usize> {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::at(&folder.path().join("log"));
    let options = Options {
        exclusive,
        ..Options::default()
    };
    let engine = engine_on(&disk, options.clone()).unwrap();
    run(&engine, |batch| append(batch, "log", "s0")).unwrap();

    disk.fail_after(healthy);
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    let mut unknown = 0;
    for call in 0..CALLS {
        let stream = format!("s{}", call % 2);
        let appended = run(&engine, move |batch| {
            if CREATING.contains(&call) {
                let name = format!("made by call {call}");
                batch.create(&name, &name, None)?;
            }
            append(batch, "log", &stream)
        });
        match appended {
            Ok(appended) => acknowledged.push(appended.id),
            Err(error) if error.code() == Code::StorageFailed => refused += 1,
            Err(error) if error.code() == Code::OutcomeUnknown => unknown += 1,
            Err(error) => panic!("fault after {healthy}: {error}"),
        }
    }
    assert!(refused + unknown <= 1, "one fault, one call at the most");
    let failed = disk.heal();
    let last = run(&engine, |batch| append(batch, "log", "s0")).unwrap();
    acknowledged.push(last.id);

    let check = |engine: &_| {
        check_invariants(engine);
        let ids: Vec<_> = events(engine, "log").unwrap().iter().map(|e| e.2).collect();
        for id in &acknowledged {
            assert!(ids.contains(id), "fault after {healthy}: {id} is lost");
        }
        let certain = 1 + acknowledged.len();
        assert!((certain..=certain + unknown).contains(&ids.len()));
    };
    check(&engine);
    engine.stop().unwrap();
    let engine = engine_on(&Disk::at(&folder.path().join("log")), options).unwrap();
    check(&engine);
    engine.stop().unwrap();
    failed.then_some(unknown)
}

#[test]
fn one_fault_at_any_operation_costs_one_call_at_the_most() {
    for exclusive in [false, true] {
        let mut operations = 0;
        let mut unknown = 0;
        while let Some(calls) = fails_after(operations, exclusive) {
            operations += 1;
            unknown += calls;
        }
        assert!(operations > 60, "only {operations} operations were reached");
        assert_eq!(unknown, 0, "a disk that works again tells what it holds");
    }
}

#[test]
fn a_disk_that_is_gone_and_comes_back_needs_no_restart() {
    for exclusive in [false, true] {
        for healthy in 0..30 {
            let folder = tempfile::tempdir().unwrap();
            let disk = Disk::at(&folder.path().join("log"));
            let options = Options {
                exclusive,
                ..Options::default()
            };
            let engine = engine_on(&disk, options).unwrap();
            let first = run(&engine, |batch| append(batch, "log", "s")).unwrap();
            disk.break_after(healthy);
            let mut acknowledged = vec![first.id];
            let mut unknown = 0;
            for _ in 0..6 {
                match run(&engine, |batch| append(batch, "log", "s")) {
                    Ok(appended) => acknowledged.push(appended.id),
                    Err(error) if error.code() == Code::StorageFailed => {}
                    Err(error) if error.code() == Code::OutcomeUnknown => unknown += 1,
                    Err(error) => panic!("broken after {healthy}: {error}"),
                }
            }
            assert!(unknown <= 1, "only the commit under way is unknown");
            disk.heal();
            let last = run(&engine, |batch| append(batch, "log", "s")).unwrap();
            acknowledged.push(last.id);
            check_invariants(&engine);
            let stored: Vec<_> = events(&engine, "log")
                .unwrap()
                .iter()
                .map(|e| e.2)
                .collect();
            assert!(acknowledged.iter().all(|id| stored.contains(id)));
            let certain = acknowledged.len();
            assert!((certain..=certain + unknown).contains(&stored.len()));
            engine.stop().unwrap();
        }
    }
}

#[test]
fn a_job_that_panics_fails_its_batch_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let engine = super::engine_at(&folder.path().join("log"));
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    let failed = run(&engine, |batch| {
        append(batch, "log", "s")?;
        assert!(batch.find("log").is_err(), "the test's panic");
        Ok(())
    })
    .unwrap_err();
    assert_eq!(failed.code(), Code::Internal);
    assert!(failed.text().contains("the test's panic"), "{failed}");
    let next = run(&engine, |batch| append(batch, "log", "s")).unwrap();
    assert_eq!(next.sequence_number, 2);
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn a_job_that_panics_on_hearing_its_outcome_leaves_the_writer_working() {
    let folder = tempfile::tempdir().unwrap();
    let engine = super::engine_at(&folder.path().join("log"));
    let task = super::Task {
        apply: |batch: &mut super::Batch<'_>| append(batch, "log", "s").map(|_| ()),
        outcome: Some(Box::new(|_| panic!("the test's panic"))),
    };
    assert!(engine.submit(Box::new(task)).is_ok());
    let next = run(&engine, |batch| append(batch, "log", "s")).unwrap();
    assert_eq!(next.sequence_number, 2);
    engine.stop().unwrap();
}

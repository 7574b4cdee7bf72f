//! Summaries are there as soon as the tables have all events of a block, and say what these say,
//! whatever way the events came in.

use super::{LAYOUT, append, check_invariants, each_event, engine_at, run};
use crate::engine::{Engine, Fault, Snapshot};

const BLOCK_EVENTS: u64 = LAYOUT.block_events as u64;

/// Appends events, each in a commit of its own.
fn append_one_by_one(engine: &Engine, instance: &'static str, count: u64) {
    for _ in 0..count {
        run(engine, move |batch| append(batch, instance, "s")).unwrap();
    }
}

/// Appends events in one commit.
fn append_at_once(engine: &Engine, instance: &'static str, count: u64) {
    run(engine, move |batch| {
        for event in 0..count {
            append(batch, instance, &format!("s{}", event % 3))?;
        }
        Ok(())
    })
    .unwrap();
}

fn sealed(engine: &Engine, instance: &str) -> Vec<bool> {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = snapshot.chunks(snapshot.find(instance).unwrap()).unwrap();
    let sealed = (0..chunks.len()).map(|index| chunks.chunk(index).unwrap().is_sealed());
    sealed.collect()
}

#[test]
fn blocks_are_sealed_with_their_last_event_whatever_the_commits() {
    for commits in [
        &[1; 7][..],
        &[1; 8],
        &[1; 60],
        // More than a segment holds, so that they go to the tables directly.
        &[100],
        &[104],
        &[3, 100, 5, 100, 1, 1, 1],
        &[8, 8, 8, 100, 8, 4, 4],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let engine = engine_at(&path);
        for count in commits {
            append_at_once(&engine, "log", *count);
            check_invariants(&engine);
        }
        engine.stop().unwrap();
        // What was in the journal is in the tables now.
        let engine = engine_at(&path);
        check_invariants(&engine);
        let count = commits.iter().sum::<u64>();
        let mut expected = vec![true; (count / BLOCK_EVENTS) as usize];
        // The rest is in parts of four.
        let parts = (count % BLOCK_EVENTS).div_ceil(4);
        expected.extend(vec![false; parts as usize]);
        assert_eq!(sealed(&engine, "log"), expected);
        engine.stop().unwrap();
    }
}

#[test]
fn instances_have_blocks_of_their_own_and_take_them_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    for round in 0..12 {
        append_one_by_one(&engine, "a", 1 + round % 3);
        append_one_by_one(&engine, "b", 2);
        if round % 4 == 3 {
            append_at_once(&engine, "a", 60);
            check_invariants(&engine);
            run(&engine, |batch| {
                let number = batch.find("b")?;
                append(batch, "b", "s")?;
                batch.delete(number)?;
                // The same name once more is another instance.
                append(batch, "b", "s")
            })
            .unwrap();
        }
        check_invariants(&engine);
    }
    engine.stop().unwrap();
}

#[test]
fn several_processes_seal_the_blocks_that_they_fill_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engines = [engine_at(&path), engine_at(&path), engine_at(&path)];
    for turn in 0..90 {
        append_one_by_one(&engines[turn % 3], "log", 1);
        if turn % 20 == 0 {
            append_at_once(&engines[turn % 2], "log", 50);
        }
        check_invariants(&engines[(turn + 1) % 3]);
    }
    for engine in engines {
        engine.stop().unwrap();
    }
}

/// Sequence numbers of the events that a view has.
fn seen(snapshot: &Snapshot) -> Vec<u64> {
    let mut seen = Vec::new();
    let number = snapshot.find("log").unwrap();
    each_event(snapshot, number, |record| seen.push(record.sequence)).unwrap();
    seen
}

#[test]
fn a_view_stays_as_it_was_while_blocks_are_filled_and_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let mut views: Vec<(u64, Snapshot)> = Vec::new();
    for count in 1..60 {
        append_one_by_one(&engine, "log", 1);
        views.push((count, Snapshot::of(&engine.open_log).unwrap()));
        for (count, snapshot) in views.iter().rev().step_by(5) {
            assert_eq!(seen(snapshot), (1..=*count).collect::<Vec<_>>());
            let number = snapshot.find("log").unwrap();
            let stream = snapshot.stream(number, "s").unwrap();
            assert_eq!(stream.len(), *count);
            let mut back = Vec::new();
            stream
                .each_back(|position, record| {
                    assert_eq!(position, record.sequence);
                    back.push(position);
                    Ok::<_, Fault>(std::ops::ControlFlow::Continue(()))
                })
                .unwrap();
            assert_eq!(back, (1..=*count).rev().collect::<Vec<_>>());
        }
    }
    drop(views);
    check_invariants(&engine);
    engine.stop().unwrap();
}

//! Calls that have idempotency keys are stored once, and are found again wherever they are.

use std::ops::Range;
use std::sync::Arc;

use super::memory_disk::{MemoryDisk, Process};
use super::random::Random;
use super::{LAYOUT, append, check_invariants, engine_at, run, simulation, submit};
use crate::engine::Snapshot;
use crate::engine::tables::schema;
use crate::engine::{Batch, CallKey, Engine, Fault, NewEvent, Record};
use crate::error::Error;

/// The positions of a call's events.
type Positions = Range<u64>;

/// Makes the call with that key, unless it is there. Returns where its events are, and whether they
/// were there.
fn call(
    batch: &mut Batch<'_>,
    instance: &str,
    key: &str,
    events: u64,
) -> Result<(Positions, bool), Fault> {
    let number = match batch.find(instance) {
        Err(Fault::Refused(_)) => batch.create(instance, instance, None)?,
        found => found?,
    };
    if let Some(first) = batch.position_of_key(number, key)? {
        let mut stored = 0;
        batch.each_record(number, first..=first, |_, record| {
            let call = record.call.unwrap();
            assert_eq!(call.text, key);
            stored = call.events;
            Ok(())
        })?;
        return Ok((first..first + stored, true));
    }
    let first = batch.instance(number)?.head.last_position + 1;
    for index in 0..events {
        let call = CallKey { text: key, events };
        let event = NewEvent {
            stream_id: key,
            event_type: "called",
            payload: "{}",
            metadata: "{}",
            timestamp_ms: None,
            call: (index == 0).then_some(call),
        };
        batch.append(number, &event)?;
    }
    Ok((first..first + events, false))
}

fn make(engine: &Engine, key: &str, events: u64) -> Result<(Positions, bool), Error> {
    let key = key.to_owned();
    run(engine, move |batch| call(batch, "log", &key, events))
}

/// Makes all calls again, and checks that each is where it was.
fn check(engine: &Engine, made: &[(String, Positions)]) {
    for (key, positions) in made {
        let again = make(engine, key, 1).unwrap();
        assert_eq!(again, (positions.clone(), true), "{key}");
    }
    check_invariants(engine);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let number = snapshot.find("log").unwrap();
    let last = snapshot.instance(number).unwrap().head.last_position;
    let mut keys = 0;
    let count = |_, record: &Record<'_>| -> Result<(), Fault> {
        keys += usize::from(record.call.is_some());
        Ok(())
    };
    snapshot
        .chunks(number)
        .unwrap()
        .each(1..=last, count)
        .unwrap();
    assert_eq!(keys, made.len());
    for (key, positions) in made {
        let found = snapshot.position_of_key(number, key).unwrap();
        assert_eq!(found, Some(positions.start), "{key}");
    }
}

#[test]
fn keys_are_found_in_every_generation_in_the_tables_by_other_processes_and_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut random = Random::of(1);
    let mut engines = [engine_at(&path), engine_at(&path)];
    let mut made: Vec<(String, Positions)> = Vec::new();
    for step in 0..120 {
        let engine = &engines[random.below(2)];
        let events = 1 + random.below(5) as u64;
        let key = format!("key {step} {}", "x".repeat(random.below(100)));
        let (positions, duplicate) = make(engine, &key, events).unwrap();
        assert!(!duplicate);
        assert_eq!(positions.end - positions.start, events);
        made.push((key, positions));
        match step % 12 {
            // Events without a key beside them.
            0 => drop(run(engine, |batch| append(batch, "log", "s")).unwrap()),
            // A commit to the tables, with keys of its own.
            3 => {
                let key = format!("made with an instance, {step}");
                let name = key.clone();
                let (positions, _) = run(engine, move |batch| {
                    batch.create(&name, &name, None)?;
                    call(batch, "log", &name, 2)
                })
                .unwrap();
                made.push((key, positions));
            }
            6 => check(&engines[random.below(2)], &made),
            9 => {
                let index = random.below(2);
                let closed = std::mem::replace(&mut engines[index], engine_at(&path));
                closed.stop().unwrap();
                check(&engines[index], &made);
            }
            _ => {}
        }
    }
    for engine in &engines {
        check(engine, &made);
    }
    for engine in engines {
        engine.stop().unwrap();
    }
    let engine = engine_at(&path);
    check(&engine, &made);
    engine.stop().unwrap();
}

#[test]
fn calls_with_one_key_that_are_committed_together_are_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_at(&path);
    run(&engine, |batch| batch.create("log", "log", None)).unwrap();
    // The writer is held until all are queued, so that they share a commit.
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let held = submit(&engine, move |_| {
        wait.recv().unwrap();
        Ok(())
    });
    let calls: Vec<_> = (0..10)
        .map(|_| submit(&engine, |batch| call(batch, "log", "key", 3)))
        .collect();
    go.send(()).unwrap();
    held.recv().unwrap().unwrap();
    for (index, receiver) in calls.into_iter().enumerate() {
        assert_eq!(receiver.recv().unwrap(), Ok((1..4, index > 0)));
    }
    check(&engine, &[("key".to_owned(), 1..4)]);
    engine.stop().unwrap();
}

#[test]
fn a_snapshot_knows_no_key_that_was_given_later() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let mut before = Vec::new();
    for key in 0..20_u64 {
        make(&engine, &format!("key {key}"), 2).unwrap();
        before.push(Snapshot::of(&engine.open_log).unwrap());
    }
    let number = before[0].find("log").unwrap();
    for (count, snapshot) in (1..).zip(&before) {
        for key in 0..20 {
            let found = snapshot.position_of_key(number, &format!("key {key}"));
            let expected = (key < count).then_some(2 * key + 1);
            assert_eq!(found.unwrap(), expected, "{key} after {count}");
        }
    }
    drop(before);
    engine.stop().unwrap();
}

#[test]
fn keys_are_an_instances_own_and_gone_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let (engine, other) = (engine_at(&path), engine_at(&path));
    for stored in [false, true] {
        let make = |engine: &Engine, name: &'static str| {
            run(engine, move |batch| call(batch, name, "key", 2)).unwrap()
        };
        assert_eq!(make(&engine, "a"), (1..3, false));
        assert_eq!(make(&other, "b"), (1..3, false));
        assert_eq!(make(&other, "a"), (1..3, true));
        if stored {
            // With keys in the tables, and not only in the journal.
            for _ in 0..60 {
                run(&engine, |batch| append(batch, "a", "s")).unwrap();
            }
        }
        let (numbers, again) = run(&other, |batch| {
            let numbers = [batch.find("a")?, batch.find("b")?];
            batch.delete(numbers[0])?;
            // Made anew in the same commit, it knows none of them.
            let again = call(batch, "a", "key", 1)?;
            batch.delete(numbers[1])?;
            Ok((numbers, again))
        })
        .unwrap();
        assert_eq!(again, (1..2, false));
        assert_eq!(make(&engine, "a"), (1..2, true));
        assert_eq!(make(&engine, "b"), (1..3, false));
        let transaction = engine.open_log.storage.begin_read().unwrap();
        for number in numbers {
            assert!(schema::open_keys(&transaction, number).unwrap().is_none());
        }
        check_invariants(&engine);
        run(&engine, |batch| {
            for name in ["a", "b"] {
                let number = batch.find(name)?;
                batch.delete(number)?;
            }
            Ok(())
        })
        .unwrap();
    }
    other.stop().unwrap();
    engine.stop().unwrap();
}

fn open(process: &Process) -> Result<Engine, Error> {
    simulation::open(process, false, false, LAYOUT)
}

/// What a power loss can leave: the call is there once if it was told of, and then it is found.
fn check_images(disk: &Arc<MemoryDisk>, told: Option<&Positions>, what: &str) {
    for _ in 0..2 {
        let left = MemoryDisk::holding(disk.image(), Random::of(1));
        let engine = open(&left.process()).unwrap_or_else(|error| panic!("{what}: {error}"));
        check_invariants(&engine);
        let (positions, found) = make(&engine, "key", 2).unwrap();
        if let Some(told) = told {
            assert_eq!((&positions, found), (told, true), "{what}");
        }
        assert_eq!(
            make(&engine, "key", 2).unwrap(),
            (positions, true),
            "{what}"
        );
        engine.stop().unwrap();
    }
}

/// Kills a process at one of the operations of a call; another one makes the call again. Returns
/// whether the first one was killed before it was done.
fn killed_at(operations: usize, before: usize, seed: u64) -> bool {
    let what = format!("killed at {operations}, after {before}");
    let disk = MemoryDisk::holding(Vec::new(), Random::of(seed));
    let survivor = open(&disk.process()).unwrap();
    for _ in 0..=before {
        run(&survivor, |batch| append(batch, "log", "s")).unwrap();
    }
    let process = disk.process();
    let victim = open(&process).unwrap();
    process.kill_after(operations);
    let told = make(&victim, "key", 2).ok().map(|(positions, _)| positions);
    let killed = process.is_dead();
    process.kill_now();
    let _ = victim.stop();
    check_images(&disk, told.as_ref(), &what);

    let (positions, found) = make(&survivor, "key", 2).unwrap();
    if let Some(told) = &told {
        assert_eq!((told, found), (&positions, true), "{what}");
    }
    check_images(&disk, Some(&positions), &what);
    for _ in 0..20 {
        run(&survivor, |batch| append(batch, "log", "s")).unwrap();
    }
    check_images(&disk, Some(&positions), &what);
    check(&survivor, &[("key".to_owned(), positions.clone())]);
    survivor.stop().unwrap();
    check_images(&disk, Some(&positions), &what);
    killed
}

#[test]
fn a_call_that_was_cut_off_by_a_kill_can_be_made_again() {
    // Wherever in a generation it is, and where it begins one.
    for before in [1, 7, 8, 9, 10] {
        let mut operations = 0;
        while killed_at(operations, before, operations as u64) {
            operations += 1;
            assert!(operations < 100, "it was never done");
        }
        assert!(operations > 1, "it took {operations} operations");
    }
}

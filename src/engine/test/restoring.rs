//! Events and instances that come from another log.

use proptest::prelude::*;
use uuid::Uuid;

use super::disk::Disk;
use super::random::Random;
use super::{Options, append, check_invariants, engine_at, engine_on, run};
use crate::engine::Snapshot;
use crate::engine::{Engine, Head, NewEvent, NewInstance};
use crate::error::{Code, Error};

/// An event of another log.
#[derive(Clone, Debug)]
struct Given {
    stream: u8,
    timestamp_ms: i64,
    id: u128,
}

fn given() -> impl Strategy<Value = Given> {
    // Few different times, so that some are equal and many are out of order.
    (0..4u8, -3..4i64, any::<u128>()).prop_map(|(stream, timestamp_ms, id)| Given {
        stream,
        timestamp_ms,
        id,
    })
}

const CREATED_MS: i64 = 1_000;
const UPDATED_MS: i64 = 5_000;

fn make(engine: &Engine, id: &'static str, name: &'static str) -> Result<u32, Error> {
    run(engine, move |batch| {
        batch.make(NewInstance {
            id,
            name,
            description: Some("restored".to_owned()),
            created_at_ms: CREATED_MS,
            updated_at_ms: Some(UPDATED_MS),
        })
    })
}

/// Stages events of other streams' numbers, and returns the numbers that they got.
fn restore(engine: &Engine, number: u32, events: &[Given]) -> Vec<u64> {
    let events = events.to_vec();
    run(engine, move |batch| {
        let mut sequences = Vec::new();
        for event in &events {
            let stream_id = format!("s{}", event.stream);
            let last = batch.last_sequence(number, &stream_id)?;
            let new = NewEvent {
                stream_id: &stream_id,
                event_type: "restored",
                payload: "{}",
                metadata: "[]",
                timestamp_ms: None,
                call: None,
            };
            let id = Uuid::from_u128(event.id);
            let appended = batch.restore(number, &new, id, event.timestamp_ms)?;
            assert_eq!(appended.sequence_number, last + 1);
            sequences.push(appended.sequence_number);
        }
        Ok(sequences)
    })
    .unwrap()
}

/// The ids and times of what is stored, as a job that stages nothing sees them.
fn stored(engine: &Engine, number: u32, first: u64, last: u64) -> Vec<(u128, i64)> {
    run(engine, move |batch| {
        let mut found = Vec::new();
        batch.each_record(number, first..=last, |_, record| {
            found.push((record.id.as_u128(), record.timestamp_ms));
            Ok(())
        })?;
        Ok(found)
    })
    .unwrap()
}

fn head(engine: &Engine, id: &str) -> Head {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let number = snapshot.find(id).unwrap();
    snapshot.instance(number).unwrap().head
}

/// The last event that has a lower timestamp than one before it.
fn late_position(times: &[i64]) -> u64 {
    let mut latest = i64::MIN;
    let mut late = 0;
    for (position, time) in (1..).zip(times) {
        if *time < latest {
            late = position;
        }
        latest = latest.max(*time);
    }
    late
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_restored_instance_is_the_one_that_was_given_and_goes_on_from_there(
        batches in proptest::collection::vec(proptest::collection::vec(given(), 0..9), 1..12),
        reopened in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut engine = engine_at(&path);
        let number = make(&engine, "id", "name").unwrap();
        let mut sequences = std::collections::BTreeMap::<u8, u64>::new();
        for batch in &batches {
            for (event, sequence) in batch.iter().zip(restore(&engine, number, batch)) {
                let last = sequences.entry(event.stream).or_default();
                *last += 1;
                prop_assert_eq!(sequence, *last);
            }
        }
        if reopened {
            engine.stop().unwrap();
            engine = engine_at(&path);
        }
        check_invariants(&engine);
        let all: Vec<Given> = batches.concat();
        let expected: Vec<_> = all.iter().map(|event| (event.id, event.timestamp_ms)).collect();
        let count = all.len() as u64;
        prop_assert_eq!(stored(&engine, number, 1, count), expected);

        let times: Vec<i64> = all.iter().map(|event| event.timestamp_ms).collect();
        let found = head(&engine, "id");
        prop_assert_eq!(found.late_position, late_position(&times));
        prop_assert_eq!(found.latest_ms, times.iter().copied().max().unwrap_or(i64::MIN));
        prop_assert_eq!(found.updated_at_ms, UPDATED_MS);

        let appended = run(&engine, |batch| append(batch, "name", "s0")).unwrap();
        prop_assert_eq!(appended.sequence_number, sequences.get(&0).unwrap_or(&0) + 1);
        prop_assert!(appended.timestamp_ms > UPDATED_MS);
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn events_are_found_in_the_tables_in_the_journal_and_in_the_commit_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    // Two processes, so that one reads what the other has written.
    let engines = [engine_at(&path), engine_at(&path)];
    let mut random = Random::of(7);
    let mut ids = Vec::new();
    let number = make(&engines[0], "id", "id").unwrap();
    for round in 0..120 {
        let engine = &engines[random.below(2)];
        let count = random.below(6);
        let total = ids.len() + count;
        let (from, to) = match total {
            0 => (1, 0),
            _ => {
                let from = 1 + random.below(total);
                (from, from + random.below(total + 1 - from))
            }
        };
        let (staged, found) = run(engine, move |batch| {
            if round % 10 == 9 {
                // Brings the journal into the tables, and begins a fresh generation.
                batch.update(number, None, Some("changed"))?;
            }
            let mut staged = Vec::new();
            for _ in 0..count {
                append(batch, "other", "s")?;
                staged.push(append(batch, "id", "s")?.id);
            }
            let mut found = Vec::new();
            if to > 0 {
                batch.each_record(number, from as u64..=to as u64, |position, record| {
                    assert_eq!(record.sequence, position);
                    found.push(record.id);
                    Ok(())
                })?;
            }
            Ok((staged, found))
        })
        .unwrap();
        ids.extend(staged);
        if to > 0 {
            assert_eq!(found, ids[from - 1..to], "round {round}: {from} to {to}");
        }
    }
    assert!(ids.len() > 100);
    for engine in engines {
        engine.stop().unwrap();
    }
}

#[test]
fn the_time_of_the_last_change_goes_forwards_only_and_survives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut engine = engine_at(&path);
    let other = engine_at(&path);
    let number = make(&engine, "id", "id").unwrap();
    for (given, expected) in [(4_999, 5_000), (6_000, 6_000), (5_000, 6_000)] {
        run(&engine, move |batch| batch.advance(number, given)).unwrap();
        assert_eq!(head(&engine, "id").updated_at_ms, expected);
        assert_eq!(head(&other, "id").updated_at_ms, expected);
        check_invariants(&other);
    }
    // Once more with a transaction of the tables.
    run(&engine, move |batch| {
        batch.advance(number, 7_000)?;
        batch.create("second", "second", None)
    })
    .unwrap();
    other.stop().unwrap();
    engine.stop().unwrap();
    engine = engine_at(&path);
    assert_eq!(head(&engine, "id").updated_at_ms, 7_000);
    check_invariants(&engine);
    engine.stop().unwrap();
}

/// Restores an instance of that many events, from wherever it has come to, in jobs of three.
fn restore_all(engine: &Engine, count: u64) -> Result<(), Error> {
    for last in (0..=count).step_by(3) {
        run(engine, move |batch| {
            let number = match batch.holder("id")? {
                Some(number) => number,
                None => batch.make(NewInstance {
                    id: "id",
                    name: "name",
                    description: None,
                    created_at_ms: CREATED_MS,
                    updated_at_ms: Some(UPDATED_MS),
                })?,
            };
            let stored = batch.instance(number)?.head.last_position;
            batch.each_record(number, 1..=stored, |position, record| {
                assert_eq!(record.id.as_u128(), u128::from(position));
                Ok(())
            })?;
            for position in stored + 1..=last.max(stored) {
                let new = NewEvent {
                    stream_id: "s",
                    event_type: "restored",
                    payload: "{}",
                    metadata: "[]",
                    timestamp_ms: None,
                    call: None,
                };
                let (id, time) = (Uuid::from_u128(position.into()), -(position as i64));
                batch.restore(number, &new, id, time)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn what_a_fault_has_cut_off_is_done_again_and_ends_alike() {
    const COUNT: u64 = 60;
    let mut faults = 0;
    loop {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let disk = Disk::at(&path);
        let mut engine = engine_on(&disk, Options::default()).unwrap();
        disk.fail_after(faults);
        if let Err(error) = restore_all(&engine, COUNT) {
            assert!([Code::StorageFailed, Code::OutcomeUnknown].contains(&error.code()));
            restore_all(&engine, COUNT).unwrap();
        }
        let failed = disk.heal();
        for _ in 0..2 {
            // A checkpoint beside the calls may have met the fault, which whoever reads past the store
            // would be told of. Stopping waits for it.
            engine.stop().unwrap();
            engine = engine_at(&path);
            check_invariants(&engine);
            let found = head(&engine, "name");
            assert_eq!((found.last_position, found.stream_count), (COUNT, 1));
            assert_eq!(found.late_position, COUNT);
            assert_eq!((found.latest_ms, found.updated_at_ms), (-1, UPDATED_MS));
        }
        engine.stop().unwrap();
        if !failed {
            break;
        }
        faults += 1;
    }
    assert!(faults > 20, "{faults}");
}

#[test]
fn an_event_that_is_not_there_is_corruption() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let number = make(&engine, "id", "id").unwrap();
    let missing = run(&engine, move |batch| {
        append(batch, "id", "s")?;
        batch.each_record(number, 1..=2, |_, _| Ok(()))
    });
    assert_eq!(missing.unwrap_err().code(), Code::Corrupted);
    engine.stop().unwrap();
}

#[test]
fn a_name_that_is_taken_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    make(&engine, "id", "name").unwrap();
    for (id, name) in [
        ("id", "other"),
        ("other", "id"),
        ("other", "name"),
        ("name", "x"),
    ] {
        assert_eq!(
            make(&engine, id, name).unwrap_err().code(),
            Code::InstanceExists
        );
    }
    assert_eq!(
        Snapshot::of(&engine.open_log)
            .unwrap()
            .instances()
            .unwrap()
            .len(),
        1
    );
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn a_look_at_a_stream_leaves_no_trace_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let number = make(&engine, "id", "id").unwrap();
    // Within a commit that goes to the tables, which would have a row of each stream it knows.
    run(&engine, move |batch| {
        assert_eq!(batch.last_sequence(number, "s")?, 0);
        batch.update(number, None, Some("changed"))
    })
    .unwrap();
    let rows = {
        let transaction = engine.open_log.storage.begin_read().unwrap();
        let name = crate::engine::tables::schema::streams_table(number);
        let table = redb::TableDefinition::<&str, (u64, u64)>::new(&name);
        redb::ReadableTableMetadata::len(&transaction.open_table(table).unwrap()).unwrap()
    };
    assert_eq!(rows, 0);
    engine.stop().unwrap();
}

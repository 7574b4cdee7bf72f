//! What a job sees of a commit in the making: all that was stored before, wherever it is by now, and all that was
//! staged before it.

use super::{Batch, Engine, NewEvent, append, check_invariants, engine_at, run};
use crate::engine::commit::batch::Finished;
use crate::engine::commit::checkpoint;
use crate::engine::journal::Frame;
use crate::engine::{Fault, Snapshot};
use crate::error::Code;

/// How many events are stored before: enough for the tables and for two generations of the journal.
const STORED: u64 = 57;

/// How many more are staged.
const STAGED: u64 = 5;

/// The stream of the event at a position: the last one of `rare` is in the tables.
fn stream_at(position: u64) -> &'static str {
    match position {
        3 | 7 => "rare",
        position if position.is_multiple_of(3) => "a",
        _ => "b",
    }
}

/// The numbers and streams of all events up to a position, in their order.
fn events_up_to(last: u64) -> Vec<(u64, &'static str, u64)> {
    let mut sequences = std::collections::BTreeMap::new();
    let event = |position| {
        let sequence = sequences.entry(stream_at(position)).or_insert(0);
        *sequence += 1;
        (position, stream_at(position), *sequence)
    };
    (1..=last).map(event).collect()
}

fn append_up_to(batch: &mut Batch<'_>, number: u32, last: u64) -> Result<(), Fault> {
    let first = batch.instance(number)?.head.last_position + 1;
    for position in first..=last {
        append(batch, "log", stream_at(position))?;
    }
    Ok(())
}

/// Compares what a job reads and is told with the events up to the last one.
fn check_within(batch: &mut Batch<'_>, number: u32, last: u64) -> Result<(), Fault> {
    let all = events_up_to(last);
    for first in 1..=last + 1 {
        for end in first - 1..=last {
            let mut found = Vec::new();
            batch.each_record(number, first..=end, |position, record| {
                found.push((position, record.stream_id.to_owned(), record.sequence));
                Ok(())
            })?;
            let expected = all[first as usize - 1..end as usize].iter();
            let found = found
                .iter()
                .map(|(at, stream, number)| (*at, &**stream, *number));
            assert!(found.eq(expected.copied()), "{first}..={end} of {last}");
        }
        let beyond = batch.each_record(number, first..=last + 1, |_, _| Ok(()));
        assert!(matches!(beyond, Err(Fault::Corrupted(_))), "{first}");
    }
    for stream in ["rare", "a", "b", "none"] {
        let newest = all.iter().rev().find(|event| event.1 == stream);
        let (position, _, sequence) = newest.copied().unwrap_or((0, stream, 0));
        assert_eq!(batch.last_position(number, stream)?, position, "{stream}");
        assert_eq!(batch.last_sequence(number, stream)?, sequence, "{stream}");
    }
    Ok(())
}

#[test]
fn a_job_reads_each_event_once_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    run(&engine, |batch| {
        let number = batch.create("log", "log", None)?;
        check_within(batch, number, 0)?;
        append_up_to(batch, number, 4)?;
        check_within(batch, number, 4)
    })
    .unwrap();
    for last in 5..=STORED {
        run(&engine, move |batch| append_up_to(batch, 1, last)).unwrap();
    }
    let number = run(&engine, |batch| batch.find("log")).unwrap();
    for again in 0..2 {
        let before = STORED + again * STAGED;
        run(&engine, move |batch| {
            check_within(batch, number, before)?;
            append_up_to(batch, number, before + STAGED)?;
            check_within(batch, number, before + STAGED)
        })
        .unwrap();
    }
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn an_instance_is_found_by_its_id_and_its_newest_name() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let holders = |names: &'static [&'static str]| {
        let found = run(&engine, move |batch| {
            names
                .iter()
                .map(|name| batch.holder(name))
                .collect::<Result<Vec<_>, _>>()
        });
        found.unwrap()
    };
    let (first, second) = run(&engine, |batch| {
        let first = batch.create("id", "name", None)?;
        assert_eq!(batch.holder("name")?, Some(first));
        assert_eq!(batch.holder("other")?, None);
        Ok((first, batch.create("same", "same", None)?))
    })
    .unwrap();
    assert_ne!(first, second);
    for name in ["second", "third"] {
        run(&engine, move |batch| {
            // What it finds is remembered.
            drop(batch.find("name"));
            batch.update(first, Some(name), None)?;
            assert_eq!(batch.holder(name)?, Some(first));
            assert_eq!(batch.holder("name")?, None);
            assert_eq!(batch.holder("id")?, Some(first));
            // What it is called already is no other's.
            batch.update(first, Some(name), None).map(drop)
        })
        .unwrap();
    }
    run(&engine, move |batch| {
        batch.update(second, Some("renamed"), None)
    })
    .unwrap();
    let names = &["id", "name", "second", "third", "same", "renamed"];
    let expected = [
        Some(first),
        None,
        None,
        Some(first),
        Some(second),
        Some(second),
    ];
    assert_eq!(holders(names), expected);
    let taken = run(&engine, move |batch| {
        batch.update(second, Some("third"), None)
    });
    assert_eq!(taken.unwrap_err().code(), Code::InstanceExists);
    let third = run(&engine, |batch| batch.create("name", "second", None)).unwrap();
    assert!(third > second);
    assert_eq!(holders(&["name", "second"]), [Some(third), Some(third)]);
    check_invariants(&engine);
    engine.stop().unwrap();
}

/// How many commits the log has, and when the instance was changed.
fn state_of(engine: &Engine, number: u32) -> (u64, i64) {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let head = snapshot.instance(number).unwrap().head;
    let commits = run(engine, |batch| Ok(batch.commits())).unwrap();
    (commits, head.updated_at_ms)
}

#[test]
fn only_a_later_time_changes_when_an_instance_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let number = run(&engine, |batch| {
        batch.set_now(Some(1_000));
        assert_eq!(batch.now_ms(), 1_000);
        batch.create("log", "log", None)
    })
    .unwrap();
    let (commits, updated_at_ms) = state_of(&engine, number);
    assert_eq!(updated_at_ms, 1_000);
    for earlier in [999, 1_000] {
        run(&engine, move |batch| batch.advance(number, earlier)).unwrap();
        assert_eq!(state_of(&engine, number), (commits, 1_000));
    }
    run(&engine, move |batch| batch.advance(number, 1_001)).unwrap();
    assert_eq!(state_of(&engine, number), (commits + 1, 1_001));
    let began_ms = run(&engine, |batch| {
        batch.set_now(Some(5));
        batch.set_now(None);
        Ok(batch.now_ms())
    });
    assert!(began_ms.unwrap() > 1_001);
    engine.stop().unwrap();
}

#[test]
fn an_instance_knows_its_last_event_that_came_late() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    // For each event its time, and the position of the last one by then that is earlier than one before it.
    let events = [
        (10, 0),
        (10, 0),
        (20, 0),
        (15, 4),
        (20, 4),
        (19, 6),
        (21, 6),
    ];
    let number = run(&engine, |batch| batch.create("log", "log", None)).unwrap();
    for (position, (timestamp_ms, late)) in (1..).zip(events) {
        let head = run(&engine, move |batch| {
            let event = NewEvent {
                stream_id: "s",
                event_type: "made",
                payload: "{}",
                metadata: "{}",
                timestamp_ms: Some(timestamp_ms),
                call: None,
            };
            batch.append(number, &event)?;
            Ok(batch.instance(number)?.head)
        })
        .unwrap();
        assert_eq!((head.last_position, head.stream_count), (position, 1));
        assert_eq!(head.late_position, late, "at {position}");
    }
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn the_size_of_an_event_is_that_of_its_four_texts() {
    let event = NewEvent {
        stream_id: "1",
        event_type: "22",
        payload: "4444",
        metadata: "88888888",
        timestamp_ms: None,
        call: None,
    };
    assert_eq!(event.bytes(), 15);
}

#[test]
fn a_frame_that_just_fits_goes_to_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    let open_log = &engine.open_log;
    // Whether it went to the tables, and how large its frame is.
    let finish = |frame_bytes_max| {
        let turn = open_log.storage.turn();
        let _locked = checkpoint::lock(open_log, &turn).unwrap();
        let mut frame = Frame::default();
        let view = open_log.view().known().unwrap();
        let mut memory = open_log.memory(&view);
        let mut batch = Batch::begin(open_log, view, &mut memory, &mut frame, 1);
        append(&mut batch, "log", "s").unwrap();
        let finished = batch.finish(1, frame_bytes_max).unwrap();
        let goes_to_tables = matches!(finished, Finished::Tables { .. });
        drop(finished);
        drop(memory);
        open_log.forget();
        (goes_to_tables, frame.bytes().len())
    };
    let (goes_to_tables, bytes) = finish(usize::MAX);
    assert!(!goes_to_tables);
    assert!(!finish(bytes).0);
    assert!(finish(bytes - 1).0);
    engine.stop().unwrap();
}

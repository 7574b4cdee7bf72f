//! An event that is read alone again and again is kept by itself.

use super::super::{check_invariants, engine_at};
use super::{fill, read, rows};
use crate::engine::{Fault, Snapshot};

#[test]
fn an_event_that_is_read_alone_a_second_time_is_kept_and_stays_as_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 800);
    assert_eq!(rows(&engine), 0);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = snapshot.chunks(snapshot.find("log").unwrap()).unwrap();
    let kept = || engine.open_log.view().of_tables().blocks.loaded_bytes();
    let record = |position| {
        let record = chunks.at(position, |record| format!("{position} {record:?}"));
        record.unwrap()
    };
    // Of each form of a payload, one with the key of a call among them.
    let positions = [11, 202, 303, 404, 505];
    let mut found = Vec::new();
    for position in positions {
        let first = record(position);
        let with_group = kept();
        assert_eq!(record(position), first);
        let with_record = kept();
        assert!(with_record > with_group, "{position}");
        assert_eq!(record(position), first);
        assert_eq!(kept(), with_record);
        found.push(first);
    }
    drop(chunks);
    drop(snapshot);
    let expected = read(&engine);
    let expected = positions.map(|position| expected[position as usize - 1].clone());
    assert_eq!(found, expected);
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn of_events_that_are_read_together_no_more_than_the_first_is_kept_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 800);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = snapshot.chunks(snapshot.find("log").unwrap()).unwrap();
    let kept = || engine.open_log.view().of_tables().blocks.loaded_bytes();
    let mut bytes = Vec::new();
    for _ in 0..4 {
        let mut longest = 0;
        let each = chunks.each(601..=608, |_, record| {
            longest = longest.max(record.bytes() as u64);
            Ok::<_, Fault>(())
        });
        each.unwrap();
        bytes.push((kept(), longest));
    }
    let [(first, longest), (second, _), third, fourth] = bytes[..] else {
        unreachable!("there were four");
    };
    // Beside the record there is what keeps account of it.
    assert!((first + 1..first + 2 * longest + 200).contains(&second));
    assert_eq!((third.0, fourth.0), (second, second));
    drop(chunks);
    drop(snapshot);
    engine.stop().unwrap();
}
